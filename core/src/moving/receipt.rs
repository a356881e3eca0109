//! Six digits that the new device shows and the old one is told: they say how many accounts arrived.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::frame::Head;

/// What the new device shows: six digits.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Receipt(u32);

impl Receipt {
    pub(super) fn of(head: &Head, taken: u32) -> Self {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(head.key.expose()).expect("HMAC takes a key of any length");
        mac.update(b"klink/1/move/receipt");
        mac.update(&head.id);
        mac.update(&head.digest);
        mac.update(&taken.to_be_bytes());
        mac.update(&head.accounts.to_be_bytes());
        let mac: [u8; 32] = mac.finalize().into_bytes().into();
        let first = u64::from_be_bytes(mac[..8].try_into().expect("eight of 32 bytes"));
        Self(u32::try_from(first % 1_000_000).expect("six digits"))
    }

    /// Reads what was typed: six digits, with spaces wherever people put them.
    pub(super) fn parse(typed: &str) -> Option<Self> {
        let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
        let six = digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_digit());
        if six { digits.parse().ok().map(Self) } else { None }
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Receipt")
    }
}
