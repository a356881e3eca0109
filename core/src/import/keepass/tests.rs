use super::*;
use crate::import::{KdfBudget, KdfCost, Needs, Secrets, Source, open};
use crate::secret::SecretText;

fn fixture(name: &str) -> fixtures::Fixture {
    fixtures::all().into_iter().find(|fixture| fixture.name == name).unwrap()
}

fn read_with(bytes: &[u8], password: Option<&str>, key_file: Option<&[u8]>) -> Result<Imported, ImportError> {
    let secrets =
        Secrets { password: password.map(SecretText::from), key_file: key_file.map(SecretBytes::from) };
    open(&[Source { name: "", bytes }], &secrets, KdfBudget::PHONE, &|| false)
}

/// Writes over the value of `name` in the dictionary of the key derivation.
fn with_number(bytes: &[u8], name: &str, number: u64) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    let key = [&(name.len() as u32).to_le_bytes()[..], name.as_bytes()].concat();
    let at = memchr::memmem::find(bytes, &key).unwrap() + key.len();
    let len = bytes[at] as usize;
    changed[at + 4..at + 4 + len].copy_from_slice(&number.to_le_bytes()[..len]);
    changed
}

#[test]
fn the_cost_is_judged_before_any_work() {
    let too_expensive = |memory_bytes, passes| {
        Err(ImportError::TooExpensive { format: FORMAT, cost: KdfCost { memory_bytes, passes } })
    };
    let argon = fixture("keepass 4, ChaCha20, Argon2d").sources[0].1.clone();
    let check = |bytes: Vec<u8>, expected: Result<(), ImportError>| {
        assert_eq!(read_with(&bytes, Some("x"), None).map(drop), expected);
    };
    check(with_number(&argon, "M", 1 << 40), too_expensive(1 << 40, 2));
    check(with_number(&argon, "I", u64::MAX), too_expensive(64 * 1024, u64::MAX));
    let aes = fixture("keepass 4, AES, AES-KDF").sources[0].1.clone();
    check(with_number(&aes, "R", u64::MAX), too_expensive(0, u64::MAX / 64 + 1));
    // Lanes beyond what Argon2 has are damage, and so is memory below it.
    check(with_number(&argon, "P", 1 << 20), Err(header::damaged("key derivation")));
}

#[test]
fn a_later_version_is_named_and_an_older_one_is_not_read() {
    let mut bytes = fixture("keepass 4, AES, AES-KDF").sources[0].1.clone();
    bytes[10] = 5;
    assert_eq!(read_with(&bytes, Some("x"), None).map(drop), Err(ImportError::NewerVersion(FORMAT, 5)));
    bytes[10] = 2;
    assert_eq!(read_with(&bytes, Some("x"), None).map(drop), Err(header::damaged("version")));
}

/// Every field of the outer header cut to nothing, to one byte, and filled with others: the library that we do not
/// use panicked on short ones.
#[test]
fn short_fields_of_the_header_are_damage() {
    for name in ["keepass 4, AES, AES-KDF", "keepass 3.1"] {
        let bytes = fixture(name).sources[0].1.clone();
        let length_bytes = if bytes[10] == 3 { 2 } else { 4 };
        let mut at = 12;
        while bytes[at] != 0 {
            let len = usize::from(u16::from_le_bytes([bytes[at + 1], bytes[at + 2]]));
            let value = at + 1 + length_bytes;
            for short in [0, 1].into_iter().filter(|short| *short < len) {
                let mut changed = bytes[..value + short].to_vec();
                changed[at + 1] = short as u8;
                changed[at + 2] = 0;
                changed.extend_from_slice(&bytes[value + len..]);
                let read = read_with(&changed, Some("pässword"), None).map(drop);
                let refused = matches!(read, Err(ImportError::Damaged(..) | ImportError::WrongPassword(_)));
                assert!(refused, "{name}: field {}: {read:?}", bytes[at]);
            }
            at = value + len;
        }
    }
}

#[test]
fn a_key_file_without_its_password_asks_for_it_and_a_wrong_one_is_told() {
    let both = fixture("keepass 4, bare key file and password");
    let bytes = &both.sources[0].1;
    let key_file = both.key_file.as_deref();
    let missing = read_with(bytes, None, key_file).map(drop);
    assert_eq!(missing, Err(ImportError::NeedsPassword(FORMAT, Needs::Password)));
    assert_eq!(read_with(bytes, both.password, None).map(drop), Err(ImportError::WrongPassword(FORMAT)));
    assert_eq!(
        read_with(bytes, both.password, Some(&[1; 32])).map(drop),
        Err(ImportError::WrongPassword(FORMAT))
    );
    let version_2 = fixture("keepass 4, key file of version 2");
    let typed_wrong = String::from_utf8(version_2.key_file.unwrap()).unwrap().replacen("2222", "2322", 1);
    let read = read_with(&version_2.sources[0].1, None, Some(typed_wrong.as_bytes())).map(drop);
    assert_eq!(read, Err(header::damaged("key file")));
}
