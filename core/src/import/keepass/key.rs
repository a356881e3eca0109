//! The key of a KDBX file: from the password, the key file or both, through its key derivation.
//!
//! Source: keepass.info/help/kb/kdbx.html and keepass.info/help/base/keys.html.

use aes::Aes256;
use aes::cipher::{Block, BlockCipherEncrypt, KeyInit};
use quick_xml::Reader;
use quick_xml::events::Event;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::FORMAT;
use super::header::{Kdf, damaged};
use crate::import::Secrets;
use crate::import::ciphers::{self, KdfError};
use crate::import::encodings;
use crate::import::error::{ImportError, Needs};
use crate::import::formats::Opening;
use crate::secret::SecretBytes;

/// How many rounds of AES are made between two looks at whether to stop.
const ROUNDS_BETWEEN_STOPS: u64 = 1 << 20;

/// Returns the key that `kdf` makes of what the user gave.
///
/// # Errors
/// [`ImportError::NeedsPassword`] when the user gave nothing; [`ImportError::TooExpensive`] before any work;
/// [`ImportError::Damaged`], [`ImportError::Stopped`].
pub(super) fn derive(kdf: Kdf<'_>, opening: &Opening<'_>) -> Result<SecretBytes, ImportError> {
    let composite = composite(opening.secrets)?;
    let cost = kdf.cost();
    if !opening.budget.allows(cost) {
        return Err(KdfError::TooExpensive(cost).of(FORMAT));
    }
    match kdf {
        Kdf::Aes { seed, rounds } => aes_rounds(&composite, seed, rounds, opening),
        Kdf::Argon2 { kind, salt, params } => {
            ciphers::argon2(kind, composite.expose(), salt, params, 32, opening.budget)
                .map_err(|error| error.of(FORMAT))
        }
    }
}

/// Returns SHA-256 over the hash of the password, if there is one, and the key of the key file, if there is one.
fn composite(secrets: &Secrets) -> Result<SecretBytes, ImportError> {
    let key_file = secrets.key_file.as_ref().map(|file| of_key_file(file.expose())).transpose()?;
    // Beside a key file, nothing typed is no password; alone it is the empty one.
    let password = secrets.password.as_ref().filter(|text| key_file.is_none() || !text.expose().is_empty());
    let mut hash = Sha256::new();
    match (password, &key_file) {
        (None, None) => return Err(ImportError::NeedsPassword(FORMAT, Needs::Password)),
        (password, key_file) => {
            if let Some(password) = password {
                hash.update(Sha256::digest(password.expose().as_bytes()));
            }
            if let Some(key) = key_file {
                hash.update(key.expose());
            }
        }
    }
    Ok(SecretBytes::from(hash.finalize().as_slice()))
}

/// Returns the 32 bytes that a key file stands for: in XML of either version, bare, in hexadecimal, or any file's hash.
fn of_key_file(file: &[u8]) -> Result<SecretBytes, ImportError> {
    if let Some(key) = of_xml(file) {
        return key;
    }
    let text = std::str::from_utf8(file).unwrap_or("");
    Ok(match file.len() {
        32 => SecretBytes::from(file),
        64 if let Some(key) = encodings::hex(text).filter(|key| key.len() == 32) => key,
        _ => SecretBytes::from(Sha256::digest(file).as_slice()),
    })
}

/// Returns the key of an XML key file; `None` when it is none. Version 2 has a hash, by which a typing error shows.
fn of_xml(file: &[u8]) -> Option<Result<SecretBytes, ImportError>> {
    if !encodings::without_mark(file).trim_ascii_start().starts_with(b"<") {
        return None;
    }
    let mut reader = Reader::from_reader(encodings::without_mark(file));
    let (mut open, mut version, mut data, mut hash) =
        (Vec::new(), String::new(), Zeroizing::new(String::new()), None);
    let mut buffer = Zeroizing::new(Vec::new());
    loop {
        match reader.read_event_into(&mut buffer).ok()? {
            Event::Start(start) => {
                if open == ["KeyFile", "Key"] {
                    let written = start.try_get_attribute("Hash").ok().flatten();
                    hash = written.and_then(|hash| encodings::hex(&hash.value));
                }
                open.push(start.name().as_ref().to_owned());
            }
            Event::End(_) => drop(open.pop()),
            Event::Text(text) if open == ["KeyFile", "Meta", "Version"] => version.push_str(&text),
            Event::Text(text) if open == ["KeyFile", "Key", "Data"] => data.push_str(&text),
            Event::Eof => break,
            _ => {}
        }
        buffer.clear();
    }
    if data.trim().is_empty() {
        return None;
    }
    let key = if version.trim().starts_with('2') { encodings::hex(&data) } else { encodings::base64(&data) };
    let key = key.filter(|key| key.len() == 32);
    let fits = |key: &SecretBytes| {
        hash.as_ref().is_none_or(|hash| Sha256::digest(key.expose()).starts_with(hash.expose()))
    };
    Some(key.filter(fits).ok_or_else(|| damaged("key file")))
}

/// Encrypts both halves of the key over and over, and hashes what comes out.
fn aes_rounds(
    composite: &SecretBytes,
    seed: &[u8; 32],
    rounds: u64,
    opening: &Opening<'_>,
) -> Result<SecretBytes, ImportError> {
    let cipher = Aes256::new(seed.into());
    let mut halves = Zeroizing::new([[0; 16]; 2]);
    for (half, bytes) in halves.iter_mut().zip(composite.expose().as_chunks::<16>().0) {
        half.copy_from_slice(bytes);
    }
    let mut left = rounds;
    while left > 0 {
        opening.go_on()?;
        let some = left.min(ROUNDS_BETWEEN_STOPS);
        for _ in 0..some {
            for half in halves.iter_mut() {
                cipher.encrypt_block(<&mut Block<Aes256>>::from(half));
            }
        }
        left -= some;
    }
    Ok(SecretBytes::from(Sha256::digest(halves.as_flattened()).as_slice()))
}
