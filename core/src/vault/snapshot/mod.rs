//! Snapshots: whole copies of the vault, sealed, read back before they count, kept beside the file.
//!
//! The same bytes, written elsewhere, are the user's backup. A copy holds rows as they stand in the file, so that
//! making one opens no secret. What a copy gives back is decided in `merge` and `restore`.

mod automatic;
mod copying;
mod folder;
mod format;
mod held;
mod restore;
#[cfg(test)]
mod round_trip;
mod shelf;
mod state;
mod tested;

use std::path::{Path, PathBuf};

pub use automatic::{BackedUp, BackupError, BackupFile, Generations};
pub use copying::Copying;
pub use folder::{BackupFolder, DiskFolder, FolderError, StoredFile};
pub use held::Held;
pub use restore::restore;
pub(super) use state::BackupRecord;
pub use state::{BackupFailure, BackupState, BackupTrouble, FailedBackup, GoodBackup, OLD_MS};
pub use tested::BackupTest;

use super::VaultError;
use super::contents::Contents;
use super::key_rows::open_keys;
use super::keyfile::KeyFile;
use super::keys::Subkeys;
use super::slots::{Key, SlotInfo, SlotRow};
use super::state::Mode;
use super::store::Vault;
use crate::crypto::scrub_stack;
use crate::device::VaultId;
use crate::time::UnixTime;
use format::Sealed;
use shelf::Shelved;

/// Commits after which the next unlock writes a snapshot.
pub const DUE_COMMITS: u64 = 20;
/// Milliseconds after which it does: 24 hours.
pub const DUE_MS: i64 = 24 * 60 * 60 * 1000;

/// One snapshot or backup file, as far as it is known.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SnapshotInfo {
    /// Its number in the folder of snapshots; 0 for a file elsewhere.
    pub number: u32,
    /// Where it is.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// What the file says of itself; `None` when it cannot be read.
    pub says: Option<SnapshotSays>,
    /// Whether it can be relied on.
    pub state: SnapshotState,
}

/// What a file says of itself. Only a file whose state is [`SnapshotState::Whole`] is known to say the truth.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SnapshotSays {
    /// The vault it is a copy of.
    pub vault_id: VaultId,
    /// When it was written.
    pub created_at: UnixTime,
    /// The number of the commit that it holds.
    pub seq: u64,
    /// Accounts in the list.
    pub accounts: u64,
    /// All rows, the trash included.
    pub rows: u64,
    /// What opens it: the passphrase and the recovery code with the dates when they were made.
    pub opens_with: Vec<SlotInfo>,
}

/// Whether a copy can be relied on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
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

/// A copy whose keys are not known.
pub struct LockedSnapshot {
    info: SnapshotInfo,
    sealed: Sealed,
}

/// An open copy: what [`Vault::compare`](super::Vault::compare) looks at.
pub struct Snapshot {
    pub(super) contents: Contents,
    /// `None` when the vault's own keys open it.
    pub(super) keys: Option<Subkeys>,
    accounts: u64,
    opened_by: Option<SlotInfo>,
}

impl Vault {
    /// Writes a snapshot, reads it back, and prunes the oldest.
    ///
    /// # Errors
    /// [`VaultError::ReadOnly`] when the vault is not one that should be copied over good copies; disk trouble.
    pub fn snapshot(&mut self, at: UnixTime) -> Result<SnapshotInfo, VaultError> {
        self.writable()?;
        let contents = self.contents()?;
        let bytes =
            format::print(&contents, self.known.report.accounts as u64, &self.known.keys.snapshot, at)?;
        let (number, path) = shelf::add(&self.known.folder, &bytes, |back| self.holds(back, &contents))?;
        shelf::prune(&self.known.folder)?;
        let says = format::parse(&bytes).map(|sealed| says(&sealed));
        Ok(SnapshotInfo { number, path, bytes: bytes.len() as u64, says, state: SnapshotState::Whole })
    }

