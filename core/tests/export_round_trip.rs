//! What was exported is what comes back, by value, over everything that the report calls written.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use authenticator_core::account::Account;
use authenticator_core::export::{
    Content, ExportError, ExportFormat, LeftOut, Lost, Order, Record, SheetWords,
};
use authenticator_core::import::{self, Format, Imported, KdfBudget, Secrets, Source};
use authenticator_core::otp::{Algorithm, Digits, Hotp, Motp, MotpSecret, Otp, Period, Steam, Totp, Yandex};
use authenticator_core::secret::{SecretBytes, SecretText};
use authenticator_core::time::UnixTime;
use authenticator_core::uri::{self, KNOWN_PARAMETERS};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::Value;

const AT: UnixTime = UnixTime::from_seconds(1_800_000_000);

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-zA-Z0-9@._ -]{0,20}",
        2 => r#"[ :#%+&=?/\\;<>"'é\u{1f511}\u{202e}\u{5d0}-\u{5d9}\u{0}\n]{0,12}"#,
        1 => any::<String>(),
    ]
}

fn otp() -> impl Strategy<Value = Otp> {
    let secret = |from| vec(any::<u8>(), from..40).prop_map(SecretBytes::new);
    let pin = || option::of("[0-9a-z]{0,6}".prop_map(SecretText::new));
    let digits = || (1_u32..=10).prop_map(|n| Digits::try_from(n).unwrap());
    let period =
        || prop_oneof![Just(30), Just(10), 1_u32..=86_400].prop_map(|n| Period::try_from(n).unwrap());
    let algorithm = || proptest::sample::select(Algorithm::ALL.to_vec());
    prop_oneof![
        4 => (secret(1), algorithm(), digits(), period())
            .prop_map(|(secret, algorithm, digits, period)| Otp::Totp(Totp { secret, algorithm, digits, period })),
        2 => (secret(1), algorithm(), digits(), any::<u64>())
            .prop_map(|(secret, algorithm, digits, counter)| Otp::Hotp(Hotp { secret, algorithm, digits, counter })),
        1 => secret(1).prop_map(|secret| Otp::Steam(Steam { secret })),
        1 => (secret(1), pin(), digits(), period())
            .prop_map(|(secret, pin, digits, period)| Otp::Motp(Motp { secret, written: MotpSecret::Hex, pin, digits, period })),
        1 => (prop_oneof![Just(16), Just(26), 16_usize..40], pin()).prop_map(|(len, pin)| {
            Otp::Yandex(Yandex { secret: SecretBytes::new((0..len).map(|n| n as u8).collect()), pin })
        }),
    ]
}

