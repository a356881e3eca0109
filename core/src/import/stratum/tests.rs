//! Made from `doc/BACKUP_FORMAT.md`: one list, plain and sealed in both ways.

use super::*;
use crate::import::ciphers::sealing::{seal_cbc, seal_gcm};
use crate::import::formats::open_one;
use crate::import::{KdfBudget, Secrets, Source, detect, open};
use crate::otp::MotpSecret;
use crate::time::UnixTime;
use crate::uri;

const LIST: &str = r#"{"Authenticators": [
    {"Type": 2, "Icon": "github", "Issuer": "GitHub", "Username": "ann", "Secret": "JBSWY3DPEHPK3PXP", "Algorithm": 1,
     "Digits": 9, "Period": 60, "Counter": 0, "CopyCount": 5, "Ranking": 2},
    {"Type": 1, "Icon": "@c1", "Issuer": "Bank", "Username": null, "Secret": "JBSWY3DP", "Pin": null, "Algorithm": 2,
     "Digits": 6, "Period": 30, "Counter": 7, "CopyCount": 0, "Ranking": 0},
    {"Type": 3, "Issuer": "VPN", "Username": "m", "Secret": "0123456789abcdef", "Pin": "1234", "Digits": 6, "Period": 10},
    {"Type": 4, "Icon": "@lost", "Issuer": "Steam", "Username": "s", "Secret": "JBSWY3DPEHPK3PXP", "Digits": 5},
    {"Type": 5, "Issuer": "Yandex", "Username": "y", "Secret": "LA2V6KMCGYMWWVEW64RNP3JA3I", "Pin": "5678"},
    {"Type": 3, "Issuer": "Demo", "Username": "letters", "Secret": "asdasddasadsadsadsads2133", "Pin": "", "Period": 10},
    {"Type": 6, "Issuer": "New", "Username": "kind", "Secret": "JBSWY3DP"},
    {"Type": 2, "Issuer": "No", "Username": "secret"},
    {"Type": 2, "Issuer": "Hash", "Username": "9", "Secret": "JBSWY3DP", "Algorithm": 9}],
  "Categories": [{"Id": "h", "Name": "Home", "Ranking": 1}, {"Id": "w", "Name": "Work", "Ranking": 0}],
  "AuthenticatorCategories": [
    {"CategoryId": "h", "AuthenticatorSecret": "JBSWY3DP", "Ranking": 0},
    {"CategoryId": "w", "AuthenticatorSecret": "JBSWY3DP", "Ranking": 0},
    {"CategoryId": "lost", "AuthenticatorSecret": "JBSWY3DP", "Ranking": 0}],
  "CustomIcons": [{"Id": "c1", "Data": "iVBORw=="}]}"#;

fn strong(password: &str) -> Vec<u8> {
    let budget = KdfBudget::PHONE;
    let key = ciphers::argon2id(password.as_bytes(), &[1; 16], STRONG_PARAMS, 32, budget).unwrap();
    [STRONG, &[1; 16], &[2; 12], &seal_gcm(key.expose(), &[2; 12], b"", LIST.as_bytes())].concat()
}

fn legacy(password: &str) -> Vec<u8> {
    let budget = KdfBudget::PHONE;
    let key = ciphers::pbkdf2(Hash::Sha1, password.as_bytes(), &[1; 20], LEGACY_ROUNDS, 32, budget).unwrap();
    [LEGACY, &[1; 20], &[2; 16], &seal_cbc(key.expose(), &[2; 16], LIST.as_bytes())].concat()
}

#[test]
fn every_kind_is_read_and_what_is_wrong_is_named() {
    let imported = open_one(LIST.as_bytes(), None).unwrap();
    let accounts: Vec<_> = imported.entries.iter().take(5).map(|entry| entry.account.clone()).collect();
    let expected = [
        "otpauth://totp/GitHub:ann?secret=JBSWY3DPEHPK3PXP&issuer=GitHub&algorithm=SHA256&digits=9&period=60",
        "otpauth://hotp/Bank:?secret=JBSWY3DP&issuer=Bank&algorithm=SHA512&counter=7",
        "motp://VPN:m?secret=0123456789abcdef&pin=1234",
        "otpauth://steam/Steam:s?secret=JBSWY3DPEHPK3PXP",
        "otpauth://yaotp/Yandex:y?secret=LA2V6KMCGYMWWVEW64RNP3JA3I&pin=5678",
    ];
    assert_eq!(accounts, expected.map(|link| uri::parse(link).unwrap()));
    let problems: Vec<_> =
        imported.problems.iter().map(|p| (p.place.entry, &*p.place.name, p.reason)).collect();
    let expected = [
        (Some(7), "New · kind", Reason::UnknownKind),
        (Some(8), "No · secret", Reason::Field("Secret")),
        (Some(9), "Hash · 9", Reason::Field("Algorithm")),
    ];
    assert_eq!(problems, expected);
}

