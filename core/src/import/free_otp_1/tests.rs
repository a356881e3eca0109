//! Made from the written format: the same tokens as preferences and as JSON.

use super::*;
use crate::import::formats::open_one;
use crate::import::{Source, detect};
use crate::uri;

/// Names as the app makes them, and the tokens.
const TOKENS: [(&str, &str); 6] = [
    (
        "ACME:ann",
        r#"{"algo": "SHA256", "counter": 0, "digits": 8, "issuerExt": "ACME", "issuerInt": "ACME", "label": "ann",
        "period": 60, "secret": [72, 101, 108, 108, 111, 33, -34, -83, -66, -17], "type": "TOTP"}"#,
    ),
    (
        "Bank:ben",
        r#"{"algo": null, "counter": 7, "digits": 6, "issuerExt": "Bank", "issuerAlt": "My bank", "label": "ben",
        "labelAlt": "me", "period": 30, "secret": [72], "type": "HOTP"}"#,
    ),
    (
        "Steam:s",
        r#"{"digits": 5, "issuerExt": "Steam", "issuerInt": "Steam", "label": "s", "secret": [72], "type": "TOTP"}"#,
    ),
    (":byte", r#"{"issuerExt": "", "label": "byte", "secret": [256], "type": "TOTP"}"#),
    (":kind", r#"{"issuerExt": "", "label": "kind", "secret": [1], "type": "FIDO"}"#),
    (":none", r#"{"issuerExt": "", "label": "none", "type": "TOTP"}"#),
];

const ORDER_LIST: &str = r#"["Steam:s","ACME:ann"]"#;

fn preferences() -> String {
    let quoted = |text: &str| text.replace('"', "&quot;");
    let one = |(name, text): &(&str, &str)| format!("<string name=\"{name}\">{}</string>\n", quoted(text));
    let tokens: String = TOKENS.iter().map(one).collect();
    let order = quoted(ORDER_LIST);
    format!("<?xml version='1.0'?>\n<map>\n{tokens}<string name=\"tokenOrder\">{order}</string></map>")
}

fn plus() -> String {
    format!(r#"{{"tokenOrder": {ORDER_LIST}, "tokens": [{}]}}"#, TOKENS.map(|(_, text)| text).join(","))
}

#[track_caller]
fn check(file: &str, format: Format) {
    assert_eq!(detect(&Source { name: "", bytes: file.as_bytes() }), Some(format));
    let imported = open_one(file.as_bytes(), None).unwrap();
    let accounts: Vec<_> = imported.entries.iter().map(|entry| entry.account.clone()).collect();
    let expected = [
        "otpauth://totp/ACME:ann?secret=JBSWY3DPEHPK3PXP&issuer=ACME&algorithm=SHA256&digits=8&period=60",
        "otpauth://hotp/My%20bank:me?secret=JA&issuer=My%20bank&counter=7",
        "otpauth://steam/Steam:s?secret=JA&issuer=Steam",
    ];
    assert_eq!(accounts, expected.map(|link| uri::parse(link).unwrap()));
    let ranks: Vec<_> = imported.entries.iter().map(|entry| entry.rank).collect();
    assert_eq!(ranks, [Some(1), None, Some(0)]);
    let problems: Vec<_> = imported.problems.iter().map(|p| (&*p.place.name, p.reason)).collect();
    use crate::import::Reason::{Field, UnknownKind};
    assert_eq!(problems, [("byte", Field("secret")), ("kind", UnknownKind), ("none", Field("secret"))]);
}

#[test]
fn preferences_hold_tokens_and_their_order() {
    check(&preferences(), Format::FreeOtp1);
}

#[test]
fn the_plus_app_holds_the_same_in_json() {
    check(&plus(), Format::FreeOtpPlus);
}

#[test]
fn a_token_that_is_no_json_is_named_and_the_others_are_read() {
    let broken = preferences().replacen("{&quot;algo&quot;: null", "{&quot;algo", 1);
    let imported = open_one(broken.as_bytes(), None).unwrap();
    assert_eq!((imported.entries.len(), imported.total()), (2, 6));
    assert_eq!(imported.problems[0].place.name, "Bank:ben");
}

#[test]
fn a_cut_file_says_what_it_is_and_where_it_breaks() {
    let file = preferences();
    let cut = &file.as_bytes()[..file.len() / 2];
    assert_eq!(detect(&Source { name: "", bytes: cut }), Some(Format::FreeOtp1));
    assert!(matches!(
        open_one(cut, None),
        Err(ImportError::Damaged(Format::FreeOtp1, Place { byte: Some(_), .. }))
    ));
}
