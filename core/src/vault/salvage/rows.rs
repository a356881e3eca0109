//! From cells to rows of ours: the shape says which table one belongs to, the seals say whether it counts.

use std::collections::{BTreeMap, BTreeSet};

use super::super::contents::{DocRow, ItemRow};
use super::super::keyfile::KeyFile;
use super::super::keys::{Subkeys, WrappedDek};
use super::super::read::{COLUMN_BODY, COLUMN_META, COLUMN_SECRET, TABLE_DOC, TABLE_ITEM, aad};
use super::super::slots::SlotRow;
use super::cells::{Cell, Value, cells};
use super::pages::Pages;
use crate::crypto::seal;
use crate::device::VaultId;

/// Everything in a file that has the shape of a row of ours.
#[derive(Default)]
pub(super) struct Found {
    pub(super) items: Vec<ItemRow>,
    pub(super) docs: Vec<DocRow>,
    slots: Vec<SlotRow>,
    deks: Vec<WrappedDek>,
    /// The highest number that a root says.
    pub(super) seq: u64,
}

/// The rows whose seals open, each in its newest revision, and the ids of which none does.
pub(super) struct Whole {
    pub(super) items: BTreeMap<[u8; 16], ItemRow>,
    pub(super) docs: BTreeMap<[u8; 16], DocRow>,
    pub(super) damaged: BTreeSet<[u8; 16]>,
}

/// Looks at every page of a file and its log.
pub(super) fn find(file: &[u8], log: &[u8]) -> Found {
    let pages = Pages::new(file, log);
    let mut found = Found::default();
    for number in pages.numbers() {
        for cell in cells(&pages, number) {
            found.take(cell);
        }
    }
    found
}

impl Found {
    fn take(&mut self, Cell { rowid, values }: Cell) {
        let mut values = values.into_iter();
        let row = [values.next(), values.next(), values.next(), values.next(), values.next()];
        if values.next().is_some() {
            return;
        }
        match row {
            [
                Some(Value::Blob(id)),
                Some(Value::Int(rev)),
                Some(Value::Int(epoch)),
                Some(Value::Blob(meta)),
                secret,
            ] => {
                let (Ok(id), Ok(epoch)) = (id.try_into(), u32::try_from(epoch)) else { return };
                match secret {
                    Some(Value::Blob(secret)) => {
                        self.items.push(ItemRow { id, rev: rev as u64, epoch, meta, secret });
                    }
                    None => self.docs.push(DocRow { id, rev: rev as u64, epoch, body: meta }),
                    Some(Value::Null | Value::Int(_) | Value::Other) => {}
                }
            }
            [Some(Value::Blob(id)), Some(Value::Blob(body)), None, None, None] => {
                if let Ok(id) = id.try_into() {
                    self.slots.push(SlotRow { id, body });
                }
            }
            // A column that is the rowid is stored as nothing.
            [Some(Value::Null), Some(Value::Blob(body)), None, None, None] => {
                if let Ok(epoch) = u32::try_from(rowid) {
                    self.deks.push(WrappedDek { epoch, body });
                }
            }
            [
                Some(Value::Null),
                Some(Value::Int(seq)),
                Some(Value::Blob(_)),
                Some(Value::Blob(_)),
                Some(Value::Blob(_)),
            ] => {
                self.seq = self.seq.max(seq as u64);
            }
            _ => {}
        }
    }

    /// Returns slots and data keys as `vault.keys` would have them, for each data key that was found.
    pub(super) fn key_rows(&self, vault: VaultId) -> Vec<KeyFile> {
        let mut slots: Vec<SlotRow> = self.slots.iter().filter(|slot| slot.is_whole()).cloned().collect();
        slots.sort_by_key(|slot| slot.id);
        slots.dedup_by_key(|slot| slot.id);
        self.deks.iter().map(|dek| KeyFile { vault, slots: slots.clone(), dek: dek.clone() }).collect()
    }

    /// Tells whether these are the keys of at least one row.
    pub(super) fn any_opens(&self, vault: VaultId, keys: &Subkeys) -> bool {
        self.items.iter().any(|row| item_opens(vault, keys, row))
    }

    /// Opens the seals of every row and keeps the newest that open.
    pub(super) fn open(self, vault: VaultId, keys: &Subkeys) -> Whole {
        let mut whole = Whole { items: BTreeMap::new(), docs: BTreeMap::new(), damaged: BTreeSet::new() };
        for row in self.items {
            if !item_opens(vault, keys, &row) {
                whole.damaged.insert(row.id);
            } else if whole.items.get(&row.id).is_none_or(|there| there.rev < row.rev) {
                whole.items.insert(row.id, row);
            }
        }
        for row in self.docs {
            let newer = whole.docs.get(&row.id).is_none_or(|there| there.rev < row.rev);
            if newer && doc_opens(vault, keys, &row) {
                whole.docs.insert(row.id, row);
            }
        }
        let Whole { items, damaged, docs: _ } = &mut whole;
        damaged.retain(|id| !items.contains_key(id));
        whole
    }
}

/// Tells whether both seals of a row open.
pub(super) fn item_opens(vault: VaultId, keys: &Subkeys, row: &ItemRow) -> bool {
    let aad = |column| aad(vault, TABLE_ITEM, column, row.id, row.rev, row.epoch);
    seal::open(&keys.meta, &aad(COLUMN_META), &row.meta).is_ok()
        && seal::open(&keys.secret, &aad(COLUMN_SECRET), &row.secret).is_ok()
}

fn doc_opens(vault: VaultId, keys: &Subkeys, row: &DocRow) -> bool {
    let aad = aad(vault, TABLE_DOC, COLUMN_BODY, row.id, row.rev, row.epoch);
    seal::open(&keys.meta, &aad, &row.body).is_ok()
}