    /// Writes a snapshot when 20 commits or 24 hours have passed since the newest that is whole, and something has
    /// changed since.
    ///
    /// # Errors
    /// As [`Vault::snapshot`].
    pub fn snapshot_if_due(&mut self, at: UnixTime) -> Result<Option<SnapshotInfo>, VaultError> {
        if self.known.mode != Mode::ReadWrite || !self.is_due(at)? {
            return Ok(None);
        }
        self.snapshot(at).map(Some)
    }

    /// Writes a snapshot unless the newest one holds this very commit: before something large is done.
    ///
    /// # Errors
    /// As [`Vault::snapshot`].
    pub fn snapshot_before(&mut self, at: UnixTime) -> Result<(), VaultError> {
        self.refresh()?;
        let here = self.newest()?.is_some_and(|sealed| sealed.header.root_mac() == self.known.state.root.mac);
        if here { Ok(()) } else { self.snapshot(at).map(drop) }
    }

    /// Lists the snapshots, oldest first; each that these keys open is opened and checked.
    ///
    /// # Errors
    /// [`VaultError::Io`].
    pub fn snapshots(&self) -> Result<Vec<SnapshotInfo>, VaultError> {
        Ok(shelf::list(&self.known.folder)?.into_iter().map(|file| self.info(file)).collect())
    }

    /// Deletes one snapshot, because the user said so.
    ///
    /// # Errors
    /// [`VaultError::NotFound`], [`VaultError::Io`].
    pub fn drop_snapshot(&mut self, number: u32) -> Result<(), VaultError> {
        let file = shelf::list(&self.known.folder)?.into_iter().find(|file| file.number == number);
        std::fs::remove_file(file.ok_or(VaultError::NotFound)?.path)?;
        Ok(())
    }

    /// Writes a copy to a file of the user's choice, in one step, and reads it back. A vault that is read-only may be
    /// backed up too, as long as its root holds.
    ///
    /// # Errors
    /// [`VaultError::ReadOnly`] when the root does not hold; disk trouble.
    pub fn write_backup(&mut self, path: &Path, at: UnixTime) -> Result<SnapshotInfo, VaultError> {
        let contents = self.contents_worth_keeping()?;
        let bytes =
            format::print(&contents, self.known.report.accounts as u64, &self.known.keys.snapshot, at)?;
        shelf::write(path, &bytes, |back| self.holds(back, &contents))?;
        let says = format::parse(&bytes).map(|sealed| says(&sealed));
        let state = SnapshotState::Whole;
        Ok(SnapshotInfo { number: 0, path: path.to_owned(), bytes: bytes.len() as u64, says, state })
    }

    /// Opens a copy of this vault with the keys at hand.
    ///
    /// # Errors
    /// [`VaultError::NoSuchSlot`] when it is of another vault or has an older key: use [`LockedSnapshot::unlock`].
    /// [`VaultError::FileDamaged`], [`VaultError::Io`].
    pub fn open_snapshot(&self, path: &Path) -> Result<Snapshot, VaultError> {
        let sealed = format::parse(&shelf::read(path)?).ok_or(VaultError::FileDamaged)?;
        let rows = sealed.header.key_rows();
        if rows.vault != self.known.id || rows.dek != self.known.state.dek {
            return Err(VaultError::NoSuchSlot);
        }
        let contents = sealed.open(&self.known.keys).ok_or(VaultError::FileDamaged)?;
        Ok(Snapshot { contents, keys: None, accounts: sealed.header.accounts(), opened_by: None })
    }

    /// Reads the whole file in one transaction, and makes sure that it is the one that was judged.
    pub(super) fn contents(&mut self) -> Result<Contents, VaultError> {
        self.refresh()?;
        self.db.execute_batch("BEGIN")?;
        let contents = Contents::read(&self.db, self.key_rows());
        self.db.execute_batch("ROLLBACK")?;
        let contents = contents?;
        if contents.root != self.known.state.root { Err(VaultError::ChangedOutside) } else { Ok(contents) }
    }

