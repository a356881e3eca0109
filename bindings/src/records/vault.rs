//! The vault's states, ways in and health.

use authenticator_core::authenticator as flows;
pub use authenticator_core::authenticator::LockEvent;
pub use authenticator_core::net::LocalHosts;
use authenticator_core::vault::{self, Health, RecoveryCodeError, Report, SlotInfo};

use super::{CopyInfo, count, ms, small};
use crate::error::{RecoveryCodeSlip, VaultError};
use crate::keys::KeyStoreError;

pub use authenticator_core::vault::Reason as ReadOnlyReason;

/// Whether loopback and link-local hosts may be talked to.
#[uniffi::remote(Enum)]
pub enum LocalHosts {
    /// No, neither by number nor by a name that leads there: the apps.
    Refused,
    /// Yes: a desktop, and tests.
    Allowed,
}

/// Why a vault is read-only, worst first.
#[uniffi::remote(Enum)]
pub enum ReadOnlyReason {
    /// A newer version wrote it: offer the update.
    NewerFormat,
    /// Some rows are damaged; the others are shown.
    DamagedRows,
    /// The rows all open and do not belong together: somebody changed the file.
    Tampered,
    /// The file is older than its anchor: an old copy was put back. The user may accept it.
    RolledBack,
    /// The file lived on elsewhere, apart from this one. The user may accept it.
    OtherBranch,
    /// There is no anchor: a new phone. The user may accept it.
    NoAnchor,
    /// The anchor cannot be read. The user may accept it.
    AnchorTorn,
    /// The key store did not give the anchor now: try again.
    AnchorUnavailable,
}

/// What an app reports of its life, so that the core can say when to lock.
#[uniffi::remote(Enum)]
pub enum LockEvent {
    /// The app went out of sight.
    EnteredBackground,
    /// It is in sight again.
    EnteredForeground,
    /// A prompt of the system is about to appear; it sends the app out of sight by itself.
    PromptBegan,
    /// It is gone, whatever came of it.
    PromptEnded,
    /// The user did something.
    Used,
    /// The screen went dark or the device was locked.
    ScreenOff,
}

/// After how long to lock.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Record)]
pub struct LockLimits {
    /// Out of sight for so many milliseconds; 0 locks at once.
    pub background_ms: i64,
    /// In sight and unused for so many milliseconds; nothing means never.
    pub idle_ms: Option<i64>,
    /// Whether a dark screen locks at once.
    pub screen_off: bool,
}

/// What stands in the vault's folder, as far as it can be told without a key.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum VaultStatus {
    /// Nothing: make a vault.
    NoVault,
    /// An anchor names a vault whose file is gone: restore it, or start new by an explicit act.
    PreviousVault {
        /// Which.
        vault_id: String,
    },
    /// A vault, locked.
    Locked {
        /// What opens it.
        ways_in: Vec<WayIn>,
    },
    /// A vault, unlocked.
    Unlocked {
        /// Whether it may be changed.
        mode: VaultMode,
    },
}

/// Whether an open vault may be changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum VaultMode {
    /// It may.
    ReadWrite,
    /// Lists, codes that follow the time and exports work; changes, codes that count and approvals do not.
    ReadOnly {
        /// Why.
        reason: ReadOnlyReason,
    },
}

/// What an unlock found. Damage is a mode, not an error.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct Opened {
    /// Read-write, or read-only with the reason: ask `next_steps` what the user can do.
    pub mode: VaultMode,
    /// What was noticed on the way.
    pub report: OpenReport,
}

/// What was noticed while opening.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct OpenReport {
    /// Accounts in the list, the trash not counted.
    pub accounts: i64,
    /// Accounts in the trash.
    pub trashed: i64,
    /// Accounts whose names do not open.
    pub damaged: Vec<String>,
    /// Commits that the file is ahead of its anchor: more than one means that some were made elsewhere.
    pub ahead: i64,
    /// A slot in the file was damaged, and its copy opened.
    pub key_copy_used: bool,
    /// The snapshot that was due could not be written: the last good one is older than it should be.
    pub snapshot_failed: bool,
    /// Why the last anchor could not be stored; the operations themselves succeeded.
    pub anchor_stale: Option<KeyStoreError>,
}

