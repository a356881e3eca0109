//! Automatic backups: what was written, what is wrong with them, and what a test of one found.

use authenticator_core::vault::{self, BackupFailure as CoreFailure};

use super::{WayIn, count, ms};
use crate::folders::FolderError;

/// What became of a backup that was asked for.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct BackedUp {
    /// The newest backup in the folder. It was read back and opened just now.
    pub file: BackupFile,
    /// Whether it was written now; otherwise it holds everything already.
    pub written: bool,
}

/// A backup in a folder that opens.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct BackupFile {
    /// Its name in the folder.
    pub name: String,
    /// Its size in bytes.
    pub bytes: i64,
    /// When it was written.
    pub created_at_ms: i64,
    /// Accounts in its list.
    pub accounts: i64,
}

/// How automatic backups stand.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct BackupState {
    /// The newest that was read back and opened; nothing when there never was one.
    pub last_good: Option<GoodBackup>,
    /// What the main screen should say; nothing when all is well.
    pub trouble: Option<BackupTrouble>,
}

/// A backup that was read back and opened.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct GoodBackup {
    /// When it was written, or found to be still good and all there is to back up.
    pub at_ms: i64,
    /// Accounts in its list.
    pub accounts: i64,
    /// Its name in the folder.
    pub name: String,
}

/// What the main screen should say of backups.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum BackupTrouble {
    /// The last try failed: say why, and offer to try again or to choose another folder.
    Failing {
        /// When the first of the tries was that failed in a row.
        since_ms: i64,
        /// When the last was.
        at_ms: i64,
        /// Why the last failed.
        why: BackupFailure,
    },
    /// The last good one is a week old or more: offer to back up now.
    Old {
        /// How old it is, in milliseconds.
        age_ms: i64,
    },
    /// There never was one: offer to choose a folder.
    Never,
}

/// Why a backup failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum BackupFailure {
    /// The folder refused.
    Folder {
        /// Why.
        why: FolderError,
    },
    /// The vault is read-only for damage, and is not copied over good copies: see `next_steps`.
    Vault,
}

/// What a test of a backup found. Everything in it was opened.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct BackupTest {
    /// The vault it is a copy of.
    pub vault_id: String,
    /// When it was written.
    pub created_at_ms: i64,
    /// Accounts in the list, counted.
    pub accounts: i64,
    /// Accounts in the trash, counted.
    pub trashed: i64,
    /// Accounts of a kind that only a later version knows; they are in it as they are.
    pub unknown: i64,
    /// Accounts whose names or secret do not open: they were damaged when it was written.
    pub damaged: Vec<String>,
    /// Which passphrase or recovery code opened it: known to people by its date.
    pub opened_by: WayIn,
    /// Everything that opens it.
    pub opens_with: Vec<WayIn>,
}

/// What became of the accounts when a copy took their place.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct Replaced {
    /// Accounts of the copy that the vault has now, those in its trash included.
    pub taken: i64,
    /// Accounts that only the vault had: they are in its trash.
    pub trashed: i64,
    /// Accounts of the copy that do not open there; the vault's own, where it has one, was left.
    pub damaged: Vec<String>,
}

impl From<vault::BackedUp> for BackedUp {
    fn from(done: vault::BackedUp) -> Self {
        match done {
            vault::BackedUp::NotDue(file) => Self { file: file.into(), written: false },
            vault::BackedUp::Written(file) => Self { file: file.into(), written: true },
        }
    }
}

impl From<vault::BackupFile> for BackupFile {
    fn from(file: vault::BackupFile) -> Self {
        let vault::BackupFile { name, bytes, created_at, seq: _, accounts, rows: _ } = file;
        Self { name, bytes: count(bytes), created_at_ms: ms(created_at), accounts: count(accounts) }
    }
}

impl BackupState {
    /// Says how backups stand at a moment.
    pub(crate) fn of(state: vault::BackupState, trouble: Option<vault::BackupTrouble>) -> Self {
        let vault::BackupState { last_good, failing: _ } = state;
        Self { last_good: last_good.map(Into::into), trouble: trouble.map(Into::into) }
    }
}

impl From<vault::GoodBackup> for GoodBackup {
    fn from(good: vault::GoodBackup) -> Self {
        let vault::GoodBackup { at, accounts, name } = good;
        Self { at_ms: ms(at), accounts: count(accounts), name }
    }
}

impl From<vault::BackupTrouble> for BackupTrouble {
    fn from(trouble: vault::BackupTrouble) -> Self {
        match trouble {
            vault::BackupTrouble::Failing(vault::FailedBackup { since, at, why }) => {
                Self::Failing { since_ms: ms(since), at_ms: ms(at), why: why.into() }
            }
            vault::BackupTrouble::Old(age_ms) => Self::Old { age_ms },
            vault::BackupTrouble::Never => Self::Never,
        }
    }
}

impl From<CoreFailure> for BackupFailure {
    fn from(failure: CoreFailure) -> Self {
        match failure {
            CoreFailure::Folder(why) => Self::Folder { why: why.into() },
            CoreFailure::Vault => Self::Vault,
        }
    }
}

impl From<vault::BackupTest> for BackupTest {
    fn from(test: vault::BackupTest) -> Self {
        let vault::BackupTest {
            vault_id,
            created_at,
            accounts,
            trashed,
            unknown,
            damaged,
            opened_by,
            opens_with,
        } = test;
        Self {
            vault_id: vault_id.to_string(),
            created_at_ms: ms(created_at),
            accounts: count(accounts),
            trashed: count(trashed),
            unknown: count(unknown),
            damaged: damaged.iter().map(ToString::to_string).collect(),
            opened_by: opened_by.into(),
            opens_with: opens_with.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<vault::Replaced> for Replaced {
    fn from(replaced: vault::Replaced) -> Self {
        let vault::Replaced { taken, trashed, damaged } = replaced;
        Self {
            taken: count(taken),
            trashed: count(trashed),
            damaged: damaged.iter().map(ToString::to_string).collect(),
        }
    }
}