    /// The same, for a copy that leaves the folder: a vault that is read-only may be backed up as long as its root holds.
    fn contents_worth_keeping(&mut self) -> Result<Contents, VaultError> {
        let contents = self.contents()?;
        match self.known.mode {
            Mode::ReadOnly(reason) if !contents.root_holds(&self.known.keys.manifest) => {
                Err(VaultError::ReadOnly(reason))
            }
            Mode::ReadOnly(_) | Mode::ReadWrite => Ok(contents),
        }
    }

    fn holds(&self, bytes: &[u8], contents: &Contents) -> bool {
        format::CopyKeys::of(&self.known.keys).open_alike(bytes, contents)
    }

    fn newest(&self) -> Result<Option<Sealed>, VaultError> {
        let newest = shelf::list(&self.known.folder)?.into_iter().rev().filter_map(|file| file.sealed);
        let mut ours = newest.filter(|sealed| sealed.header.vault() == self.known.id);
        Ok(ours.find(|sealed| sealed.open(&self.known.keys).is_some()))
    }

    fn is_due(&self, at: UnixTime) -> Result<bool, VaultError> {
        let Some(newest) = self.newest()? else { return Ok(true) };
        if newest.header.root_mac() == self.known.state.root.mac {
            return Ok(false);
        }
        // A clock that was set back makes a snapshot early, never late.
        let age = at.ms().abs_diff(newest.header.created_at().ms());
        let commits = self.known.state.root.seq.abs_diff(newest.header.seq());
        Ok(commits >= DUE_COMMITS || age >= DUE_MS.unsigned_abs())
    }

    fn info(&self, file: Shelved) -> SnapshotInfo {
        let state = match &file.sealed {
            None => SnapshotState::Damaged,
            Some(sealed) => {
                let rows = sealed.header.key_rows();
                if rows.vault != self.known.id {
                    SnapshotState::OtherVault
                } else if rows.dek != self.known.state.dek {
                    SnapshotState::NeedsKey
                } else if sealed.open(&self.known.keys).is_some() {
                    SnapshotState::Whole
                } else {
                    SnapshotState::Damaged
                }
            }
        };
        describe(file, state)
    }
}

impl LockedSnapshot {
    /// Reads a snapshot or backup file.
    ///
    /// # Errors
    /// [`VaultError::FileDamaged`] when it is no such file, or cut short; [`VaultError::TooLarge`], [`VaultError::Io`].
    pub fn open(path: &Path) -> Result<Self, VaultError> {
        Self::parse(&shelf::read(path)?, path)
    }

    /// Takes the bytes of a backup that did not come from a disk; `name` is where it came from, for the user.
    ///
    /// # Errors
    /// [`VaultError::FileDamaged`] when they are no backup, or cut short; [`VaultError::TooLarge`].
    pub fn parse(bytes: &[u8], name: &Path) -> Result<Self, VaultError> {
        if bytes.len() as u64 > format::MOST_BYTES {
            return Err(VaultError::TooLarge);
        }
        let sealed = format::parse(bytes).ok_or(VaultError::FileDamaged)?;
        let file = Shelved {
            number: 0,
            path: name.to_owned(),
            bytes: bytes.len() as u64,
            sealed: Some(sealed.clone()),
        };
        Ok(Self { info: describe(file, SnapshotState::NeedsKey), sealed })
    }

    /// Returns what the file says of itself.
    pub fn info(&self) -> &SnapshotInfo {
        &self.info
    }

    /// Opens the copy and checks that it holds exactly the commit that it names.
    ///
    /// # Errors
    /// [`VaultError::WrongKey`], [`VaultError::NoSuchSlot`], [`VaultError::SlotDamaged`], [`VaultError::Kdf`];
    /// [`VaultError::FileDamaged`] when the key is right and the content is not.
    pub fn unlock(&self, key: &Key<'_>) -> Result<Snapshot, VaultError> {
        let (keys, slot) = self.keys(key)?;
        scrub_stack();
        let contents = self.sealed.open(&keys).ok_or(VaultError::FileDamaged)?;
        let accounts = self.sealed.header.accounts();
        Ok(Snapshot { contents, keys: Some(keys), accounts, opened_by: Some(slot) })
    }

