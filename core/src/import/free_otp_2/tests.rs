//! Made from `BACKUP.md`: a map with a master key, and tokens each with its key.

use super::*;
use crate::import::ciphers::sealing::seal_gcm;
use crate::import::formats::open_one;
use crate::import::{KdfBudget, Source, detect};
use crate::uri;

/// A map as Java writes it, of texts under 65,536 bytes or over.
fn map(entries: &[(String, String)]) -> Vec<u8> {
    let mut file =
        b"\xac\xed\x00\x05sr\x00\x11java.util.HashMap\x05\x07\xda\xc1\xc3\x16\x60\xd1\x03\x00\x02".to_vec();
    file.extend(b"F\x00\x0aloadFactorI\x00\x09thresholdxp?@\0\0\0\0\0\x0cw\x08\0\0\0\x10");
    file.extend((entries.len() as u32).to_be_bytes());
    for text in entries.iter().flat_map(|(key, value)| [key, value]) {
        match u16::try_from(text.len()) {
            Ok(len) => file.extend([b"t".as_slice(), &len.to_be_bytes()].concat()),
            Err(_) => file.extend([b"|".as_slice(), &(text.len() as u64).to_be_bytes()].concat()),
        }
        file.extend(text.as_bytes());
    }
    file.push(b'x');
    file
}

fn signed(bytes: &[u8]) -> String {
    format!("{:?}", bytes.iter().map(|byte| *byte as i8).collect::<Vec<_>>())
}

/// Parameters in the form of old Androids, or the bare one.
fn sealed_key(key: &[u8], plain: &[u8], token: &str, bare: bool) -> String {
    let nonce = [7; 12];
    let octets = [&[4, 12][..], &nonce].concat();
    let parameters = if bare { octets } else { [&[0x30, 17][..], &octets, &[2, 1, 16]].concat() };
    let text = seal_gcm(key, &nonce, token.as_bytes(), plain);
    format!(
        r#"{{"mCipher":"AES\/GCM\/NoPadding","mCipherText":{},"mParameters":{},"mToken":"{token}"}}"#,
        signed(&text),
        signed(&parameters)
    )
}

fn file(algorithm: &str, hash: Hash, bare: bool) -> Vec<u8> {
    let (master, salt) = ([3; 32], [0xf4; 32]);
    let key = ciphers::pbkdf2(hash, "pässword".as_bytes(), &salt, 10, 32, KdfBudget::PHONE).unwrap();
    let master_json = format!(
        r#"{{"mAlgorithm":"{algorithm}","mEncryptedKey":{},"mIterations":10,"mSalt":{}}}"#,
        sealed_key(key.expose(), &master, "AES", bare),
        signed(&salt)
    );
    let long = "x".repeat(70_000);
    let pair = |id: &str, token: String, hmac: &str| {
        let key = serde_json::json!({ "key": sealed_key(&master, b"Hello", hmac, bare) }).to_string();
        [(format!("{id}-token"), token), (id.to_owned(), key)]
    };
    let token = |label: &str, rest: &str| format!(r#"{{"issuerExt":"ACME","label":"{label}",{rest}}}"#);
    let mut entries = Vec::new();
    entries.extend(pair(
        "a",
        token("ann", r#""algo":"SHA256","type":"TOTP","digits":8,"period":60"#),
        "HmacSHA256",
    ));
    entries.extend(pair(
        "b",
        token("ben", r#""algo":null,"type":"HOTP","counter":7,"digits":6"#),
        "HmacSHA1",
    ));
    entries.push(("masterKey".to_owned(), master_json));
    entries.extend(pair("c", token(&long, r#""type":"TOTP""#), "HmacSHA1"));
    // Halves: a key alone, a token alone, and a key under another master key.
    entries.push(("d".to_owned(), pair("d", String::new(), "HmacSHA1")[1].1.clone()));
    entries.push(("e-token".to_owned(), token("eva", r#""type":"TOTP""#)));
    let other = serde_json::json!({ "key": sealed_key(&[4; 32], b"Hello", "HmacSHA1", bare) }).to_string();
    entries.extend([("f-token".to_owned(), token("fay", r#""type":"TOTP""#)), ("f".to_owned(), other)]);
    map(&entries)
}

#[test]
fn every_androids_file_opens_and_halves_are_named() {
    for (algorithm, hash) in [("PBKDF2withHmacSHA1", Hash::Sha1), ("PBKDF2withHmacSHA512", Hash::Sha512)] {
        for bare in [false, true] {
            let file = file(algorithm, hash, bare);
            assert_eq!(detect(&Source { name: "", bytes: &file }), Some(Format::FreeOtp2));
            let imported = open_one(&file, Some("pässword")).unwrap();
            let [ann, ben, long] = &imported.entries[..] else { panic!("{:?}", imported.problems) };
            let links = [
                "totp/ACME:ann?secret=JBSWY3DP&algorithm=SHA256&digits=8&period=60",
                "hotp/ACME:ben?secret=JBSWY3DP&counter=7",
            ];
            let accounts = links.map(|link| uri::parse(&format!("otpauth://{link}&issuer=ACME")).unwrap());
            assert_eq!([&ann.account, &ben.account], [&accounts[0], &accounts[1]]);
            assert_eq!(long.account.account_name.len(), 70_000);
            let problems: Vec<_> = imported.problems.iter().map(|p| (&*p.place.name, p.reason)).collect();
            let expected = [
                ("", Reason::HalfMissing),
                ("ACME · fay", Reason::Seal),
                ("ACME · eva", Reason::HalfMissing),
            ];
            assert_eq!(problems, expected);
        }
    }
}

#[test]
fn the_password_is_asked_for_and_a_wrong_one_named() {
    let file = file("PBKDF2withHmacSHA512", Hash::Sha512, true);
    let needs = ImportError::NeedsPassword(Format::FreeOtp2, Needs::Password);
    assert_eq!(open_one(&file, None).err(), Some(needs));
    assert_eq!(open_one(&file, Some("password")).err(), Some(ImportError::WrongPassword(Format::FreeOtp2)));
}

#[test]
fn a_map_that_is_cut_off_or_has_no_master_key_is_damaged() {
    let file = file("PBKDF2withHmacSHA1", Hash::Sha1, false);
    for end in (4..file.len() - 1).step_by(97) {
        let cut = open_one(&file[..end], Some("pässword")).err();
        assert!(
            matches!(cut, Some(ImportError::Damaged(Format::FreeOtp2, Place { byte: Some(_), .. }))),
            "{end}"
        );
    }
    let none = map(&[("a".to_owned(), "{}".to_owned())]);
    assert_eq!(open_one(&none, Some("p")).err(), Some(damaged("masterKey")));
    let empty = map(&[]);
    assert_eq!(open_one(&empty, None).unwrap().total(), 0);
}

#[test]
fn parameters_of_gcm_are_read_in_both_forms_alone() {
    let octets = [&[4, 12][..], &[9; 12]].concat();
    let sequence = [&[0x30, 17][..], &octets, &[2, 1, 16]].concat();
    for form in [&octets, &sequence] {
        assert_eq!(nonce(form).unwrap().expose(), [9; 12]);
    }
    for wrong in [&[][..], &[4, 12], &[4, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], &[0x30, 0x80], &[2, 1, 16]] {
        assert_eq!(nonce(wrong), None);
    }
}
