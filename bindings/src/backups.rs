//! Automatic backups, the test of one, and one in the place of everything.

use std::path::PathBuf;
use std::sync::Arc;

use authenticator_core::authenticator as flows;
use authenticator_core::vault::{self as core, DiskFolder, Generations};

use crate::authenticator::Authenticator;
use crate::copies::copy;
use crate::error::{StorageTrouble, VaultError};
use crate::folders::{AppFolder, BackupFolder};
use crate::records::{BackedUp, BackupState, BackupTest, Replaced, UnlockKey, at};
use crate::ways::with_key;

#[uniffi::export]
impl Authenticator {
    /// Writes a backup into a folder of the user's choice, reads it back and opens it, and then prunes the oldest beyond
    /// `keep` (3 to 365; ten is usual). With `if_due` only when something changed since the newest, which is read and
    /// opened again otherwise: ask so after a change, after an unlock and daily.
    pub async fn back_up(
        self: Arc<Self>,
        folder: Arc<dyn BackupFolder>,
        keep: i32,
        if_due: bool,
        at_ms: i64,
    ) -> Result<BackedUp, VaultError> {
        self.look(move |own| own.backed_up(&AppFolder(folder), keep, if_due, at_ms)).await
    }

    /// The same, for a folder that has a path. It is made when it is not there.
    pub async fn back_up_to_path(
        self: Arc<Self>,
        path: String,
        keep: i32,
        if_due: bool,
        at_ms: i64,
    ) -> Result<BackedUp, VaultError> {
        self.look(move |own| own.backed_up(&DiskFolder::new(PathBuf::from(path)), keep, if_due, at_ms)).await
    }

    /// Says how automatic backups stand; `trouble` is what the main screen shows.
    pub async fn backup_state(self: Arc<Self>, at_ms: i64) -> Result<BackupState, VaultError> {
        self.look(move |own| {
            let state = own.core.backup_state()?;
            let trouble = state.trouble(at(at_ms));
            Ok(BackupState::of(state, trouble))
        })
        .await
    }

    /// "Test this backup": opens every account of a file with its passphrase or recovery code, and counts. No vault is
    /// needed, and none is changed.
    pub async fn test_backup(
        self: Arc<Self>,
        path: String,
        key: UnlockKey,
    ) -> Result<BackupTest, VaultError> {
        self.look(move |own| {
            let path = PathBuf::from(path);
            with_key(own, key, |key| Ok(own.core.test_backup(&path, &key)?.into()))
        })
        .await
    }

    /// Puts the accounts, groups and order of a copy in the place of the vault's own, after a snapshot. What only the
    /// vault has goes to its trash. `key` is for a copy that the vault's own keys do not open.
    pub async fn replace_by(
        self: Arc<Self>,
        path: String,
        key: Option<UnlockKey>,
        at_ms: i64,
    ) -> Result<Replaced, VaultError> {
        self.write(move |own| Ok(own.core.replace_by(&copy(own, path, key)?, at(at_ms))?.into())).await
    }

    /// Deletes a snapshot, because the user said so; one that is gone is not readable.
    pub async fn drop_snapshot(self: Arc<Self>, number: i32) -> Result<(), VaultError> {
        self.write(move |own| {
            let gone = VaultError::Storage { why: StorageTrouble::NotReadable };
            // There is none with a number below nothing.
            let Ok(number) = u32::try_from(number) else { return Err(gone) };
            match own.core.drop_snapshot(number) {
                Err(flows::Error::Vault(core::VaultError::NotFound)) => Err(gone),
                done => Ok(done?),
            }
        })
        .await
    }
}

impl Authenticator {
    fn backed_up(
        &self,
        folder: &dyn core::BackupFolder,
        keep: i32,
        if_due: bool,
        at_ms: i64,
    ) -> Result<BackedUp, VaultError> {
        let keep = usize::try_from(keep).ok().and_then(Generations::new);
        let keep = keep.ok_or(VaultError::Storage { why: StorageTrouble::Generations })?;
        let done = if if_due {
            self.core.back_up_if_due(folder, keep, at(at_ms))
        } else {
            self.core.back_up(folder, keep, at(at_ms))
        };
        let done = BackedUp::from(done?);
        // Who backs up at every change must not be told of one when there was nothing to write.
        if done.written {
            self.changed();
        }
        Ok(done)
    }
}
