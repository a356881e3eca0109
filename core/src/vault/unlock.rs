//! From a folder and a key to an open vault: slots, keys and rows. What manifest and anchor say of them is `judge`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;

use super::VaultError;
use super::ballast;
use super::contents::Contents;
use super::key_rows::{open_keys, read_key_rows};
use super::keyfile::KeyFile;
use super::keys::Subkeys;
use super::read::read_state;
use super::schema;
use super::slots::{Key, SlotInfo};
use super::snapshot::Snapshot;
use super::state::{Mode, Report};
use super::store::{Known, Vault};
use crate::crypto::scrub_stack;
use crate::device::{Anchor, VaultId};
use crate::time::UnixTime;

/// A vault whose keys are not known. Nothing in its folder is changed by looking at it.
pub struct LockedVault {
    folder: PathBuf,
    db: Connection,
    in_file: KeyFile,
    beside: Option<KeyFile>,
    slots: Vec<SlotInfo>,
}

/// An open vault, and what was noticed while opening it.
pub struct Opened {
    /// The vault; [`Vault::mode`] says whether it may be changed.
    pub vault: Vault,
    /// What was noticed.
    pub report: Report,
}

impl LockedVault {
    /// Looks at the vault in `folder`.
    ///
    /// # Errors
    /// [`VaultError::NotFound`], [`VaultError::FileDamaged`], [`VaultError::Busy`], [`VaultError::Io`].
    pub fn open(folder: &Path) -> Result<Self, VaultError> {
        let path = folder.join(schema::FILE);
        if !path.try_exists()? {
            return Err(VaultError::NotFound);
        }
        let db = schema::open(&path)?;
        let in_file = read_key_rows(&db)?;
        let beside = KeyFile::read(folder)?.filter(|copy| *copy != in_file);
        let slots = in_file
            .slots
            .iter()
            .map(|row| {
                let copy = beside
                    .iter()
                    .flat_map(|copy| &copy.slots)
                    .find(|copy| copy.id == row.id && copy.is_whole());
                if row.is_whole() { row.info() } else { copy.unwrap_or(row).info() }
            })
            .collect();
        Ok(Self { folder: folder.to_owned(), db, in_file, beside, slots })
    }

    /// Returns the ways in.
    pub fn slots(&self) -> &[SlotInfo] {
        &self.slots
    }

    /// Opens the file as a copy: its rows are read, and nothing is judged but their seals.
    pub(super) fn into_snapshot(self, key: &Key<'_>) -> Result<Snapshot, VaultError> {
        let Self { db, in_file, beside, .. } = self;
        let keys = open_keys(&in_file, key, None);
        let (key_rows, keys) = match (keys, beside) {
            (Ok(keys), _) => (in_file, keys),
            (Err(VaultError::SlotDamaged), Some(copy)) => {
                let keys = open_keys(&copy, key, Some(&in_file))?;
                (copy, keys)
            }
            (Err(error), _) => return Err(error),
        };
        scrub_stack();
        db.execute_batch("BEGIN")?;
        let contents = Contents::read(&db, key_rows);
        db.execute_batch("ROLLBACK")?;
        Ok(Snapshot::new(contents?, keys))
    }

    /// Returns the slots and the wrapped key as the file has them.
    pub(super) fn into_key_rows(self) -> KeyFile {
        self.in_file
    }

    /// Returns the vault's name, as the file tells it.
    pub fn vault_id(&self) -> VaultId {
        self.in_file.vault
    }

    /// Opens the vault. Damage, an old copy or a missing anchor is a mode of the answer, not an error.
    ///
    /// `at` dates the snapshot that is written before an older file is brought to the format of this version; no rule
    /// of opening depends on the time.
    ///
    /// # Errors
    /// [`VaultError::WrongKey`], [`VaultError::NoSuchSlot`], [`VaultError::SlotDamaged`], [`VaultError::Kdf`],
    /// [`VaultError::FileDamaged`], [`VaultError::Busy`], [`VaultError::Io`].
    pub fn unlock(self, key: Key<'_>, anchor: &Arc<dyn Anchor>, at: UnixTime) -> Result<Opened, VaultError> {
        // Before the rows are read: a commit in between makes the file newer than the anchor, never older.
        let stored = anchor.load(self.in_file.vault);
        let (mut vault, copy_used) = self.read(&key, anchor)?;
        scrub_stack();
        vault.known.mode = vault.judge(&stored);
        vault.known.report.key_copy_used = copy_used;
        vault.show();
        if vault.mode() == Mode::ReadWrite {
            schema::make_durable(&vault.db)?;
            vault.heal(copy_used)?;
            vault.unsettled = vault.report().ahead > 0;
            vault.settle();
            vault.migrate(at)?;
            ballast::keep(&vault.known.folder);
        }
        let report = vault.report().clone();
        Ok(Opened { vault, report })
    }