/// What opens the vault: given to `unlock`, and again before secrets are shown or ways in are changed.
#[derive(Clone, uniffi::Enum)]
pub enum UnlockKey {
    /// What the user types.
    Passphrase {
        /// In UTF-8.
        passphrase: Vec<u8>,
    },
    /// What the user wrote down.
    RecoveryCode {
        /// As typed: any case, spaces and dashes anywhere.
        code: String,
    },
    /// A look or a finger: the core asks `DeviceKeys.get`.
    Device,
}

/// The ways in of a new vault; a passphrase, a recovery code, or both.
#[derive(Clone, uniffi::Record)]
pub struct NewVault {
    /// What the user will type, in UTF-8.
    #[uniffi(default = None)]
    pub passphrase: Option<Vec<u8>>,
    /// A code from `make_recovery_code`, once the user has typed it back.
    #[uniffi(default = None)]
    pub recovery_code: Option<TypedBack>,
}

/// A recovery code, and what the user typed from the paper: a code that was not written down is no way in.
#[derive(Clone, uniffi::Record)]
pub struct TypedBack {
    /// The code that was shown.
    pub code: String,
    /// What the user typed.
    pub typed: String,
}

/// One way into the vault.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct WayIn {
    /// Names it.
    pub id: String,
    /// What kind it is.
    pub kind: WayInKind,
    /// When it was made; nothing when it is damaged.
    pub created_at_ms: Option<i64>,
    /// Whether its bytes have changed, and no good copy was found.
    pub damaged: bool,
}

/// What kind of way in it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum WayInKind {
    /// A passphrase.
    Passphrase,
    /// A recovery code.
    RecoveryCode,
    /// The device's secret behind biometrics.
    Device,
    /// The device's secret that nobody is asked for: the app's lock is off. It opens the vault and confirms nothing.
    DeviceAlone,
    /// One that a later version made; it is carried as it is.
    Unknown,
}

/// What the user should do now and then, so that a way in is still known on the day it is needed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Record)]
pub struct Duties {
    /// Ask for the passphrase, or the recovery code when there is none: "check it now".
    pub check_passphrase: bool,
    /// A recovery code was used: make a new one.
    pub renew_recovery_code: bool,
}

/// What is left after everything deleted was erased.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct Erased {
    /// Accounts of the trash that are gone for good.
    pub accounts: i64,
    /// Snapshots that were deleted, because they held them.
    pub snapshots: i64,
    /// Damaged originals that are still there, sealed under the old keys: the user's to delete. Backups elsewhere are beyond
    /// our reach as well: say so.
    pub remains: Vec<String>,
}

/// How hard a passphrase is to guess.
#[derive(Clone, Copy, Debug, PartialEq, uniffi::Record)]
pub struct PassphraseStrength {
    /// From 0, guessed at once, to 4, hard to guess even for who has the file.
    pub score: i32,
    /// Whether it is good enough to go on without a warning.
    pub good: bool,
}

/// What a full check found.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct VaultHealth {
    /// The mode of the vault.
    pub mode: VaultMode,
    /// Rows, the trash included.
    pub accounts: i64,
    /// Accounts whose names or secret do not open.
    pub damaged: Vec<String>,
    /// Everything else that is not as it should be.
    pub problems: Vec<VaultProblem>,
    /// The snapshots, oldest first, each opened and checked.
    pub snapshots: Vec<CopyInfo>,
    /// When the newest snapshot that is whole was written.
    pub last_good_copy_at_ms: Option<i64>,
    /// How many damaged originals are kept aside.
    pub quarantined: i64,
}

