//! F06 on stable: every importer with seeded input. A fuzzer does the same with input that it learns.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::panic::catch_unwind;

use fuzzing::{formats, import, import_any};

/// Inputs of one format: at the size of a commit, or with `KLINK_PROOFS=full` at full size.
fn rounds() -> u64 {
    if std::env::var("KLINK_PROOFS").is_ok_and(|size| size == "full") { 5_000 } else { 100 }
}

#[test]
fn a_spoiled_file_of_any_format_is_no_reason_to_panic() {
    for format in formats() {
        let mut random = fastrand::Rng::with_seed(1);
        for round in 0..rounds() {
            let changes = random.usize(1..5) * 8;
            let input: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(1 + changes).collect();
            let held = catch_unwind(|| import(format, &input));
            assert!(held.is_ok(), "{format}, input {round}: {input:02x?}");
        }
    }
    println!("cases {} of each of {} formats", rounds(), formats().count());
}

/// What begins as files of some format do, and goes on anyhow.
#[test]
fn any_bytes_are_no_reason_to_panic() {
    let starts: [&[u8]; 20] = [
        b"", b"{", b"[", b"PK\x03\x04", b"PK\x05\x06", b"SQLite format 3\0", b"\xac\xed\x00\x05",
        b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5\x01\x00\x04\x00", b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5\x01\x00\x03\x00",
        b"AUTHENTICATORPRO", b"AuthenticatorPro", b"<?xml version='1.0'?><map>", b"<html><code>otpauth://totp/",
        b"otpauth://totp/", b"otpauth-migration://offline?data=", b"pia://qrbackup?data=", b"\x00\x02\x00\x00",
        b"folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_totp\n",
        b"\x89PNG\r\n\x1a\n", b"{\"header\":{\"slots\":null},\"db\":{\"version\":3,\"entries\":[",
    ];
    let mut random = fastrand::Rng::with_seed(2);
    for start in starts {
        for round in 0..rounds() {
            let length = random.usize(..2_000);
            let text = random.bool();
            let some = |random: &mut fastrand::Rng| if text { random.u8(b' '..b'~') } else { random.u8(..) };
            let mut input = start.to_vec();
            input.extend(std::iter::repeat_with(|| some(&mut random)).take(length));
            let held = catch_unwind(|| import_any(&input));
            assert!(held.is_ok(), "input {round} after {start:02x?}: {input:02x?}");
        }
    }
}

/// The control: a fixture that nothing spoils is read, so that the rounds above reach the readers.
#[test]
fn control_every_format_is_reached() {
    let whole = fixtures::all();
    for format in formats() {
        assert!(
            whole.iter().any(|fixture| fixture.format == format && !fixture.entries.is_empty()),
            "{format}"
        );
    }
}
