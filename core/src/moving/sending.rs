//! The old device: a sealed bundle, its codes, and the receipt that ends it.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::MoveError;
use super::frame::{Frame, Head, MoveId};
use super::receipt::Receipt;
use crate::crypto::{random, seal};
use crate::secret::{SecretBytes, SecretText};

/// How the accounts travel.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Way {
    /// In a sequence of codes.
    Codes,
    /// In a sealed file, which one code names and opens: for many accounts, or a device without a good camera.
    File,
}

/// A move that is going out.
#[derive(Clone)]
pub struct Sending {
    head: Head,
    sealed: Vec<u8>,
}

/// Bytes of one part: with its frame in base45 it fills version 20 of a QR code, which a phone reads off a phone.
const CHUNK: usize = 800;
/// More codes than this nobody scans: 160 KB, about a thousand accounts.
const MOST_PARTS: usize = 200;
/// So many accounts fewer than all are still told apart by the receipt.
const LEAST_TOLD: u32 = 200;
const BLOCK: usize = 256;

impl Sending {
    /// Seals a bundle under a new key.
    ///
    /// # Errors
    /// [`MoveError::TooManyParts`], [`MoveError::Random`].
    pub fn new(plain: &SecretBytes, accounts: u32, rows: u32, way: Way) -> Result<Self, MoveError> {
        let id: MoveId = random::make_array()?;
        let key = random::make_secret(seal::KEY)?;
        let full = (4 + plain.len()).next_multiple_of(BLOCK);
        let mut padded = Zeroizing::new(Vec::with_capacity(full));
        padded.extend_from_slice(
            &u32::try_from(plain.len()).expect("a vault is far below 4 GiB").to_be_bytes(),
        );
        padded.extend_from_slice(plain.expose());
        padded.resize(full, 0);
        let sealed = seal::seal(&key, &aad(id), &padded)?;
        let parts = match way {
            Way::File => 0,
            Way::Codes => sealed.len().div_ceil(CHUNK),
        };
        if parts > MOST_PARTS {
            return Err(MoveError::TooManyParts { parts });
        }
        let head = Head {
            id,
            parts: u16::try_from(parts).expect("at most 200"),
            key,
            bytes: u32::try_from(sealed.len()).expect("a vault is far below 4 GiB"),
            digest: Sha256::digest(&sealed).into(),
            accounts,
            rows,
        };
        Ok(Self { head, sealed })
    }

    /// Returns the texts of the codes: the head first, then the parts. They may be shown and scanned in any order.
    pub fn codes(&self) -> Vec<SecretText> {
        let head = Frame::Head(self.head.clone());
        let id = self.head.id;
        let parts = match self.way() {
            Way::File => Vec::new(),
            Way::Codes => {
                self.sealed.chunks(CHUNK).zip(0..).map(|(chunk, index)| (index, chunk.to_vec())).collect()
            }
        };
        let parts = parts.into_iter().map(|(index, chunk)| Frame::Part { id, index, chunk });
        std::iter::once(head).chain(parts).map(|frame| frame.print()).collect()
    }

    /// Returns the sealed file that the code names; `None` when all of it is in codes.
    pub fn file(&self) -> Option<&[u8]> {
        match self.way() {
            Way::File => Some(&self.sealed),
            Way::Codes => None,
        }
    }

    /// Returns how the accounts travel.
    pub fn way(&self) -> Way {
        if self.head.parts == 0 { Way::File } else { Way::Codes }
    }

    /// Returns the accounts in the list: the 80 of "80 of 80".
    pub fn accounts(&self) -> u32 {
        self.head.accounts
    }

    /// Says by the receipt how many accounts arrived; `None` when these digits are not of this move.
    pub fn arrived(&self, typed: &str) -> Option<u32> {
        let typed = Receipt::parse(typed)?;
        let all = self.head.accounts;
        (all.saturating_sub(LEAST_TOLD)..=all).rev().find(|taken| Receipt::of(&self.head, *taken) == typed)
    }

    /// Returns everything, to be kept sealed until the receipt came.
    pub fn to_bytes(&self) -> SecretBytes {
        let head = Frame::Head(self.head.clone()).print();
        let mut bytes = Vec::with_capacity(2 + head.expose().len() + self.sealed.len());
        bytes.extend_from_slice(&u16::try_from(head.expose().len()).expect("a head is short").to_be_bytes());
        bytes.extend_from_slice(head.expose().as_bytes());
        bytes.extend_from_slice(&self.sealed);
        SecretBytes::new(bytes)
    }

    /// Takes a move up again; `None` when that is not what was kept.
    pub fn from_bytes(bytes: &SecretBytes) -> Option<Self> {
        let (len, rest) = bytes.expose().split_first_chunk::<2>()?;
        let (head, sealed) = rest.split_at_checked(usize::from(u16::from_be_bytes(*len)))?;
        let Ok(Frame::Head(head)) = Frame::parse(std::str::from_utf8(head).ok()?) else { return None };
        let whole = Sha256::digest(sealed)[..] == head.digest;
        whole.then(|| Self { head, sealed: sealed.to_vec() })
    }
}

pub(super) fn aad(id: MoveId) -> Vec<u8> {
    [b"klink/1/move".as_slice(), &id].concat()
}
