//! Prints accounts as an export that Google's app and others read.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use prost::Message;
use zeroize::Zeroizing;

use super::entry;
use super::wire::{Entry, Payload};
use crate::account::Account;
use crate::secret::SecretText;

/// How many accounts go into one QR code, as in Google's app.
pub const ACCOUNTS_PER_PART: usize = 10;

/// An export, and what could not go into it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Printed {
    /// One text for each QR code, in their order.
    pub parts: Vec<SecretText>,
    /// The accounts that the format cannot say: their place in the list, from 0, and why.
    pub left_out: Vec<(usize, LeftOut)>,
}

/// Why an account cannot go into an export of this format.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LeftOut {
    /// Neither TOTP nor HOTP.
    Kind,
    /// SHA-224 or SHA-384.
    Algorithm,
    /// Neither six digits nor eight.
    Digits,
    /// Not 30 seconds.
    Period,
    /// A counter above 2⁶³ − 1.
    Counter,
}

/// Returns the accounts as export texts of at most [`ACCOUNTS_PER_PART`] accounts each.
///
/// `batch_id` tells this export from others: take a random one, not 0. Icons, extra parameters and space
/// around names do not go with it.
///
/// ```
/// use authenticator_core::uri::{self, migration};
///
/// let account = uri::parse("otpauth://totp/ACME:ann?secret=JBSWY3DPEHPK3PXP")?;
/// let printed = migration::print(&[account.clone()], 7);
/// assert_eq!(migration::parse(printed.parts[0].expose())?.accounts, [account]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn print(accounts: &[Account], batch_id: i32) -> Printed {
    let (mut entries, mut left_out) = (Vec::new(), Vec::new());
    for (place, account) in accounts.iter().enumerate() {
        match entry::write(account) {
            Ok(entry) => entries.push(entry),
            Err(reason) => left_out.push((place, reason)),
        }
    }
    let chunks = entries.chunks(ACCOUNTS_PER_PART);
    let batch_size = i32::try_from(chunks.len()).expect("a list in memory has fewer than 2^31 parts");
    let parts =
        (0..).zip(chunks).map(|(batch_index, entries)| part(entries, batch_size, batch_index, batch_id));
    Printed { parts: parts.collect(), left_out }
}

fn part(entries: &[Entry], batch_size: i32, batch_index: i32, batch_id: i32) -> SecretText {
    let entries = entries.iter().map(Entry::encode_to_vec).collect();
    let payload = Payload { entries, version: 1, batch_size, batch_index, batch_id };
    let payload = Zeroizing::new(payload.encode_to_vec());
    let base64 = Zeroizing::new(STANDARD.encode(&payload));
    // An escape is three times as long: memory that grows would leave copies behind.
    let mut text = String::with_capacity(64 + 3 * base64.len());
    text.push_str("otpauth-migration://offline?data=");
    for character in base64.chars() {
        match character {
            '+' => text.push_str("%2B"),
            '/' => text.push_str("%2F"),
            '=' => text.push_str("%3D"),
            _ => text.push(character),
        }
    }
    SecretText::new(text)
}
