//! What follows a commit: its anchor, with no lock held, and then the log is emptied into the file.

use std::mem;
use std::sync::Arc;

use super::schema;
use super::store::Vault;
use crate::device::{Anchor, AnchorRecord, KeyStoreError, VaultId};

/// The anchor of a commit, to be stored with no lock held: [`Vault::take_unsettled`].
pub(crate) struct Unsettled {
    anchor: Arc<dyn Anchor>,
    vault: VaultId,
    record: AnchorRecord,
}

impl Vault {
    /// Leaves the anchors of coming commits to the caller, who stores them by [`Unsettled::store`] with no lock held.
    pub(crate) fn leave_settling(&mut self) {
        self.known.settled_by_caller = true;
    }

    /// Returns the anchor of the newest commit when it is not stored yet.
    pub(crate) fn take_unsettled(&mut self) -> Option<Unsettled> {
        mem::take(&mut self.unsettled).then(|| Unsettled {
            anchor: Arc::clone(&self.known.anchor),
            vault: self.known.id,
            record: self.known.state.root.anchor(),
        })
    }

    /// Notes how storing went, and empties the log into the file. A failure is noted; the operation has succeeded.
    pub(crate) fn settled(&mut self, stored: Result<(), KeyStoreError>) {
        self.known.report.anchor_stale = stored.err();
        schema::checkpoint(&self.db);
    }

    /// Stores the anchor of the newest commit, when it is not stored yet.
    pub(super) fn settle(&mut self) {
        if let Some(unsettled) = self.take_unsettled() {
            self.settled(unsettled.store());
        }
    }
}

impl Unsettled {
    /// Stores the anchor. The operation whose anchor this is has succeeded, however this ends.
    pub(crate) fn store(self) -> Result<(), KeyStoreError> {
        self.anchor.store(self.vault, &self.record)
    }
}
