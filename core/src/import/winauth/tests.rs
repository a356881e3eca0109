//! Made from the written format: links with what only WinAuth adds to them.

use super::*;
use crate::account::Kind;
use crate::import::archive::packing::{Seal, pack};
use crate::import::formats::open_one;
use crate::import::{Needs, Source, detect};
use zip::CompressionMethod::{Deflated, Stored};

const TEXT: &str = "# WinAuth export\r\n\r\n\
    otpauth://totp/Authenticator?secret=JBSWY3DPEHPK3PXP&digits=6\r\n\
    otpauth://totp/Steam%3agordon?secret=JBSWY3DPEHPK3PXP&digits=5&deviceid=android%3a1&data=%7b%7d&icon=SteamIcon.png\r\n\
    otpauth://totp/BattleNet:EU?secret=JBSWY3DPEHPK3PXP&digits=8&serial=EU123&icon=base64:MFRGG\r\n\
    otpauth://totp/none\r\n";

const NAME: &str = "winauth-2023-03-24.txt";

#[test]
fn the_text_opens_whatever_its_seal() {
    for seal in [Seal::None, Seal::Aes("test"), Seal::ZipCrypto("test")] {
        for method in [Stored, Deflated] {
            let archive = pack(&[(NAME, TEXT.as_bytes())], method, seal);
            assert_eq!(detect(&Source { name: "", bytes: &archive }), Some(Format::WinAuth));
            let imported = open_one(&archive, Some("test")).unwrap();
            assert_eq!((imported.entries.len(), imported.problems.len()), (3, 1));
            assert_eq!(imported.format, Format::WinAuth);
            assert_eq!(imported.entries[0].account.account_name, "Authenticator");
            assert_eq!(imported.entries[1].account.otp.kind(), Kind::Steam);
            assert_eq!(imported.entries[2].account.otp.digits(), 8);
        }
    }
}

#[test]
fn a_password_is_asked_for_and_a_wrong_one_named() {
    let archive = pack(&[(NAME, TEXT.as_bytes())], Deflated, Seal::ZipCrypto("test"));
    let needs = ImportError::NeedsPassword(Format::WinAuth, Needs::Password);
    assert_eq!(open_one(&archive, None).err(), Some(needs));
    assert_eq!(open_one(&archive, Some("tset")).err(), Some(ImportError::WrongPassword(Format::WinAuth)));
}

#[test]
fn an_empty_archive_has_no_text() {
    let archive = pack(&[], Stored, Seal::None);
    let damaged = ImportError::Damaged(Format::WinAuth, Place::file("archive"));
    assert_eq!(open_one(&archive, Some("test")).err(), Some(damaged));
}

#[test]
fn an_archive_of_two_texts_or_none_is_somebody_elses() {
    for files in [&[("a.txt", &b"x"[..]), ("b.txt", b"x")][..], &[("a.json", b"{}")]] {
        assert_eq!(detect(&Source { name: "", bytes: &pack(files, Stored, Seal::None) }), None);
    }
}

#[test]
fn the_programs_own_file_is_refused_with_advice() {
    let own = b"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<WinAuth version=\"3.5\" encrypted=\"u\">57494E41</WinAuth>";
    let closed = ImportError::NotReadable(Format::WinAuth, NotReadable::WindowsBound);
    assert_eq!(open_one(own, None).err(), Some(closed));
}
