//! Erase for good: what was deleted cannot be had back, not even from an old copy of the file.

use std::path::PathBuf;

use super::VaultError;
use super::ids::ItemId;
use super::quarantine;
use super::snapshot;
use super::store::Vault;
use super::ways_in::Rotation;
use crate::time::UnixTime;

/// What is left after everything deleted was erased.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Erased {
    /// Accounts of the trash that are gone for good.
    pub accounts: usize,
    /// Snapshots that were deleted, because they held them.
    pub snapshots: usize,
    /// Damaged originals that are still there, sealed under the old keys: the user's to delete. Backups elsewhere are
    /// beyond our reach as well.
    pub remains: Vec<PathBuf>,
}

impl Vault {
    /// Empties the trash, puts new keys in use, and deletes every snapshot but the one written afterwards: a crypto-erase,
    /// because on flash memory overwriting means nothing. `rotation` must be of
    /// [`WaysIn::rotate_all`](super::WaysIn::rotate_all), or the old ways in would open old copies.
    ///
    /// # Errors
    /// As [`Vault::rotate`]. The old snapshots go only after the new one was read back.
    pub fn erase_for_good(&mut self, rotation: Rotation, at: UnixTime) -> Result<Erased, VaultError> {
        self.rotate(rotation, at)?;
        let trash: Vec<ItemId> =
            self.items().iter().filter(|item| item.trashed_at.is_some()).map(|item| item.id).collect();
        self.commit(|vault| trash.iter().try_for_each(|id| vault.remove_item(*id)))?;
        let newest = self.snapshot(at)?;
        let old = snapshot::snapshots_in(&self.known.folder)?;
        let old: Vec<_> = old.into_iter().filter(|info| info.path != newest.path).collect();
        for info in &old {
            std::fs::remove_file(&info.path)?;
        }
        Ok(Erased {
            accounts: trash.len(),
            snapshots: old.len(),
            remains: quarantine::list(&self.known.folder)?,
        })
    }
}
