//! Flow: automatic backups into a folder of the user's, the test of a backup, and a backup in the place of everything.

use std::path::Path;
use std::sync::PoisonError;

use super::{Authenticator, Error};
use crate::time::UnixTime;
use crate::vault::{
    BackedUp, BackupError, BackupFolder, BackupState, BackupTest, Copying, Generations, Key, LockedSnapshot,
    Replaced, Snapshot, VaultError,
};

impl Authenticator {
    /// Writes a backup into `folder` now, reads it back and opens it, and then prunes the oldest. The vault is held only while
    /// it is read: a folder behind a network holds up no code. A lock that comes meanwhile wins; what is in the folder stays.
    ///
    /// # Errors
    /// [`Error::Locked`]; [`Error::Folder`] or [`Error::Vault`]: every backup that was there is there still.
    pub fn back_up(
        &self,
        folder: &dyn BackupFolder,
        keep: Generations,
        at: UnixTime,
    ) -> Result<BackedUp, Error> {
        self.backing_up(at, |copying| copying.back_up(folder, keep, at))
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
        self.backing_up(at, |copying| copying.back_up_if_due(folder, keep, at))
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
        at: UnixTime,
        work: impl FnOnce(&Copying) -> Result<BackedUp, BackupError>,
    ) -> Result<BackedUp, Error> {
        // One after the other: each tidies up what one before it left half done.
        let _turn = self.backing_up.lock().unwrap_or_else(PoisonError::into_inner);
        let copying = self.read(|vault| Ok(vault.copying()))?;
        let result = copying.and_then(|copying| work(&copying));
        let mut refused = None;
        let done = self.write(|vault| match vault.remember(result, at) {
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
