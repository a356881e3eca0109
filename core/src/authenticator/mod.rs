//! The flows: what a shell asks for, put together from the floors below.
//!
//! An [`Authenticator`] stands for one vault folder for as long as the app lives. It is locked or unlocked;
//! locked, everything that needs a name or a seed answers [`Error::Locked`].

mod auto_lock;
mod backing_up;
mod changing;
mod codes;
mod confirming;
mod device_slot;
mod exporting;
mod extension;
mod importing;
mod keeping;
mod listing;
mod locking;
mod moving;
mod push;
mod scanning;
mod self_check;
mod showing;
mod suspending;

pub use auto_lock::{LockEvent, LockLimits, PROMPT_MS};
pub use changing::{Added, Revealed};
pub use codes::{CodeRow, CodesAt, NoCode};
pub use confirming::{CONFIRMATION_MS, Confirmation};
pub use exporting::{ExportReport, Exported};
pub use extension::{Message, MessageId, PackPlan, Packed, Spool, SpoolError};
pub use importing::{ImportCounts, ImportDone, ImportPreview, ImportRow, Other, RowStatus, open_import};
pub use listing::ListOrder;
pub use locking::{Created, Status, Unlocked};
pub use moving::{Handed, Incoming, Outgoing, Received};
pub use push::{
    Act, Answered, Asked, Challenge, ChallengeFeed, ChallengeId, Closed, Decision, Device, EnrolAgain,
    Enrolled, EnrolmentInfo, EnrolmentState, NoSuch, Number, Offered, PastAnswer, PhoneInfo, PushAddress,
    PushError, PushVendor, Reconnected, Refreshed, ShellFault, TestPush, Wait, WhichKey,
};
pub use scanning::{MigrationPart, ScanOutcome, ScanSession};
pub use self_check::{
    Advice, CheckItem, CheckLine, CheckState, Facts, Permission, ShellFacts, VaultFact, judge,
};
pub use showing::SHOWN_MS;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::device::Anchor;
use crate::vault::{Group, Item, ItemId, Mode, SuspendedVault, Vault, VaultError};
use codes::CodeCache;

/// One vault folder and what is known of it now.
///
/// Reads that need no seed never wait for a write: names stand in `face`, the vault itself in `vault`.
/// Neither lock is held while a passphrase is turned into a key.
pub struct Authenticator {
    folder: PathBuf,
    anchor: Arc<dyn Anchor>,
    face: Mutex<Face>,
    vault: Mutex<Option<Open>>,
    suspended: Mutex<Option<SuspendedVault>>,
    previews: importing::Previews,
    /// Held by the one backup that is being written.
    backing_up: Mutex<()>,
    push: Option<push::Push>,
}

/// The unlocked vault, and codes that are still good.
struct Open {
    vault: Vault,
    codes: CodeCache,
}

/// What a list shows; `None` while locked.
#[derive(Default)]
struct Face {
    /// Grows with every lock: an unlock that ends under an older one wipes what it derived.
    generation: u64,
    shown: Option<Shown>,
    lock_clock: Option<auto_lock::LockClock>,
    confirmation: Option<confirming::OpenConfirmation>,
    shown_codes: showing::ShownCodes,
}

#[derive(Clone)]
struct Shown {
    mode: Mode,
    items: Arc<[Item]>,
    groups: Arc<[Group]>,
}

/// Why the core refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The vault is locked: unlock it, then ask again.
    #[error("the vault is locked")]
    Locked,
    /// It is unlocked already: lock it first.
    #[error("the vault is already unlocked")]
    AlreadyUnlocked,
    /// The app was suspended: resume, then ask again.
    #[error("the vault is suspended")]
    Suspended,
    /// This needs a fresh confirmation: ask for a finger, the passphrase or the recovery code, then try again. For an
    /// account that asks every time [`Authenticator::show_code`] comes between the two.
    #[error("not confirmed just now")]
    NotConfirmed,
    /// What was typed back is not the recovery code: show the slip, and let the user type it again.
    #[error("the recovery code was not typed back: {0}")]
    NotTypedBack(crate::vault::RecoveryCodeError),
    /// The preview of an import was used, or emptied by a lock: open the file again.
    #[error("the preview is gone")]
    NoPreview,
    /// There is no such account, not even in the trash.
    #[error("no such account")]
    NoSuchAccount,
    /// The account's codes cannot be made: see the cause (a PIN is needed, codes that count are asked for singly).
    #[error("this account gives no code: {0}")]
    NoCode(#[from] crate::otp::OtpError),
    /// The move cannot go on: see the cause.
    #[error(transparent)]
    Move(#[from] crate::moving::MoveError),
    /// The scanned text is no code of a move that can be used here.
    #[error(transparent)]
    MoveCode(#[from] crate::moving::CodeError),
    /// Nothing was exported: see the cause.
    #[error(transparent)]
    Export(#[from] crate::export::ExportError),
    /// The folder of backups refused: show why, and what the last good backup is.
    #[error(transparent)]
    Folder(crate::vault::FolderError),
    /// The vault refused.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl Authenticator {
    /// Stands for the vault in `folder`, whose anchor is kept by `anchor`. Nothing is read yet.
    pub fn new(folder: PathBuf, anchor: Arc<dyn Anchor>) -> Self {
        Self {
            folder,
            anchor,
            face: Mutex::default(),
            vault: Mutex::new(None),
            suspended: Mutex::new(None),
            previews: importing::Previews::default(),
            backing_up: Mutex::default(),
            push: None,
        }
    }

    fn face(&self) -> MutexGuard<'_, Face> {
        self.face.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the vault's place, waiting for a write that is under way.
    fn vault(&self) -> MutexGuard<'_, Option<Open>> {
        self.vault.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn shown(&self) -> Result<Shown, Error> {
        self.face().shown.clone().ok_or(Error::Locked)
    }

    /// Runs a change, then shows what the vault holds now. After a lock meanwhile, the result is dropped.
    ///
    /// The anchor is stored after the commit with no lock held: a key store may take its time, and may ask us.
    fn write<T>(&self, change: impl FnOnce(&mut Vault) -> Result<T, VaultError>) -> Result<T, Error> {
        let (result, unsettled) = {
            let mut place = self.vault();
            let open = place.as_mut().ok_or_else(|| self.absent())?;
            open.codes.forget();
            let result = change(&mut open.vault);
            (result, open.vault.take_unsettled())
        };
        let stored = unsettled.map(|unsettled| unsettled.store());
        let mut place = self.vault();
        let open = place.as_mut().ok_or_else(|| self.absent())?;
        if let Some(stored) = stored {
            open.vault.settled(stored);
        }
        let mut face = self.face();
        let shown = face.shown.as_mut().ok_or_else(|| self.absent())?;
        *shown = Shown::of(&open.vault);
        Ok(result?)
    }

    /// Runs a read that needs the vault's file.
    fn read<T>(&self, look: impl FnOnce(&mut Vault) -> Result<T, VaultError>) -> Result<T, Error> {
        let mut place = self.vault();
        let result = look(&mut place.as_mut().ok_or_else(|| self.absent())?.vault)?;
        self.shown()?;
        Ok(result)
    }
}

impl Shown {
    fn of(vault: &Vault) -> Self {
        let (mut items, groups) = (vault.items().to_vec(), vault.groups());
        listing::tell_apart(&mut items, groups);
        Self { mode: vault.mode(), items: items.into(), groups: groups.into() }
    }

    fn item(&self, id: ItemId) -> Result<&Item, Error> {
        self.items.iter().find(|item| item.id == id).ok_or(Error::NoSuchAccount)
    }
}
