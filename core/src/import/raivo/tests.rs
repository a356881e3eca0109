//! Made from the written format: the list alone, and in archives of both seals.

use super::*;
use crate::import::archive::packing::{Seal, pack};
use crate::import::formats::open_one;
use crate::import::{Needs, Source, detect};
use crate::uri;
use zip::CompressionMethod::{Deflated, Stored};

const LIST: &str = r#"[
    {"issuer": "ACME", "account": "ann", "secret": "JBSWY3DPEHPK3PXP", "algorithm": "SHA256", "digits": "8", "kind": "TOTP",
     "timer": "60", "counter": "0", "pinned": "true", "iconType": "raivo_repository", "iconValue": "acme.png"},
    {"issuer": "Bank", "account": "ben", "secret": "JBSWY3DP", "algorithm": "SHA1", "digits": "6", "kind": "HOTP",
     "timer": "0", "counter": "7", "pinned": "false", "iconType": "", "iconValue": ""},
    {"issuer": "", "account": "push", "secret": "JBSWY3DP", "kind": "PUSH", "timer": "30"},
    {"issuer": "", "account": "zero", "secret": "JBSWY3DP", "kind": "TOTP", "timer": "0"},
    {"issuer": "", "account": "word", "secret": "JBSWY3DP", "kind": "TOTP", "timer": "30", "digits": "six"}]"#;

#[test]
fn numbers_in_quotes_and_pins_are_read() {
    let imported = open_one(LIST.as_bytes(), None).unwrap();
    let accounts: Vec<_> = imported.entries.iter().map(|entry| entry.account.clone()).collect();
    let expected = [
        "otpauth://totp/ACME:ann?secret=JBSWY3DPEHPK3PXP&issuer=ACME&algorithm=SHA256&digits=8&period=60",
        "otpauth://hotp/Bank:ben?secret=JBSWY3DP&issuer=Bank&counter=7",
    ];
    assert_eq!(accounts, expected.map(|link| uri::parse(link).unwrap()));
    let [ann, ben] = &imported.entries[..] else { panic!("two accounts") };
    assert_eq!((ann.favorite, ben.favorite), (true, false));
    assert_eq!((&ann.icon, &ben.icon), (&Some(Icon::Named("acme.png".to_owned())), &None));
    let problems: Vec<_> = imported.problems.iter().map(|problem| problem.reason).collect();
    let zero = Reason::Uri(uri::UriError::Otp(crate::otp::OtpError::Period(0)));
    assert_eq!(problems, [Reason::UnknownKind, zero, Reason::Field("digits")]);
}

#[test]
fn an_archive_opens_whatever_its_seal() {
    let files = [("raivo-otp-export.html", b"<html>".as_slice()), (FILE, LIST.as_bytes())];
    let plain = pack(&files, Deflated, Seal::None);
    assert_eq!(open_one(&plain, None).unwrap().total(), 5);
    for seal in [Seal::Aes("test"), Seal::ZipCrypto("test")] {
        let sealed = pack(&files, Deflated, seal);
        assert_eq!(detect(&Source { name: "", bytes: &sealed }), Some(Format::Raivo));
        assert_eq!(open_one(&sealed, Some("test")).unwrap().total(), 5);
        assert_eq!(open_one(&sealed, Some("tset")).err(), Some(ImportError::WrongPassword(Format::Raivo)));
        let needs = ImportError::NeedsPassword(Format::Raivo, Needs::Password);
        assert_eq!(open_one(&sealed, None).err(), Some(needs));
    }
}

#[test]
fn a_cut_archive_still_says_what_it_is() {
    let archive = pack(&[(FILE, LIST.as_bytes())], Stored, Seal::None);
    let cut = &archive[..archive.len() - 10];
    assert_eq!(detect(&Source { name: "", bytes: cut }), Some(Format::Raivo));
    assert_eq!(open_one(cut, None).err(), Some(ImportError::Damaged(Format::Raivo, Place::file(FILE))));
}
