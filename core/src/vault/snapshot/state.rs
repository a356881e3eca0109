//! How the last automatic backup went, remembered in the vault so that the main screen can say it after a restart.

use std::io::ErrorKind;

use minicbor::{CborLen, Decode, Encode};

use super::super::VaultError;
use super::automatic::BackupError;
use super::folder::FolderError;
use crate::time::UnixTime;

/// How automatic backups stand.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct BackupState {
    /// The newest that was read back and opened.
    pub last_good: Option<GoodBackup>,
    /// The last try, when it failed.
    pub failing: Option<FailedBackup>,
}

/// A backup that was read back and opened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GoodBackup {
    /// When it was written, or found to be still good and all there is to back up.
    pub at: UnixTime,
    /// The accounts in its list.
    pub accounts: u64,
    /// Its name in the folder.
    pub name: String,
}

/// Tries that failed since the last one that succeeded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FailedBackup {
    /// When the first of them was.
    pub since: UnixTime,
    /// When the last of them was.
    pub at: UnixTime,
    /// Why the last of them failed.
    pub why: BackupFailure,
}

/// Why a backup failed, in the words that a vault can remember.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BackupFailure {
    /// The folder refused.
    Folder(FolderError),
    /// The vault is not one that should be copied over good copies: it is read-only for damage.
    Vault,
}

/// What the main screen should say of backups.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BackupTrouble {
    /// The last try failed.
    Failing(FailedBackup),
    /// The last good one is older than [`OLD_MS`], at this many milliseconds.
    Old(i64),
    /// There was never one.
    Never,
}

/// Milliseconds after which the last good backup is called old: 7 days. Looked at daily, it never gets there by itself.
pub const OLD_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// The document that remembers it.
#[derive(Clone, Debug, Decode, Default, Encode, CborLen, Eq, PartialEq)]
#[cbor(map)]
pub(in super::super) struct BackupRecord {
    #[n(0)]
    good_ms: Option<i64>,
    #[n(1)]
    accounts: u64,
    #[n(2)]
    name: String,
    #[n(3)]
    failing_since_ms: Option<i64>,
    #[n(4)]
    failed_ms: i64,
    #[n(5)]
    why: u8,
    /// When the user last wrote one by hand, Unix ms.
    #[n(6)]
    by_hand_ms: Option<i64>,
}

/// A try that fails again for the same reason within this time is not written again: an hour.
const REMEMBER_AGAIN_MS: u64 = 60 * 60 * 1000;

impl BackupState {
    /// Says what is wrong at `at`; `None` when the last look, at most a week ago, found a good backup.
    pub fn trouble(&self, at: UnixTime) -> Option<BackupTrouble> {
        match (&self.last_good, self.failing) {
            (_, Some(failing)) => Some(BackupTrouble::Failing(failing)),
            (None, None) => Some(BackupTrouble::Never),
            (Some(good), None) => {
                let age = at.ms().saturating_sub(good.at.ms());
                (age >= OLD_MS).then_some(BackupTrouble::Old(age))
            }
        }
    }
}

impl BackupRecord {
    pub(super) fn state(&self) -> BackupState {
        let last_good = self.good_ms.map(|at| GoodBackup {
            at: UnixTime::from_ms(at),
            accounts: self.accounts,
            name: self.name.clone(),
        });
        let failing = self.failing_since_ms.map(|since| FailedBackup {
            since: UnixTime::from_ms(since),
            at: UnixTime::from_ms(self.failed_ms),
            why: failure(self.why),
        });
        BackupState { last_good, failing }
    }

    /// Returns this record after a look that found a good backup, or wrote one.
    pub(super) fn good(&self, at: UnixTime, accounts: u64, name: &str) -> Self {
        let by_hand_ms = self.by_hand_ms;
        Self { good_ms: Some(at.ms()), accounts, name: name.to_owned(), by_hand_ms, ..Self::default() }
    }

    /// Returns this record after the user wrote a backup to a file of choice.
    pub(super) fn by_hand(&self, at: UnixTime) -> Self {
        Self { by_hand_ms: Some(at.ms()), ..self.clone() }
    }

    /// Returns when the newest backup was written, by hand or by itself; snapshots do not count, which go with the phone.
    pub(super) fn newest(&self) -> Option<UnixTime> {
        self.good_ms.max(self.by_hand_ms).map(UnixTime::from_ms)
    }

    /// Returns this record after a try that failed; the same record when there is nothing new to remember.
    pub(super) fn failed(&self, at: UnixTime, error: &BackupError) -> Self {
        let why = number(error);
        let again = at.ms().abs_diff(self.failed_ms) < REMEMBER_AGAIN_MS;
        if self.failing_since_ms.is_some() && self.why == why && again {
            return self.clone();
        }
        let since = self.failing_since_ms.unwrap_or(at.ms());
        Self { failing_since_ms: Some(since), failed_ms: at.ms(), why, ..self.clone() }
    }
}

const FAILURES: [(u8, BackupFailure); 8] = [
    (1, BackupFailure::Folder(FolderError::Unavailable)),
    (2, BackupFailure::Folder(FolderError::Full)),
    (3, BackupFailure::Folder(FolderError::NotFound)),
    (4, BackupFailure::Folder(FolderError::AlreadyExists)),
    (5, BackupFailure::Folder(FolderError::Unsupported)),
    (6, BackupFailure::Folder(FolderError::NotWhole)),
    (7, BackupFailure::Vault),
    (8, BackupFailure::Folder(FolderError::Io(ErrorKind::Other))),
];

fn failure(number: u8) -> BackupFailure {
    let known = FAILURES.iter().find(|(n, _)| *n == number);
    known.map_or(BackupFailure::Folder(FolderError::Io(ErrorKind::Other)), |(_, failure)| *failure)
}

fn number(error: &BackupError) -> u8 {
    let failure = match error {
        BackupError::Folder(FolderError::Io(_)) => BackupFailure::Folder(FolderError::Io(ErrorKind::Other)),
        BackupError::Folder(folder) => BackupFailure::Folder(*folder),
        BackupError::Vault(VaultError::DiskFull) => BackupFailure::Folder(FolderError::Full),
        BackupError::Vault(_) => BackupFailure::Vault,
    };
    FAILURES.iter().find(|(_, known)| *known == failure).map_or(0, |(n, _)| *n)
}
