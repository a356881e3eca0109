use zip::CompressionMethod;

use super::*;
use crate::account::Kind;
use crate::import::archive::packing::{Seal, pack};
use crate::import::ciphers::sealing::seal_gcm;
use crate::import::formats::open_one;
use crate::import::{KdfBudget, Source, detect};
use crate::uri::UriError;

const PLAIN: &str = r#"{"version": 1, "entries": [
    {"content": {"uri": "otpauth://totp/x?secret=JBSWY3DP&issuer=ACME", "entry_type": "Totp", "name": ":ann"}, "note": "n"},
    {"content": {"uri": "steam://JBSWY3DP", "entry_type": "Steam", "name": "gordon"}, "note": null},
    {"content": {"uri": "otpauth://totp/x", "entry_type": "Totp", "name": "empty"}},
    {}]}"#;

fn sealed() -> String {
    let key = ciphers::argon2id(b"test", &[7; 16], COST, 32, KdfBudget::PHONE).unwrap();
    let content = [&[9; 12][..], &seal_gcm(key.expose(), &[9; 12], AAD, PLAIN.as_bytes())].concat();
    let [salt, content] = [&[7; 16][..], &content]
        .map(|bytes| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes));
    format!(r#"{{"version": 1, "salt": "{salt}", "content": "{content}"}}"#)
}

fn names(read: &Imported) -> Vec<(&str, &str)> {
    read.entries.iter().map(|entry| (&*entry.account.issuer, &*entry.account.account_name)).collect()
}

#[test]
fn the_name_beside_the_link_counts_without_its_colon() {
    let read = open_one(PLAIN.as_bytes(), None).unwrap();
    assert_eq!(names(&read), [("ACME", "ann"), ("Steam", "gordon")]);
    assert_eq!((read.entries[0].note.as_str(), read.entries[1].account.otp.kind()), ("n", Kind::Steam));
    let reasons: Vec<_> = read.problems.iter().map(|problem| problem.reason).collect();
    assert_eq!(reasons, [Reason::Uri(UriError::NoSecret), Reason::Field("uri")]);
}

#[test]
fn a_sealed_export_opens_with_its_password_alone() {
    let file = sealed();
    assert_eq!(open_one(file.as_bytes(), Some("test")).unwrap().total(), 4);
    let err = |password| open_one(file.as_bytes(), password).err();
    assert_eq!(err(Some("test1")), Some(ImportError::WrongPassword(Format::ProtonAuthenticator)));
    assert_eq!(err(None), Some(ImportError::NeedsPassword(Format::ProtonAuthenticator, Needs::Password)));
}

#[test]
fn a_newer_version_and_damage_are_named() {
    let err = |text: &str| open_one(text.as_bytes(), None).err();
    let newer = ImportError::NewerVersion(Format::ProtonAuthenticator, 2);
    assert_eq!(err(&PLAIN.replacen("1", "2", 1)), Some(newer));
    assert_eq!(err(r#"{"version": 1, "salt": "AA==", "content": "AA=="}"#), Some(damaged("content")));
}

const PASS_DATA: &str = r#"{"version": "1.2", "userId": "u", "encrypted": false, "vaults": {"v1": {"name": "Home", "items": [
    {"state": 1, "pinned": true, "data": {"type": "login", "metadata": {"name": "ACME", "note": "n"},
      "content": {"itemEmail": "ann@example.com", "totpUri": "JBSWY3DP"},
      "extraFields": [{"fieldName": "2", "type": "totp", "data": {"totpUri": "otpauth://totp/B:bob?secret=JBSWY3DP"}},
                      {"fieldName": "t", "type": "text", "data": {"content": "x"}}]}},
    {"state": 2, "data": {"type": "login", "metadata": {"name": "Old"}, "content": {"totpUri": "JBSWY3DP"}}},
    {"state": 1, "data": {"type": "note", "metadata": {"name": "no code"}, "content": {}}},
    {"state": 1, "data": {"type": "login", "metadata": {"name": "Bad"}, "content": {"totpUri": "otpauth://totp"}}}]}}}"#;

#[test]
fn every_code_of_a_pass_item_is_an_account() {
    let packed =
        pack(&[("Proton Pass/data.json", PASS_DATA.as_bytes())], CompressionMethod::Deflated, Seal::None);
    for file in [PASS_DATA.as_bytes(), &packed] {
        let read = open_one(file, None).unwrap();
        assert_eq!(read.format, Format::ProtonPass);
        assert_eq!(names(&read), [("ACME", "ann@example.com"), ("B", "bob"), ("Old", "")]);
        let [first, _, old] = &read.entries[..] else { panic!("three entries") };
        assert!(first.favorite && !first.trashed && old.trashed);
        assert_eq!((first.note.as_str(), &*read.groups[first.groups[0]]), ("n", "Home"));
        assert_eq!((read.problems.len(), &*read.problems[0].place.name), (1, "Bad"));
    }
}

#[test]
fn an_archive_for_openpgp_says_so() {
    let packed = pack(
        &[("Proton Pass/data.pgp", b"-----BEGIN PGP MESSAGE-----")],
        CompressionMethod::Deflated,
        Seal::None,
    );
    assert_eq!(detect(&Source { name: "", bytes: &packed }), Some(Format::ProtonPass));
    let closed = ImportError::NotReadable(Format::ProtonPass, NotReadable::OpenPgp);
    assert_eq!(open_one(&packed, None).err(), Some(closed));
}
