//! Names of rows: 16 random bytes, printed as 32 lower-case hex digits.

use std::fmt;
use std::str::FromStr;

use crate::crypto::random::{self, RandomError};

/// Names one account of a vault, for as long as it lives.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ItemId(pub(super) [u8; 16]);

/// Names one group of a vault.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct GroupId(pub(super) [u8; 16]);

/// The text is not 32 hex digits.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("an id is 32 hex digits")]
pub struct IdError;

impl ItemId {
    /// Returns the 16 bytes, for keeping them beside what belongs to the account.
    pub(crate) fn bytes(self) -> [u8; 16] {
        self.0
    }

    /// Reads what [`ItemId::bytes`] gave.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub(super) fn make() -> Result<Self, RandomError> {
        random::make_array().map(Self)
    }
}

impl GroupId {
    pub(super) fn make() -> Result<Self, RandomError> {
        random::make_array().map(Self)
    }
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.0, f)
    }
}

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.0, f)
    }
}

impl FromStr for ItemId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        crate::device::parse_hex16(text).map(Self).ok_or(IdError)
    }
}

impl FromStr for GroupId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        crate::device::parse_hex16(text).map(Self).ok_or(IdError)
    }
}

fn hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}
