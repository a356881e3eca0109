//! The encrypted file and what it holds.

pub use crate::device::VaultId;
