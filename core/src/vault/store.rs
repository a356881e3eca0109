//! The open vault: what is known of it, and its rows read and checked. It is written in `commit` and `rows`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::Connection;

use super::VaultError;
use super::docs::Docs;
use super::ids::ItemId;
use super::item::{Group, Item, ItemState};
use super::key_rows::read_key_rows;
use super::keyfile::KeyFile;
use super::keys::{Subkeys, WrappedDek};
use super::manifest::{Bucket, Covered, Mark, Root};
use super::read::read_state;
use super::record::Meta;
use super::schema;
use super::slots::SlotRow;
use super::state::{Mode, Reason, Report};
use crate::account::Kind;
use crate::crypto::scrub_stack;
use crate::device::{Anchor, VaultId};
use crate::otp::Otp;
use crate::secret::SecretBytes;
use crate::time::UnixTime;

/// An unlocked vault. Locking it is a change of type: [`Vault::lock`] takes it away.
pub struct Vault {
    pub(super) db: Connection,
    pub(super) known: Known,
    /// A commit whose anchor is not stored yet.
    pub(super) unsettled: bool,
    /// Whether SQLite has looked through the file since it was opened.
    pub(super) looked_through: bool,
}

/// What is known of an unlocked vault, whether its file is open or not.
pub(super) struct Known {
    pub(super) folder: PathBuf,
    pub(super) id: VaultId,
    pub(super) keys: Arc<Subkeys>,
    pub(super) anchor: Arc<dyn Anchor>,
    pub(super) mode: Mode,
    pub(super) report: Report,
    pub(super) state: State,
    /// The rows as a list shows them, in the user's order.
    pub(super) items: Vec<Item>,
    /// Usage that is not on the disk yet.
    pub(super) usage_dirty: bool,
    /// Whether the caller settles, with no lock held.
    pub(super) settled_by_caller: bool,
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
        self.known.id
    }

    /// Returns whether it may be changed.
    pub fn mode(&self) -> Mode {
        self.known.mode
    }

    /// Returns what was noticed while opening, and whether the last anchor could be stored.
    pub fn report(&self) -> &Report {
        &self.known.report
    }

    /// Returns the key of the packs for extensions, which opens nothing else.
    pub(crate) fn pack_key(&self) -> SecretBytes {
        self.known.keys.widget.clone()
    }

    /// Returns the number of the newest commit.
    pub fn seq(&self) -> u64 {
        self.known.state.root.seq
    }

    /// Returns the accounts in the user's order, those in the trash included.
    pub fn items(&self) -> &[Item] {
        &self.known.items
    }

    /// Tells whether the account's codes are given to who confirms, each time.
    pub fn asks_every_time(&self, id: ItemId) -> bool {
        let meta = self.known.state.rows.get(&id).and_then(|row| row.meta.as_ref());
        meta.is_some_and(|meta| meta.asks_every_time)
    }

    /// The same, with what another process has written meanwhile.
    ///
    /// # Errors
    /// Disk trouble, and that the file was changed behind our back.
    pub(crate) fn asks_every_time_now(&mut self, id: ItemId) -> Result<bool, VaultError> {
        self.refresh()?;
        Ok(self.asks_every_time(id))
    }

    /// Returns the groups in the order they were made.
    pub fn groups(&self) -> &[Group] {
        &self.known.state.docs.groups
    }

    /// Opens one account's secret, for one code or one export; it is wiped when the answer is dropped.
    ///
    /// # Errors
    /// [`VaultError::NoSuchItem`], [`VaultError::ItemUnreadable`], [`VaultError::ChangedOutside`] when the row is
    /// not the one that was seen at unlock.
    pub fn open_otp(&mut self, id: ItemId) -> Result<Otp, VaultError> {
        self.refresh()?;
        let part = self.open_secret(id)?;
        let meta = self.known.state.rows[&id].meta.as_ref().ok_or(VaultError::ItemUnreadable)?;
        let otp = meta.otp(&part).ok_or(VaultError::ItemUnreadable);
        scrub_stack();
        otp
    }

    /// Returns the counter of an account's next code; `None` when its codes follow the time.
    ///
    /// # Errors
    /// As [`Vault::open_otp`].
    pub fn counter(&mut self, id: ItemId) -> Result<Option<u64>, VaultError> {
        let kind = self.known.items.iter().find(|item| item.id == id).ok_or(VaultError::NoSuchItem)?.kind;
        if kind != Kind::Hotp { Ok(None) } else { Ok(self.open_otp(id)?.counter()) }
    }

    /// Locks: usage is written, keys are wiped, the file is closed.
    pub fn lock(mut self) {
        self.known.settled_by_caller = false;
        // What cannot be written of usage counts is not worth keeping keys for.
        let _ = self.flush_usage();
        self.settle();
        drop(self);
        scrub_stack();
    }

    /// Reads the file again when another process has committed since.
    pub(super) fn refresh(&mut self) -> Result<(), VaultError> {
        let now = schema::data_version(&self.db)?;
        if now == self.known.state.data_version {
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
        let Known { id, keys, state, mode, usage_dirty, .. } = &mut self.known;
        if in_file.as_ref().is_ok_and(|rows| rows.dek.epoch > state.dek.epoch) {
            // Another process made a new data key: these keys open nothing any more.
            return Err(VaultError::ChangedOutside);
        }
        let mut fresh = read_state(&self.db, *id, keys, state.slots.clone(), state.dek.clone())?;
        if let Ok(rows) = in_file {
            fresh = fresh.with_slots_that_hold(rows, &keys.manifest);
        }
        let same_line = fresh.root.branch == state.root.branch && fresh.root.seq >= state.root.seq;
        let damaged = fresh.rows.values().any(|row| row.state == ItemState::Damaged);
        if *mode == Mode::ReadWrite {
            let holds = fresh.root.holds(&keys.manifest, &fresh.covered(*id));
            if damaged {
                *mode = Mode::ReadOnly(Reason::DamagedRows);
            } else if !holds || !same_line || !fresh.docs_whole {
                *mode = Mode::ReadOnly(Reason::Tampered);
            }
        }
        if *usage_dirty {
            fresh.docs.usage = std::mem::take(&mut state.docs.usage);
        }
        *state = fresh;
        self.show();
        Ok(())
    }

    /// Makes the list anew from rows, order and usage.
    pub(super) fn show(&mut self) {
        let Known { state: State { rows, docs, .. }, .. } = &self.known;
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
        let Known { report, items: shown, .. } = &mut self.known;
        report.accounts = items.iter().filter(|item| item.trashed_at.is_none()).count();
        report.trashed = items.len() - report.accounts;
        let damaged = items.iter().filter(|item| item.state == ItemState::Damaged);
        report.damaged = damaged.map(|item| item.id).collect();
        *shown = items;
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
        asks_every_time: false,
        note: String::new(),
        icon: None,
        extra: Vec::new(),
        created_at: UnixTime::from_ms(0),
        trashed_at: None,
        usage_count: 0,
        last_used_at: None,
        apart: None,
        state,
    }
}
