//! Codes that are known beforehand: RFC 4226, RFC 6238, an independent script, and other apps' own tests.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;

use authenticator_core::base32;
use authenticator_core::otp::{
    Algorithm, Digits, Hotp, Motp, MotpSecret, Otp, OtpError, Period, Steam, Totp, Yandex,
};
use authenticator_core::secret::{SecretBytes, SecretText};
use authenticator_core::time::UnixTime;
use serde_json::Value;

#[track_caller]
fn check_at(otp: &Otp, seconds: i64, expected: &str) {
    let code = otp.code_at(UnixTime::from_seconds(seconds), 0);
    assert_eq!(code.map(|code| code.text).as_deref(), Ok(expected), "{} at {seconds}", otp.kind());
}

#[test]
fn hotp_makes_the_codes_of_rfc_4226_appendix_d() {
    let vectors = read("rfc4226.json");
    let secret = SecretBytes::from(text(&vectors, "secret").as_bytes());
    let mut hotp = Hotp { secret, algorithm: Algorithm::Sha1, digits: digits(&vectors), counter: 0 };
    for (counter, expected) in (0..).zip(vectors["codes"].as_array().unwrap()) {
        hotp.counter = counter;
        assert_eq!(hotp.code().as_deref(), Ok(expected.as_str().unwrap()));
        assert_eq!(hotp.code_for(counter), hotp.code());
    }
}

#[test]
fn totp_makes_the_codes_of_rfc_6238_appendix_b() {
    for row in read("rfc6238.json").as_array().unwrap() {
        let algorithm = algorithm(row);
        let seed = match algorithm {
            Algorithm::Sha1 => 20,
            Algorithm::Sha256 => 32,
            _ => 64,
        };
        let secret = SecretBytes::new(b"1234567890".iter().cycle().take(seed).copied().collect());
        let digits = Digits::EIGHT;
        let totp = Otp::Totp(Totp { secret, algorithm, digits, period: Period::THIRTY });
        check_at(&totp, row["time"].as_i64().unwrap(), text(row, "code"));
    }
}

#[test]
fn every_kind_agrees_with_an_independent_script() {
    for row in read("generated.json").as_array().unwrap() {
        let secret = SecretBytes::new(from_hex(text(row, "secret")));
        let pin = row["pin"].as_str().map(SecretText::from);
        let expected = row["code"].as_str().map(str::to_owned).ok_or(OtpError::NoSuchCode);
        let otp = match text(row, "kind") {
            "hotp" => {
                let counter = text(row, "counter").parse().unwrap();
                let hotp = Hotp { secret, algorithm: algorithm(row), digits: digits(row), counter };
                assert_eq!(hotp.code(), expected, "{row}");
                continue;
            }
            "totp" => Otp::Totp(Totp {
                secret,
                algorithm: algorithm(row),
                digits: digits(row),
                period: period(row),
            }),
            "steam" => Otp::Steam(Steam { secret }),
            "motp" => Otp::Motp(Motp {
                secret,
                written: MotpSecret::Hex,
                pin,
                digits: digits(row),
                period: period(row),
            }),
            "yandex" => Otp::Yandex(Yandex { secret, pin }),
            kind => panic!("unknown kind {kind}"),
        };
        let at = UnixTime::from_seconds(row["time"].as_i64().unwrap());
        assert_eq!(otp.code_at(at, 0).map(|code| code.text), expected, "{row}");
    }
}

/// Codes that other apps' own tests hold; they are not in this repository.
#[test]
fn every_kind_agrees_with_other_apps() {
    let Some(corpus) = std::env::var_os("KLINK_CORPUS") else {
        println!("not run: no corpus");
        return;
    };
    let vectors = read_json(&Path::new(&corpus).join("code_vectors.json"));
    let rows = |kind: &str, name: &str| vectors[kind][name].as_array().unwrap().clone();
    for row in rows("steam", "rows_secret_time_code") {
        let secret = base32::decode(row[0].as_str().unwrap()).unwrap();
        check_at(&Otp::Steam(Steam { secret }), row[1].as_i64().unwrap(), row[2].as_str().unwrap());
    }
    for row in rows("yandex", "rows_pin_secret_time_code") {
        let secret = base32::decode(row[1].as_str().unwrap()).unwrap();
        let yandex = Yandex { secret, pin: row[0].as_str().map(SecretText::from) };
        check_at(&Otp::Yandex(yandex), row[2].as_i64().unwrap(), row[3].as_str().unwrap());
    }
    for row in rows("motp", "rows_secrethex_pin_time_code") {
        let secret = SecretBytes::new(from_hex(row[0].as_str().unwrap()));
        let pin = row[1].as_str().map(SecretText::from);
        let motp =
            Motp { secret, written: MotpSecret::Hex, pin, digits: Digits::SIX, period: Motp::USUAL_PERIOD };
        check_at(&Otp::Motp(motp), row[2].as_i64().unwrap(), row[3].as_str().unwrap());
    }
}

fn read(file: &str) -> Value {
    read_json(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/otp").join(file))
}

fn read_json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap()
}

fn digits(row: &Value) -> Digits {
    Digits::try_from(u32::try_from(row["digits"].as_u64().unwrap()).unwrap()).unwrap()
}

fn period(row: &Value) -> Period {
    Period::try_from(u32::try_from(row["period"].as_u64().unwrap()).unwrap()).unwrap()
}

fn algorithm(row: &Value) -> Algorithm {
    Algorithm::ALL.into_iter().find(|algorithm| algorithm.name() == text(row, "algorithm")).unwrap()
}

fn from_hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}
