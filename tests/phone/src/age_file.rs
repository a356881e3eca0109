//! Files sealed under a passphrase as `age` seals them, both ways: version 1 with one scrypt recipient, and nothing else of
//! it. In the terminal alone.
//!
//! Source: age-encryption.org/v1 (C2SP `age.md`): header, scrypt stanza, payload, armor. The `age` crate would bring 85
//! packages, a second generation of every cipher among them; this is the little of its format that a passphrase needs, over
//! the ciphers we have.

use authenticator_core::crypto::{kdf, random};
use authenticator_core::export::ExportError;
use authenticator_core::secret::{SecretBytes, SecretText};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::refusal::Refusal;
use crate::stopping::Stop;

const INTRO: &str = "age-encryption.org/v1";
const ARMOR: (&str, &str) = ("-----BEGIN AGE ENCRYPTED FILE-----", "-----END AGE ENCRYPTED FILE-----");
/// log₂ of scrypt's N for a new file: 128 MiB, about half a second.
const WORK: u8 = 17;
/// The most work that a file may ask for: eight times that, and a GiB of memory.
const MOST_WORK: u8 = 20;
/// The largest file that is read, in bytes.
const MOST_BYTES: usize = 64 * 1024 * 1024;
/// A header of one scrypt recipient is far below it.
const MOST_HEADER: usize = 1024;
const FILE_KEY: usize = 16;
const NONCE: usize = 16;
const TAG: usize = 16;
const CHUNK: usize = 64 * 1024;

/// Tells whether bytes are an `age` file, in binary or in letters.
pub fn is_age(bytes: &[u8]) -> bool {
    bytes.starts_with(INTRO.as_bytes()) || bytes.trim_ascii_start().starts_with(ARMOR.0.as_bytes())
}

/// Seals `plain` under a passphrase.
pub fn seal(plain: &SecretBytes, passphrase: &SecretText, stop: &Stop) -> Result<SecretBytes, Refusal> {
    if passphrase.expose().is_empty() {
        return Err(Refusal::export(ExportError::EmptyPassword));
    }
    let file_key = random::make_secret(FILE_KEY).map_err(Refusal::randomness)?;
    let salt: [u8; 16] = random::make_array().map_err(Refusal::randomness)?;
    let nonce: [u8; NONCE] = random::make_array().map_err(Refusal::randomness)?;
    let wrapped = cipher(&wrap_key(passphrase, &salt, WORK)?)
        .encrypt(&Nonce::default(), file_key.expose())
        .expect("sixteen bytes are within the cipher's limit");
    let encode = |bytes: &[u8]| STANDARD_NO_PAD.encode(bytes);
    let header = format!("{INTRO}\n-> scrypt {} {WORK}\n{}\n---", encode(&salt), encode(&wrapped));
    let mac = header_mac(&file_key, &header).finalize().into_bytes();
    let room = plain.len() + plain.len().div_ceil(CHUNK).max(1) * TAG;
    let mut sealed = Vec::with_capacity(header.len() + 64 + NONCE + room);
    sealed.extend_from_slice(format!("{header} {}\n", encode(&mac)).as_bytes());
    sealed.extend_from_slice(&nonce);
    let key = kdf::derive(file_key.expose(), &nonce, "payload", 32);
    // An empty file is one empty chunk.
    let count = plain.len().div_ceil(CHUNK).max(1);
    for n in 0..count {
        if stop.asked() {
            return Err(Refusal::export(ExportError::Stopped));
        }
        let chunk = &plain.expose()[n * CHUNK..plain.len().min((n + 1) * CHUNK)];
        let ct = cipher(&key).encrypt(&chunk_nonce(n as u64, n + 1 == count), chunk);
        sealed.extend_from_slice(&ct.expect("a chunk is within the cipher's limit"));
    }
    Ok(SecretBytes::new(sealed))
}

