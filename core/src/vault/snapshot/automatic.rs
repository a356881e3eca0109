//! Automatic backups: on change and daily, into a folder of the user's choice, generations kept, each read back.
//!
//! When one is due is decided from what the folder holds, the vault, and a time that is given. Nothing runs by itself:
//! the shell asks after a change, at unlock and in its daily work.

use super::super::VaultError;
use super::super::docs::DocKind;
use super::super::state::Mode;
use super::super::store::Vault;
use super::copying::{Copying, DAY_MS};
use super::folder::{BackupFolder, FolderError};
use super::format::CopyKeys;
use super::state::{BackupRecord, BackupState};
use crate::time::UnixTime;

/// How many backups are kept: 3 to 365.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Generations(pub(super) usize);

/// What became of a backup that was asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum BackedUp {
    /// The newest, read again and opened just now, holds everything already.
    NotDue(BackupFile),
    /// This one was written, read back and opened.
    Written(BackupFile),
}

/// A backup in a folder that opens.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BackupFile {
    /// Its name in the folder.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was written.
    pub created_at: UnixTime,
    /// The number of the commit that it holds.
    pub seq: u64,
    /// Accounts in the list.
    pub accounts: u64,
    /// All rows, the trash included.
    pub rows: u64,
}

/// Why there is no new backup. Those that were there are there still.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The vault refused.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The folder refused.
    #[error(transparent)]
    Folder(#[from] FolderError),
}

impl Generations {
    /// Ten: the last three, and then one of each day.
    pub const DEFAULT: Self = Self(10);

    pub(super) const LEAST: usize = 3;
    const MOST: usize = 365;

    /// Returns `count` generations; `None` below 3 and above 365.
    pub fn new(count: usize) -> Option<Self> {
        (Self::LEAST..=Self::MOST).contains(&count).then_some(Self(count))
    }
}

impl Vault {
    /// Writes a backup into `folder` now, reads it back and opens it, and only then prunes the oldest.
    ///
    /// # Errors
    /// [`BackupError`]; it is remembered for [`Vault::backup_state`].
    pub fn back_up(
        &mut self,
        folder: &dyn BackupFolder,
        keep: Generations,
        at: UnixTime,
    ) -> Result<BackedUp, BackupError> {
        let result = self.copying().and_then(|copying| copying.back_up(folder, keep, at));
        self.remember(result, at)
    }

    /// Writes a backup when the newest good one in `folder` is not of all accounts, groups, order and ways in of now, or
    /// when it is a day old and codes were taken since. Otherwise the newest is read and opened again: that proves it.
    ///
    /// # Errors
    /// As [`Vault::back_up`].
    pub fn back_up_if_due(
        &mut self,
        folder: &dyn BackupFolder,
        keep: Generations,
        at: UnixTime,
    ) -> Result<BackedUp, BackupError> {
        let result = self.copying().and_then(|copying| copying.back_up_if_due(folder, keep, at));
        self.remember(result, at)
    }

    /// Says how automatic backups stand, as far as the vault remembers.
    pub fn backup_state(&self) -> BackupState {
        self.known.state.docs.backups.state()
    }

    /// Remembers that the user wrote a backup to a file of choice.
    pub(crate) fn backed_up_by_hand(&mut self, at: UnixTime) {
        if self.known.mode == Mode::ReadWrite {
            let record = self.known.state.docs.backups.by_hand(at);
            self.put_backups(record);
        }
    }

    /// Returns when the newest backup was written; `None` before any.
    pub(crate) fn backed_up_at(&self) -> Option<UnixTime> {
        self.known.state.docs.backups.newest()
    }

    /// Reads the vault as it stands, for a backup: the folder may then take its time without holding up anybody.
    ///
    /// # Errors
    /// [`BackupError::Vault`]: the vault is not one that should be copied over good copies; disk trouble.
    pub fn copying(&mut self) -> Result<Copying, BackupError> {
        let contents = self.contents_worth_keeping()?;
        let (vault, accounts) = (self.known.id, self.known.report.accounts as u64);
        Ok(Copying { vault, keys: CopyKeys::of(&self.known.keys), contents, accounts })
    }

    /// Remembers how a backup went, for [`Vault::backup_state`], and returns it.
    ///
    /// # Errors
    /// Those of `result`.
    pub fn remember(
        &mut self,
        result: Result<BackedUp, BackupError>,
        at: UnixTime,
    ) -> Result<BackedUp, BackupError> {
        let before = &self.known.state.docs.backups;
        let record = match &result {
            Ok(BackedUp::Written(file)) => before.good(at, file.accounts, &file.name),
            // The daily look counts as one; more often it is not worth a commit.
            Ok(BackedUp::NotDue(file)) => match before.state() {
                BackupState { last_good: Some(good), failing: None }
                    if good.name == file.name && at.ms().abs_diff(good.at.ms()) < DAY_MS.unsigned_abs() =>
                {
                    before.clone()
                }
                _ => before.good(at, file.accounts, &file.name),
            },
            Err(error) => before.failed(at, error),
        };
        if self.known.mode == Mode::ReadWrite && record != *before {
            self.put_backups(record);
        }
        result
    }

    /// Writes the record if it can: whoever asked is told the same, and a full disk must not turn a good backup into a failed
    /// one.
    fn put_backups(&mut self, record: BackupRecord) {
        let _ = self.commit(|vault| {
            vault.known.state.docs.backups = record;
            vault.put_doc(DocKind::Backups)
        });
    }
}
