use super::*;
use crate::import::{KdfBudget, Secrets, Source, open};

fn check(text: &str) -> Result<Imported, ImportError> {
    open(&[Source { name: "", bytes: text.as_bytes() }], &Secrets::default(), KdfBudget::PHONE, &|| false)
}

#[test]
fn a_nameless_code_has_the_items_title_in_its_note() {
    let text = r#"{"items": [{"id": "a", "title": "adobe.example", "credentials": [
        {"type": "totp", "secret": "JBSWY3DPEHPK3PXP", "algorithm": "sha1", "period": 30, "digits": 6}]}]}"#;
    let entry = check(text).unwrap().entries.remove(0);
    assert_eq!((entry.account.issuer.as_str(), entry.account.account_name.as_str()), ("", ""));
    assert_eq!((entry.note.as_str(), entry.place.name.as_str()), ("adobe.example", "adobe.example"));
}

#[test]
fn a_later_version_is_named_and_a_file_without_items_is_damaged() {
    let text = r#"{"version": {"major": 2, "minor": 0}, "exporterRpId": "a", "accounts": []}"#;
    assert_eq!(check(text).map(drop), Err(ImportError::NewerVersion(Format::Cxf, 2)));
    let text = r#"{"version": {"major": 1, "minor": 0}, "exporterRpId": "a", "accounts": [{}]}"#;
    assert_eq!(check(text).map(drop), Err(ImportError::Damaged(Format::Cxf, Place::file("items"))));
}
