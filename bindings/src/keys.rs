//! What an app does for the core: keys and anchors, two traits that it fulfils, and how they are called.
//!
//! Every call runs on a thread of its own with no lock held, and none is waited for without a limit.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use authenticator_core::device::{self, VaultId};
use authenticator_core::secret::SecretBytes;

use crate::panics::THREAD;
use crate::records::{AnchorRecord, KeyKind, MadeKey, Presence, Purpose, StoredAnchor};

/// The keys of a device, as the app keeps them: Secure Enclave and Keychain, or Android's Keystore.
///
/// Calls come on threads of their own, several at once, and may wait for a person. No failure ever leads to a new
/// vault, slot or key. After two minutes an answer is no longer waited for.
#[uniffi::export(foreign)]
pub trait DeviceKeys: Send + Sync {
    /// Lists the kinds of key that this device can hold in hardware or in the system's key store.
    fn kinds(&self) -> Vec<KeyKind>;

    /// Makes a key pair called `alias`; one of that name is replaced. `challenge` goes into the attestation.
    fn make(
        &self,
        alias: String,
        kind: KeyKind,
        presence: Presence,
        challenge: Option<Vec<u8>>,
    ) -> Result<MadeKey, KeyStoreError>;

    /// Signs `message`, which the key hashes with SHA-256 itself: ASN.1 DER for P-256, PKCS#1 v1.5 for RSA.
    /// `purpose` lets the app word its prompt.
    fn sign(&self, alias: String, message: Vec<u8>, purpose: Purpose) -> Result<Vec<u8>, KeyStoreError>;

    /// Keeps 32 secret bytes called `slot`; those of that name are replaced.
    fn put(&self, slot: String, secret: Vec<u8>, presence: Presence) -> Result<(), KeyStoreError>;

    /// Returns the 32 bytes that `put` kept.
    fn get(&self, slot: String, purpose: Purpose) -> Result<Vec<u8>, KeyStoreError>;

    /// Deletes a key or a secret. One that is not there is no failure.
    fn delete(&self, alias: String) -> Result<(), KeyStoreError>;

    /// Ends a call on `alias` that waits for a person, which then answers `Cancelled`.
    fn cancel(&self, alias: String);
}

/// A place outside the vault's folder that keeps one record for each vault: the Keychain, or preferences that are
/// not restored from a backup. It says how new the vault's file must be.
#[uniffi::export(foreign)]
pub trait Anchor: Send + Sync {
    /// Returns the record of one vault. A record that cannot be read is `Torn`, not `Absent`.
    fn load(&self, vault_id: String) -> Result<StoredAnchor, KeyStoreError>;

    /// Keeps `record` unless one with at least its `seq` is there, and replaces the old one in one step.
    fn store(&self, vault_id: String, record: AnchorRecord) -> Result<(), KeyStoreError>;

    /// Lists the vaults that have a record.
    fn list(&self) -> Result<Vec<String>, KeyStoreError>;

    /// Puts a record aside, so that `list` no longer names it; it is kept, not deleted.
    fn archive(&self, vault_id: String) -> Result<(), KeyStoreError>;
}

/// Why a key store did not answer. What is thrown besides these counts as `HardwareFault`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error, uniffi::Error)]
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
    /// The hardware failed: it was tried three times; ask for the passphrase or the recovery code.
    #[error("the key hardware failed")]
    HardwareFault,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for KeyStoreError {
    /// What the app's code threw may hold anything: its text goes no further.
    fn from(_thrown: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::HardwareFault
    }
}

impl From<device::KeyStoreError> for KeyStoreError {
    fn from(error: device::KeyStoreError) -> Self {
        match error {
            device::KeyStoreError::Unavailable => Self::Unavailable,
            device::KeyStoreError::Cancelled => Self::Cancelled,
            device::KeyStoreError::LockedOut => Self::LockedOut,
            device::KeyStoreError::Invalidated => Self::Invalidated,
            device::KeyStoreError::Missing => Self::Missing,
            device::KeyStoreError::HardwareFault => Self::HardwareFault,
        }
    }
}

impl From<KeyStoreError> for device::KeyStoreError {
    fn from(error: KeyStoreError) -> Self {
        match error {
            KeyStoreError::Unavailable => Self::Unavailable,
            KeyStoreError::Cancelled => Self::Cancelled,
            KeyStoreError::LockedOut => Self::LockedOut,
            KeyStoreError::Invalidated => Self::Invalidated,
            KeyStoreError::Missing => Self::Missing,
            KeyStoreError::HardwareFault => Self::HardwareFault,
        }
    }
}

/// For how long a person may be waited for: two minutes.
const PERSON: Duration = Duration::from_secs(120);
/// For how long a place that keeps a record may take.
const RECORD: Duration = Duration::from_secs(20);

/// An app's keys, as the core asks them.
pub(crate) struct AppKeys(pub(crate) Arc<dyn DeviceKeys>);