/// One thing that is not as it should be.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum VaultProblem {
    /// SQLite's own check of the file found faults.
    FileDamaged,
    /// Some rows are not those that were written.
    RowsChanged,
    /// The root does not hold.
    RootChanged,
    /// The orders, groups or usage counts cannot be read.
    DocumentDamaged,
    /// The copy of the ways in beside the file is missing or differs.
    KeyCopyStale,
    /// This snapshot cannot be read, or does not hold what it names.
    SnapshotDamaged {
        /// Its number.
        number: i32,
    },
    /// The newest snapshot opens with the passphrase or recovery code of before.
    SnapshotOfOldKeys {
        /// Its number.
        number: i32,
    },
    /// The anchor could not be stored.
    AnchorStale {
        /// Why.
        kind: KeyStoreError,
    },
}

/// One thing that the user can do about a vault that is not read-write.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum NextStep {
    /// Wait a moment and unlock again: the key store did not answer.
    TryAgain,
    /// Get the newest app.
    UpdateApp,
    /// Take the vault as it is: `accept`.
    Accept,
    /// The same, then look at what this snapshot has besides and take it over: `compare`, `merge`.
    AcceptAndMerge {
        /// The snapshot's number.
        number: i32,
    },
    /// Keep the file aside and make a whole one of what it and the newest snapshot hold: `salvage`.
    Salvage,
    /// Put this snapshot in the place of the vault that is gone: `restore_backup`.
    Restore {
        /// The snapshot's number.
        number: i32,
    },
    /// Write a sealed backup elsewhere first: `write_backup`.
    BackUp,
    /// Put the anchor of the vault that is gone aside and make a new vault: `archive_previous`.
    StartNew,
}

impl From<LockLimits> for flows::LockLimits {
    fn from(limits: LockLimits) -> Self {
        let LockLimits { background_ms, idle_ms, screen_off } = limits;
        // Less than nothing locks at once.
        let whole = |ms: i64| u64::try_from(ms).unwrap_or(0);
        Self { background_ms: whole(background_ms), idle_ms: idle_ms.map(whole), screen_off }
    }
}

impl From<flows::Status> for VaultStatus {
    fn from(status: flows::Status) -> Self {
        match status {
            flows::Status::NoVault => Self::NoVault,
            flows::Status::PreviousVault(vault) => Self::PreviousVault { vault_id: vault.to_string() },
            flows::Status::Locked(slots) => {
                Self::Locked { ways_in: slots.into_iter().map(Into::into).collect() }
            }
            flows::Status::Unlocked(mode) => Self::Unlocked { mode: mode.into() },
        }
    }
}

impl From<vault::Mode> for VaultMode {
    fn from(mode: vault::Mode) -> Self {
        match mode {
            vault::Mode::ReadWrite => Self::ReadWrite,
            vault::Mode::ReadOnly(reason) => Self::ReadOnly { reason },
        }
    }
}

impl From<flows::Unlocked> for Opened {
    fn from(unlocked: flows::Unlocked) -> Self {
        let flows::Unlocked { mode, report } = unlocked;
        Self { mode: mode.into(), report: report.into() }
    }
}

impl From<Report> for OpenReport {
    fn from(report: Report) -> Self {
        let Report { accounts, trashed, damaged, ahead, key_copy_used, snapshot_failed, anchor_stale } =
            report;
        Self {
            accounts: count(accounts),
            trashed: count(trashed),
            damaged: damaged.iter().map(ToString::to_string).collect(),
            ahead: count(ahead),
            key_copy_used,
            snapshot_failed: snapshot_failed.is_some(),
            anchor_stale: anchor_stale.map(Into::into),
        }
    }
}

impl From<SlotInfo> for WayIn {
    fn from(slot: SlotInfo) -> Self {
        let SlotInfo { id, kind, created_at, damaged } = slot;
        Self { id: hex(&id), kind: kind.into(), created_at_ms: created_at.map(ms), damaged }
    }
}

impl From<vault::SlotKind> for WayInKind {
    fn from(kind: vault::SlotKind) -> Self {
        match kind {
            vault::SlotKind::Passphrase => Self::Passphrase,
            vault::SlotKind::RecoveryCode => Self::RecoveryCode,
            vault::SlotKind::Device => Self::Device,
            vault::SlotKind::DeviceAlone => Self::DeviceAlone,
            vault::SlotKind::Unknown(_) => Self::Unknown,
        }
    }
}

