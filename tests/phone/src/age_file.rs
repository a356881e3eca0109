//! Files sealed under a passphrase as `age` seals them, both ways: version 1 with one scrypt recipient, and nothing else of
//! it. In the terminal alone.
//!
//! Source: age-encryption.org/v1 (C2SP `age.md`): header, scrypt stanza, payload, armor. Why this is not the crate
//! `age` stands in `docs/decisions`, "A passphrase needs little of age".

use std::borrow::Cow;

use authenticator_core::crypto::{kdf, random};
use authenticator_core::export::ExportError;
use authenticator_core::import::{
    Format, ImportError, KdfBudget, KdfCost, MAX_SOURCE_BYTES, NotReadable, Place, Source, detect,
};
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
/// A header of one scrypt recipient is far below it.
const MOST_HEADER: usize = 1024;
const FILE_KEY: usize = 16;
const NONCE: usize = 16;
const TAG: usize = 16;
const CHUNK: usize = 64 * 1024;

/// Tells whether bytes are an `age` file, in binary or in letters.
pub fn is_age(bytes: &[u8]) -> bool {
    detect(&Source { name: "", bytes }) == Some(Format::Age)
}

/// Seals `plain` under a passphrase.
pub fn seal(plain: &SecretBytes, passphrase: &SecretText, stop: Stop) -> Result<SecretBytes, Refusal> {
    if passphrase.expose().is_empty() {
        return Err(Refusal::export(ExportError::EmptyPassword));
    }
    let file_key = random::make_secret(FILE_KEY).map_err(Refusal::randomness)?;
    let salt: [u8; 16] = random::make_array().map_err(Refusal::randomness)?;
    let nonce: [u8; NONCE] = random::make_array().map_err(Refusal::randomness)?;
    let no_memory = || Refusal::export(ExportError::OutOfMemory);
    let wrapped = cipher(&wrap_key(passphrase, &salt, WORK).ok_or_else(no_memory)?)
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
        stop.go_on()?;
        let chunk = &plain.expose()[n * CHUNK..plain.len().min((n + 1) * CHUNK)];
        let ct = cipher(&key).encrypt(&chunk_nonce(n as u64, n + 1 == count), chunk);
        sealed.extend_from_slice(&ct.expect("a chunk is within the cipher's limit"));
    }
    Ok(SecretBytes::new(sealed))
}

/// Opens a file that a passphrase seals, when what that costs is within `budget`.
///
/// # Errors
/// [`ImportError`] of [`Format::Age`]; nothing of the file is kept.
pub fn open(file: &[u8], passphrase: &SecretText, budget: KdfBudget) -> Result<SecretBytes, ImportError> {
    if file.len() > MAX_SOURCE_BYTES {
        return Err(ImportError::TooLarge(file.len() as u64));
    }
    let file = without_armor(file).ok_or_else(|| damaged(Place::file("armor")))?;
    let Header { salt, work, wrapped, text, mac, payload } = Header::parse(&file)?;
    let cost = KdfCost { memory_bytes: if work < 40 { 1024 << work } else { u64::MAX }, passes: 1 };
    let too_expensive = || ImportError::TooExpensive { format: Format::Age, cost };
    if !budget.allows(cost) {
        return Err(too_expensive());
    }
    let wrap_key = wrap_key(passphrase, &salt, work).ok_or_else(too_expensive)?;
    let file_key = cipher(&wrap_key)
        .decrypt(&Nonce::default(), wrapped.as_slice())
        .map(SecretBytes::new)
        .map_err(|_| ImportError::WrongPassword(Format::Age))?;
    header_mac(&file_key, text).verify_slice(&mac).map_err(|_| damaged(Place::file("header")))?;
    open_payload(&file_key, payload)
}

/// Opens what follows the header: a nonce, and chunks of which the last says that it is.
fn open_payload(file_key: &SecretBytes, payload: &[u8]) -> Result<SecretBytes, ImportError> {
    let cut = || damaged(Place::file("end"));
    let (nonce, sealed) = payload.split_at_checked(NONCE).ok_or_else(cut)?;
    let key = kdf::derive(file_key.expose(), nonce, "payload", 32);
    let count = sealed.len().div_ceil(CHUNK + TAG);
    let mut plain = Vec::with_capacity(sealed.len());
    for (n, chunk) in sealed.chunks(CHUNK + TAG).enumerate() {
        let last = n + 1 == count;
        let opened = cipher(&key).decrypt(&chunk_nonce(n as u64, last), chunk).map(SecretBytes::new);
        let opened = opened.map_err(|_| damaged(Place::file(&format!("part {} of {count}", n + 1))))?;
        // Only an empty file ends with an empty chunk.
        if opened.is_empty() && n > 0 {
            return Err(cut());
        }
        plain.extend_from_slice(opened.expose());
    }
    if count == 0 { Err(cut()) } else { Ok(SecretBytes::new(plain)) }
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
    fn parse(file: &'a [u8]) -> Result<Self, ImportError> {
        let damaged = || damaged(Place::file("header"));
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
            return Err(ImportError::NotReadable(Format::Age, NotReadable::SealedByAge));
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

fn damaged(place: Place) -> ImportError {
    ImportError::Damaged(Format::Age, place)
}

/// Returns the binary file; `None` when its letters are no armor.
///
/// Lines have 64 letters, the last one fewer and at least one; CR before LF and space around the whole are allowed.
fn without_armor(file: &[u8]) -> Option<Cow<'_, [u8]>> {
    const WIDTH: usize = 64;
    if !file.trim_ascii_start().starts_with(b"-----BEGIN") {
        return Some(file.into());
    }
    let text = std::str::from_utf8(file).ok()?.trim_matches([' ', '\t', '\r', '\n']);
    let inside = text.strip_prefix(ARMOR.0)?.strip_suffix(ARMOR.1)?;
    let inside = inside.strip_prefix("\r\n").or(inside.strip_prefix('\n'))?;
    let inside = inside.strip_suffix("\r\n").or(inside.strip_suffix('\n'))?;
    let lines: Vec<&str> = inside.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).collect();
    let (last, whole) = lines.split_last()?;
    let fits = whole.iter().all(|line| line.len() == WIDTH) && (1..=WIDTH).contains(&last.len());
    if fits { STANDARD.decode(lines.concat()).ok().map(Into::into) } else { None }
}

/// Turns the passphrase into the key of the file's key; `None` without the memory for it.
fn wrap_key(passphrase: &SecretText, salt: &[u8; 16], work: u8) -> Option<SecretBytes> {
    let params = scrypt::Params::new(work, 8, 1).ok()?;
    // scrypt takes 1 KiB × N and would abort without it.
    let mut room: Vec<u8> = Vec::new();
    room.try_reserve_exact(1024_usize.checked_shl(u32::from(work))?).ok()?;
    drop(room);
    let salt = [b"age-encryption.org/v1/scrypt".as_slice(), salt].concat();
    let mut key = SecretBytes::new(vec![0; 32]);
    scrypt::scrypt(passphrase.expose().as_bytes(), &salt, &params, key.expose_mut()).ok()?;
    Some(key)
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
mod tests;