impl AppKeys {
    /// Makes one call on a thread of its own; a person who has not answered in time is asked no more.
    fn ask<T: Send + 'static>(
        &self,
        alias: &str,
        call: impl FnOnce(&dyn DeviceKeys) -> Result<T, KeyStoreError> + Send + 'static,
    ) -> Result<T, device::KeyStoreError> {
        let keys = Arc::clone(&self.0);
        match on_own_thread(PERSON, move || call(&*keys)) {
            Some(answer) => answer.map_err(Into::into),
            None => {
                device::DeviceKeys::cancel(self, alias);
                Err(device::KeyStoreError::Cancelled)
            }
        }
    }
}

impl device::DeviceKeys for AppKeys {
    fn kinds(&self) -> Vec<KeyKind> {
        let keys = Arc::clone(&self.0);
        on_own_thread(RECORD, move || keys.kinds()).unwrap_or_default()
    }

    fn make(
        &self,
        alias: &str,
        kind: KeyKind,
        presence: Presence,
        challenge: Option<&[u8]>,
    ) -> Result<device::MadeKey, device::KeyStoreError> {
        let (name, challenge) = (alias.to_owned(), challenge.map(<[u8]>::to_vec));
        self.ask(alias, move |keys| keys.make(name, kind, presence, challenge)).map(Into::into)
    }

    fn sign(&self, alias: &str, message: &[u8], purpose: Purpose) -> Result<Vec<u8>, device::KeyStoreError> {
        let (name, message) = (alias.to_owned(), message.to_vec());
        self.ask(alias, move |keys| keys.sign(name, message, purpose))
    }

    fn put(&self, slot: &str, secret: &SecretBytes, presence: Presence) -> Result<(), device::KeyStoreError> {
        let (name, secret) = (slot.to_owned(), secret.expose().to_vec());
        self.ask(slot, move |keys| keys.put(name, secret, presence))
    }

    fn get(&self, slot: &str, purpose: Purpose) -> Result<SecretBytes, device::KeyStoreError> {
        let name = slot.to_owned();
        self.ask(slot, move |keys| keys.get(name, purpose).map(SecretBytes::new))
    }

    fn delete(&self, alias: &str) -> Result<(), device::KeyStoreError> {
        let name = alias.to_owned();
        self.ask(alias, move |keys| keys.delete(name))
    }

    fn cancel(&self, alias: &str) {
        let (keys, name) = (Arc::clone(&self.0), alias.to_owned());
        // Whether it helps is seen by the call that waits.
        let _ = on_own_thread(RECORD, move || keys.cancel(name));
    }
}

/// An app's place for anchors, as the core uses it.
pub(crate) struct AppAnchor {
    pub(crate) anchor: Arc<dyn Anchor>,
    /// The next record is not stored: a fault is rehearsed in the middle of a write.
    pub(crate) rehearsing: AtomicBool,
}

impl AppAnchor {
    fn ask<T: Send + 'static>(
        &self,
        call: impl FnOnce(&dyn Anchor) -> Result<T, KeyStoreError> + Send + 'static,
    ) -> Result<T, device::KeyStoreError> {
        let anchor = Arc::clone(&self.anchor);
        on_own_thread(RECORD, move || call(&*anchor))
            .unwrap_or(Err(KeyStoreError::Unavailable))
            .map_err(Into::into)
    }
}

impl device::Anchor for AppAnchor {
    fn load(&self, vault: VaultId) -> Result<device::StoredAnchor, device::KeyStoreError> {
        self.ask(move |anchor| anchor.load(vault.to_string())).map(Into::into)
    }

    fn store(&self, vault: VaultId, record: &device::AnchorRecord) -> Result<(), device::KeyStoreError> {
        assert!(
            !self.rehearsing.swap(false, Ordering::SeqCst),
            "a rehearsed fault with a secret: JBSWY3DPEHPK3PXP"
        );
        let record = record.clone().into();
        self.ask(move |anchor| anchor.store(vault.to_string(), record))
    }

    fn list(&self) -> Result<Vec<VaultId>, device::KeyStoreError> {
        let listed = self.ask(|anchor| anchor.list())?;
        // What is no id of ours was put there by somebody else.
        Ok(listed.iter().filter_map(|id| id.parse().ok()).collect())
    }

    fn archive(&self, vault: VaultId) -> Result<(), device::KeyStoreError> {
        self.ask(move |anchor| anchor.archive(vault.to_string()))
    }
}

/// Makes a call on a thread of its own and waits for its answer, but not for longer than `limit`; `None` without one.
pub(crate) fn on_own_thread<T: Send + 'static>(
    limit: Duration,
    call: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (tell, told) = mpsc::sync_channel(1);
    let name = format!("{THREAD}-app");
    thread::Builder::new()
        .name(name)
        .spawn(move || {
            // Nobody listens any more after the limit: the answer is thrown away.
            let _ = tell.send(call());
        })
        .ok()?;
    told.recv_timeout(limit).ok()
}
