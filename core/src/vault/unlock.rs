//! From a folder and a key to an open vault: slots, keys, rows, manifest, anchor, and what they say together.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};

use super::VaultError;
use super::ballast;
use super::contents::Contents;
use super::keyfile::KeyFile;
use super::keys::{Subkeys, WrappedDek};
use super::manifest::Root;
use super::read::read_state;
use super::schema;
use super::slots::{Key, SlotInfo, SlotRow};
use super::snapshot::Snapshot;
use super::state::{Mode, Reason, Report};
use super::store::{State, Vault};
use crate::crypto::{random, scrub_stack};
use crate::device::{Anchor, KeyStoreError, StoredAnchor, VaultId};
use crate::secret::SecretBytes;
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
        vault.mode = vault.judge(&stored);
        vault.report.key_copy_used = copy_used;
        vault.show();
        if vault.mode == Mode::ReadWrite {
            schema::make_durable(&vault.db)?;
            vault.heal(copy_used)?;
            vault.unsettled = vault.report.ahead > 0;
            vault.settle();
            vault.migrate(at)?;
            ballast::keep(&vault.folder);
        }
        let report = vault.report.clone();
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
        Ok(Self {
            folder,
            id: rows.vault,
            db,
            keys: Arc::new(keys),
            anchor: Arc::clone(anchor),
            mode: Mode::ReadWrite,
            report: Report::default(),
            state,
            items: Vec::new(),
            usage_dirty: false,
            unsettled: false,
            settled_by_caller: false,
            looked_through: false,
        })
    }

    fn root_holds(&self) -> bool {
        self.state.root.holds(&self.keys.manifest, &self.state.covered(self.id))
    }

    /// Takes the slots of the copy in place of the file's, when the root holds with them.
    fn with_key_rows(mut self, copy: KeyFile) -> (Self, bool) {
        if copy.vault != self.id {
            return (self, false);
        }
        let KeyFile { slots, dek, .. } = copy;
        let (old_slots, old_dek) =
            (std::mem::replace(&mut self.state.slots, slots), std::mem::replace(&mut self.state.dek, dek));
        if self.root_holds() {
            return (self, true);
        }
        (self.state.slots, self.state.dek) = (old_slots, old_dek);
        (self, false)
    }

    /// Says what file and anchor mean together; the worst finding counts.
    fn judge(&mut self, stored: &Result<StoredAnchor, KeyStoreError>) -> Mode {
        let State { root, rows, docs_whole, user_version, .. } = &self.state;
        if *user_version > schema::USER_VERSION {
            return Mode::ReadOnly(Reason::NewerFormat);
        }
        if !docs_whole || rows.values().any(|row| row.state == super::ItemState::Damaged) {
            return Mode::ReadOnly(Reason::DamagedRows);
        }
        if !self.root_holds() {
            return Mode::ReadOnly(Reason::Tampered);
        }
        let anchor = match stored {
            Ok(StoredAnchor::Present(anchor)) => anchor,
            Ok(StoredAnchor::Absent) => return Mode::ReadOnly(Reason::NoAnchor),
            Ok(StoredAnchor::Torn) => return Mode::ReadOnly(Reason::AnchorTorn),
            Err(_) => return Mode::ReadOnly(Reason::AnchorUnavailable),
        };
        if anchor.branch != root.branch {
            return Mode::ReadOnly(Reason::OtherBranch);
        }
        if root.seq < anchor.seq {
            return Mode::ReadOnly(Reason::RolledBack);
        }
        self.report.ahead = root.seq - anchor.seq;
        let fits = match self.report.ahead {
            0 => root.mac == anchor.root_mac,
            1 => root.prev_root == anchor.root_mac,
            _ => true,
        };
        if fits { Mode::ReadWrite } else { Mode::ReadOnly(Reason::Tampered) }
    }

    /// Puts right what the copy of the slots could mend, in the file and beside it. The root covers these bytes
    /// already, so it stays.
    fn heal(&mut self, copy_used: bool) -> Result<(), VaultError> {
        let rows = self.key_rows();
        if copy_used {
            self.db.execute_batch("BEGIN IMMEDIATE")?;
            let written = write_key_rows(&self.db, &rows);
            self.db.execute_batch(if written.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
            written?;
            self.state.data_version = schema::data_version(&self.db)?;
        }
        if KeyFile::read(&self.folder)?.as_ref() != Some(&rows) {
            rows.write(&self.folder)?;
        }
        Ok(())
    }

    pub(super) fn key_rows(&self) -> KeyFile {
        KeyFile { vault: self.id, slots: self.state.slots.clone(), dek: self.state.dek.clone() }
    }

    /// Takes the vault as it is, because the user said so: a new branch, with a number above the anchor's.
    ///
    /// # Errors
    /// [`VaultError::ReadOnly`] when the reason is not one that a person can accept; [`VaultError::KeyStore`] when
    /// the anchor cannot be read: then nothing has changed.
    pub fn accept(&mut self) -> Result<(), VaultError> {
        match self.mode {
            Mode::ReadWrite => return Ok(()),
            Mode::ReadOnly(reason) if reason.may_be_accepted() => {}
            Mode::ReadOnly(reason) => return Err(VaultError::ReadOnly(reason)),
        }
        let above = match self.anchor.load(self.id)? {
            StoredAnchor::Present(anchor) => anchor.seq,
            StoredAnchor::Absent | StoredAnchor::Torn => 0,
        };
        let seq = self.state.root.seq.max(above) + 1;
        let branch = random::make_array()?;
        schema::make_durable(&self.db)?;
        self.db.execute_batch("BEGIN IMMEDIATE")?;
        let prev_root = self.state.root.mac;
        let root = Root::at(&self.keys.manifest, &self.state.covered(self.id), seq, branch, prev_root);
        let unchanged = schema::data_version(&self.db)? == self.state.data_version;
        let written = if unchanged { root.write(&self.db) } else { Err(VaultError::ChangedOutside) };
        self.db.execute_batch(if written.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
        written?;
        self.state.root = root;
        self.state.data_version = schema::data_version(&self.db)?;
        self.mode = Mode::ReadWrite;
        self.unsettled = true;
        if !self.settled_by_caller {
            self.settle();
        }
        self.heal(false)
    }
}

/// Unwraps the keys with the first slot of the right kind that opens. Slots that `tried` holds too are left out.
pub(super) fn open_keys(
    rows: &KeyFile,
    key: &Key<'_>,
    tried: Option<&KeyFile>,
) -> Result<Subkeys, VaultError> {
    open_slot(rows, key, tried, |vk| rows.dek.unwrap(rows.vault, vk))
}

/// Unwraps the vault key with the first slot of the right kind that opens, and makes sure that it opens the data key.
pub(super) fn open_vk(rows: &KeyFile, key: &Key<'_>) -> Result<SecretBytes, VaultError> {
    open_slot(rows, key, None, |vk| rows.dek.unwrap(rows.vault, vk).map(|_| vk.clone()))
}

fn open_slot<T>(
    rows: &KeyFile,
    key: &Key<'_>,
    tried: Option<&KeyFile>,
    open: impl Fn(&SecretBytes) -> Result<T, VaultError>,
) -> Result<T, VaultError> {
    let mut refused = VaultError::NoSuchSlot;
    let fresh =
        |slot: &&SlotRow| tried.is_none_or(|tried| tried.vault != rows.vault || !tried.slots.contains(slot));
    // A damaged slot may not know its own kind any more.
    let fits = |slot: &&SlotRow| slot.kind() == key.kind() || !slot.is_whole();
    for slot in rows.slots.iter().filter(fresh).filter(fits) {
        match slot.unwrap(rows.vault, key).and_then(|vk| open(&vk)) {
            Ok(opened) => return Ok(opened),
            // Damage outranks a wrong key: the right passphrase may belong to the damaged slot.
            Err(VaultError::WrongKey) if matches!(refused, VaultError::SlotDamaged) => {}
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

pub(super) fn read_key_rows(db: &Connection) -> Result<KeyFile, VaultError> {
    let vault: [u8; 16] = db
        .query_row("SELECT v FROM meta WHERE k = 'vault_id'", [], |row| row.get(0))
        .optional()?
        .ok_or(VaultError::FileDamaged)?;
    let mut query = db.prepare("SELECT id, body FROM slot ORDER BY id")?;
    let slots = query
        .query_map([], |row| Ok(SlotRow { id: row.get(0)?, body: row.get(1)? }))?
        .collect::<Result<_, _>>()?;
    let dek = db
        .query_row("SELECT epoch, body FROM dek ORDER BY epoch DESC LIMIT 1", [], |row| {
            Ok(WrappedDek { epoch: row.get(0)?, body: row.get(1)? })
        })
        .optional()?
        .ok_or(VaultError::FileDamaged)?;
    let extra: i64 = db.query_row("SELECT count(*) FROM dek", [], |row| row.get(0))?;
    if extra != 1 { Err(VaultError::FileDamaged) } else { Ok(KeyFile { vault: VaultId(vault), slots, dek }) }
}

/// Writes slots, data key and vault id; the caller has begun a transaction.
pub(super) fn write_key_rows(db: &Connection, rows: &KeyFile) -> Result<(), VaultError> {
    db.execute("INSERT OR REPLACE INTO meta (k, v) VALUES ('vault_id', ?)", [rows.vault.0])?;
    db.execute("DELETE FROM slot", [])?;
    for slot in &rows.slots {
        db.execute("INSERT INTO slot (id, body) VALUES (?, ?)", (slot.id, &slot.body))?;
    }
    db.execute("DELETE FROM dek", [])?;
    db.execute("INSERT INTO dek (epoch, body) VALUES (?, ?)", (rows.dek.epoch, &rows.dek.body))?;
    Ok(())
}
