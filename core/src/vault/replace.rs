//! A copy in the place of what the vault has: restored as a whole, on a branch of its own, with nothing thrown away.

use std::collections::{BTreeMap, BTreeSet};

use super::VaultError;
use super::docs::DocKind;
use super::ids::ItemId;
use super::merge::{docs, open_row};
use super::record::{self, Meta};
use super::snapshot::Snapshot;
use super::store::Vault;
use crate::crypto::random;
use crate::time::UnixTime;

/// What became of the accounts when a copy took their place.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Replaced {
    /// Accounts of the copy that the vault has now, those in its trash included.
    pub taken: usize,
    /// Accounts that only the vault had: they are in its trash.
    pub trashed: usize,
    /// Accounts of the copy that do not open there; the vault's own, where it has one, was left.
    pub damaged: Vec<ItemId>,
}

impl Vault {
    /// Puts the accounts, groups, order and usage of a copy in the place of the vault's own, in one transaction that
    /// begins a new branch; a snapshot is written before. Ways in stay those of today. Accounts that only the vault has
    /// go to the trash, and a counter never goes back: no code is given twice.
    ///
    /// # Errors
    /// As [`Vault::snapshot`] and [`Vault::add`]; then nothing has changed.
    pub fn replace_by(&mut self, copy: &Snapshot, at: UnixTime) -> Result<Replaced, VaultError> {
        self.snapshot_before(at)?;
        let branch = random::make_array()?;
        let theirs = docs(self.keys_of(copy), copy);
        let order = order_of(copy, self, &theirs.order);
        self.commit_on(Some(branch), |vault| {
            let mut replaced = Replaced::default();
            for row in &copy.contents.items {
                match open_row(vault.keys_of(copy), copy, row) {
                    Some(opened) => {
                        vault.take_over(ItemId(row.id), row.rev, opened)?;
                        replaced.taken += 1;
                    }
                    None => replaced.damaged.push(ItemId(row.id)),
                }
            }
            let there: BTreeSet<ItemId> = copy.contents.items.iter().map(|row| ItemId(row.id)).collect();
            let own: Vec<ItemId> =
                vault.known.state.rows.keys().filter(|id| !there.contains(id)).copied().collect();
            for id in own {
                // What cannot be read cannot be put in the trash; it is kept as it is.
                let Some(mut meta) = vault.known.state.rows[&id].meta.clone() else { continue };
                if meta.trashed_ms.is_none() {
                    meta.trashed_ms = Some(at.ms());
                    vault.put_item(id, meta, None)?;
                    replaced.trashed += 1;
                }
            }
            vault.known.state.docs.order = order;
            vault.put_doc(DocKind::Order)?;
            let known: BTreeSet<_> = theirs.groups.iter().map(|group| group.id).collect();
            let left = std::mem::replace(&mut vault.known.state.docs.groups, theirs.groups);
            // Accounts in the trash may be taken out again, with the groups that they were in.
            vault.known.state.docs.groups.extend(left.into_iter().filter(|group| !known.contains(&group.id)));
            vault.put_doc(DocKind::Groups)?;
            vault.known.state.docs.usage.extend(theirs.usage);
            vault.put_doc(DocKind::Usage)?;
            Ok(replaced)
        })
    }

    /// Gives accounts that were just taken from a copy their places after all others, and their usage counts.
    pub(super) fn take_places(&mut self, copy: &Snapshot, new: &[ItemId]) -> Result<(), VaultError> {
        if new.is_empty() {
            return Ok(());
        }
        let theirs = docs(self.keys_of(copy), copy);
        let counted: Vec<_> = theirs.usage.into_iter().filter(|(id, _)| new.contains(id)).collect();
        if !counted.is_empty() {
            self.known.state.docs.usage.extend(counted);
            self.put_doc(DocKind::Usage)?;
        }
        let new: BTreeSet<ItemId> = new.iter().copied().collect();
        self.show();
        let mut order: Vec<ItemId> =
            self.known.items.iter().map(|item| item.id).filter(|id| !new.contains(id)).collect();
        order.extend(order_of(copy, self, &theirs.order).into_iter().filter(|id| new.contains(id)));
        self.known.state.docs.order = order;
        self.put_doc(DocKind::Order)
    }
}

/// Returns all accounts of a copy in the order of its list.
fn order_of(copy: &Snapshot, vault: &Vault, moved: &[ItemId]) -> Vec<ItemId> {
    let places: BTreeMap<&ItemId, usize> = moved.iter().zip(0..).collect();
    let place = |id: &ItemId| places.get(id).copied().unwrap_or(usize::MAX);
    let mut rows: Vec<(usize, u64, ItemId)> = Vec::with_capacity(copy.contents.items.len());
    for row in &copy.contents.items {
        let id = ItemId(row.id);
        let meta: Option<Meta> = open_row(vault.keys_of(copy), copy, row)
            .and_then(|opened| record::unpadded(opened.meta.expose()));
        rows.push((place(&id), meta.map_or(u64::MAX, |meta| meta.place), id));
    }
    rows.sort_unstable();
    rows.into_iter().map(|(.., id)| id).collect()
}
