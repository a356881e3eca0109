//! One QR code of a move: a text, and in it a head or a part with a checksum of its own.

use sha2::{Digest, Sha256};

use super::base45;
use crate::secret::{SecretBytes, SecretText};

/// What every code of a move begins with.
pub const PREFIX: &str = "KLINK-MOVE:";

/// Names a move: 8 random bytes.
pub(super) type MoveId = [u8; 8];

/// What a code holds.
#[derive(Clone)]
pub(super) enum Frame {
    Head(Head),
    Part {
        id: MoveId,
        /// From 0.
        index: u16,
        chunk: Vec<u8>,
    },
}

/// What the first code says of all others, or of the file.
#[derive(Clone, Eq, PartialEq)]
pub(super) struct Head {
    pub(super) id: MoveId,
    /// How many parts follow; 0 when all of it is in a file.
    pub(super) parts: u16,
    pub(super) key: SecretBytes,
    /// Bytes of all parts, or of the file.
    pub(super) bytes: u32,
    /// SHA-256 of them.
    pub(super) digest: [u8; 32],
    /// Accounts in the list.
    pub(super) accounts: u32,
    /// All rows, the trash included.
    pub(super) rows: u32,
}

/// Why a text is no code that can be used here.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CodeError {
    /// It is no code of a move.
    #[error("no code of a move")]
    NotOurs,
    /// A later version made it: update the app.
    #[error("a move of a later version, {0}")]
    Newer(u8),
    /// It was read wrongly: scan it again.
    #[error("a code that was read wrongly")]
    Damaged,
}

const VERSION: u8 = 1;
const HEAD: u8 = 1;
const PART: u8 = 2;
const CHECK: usize = 4;
/// Beyond this a text is not looked at; the largest code of ours is far below.
const MOST_TEXT: usize = 4_400;

/// Tells whether a scanned text is a code of a move, so that a scanner can lead to the right screen.
pub fn is_code(text: &str) -> bool {
    text.trim().starts_with(PREFIX)
}

impl Frame {
    pub(super) fn id(&self) -> MoveId {
        match self {
            Self::Head(head) => head.id,
            Self::Part { id, .. } => *id,
        }
    }

    /// Returns the text for a QR code: [`PREFIX`] and base45, all of it in QR's alphanumeric mode.
    pub(super) fn print(&self) -> SecretText {
        let bytes = self.bytes();
        let mut text = String::with_capacity(PREFIX.len() + bytes.len().div_ceil(2) * 3);
        text.push_str(PREFIX);
        base45::encode(bytes.expose(), &mut text);
        SecretText::new(text)
    }

    pub(super) fn parse(text: &str) -> Result<Self, CodeError> {
        let text = text.trim();
        let inside = text.strip_prefix(PREFIX).ok_or(CodeError::NotOurs)?;
        if text.len() > MOST_TEXT {
            return Err(CodeError::Damaged);
        }
        let bytes = SecretBytes::new(base45::decode(inside).ok_or(CodeError::Damaged)?);
        let end = bytes.len().checked_sub(CHECK).ok_or(CodeError::Damaged)?;
        let (frame, check) = bytes.expose().split_at(end);
        if checksum(frame) != *check {
            return Err(CodeError::Damaged);
        }
        match frame.split_first() {
            Some((&VERSION, rest)) => Self::read(rest).ok_or(CodeError::Damaged),
            Some((version, _)) => Err(CodeError::Newer(*version)),
            None => Err(CodeError::Damaged),
        }
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (kind, bytes) = bytes.split_first()?;
        let (id, bytes) = bytes.split_first_chunk::<8>()?;
        match *kind {
            HEAD => {
                let (parts, bytes) = bytes.split_first_chunk::<2>()?;
                let (key, bytes) = bytes.split_first_chunk::<32>()?;
                let (len, bytes) = bytes.split_first_chunk::<4>()?;
                let (digest, bytes) = bytes.split_first_chunk::<32>()?;
                let (accounts, bytes) = bytes.split_first_chunk::<4>()?;
                let rows = bytes.try_into().ok()?;
                Some(Self::Head(Head {
                    id: *id,
                    parts: u16::from_be_bytes(*parts),
                    key: SecretBytes::from(key.as_slice()),
                    bytes: u32::from_be_bytes(*len),
                    digest: *digest,
                    accounts: u32::from_be_bytes(*accounts),
                    rows: u32::from_be_bytes(rows),
                }))
            }
            PART => {
                let (index, chunk) = bytes.split_first_chunk::<2>()?;
                Some(Self::Part { id: *id, index: u16::from_be_bytes(*index), chunk: chunk.to_vec() })
            }
            _ => None,
        }
    }

    fn bytes(&self) -> SecretBytes {
        let room = 2
            + 8
            + CHECK
            + match self {
                Self::Head(_) => 2 + 32 + 4 + 32 + 4 + 4,
                Self::Part { chunk, .. } => 2 + chunk.len(),
            };
        let mut bytes = Vec::with_capacity(room);
        bytes.push(VERSION);
        match self {
            Self::Head(Head { id, parts, key, bytes: len, digest, accounts, rows }) => {
                bytes.push(HEAD);
                bytes.extend_from_slice(id);
                bytes.extend_from_slice(&parts.to_be_bytes());
                bytes.extend_from_slice(key.expose());
                bytes.extend_from_slice(&len.to_be_bytes());
                bytes.extend_from_slice(digest);
                bytes.extend_from_slice(&accounts.to_be_bytes());
                bytes.extend_from_slice(&rows.to_be_bytes());
            }
            Self::Part { id, index, chunk } => {
                bytes.push(PART);
                bytes.extend_from_slice(id);
                bytes.extend_from_slice(&index.to_be_bytes());
                bytes.extend_from_slice(chunk);
            }
        }
        let check = checksum(&bytes);
        bytes.extend_from_slice(&check);
        SecretBytes::new(bytes)
    }
}

/// Returns the first four bytes of SHA-256: a code that was read wrongly is named, instead of spoiling the whole.
fn checksum(frame: &[u8]) -> [u8; CHECK] {
    let digest: [u8; 32] = Sha256::digest(frame).into();
    [digest[0], digest[1], digest[2], digest[3]]
}
