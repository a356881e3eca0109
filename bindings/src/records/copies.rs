//! Snapshots and backups, and what they hold beside the vault.

pub use authenticator_core::vault::SnapshotState;
use authenticator_core::vault::{
    self, Compared, ComparedRow, Proposal, ProposedRow, RowSource, SnapshotInfo, SnapshotSays,
};

use super::{Account, WayIn, count, ms, small};

/// Whether a copy can be relied on.
#[uniffi::remote(Enum)]
pub enum SnapshotState {
    /// It was opened now, and holds exactly the commit that it names.
    Whole,
    /// Its key is an older one: a passphrase or recovery code of its time opens it.
    NeedsKey,
    /// It cannot be read, or does not hold what it names. It is kept.
    Damaged,
    /// It is a copy of another vault.
    OtherVault,
}

/// One snapshot or backup file, as far as it is known.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct CopyInfo {
    /// Its number among the snapshots; 0 for a file elsewhere.
    pub number: i32,
    /// Where it is.
    pub path: String,
    /// Its size in bytes.
    pub bytes: i64,
    /// What the file says of itself; nothing when it cannot be read.
    pub says: Option<CopySays>,
    /// Whether it can be relied on.
    pub state: SnapshotState,
}

/// What a file says of itself. Only one whose state is `Whole` is known to say the truth.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct CopySays {
    /// The vault it is a copy of.
    pub vault_id: String,
    /// When it was written.
    pub created_at_ms: i64,
    /// Accounts in the list.
    pub accounts: i64,
    /// What opens it: each with the date it was made.
    pub opens_with: Vec<WayIn>,
}

/// What a copy holds beside the vault.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct Comparison {
    /// Every account of the copy.
    pub rows: Vec<ComparedAccount>,
    /// Accounts of the vault that the copy has not.
    pub only_here: i64,
    /// Whether the copy is an earlier or later state of this very file.
    pub same_branch: bool,
}

/// One account of a copy.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct ComparedAccount {
    /// As the copy has it.
    pub account: Account,
    /// How it stands to the vault's own.
    pub status: ComparedStatus,
    /// Whether a merge proposes to take the copy's; the user decides.
    pub proposed: bool,
}

/// How an account of a copy stands to the vault's own.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum ComparedStatus {
    /// The vault has the same.
    Same,
    /// The vault has not got it.
    Missing,
    /// The vault has its credential under the same names, in an account of its own.
    SameCredential {
        /// That account.
        id: String,
    },
    /// The vault's own does not open.
    DamagedHere,
    /// The copy's was written later.
    NewerThere,
    /// The copy's was written earlier.
    OlderThere,
    /// Both were changed, apart from each other.
    Differs,
    /// Codes that count were taken on both sides: the higher counter is taken.
    CounterForked {
        /// The counter of the next code here, in decimal.
        here: String,
        /// The counter of the next code in the copy, in decimal.
        there: String,
    },
    /// The copy's does not open.
    DamagedThere,
}

/// What can be had of a damaged vault. Nothing is changed until `commit_salvage`.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct SalvageProposal {
    /// Where the original is kept, byte for byte.
    pub quarantine: String,
    /// The snapshot that helps out; nothing when none opens.
    pub snapshot: Option<CopyInfo>,
    /// Every account that can be had, trash included.
    pub rows: Vec<SalvagedAccount>,
    /// Accounts of which bytes were found and no whole row.
    pub lost: Vec<String>,
}

/// One account that can be had.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct SalvagedAccount {
    /// As a list would show it.
    pub account: Account,
    /// Where it comes from.
    pub source: SalvageSource,
}

/// Where a salvaged account comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum SalvageSource {
    /// The file.
    File,
    /// The snapshot: in the file it is damaged.
    SnapshotForDamaged,
    /// The snapshot alone: it is gone from the file, or was deleted for good since.
    SnapshotAlone,
    /// The snapshot, which has a newer one than the file.
    SnapshotNewer,
}

impl From<SnapshotInfo> for CopyInfo {
    fn from(info: SnapshotInfo) -> Self {
        let SnapshotInfo { number, path, bytes, says, state } = info;
        Self {
            number: small(number),
            path: path.to_string_lossy().into_owned(),
            bytes: count(bytes),
            says: says.map(Into::into),
            state,
        }
    }
}

impl From<SnapshotSays> for CopySays {
    fn from(says: SnapshotSays) -> Self {
        let SnapshotSays { vault_id, created_at, seq: _, accounts, rows: _, opens_with } = says;
        Self {
            vault_id: vault_id.to_string(),
            created_at_ms: ms(created_at),
            accounts: count(accounts),
            opens_with: opens_with.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<vault::Comparison> for Comparison {
    fn from(comparison: vault::Comparison) -> Self {
        let vault::Comparison { rows, only_here, same_branch } = comparison;
        Self { rows: rows.into_iter().map(Into::into).collect(), only_here: count(only_here), same_branch }
    }
}

impl From<ComparedRow> for ComparedAccount {
    fn from(row: ComparedRow) -> Self {
        let ComparedRow { item, status } = row;
        let proposed = status.is_proposed();
        let status = match status {
            Compared::Same => ComparedStatus::Same,
            Compared::Missing => ComparedStatus::Missing,
            Compared::SameCredential(id) => ComparedStatus::SameCredential { id: id.to_string() },
            Compared::DamagedHere => ComparedStatus::DamagedHere,
            Compared::NewerThere => ComparedStatus::NewerThere,
            Compared::OlderThere => ComparedStatus::OlderThere,
            Compared::Differs => ComparedStatus::Differs,
            Compared::CounterForked { here, there } => {
                ComparedStatus::CounterForked { here: here.to_string(), there: there.to_string() }
            }
            Compared::DamagedThere => ComparedStatus::DamagedThere,
        };
        Self { account: item.into(), status, proposed }
    }
}

impl From<Proposal> for SalvageProposal {
    fn from(proposal: Proposal) -> Self {
        let Proposal { quarantine, snapshot, rows, lost } = proposal;
        Self {
            quarantine: quarantine.to_string_lossy().into_owned(),
            snapshot: snapshot.map(Into::into),
            rows: rows.into_iter().map(Into::into).collect(),
            lost: lost.iter().map(ToString::to_string).collect(),
        }
    }
}

impl From<ProposedRow> for SalvagedAccount {
    fn from(row: ProposedRow) -> Self {
        let ProposedRow { item, from } = row;
        let source = match from {
            RowSource::File => SalvageSource::File,
            RowSource::SnapshotForDamaged => SalvageSource::SnapshotForDamaged,
            RowSource::SnapshotAlone => SalvageSource::SnapshotAlone,
            RowSource::SnapshotNewer => SalvageSource::SnapshotNewer,
        };
        Self { account: item.into(), source }
    }
}
