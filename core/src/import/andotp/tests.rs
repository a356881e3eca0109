//! Made from the written format: one list, plain and sealed in both ways.

use super::*;
use crate::import::ciphers::sealing::seal_gcm;
use crate::import::formats::open_one;
use crate::import::{KdfBudget, Source, detect};
use crate::uri::{self, UriError};

const LIST: &str = r#"[
    {"secret": "JBSWY3DPEHPK3PXP", "issuer": "GitHub", "label": "ann - work", "digits": 8, "type": "TOTP",
     "algorithm": "SHA256", "thumbnail": "Github", "last_used": 1700000000000, "used_frequency": 3, "period": 60,
     "tags": ["Work", "Été"]},
    {"secret": "JBSWY3DP", "label": "Bank - ben", "digits": 6, "type": "HOTP", "algorithm": "SHA1", "counter": 7,
     "thumbnail": "Default", "last_used": 0, "tags": []},
    {"secret": "JBSWY3DPEHPK3PXP", "issuer": "", "label": "s", "digits": 5, "type": "STEAM", "period": 30,
     "tags": ["Work"]},
    {"secret": "GAYTEMZUGU3DOOBZMFRGGZDFMY======", "issuer": "VPN", "label": "m", "digits": 6, "type": "MOTP"},
    {"secret": "JBSWY3DP", "label": "old", "digits": 6, "type": "TOTP", "algorithm": "SHA3"},
    {"secret": "JBSWY3DP", "label": "new", "type": "FIDO"},
    {"label": "none", "type": "TOTP"}]"#;

fn new(password: &str, rounds: u32) -> Vec<u8> {
    let (salt, iv) = ([1; 12], [2; 12]);
    // Rounds beyond the budget are never done, by us neither.
    let key = ciphers::pbkdf2(
        Hash::Sha1,
        password.as_bytes(),
        &salt,
        rounds.min(1000).into(),
        32,
        KdfBudget::PHONE,
    );
    let sealed = seal_gcm(key.unwrap().expose(), &iv, b"", LIST.as_bytes());
    [&rounds.to_be_bytes()[..], &salt, &iv, &sealed].concat()
}

fn old(password: &str) -> Vec<u8> {
    let iv: [u8; 12] = std::array::from_fn(|i| 0xf0 + i as u8);
    [&iv[..], &seal_gcm(&Sha256::digest(password), &iv, b"", LIST.as_bytes())].concat()
}

#[test]
fn every_record_is_an_account_or_a_named_problem() {
    let imported = open_one(LIST.as_bytes(), None).unwrap();
    let accounts: Vec<_> = imported.entries.iter().map(|entry| entry.account.clone()).collect();
    let expected = [
        "otpauth://totp/GitHub:ann%20-%20work?secret=JBSWY3DPEHPK3PXP&issuer=GitHub&algorithm=SHA256&digits=8&period=60",
        "otpauth://hotp/Bank:ben?secret=JBSWY3DP&counter=7",
        "otpauth://steam/s?secret=JBSWY3DPEHPK3PXP",
        "motp://VPN:m?secret=0123456789abcdef&period=30",
    ];
    assert_eq!(accounts, expected.map(|link| uri::parse(link).unwrap()));
    assert!(imported.entries[3].account.otp.needs_pin());
    let problems: Vec<_> = imported.problems.iter().map(|p| (&*p.place.name, p.reason)).collect();
    let expected = [
        ("old", Reason::Uri(UriError::Algorithm)),
        ("new", Reason::UnknownKind),
        ("none", Reason::Field("secret")),
    ];
    assert_eq!(problems, expected);
}

#[test]
fn tags_icons_and_usage_are_kept() {
    let imported = open_one(LIST.as_bytes(), None).unwrap();
    assert_eq!(imported.groups, ["Work", "Été"]);
    let [github, bank, steam, _] = &imported.entries[..] else { panic!("four accounts") };
    assert_eq!((&github.groups[..], &bank.groups[..], &steam.groups[..]), (&[0, 1][..], &[][..], &[0][..]));
    assert_eq!(github.icon, Some(Icon::Named("Github".to_owned())));
    assert_eq!(github.last_used_at, Some(UnixTime::from_ms(1_700_000_000_000)));
    assert_eq!((github.usage_count, bank.last_used_at, &bank.icon), (3, None, &None));
}

#[test]
fn both_ways_open_with_the_same_call_and_their_password_alone() {
    for sealed in [new("test", 1000), old("test")] {
        assert_eq!(detect(&Source { name: "", bytes: &sealed }), Some(Format::AndOtp));
        assert_eq!(open_one(&sealed, Some("test")).unwrap().total(), 7);
        assert_eq!(open_one(&sealed, Some("Test")).err(), Some(ImportError::WrongPassword(Format::AndOtp)));
        let needs = ImportError::NeedsPassword(Format::AndOtp, Needs::Password);
        assert_eq!(open_one(&sealed, None).err(), Some(needs));
        let mut changed = sealed.clone();
        changed[100] ^= 1;
        assert_eq!(open_one(&changed, Some("test")).err(), Some(damaged("content")));
        assert_eq!(open_one(&sealed[..sealed.len() - 1], Some("test")).err(), Some(damaged("content")));
    }
}

#[test]
fn more_rounds_than_a_phone_does_are_refused_with_their_number() {
    match open_one(&new("test", 1_000_001), Some("test")) {
        Err(ImportError::TooExpensive { format: Format::AndOtp, cost }) => assert_eq!(cost.passes, 1_000_001),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_message_of_openpgp_is_refused_with_advice() {
    let closed = ImportError::NotReadable(Format::AndOtp, NotReadable::OpenPgp);
    assert_eq!(open_one(b"-----BEGIN PGP MESSAGE-----\n\nhQ", None).err(), Some(closed));
}

#[test]
fn words_and_files_with_a_pattern_are_no_noise() {
    let text = "a text that is neither a list nor sealed, and is long enough".as_bytes();
    for bytes in [text, &[0xff; 100], &[[0xff, 0x00, 0x10, 0x80]; 30].concat()] {
        assert_eq!(detect(&Source { name: "", bytes }), None);
    }
}
