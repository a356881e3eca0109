//! The open vault: rows read and checked, and one transaction for each operation.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};

use super::VaultError;
use super::docs::{DocKind, Docs};
use super::ids::ItemId;
use super::item::{Group, Item, ItemState};
use super::keyfile::KeyFile;
use super::keys::{Subkeys, WrappedDek};
use super::manifest::{Bucket, Covered, Mark, Root, mark};
use super::read::{
    COLUMN_BODY, COLUMN_META, COLUMN_SECRET, TABLE_DOC, TABLE_ITEM, aad, bucket_digest, docs_digest,
    read_state,
};
use super::record::{self, Meta, SecretPart};
use super::schema;
use super::slots::SlotRow;
use super::state::{Mode, Reason, Report};
use super::unlock::read_key_rows;
use crate::account::Kind;
use crate::crypto::{scrub_stack, seal};
use crate::device::{Anchor, VaultId};
use crate::otp::Otp;
use crate::secret::SecretBytes;
use crate::time::UnixTime;

/// An unlocked vault. Locking it is a change of type: [`Vault::lock`] takes it away.
pub struct Vault {
    pub(super) folder: PathBuf,
    pub(super) id: VaultId,
    pub(super) db: Connection,
    pub(super) keys: Arc<Subkeys>,
    pub(super) anchor: Arc<dyn Anchor>,
    pub(super) mode: Mode,
    pub(super) report: Report,
    pub(super) state: State,
    /// The rows as a list shows them, in the user's order.
    pub(super) items: Vec<Item>,
    /// Usage that is not on the disk yet.
    pub(super) usage_dirty: bool,
    /// A commit whose anchor is not stored yet.
    pub(super) unsettled: bool,
    /// Whether the caller settles, with no lock held.
    pub(super) settled_by_caller: bool,
    /// Whether SQLite has looked through the file since it was opened.
    pub(super) looked_through: bool,
}

/// What the file held when it was last read whole, or written.
pub(super) struct State {
    pub(super) user_version: u32,
    pub(super) min_reader: u32,
    pub(super) slots: Vec<SlotRow>,
    pub(super) dek: WrappedDek,
    pub(super) root: Root,
    pub(super) buckets: Vec<Bucket>,
    pub(super) docs_digest: [u8; 32],
    pub(super) docs: Docs,
    pub(super) docs_whole: bool,
    pub(super) doc_revs: BTreeMap<[u8; 16], u64>,
    pub(super) rows: BTreeMap<ItemId, Row>,
    pub(super) data_version: i64,
}

/// One row: what it was when it was checked, and its names.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) rev: u64,
    pub(super) epoch: u32,
    pub(super) secret_mark: Option<Mark>,
    /// `None` when it does not open, or a later version wrote it.
    pub(super) meta: Option<Meta>,
    pub(super) state: ItemState,
}

impl Vault {
    /// Returns the vault's name.
    pub fn vault_id(&self) -> VaultId {
        self.id
    }

    /// Returns whether it may be changed.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Returns what was noticed while opening, and whether the last anchor could be stored.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Returns the key of the packs for extensions, which opens nothing else.
    pub(crate) fn pack_key(&self) -> SecretBytes {
        self.keys.widget.clone()
    }

    /// Returns the number of the newest commit.
    pub fn seq(&self) -> u64 {
        self.state.root.seq
    }

    /// Returns the accounts in the user's order, those in the trash included.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// Returns the groups in the order they were made.
    pub fn groups(&self) -> &[Group] {
        &self.state.docs.groups
    }

    /// Opens one account's secret, for one code or one export; it is wiped when the answer is dropped.
    ///
    /// # Errors
    /// [`VaultError::NoSuchItem`], [`VaultError::ItemUnreadable`], [`VaultError::ChangedOutside`] when the row is
    /// not the one that was seen at unlock.
    pub fn open_otp(&mut self, id: ItemId) -> Result<Otp, VaultError> {
        self.refresh()?;
        let part = self.open_secret(id)?;
        let meta = self.state.rows[&id].meta.as_ref().ok_or(VaultError::ItemUnreadable)?;
        let otp = meta.otp(&part).ok_or(VaultError::ItemUnreadable);
        scrub_stack();
        otp
    }

    /// Returns the counter of an account's next code; `None` when its codes follow the time.
    ///
    /// # Errors
    /// As [`Vault::open_otp`].
    pub fn counter(&mut self, id: ItemId) -> Result<Option<u64>, VaultError> {
        let kind = self.items.iter().find(|item| item.id == id).ok_or(VaultError::NoSuchItem)?.kind;
        if kind != Kind::Hotp { Ok(None) } else { Ok(self.open_otp(id)?.counter()) }
    }