#[test]
fn categories_ranking_icons_and_counts_of_copies_are_kept() {
    let imported = open_one(LIST.as_bytes(), None).unwrap();
    assert_eq!(imported.groups, ["Work", "Home"]);
    let [github, bank, _, steam, ..] = &imported.entries[..] else { panic!("six accounts") };
    assert_eq!((github.usage_count, github.rank, bank.rank, steam.rank), (5, Some(2), Some(0), None));
    assert_eq!((&github.groups[..], &bank.groups[..]), (&[][..], &[0, 1][..]));
    assert_eq!(github.icon, Some(Icon::Named("github".to_owned())));
    assert_eq!(bank.icon, Some(Icon::Picture(SecretBytes::from(b"\x89PNG".as_slice()))));
    assert_eq!(steam.icon, None);
}

/// The code by `printf 170000000asdasddasadsadsadsads21331234 | md5sum`.
#[test]
fn a_motp_secret_of_any_letters_makes_the_codes_that_the_app_makes() {
    let imported = open_one(LIST.as_bytes(), None).unwrap();
    let mut account = imported.entries[5].account.clone();
    assert!(account.otp.needs_pin());
    assert_eq!(account.otp.written(), MotpSecret::Text);
    assert_eq!(account.secret_text().expose(), "ASDASDDASADSADSADSADS2133");
    let Otp::Motp(motp) = &mut account.otp else { panic!("Mobile-OTP") };
    motp.pin = Some(SecretText::from("1234"));
    let code = account.otp.code_at(UnixTime::from_seconds(1_700_000_000), 0).unwrap();
    assert_eq!(code.text, "d20212");
}

#[test]
fn both_seals_open_with_their_password_alone() {
    for sealed in [strong("pässword"), legacy("pässword")] {
        assert_eq!(detect(&Source { name: "", bytes: &sealed }), Some(Format::Stratum));
        assert_eq!(open_one(&sealed, Some("pässword")).unwrap().total(), 9);
        assert_eq!(
            open_one(&sealed, Some("password")).err(),
            Some(ImportError::WrongPassword(Format::Stratum))
        );
        let needs = ImportError::NeedsPassword(Format::Stratum, Needs::Password);
        assert_eq!(open_one(&sealed, None).err(), Some(needs));
    }
}

#[test]
fn damage_is_told_from_a_wrong_password() {
    let strong = strong("p");
    let mut changed = strong.clone();
    changed[200] ^= 1;
    assert_eq!(open_one(&changed, Some("p")).err(), Some(damaged("content")));
    assert_eq!(open_one(&strong[..strong.len() - 1], Some("p")).err(), Some(damaged("content")));
    assert_eq!(open_one(&strong[..43], Some("p")).err(), Some(damaged("header")));
    let legacy = legacy("p");
    assert_eq!(open_one(&legacy[..legacy.len() - 16], Some("p")).err(), Some(damaged("content")));
    assert_eq!(open_one(&legacy[..51], Some("p")).err(), Some(damaged("header")));
    assert_eq!(open_one(b"{\"Authenticators\": 7}", None).err(), Some(damaged("Authenticators")));
}

#[test]
fn a_smaller_budget_is_asked_before_any_work() {
    let secrets = Secrets { password: Some(SecretText::from("p")), key_file: None };
    let budget = KdfBudget { memory_bytes: 1 << 20, passes: 10 };
    for sealed in [&[STRONG, &[0; 60]].concat(), &[LEGACY, &[0; 68]].concat()] {
        let read = open(&[Source { name: "", bytes: sealed }], &secrets, budget, &|| false);
        assert!(matches!(read, Err(ImportError::TooExpensive { format: Format::Stratum, .. })));
    }
}
