use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::*;
use crate::account::Kind;
use crate::import::ciphers::sealing::seal_cbc;
use crate::import::error::Needs;
use crate::import::formats::open_one;
use crate::import::found::Reason;
use crate::import::{ImportError, Source, detect};
use crate::otp::Period;
use crate::secret::SecretBytes;
use crate::uri::UriError;

const PLAIN: &str = r#"{"encrypted": false, "folders": [{"id": "f", "name": "My Folder"}], "items": [
    {"type": 3, "name": "Card", "card": {"number": "4"}},
    {"type": 1, "name": "ACME", "folderId": "f", "favorite": true, "notes": "two\nlines",
     "login": {"username": "ann", "password": "p", "totp": "jbsw y3dp"}},
    {"type": 1, "name": "Other", "login": {"username": "u", "totp": "otpauth://totp/B:bob?secret=JBSWY3DP"}},
    {"type": 1, "name": "Steam", "deletedDate": "2024-01-30", "login": {"username": "g", "totp": "steam://JBSWY3DP"}},
    {"type": 1, "name": "No code", "login": {"username": "u", "totp": null}},
    {"type": 1, "name": "Empty", "login": {"totp": " "}},
    {"type": 1, "name": "Bad", "login": {"totp": "0189"}}]}"#;

fn names(read: &Imported) -> Vec<(&str, &str)> {
    read.entries.iter().map(|entry| (&*entry.account.issuer, &*entry.account.account_name)).collect()
}

#[test]
fn only_items_with_a_code_count_and_keep_what_is_said_of_them() {
    let read = open_one(PLAIN.as_bytes(), None).unwrap();
    assert_eq!((read.format, read.total()), (Format::Bitwarden, 4));
    assert_eq!(names(&read), [("ACME", "ann"), ("B", "bob"), ("Steam", "g")]);
    let [acme, other, steam] = &read.entries[..] else { panic!("three entries") };
    assert_eq!(
        (acme.note.as_str(), acme.favorite, &*read.groups[acme.groups[0]]),
        ("two\nlines", true, "My Folder")
    );
    assert!(!other.trashed && steam.trashed && steam.account.otp.kind() == Kind::Steam);
    assert!(matches!(read.problems[0].reason, Reason::Uri(UriError::Secret(_))));
    assert_eq!(read.problems[0].place.name, "Bad");
}

fn seal(plain: &str, password: &str, changed: bool) -> String {
    let salt = "c2FsdA==";
    let key = crate::import::ciphers::pbkdf2(
        crate::import::ciphers::Hash::Sha256,
        password.as_bytes(),
        salt.as_bytes(),
        1000,
        32,
        crate::import::KdfBudget::PHONE,
    )
    .unwrap();
    let [enc, mac] = [b"enc", b"mac"].map(|info| sealed::expand(&key, info));
    let sealed = |plain: &str| {
        let (iv, ciphertext) = ([5; 16], seal_cbc(enc.expose(), &[5; 16], plain.as_bytes()));
        let mut hmac = Hmac::<Sha256>::new_from_slice(mac.expose()).unwrap();
        hmac.update(&iv);
        hmac.update(&ciphertext);
        let mac = hmac.finalize().into_bytes();
        format!("2.{}|{}|{}", STANDARD.encode(iv), STANDARD.encode(ciphertext), STANDARD.encode(mac))
    };
    let data = sealed(plain);
    let data = if changed { data.replacen("2.B", "2.C", 1) } else { data };
    format!(
        r#"{{"encrypted": true, "passwordProtected": true, "salt": "{salt}", "kdfType": 0, "kdfIterations": 1000,
            "encKeyValidation_DO_NOT_EDIT": "{}", "data": "{data}"}}"#,
        sealed("check")
    )
}

#[test]
fn a_sealed_export_opens_and_says_what_is_wrong() {
    let file = seal(PLAIN, "test", false);
    assert_eq!(open_one(file.as_bytes(), Some("test")).unwrap().total(), 4);
    let err = |text: &str, password| open_one(text.as_bytes(), password).err();
    assert_eq!(err(&file, None), Some(ImportError::NeedsPassword(Format::Bitwarden, Needs::Password)));
    assert_eq!(err(&file, Some("test1")), Some(ImportError::WrongPassword(Format::Bitwarden)));
    let damaged = |part| Some(ImportError::Damaged(Format::Bitwarden, Place::file(part)));
    assert_eq!(err(&seal(PLAIN, "test", true), Some("test")), damaged("data"));
    assert_eq!(err(&file.replace("\"kdfType\": 0", "\"kdfType\": 2"), Some("test")), damaged("kdfType"));
}

