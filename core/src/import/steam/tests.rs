//! Made from the written format: the app's file, a maFile, and sealed maFiles with their manifest.

use super::*;
use crate::import::ciphers::sealing::seal_cbc;
use crate::import::formats::open_one;
use crate::import::{KdfBudget, Secrets, detect, open};
use crate::secret::SecretText;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A maFile of gordon or of alyx.
fn ma_file(name: &str, secret: u8) -> String {
    let secret = STANDARD.encode([secret; 20]);
    format!(
        r#"{{"shared_secret": "{secret}", "account_name": "{name}", "identity_secret": "x", "Session": null}}"#
    )
}

const SALTS: [[u8; 8]; 2] = [[1; 8], [2; 8]];

fn sealed(name: &str, number: usize) -> Vec<u8> {
    let budget = KdfBudget::PHONE;
    let key = ciphers::pbkdf2(Hash::Sha1, b"test", &SALTS[number], ROUNDS, 32, budget).unwrap();
    STANDARD.encode(seal_cbc(key.expose(), &[number as u8; 16], ma_file(name, 7).as_bytes())).into_bytes()
}

fn manifest() -> String {
    let entry = |number: usize| {
        format!(
            r#"{{"encryption_iv": "{}", "encryption_salt": "{}", "filename": "{number}.maFile", "steamid": 1}}"#,
            STANDARD.encode([number as u8; 16]),
            STANDARD.encode(SALTS[number]),
        )
    };
    format!(r#"{{"encrypted": true, "entries": [{}, {}]}}"#, entry(0), entry(1))
}

fn names(sources: &[(&str, &[u8])], password: Option<&str>) -> Result<Vec<String>, ImportError> {
    let sources: Vec<_> = sources.iter().map(|(name, bytes)| Source { name, bytes }).collect();
    let secrets = Secrets { password: password.map(SecretText::from), key_file: None };
    let imported = open(&sources, &secrets, KdfBudget::PHONE, &|| false)?;
    assert!(imported.entries.iter().all(|entry| entry.account.issuer == "Steam"));
    let problems = imported.problems.iter().map(|problem| format!("{:?}", problem.reason));
    Ok(imported.entries.iter().map(|entry| entry.account.account_name.clone()).chain(problems).collect())
}

#[test]
fn one_account_and_a_map_of_them_are_read() {
    let one = ma_file("gordon", 7);
    let map = format!(r#"{{"accounts": {{"1": {}, "2": {}}}}}"#, ma_file("gordon", 7), ma_file("alyx", 8));
    assert_eq!(names(&[("", one.as_bytes())], None).unwrap(), ["gordon"]);
    assert_eq!(names(&[("", map.as_bytes())], None).unwrap(), ["gordon", "alyx"]);
    let imported = open_one(one.as_bytes(), None).unwrap();
    let otp = &imported.entries[0].account.otp;
    assert_eq!((otp.kind(), otp.secret().expose()), (Kind::Steam, &[7; 20][..]));
}

#[test]
fn a_secret_that_is_no_base64_is_taken_from_the_link_or_named() {
    let link = r#"{"shared_secret": "*", "account_name": "a", "uri": "otpauth://totp/Steam:a?secret=JBSWY3DP&issuer=Steam"}"#;
    assert_eq!(open_one(link.as_bytes(), None).unwrap().entries[0].account.otp.secret().expose(), b"Hello");
    let none = r#"{"shared_secret": "*", "account_name": "a"}"#;
    assert_eq!(names(&[("", none.as_bytes())], None).unwrap(), ["Field(\"shared_secret\")"]);
}

#[test]
fn sealed_files_open_by_their_name_or_by_trying_in_any_order() {
    let (gordon, alyx, manifest) = (sealed("gordon", 0), sealed("alyx", 1), manifest());
    let manifest = ("manifest.json", manifest.as_bytes());
    let named = [("maFiles/1.maFile", &alyx[..]), manifest, ("0.maFile", &gordon)];
    assert_eq!(names(&named, Some("test")).unwrap(), ["alyx", "gordon"]);
    let unnamed = [manifest, ("a", &gordon), ("b", &alyx)];
    assert_eq!(names(&unnamed, Some("test")).unwrap(), ["gordon", "alyx"]);
    assert_eq!(names(&named, Some("tset")).err(), Some(ImportError::WrongPassword(Format::Steam)));
    let needs = ImportError::NeedsPassword(Format::Steam, Needs::Password);
    assert_eq!(names(&named, None).err(), Some(needs));
}

#[test]
fn one_file_that_does_not_open_leaves_the_others() {
    let (gordon, mut alyx, manifest) = (sealed("gordon", 0), sealed("alyx", 1), manifest());
    alyx.truncate(alyx.len() - 24);
    let sources = [("manifest.json", manifest.as_bytes()), ("0.maFile", &gordon[..]), ("1.maFile", &alyx)];
    assert_eq!(names(&sources, Some("test")).unwrap(), ["gordon", "Seal"]);
    let damaged = ImportError::Damaged(Format::Steam, Place::file("maFiles"));
    assert_eq!(names(&[sources[0], sources[2]], Some("test")).err(), Some(damaged));
}

#[test]
fn a_manifest_alone_says_that_its_files_are_missing() {
    let manifest = manifest();
    assert_eq!(detect(&Source { name: "", bytes: manifest.as_bytes() }), Some(Format::Steam));
    let missing = ImportError::Damaged(Format::Steam, Place::file("maFiles"));
    assert_eq!(names(&[("manifest.json", manifest.as_bytes())], Some("test")).err(), Some(missing));
}

#[test]
fn a_manifest_of_plain_files_asks_for_nothing() {
    let (manifest, gordon) = (manifest(), ma_file("gordon", 7));
    let sources = [("manifest.json", manifest.as_bytes()), ("0.maFile", gordon.as_bytes())];
    assert_eq!(names(&sources, None).unwrap(), ["gordon"]);
}