    /// Tries the slots of the file, then those of the copy; the copy counts only when the root then holds.
    fn read(self, key: &Key<'_>, anchor: &Arc<dyn Anchor>) -> Result<(Vault, bool), VaultError> {
        let Self { folder, db, in_file, beside, slots: _ } = self;
        let first = open_keys(&in_file, key, None);
        let damaged = match first {
            Ok(keys) => {
                let vault = Vault::load(folder.clone(), db, anchor, &in_file, keys)?;
                if vault.root_holds() || beside.is_none() {
                    return Ok((vault, false));
                }
                // Perhaps only another slot is damaged: then the root holds with the copy's slots.
                let Some(copy) = beside else { return Ok((vault, false)) };
                return Ok(vault.with_key_rows(copy));
            }
            Err(error @ (VaultError::SlotDamaged | VaultError::NoSuchSlot)) => error,
            Err(other) => return Err(other),
        };
        let Some(copy) = beside else { return Err(damaged) };
        let keys = open_keys(&copy, key, Some(&in_file)).map_err(|error| match error {
            VaultError::NoSuchSlot => damaged,
            other => other,
        })?;
        let vault = Vault::load(folder, db, anchor, &copy, keys)?;
        if vault.root_holds() { Ok((vault, true)) } else { Err(VaultError::SlotDamaged) }
    }
}

/// Names a vault whose anchor is left although its file is gone from `folder`.
///
/// # Errors
/// [`VaultError::KeyStore`], [`VaultError::Io`].
pub fn previous(folder: &Path, anchor: &dyn Anchor) -> Result<Option<VaultId>, VaultError> {
    if folder.join(schema::FILE).try_exists()? {
        return Ok(None);
    }
    Ok(anchor.list()?.first().copied())
}

impl Vault {
    /// Opens a vault that was just made, with the keys at hand instead of a second derivation.
    pub(super) fn open_made(
        folder: &Path,
        anchor: &Arc<dyn Anchor>,
        rows: &KeyFile,
        keys: Subkeys,
    ) -> Result<Self, VaultError> {
        let db = schema::open(&folder.join(schema::FILE))?;
        let mut vault = Self::load(folder.to_owned(), db, anchor, rows, keys)?;
        schema::make_durable(&vault.db)?;
        vault.show();
        vault.unsettled = true;
        vault.settle();
        Ok(vault)
    }

    fn load(
        folder: PathBuf,
        db: Connection,
        anchor: &Arc<dyn Anchor>,
        rows: &KeyFile,
        keys: Subkeys,
    ) -> Result<Self, VaultError> {
        db.execute_batch("BEGIN")?;
        let state = read_state(&db, rows.vault, &keys, rows.slots.clone(), rows.dek.clone());
        db.execute_batch("ROLLBACK")?;
        let state = state?;
        let known = Known {
            folder,
            id: rows.vault,
            keys: Arc::new(keys),
            anchor: Arc::clone(anchor),
            mode: Mode::ReadWrite,
            report: Report::default(),
            state,
            items: Vec::new(),
            usage_dirty: false,
            settled_by_caller: false,
        };
        Ok(Self { db, known, unsettled: false, looked_through: false })
    }

    pub(super) fn root_holds(&self) -> bool {
        let Known { id, keys, state, .. } = &self.known;
        state.root.holds(&keys.manifest, &state.covered(*id))
    }

    /// Takes the slots of the copy in place of the file's, when the root holds with them.
    fn with_key_rows(mut self, copy: KeyFile) -> (Self, bool) {
        if copy.vault != self.known.id {
            return (self, false);
        }
        let KeyFile { slots, dek, vault: _ } = copy;
        let state = &mut self.known.state;
        let old = (std::mem::replace(&mut state.slots, slots), std::mem::replace(&mut state.dek, dek));
        if self.root_holds() {
            return (self, true);
        }
        (self.known.state.slots, self.known.state.dek) = old;
        (self, false)
    }

    pub(super) fn key_rows(&self) -> KeyFile {
        let Known { id, state, .. } = &self.known;
        KeyFile { vault: *id, slots: state.slots.clone(), dek: state.dek.clone() }
    }
}
