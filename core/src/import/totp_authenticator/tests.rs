//! Made from the written format, with both passwords and every base.

use super::*;
use crate::import::ciphers::sealing::seal_cbc;
use crate::import::formats::open_one;
use crate::import::{Source, detect};
use crate::uri;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const LIST: &str = r#"[
    {"key": "48656c6c6f21deadbeef", "base": 16, "digits": "", "period": "", "name": "ann", "issuer": "ACME", "isFavorite": true},
    {"key": "JBSWY3DPEHPK3PXP", "base": 32, "digits": "7", "period": "20", "name": "ben", "issuer": "Unknown"},
    {"key": "SGVsbG8h3q2+7w==", "base": 64, "digits": "8", "period": "50", "name": "cas", "issuer": ""},
    {"key": "JBSWY3DP", "base": 10, "name": "ten"},
    {"base": 16, "name": "none"},
    {"key": "xx", "base": 16, "name": "hex"}]"#;

fn sealed(password: &str) -> Vec<u8> {
    let outer = serde_json::Map::from_iter([(LIST.to_owned(), "1700000000".into())]);
    let outer = serde_json::Value::from(outer).to_string();
    STANDARD.encode(seal_cbc(&Sha256::digest(password), &[0; 16], outer.as_bytes())).into_bytes()
}

#[test]
fn every_base_is_read_with_its_digits_and_period() {
    let imported = open_one(&sealed("test"), Some("test")).unwrap();
    let accounts: Vec<_> = imported.entries.iter().map(|entry| entry.account.clone()).collect();
    let expected = [
        "otpauth://totp/ACME:ann?secret=JBSWY3DPEHPK3PXP&issuer=ACME",
        "otpauth://totp/Unknown:ben?secret=JBSWY3DPEHPK3PXP&issuer=Unknown&digits=7&period=20",
        "otpauth://totp/cas?secret=JBSWY3DPEHPK3PXP&digits=8&period=50",
    ];
    assert_eq!(accounts, expected.map(|link| uri::parse(link).unwrap()));
    assert!(imported.entries[0].favorite);
    let problems: Vec<_> = imported.problems.iter().map(|problem| problem.reason).collect();
    let expected = [Reason::Field("base"), Reason::Field("key"), Reason::Uri(uri::UriError::NotHex)];
    assert_eq!(problems, expected);
}

#[test]
fn a_file_without_a_password_opens_by_itself() {
    let file = sealed(NO_PASSWORD);
    assert_eq!(detect(&Source { name: "", bytes: &file }), Some(Format::TotpAuthenticator));
    assert_eq!(open_one(&file, None).unwrap().total(), 6);
    // The user need not know that there is none.
    assert_eq!(open_one(&file, Some("anything")).unwrap().total(), 6);
}

#[test]
fn a_password_is_asked_for_and_a_wrong_one_is_told_from_damage() {
    let file = sealed("test");
    let format = Format::TotpAuthenticator;
    let needs = ImportError::NeedsPassword(format, Needs::Password);
    assert_eq!(open_one(&file, None).err(), Some(needs));
    assert_eq!(open_one(&file, Some("tset")).err(), Some(ImportError::WrongPassword(format)));
    let cut = &file[..file.len() / 64 * 64 - 64];
    assert_eq!(open_one(cut, Some("test")).err(), Some(damaged("content")));
}

#[test]
fn the_apps_preferences_are_read_without_a_password() {
    let xml = format!("<map><string name=\"{LIST_NAME}\">{}</string></map>", LIST.replace('"', "&quot;"));
    let source = Source { name: "", bytes: xml.as_bytes() };
    assert_eq!(detect(&source), Some(Format::TotpAuthenticator));
    assert_eq!(open_one(xml.as_bytes(), None).unwrap().total(), 6);
}

/// The name of the value, apart from the constant of the reader.
const LIST_NAME: &str = "STATIC_TOTP_CODES_LIST";

#[test]
fn a_word_or_a_secret_is_no_file_of_this_app() {
    for bytes in [&b"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"[..], b"short", b"several words in a text"] {
        assert_eq!(detect(&Source { name: "", bytes }), None);
    }
}