/// Opens a file that a passphrase seals.
pub fn open(file: &[u8], passphrase: &SecretText) -> Result<SecretBytes, Refusal> {
    if file.len() > MOST_BYTES {
        return Err(Refusal::new("too_large", "This age file holds more than a list of accounts."));
    }
    let file = without_armor(file).ok_or_else(damaged)?;
    let Header { salt, work, wrapped, text, mac, payload } = Header::parse(&file)?;
    if work > MOST_WORK {
        return Err(Refusal::new("too_expensive", "This age file asks for more work than a file should.")
            .with("work_factor", work));
    }
    let wrong = || Refusal::new("wrong_password", "That is not the passphrase of this file. Try again.");
    let file_key = cipher(&wrap_key(passphrase, &salt, work)?)
        .decrypt(&Nonce::default(), wrapped.as_slice())
        .map(SecretBytes::new)
        .map_err(|_| wrong())?;
    header_mac(&file_key, text).verify_slice(&mac).map_err(|_| damaged())?;
    let (nonce, sealed) = payload.split_at_checked(NONCE).ok_or_else(damaged)?;
    let key = kdf::derive(file_key.expose(), nonce, "payload", 32);
    let count = sealed.len().div_ceil(CHUNK + TAG);
    let mut plain = Vec::with_capacity(sealed.len());
    for (n, chunk) in sealed.chunks(CHUNK + TAG).enumerate() {
        let last = n + 1 == count;
        let opened = cipher(&key).decrypt(&chunk_nonce(n as u64, last), chunk).map(SecretBytes::new);
        let opened = opened.map_err(|_| damaged())?;
        // Only an empty file ends with an empty chunk.
        if opened.is_empty() && n > 0 {
            return Err(damaged());
        }
        plain.extend_from_slice(opened.expose());
    }
    if count == 0 { Err(damaged()) } else { Ok(SecretBytes::new(plain)) }
}

/// The one recipient of a file under a passphrase, and what follows it.
struct Header<'a> {
    salt: [u8; 16],
    work: u8,
    wrapped: Vec<u8>,
    /// What the MAC is over.
    text: &'a str,
    mac: Vec<u8>,
    payload: &'a [u8],
}

impl<'a> Header<'a> {
    fn parse(file: &'a [u8]) -> Result<Self, Refusal> {
        let start = &file[..file.len().min(MOST_HEADER)];
        let mut lines = start.split_inclusive(|byte| *byte == b'\n').map(|line| {
            line.strip_suffix(b"\n").and_then(|line| std::str::from_utf8(line).ok()).ok_or_else(damaged)
        });
        let mut line = || lines.next().unwrap_or_else(|| Err(damaged()));
        if line()? != INTRO {
            return Err(damaged());
        }
        let stanza = line()?;
        let Some(arguments) = stanza.strip_prefix("-> scrypt ") else {
            return Err(Refusal::new(
                "not_readable",
                "This age file is sealed for a key, not under a passphrase. Open it with: age --decrypt",
            ));
        };
        let (salt, work) = arguments.split_once(' ').ok_or_else(damaged)?;
        let decimal = !work.starts_with('0') && work.bytes().all(|digit| digit.is_ascii_digit());
        let work = work.parse().ok().filter(|_| decimal).ok_or_else(damaged)?;
        let body = line()?;
        let end = line()?;
        let mac = end.strip_prefix("--- ").ok_or_else(damaged)?;
        let decode = |text: &str| STANDARD_NO_PAD.decode(text).map_err(|_| damaged());
        let salt = decode(salt)?.try_into().map_err(|_| damaged())?;
        let (wrapped, mac_bytes) = (decode(body)?, decode(mac)?);
        if wrapped.len() != FILE_KEY + TAG || mac_bytes.len() != 32 {
            return Err(damaged());
        }
        let len = INTRO.len() + 1 + stanza.len() + 1 + body.len() + 1 + "---".len();
        let text = std::str::from_utf8(&file[..len]).map_err(|_| damaged())?;
        let payload = &file[len + 1 + mac.len() + 1..];
        Ok(Self { salt, work, wrapped, text, mac: mac_bytes, payload })
    }
}

fn damaged() -> Refusal {
    Refusal::new("damaged", "This age file is cut short or damaged.")
}

/// Returns the binary file; `None` when its letters are no armor.
fn without_armor(file: &[u8]) -> Option<std::borrow::Cow<'_, [u8]>> {
    if file.starts_with(INTRO.as_bytes()) {
        return Some(file.into());
    }
    let text = std::str::from_utf8(file).ok()?.trim();
    let inside = text.strip_prefix(ARMOR.0)?.strip_suffix(ARMOR.1)?;
    let letters: String = inside.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    STANDARD.decode(letters).ok().map(Into::into)
}

