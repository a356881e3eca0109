//! What the device does for the core: the anchor outside the vault, and the keys that never leave it.
//!
//! Shells fulfil these traits (Keychain, Keystore); `klink` and the tests have their own in software.

use std::fmt;
use std::str::FromStr;

use crate::secret::SecretBytes;

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

    /// Keeps `record` unless one with at least its `seq` is there: two writers may come here in the other order than
    /// they committed, and an anchor is never lowered. An implementation replaces the old record in one step.
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

/// The keys of a device: made in hardware or in the system's key store, and never taken out.
///
/// Calls are synchronous and may wait for a person; the core makes each on a thread of its own, with no lock held.
/// No failure of any of them ever leads to a new vault, slot or key.
pub trait DeviceKeys: Send + Sync {
    /// Lists the kinds of key that this device can hold in hardware or in the system's key store.
    fn kinds(&self) -> Vec<KeyKind>;

    /// Makes a key pair called `alias`; one of that name is replaced. `challenge` goes into the attestation.
    ///
    /// # Errors
    /// One of the six.
    fn make(
        &self,
        alias: &str,
        kind: KeyKind,
        presence: Presence,
        challenge: Option<&[u8]>,
    ) -> Result<MadeKey, KeyStoreError>;

    /// Signs `message`, which the key hashes with SHA-256 itself: ASN.1 DER for P-256 (SEC 1, appendix C.8),
    /// PKCS#1 v1.5 for RSA. `purpose` lets a shell word its prompt.
    ///
    /// # Errors
    /// One of the six.
    fn sign(&self, alias: &str, message: &[u8], purpose: Purpose) -> Result<Vec<u8>, KeyStoreError>;

    /// Keeps 32 secret bytes called `slot`; those of that name are replaced.
    ///
    /// # Errors
    /// One of the six.
    fn put(&self, slot: &str, secret: &SecretBytes, presence: Presence) -> Result<(), KeyStoreError>;

    /// Returns the 32 bytes that [`DeviceKeys::put`] kept.
    ///
    /// # Errors
    /// One of the six.
    fn get(&self, slot: &str, purpose: Purpose) -> Result<SecretBytes, KeyStoreError>;

    /// Makes a key pair that the device does not keep, for a kind that it could hold in no better place than a file: the
    /// core seals the private half in the vault's folder, and gives it back for each signature. `None`: the device
    /// holds keys of this kind itself, and [`DeviceKeys::make`] makes them. Nobody is asked.
    ///
    /// # Errors
    /// One of the six.
    fn make_loose(&self, _kind: KeyKind) -> Result<Option<LooseKey>, KeyStoreError> {
        Ok(None)
    }

    /// Signs with a key that [`DeviceKeys::make_loose`] made, in the form of [`DeviceKeys::sign`]. Nobody is asked.
    ///
    /// # Errors
    /// One of the six; [`KeyStoreError::Missing`] when it is no such key.
    fn sign_loose(&self, _private: &SecretBytes, _message: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
        Err(KeyStoreError::Missing)
    }

    /// Returns the private half of a key that is kept in software under `alias` and should be loose: made before there
    /// were loose keys. The core seals it, and then deletes it here. `None`: there is no such key.
    ///
    /// # Errors
    /// One of the six.
    fn release(&self, _alias: &str) -> Result<Option<SecretBytes>, KeyStoreError> {
        Ok(None)
    }

    /// Deletes a key or a secret, because the user removed what it was for. One that is not there is no failure.
    ///
    /// # Errors
    /// One of the six.
    fn delete(&self, alias: &str) -> Result<(), KeyStoreError>;

    /// Ends a call on `alias` that waits for a person, which then answers [`KeyStoreError::Cancelled`].
    fn cancel(&self, alias: &str);
}

/// A kind of key pair.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum KeyKind {
    /// ECDSA on NIST P-256: the one kind that both platforms hold in hardware.
    P256,
    /// RSA with 2,048 bits, for servers that know nothing newer.
    Rsa2048,
}

/// Whether a person must be there when a key or a secret is used.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Presence {
    /// No: polling, denying and reporting work from the lock screen.
    None,
    /// Biometrics or the device's PIN, at each use; new biometrics do not invalidate it.
    EachUse,
    /// Biometrics as they are enrolled now; new ones invalidate it. Only for a way into the vault.
    Biometrics,
}

/// What a key or a secret is used for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Purpose {
    /// Opening the vault.
    Unlock,
    /// Confirming that the owner is there, before a secret is shown, exported or erased.
    Confirm,
    /// Opening what push needs while the vault is locked. Nobody is asked.
    Push,
    /// Making an enrolment.
    Enrol,
    /// Approving a sign-in.
    Approve,
    /// Proving which phone asks, denying, reporting, upkeep. Nobody is asked.
    Device,
    /// Putting another key in a key's place.
    Rotate,
}

/// A key pair that was made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MadeKey {
    /// The public key: SubjectPublicKeyInfo in DER, RFC 5280 section 4.1.
    pub spki: Vec<u8>,
    /// Whether the private key lies in hardware: TEE, StrongBox or Secure Enclave.
    pub hardware: bool,
    /// What the hardware says about the key, when it says something.
    pub attestation: Option<Attestation>,
}

/// A key pair whose private half the core keeps.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LooseKey {
    /// The public key: SubjectPublicKeyInfo in DER, RFC 5280 section 4.1.
    pub spki: Vec<u8>,
    /// The private key, in a form that the device alone reads.
    pub private: SecretBytes,
}

/// What hardware says about a key that it made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Attestation {
    /// The platform's format: `android-key`, `apple-appattest`.
    pub format: String,
    /// What the platform returned, as it is.
    pub statement: Vec<u8>,
}

/// Returns the name under which the device keeps the secret of a vault's device slot.
pub fn slot_alias(vault: VaultId) -> String {
    format!("klink.slot.{vault}")
}

/// Returns the name under which the device keeps the secret that opens a vault whose lock is off.
pub fn lock_off_alias(vault: VaultId) -> String {
    format!("klink.alone.{vault}")
}

/// Returns the name under which the device keeps the secret that opens `push.db` while the vault is locked.
pub fn push_alias(vault: VaultId) -> String {
    format!("klink.push.{vault}")
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