    /// Tries the slots one by one, so that the one that opens is known.
    fn keys(&self, key: &Key<'_>) -> Result<(Subkeys, SlotInfo), VaultError> {
        let rows = self.sealed.header.key_rows();
        let mut refused = VaultError::NoSuchSlot;
        for slot in &rows.slots {
            let alone = KeyFile { slots: vec![slot.clone()], ..rows.clone() };
            match (open_keys(&alone, key, None), &refused) {
                (Ok(keys), _) => return Ok((keys, slot.info())),
                (Err(VaultError::NoSuchSlot), _) => {}
                // Damage outranks a wrong key: the right passphrase may belong to the damaged slot.
                (Err(VaultError::WrongKey), VaultError::SlotDamaged) => {}
                (Err(error), _) => refused = error,
            }
        }
        Err(refused)
    }

    /// Returns every slot, those of devices too, when `key` opens the copy.
    pub(super) fn all_key_rows(&self, key: &Key<'_>) -> Option<KeyFile> {
        self.unlock(key).ok().map(|snapshot| snapshot.contents.key_rows)
    }

    /// Opens the copy with keys that are known already; `None` when it has others.
    pub(super) fn contents_with(&self, rows: &KeyFile, keys: &Subkeys) -> Option<Contents> {
        let own = self.sealed.header.key_rows();
        if own.vault == rows.vault && own.dek == rows.dek { self.sealed.open(keys) } else { None }
    }
}

impl Snapshot {
    pub(super) fn new(contents: Contents, keys: Subkeys) -> Self {
        let mut opened = Self { contents, keys: Some(keys), accounts: 0, opened_by: None };
        opened.accounts = opened.contents.items.len() as u64;
        opened
    }

    /// Returns a copy that the vault's own keys open.
    pub(super) fn of_own(contents: Contents) -> Self {
        Self { contents, keys: None, accounts: 0, opened_by: None }
    }

    /// Returns the vault that it is a copy of.
    pub fn vault_id(&self) -> VaultId {
        self.contents.key_rows.vault
    }

    /// Returns the number of accounts in the list, as the writer counted them.
    pub fn accounts(&self) -> u64 {
        self.accounts
    }

    /// Returns which passphrase or recovery code opened it; `None` when keys that were known already did.
    pub fn opened_by(&self) -> Option<&SlotInfo> {
        self.opened_by.as_ref()
    }

    /// Returns the number of all rows, the trash included.
    pub fn rows(&self) -> usize {
        self.contents.items.len()
    }

    /// Returns the number of the commit that it holds.
    pub fn seq(&self) -> u64 {
        self.contents.root.seq
    }
}

/// Lists the snapshots in a vault's folder without a key, oldest first.
///
/// # Errors
/// [`VaultError::Io`].
pub fn snapshots_in(folder: &Path) -> Result<Vec<SnapshotInfo>, VaultError> {
    let state = |file: &Shelved| match file.sealed {
        Some(_) => SnapshotState::NeedsKey,
        None => SnapshotState::Damaged,
    };
    Ok(shelf::list(folder)?
        .into_iter()
        .map(|file| (state(&file), file))
        .map(|(s, f)| describe(f, s))
        .collect())
}

fn describe(file: Shelved, state: SnapshotState) -> SnapshotInfo {
    let Shelved { number, path, bytes, sealed } = file;
    SnapshotInfo { number, path, bytes, says: sealed.as_ref().map(says), state }
}

fn says(sealed: &Sealed) -> SnapshotSays {
    let header = &sealed.header;
    SnapshotSays {
        vault_id: header.vault(),
        created_at: header.created_at(),
        seq: header.seq(),
        accounts: header.accounts(),
        rows: header.rows(),
        opens_with: header.key_rows().slots.iter().map(SlotRow::info).collect(),
    }
}