    /// Locks: usage is written, keys are wiped, the file is closed.
    pub fn lock(mut self) {
        self.settled_by_caller = false;
        // What cannot be written of usage counts is not worth keeping keys for.
        let _ = self.flush_usage();
        self.settle();
        drop(self);
        scrub_stack();
    }

    pub(super) fn open_secret(&self, id: ItemId) -> Result<SecretPart, VaultError> {
        let row = self.state.rows.get(&id).ok_or(VaultError::NoSuchItem)?;
        let (rev, epoch, sealed): (i64, u32, Vec<u8>) = self
            .db
            .prepare_cached("SELECT rev, epoch, secret FROM item WHERE id = ?")?
            .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?
            .ok_or(VaultError::ChangedOutside)?;
        if rev as u64 != row.rev || epoch != row.epoch || mark(&sealed) != row.secret_mark {
            return Err(VaultError::ChangedOutside);
        }
        let aad = self.aad(TABLE_ITEM, COLUMN_SECRET, id.0, row.rev, epoch);
        let plain = seal::open(&self.keys.secret, &aad, &sealed).map_err(|_| VaultError::ItemUnreadable)?;
        record::unpadded(plain.expose()).ok_or(VaultError::ItemUnreadable)
    }

    /// Reads the file again when another process has committed since.
    pub(super) fn refresh(&mut self) -> Result<(), VaultError> {
        let now = schema::data_version(&self.db)?;
        if now == self.state.data_version {
            return Ok(());
        }
        if self.db.is_autocommit() {
            self.db.execute_batch("BEGIN")?;
            let result = self.reread();
            self.db.execute_batch("ROLLBACK")?;
            result
        } else {
            self.reread()
        }
    }

    fn reread(&mut self) -> Result<(), VaultError> {
        let in_file = read_key_rows(&self.db);
        if in_file.as_ref().is_ok_and(|rows| rows.dek.epoch > self.state.dek.epoch) {
            // Another process made a new data key: these keys open nothing any more.
            return Err(VaultError::ChangedOutside);
        }
        let (slots, dek) = (self.state.slots.clone(), self.state.dek.clone());
        let mut fresh = read_state(&self.db, self.id, &self.keys, slots, dek)?;
        if let Ok(rows) = in_file {
            fresh = fresh.with_slots_that_hold(rows, &self.keys.manifest);
        }
        let same_line = fresh.root.branch == self.state.root.branch && fresh.root.seq >= self.state.root.seq;
        let damaged = fresh.rows.values().any(|row| row.state == ItemState::Damaged);
        if self.mode == Mode::ReadWrite {
            let holds = fresh.root.holds(&self.keys.manifest, &fresh.covered(self.id));
            if damaged {
                self.mode = Mode::ReadOnly(Reason::DamagedRows);
            } else if !holds || !same_line || !fresh.docs_whole {
                self.mode = Mode::ReadOnly(Reason::Tampered);
            }
        }
        let unsaved = self.usage_dirty.then(|| self.state.docs.usage.clone());
        self.state = fresh;
        if let Some(usage) = unsaved {
            self.state.docs.usage = usage;
        }
        self.show();
        Ok(())
    }

    /// Runs one operation: an immediate transaction, the manifest with it, COMMIT, then the anchor, then the log.
    ///
    /// `change` writes rows by [`Vault::put_item`], [`Vault::remove_item`] and [`Vault::put_doc`] alone.
    pub(super) fn commit<T>(
        &mut self,
        change: impl FnOnce(&mut Self) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        self.commit_on(None, change)
    }

    /// The same; with `branch`, the vault goes on as another branch from this commit.
    pub(super) fn commit_on<T>(
        &mut self,
        branch: Option<[u8; 16]>,
        change: impl FnOnce(&mut Self) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        self.writable()?;
        self.db.execute_batch("BEGIN IMMEDIATE")?;
        let before = Before::of(self);
        match self.changed(branch, change) {
            Ok(result) => {
                if let Err(error) = self.db.execute_batch("COMMIT") {
                    self.undo(before);
                    return Err(error.into());
                }
                self.state.data_version = schema::data_version(&self.db)?;
                self.show();
                self.unsettled = true;
                if !self.settled_by_caller {
                    self.settle();
                }
                Ok(result)
            }
            Err(error) => {
                self.undo(before);
                Err(error)
            }
        }
    }