#[test]
fn what_argon2_would_cost_is_refused_before_it_is_paid() {
    let file = seal(PLAIN, "test", false)
        .replace("\"kdfType\": 0", "\"kdfType\": 1, \"kdfMemory\": 1024, \"kdfParallelism\": 4");
    match open_one(file.as_bytes(), Some("test")) {
        Err(ImportError::TooExpensive { cost, .. }) => assert_eq!(cost.memory_bytes, 1 << 30),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_export_bound_to_the_account_says_so() {
    let text =
        r#"{"encrypted": true, "encKeyValidation_DO_NOT_EDIT": "2.A|B|C", "folders": [], "items": []}"#;
    let closed = ImportError::NotReadable(Format::Bitwarden, NotReadable::AccountRestricted);
    assert_eq!(open_one(text.as_bytes(), Some("test")).err(), Some(closed));
}

#[test]
fn the_authenticator_prints_a_missing_name_as_null() {
    let text = r#"{"encrypted": false, "items": [
        {"type": 1, "name": "ACME", "login": {"totp": "otpauth://totp/ACME%3Anull?secret=JBSWY3DP&issuer=ACME"}},
        {"type": 1, "name": "H", "login": {"totp": "otpauth://hotp/H?secret=JBSWY3DP"}}]}"#;
    let read = open_one(text.as_bytes(), None).unwrap();
    assert_eq!((read.format, names(&read)), (Format::BitwardenAuthenticator, vec![("ACME", ""), ("H", "H")]));
    assert_eq!(read.entries[1].account.otp.kind(), Kind::Hotp);
}

#[test]
fn tables_are_read_with_notes_of_several_lines() {
    let text = "\u{feff}folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_totp\r\n\
        Work,1,login,ACME,\"two\r\nlines, and a \"\"quote\"\"\",,0,,ann,p,JBSWY3DP\r\n\
        ,,note,Note,text,,0,,,,\r\n\
        ,,login,Bad,,,0,,u,p,otpauth://nothing\r\n\
        ,,login,Short\r\n";
    let read = open_one(text.as_bytes(), None).unwrap();
    assert_eq!((read.format, names(&read), read.total()), (Format::Bitwarden, vec![("ACME", "ann")], 2));
    assert_eq!(read.entries[0].note, "two\r\nlines, and a \"quote\"");
    assert_eq!((read.entries[0].favorite, &*read.groups[0]), (true, "Work"));
    assert_eq!((read.problems[0].place.entry, &*read.problems[0].place.name), (Some(3), "Bad · u"));
}

#[test]
fn the_authenticators_table_has_columns_for_bare_secrets() {
    let text =
        "folder,favorite,type,name,login_uri,login_totp,issuer,period,digits\n,,1,ann,,JBSWY3DP,ACME,60,8\n";
    let read = open_one(text.as_bytes(), None).unwrap();
    assert_eq!(
        (read.format, read.entries[0].account.issuer.as_str()),
        (Format::BitwardenAuthenticator, "ACME")
    );
    let otp = &read.entries[0].account.otp;
    assert_eq!((otp.digits(), otp.period()), (8, Some(Period::try_from(60).unwrap())));
}

#[test]
fn a_cut_export_still_says_what_it_is() {
    let bytes = PLAIN.as_bytes();
    for end in (120..bytes.len()).step_by(97) {
        let cut = &bytes[..end];
        assert_eq!(detect(&Source { name: "", bytes: cut }), Some(Format::Bitwarden), "{end}");
        assert!(matches!(open_one(cut, None), Err(ImportError::Damaged(Format::Bitwarden, _))));
    }
}

#[test]
fn the_keys_are_hkdf_expand_of_the_derived_one() {
    // RFC 5869 has no case of 32 bytes; by Python: HMAC-SHA-256 of 32 zero bytes over `enc`, 1.
    let expanded = sealed::expand(&SecretBytes::new(vec![0; 32]), b"enc");
    let hex: String = expanded.expose().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, "39793bd07956c840a929af34a9657f87d141f0b988f56bbff46495e9e11b9234");
}
