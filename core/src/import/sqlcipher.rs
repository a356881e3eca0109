//! SQLCipher 3: pages sealed one by one, opened in memory over library ciphers.
//!
//! Linking SQLCipher itself would put its SQLite in the place of the vault's. Source: Zetetic's design document
//! (zetetic.net/sqlcipher/design) and the defaults of version 3: pages of 1,024 bytes, PBKDF2-HMAC-SHA1 with 64,000
//! rounds, AES-256-CBC, HMAC-SHA1.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use super::budget::KdfBudget;
use super::ciphers::{self, Hash};
use super::database::MAGIC;
use super::error::ImportError;
use super::format::Format;
use crate::secret::{SecretBytes, SecretText};

/// Bytes of a page.
pub(super) const PAGE: usize = 1024;

const SALT: usize = 16;
const IV: usize = 16;
const TAG: usize = 20;
/// What the end of a page holds beside its rows: IV, tag, and nothing up to whole blocks.
const RESERVED: usize = 48;

const ROUNDS: u64 = 64_000;
const TAG_ROUNDS: u64 = 2;

/// Returns the database that `bytes` are the sealed pages of.
///
/// A page that is broken or cut off becomes zeros, so that SQLite finds out which rows it held. `None` when the
/// password does not open the first page.
///
/// # Errors
/// [`ImportError::TooExpensive`] when the budget is below 64,000 rounds.
pub(super) fn open(
    bytes: &[u8],
    password: &SecretText,
    budget: KdfBudget,
    format: Format,
) -> Result<Option<SecretBytes>, ImportError> {
    let Some(salt) = bytes.get(..SALT) else { return Ok(None) };
    let derive = |from: &[u8], salt: &[u8], rounds| {
        ciphers::pbkdf2(Hash::Sha1, from, salt, rounds, 32, budget).map_err(|error| error.of(format))
    };
    let key = derive(password.expose().as_bytes(), salt, ROUNDS)?;
    let tag_salt: Vec<u8> = salt.iter().map(|byte| byte ^ 0x3a).collect();
    let keys = Keys { tag: derive(key.expose(), &tag_salt, TAG_ROUNDS)?, page: key };
    let mut plain = SecretBytes::new(vec![0; bytes.len().next_multiple_of(PAGE)]);
    for (index, (sealed, out)) in bytes.chunks(PAGE).zip(plain.expose_mut().chunks_mut(PAGE)).enumerate() {
        // The first page begins with the salt, in the place of what every database begins with.
        let start = if index == 0 { SALT } else { 0 };
        let opened = keys.open_page(index as u32 + 1, sealed.get(start..), &mut out[start..]);
        match (index, opened) {
            (0, None) => return Ok(None),
            (0, Some(())) => out[..SALT].copy_from_slice(MAGIC),
            (_, None) => out.fill(0),
            (_, Some(())) => {}
        }
    }
    Ok(Some(plain))
}

struct Keys {
    page: SecretBytes,
    tag: SecretBytes,
}

impl Keys {
    /// Opens page `number`, counted from 1; `None` when it is not whole.
    fn open_page(&self, number: u32, sealed: Option<&[u8]>, out: &mut [u8]) -> Option<()> {
        let sealed = sealed.filter(|sealed| sealed.len() == out.len())?;
        let (body, end) = sealed.split_at(sealed.len() - RESERVED);
        let (iv, tag) = end[..IV + TAG].split_at(IV);
        let mut mac = Hmac::<Sha1>::new_from_slice(self.tag.expose()).expect("HMAC takes keys of any length");
        for part in [body, iv, &number.to_le_bytes()] {
            mac.update(part);
        }
        mac.verify_slice(tag).ok()?;
        let (rows, _) = out.split_at_mut(body.len());
        rows.copy_from_slice(body);
        ciphers::decrypt_cbc_blocks(self.page.expose(), iv, rows)
    }
}

#[cfg(test)]
mod tests;