fn wrap_key(passphrase: &SecretText, salt: &[u8; 16], work: u8) -> Result<SecretBytes, Refusal> {
    let params = scrypt::Params::new(work, 8, 1).map_err(|_| damaged())?;
    // scrypt takes 1 KiB × N and would abort without it.
    let mut room: Vec<u8> = Vec::new();
    room.try_reserve_exact(1024 << work).map_err(|_| Refusal::export(ExportError::OutOfMemory))?;
    drop(room);
    let salt = [b"age-encryption.org/v1/scrypt".as_slice(), salt].concat();
    let mut key = SecretBytes::new(vec![0; 32]);
    scrypt::scrypt(passphrase.expose().as_bytes(), &salt, &params, key.expose_mut())
        .expect("scrypt gives 32 bytes");
    Ok(key)
}

fn header_mac(file_key: &SecretBytes, header: &str) -> Hmac<Sha256> {
    let key = kdf::derive(file_key.expose(), b"", "header", 32);
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key.expose()).expect("HMAC takes any key");
    mac.update(header.as_bytes());
    mac
}

fn cipher(key: &SecretBytes) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new_from_slice(key.expose()).expect("every key here has 32 bytes")
}

/// Returns eleven bytes that count, and one that says whether it is the last.
fn chunk_nonce(count: u64, last: bool) -> Nonce {
    let mut nonce = [0; 12];
    nonce[3..11].copy_from_slice(&count.to_be_bytes());
    nonce[11] = u8::from(last);
    Nonce::from(nonce)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(len: usize) -> (SecretBytes, SecretBytes) {
        let plain = SecretBytes::new((0..len).map(|n| n as u8).collect());
        let sealed = seal(&plain, &SecretText::from("password"), &Stop::never()).unwrap();
        (plain, sealed)
    }

    /// The vector `scrypt` of the Community Cryptography Test Vectors for age (C2SP/CCTV).
    #[test]
    fn a_file_that_others_sealed_opens() {
        let file = STANDARD.decode(VECTOR).unwrap();
        let opened = open(&file, &SecretText::from("password")).unwrap();
        assert_eq!(opened.expose(), PLAIN);
        let letters = format!("{}\n{}\n{}\n", ARMOR.0, VECTOR, ARMOR.1);
        assert_eq!(open(letters.as_bytes(), &SecretText::from("password")).unwrap(), opened);
        assert!(open(&file, &SecretText::from("another")).unwrap_err().is("wrong_password"));
    }

    #[test]
    fn what_is_sealed_opens_whatever_its_length() {
        for len in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
            let (plain, sealed) = sealed(len);
            assert_eq!(open(sealed.expose(), &SecretText::from("password")).unwrap(), plain, "{len}");
        }
    }

    #[test]
    fn every_change_and_every_cut_is_noticed() {
        let file = STANDARD.decode(VECTOR).unwrap();
        for n in 0..file.len() {
            let mut changed = file.clone();
            changed[n] ^= 1;
            let opened = open(&changed, &SecretText::from("password"));
            assert!(opened.is_err(), "byte {n}");
            assert!(open(&file[..n], &SecretText::from("password")).is_err(), "cut to {n}");
        }
    }

    #[test]
    fn a_file_for_a_key_and_one_that_costs_too_much_are_told_apart() {
        let for_key = format!("{INTRO}\n-> X25519 abc\nabc\n--- abc\n");
        assert!(open(for_key.as_bytes(), &SecretText::from("x")).unwrap_err().is("not_readable"));
        let text = String::from_utf8_lossy(&STANDARD.decode(VECTOR).unwrap()).into_owned();
        let dear = text.replace("Qpe5CQ 10\n", "Qpe5CQ 23\n").replace("pe5CQ 10\n", "pe5CQ 23\n");
        assert!(open(dear.as_bytes(), &SecretText::from("x")).unwrap_err().is("too_expensive"));
    }

    const PLAIN: &[u8] = b"age";
    const VECTOR: &str = "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCByRjAvTndibFVISFRwZ1FnUnBlNUNRIDEwCmdVakV5bUZLTVZYUUVLZE1N\
        SEwyNG9ZZXhqRTNUSUMwTzB6R1NxSjJhVVkKLS0tIElPWGlRWVN0a29UMW12WlcydEZPcVpkaFJWdmo1OGVnQUJ4L3NXZlpRYmMK\
        GzXG5ofdANo6w3msn3QsIf0YWhuePe1znRSsappQEk24Ztg=";
}
