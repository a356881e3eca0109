use std::io::Read;

use serde_json::Value;
use sha2::Digest;

use super::*;

fn sealed(len: usize) -> (SecretBytes, SecretBytes) {
    let plain = SecretBytes::new((0..len).map(|n| n as u8).collect());
    let sealed = seal(&plain, &SecretText::from("password"), Stop::never()).unwrap();
    (plain, sealed)
}

fn open_with(file: &[u8], passphrase: &str) -> Result<SecretBytes, ImportError> {
    open(file, &SecretText::from(passphrase), KdfBudget::CONSENTED)
}

/// One vector of the Community Cryptography Test Vectors for age.
struct Vector {
    name: String,
    /// `success`, `no match`, `HMAC failure`, `header failure`, `armor failure`, `payload failure`.
    expect: String,
    payload: Option<String>,
    file_key: Option<SecretBytes>,
    passphrase: Option<String>,
    armored: bool,
    file: Vec<u8>,
}

fn vectors() -> Vec<Vector> {
    let text = include_str!("../../../vectors/age/cctv.json");
    let vectors: Value = serde_json::from_str(text).unwrap();
    let read = |(name, vector): (&String, &Value)| {
        let text = |key: &str| vector[key].as_str().map(str::to_owned);
        let mut file = STANDARD.decode(text("file").unwrap()).unwrap();
        if vector["compressed"] == "zlib" {
            let mut unpacked = Vec::new();
            flate2::read::ZlibDecoder::new(file.as_slice()).read_to_end(&mut unpacked).unwrap();
            file = unpacked;
        }
        let hex = |text: String| {
            let digits = (0..text.len()).step_by(2);
            SecretBytes::new(digits.map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect())
        };
        Vector {
            name: name.clone(),
            expect: text("expect").unwrap(),
            payload: text("payload"),
            file_key: text("file key").map(hex),
            passphrase: text("passphrase"),
            armored: vector["armored"] == "yes",
            file,
        }
    };
    vectors.as_object().unwrap().iter().map(read).collect()
}

fn digest(plain: &SecretBytes) -> String {
    Sha256::digest(plain.expose()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Every vector with a passphrase comes out as it must: opened to the same bytes, or refused for the right reason.
#[test]
fn vectors_under_a_passphrase_open_or_are_refused_as_they_must() {
    let mut seen = 0;
    for vector in vectors() {
        let Some(passphrase) = &vector.passphrase else { continue };
        let opened = open_with(&vector.file, passphrase);
        let right = match (vector.expect.as_str(), &opened) {
            ("success", Ok(plain)) => Some(digest(plain)) == vector.payload,
            // A recipient that nobody knows is as good as a key that is not ours.
            ("no match", Err(ImportError::WrongPassword(_) | ImportError::NotReadable(..))) => true,
            ("header failure" | "HMAC failure", Err(error)) => match error {
                ImportError::Damaged(_, place) => place.name == "header",
                ImportError::TooExpensive { .. } => vector.name == "scrypt_work_factor_23",
                // Two recipients of which one is a key: the specification allows no other beside a passphrase.
                ImportError::NotReadable(..) => vector.name == "scrypt_and_x25519",
                _ => false,
            },
            _ => false,
        };
        let said = opened.map(|plain| plain.len());
        assert!(right, "{}: {} gave {said:?}", vector.name, vector.expect);
        seen += 1;
    }
    assert_eq!(seen, 26);
}

/// What follows the header is the same for every recipient: opened with the key that the vector tells.
#[test]
fn payloads_of_vectors_open_or_are_refused_as_they_must() {
    let mut seen = 0;
    for vector in vectors() {
        let (Some(key), true) = (&vector.file_key, vector.name.starts_with("stream_")) else { continue };
        let end = vector.file.windows(5).position(|window| window == b"\n--- ").unwrap() + 5;
        let payload = end + vector.file[end..].iter().position(|byte| *byte == b'\n').unwrap() + 1;
        let opened = open_payload(key, &vector.file[payload..]);
        match (vector.expect.as_str(), opened) {
            // The vectors count the nonce as a part of the header.
            ("payload failure" | "header failure", Err(ImportError::Damaged(..))) => {}
            ("success", Ok(plain)) => assert_eq!(Some(digest(&plain)), vector.payload, "{}", vector.name),
            (expect, opened) => {
                panic!("{}: {expect} gave {:?}", vector.name, opened.map(|plain| plain.len()))
            }
        }
        seen += 1;
    }
    assert_eq!(seen, 25);
}

#[test]
fn armor_of_vectors_is_read_or_refused_as_it_must() {
    let mut seen = 0;
    for vector in vectors().iter().filter(|vector| vector.armored) {
        let read = without_armor(&vector.file).is_some_and(|file| file.starts_with(INTRO.as_bytes()));
        // Armor around nothing is whole; that nothing is in it is not.
        let expected = vector.expect != "armor failure" && vector.name != "armor_empty";
        assert_eq!(read, expected, "{}", vector.name);
        seen += 1;
    }
    assert_eq!(seen, 33);
}

#[test]
fn what_is_sealed_opens_whatever_its_length() {
    for len in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
        let (plain, sealed) = sealed(len);
        assert_eq!(open_with(sealed.expose(), "password").unwrap(), plain, "{len}");
    }
}

#[test]
fn every_change_and_every_cut_is_noticed() {
    let file = vectors().into_iter().find(|vector| vector.name == "scrypt").unwrap().file;
    assert!(open_with(&file, "password").is_ok() && is_age(&file));
    for n in 0..file.len() {
        let mut changed = file.clone();
        changed[n] ^= 1;
        assert!(open_with(&changed, "password").is_err(), "byte {n}");
        assert!(open_with(&file[..n], "password").is_err(), "cut to {n}");
    }
}

#[test]
fn what_costs_too_much_is_refused_with_the_figures_until_somebody_agrees() {
    let (plain, sealed) = sealed(3);
    let opened = |memory_bytes| {
        let budget = KdfBudget { memory_bytes, passes: 1 };
        open(sealed.expose(), &SecretText::from("password"), budget)
    };
    let cost = KdfCost { memory_bytes: 128 << 20, passes: 1 };
    assert_eq!(opened((128 << 20) - 1), Err(ImportError::TooExpensive { format: Format::Age, cost }));
    assert_eq!(opened(128 << 20).unwrap(), plain);
}

#[test]
fn a_file_for_a_key_says_so() {
    let for_key = format!("{INTRO}\n-> X25519 abc\nabc\n--- abc\n");
    let refused = ImportError::NotReadable(Format::Age, NotReadable::SealedByAge);
    assert_eq!(open_with(for_key.as_bytes(), "x"), Err(refused));
}
