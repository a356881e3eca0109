use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::import::ciphers::sealing::seal_gcm;
use crate::import::formats::open_one;
use crate::import::{KdfBudget, Source, detect};
use crate::otp::Algorithm;
use crate::uri::UriError;

const SERVICES: &str = r#"[
    {"name": "Second", "secret": "jbsw y3dp", "order": {"position": 1}, "groupId": "g",
     "otp": {"account": "ann", "issuer": "ACME", "digits": 7, "period": 10, "algorithm": "SHA384", "tokenType": "TOTP"}},
    {"name": "First", "secret": "JBSWY3DP", "order": {"position": 0},
     "otp": {"label": "First:bob", "tokenType": "HOTP", "counter": 12}, "icon": {"label": {"text": "FI"}}},
    {"name": "Steam", "secret": "JBSWY3DP", "order": {"position": 2}, "otp": {"tokenType": "STEAM", "account": "g"}},
    {"name": "Ios", "secret": "JBSWY3DP", "type": "unknown"},
    {"name": "Odd", "secret": "JBSWY3DP", "otp": {"algorithm": "SHA3"}},
    {"name": "Vendor", "secret": "JBSWY3DP", "otp": {"tokenType": "PUSH"}},
    {"name": "No secret", "otp": {}}]"#;

fn plain(version: u32) -> String {
    format!(
        r#"{{"services": {SERVICES}, "groups": [{{"id": "g", "name": "Work"}}], "schemaVersion": {version}}}"#
    )
}

fn seal(password: &str, plain: &str) -> String {
    let salt = [7; 256];
    let key =
        ciphers::pbkdf2(Hash::Sha256, password.as_bytes(), &salt, ROUNDS, 32, KdfBudget::PHONE).unwrap();
    let sealed = seal_gcm(key.expose(), &[9; 12], b"", plain.as_bytes());
    [&sealed[..], &salt, &[9; 12]].map(|bytes| STANDARD.encode(bytes)).join(":")
}

fn sealed(list: &str) -> String {
    let reference = seal("test", "a constant");
    format!(
        r#"{{"services": [], "groups": [{{"id": "g", "name": "Work"}}], "schemaVersion": 4,
            "servicesEncrypted": "{list}", "reference": "{reference}"}}"#
    )
}

#[test]
fn names_numbers_groups_and_the_order_of_the_app_are_kept() {
    for version in 1..=4 {
        let read = open_one(plain(version).as_bytes(), None).unwrap();
        let names: Vec<_> =
            read.entries.iter().map(|e| (&*e.account.issuer, &*e.account.account_name)).collect();
        assert_eq!(names, [("ACME", "ann"), ("First", "bob"), ("Steam", "g"), ("Ios", "")]);
        let ranks: Vec<_> = read.entries.iter().map(|entry| entry.rank).collect();
        assert_eq!(ranks, [Some(1), Some(0), Some(2), None]);
        let [second, first, steam, _] = &read.entries[..] else { panic!("four entries") };
        assert_eq!(
            (first.account.otp.counter(), &first.icon),
            (Some(12), &Some(Icon::Named("FI".to_owned())))
        );
        assert_eq!(
            (second.account.otp.digits(), second.account.otp.algorithm()),
            (7, Some(Algorithm::Sha384))
        );
        assert_eq!((&*read.groups[second.groups[0]], second.place.entry), ("Work", Some(1)));
        assert_eq!(steam.account.otp.kind(), Kind::Steam);
    }
}

#[test]
fn what_cannot_be_used_is_named() {
    let read = open_one(plain(4).as_bytes(), None).unwrap();
    let problems: Vec<_> =
        read.problems.iter().map(|problem| (&*problem.place.name, problem.reason)).collect();
    let expected = [
        ("Odd", Reason::Uri(UriError::Algorithm)),
        ("Vendor", Reason::UnknownKind),
        ("No secret", Reason::Field("secret")),
    ];
    assert_eq!(problems, expected);
}

#[test]
fn a_sealed_list_opens_and_its_groups_stand_in_clear_text() {
    let read = open_one(sealed(&seal("test", SERVICES)).as_bytes(), Some("test")).unwrap();
    assert_eq!((read.total(), read.groups), (7, vec!["Work".to_owned()]));
}

#[test]
fn a_wrong_password_and_a_changed_list_are_told_apart() {
    let file = sealed(&seal("test", SERVICES));
    let err = |text: &str, password| open_one(text.as_bytes(), password).err();
    assert_eq!(err(&file, None), Some(ImportError::NeedsPassword(Format::TwoFas, Needs::Password)));
    assert_eq!(err(&file, Some("test1")), Some(ImportError::WrongPassword(Format::TwoFas)));
    let changed = sealed(&format!("AAAA{}", &seal("test", SERVICES)[4..]));
    assert_eq!(err(&changed, Some("test")), Some(damaged("servicesEncrypted")));
    assert_eq!(err(&sealed("AAAA:AAAA"), Some("test")), Some(damaged("servicesEncrypted")));
}

#[test]
fn a_newer_schema_is_named_and_a_cut_file_known() {
    let newer = ImportError::NewerVersion(Format::TwoFas, 5);
    assert_eq!(open_one(plain(5).as_bytes(), None).err(), Some(newer));
    assert_eq!(detect(&Source { name: "", bytes: &plain(4).as_bytes()[..400] }), Some(Format::TwoFas));
}
