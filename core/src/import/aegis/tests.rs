//! Made from the written format: one list, plain and sealed.

use super::*;
use crate::import::ciphers::sealing::seal_gcm;
use crate::import::formats::open_one as read;
use crate::import::{KdfBudget, Source, detect};
use crate::otp::OtpError;
use crate::uri::UriError;

const DB: &str = r#"{"version": 3,
    "groups": [{"uuid": "g1", "name": "Work"}, {"uuid": "g2", "name": "Home"}],
    "entries": [
        {"type": "totp", "name": "ann@example.com", "issuer": "ACME", "note": "two\nlines", "favorite": true,
         "groups": ["g2", "g1", "unknown"], "icon": "iVBORw==", "icon_mime": "image/png",
         "info": {"secret": "JBSWY3DPEHPK3PXP", "algo": "SHA256", "digits": 8, "period": 60}},
        {"type": "hotp", "name": "", "issuer": "Bank", "note": "", "favorite": false, "icon": null, "groups": [],
         "info": {"secret": "JBSWY3DPEHPK3PXP", "algo": "MD5", "digits": 6, "counter": 41}},
        {"type": "steam", "name": "gordon", "issuer": "Steam", "info": {"secret": "JBSWY3DPEHPK3PXP"}},
        {"type": "motp", "name": "m", "issuer": "", "info": {"secret": "JBSWY3DP", "period": 10, "pin": "1234"}},
        {"type": "yandex", "name": "y", "issuer": "Yandex", "info": {"secret": "LA2V6KMCGYMWWVEW64RNP3JA3I", "pin": ""}},
        {"type": "totp", "name": "many", "issuer": "", "info": {"secret": "JBSWY3DP", "digits": 11}},
        {"type": "fido", "name": "key", "issuer": "", "info": {"secret": "JBSWY3DP"}},
        {"type": "totp", "name": "none", "issuer": "Lost", "info": {"secret": ""}},
        {"type": "totp", "name": "half", "issuer": "Lost", "info": {}},
        7
    ]}"#;

fn plain() -> Vec<u8> {
    format!("\u{feff}{{\"version\": 1, \"header\": {{\"slots\": null, \"params\": null}}, \"db\": {DB}}}\r\n")
        .into_bytes()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Seals the database for a password, behind a slot of biometry; `n` is scrypt's cost.
fn sealed(password: &[u8], n: u64, repaired: bool) -> Vec<u8> {
    let (master, salt) = ([7; 32], [8; 32]);
    let params = ScryptParams { n: n.min(16), r: 1, p: 1 };
    let key = ciphers::scrypt(password, &salt, params, 32, KdfBudget::PHONE).unwrap();
    let wrapped = seal_gcm(key.expose(), &[1; 12], b"", &master);
    let db = seal_gcm(&master, &[2; 12], b"", DB.as_bytes());
    let (wrapped, tag) = wrapped.split_at(32);
    let (db, db_tag) = db.split_at(db.len() - 16);
    let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, db);
    format!(
        r#"{{"version": 1, "header": {{"slots": [{{"type": 2, "uuid": "b"}}, {{"type": 1, "uuid": "p", "key": "{}",
            "key_params": {{"nonce": "{}", "tag": "{}"}}, "n": {n}, "r": 1, "p": 1, "salt": "{}",
            "repaired": {repaired}}}], "params": {{"nonce": "{}", "tag": "{}"}}}}, "db": "{base64}"}}"#,
        hex(wrapped), hex(&[1; 12]), hex(tag), hex(&salt), hex(&[2; 12]), hex(db_tag),
    )
    .into_bytes()
}

#[test]
fn every_entry_is_an_account_or_a_named_problem() {
    let imported = read(&plain(), None).unwrap();
    assert_eq!((imported.entries.len(), imported.problems.len(), imported.total()), (5, 5, 10));
    let problems: Vec<_> =
        imported.problems.iter().map(|p| (p.place.entry, &*p.place.name, p.reason)).collect();
    assert_eq!(
        problems,
        [
            (Some(6), "many", Reason::Uri(UriError::Otp(OtpError::Digits(11)))),
            (Some(7), "key", Reason::UnknownKind),
            (Some(8), "Lost · none", Reason::Uri(UriError::NoSecret)),
            (Some(9), "Lost · half", Reason::Field("secret")),
            (Some(10), "", Reason::Field("type")),
        ]
    );
}

