//! The anchor of one vault, in memory.

use std::sync::{Mutex, MutexGuard, PoisonError};

use authenticator_core::device::{Anchor, AnchorRecord, KeyStoreError, StoredAnchor, VaultId};

/// One record; none until the first commit.
#[derive(Default)]
pub struct OneAnchor(Mutex<Option<AnchorRecord>>);

impl OneAnchor {
    /// Starts with a record.
    pub fn of(record: AnchorRecord) -> Self {
        Self(Mutex::new(Some(record)))
    }

    /// Returns the newest record.
    pub fn record(&self) -> Option<AnchorRecord> {
        self.place().clone()
    }

    fn place(&self) -> MutexGuard<'_, Option<AnchorRecord>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Anchor for OneAnchor {
    fn load(&self, _: VaultId) -> Result<StoredAnchor, KeyStoreError> {
        Ok(self.record().map_or(StoredAnchor::Absent, StoredAnchor::Present))
    }

    fn store(&self, _: VaultId, record: &AnchorRecord) -> Result<(), KeyStoreError> {
        let mut place = self.place();
        if place.as_ref().is_none_or(|there| there.seq < record.seq) {
            *place = Some(record.clone());
        }
        Ok(())
    }

    fn list(&self) -> Result<Vec<VaultId>, KeyStoreError> {
        Ok(Vec::new())
    }

    fn archive(&self, _: VaultId) -> Result<(), KeyStoreError> {
        Ok(())
    }
}
