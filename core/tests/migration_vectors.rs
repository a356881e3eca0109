//! Exports of Google Authenticator: texts of an independent script, what we print, and batches.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod line;

use std::path::Path;

use authenticator_core::uri::migration::{self, Adding, Batch, LeftOut, MigrationError, Part};
use authenticator_core::uri::{self, UriError};
use line::line;
use serde_json::Value;

#[test]
fn every_text_of_the_independent_script_says_what_the_script_meant() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/uri/migration.json");
    let cases: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert!(cases.as_array().unwrap().len() > 15);
    for case in cases.as_array().unwrap() {
        let part = migration::parse(case["text"].as_str().unwrap()).unwrap_or_else(|e| panic!("{e}: {case}"));
        let problem = |(place, error): &(usize, UriError)| serde_json::json!([place, error.to_string()]);
        let said = serde_json::json!({
            "name": case["name"],
            "text": case["text"],
            "accounts": part.accounts.iter().map(line).collect::<Vec<_>>(),
            "problems": part.problems.iter().map(problem).collect::<Vec<_>>(),
            "part": part.part,
            "parts": part.parts,
            "batch_id": part.batch_id,
            "ids": part.entry_ids,
        });
        assert_eq!(said, *case);
    }
}

#[test]
fn an_export_of_the_real_app_reads() {
    let Some(corpus) = std::env::var_os("KLINK_CORPUS") else {
        println!("not run: no corpus");
        return;
    };
    let import = Path::new(&corpus).join("import");
    let text = std::fs::read_to_string(import.join("stratum/googleauthenticator.txt")).unwrap();
    let expected: Value =
        serde_json::from_slice(&std::fs::read(import.join("expected.json")).unwrap()).unwrap();
    let files = expected["files"].as_array().unwrap();
    let entries =
        &files.iter().find(|file| file["file"] == "stratum/googleauthenticator.txt").unwrap()["entries"];
    let part = migration::parse(&text).unwrap();
    assert_eq!(part.problems, []);
    let said: Vec<_> = part.accounts.iter().map(facts).collect();
    let expected: Vec<_> = entries.as_array().unwrap().iter().map(expected_facts).collect();
    assert_eq!(said, expected);
}

/// Every list of links in the corpus, as far as it is not in need of a PIN.
#[test]
fn the_link_lists_of_other_apps_read() {
    let Some(corpus) = std::env::var_os("KLINK_CORPUS") else {
        println!("not run: no corpus");
        return;
    };
    let import = Path::new(&corpus).join("import");
    let expected: Value =
        serde_json::from_slice(&std::fs::read(import.join("expected.json")).unwrap()).unwrap();
    for name in ["stratum/urilist.txt", "stratum/ente.unencrypted.txt"] {
        let text = std::fs::read_to_string(import.join(name)).unwrap();
        let said: Vec<_> = text.lines().map(|line| facts(&uri::parse(line).unwrap())).collect();
        let file = expected["files"].as_array().unwrap().iter().find(|file| file["file"] == name).unwrap();
        let expected: Vec<_> = file["entries"].as_array().unwrap().iter().map(expected_facts).collect();
        assert_eq!(said, expected, "{name}");
    }
}

fn facts(account: &authenticator_core::account::Account) -> [String; 8] {
    let otp = &account.otp;
    [
        account.issuer.clone(),
        account.account_name.clone(),
        authenticator_core::base32::encode(otp.secret().expose()).expose().to_owned(),
        otp.kind().to_string(),
        otp.algorithm().unwrap().name().to_owned(),
        otp.digits().to_string(),
        otp.period().map_or("null".to_owned(), |period| period.seconds().to_string()),
        otp.counter().map_or("null".to_owned(), |counter| counter.to_string()),
    ]
}

fn expected_facts(entry: &Value) -> [String; 8] {
    ["issuer", "name", "secret", "type", "algo", "digits", "period", "counter"]
        .map(|name| entry[name].as_str().map_or_else(|| entry[name].to_string(), str::to_owned))
}