#[test]
fn names_notes_groups_icons_and_pins_are_kept() {
    let imported = read(&plain(), None).unwrap();
    let [first, bank, steam, motp, yandex] = &imported.entries[..] else { panic!("five accounts") };
    let expected =
        "otpauth://totp/ACME:ann%40example.com?secret=JBSWY3DPEHPK3PXP&algorithm=SHA256&digits=8&period=60";
    assert_eq!(first.account, crate::uri::parse(expected).unwrap());
    assert_eq!((first.note.as_str(), first.favorite), ("two\nlines", true));
    assert_eq!(first.icon, Some(Icon::Picture(SecretBytes::from(b"\x89PNG".as_slice()))));
    let names: Vec<_> = first.groups.iter().map(|group| &*imported.groups[*group]).collect();
    assert_eq!(names, ["Home", "Work"]);
    assert_eq!((bank.account.otp.counter(), bank.account.otp.algorithm()), (Some(41), Some(Algorithm::Sha1)));
    assert_eq!(steam.account.otp.kind(), Kind::Steam);
    assert_eq!(motp.account.otp.pin(), Some(&SecretText::from("1234")));
    assert!(yandex.account.otp.needs_pin());
}

#[test]
fn the_group_of_an_older_version_is_a_name() {
    let text = r#"{"version": 1, "header": {"slots": null, "params": null}, "db": {"version": 1, "entries": [
        {"type": "totp", "name": "a", "issuer": "", "group": "Old", "info": {"secret": "JBSWY3DP"}}]}}"#;
    assert_eq!(read(text.as_bytes(), None).unwrap().groups, ["Old"]);
}

#[test]
fn a_sealed_file_opens_with_its_password_alone() {
    let file = sealed(b"test", 16, true);
    assert_eq!(read(&file, Some("test")).unwrap().total(), 10);
    assert_eq!(read(&file, Some("test1")).err(), Some(ImportError::WrongPassword(Format::Aegis)));
    let needs = ImportError::NeedsPassword(Format::Aegis, Needs::Password);
    assert_eq!(read(&file, None).err(), Some(needs));
}

#[test]
fn a_long_password_opens_a_slot_of_the_old_encoding() {
    let long = "p".repeat(70);
    let old = with_zeros(&long);
    assert_eq!(old.len(), 77);
    assert_eq!(read(&sealed(&old, 16, false), Some(&long)).unwrap().total(), 10);
    assert!(read(&sealed(&old, 16, true), Some(&long)).is_err());
}

#[test]
fn a_changed_database_is_damage_and_not_a_wrong_password() {
    let mut text = String::from_utf8(sealed(b"test", 16, true)).unwrap();
    let at = text.find("\"db\": \"").unwrap() + 10;
    let other = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
    text.replace_range(at..=at, other);
    assert_eq!(read(text.as_bytes(), Some("test")).err(), Some(damaged("db")));
}

#[test]
fn a_file_for_biometry_alone_says_so() {
    let text = r#"{"version": 1, "header": {"slots": [{"type": 2}], "params": {}}, "db": "AAAA"}"#;
    let closed = ImportError::NotReadable(Format::Aegis, NotReadable::NoPasswordSlot);
    assert_eq!(read(text.as_bytes(), Some("test")).err(), Some(closed));
}

#[test]
fn a_slot_beyond_the_budget_is_refused_with_its_figures() {
    match read(&sealed(b"test", 1 << 40, true), Some("test")) {
        Err(ImportError::TooExpensive { format: Format::Aegis, cost }) => {
            assert_eq!(cost.memory_bytes >> 40, 128)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_newer_version_is_named() {
    let newer = |text: &str| read(text.as_bytes(), None).err();
    let header = r#""header": {"slots": null, "params": null}"#;
    let expected = |version| Some(ImportError::NewerVersion(Format::Aegis, version));
    assert_eq!(newer(&format!(r#"{{"version": 2, {header}, "db": {{}}}}"#)), expected(2));
    assert_eq!(newer(&format!(r#"{{"version": 1, {header}, "db": {{"version": 4}}}}"#)), expected(4));
}

#[test]
fn a_cut_file_still_says_what_it_is() {
    let file = plain();
    for end in (60..file.len() - 3).step_by(97) {
        let cut = &file[..end];
        assert_eq!(detect(&Source { name: "", bytes: cut }), Some(Format::Aegis));
        assert!(matches!(read(cut, None), Err(ImportError::Damaged(Format::Aegis, _))), "{end}");
    }
}
