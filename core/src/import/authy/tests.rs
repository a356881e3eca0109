//! Made from the written format: both files, and secrets plain and sealed.

use super::*;
use crate::import::ciphers::sealing::seal_cbc;
use crate::import::formats::open_one;
use crate::import::{KdfBudget, Secrets, Source, detect, open};
use crate::uri::UriError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

fn preferences(value: &str, list: &str) -> Vec<u8> {
    let list = list.replace('"', "&quot;");
    format!("<?xml version='1.0'?><map><int name=\"v\" value=\"1\" /><string name=\"{value}\">{list}</string></map>")
        .into_bytes()
}

fn others() -> Vec<u8> {
    let list = r#"[{"accountType": "authenticator", "name": "ACME: ann", "originalName": "ACME:ann", "originalIssuer": "ACME",
        "digits": 8, "decryptedSecret": "JBSWY3DPEHPK3PXP"},
        {"name": "My bank", "originalName": "Bank:ben", "originalIssuer": "Bank", "decryptedSecret": "jbswy3dp"},
        {"name": "Shop: cas", "decryptedSecret": "JBSWY3DP", "digits": 6},
        {"name": "none"}]"#;
    preferences("com.authy.storage.tokens.authenticator.key", list)
}

fn own() -> Vec<u8> {
    let list = r#"[{"name": "Cloud", "digits": 7, "secretSeed": "000102030405060708090a0b0c0d0e0f"}]"#;
    preferences("com.authy.storage.tokens.authy.key", list)
}

fn sealed(password: &str, salt: &str) -> Vec<u8> {
    let budget = KdfBudget::PHONE;
    let key = ciphers::pbkdf2(Hash::Sha1, password.as_bytes(), salt.as_bytes(), ROUNDS, 32, budget).unwrap();
    let secret = |text: &str| STANDARD.encode(seal_cbc(key.expose(), &[0; 16], text.as_bytes()));
    let list = format!(
        r#"[{{"name": "A: a", "salt": "{salt}", "digits": 6, "encryptedSecret": "{}"}},
            {{"name": "B: b", "salt": "{salt}", "digits": 6, "encryptedSecret": "{}"}},
            {{"name": "C: c", "salt": "other", "digits": 6, "encryptedSecret": "{}"}}]"#,
        secret("JBSWY3DPEHPK3PXP"),
        secret("JBSWY3DP"),
        secret("JBSWY3DP"),
    );
    preferences("com.authy.storage.tokens.authenticator.key", &list)
}

fn names(imported: &Imported) -> Vec<(&str, &str)> {
    imported.entries.iter().map(|entry| (&*entry.account.issuer, &*entry.account.account_name)).collect()
}

#[test]
fn both_files_are_read_as_one_export() {
    let (others, own) = (others(), own());
    let sources = [Source { name: "a", bytes: &own }, Source { name: "b", bytes: &others }];
    assert_eq!(detect(&sources[0]), Some(Format::Authy));
    let imported = open(&sources, &Secrets::default(), KdfBudget::PHONE, &|| false).unwrap();
    assert_eq!(names(&imported), [("", "Cloud"), ("ACME", "ann"), ("Bank", "My bank"), ("Shop", "cas")]);
    let numbers = imported.entries.iter().map(|entry| &entry.account.otp);
    let numbers: Vec<_> = numbers.map(|otp| (otp.digits(), otp.period().unwrap().seconds())).collect();
    assert_eq!(numbers, [(7, 10), (8, 30), (6, 30), (6, 30)]);
    assert_eq!(imported.entries[0].account.otp.secret().expose()[15], 15);
    let [problem] = &imported.problems[..] else { panic!("one problem") };
    assert_eq!(
        (problem.place.source, problem.place.entry, problem.reason),
        (1, Some(5), Reason::Field("decryptedSecret"))
    );
}

#[test]
fn the_list_alone_is_read_as_well() {
    let list =
        br#"[{"name": "A: a", "decryptedSecret": "JBSWY3DP"}, {"name": "B: b", "decryptedSecret": ""}]"#;
    let imported = open_one(list, None).unwrap();
    assert_eq!(names(&imported), [("A", "a")]);
    assert_eq!(imported.problems[0].reason, Reason::Uri(UriError::NoSecret));
}

#[test]
fn sealed_secrets_open_with_the_password_and_one_that_does_not_is_named() {
    let file = sealed("test", "sält");
    let imported = open_one(&file, Some("test")).unwrap();
    assert_eq!(names(&imported), [("A", "a"), ("B", "b")]);
    assert_eq!(imported.problems[0].reason, Reason::Seal);
    let needs = ImportError::NeedsPassword(Format::Authy, Needs::Password);
    assert_eq!(open_one(&file, None).err(), Some(needs));
}

/// A padding that fits by accident, one time in 256, is no base32: 300 passwords would pass for one.
#[test]
fn a_wrong_password_is_wrong_even_where_the_padding_fits() {
    let file = sealed("test", "salt");
    for n in 0..300 {
        let wrong = open_one(&file, Some(&format!("wrong {n}"))).err();
        assert_eq!(wrong, Some(ImportError::WrongPassword(Format::Authy)));
    }
}

#[test]
fn a_cut_file_is_damaged() {
    let file = others();
    let cut = open_one(&file[..file.len() - 20], None).err();
    assert!(matches!(cut, Some(ImportError::Damaged(Format::Authy, _))));
}