    fn changed<T>(
        &mut self,
        branch: Option<[u8; 16]>,
        change: impl FnOnce(&mut Self) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        self.refresh()?;
        self.writable()?;
        self.look_through()?;
        let result = change(self)?;
        let Root { seq, branch: own, mac, .. } = self.state.root;
        let covered = self.state.covered(self.id);
        let root = Root::at(&self.keys.manifest, &covered, seq + 1, branch.unwrap_or(own), mac);
        root.write(&self.db)?;
        self.state.root = root;
        Ok(result)
    }

    /// Before the first write, has SQLite look through the file: what reads well may be laid out so that the next row
    /// lands on its neighbour.
    fn look_through(&mut self) -> Result<(), VaultError> {
        if !self.looked_through {
            schema::check_structure(&self.db)?;
            self.looked_through = true;
        }
        Ok(())
    }

    /// Goes back to what the file holds, in the transaction and in memory.
    fn undo(&mut self, before: Before) {
        // SQLite may have rolled back by itself; asking again does no harm.
        let _ = self.db.execute_batch("ROLLBACK");
        let Before { root, slots, dek, keys, user_version } = before;
        (self.state.root, self.state.slots, self.state.dek, self.keys) = (root, slots, dek, keys);
        self.state.user_version = user_version;
        self.state.data_version = i64::MIN;
        if self.refresh().is_err() {
            self.mode = Mode::ReadOnly(Reason::Tampered);
        }
    }

    pub(super) fn writable(&self) -> Result<(), VaultError> {
        match self.mode {
            Mode::ReadWrite => Ok(()),
            Mode::ReadOnly(reason) => Err(VaultError::ReadOnly(reason)),
        }
    }

    /// Writes one account's row and its bucket's new digest.
    pub(super) fn put_item(
        &mut self,
        id: ItemId,
        meta: Meta,
        part: Option<&SecretPart>,
    ) -> Result<(), VaultError> {
        self.check_bucket(id)?;
        let old = self.state.rows.get(&id).cloned();
        let rev = old.as_ref().map_or(1, |row| row.rev + 1);
        let epoch = self.state.dek.epoch;
        let kept;
        let part = match part {
            Some(part) => part,
            None => {
                kept = self.open_secret(id)?;
                &kept
            }
        };
        let sealed_meta =
            self.seal(&self.keys.meta, TABLE_ITEM, COLUMN_META, id.0, rev, &record::padded(&meta)?)?;
        let sealed_secret =
            self.seal(&self.keys.secret, TABLE_ITEM, COLUMN_SECRET, id.0, rev, &record::padded(part)?)?;
        self.db
            .prepare_cached(
                "INSERT OR REPLACE INTO item (id, rev, epoch, meta, secret) VALUES (?, ?, ?, ?, ?)",
            )?
            .execute((id.0, rev as i64, epoch, &sealed_meta, &sealed_secret))?;
        let state = meta.item(id).state;
        let row = Row { rev, epoch, secret_mark: mark(&sealed_secret), meta: Some(meta), state };
        self.state.rows.insert(id, row);
        self.renew_bucket(id)
    }

    /// Deletes one account's row for good.
    pub(super) fn remove_item(&mut self, id: ItemId) -> Result<(), VaultError> {
        self.check_bucket(id)?;
        self.db.prepare_cached("DELETE FROM item WHERE id = ?")?.execute([id.0])?;
        self.state.rows.remove(&id);
        self.renew_bucket(id)
    }

    /// Writes one document.
    pub(super) fn put_doc(&mut self, kind: DocKind) -> Result<(), VaultError> {
        if docs_digest(&self.db)? != self.state.docs_digest {
            return Err(VaultError::ChangedOutside);
        }
        let id = kind.id();
        let rev = self.state.doc_revs.get(&id).map_or(1, |rev| rev + 1);
        let docs = &self.state.docs;
        let most = record::MOST_DOC_BYTES;
        let plain = match kind {
            DocKind::Order => record::padded_up_to(&docs.order_record(), most)?,
            DocKind::Groups => record::padded_up_to(&docs.groups_record(), most)?,
            DocKind::Usage => record::padded_up_to(&docs.usage_record(), most)?,
            DocKind::Care => record::padded(&docs.care)?,
            DocKind::Backups => record::padded(&docs.backups)?,
        };
        let body = self.seal(&self.keys.meta, TABLE_DOC, COLUMN_BODY, id, rev, &plain)?;
        self.db
            .prepare_cached("INSERT OR REPLACE INTO doc (id, rev, epoch, body) VALUES (?, ?, ?, ?)")?
            .execute((id, rev as i64, self.state.dek.epoch, &body))?;
        self.state.doc_revs.insert(id, rev);
        self.state.docs_digest = docs_digest(&self.db)?;
        Ok(())
    }

