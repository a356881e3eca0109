//! Files made to take memory without end: refused, or read, within 64 MiB above the file's own size.
//!
//! The allocator counts what each thread holds; SQLite counts for itself.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod counting;
mod reading;

use std::io::{self, Cursor, Read, Write};
use std::sync::{Mutex, PoisonError};

use authenticator_core::import::{ImportError, Imported};
use reading::open_bytes;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const MIB: usize = 1024 * 1024;

/// Runs something and says how many bytes it held at most, beyond what was held before; SQLite's included.
fn peak<T>(run: impl FnOnce() -> T) -> (T, usize) {
    // SQLite counts for all threads together.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _measuring = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let highest = || {
        // SAFETY: it reads a counter, and sets it back to what is held now.
        unsafe { rusqlite::ffi::sqlite3_memory_highwater(1) as usize }
    };
    highest();
    let (result, rust) = counting::peak(run);
    (result, rust + highest())
}

/// Opens a bomb; it must be refused by one of `reasons`, and may take no more than its own size and 64 MiB.
#[track_caller]
fn check(what: &str, bytes: &[u8], password: Option<&str>, reasons: &[&str]) {
    let (result, peak) = peak(|| open_bytes(&[("bomb", bytes)], password, None));
    let allowed = bytes.len() + 64 * MIB;
    println!("{what}: {} bytes, {:.1} MiB held, {}", bytes.len(), peak as f64 / MIB as f64, outcome(&result));
    assert!(peak <= allowed, "{what}: {peak} bytes held");
    assert!(reasons.contains(&outcome(&result)), "{what}: {}", outcome(&result));
}

fn outcome(result: &Result<Imported, ImportError>) -> &'static str {
    match result {
        Ok(imported) if imported.entries.is_empty() => "read, nothing in it",
        Ok(_) => "read",
        Err(ImportError::TooLarge(_)) => "too large",
        Err(ImportError::TooExpensive { .. }) => "too expensive",
        Err(ImportError::Damaged(..)) => "damaged",
        Err(ImportError::NotRecognised) => "not recognised",
        Err(_) => "another error",
    }
}

/// The control: what a bomb would take without limits is seen by the counter.
#[test]
fn the_counter_sees_what_is_held() {
    let (_, peak) = peak(|| vec![0_u8; 100 * MIB].len());
    assert!(peak >= 100 * MIB);
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    let query = "SELECT length(zeroblob(?1) || 'x')";
    let (_, peak) =
        self::peak(|| connection.query_row(query, [100 * MIB as i64], |row| row.get::<_, i64>(0)));
    assert!(peak >= 100 * MIB);
}

/// Returns an archive with a file of `mib` MiB of one byte at `path`.
fn zeros(path: &str, mib: usize) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file(path, SimpleFileOptions::default().compression_level(Some(9))).unwrap();
    let some = vec![b' '; MIB];
    (0..mib).for_each(|_| archive.write_all(&some).unwrap());
    archive.finish().unwrap().into_inner()
}

#[test]
fn archives_that_unpack_without_end_are_refused_by_what_they_say() {
    for path in ["export.data", "Accounts.txt", "raivo-otp-export.json", "Proton Pass/data.json"] {
        check(path, &zeros(path, 500), Some("password"), &["too large"]);
    }
    // The same, and the directory says that it is small.
    let mut liar = zeros("export.data", 500);
    let directory = liar.windows(4).rposition(|four| four == b"PK\x01\x02").unwrap();
    liar[directory + 24..directory + 28].copy_from_slice(&1000_u32.to_le_bytes());
    check("an archive that lies", &liar, None, &["too large", "damaged"]);
    // An archive in an archive is a file like any other.
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("export.data", SimpleFileOptions::default()).unwrap();
    archive.write_all(&zeros("export.data", 500)).unwrap();
    let nested = archive.finish().unwrap().into_inner();
    check("an archive in an archive", &nested, None, &["damaged"]);
}

#[test]
fn an_archive_of_a_hundred_thousand_files_is_refused() {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("export.data", SimpleFileOptions::default()).unwrap();
    for n in 0..100_000 {
        let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        archive.start_file(n.to_string(), options).unwrap();
    }
    let bytes = archive.finish().unwrap().into_inner();
    check("an archive of 100,001 files", &bytes, None, &["too large"]);
}