#[track_caller]
fn check_error(text: &str, expected: MigrationError) {
    assert_eq!(migration::parse(text), Err(expected));
}

#[test]
fn what_is_no_part_of_an_export_says_why() {
    check_error("otpauth://totp/ann?secret=JBSWY3DP", MigrationError::Scheme);
    check_error("otpauth-migration://online?data=CgA", MigrationError::Scheme);
    check_error("otpauth-migration:offline?data=CgA", MigrationError::Scheme);
    check_error("otpauth-migration://offline", MigrationError::NoData);
    check_error("otpauth-migration://offline?data=", MigrationError::NoData);
    check_error("otpauth-migration://offline?data=%", MigrationError::Base64);
    check_error("otpauth-migration://offline?data=CgwK!", MigrationError::Base64);
    check_error("otpauth-migration://offline?data=CgwKBQ", MigrationError::Damaged);
    check_error("otpauth-migration://offline?data=EAE", MigrationError::Empty);
    let long = format!("otpauth-migration://offline?data={}", "A".repeat(uri::MAX_TEXT_BYTES));
    check_error(&long, MigrationError::TooLong(long.len()));
    // 1,001 entries of nothing.
    check_error(&with_payload(&[10, 0].repeat(1001)), MigrationError::TooManyEntries(1001));
    assert_eq!(migration::parse(&with_payload(&[10, 0].repeat(1000))).unwrap().problems.len(), 1000);
}

#[test]
fn a_part_whose_number_does_not_fit_is_refused() {
    // Fields 3 (size) and 4 (index) after one entry.
    for (index, size) in [(1, 1), (2, 2), (127, 0), (0, 1001)] {
        let mut payload = vec![10, 0, 32, index, 24];
        payload.extend(varint(size));
        let error = MigrationError::Numbering { index: i32::from(index), size: size.max(1) as i32 };
        check_error(&with_payload(&payload), error);
    }
    // Minus one, in ten bytes.
    let minus_one = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
    let negative_index = [&[10, 0, 24, 2, 32], minus_one.as_slice()].concat();
    check_error(&with_payload(&negative_index), MigrationError::Numbering { index: -1, size: 2 });
    let negative_size = [&[10, 0, 24], minus_one.as_slice()].concat();
    check_error(&with_payload(&negative_size), MigrationError::Numbering { index: 0, size: -1 });
}

fn varint(number: u16) -> Vec<u8> {
    if number < 128 { vec![number as u8] } else { vec![number as u8 | 128, (number >> 7) as u8] }
}

fn with_payload(payload: &[u8]) -> String {
    // The core takes the alphabet for file names too, which needs no escapes.
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits: Vec<u8> = payload.iter().flat_map(|byte| (0..8).rev().map(move |i| byte >> i & 1)).collect();
    let sextets = bits.chunks(6).map(|six| (0..6).fold(0, |n, i| n << 1 | six.get(i).copied().unwrap_or(0)));
    let data: String = sextets.map(|sextet: u8| char::from(ALPHABET[usize::from(sextet)])).collect();
    format!("otpauth-migration://offline?data={data}")
}

#[test]
fn what_is_printed_reads_back_in_parts_of_ten() {
    let link =
        |n: usize| format!("otpauth://{}/ACME:ann{n}?secret=JBSWY3DPEHPK3PXP", ["totp", "hotp"][n % 2]);
    let accounts: Vec<_> = (0..23).map(|n| uri::parse(&link(n)).unwrap()).collect();
    let printed = migration::print(&accounts, -5);
    assert_eq!(printed.left_out, []);
    let parts: Vec<_> = printed.parts.iter().map(|text| migration::parse(text.expose()).unwrap()).collect();
    assert_eq!(parts.iter().map(|part| part.accounts.len()).collect::<Vec<_>>(), [10, 10, 3]);
    assert_eq!(
        parts.iter().map(|part| (part.part, part.parts)).collect::<Vec<_>>(),
        [(1, 3), (2, 3), (3, 3)]
    );
    assert!(parts.iter().all(|part| part.batch_id == Some(-5)));
    assert_eq!(parts.into_iter().flat_map(|part| part.accounts).collect::<Vec<_>>(), accounts);
}