    /// Makes sure that the rows beside the one to be written are those that were seen: otherwise the new digest
    /// would sign for a row that somebody put back.
    pub(super) fn check_bucket(&self, id: ItemId) -> Result<(), VaultError> {
        #[cfg(test)]
        if super::tests::buckets_go_unchecked() {
            return Ok(());
        }
        let bucket = usize::from(id.0[0]);
        if bucket_digest(&self.db, id.0[0])? != self.state.buckets[bucket] {
            return Err(VaultError::ChangedOutside);
        }
        Ok(())
    }

    pub(super) fn renew_bucket(&mut self, id: ItemId) -> Result<(), VaultError> {
        let b = id.0[0];
        let bucket = bucket_digest(&self.db, b)?;
        self.db
            .prepare_cached("INSERT OR REPLACE INTO bucket (b, n, digest) VALUES (?, ?, ?)")?
            .execute((b, bucket.rows, bucket.digest))?;
        self.state.buckets[usize::from(b)] = bucket;
        Ok(())
    }

    pub(super) fn seal(
        &self,
        key: &SecretBytes,
        table: u8,
        column: u8,
        id: [u8; 16],
        rev: u64,
        plain: &[u8],
    ) -> Result<Vec<u8>, VaultError> {
        Ok(seal::seal(key, &self.aad(table, column, id, rev, self.state.dek.epoch), plain)?)
    }

    fn aad(&self, table: u8, column: u8, id: [u8; 16], rev: u64, epoch: u32) -> Vec<u8> {
        aad(self.id, table, column, id, rev, epoch)
    }

    /// Makes the list anew from rows, order and usage.
    pub(super) fn show(&mut self) {
        let State { rows, docs, .. } = &self.state;
        let place: BTreeMap<ItemId, usize> = docs.order.iter().enumerate().map(|(n, id)| (*id, n)).collect();
        let mut items: Vec<Item> = rows
            .iter()
            .map(|(id, row)| {
                let mut item = match &row.meta {
                    Some(meta) => meta.item(*id),
                    None => unreadable(*id, row.state),
                };
                let usage = docs.usage.get(id).copied().unwrap_or_default();
                item.usage_count = usage.count;
                item.last_used_at = usage.last;
                item
            })
            .collect();
        let added = |id: &ItemId| rows[id].meta.as_ref().map_or(u64::MAX, |meta| meta.place);
        items.sort_by_key(|item| {
            (place.get(&item.id).copied().unwrap_or(usize::MAX), added(&item.id), item.id)
        });
        self.items = items;
        self.report.accounts = self.items.iter().filter(|item| item.trashed_at.is_none()).count();
        self.report.trashed = self.items.len() - self.report.accounts;
        let damaged = self.items.iter().filter(|item| item.state == ItemState::Damaged);
        self.report.damaged = damaged.map(|item| item.id).collect();
    }
}

/// What an operation goes back to when it fails.
struct Before {
    root: Root,
    slots: Vec<SlotRow>,
    dek: WrappedDek,
    keys: Arc<Subkeys>,
    user_version: u32,
}

impl Before {
    fn of(vault: &Vault) -> Self {
        let State { root, slots, dek, user_version, .. } = &vault.state;
        let (root, slots, dek) = (root.clone(), slots.clone(), dek.clone());
        Self { root, slots, dek, keys: Arc::clone(&vault.keys), user_version: *user_version }
    }
}

impl State {
    /// Takes the slots of the file over when the root holds with them: another process changed them.
    fn with_slots_that_hold(mut self, rows: KeyFile, manifest: &SecretBytes) -> Self {
        if rows.slots == self.slots || self.root.holds(manifest, &self.covered(rows.vault)) {
            return self;
        }
        let old = std::mem::replace(&mut self.slots, rows.slots);
        if !self.root.holds(manifest, &self.covered(rows.vault)) {
            self.slots = old;
        }
        self
    }

    pub(super) fn covered(&self, vault: VaultId) -> Covered<'_> {
        Covered {
            vault,
            user_version: self.user_version,
            min_reader: self.min_reader,
            dek: &self.dek,
            slots: &self.slots,
            docs: self.docs_digest,
            buckets: &self.buckets,
        }
    }
}

pub(super) fn unreadable(id: ItemId, state: ItemState) -> Item {
    Item {
        id,
        kind: Kind::Unknown,
        issuer: String::new(),
        account_name: String::new(),
        algorithm: None,
        digits: None,
        period_s: None,
        groups: Vec::new(),
        favorite: false,
        note: String::new(),
        icon: None,
        extra: Vec::new(),
        created_at: UnixTime::from_ms(0),
        trashed_at: None,
        usage_count: 0,
        last_used_at: None,
        state,
    }
}
