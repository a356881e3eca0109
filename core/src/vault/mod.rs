//! The vault: accounts in an encrypted file that loses nothing, and says so when something is wrong.
//!
//! Every byte is described in `docs/vault-format.md`. Rules that outrank all else: nothing is ever deleted, made
//! anew or overwritten because it failed to open; a write is done when it is on the disk and anchored; nothing
//! unauthenticated is believed. Locking is a change of type: a [`LockedVault`] becomes a [`Vault`] and a `Vault` is
//! taken away by [`Vault::lock`].

mod accounts;
mod aside;
mod backoff;
mod ballast;
mod bundle;
mod care;
mod commit;
mod contents;
mod create;
mod docs;
mod erase;
mod error;
mod groups;
mod ids;
mod incoming;
mod item;
mod judge;
mod key_rows;
mod keyfile;
mod keys;
mod manifest;
mod merge;
mod migrate;
pub(crate) mod push_db;
mod quarantine;
mod read;
mod record;
mod recovery;
mod replace;
mod rows;
mod salvage;
mod schema;
mod settle;
mod slots;
mod snapshot;
mod state;
mod steps;
mod store;
mod strength;
mod suspend;
mod unlock;
mod verify;
mod ways_in;

#[cfg(test)]
mod tests;

pub use crate::crypto::kdf::{KdfError, KdfParams};
pub use crate::device::VaultId;
pub use accounts::TRASH_MS;
pub(crate) use aside::Aside;
pub use backoff::{FREE_TRIES, with_backoff};
pub use bundle::{Arrived, Bundle, Renewal};
pub use care::Duties;
pub use create::create;
pub use erase::Erased;
pub use error::VaultError;
pub use ids::{GroupId, IdError, ItemId};
pub use incoming::Incoming;
pub use item::{Apart, Change, Duplicate, Group, HotpCode, Item, ItemState, NewItem};
pub use merge::{Compared, ComparedRow, Comparison};
#[doc(hidden)]
pub use migrate::Step;
pub use push_db::{AnswerKind, EnrolmentId, Outcome};
pub use quarantine::list as quarantined;
pub use recovery::{RecoveryCode, RecoveryCodeError};
pub use replace::Replaced;
pub use salvage::{Proposal, ProposedRow, RowSource, Salvage, salvage};
pub use slots::{Key, NewSlot, SlotInfo, SlotKind};
pub use snapshot::{
    BackedUp, BackupError, BackupFailure, BackupFile, BackupFolder, BackupState, BackupTest, BackupTrouble,
    Copying, DUE_COMMITS, DUE_MS, DiskFolder, FailedBackup, FolderError, Generations, GoodBackup, Held,
    LockedSnapshot, OLD_MS, Snapshot, SnapshotInfo, SnapshotSays, SnapshotState, StoredFile, restore,
    snapshots_in,
};
pub use state::{Health, Mode, Problem, Reason, Report};
pub use steps::{NextStep, next_steps};
pub use store::Vault;
pub use strength::{GOOD_SCORE, Strength, strength};
pub use suspend::SuspendedVault;
pub use unlock::{LockedVault, Opened, previous};
pub use ways_in::{Rotation, SlotChange, WaysIn};