impl From<vault::Erased> for Erased {
    fn from(erased: vault::Erased) -> Self {
        let vault::Erased { accounts, snapshots, remains } = erased;
        Self {
            accounts: count(accounts),
            snapshots: count(snapshots),
            remains: remains.iter().map(|path| path.to_string_lossy().into_owned()).collect(),
        }
    }
}

impl From<vault::Duties> for Duties {
    fn from(duties: vault::Duties) -> Self {
        let vault::Duties { check_passphrase, renew_recovery_code } = duties;
        Self { check_passphrase, renew_recovery_code }
    }
}

impl From<vault::Strength> for PassphraseStrength {
    fn from(strength: vault::Strength) -> Self {
        let vault::Strength { score, guesses_log10: _ } = strength;
        Self { score: i32::from(score), good: score >= vault::GOOD_SCORE }
    }
}

impl From<Health> for VaultHealth {
    fn from(health: Health) -> Self {
        let Health { mode, accounts, damaged, problems, snapshots, last_good_copy_at, quarantined } = health;
        Self {
            mode: mode.into(),
            accounts: count(accounts),
            damaged: damaged.iter().map(ToString::to_string).collect(),
            problems: problems.into_iter().map(Into::into).collect(),
            snapshots: snapshots.into_iter().map(Into::into).collect(),
            last_good_copy_at_ms: last_good_copy_at.map(ms),
            quarantined: count(quarantined.len()),
        }
    }
}

impl From<vault::Problem> for VaultProblem {
    fn from(problem: vault::Problem) -> Self {
        match problem {
            vault::Problem::FileDamaged => Self::FileDamaged,
            vault::Problem::BucketChanged(_) => Self::RowsChanged,
            vault::Problem::RootChanged => Self::RootChanged,
            vault::Problem::DocumentDamaged => Self::DocumentDamaged,
            vault::Problem::KeyCopyStale => Self::KeyCopyStale,
            vault::Problem::SnapshotDamaged(number) => Self::SnapshotDamaged { number: small(number) },
            vault::Problem::SnapshotOfOldKeys(number) => Self::SnapshotOfOldKeys { number: small(number) },
            vault::Problem::AnchorStale(kind) => Self::AnchorStale { kind: kind.into() },
        }
    }
}

impl From<vault::NextStep> for NextStep {
    fn from(step: vault::NextStep) -> Self {
        match step {
            vault::NextStep::TryAgain => Self::TryAgain,
            vault::NextStep::UpdateApp => Self::UpdateApp,
            vault::NextStep::Accept => Self::Accept,
            vault::NextStep::AcceptAndMerge(number) => Self::AcceptAndMerge { number: small(number) },
            vault::NextStep::Salvage => Self::Salvage,
            vault::NextStep::Restore(number) => Self::Restore { number: small(number) },
            vault::NextStep::BackUp => Self::BackUp,
            vault::NextStep::StartNew => Self::StartNew,
        }
    }
}

/// Makes the error of a slip in a recovery code.
pub(crate) fn slip(error: RecoveryCodeError) -> VaultError {
    let slip = match error {
        RecoveryCodeError::Character(place) => RecoveryCodeSlip::Character { place: small(place) },
        RecoveryCodeError::Length(letters) => RecoveryCodeSlip::Length { letters: small(letters) },
        RecoveryCodeError::Check => RecoveryCodeSlip::Check,
        RecoveryCodeError::Differs => RecoveryCodeSlip::Differs,
    };
    VaultError::RecoveryCode { slip }
}

/// Prints the id of a way in.
fn hex(id: &[u8; 16]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads the id of a way in; a text that is none names none.
pub(crate) fn way_in_id(text: &str) -> Result<[u8; 16], VaultError> {
    let id: vault::VaultId =
        text.parse().map_err(|_| VaultError::WayIn { why: crate::error::WayInTrouble::None })?;
    Ok(id.0)
}
