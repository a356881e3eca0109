use super::*;
use crate::import::{KdfBudget, Secrets, Source, detect, open};

fn check(text: &str) -> Result<Imported, ImportError> {
    open(&[Source { name: "", bytes: text.as_bytes() }], &Secrets::default(), KdfBudget::PHONE, &|| false)
}

#[test]
fn a_later_version_is_named() {
    let text = r#"{"localDeviceId": "", "version": 4, "accounts": []}"#;
    assert_eq!(check(text).map(drop), Err(ImportError::NewerVersion(Format::LastPass, 4)));
}

#[test]
fn names_that_the_user_changed_come_before_those_of_the_code() {
    let text = r#"{"version": 3, "accounts": [
        {"issuerName": "Mine", "originalIssuerName": "Theirs", "userName": "", "originalUserName": "ann",
         "secret": "JBSWY3DPEHPK3PXP", "timeStep": 60, "digits": 8, "algorithm": "SHA256"}]}"#;
    let imported = check(text).unwrap();
    let account = &imported.entries[0].account;
    assert_eq!((account.issuer.as_str(), account.account_name.as_str()), ("Mine", "ann"));
}

#[test]
fn a_cut_file_still_says_what_it_is() {
    let text = r#"{"deviceId": "", "localDeviceId": "8", "version": 3, "accounts": [{"acc"#;
    assert_eq!(detect(&Source { name: "", bytes: text.as_bytes() }), Some(Format::LastPass));
    assert!(matches!(check(text), Err(ImportError::Damaged(Format::LastPass, _))));
}