fn record() -> impl Strategy<Value = Record> {
    let unknown = |name: &String| !KNOWN_PARAMETERS.iter().any(|known| known.eq_ignore_ascii_case(name));
    let extra = vec(("[a-z]{3,9}".prop_filter("known", unknown), name()), 0..2);
    (name(), name(), otp(), extra, name(), any::<bool>(), vec("[A-C]", 0..3)).prop_map(
        |(issuer, account_name, otp, extra, note, favorite, mut groups)| {
            groups.dedup();
            let account = Account { issuer, account_name, otp, extra };
            Record { note, favorite, groups, ..Record::new(account, AT) }
        },
    )
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(28),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Returns the records that the format holds.
fn held(format: ExportFormat, records: &[Record]) -> Vec<Record> {
    records.iter().filter(|record| format.check(record).is_ok()).cloned().collect()
}

fn file(order: &Order<'_>, records: &[Record]) -> SecretBytes {
    match order.write(records, &|| false).unwrap() {
        Content::File(bytes) => bytes,
        Content::Codes(_) => panic!("a file"),
    }
}

fn codes(order: &Order<'_>, records: &[Record]) -> Vec<SecretText> {
    match order.write(records, &|| false).unwrap() {
        Content::Codes(texts) => texts,
        Content::File(_) => panic!("codes"),
    }
}

fn read(bytes: &[u8], password: Option<&SecretText>, format: Format) -> Imported {
    let secrets = Secrets { password: password.cloned(), ..Secrets::default() };
    let imported =
        import::open(&[Source { name: "x", bytes }], &secrets, KdfBudget::PHONE, &|| false).unwrap();
    assert_eq!((imported.format, imported.problems.len()), (format, 0), "{:?}", imported.problems);
    imported
}

/// Compares by value what came back with what was written, as far as the format says that it holds it.
#[track_caller]
fn same(format: ExportFormat, written: &[Record], back: &Imported) {
    assert_eq!(back.entries.len(), written.len());
    for (before, after) in written.iter().zip(&back.entries) {
        let lost = format.loses(before);
        let kept = |what| !lost.contains(&what);
        assert_eq!(after.account.otp, before.account.otp);
        if kept(Lost::Spelling) {
            assert!(after.account.same_names(&before.account), "{:?} {:?}", before.account, after.account);
        }
        if kept(Lost::Extra) {
            assert_eq!(after.account.extra, before.account.extra);
        }
        if kept(Lost::Note) {
            assert_eq!(after.note, before.note);
        }
        if kept(Lost::Favorite) {
            assert_eq!(after.favorite, before.favorite);
        }
        if kept(Lost::Groups) {
            let groups: Vec<&String> = after.groups.iter().map(|n| &back.groups[*n]).collect();
            assert_eq!(groups, before.groups.iter().collect::<Vec<_>>());
        }
    }
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn a_list_of_links_comes_back(records in vec(record(), 1..20)) {
        let written = held(ExportFormat::UriList, &records);
        prop_assume!(!written.is_empty());
        same(ExportFormat::UriList, &written, &read(file(&Order::UriList, &written).expose(), None, Format::UriList));
    }

    #[test]
    fn a_printed_sheet_comes_back(records in vec(record(), 1..6)) {
        let written = held(ExportFormat::Sheet, &records);
        prop_assume!(!written.is_empty());
        let [language, title, warning, nameless] = ["en", "<Accounts> & \"more\"", "keep it", "none"].map(str::to_owned);
        let words = SheetWords { language, title, warning, nameless };
        let page = file(&Order::Sheet(&words), &written);
        same(ExportFormat::Sheet, &written, &read(page.expose(), None, Format::Html));
        let text = String::from_utf8(page.expose().to_vec()).unwrap();
        prop_assert_eq!(text.matches("<svg ").count(), written.len());
        prop_assert!(!text.contains("<script") && !text.contains("src="), "it fetches nothing");
    }

    #[test]
    fn google_s_codes_come_back_in_parts_of_at_most_ten(records in vec(record(), 1..45)) {
        let written = held(ExportFormat::GoogleMigration, &records);
        prop_assume!(!written.is_empty());
        let texts = codes(&Order::GoogleMigration, &written);
        prop_assert_eq!(texts.len(), written.len().div_ceil(10));
        let lines: String = texts.iter().rev().map(|text| format!("{}\n", text.expose())).collect();
        let back = read(lines.as_bytes(), None, Format::GoogleMigration);
        prop_assert!(back.missing_parts.is_empty());
        same(ExportFormat::GoogleMigration, &written, &back);
    }

    #[test]
    fn each_code_is_its_account(records in vec(record(), 1..10)) {
        let written = held(ExportFormat::Codes, &records);
        for (record, text) in written.iter().zip(codes(&Order::Codes, &written)) {
            let mut expected = record.account.clone();
            // An empty PIN is none, in a link.
            match &mut expected.otp {
                Otp::Motp(Motp { pin, .. }) | Otp::Yandex(Yandex { pin, .. })
                    if pin.as_ref().is_some_and(|pin| pin.expose().is_empty()) => *pin = None,
                _ => {}
            }
            prop_assert_eq!(uri::parse(text.expose()).unwrap(), expected);
        }
    }

    #[test]
    fn a_credential_exchange_file_holds_every_field(records in vec(record(), 1..20)) {
        let written = held(ExportFormat::Cxf, &records);
        let bytes = file(&Order::Cxf(AT), &written);
        let json: Value = serde_json::from_slice(bytes.expose()).unwrap();
        prop_assert_eq!(&json["version"]["major"], 1);
        let items = json["accounts"][0]["items"].as_array().unwrap();
        prop_assert_eq!(items.len(), written.len());
        for (record, item) in written.iter().zip(items) {
            let totp = &item["credentials"][0];
            let Otp::Totp(otp) = &record.account.otp else { panic!("TOTP alone") };
            prop_assert_eq!(&totp["type"], "totp");
            prop_assert_eq!(&totp["issuer"], &record.account.issuer);
            prop_assert_eq!(&totp["username"], &record.account.account_name);
            prop_assert_eq!(&totp["digits"], otp.digits.get());
            prop_assert_eq!(&totp["period"], otp.period.seconds());
            let algorithm = totp["algorithm"].as_str().unwrap().to_uppercase();
            prop_assert_eq!(algorithm, otp.algorithm.name());
            let secret = authenticator_core::base32::decode(totp["secret"].as_str().unwrap());
            prop_assert_eq!(secret.unwrap(), otp.secret.clone());
            prop_assert_eq!(item["favorite"].as_bool(), Some(record.favorite));
            prop_assert_eq!(&item["tags"], &serde_json::to_value(&record.groups).unwrap());
            let note = item["credentials"].get(1).map(|note| note["content"]["value"].as_str().unwrap());
            prop_assert_eq!(note.unwrap_or_default(), &record.note);
        }
        if !written.is_empty() && import::detect(&Source { name: "x", bytes: bytes.expose() }) == Some(Format::Cxf) {
            same(ExportFormat::Cxf, &written, &read(bytes.expose(), None, Format::Cxf));
        }
    }
}

proptest! {
    // scrypt with Aegis's own parameters takes its time.
    #![proptest_config(config(6))]

    #[test]
    fn an_encrypted_aegis_file_comes_back(records in vec(record(), 1..40), password in "\\PC{1,70}") {
        let password = SecretText::new(password);
        let written = held(ExportFormat::Aegis, &records);
        let bytes = file(&Order::Aegis(&password), &written);
        same(ExportFormat::Aegis, &written, &read(bytes.expose(), Some(&password), Format::Aegis));
        let text = String::from_utf8(bytes.expose().to_vec()).unwrap();
        prop_assert!(written.iter().all(|record| record.note.len() < 4 || !text.contains(&record.note)));
    }
}

#[test]
fn the_comparison_sees_a_changed_account() {
    let records = [Record::new(uri::parse("otpauth://totp/ACME:ann?secret=JBSWY3DP").unwrap(), AT)];
    let list = file(&Order::UriList, &records);
    same(ExportFormat::UriList, &records, &read(list.expose(), None, Format::UriList));
    let other = String::from_utf8(list.expose().to_vec()).unwrap().replace("JBSWY3DP", "JBSWY3DQ");
    let seen = std::panic::catch_unwind(|| {
        same(ExportFormat::UriList, &records, &read(other.as_bytes(), None, Format::UriList));
    });
    assert!(seen.is_err());
}

#[test]
fn what_a_format_cannot_hold_is_named() {
    let check =
        |format: ExportFormat, uri: &str| format.check(&Record::new(uri::parse(uri).unwrap(), AT)).err();
    let totp = |more: &str| format!("otpauth://totp/a?secret=JBSWY3DPEHPK3PXP{more}");
    let steam = "otpauth://steam/a?secret=JBSWY3DPEHPK3PXP";
    let hotp = "otpauth://hotp/a?secret=JBSWY3DPEHPK3PXP&counter=18446744073709551615";
    let motp = "motp://a?secret=e3152afee62599c8";
    for (format, uri, expected) in [
        (ExportFormat::Aegis, totp("&algorithm=SHA384"), Some(LeftOut::Algorithm)),
        (ExportFormat::Aegis, hotp.to_owned(), Some(LeftOut::Counter)),
        (ExportFormat::Aegis, motp.to_owned(), Some(LeftOut::NeedsPin)),
        (ExportFormat::Aegis, steam.to_owned(), None),
        (ExportFormat::GoogleMigration, steam.to_owned(), Some(LeftOut::Kind)),
        (ExportFormat::GoogleMigration, totp("&period=60"), Some(LeftOut::Period)),
        (ExportFormat::GoogleMigration, totp("&digits=7"), Some(LeftOut::Digits)),
        (ExportFormat::GoogleMigration, totp("&digits=8"), None),
        (ExportFormat::Cxf, hotp.to_owned(), Some(LeftOut::Kind)),
        (ExportFormat::Cxf, totp("&period=300"), Some(LeftOut::Period)),
        (ExportFormat::UriList, motp.to_owned(), Some(LeftOut::NeedsPin)),
        (ExportFormat::UriList, hotp.to_owned(), None),
        (ExportFormat::Codes, motp.to_owned(), None),
        (ExportFormat::Codes, totp(&format!("&issuer={}", "x".repeat(3_000))), Some(LeftOut::TooLong)),
    ] {
        assert_eq!(check(format, &uri), expected, "{} {uri}", format.name());
    }
}

#[test]
fn a_stop_writes_nothing_and_an_empty_password_is_refused() {
    let records = [Record::new(uri::parse("otpauth://totp/a?secret=JBSWY3DP").unwrap(), AT)];
    for format in [Order::UriList, Order::GoogleMigration, Order::Cxf(AT), Order::Codes] {
        assert_eq!(format.write(&records, &|| true), Err(ExportError::Stopped));
    }
    let empty = SecretText::from("");
    assert_eq!(Order::Aegis(&empty).write(&records, &|| false), Err(ExportError::EmptyPassword));
}
