//! What the device does for the core: the anchor outside the vault, and later its keys.
//!
//! Shells fulfil these traits (Keychain, Keystore); `klink` and the tests have their own in software.

use std::fmt;
use std::str::FromStr;

/// Names one vault, for as long as it lives: 16 random bytes. Prints as 32 lower-case hex digits.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct VaultId(pub [u8; 16]);

impl fmt::Display for VaultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The text is not 32 hex digits.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a vault's id is 32 hex digits")]
pub struct VaultIdError;

impl FromStr for VaultId {
    type Err = VaultIdError;

    fn from_str(text: &str) -> Result<Self, VaultIdError> {
        parse_hex16(text).map(Self).ok_or(VaultIdError)
    }
}

/// Reads 16 bytes from 32 hex digits of either case.
pub(crate) fn parse_hex16(text: &str) -> Option<[u8; 16]> {
    let digits = text.as_bytes();
    if digits.len() != 32 {
        return None;
    }
    let mut bytes = [0; 16];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        let high = char::from(pair[0]).to_digit(16)?;
        let low = char::from(pair[1]).to_digit(16)?;
        *byte = u8::try_from(high << 4 | low).ok()?;
    }
    Some(bytes)
}

/// What stands outside the vault's file and says how new the file must be (`docs/vault-format.md`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AnchorRecord {
    /// The number of the newest commit.
    pub seq: u64,
    /// The root MAC of that commit, 32 bytes.
    pub root_mac: [u8; 32],
    /// The root MAC of the commit before it, 32 bytes.
    pub prev_root: [u8; 32],
    /// The branch that the file was on, 16 random bytes.
    pub branch: [u8; 16],
}

/// What [`Anchor::load`] found. A torn record is not an absent one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum StoredAnchor {
    /// Nothing was ever stored for this vault: a new phone.
    Absent,
    /// Something is stored that cannot be read; the vault opens read-only until the user accepts it.
    Torn,
    /// The record as it was stored.
    Present(AnchorRecord),
}

/// A place outside the vault's folder that keeps one [`AnchorRecord`] for each vault.
///
/// Calls are synchronous and are made with no lock held.
pub trait Anchor: Send + Sync {
    /// Returns the record of one vault.
    ///
    /// # Errors
    /// One of the six; nothing is concluded from a failure.
    fn load(&self, vault: VaultId) -> Result<StoredAnchor, KeyStoreError>;

    /// Keeps `record`; an implementation replaces the old one in one step.
    ///
    /// # Errors
    /// One of the six; the operation whose record this is has still succeeded.
    fn store(&self, vault: VaultId, record: &AnchorRecord) -> Result<(), KeyStoreError>;

    /// Lists the vaults that have a record.
    ///
    /// # Errors
    /// One of the six.
    fn list(&self) -> Result<Vec<VaultId>, KeyStoreError>;

    /// Puts a record aside, so that [`Anchor::list`] no longer names it; it is kept, not deleted.
    /// Only an explicit "start new" asks for this.
    ///
    /// # Errors
    /// One of the six.
    fn archive(&self, vault: VaultId) -> Result<(), KeyStoreError>;
}

/// Why a key store did not answer. None of the six ever leads to a new vault, slot or key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum KeyStoreError {
    /// The device is locked or still starting: wait and try again.
    #[error("the key store is not available now")]
    Unavailable,
    /// The person cancelled: stay where you are.
    #[error("cancelled")]
    Cancelled,
    /// Too many tries: ask for the passphrase or the recovery code.
    #[error("locked out after too many tries")]
    LockedOut,
    /// The key is no longer usable (new biometrics): ask for the passphrase or the recovery code.
    #[error("the key was invalidated")]
    Invalidated,
    /// The key is not on this device: ask for the passphrase or the recovery code.
    #[error("the key is missing")]
    Missing,
    /// The hardware failed: try three times, then ask for the passphrase or the recovery code.
    #[error("the key hardware failed")]
    HardwareFault,
}