#[test]
fn what_the_format_cannot_say_is_left_out_and_named() {
    let links = [
        "otpauth://totp/fits?secret=MZXW6&digits=8&algorithm=MD5",
        "steam://MZXW6",
        "motp://ann?secret=e315",
        "otpauth://totp/ann?secret=MZXW6&algorithm=SHA224",
        "otpauth://totp/ann?secret=MZXW6&digits=7",
        "otpauth://totp/ann?secret=MZXW6&period=60",
        "otpauth://hotp/ann?secret=MZXW6&counter=9223372036854775808",
    ];
    let accounts = links.map(|link| uri::parse(link).unwrap());
    let printed = migration::print(&accounts, 1);
    assert_eq!(printed.parts.len(), 1);
    let expected = [
        (1, LeftOut::Kind),
        (2, LeftOut::Kind),
        (3, LeftOut::Algorithm),
        (4, LeftOut::Digits),
        (5, LeftOut::Period),
        (6, LeftOut::Counter),
    ];
    assert_eq!(printed.left_out, expected);
    assert_eq!(migration::print(&accounts[1..], 1).parts, []);
}

/// Part `number` of `parts`, with one account named `name`.
fn part(number: u32, parts: u32, batch_id: Option<i32>, name: &str) -> Part {
    let accounts = vec![uri::parse(&format!("otpauth://totp/{name}?secret=MZXW6")).unwrap()];
    let entry_ids = vec![format!("id of {name}")];
    Part { accounts, problems: Vec::new(), part: number, parts, batch_id, entry_ids }
}

#[test]
fn parts_come_in_any_order_and_the_missing_ones_are_named() {
    let mut batch = Batch::default();
    assert_eq!((batch.parts(), batch.is_complete()), (0, false));
    assert_eq!(batch.add(&part(3, 3, Some(7), "c")), Adding::Added);
    assert_eq!(batch.missing(), [1, 2]);
    assert_eq!(batch.add(&part(1, 3, Some(7), "a")), Adding::Added);
    assert_eq!(batch.add(&part(3, 3, Some(7), "c")), Adding::AlreadySeen);
    assert_eq!((batch.missing(), batch.is_complete()), (vec![2], false));
    assert_eq!(batch.add(&part(2, 3, Some(7), "b")), Adding::Added);
    assert!(batch.is_complete());
    let names: Vec<_> = batch.accounts().map(|account| account.account_name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c"]);
}

#[test]
fn a_part_of_another_export_is_not_taken() {
    let mut batch = Batch::default();
    assert_eq!(batch.add(&part(1, 3, Some(7), "a")), Adding::Added);
    assert_eq!(batch.add(&part(2, 3, Some(8), "b")), Adding::OtherBatch);
    assert_eq!(batch.add(&part(2, 2, Some(7), "b")), Adding::OtherBatch);
    assert_eq!(batch.add(&part(2, 3, None, "b")), Adding::OtherBatch);
    assert_eq!(batch.missing(), [2, 3]);
}

#[test]
fn without_a_batch_id_parts_are_told_apart_by_number_and_entries() {
    let mut batch = Batch::default();
    assert_eq!(batch.add(&part(1, 3, None, "a")), Adding::Added);
    assert_eq!(batch.add(&part(1, 3, None, "x")), Adding::OtherBatch, "same number, other entries");
    assert_eq!(batch.add(&part(2, 3, None, "a")), Adding::OtherBatch, "an entry stands in one part only");
    assert_eq!(batch.add(&part(1, 3, None, "a")), Adding::AlreadySeen);
    assert_eq!(batch.add(&part(2, 3, None, "b")), Adding::Added);
    assert_eq!(batch.missing(), [3]);
}
