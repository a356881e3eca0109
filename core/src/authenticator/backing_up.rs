//! Flow: automatic backups into a folder of the user's, the test of a backup, and a backup in the place of everything.

use std::path::Path;

use super::{Authenticator, Error};
use crate::time::UnixTime;
use crate::vault::{
    BackedUp, BackupError, BackupFolder, BackupState, BackupTest, Generations, Key, LockedSnapshot, Replaced,
    Snapshot, Vault, VaultError,
};

impl Authenticator {
    /// Writes a backup into `folder` now, reads it back and opens it, and then prunes the oldest.
    ///
    /// # Errors
    /// [`Error::Locked`]; [`Error::Folder`] or [`Error::Vault`]: every backup that was there is there still.
    pub fn back_up(
        &self,
        folder: &dyn BackupFolder,
        keep: Generations,
        at: UnixTime,
    ) -> Result<BackedUp, Error> {
        self.backing_up(|vault| vault.back_up(folder, keep, at))
    }

    /// Writes a backup when one is due, and else proves that the newest is still good: ask after a change, after an
    /// unlock and daily. The core decides.
    ///
    /// # Errors
    /// As [`Authenticator::back_up`].
    pub fn back_up_if_due(
        &self,
        folder: &dyn BackupFolder,
        keep: Generations,
        at: UnixTime,
    ) -> Result<BackedUp, Error> {
        self.backing_up(|vault| vault.back_up_if_due(folder, keep, at))
    }

    /// Says how automatic backups stand; [`BackupState::trouble`] is what the main screen shows.
    ///
    /// # Errors
    /// [`Error::Locked`].
    pub fn backup_state(&self) -> Result<BackupState, Error> {
        self.read(|vault| Ok(vault.backup_state()))
    }

    /// "Test this backup": opens every row of a file with `key` and counts. No vault is needed, and none is changed.
    ///
    /// # Errors
    /// [`Error::Vault`]: no backup, damaged, another key. [`LockedSnapshot::info`] names by date what opens it.
    pub fn test_backup(&self, backup: &Path, key: &Key<'_>) -> Result<BackupTest, Error> {
        Ok(LockedSnapshot::open(backup)?.test(key)?)
    }

    /// Puts the accounts, groups, order and usage of a copy in the place of the vault's own: a snapshot before, one
    /// transaction, a new branch. What only the vault has goes to its trash.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Vault`]: nothing has changed.
    pub fn replace_by(&self, copy: &Snapshot, at: UnixTime) -> Result<Replaced, Error> {
        self.write(|vault| vault.replace_by(copy, at))
    }

    fn backing_up(
        &self,
        work: impl FnOnce(&mut Vault) -> Result<BackedUp, BackupError>,
    ) -> Result<BackedUp, Error> {
        let mut refused = None;
        let done = self.write(|vault| match work(vault) {
            Ok(done) => Ok(Some(done)),
            Err(BackupError::Vault(error)) => Err(error),
            Err(BackupError::Folder(error)) => {
                refused = Some(error);
                Ok(None)
            }
        })?;
        match (done, refused) {
            (Some(done), _) => Ok(done),
            (None, Some(refused)) => Err(Error::Folder(refused)),
            (None, None) => Err(VaultError::NotFound.into()),
        }
    }
}
