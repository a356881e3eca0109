//! Flow: snapshots, backups, what to do about trouble, and coming back from it.

use std::io::ErrorKind;
use std::path::Path;

use super::{Authenticator, Error, Unlocked};
use crate::time::UnixTime;
use crate::vault::{
    self, Comparison, ItemId, Key, LockedSnapshot, NextStep, Salvage, Snapshot, SnapshotInfo, Vault,
    VaultError,
};

impl Authenticator {
    /// Lists the snapshots, oldest first. Unlocked, each that can be is opened and checked; locked, only what the
    /// files say of themselves is known.
    ///
    /// # Errors
    /// [`Error::Vault`] when the folder cannot be read.
    pub fn snapshots(&self) -> Result<Vec<SnapshotInfo>, Error> {
        match self.read(|vault| vault.snapshots()) {
            Err(Error::Locked) => Ok(vault::snapshots_in(&self.folder)?),
            other => other,
        }
    }

    /// Writes a snapshot now, reads it back and prunes the oldest.
    ///
    /// # Errors
    /// [`Error::Locked`]; [`Error::Vault`] (read-only, disk trouble).
    pub fn snapshot(&self, at: UnixTime) -> Result<SnapshotInfo, Error> {
        self.read(|vault| vault.snapshot(at))
    }

    /// Writes a snapshot unless the newest holds this very state: before an import, a merge, or deleting many.
    ///
    /// # Errors
    /// As [`Authenticator::snapshot`].
    pub fn snapshot_before(&self, at: UnixTime) -> Result<(), Error> {
        self.read(|vault| vault.snapshot_before(at))
    }

    /// Deletes a snapshot, because the user said so.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Vault`].
    pub fn drop_snapshot(&self, number: u32) -> Result<(), Error> {
        self.read(|vault| vault.drop_snapshot(number))
    }

    /// Writes a sealed backup to a file of the user's choice and reads it back; the vault remembers when that was.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Vault`].
    pub fn write_backup(&self, path: &Path, at: UnixTime) -> Result<SnapshotInfo, Error> {
        self.write(|vault| {
            let written = vault.write_backup(path, at)?;
            vault.backed_up_by_hand(at);
            Ok(written)
        })
    }

    /// Says what the user can do next, the best first; nothing when the vault is read-write.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Vault`].
    pub fn next_steps(&self) -> Result<Vec<NextStep>, Error> {
        self.read(|vault| vault.next_steps())
    }

    /// Opens a snapshot or backup: with the keys of the unlocked vault, or else with `key`.
    ///
    /// # Errors
    /// [`Error::Vault`]: no such file, damaged, another key is needed.
    pub fn open_copy(&self, path: &Path, key: Option<&Key<'_>>) -> Result<Snapshot, Error> {
        match (self.read(|vault| vault.open_snapshot(path)), key) {
            (Err(Error::Locked | Error::Vault(VaultError::NoSuchSlot)), Some(key)) => {
                Ok(LockedSnapshot::open(path)?.unlock(key)?)
            }
            (result, _) => result,
        }
    }

    /// Says how every account of a copy stands to the vault's own. Nothing is changed.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Vault`].
    pub fn compare(&self, copy: &Snapshot) -> Result<Comparison, Error> {
        self.read(|vault| vault.compare(copy))
    }

    /// Takes these accounts over from a copy; a snapshot is written before. Returns how many were written.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Vault`].
    pub fn merge(&self, copy: &Snapshot, ids: &[ItemId], at: UnixTime) -> Result<usize, Error> {
        self.write(|vault| {
            vault.snapshot_before(at)?;
            vault.merge(copy, ids)
        })
    }

    /// Keeps a damaged vault aside and says what it and the newest snapshot still hold. Nothing else is changed.
    ///
    /// # Errors
    /// [`Error::AlreadyUnlocked`]; [`Error::Vault`].
    pub fn salvage(&self, key: &Key<'_>, at: UnixTime) -> Result<Salvage, Error> {
        if self.face().shown.is_some() {
            return Err(Error::AlreadyUnlocked);
        }
        Ok(vault::salvage(&self.folder, key, at)?)
    }

    /// Makes a whole vault of what was salvaged, without the accounts in `leave_out`, and leaves it unlocked.
    ///
    /// # Errors
    /// [`Error::AlreadyUnlocked`]; [`Error::Vault`]: then the damaged file is as it was.
    pub fn commit_salvage(
        &self,
        found: Salvage,
        leave_out: &[ItemId],
        key: Key<'_>,
        at: UnixTime,
    ) -> Result<Unlocked, Error> {
        self.unlocked_by(|own| found.commit(leave_out, key, &own.anchor, at))
    }

    /// Puts the vault that a backup is a copy of into the folder, which has none, and leaves it unlocked. It opens
    /// read-only until [`Authenticator::accept`], as on any new phone.
    ///
    /// # Errors
    /// [`Error::AlreadyUnlocked`]; [`Error::Vault`].
    pub fn restore_backup(&self, backup: &Path, key: Key<'_>, at: UnixTime) -> Result<Unlocked, Error> {
        let locked = LockedSnapshot::open(backup)?;
        self.unlocked_by(|own| vault::restore(&own.folder, &locked, key, &own.anchor, at))
    }

    fn unlocked_by(
        &self,
        open: impl FnOnce(&Self) -> Result<vault::Opened, VaultError>,
    ) -> Result<Unlocked, Error> {
        let generation = {
            let face = self.face();
            if face.shown.is_some() {
                return Err(Error::AlreadyUnlocked);
            }
            face.generation
        };
        let opened = open(self)?;
        let mode = opened.vault.mode();
        self.show(opened.vault, generation)?;
        Ok(Unlocked { mode, report: opened.report })
    }
}

/// Writes a snapshot when one is due. That it failed is said in the report: a vault opens all the same.
pub(super) fn snapshot_at_unlock(vault: &mut Vault, at: UnixTime) -> Option<ErrorKind> {
    match vault.snapshot_if_due(at) {
        Ok(_) => None,
        Err(VaultError::DiskFull) => Some(ErrorKind::StorageFull),
        Err(VaultError::Io(kind)) => Some(kind),
        Err(_) => Some(ErrorKind::Other),
    }
}
