use zip::CompressionMethod::{Deflated, Stored};

use super::packing::{Seal, pack};
use super::*;

const TEXT: &[u8] = b"[{\"issuer\":\"GitHub\",\"secret\":\"JBSWY3DPEHPK3PXP\"}]";

#[track_caller]
fn check(archive: &[u8], path: &str, password: Option<&str>, expected: Result<Option<&[u8]>, ArchiveError>) {
    let password = password.map(SecretText::from);
    let read = Archive::open(archive).and_then(|mut archive| archive.read(path, password.as_ref()));
    assert_eq!(read.as_ref().map(|read| read.as_ref().map(SecretBytes::expose)), expected.as_ref().copied());
}

#[test]
fn a_file_comes_out_whatever_its_packing_and_seal() {
    for method in [Stored, Deflated] {
        for seal in [Seal::None, Seal::ZipCrypto("pässword"), Seal::Aes("pässword")] {
            let archive = pack(&[("a.txt", b"other"), ("folder/export.json", TEXT)], method, seal);
            check(&archive, "export.json", Some("pässword"), Ok(Some(TEXT)));
            check(&archive, "folder/export.json", Some("pässword"), Ok(Some(TEXT)));
            check(&archive, "port.json", Some("pässword"), Ok(None));
        }
    }
}

#[test]
fn a_file_with_a_seal_asks_for_the_password() {
    for seal in [Seal::ZipCrypto("p"), Seal::Aes("p")] {
        check(&pack(&[("a", TEXT)], Deflated, seal), "a", None, Err(ArchiveError::NeedsPassword));
    }
    check(&pack(&[("a", TEXT)], Deflated, Seal::None), "a", None, Ok(Some(TEXT)));
}

/// ZipCrypto's own check lets one wrong password in 256 pass: 600 of them would be taken for damage twice.
#[test]
fn a_wrong_password_is_never_taken_for_damage() {
    for method in [Stored, Deflated] {
        for seal in [Seal::ZipCrypto("right"), Seal::Aes("right")] {
            let archive = pack(&[("a", TEXT)], method, seal);
            let tries = if matches!(seal, Seal::Aes(_)) { 5 } else { 1200 };
            for n in 0..tries {
                check(&archive, "a", Some(&format!("wrong {n}")), Err(ArchiveError::WrongPassword));
            }
        }
    }
}

#[test]
fn damage_is_not_taken_for_a_wrong_password() {
    for seal in [Seal::None, Seal::ZipCrypto("p"), Seal::Aes("p")] {
        let mut archive = pack(&[("a", TEXT)], Stored, seal);
        // The last bytes of the file itself, before the directory.
        let directory = find(&archive, DIRECTORY_HEADER).next().unwrap();
        archive[directory - 20] ^= 0x10;
        check(&archive, "a", Some("p"), Err(ArchiveError::Damaged));
    }
}

#[test]
fn an_archive_that_is_cut_off_still_tells_its_names() {
    let archive = pack(&[("a.txt", TEXT), ("b/export.json", TEXT)], Deflated, Seal::None);
    assert_eq!(names(&archive), ["a.txt", "b/export.json"]);
    let cut = &archive[..archive.len() - 30];
    check(cut, "a.txt", None, Err(ArchiveError::Damaged));
    assert!(is_archive(cut));
    assert_eq!(names(cut), ["a.txt", "b/export.json"]);
    assert_eq!(names(&archive[..31]), [""; 0]);
}

#[test]
fn an_empty_archive_has_no_files() {
    let archive = pack(&[], Stored, Seal::None);
    assert!(is_archive(&archive));
    check(&archive, "a", None, Ok(None));
}

#[test]
fn what_unpacks_to_too_much_is_refused_before_it_is_unpacked() {
    let zeros = vec![0; 33 * 1024 * 1024];
    check(&pack(&[("a", &zeros)], Deflated, Seal::None), "a", None, Err(ArchiveError::TooLarge(33 << 20)));
    // Small enough, and yet a thousandfold.
    let zeros = &zeros[..2 * 1024 * 1024];
    check(&pack(&[("a", zeros)], Deflated, Seal::None), "a", None, Err(ArchiveError::TooLarge(2 << 20)));
    // The control: the same bytes, stored.
    check(&pack(&[("a", zeros)], Stored, Seal::None), "a", None, Ok(Some(zeros)));
}

/// The directory says 40 bytes, and two million come out.
#[test]
fn a_size_that_lies_is_damage() {
    let mut archive = pack(&[("a", &vec![b'x'; 2 << 20])], Deflated, Seal::None);
    for (mark, at) in [(LOCAL_HEADER, 22), (DIRECTORY_HEADER, 24)] {
        let header = find(&archive, mark).next().unwrap();
        archive[header + at..header + at + 4].copy_from_slice(&40_u32.to_le_bytes());
    }
    check(&archive, "a", None, Err(ArchiveError::Damaged));
}

#[test]
fn an_archive_of_too_many_files_is_refused_before_its_list_is_read() {
    let mut archive = pack(&[("a", TEXT)], Stored, Seal::None);
    let header = [DIRECTORY_HEADER, &[0; 42]].concat();
    let end = find(&archive, END_OF_DIRECTORY).next().unwrap();
    archive.splice(end..end, header.repeat(MAX_FILES));
    let len = archive.len() as u64;
    check(&archive, "a", None, Err(ArchiveError::TooLarge(len)));

    let mut archive = pack(&[("a", TEXT)], Stored, Seal::None);
    let end = find(&archive, END_OF_DIRECTORY).next().unwrap();
    archive[end + 10..end + 12].copy_from_slice(&0xfffe_u16.to_le_bytes());
    let len = archive.len() as u64;
    check(&archive, "a", None, Err(ArchiveError::TooLarge(len)));

    let mut record = [END_OF_DIRECTORY_64, &[0; 52]].concat();
    record[32..40].copy_from_slice(&u64::MAX.to_le_bytes());
    archive[end + 10..end + 12].copy_from_slice(&1_u16.to_le_bytes());
    archive.splice(end..end, record);
    let len = archive.len() as u64;
    check(&archive, "a", None, Err(ArchiveError::TooLarge(len)));
}
