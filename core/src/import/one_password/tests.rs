use super::*;
use crate::import::{KdfBudget, Secrets, Source, open};

fn check(text: &str) -> Imported {
    open(&[Source { name: "", bytes: text.as_bytes() }], &Secrets::default(), KdfBudget::PHONE, &|| false)
        .unwrap()
}

/// Somebody unpacked the archive; and early versions had items one level deeper.
#[test]
fn the_file_inside_is_read_by_itself_and_in_its_early_form() {
    let item = r#"{"favIndex": 0, "overview": {"title": "ACME"}, "details": {"loginFields": [
        {"designation": "username", "value": "ann"}], "sections": [{"fields": [
        {"value": {"totp": "JBSWY3DPEHPK3PXP"}}, {"value": {"totp": ""}}, {"value": {"concealed": "x"}}]}]}}"#;
    let text = format!(r#"{{"accounts": [{{"vaults": [{{"items": [{item}, {{"item": {item}}}]}}]}}]}}"#);
    let imported = check(&text);
    assert_eq!((imported.entries.len(), imported.problems.len()), (2, 0));
    for entry in imported.entries {
        assert_eq!((entry.account.issuer.as_str(), entry.account.account_name.as_str()), ("ACME", "ann"));
    }
}

#[test]
fn a_link_keeps_its_own_names() {
    let text = r#"{"accounts": [{"vaults": [{"items": [{"overview": {"title": "Title"}, "details": {"sections": [
        {"fields": [{"value": {"totp": "otpauth://totp/Issuer:?secret=JBSWY3DPEHPK3PXP&issuer=Issuer"}}]}]}}]}]}]}"#;
    assert_eq!(check(text).entries[0].account.issuer, "Issuer");
}
