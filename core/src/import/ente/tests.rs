use super::*;
use crate::import::formats::open_one;

/// By libsodium 1.0.18, called from Python's ctypes: `crypto_pwhash` (Argon2id 1.3, opsLimit 2, memLimit 65536) of the
/// password `test`, then `crypto_secretstream_xchacha20poly1305_push` with tag FINAL of two links.
const SEALED: &str = include_str!("sealed.json");

#[test]
fn a_sealed_list_opens_with_its_password() {
    let read = open_one(SEALED.as_bytes(), Some("test")).unwrap();
    let names: Vec<_> = read.entries.iter().map(|entry| &*entry.account.account_name).collect();
    assert_eq!((read.format, names), (Format::Ente, vec!["ann", "bob"]));
    assert_eq!(read.groups, ["Work"]);
}

#[test]
fn a_wrong_password_none_and_damage_are_told_apart() {
    let err = |text: &str, password| open_one(text.as_bytes(), password).err();
    assert_eq!(err(SEALED, Some("test1")), Some(ImportError::WrongPassword(Format::Ente)));
    assert_eq!(err(SEALED, None), Some(ImportError::NeedsPassword(Format::Ente, Needs::Password)));
    let newer = SEALED.replace("\"version\": 1", "\"version\": 2");
    assert_eq!(err(&newer, None), Some(ImportError::NewerVersion(Format::Ente, 2)));
    for field in ["salt", "encryptedData", "encryptionNonce", "memLimit"] {
        assert_eq!(err(&SEALED.replace(field, "gone"), Some("test")), Some(damaged(field)), "{field}");
    }
}

#[test]
fn a_gibibyte_is_refused_with_its_figures_until_somebody_consents() {
    let expensive = SEALED.replace("65536", "1073741824");
    match open_one(expensive.as_bytes(), Some("test")) {
        Err(ImportError::TooExpensive { cost, .. }) => {
            assert_eq!((cost.memory_bytes, cost.passes), (1 << 30, 2))
        }
        other => panic!("{other:?}"),
    }
}
