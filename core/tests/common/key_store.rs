//! A device's key store and anchor that a test can make fail: in each of the six ways, from each call on.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use authenticator_core::device::{
    Anchor, AnchorRecord, DeviceKeys, KeyKind, KeyStoreError, MadeKey, Presence, Purpose, StoredAnchor,
    VaultId,
};
use authenticator_core::secret::SecretBytes;

use super::MemoryAnchor;

/// Every answer besides yes.
pub const SIX: [KeyStoreError; 6] = [
    KeyStoreError::Unavailable,
    KeyStoreError::Cancelled,
    KeyStoreError::LockedOut,
    KeyStoreError::Invalidated,
    KeyStoreError::Missing,
    KeyStoreError::HardwareFault,
];

/// Counts calls, and fails them from one on.
#[derive(Default)]
pub struct Trigger(Mutex<(usize, Option<(usize, KeyStoreError)>)>);

impl Trigger {
    /// Begins to count anew; `failing` names the first call that fails, counted from 0, and how it and all later ones do.
    pub fn set(&self, failing: Option<(usize, KeyStoreError)>) {
        *self.0.lock().unwrap() = (0, failing);
    }

    /// Returns how many calls came.
    pub fn asked(&self) -> usize {
        self.0.lock().unwrap().0
    }

    fn answer(&self) -> Result<(), KeyStoreError> {
        let (asked, failing) = &mut *self.0.lock().unwrap();
        let call = *asked;
        *asked += 1;
        match *failing {
            Some((from, error)) if call >= from => Err(error),
            Some(_) | None => Ok(()),
        }
    }
}

/// A key store that can be made to fail, and counts how often it was asked.
#[derive(Default)]
pub struct KeyStore {
    pub kept: Mutex<BTreeMap<String, SecretBytes>>,
    pub trigger: Arc<Trigger>,
}

impl KeyStore {
    pub fn fail(&self, error: Option<KeyStoreError>) {
        self.trigger.set(error.map(|error| (0, error)));
    }

    pub fn asked(&self) -> usize {
        self.trigger.asked()
    }
}

impl DeviceKeys for KeyStore {
    fn kinds(&self) -> Vec<KeyKind> {
        Vec::new()
    }

    fn make(&self, _: &str, _: KeyKind, _: Presence, _: Option<&[u8]>) -> Result<MadeKey, KeyStoreError> {
        Err(KeyStoreError::HardwareFault)
    }

    fn sign(&self, _: &str, _: &[u8], _: Purpose) -> Result<Vec<u8>, KeyStoreError> {
        Err(KeyStoreError::HardwareFault)
    }

    fn put(&self, slot: &str, secret: &SecretBytes, _: Presence) -> Result<(), KeyStoreError> {
        self.trigger.answer()?;
        self.kept.lock().unwrap().insert(slot.to_owned(), secret.clone());
        Ok(())
    }

    fn get(&self, slot: &str, _: Purpose) -> Result<SecretBytes, KeyStoreError> {
        self.trigger.answer()?;
        self.kept.lock().unwrap().get(slot).cloned().ok_or(KeyStoreError::Missing)
    }

    fn delete(&self, alias: &str) -> Result<(), KeyStoreError> {
        self.trigger.answer()?;
        self.kept.lock().unwrap().remove(alias);
        Ok(())
    }

    fn cancel(&self, _: &str) {}
}

/// The anchor of a place, behind the same trigger.
pub struct FailingAnchor {
    pub inner: Arc<MemoryAnchor>,
    pub trigger: Arc<Trigger>,
}

impl Anchor for FailingAnchor {
    fn load(&self, vault: VaultId) -> Result<StoredAnchor, KeyStoreError> {
        self.trigger.answer()?;
        self.inner.load(vault)
    }

    fn store(&self, vault: VaultId, record: &AnchorRecord) -> Result<(), KeyStoreError> {
        self.trigger.answer()?;
        self.inner.store(vault, record)
    }

    fn list(&self) -> Result<Vec<VaultId>, KeyStoreError> {
        self.trigger.answer()?;
        self.inner.list()
    }

    fn archive(&self, vault: VaultId) -> Result<(), KeyStoreError> {
        self.trigger.answer()?;
        self.inner.archive(vault)
    }
}