#[test]
fn documents_that_are_deep_or_wide_are_refused() {
    let begins = r#"{"localDeviceId": "", "version": 3, "accounts": "#;
    check(
        "JSON, a million deep",
        format!("{begins}{}", "[".repeat(1_000_000)).as_bytes(),
        None,
        &["damaged"],
    );
    let wide = format!("{begins}[{}0]}}", "0,".repeat(15 * MIB));
    check("JSON, 15 million numbers", wide.as_bytes(), None, &["too large"]);
    let objects = format!("{begins}[{}0]}}", "{},".repeat(10 * MIB));
    check("JSON, 10 million objects", objects.as_bytes(), None, &["too large"]);
    let names = format!("{begins}[{{{}\"a\":0}}]}}", "\"a\":0,".repeat(5 * MIB));
    check("JSON, 5 million members", names.as_bytes(), None, &["too large"]);
    let laughs = (1..30).map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10)));
    let laughs = laughs.collect::<String>();
    let xml = format!(
        "<?xml version='1.0'?><!DOCTYPE map [<!ENTITY l0 \"lol\">{laughs}]><map>\
        <string name=\"com.authy.storage.tokens.authenticator.key\">&l29;</string></map>"
    );
    check(
        "XML, entities of entities",
        xml.as_bytes(),
        None,
        &["damaged", "not recognised", "read, nothing in it"],
    );
}

#[test]
fn links_and_lists_without_end_are_counted_and_not_kept() {
    let link = "otpauth://totp/a?secret=JBSWY3DPEHPK3PXP\n";
    let list = link.repeat(30 * MIB / link.len());
    check("a list of 750,000 links", list.as_bytes(), None, &["read", "too large"]);
}

#[test]
fn keepass_databases_that_unpack_without_end_are_refused() {
    let spaces = "<KeePassFile><Meta>".as_bytes().chain(io::repeat(b' ').take(100 * MIB as u64));
    keepass("KeePass, 100 MiB of spaces", spaces, &["damaged"]);
    let value = b"<KeePassFile><Root><Group><Entry><String><Key>otp</Key><Value>".as_slice();
    keepass(
        "KeePass, a value of 100 MiB",
        value.chain(io::repeat(b'A').take(100 * MIB as u64)),
        &["damaged"],
    );
    let deep = "<Group>".repeat(1_000_000);
    let deep = format!("<KeePassFile><Root>{deep}");
    keepass("KeePass, a million groups in each other", deep.as_bytes(), &["damaged"]);
    let entry = format!(
        "<Entry><String><Key>otp</Key><Value>{}</Value></String><String><Key>Notes</Key><Value>{}</Value></String>\
         </Entry>",
        "A".repeat(60_000),
        "n".repeat(60_000),
    );
    let many = format!("<KeePassFile><Root><Group>{}</Group></Root></KeePassFile>", entry.repeat(2000));
    keepass("KeePass, 2,000 entries of 120 KB", many.as_bytes(), &["too large"]);
    let references = format!("<KeePassFile><Root><Group><Name>{}", "&amp;".repeat(20 * MIB));
    keepass("KeePass, 20 million references", references.as_bytes(), &["too large", "damaged"]);
}

#[track_caller]
fn keepass(what: &str, mut document: impl Read, reasons: &[&str]) {
    let (bytes, password) = fixtures::keepass_around(&mut document);
    check(what, &bytes, Some(password), reasons);
}

#[test]
fn passwords_that_cost_too_much_are_refused_before_any_memory_is_taken() {
    let file = |memory: u64| {
        format!(
            r#"{{"version": 1, "kdfParams": {{"memLimit": {memory}, "opsLimit": 4, "salt": "AAAAAAAAAAAAAAAAAAAAAA=="}},
            "encryptedData": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "encryptionNonce": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}"#
        )
    };
    check("Ente, 1 TiB", file(1 << 40).as_bytes(), Some("password"), &["too expensive"]);
}

#[test]
fn databases_that_claim_to_be_large_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("database");
    let writer = rusqlite::Connection::open(&path).unwrap();
    let schema =
        "CREATE TABLE accounts (name TEXT, username TEXT, oath_secret_key TEXT, account_type INTEGER,
        huge GENERATED ALWAYS AS (zeroblob(1000000000)));
        INSERT INTO accounts (name, oath_secret_key, account_type) VALUES ('a', 'JBSWY3DP', 0)";
    writer.execute_batch(schema).unwrap();
    drop(writer);
    let bytes = std::fs::read(&path).unwrap();
    check("a database with a gigabyte that is computed", &bytes, None, &["damaged", "read"]);
    // Offset 28: how many pages there are.
    let mut claims = bytes.clone();
    claims[28..32].copy_from_slice(&u32::MAX.to_be_bytes());
    check("a database that claims 16 TiB", &claims, None, &["damaged", "read"]);
    let mut serialised = b"\xac\xed\x00\x05\x7c".to_vec();
    serialised.extend_from_slice(&(i64::MAX as u64).to_be_bytes());
    check("a serialised text of 2^63 bytes", &serialised, Some("password"), &["damaged", "not recognised"]);
}

#[test]
fn pictures_are_refused_by_their_header() {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 20_000, 20_000);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().unwrap();
    let mut rows = writer.stream_writer().unwrap();
    let row = vec![255; 20_000];
    (0..20_000).for_each(|_| rows.write_all(&row).unwrap());
    rows.finish().unwrap();
    drop(writer);
    check("a picture of 20,000 by 20,000", &bytes, None, &["too large", "damaged", "read, nothing in it"]);
}
