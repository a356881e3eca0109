//! What opening and checking a vault find. Opening gives a state, not an error.

use std::fmt;
use std::path::PathBuf;

use super::ids::ItemId;
use super::snapshot::SnapshotInfo;
use crate::device::KeyStoreError;
use crate::time::UnixTime;

/// Whether an open vault may be changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mode {
    /// It may.
    ReadWrite,
    /// Lists, codes that follow the time and exports work; changes and codes that count do not.
    ReadOnly(Reason),
}

/// Why a vault is read-only, worst first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reason {
    /// A newer version wrote it: update the app. Rows that only it understands are not looked at and not shown.
    NewerFormat,
    /// Some rows are damaged; the others are shown.
    DamagedRows,
    /// The rows all open and do not belong together: somebody changed the file.
    Tampered,
    /// The file is older than its anchor: an old copy was put back. May be accepted by the user.
    RolledBack,
    /// The file lived on elsewhere, apart from this one. May be accepted by the user.
    OtherBranch,
    /// There is no anchor: a new phone. May be accepted by the user.
    NoAnchor,
    /// The anchor cannot be read. May be accepted by the user.
    AnchorTorn,
    /// The key store did not give the anchor now: try again.
    AnchorUnavailable,
}

impl Reason {
    /// Tells whether the user may take the vault as it is, as a new branch.
    pub fn may_be_accepted(self) -> bool {
        match self {
            Self::RolledBack | Self::OtherBranch | Self::NoAnchor | Self::AnchorTorn => true,
            Self::NewerFormat | Self::DamagedRows | Self::Tampered | Self::AnchorUnavailable => false,
        }
    }
}

/// What was noticed while opening.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Report {
    /// Accounts in the list, the trash not counted.
    pub accounts: usize,
    /// Accounts in the trash.
    pub trashed: usize,
    /// Accounts whose names do not open.
    pub damaged: Vec<ItemId>,
    /// Commits that the file is ahead of its anchor: more than one means that some were made elsewhere.
    pub ahead: u64,
    /// The slot in the file was damaged, and the copy in `vault.keys` opened.
    pub key_copy_used: bool,
    /// Why the snapshot that was due could not be written: the last good one is older than it should be.
    pub snapshot_failed: Option<std::io::ErrorKind>,
    /// Why the last anchor could not be stored; the operations themselves succeeded.
    pub anchor_stale: Option<KeyStoreError>,
}

/// What a full check found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Health {
    /// The mode of the vault.
    pub mode: Mode,
    /// Rows, the trash included.
    pub accounts: usize,
    /// Rows whose names or secret do not open.
    pub damaged: Vec<ItemId>,
    /// Everything else that is not as it should be.
    pub problems: Vec<Problem>,
    /// The snapshots, oldest first, each opened and checked.
    pub snapshots: Vec<SnapshotInfo>,
    /// When the newest snapshot that is whole was written.
    pub last_good_copy_at: Option<UnixTime>,
    /// Damaged originals that are kept aside.
    pub quarantined: Vec<PathBuf>,
}

/// One thing that is not as it should be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Problem {
    /// SQLite's own check of the file found faults.
    FileDamaged,
    /// The rows of this bucket are not those that were written.
    BucketChanged(u8),
    /// The root does not hold.
    RootChanged,
    /// The orders, groups or usage counts cannot be read.
    DocumentDamaged,
    /// The copy of the slots beside the file is missing or differs.
    KeyCopyStale,
    /// This snapshot cannot be read, or does not hold what it names.
    SnapshotDamaged(u32),
    /// The newest snapshot is not of the passphrase, recovery code and keys of today: the old ones open it.
    SnapshotOfOldKeys(u32),
    /// The anchor could not be stored.
    AnchorStale(KeyStoreError),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FileDamaged => f.write_str("the file's own check found faults"),
            Self::BucketChanged(bucket) => {
                write!(f, "rows of bucket {bucket} are not those that were written")
            }
            Self::RootChanged => f.write_str("the root does not hold"),
            Self::DocumentDamaged => f.write_str("order, groups or usage cannot be read"),
            Self::KeyCopyStale => f.write_str("the copy of the slots is missing or differs"),
            Self::SnapshotDamaged(number) => write!(f, "snapshot {number} cannot be read"),
            Self::SnapshotOfOldKeys(number) => {
                write!(f, "snapshot {number}, the newest, opens with the passphrase or code of before")
            }
            Self::AnchorStale(why) => write!(f, "the anchor could not be stored: {why}"),
        }
    }
}
