//! The accounts of a copy as values, for a vault that imports them as it would another app's.

use std::collections::HashMap;

use super::super::VaultError;
use super::super::ids::ItemId;
use super::super::item::{Item, ItemState};
use super::super::merge::{docs, open_row};
use super::super::record::{self, Meta, SecretPart};
use super::super::slots::Key;
use super::super::store::unreadable;
use super::LockedSnapshot;
use crate::crypto::scrub_stack;
use crate::otp::Otp;

/// One account of a copy.
#[derive(Clone, Debug)]
pub struct Held {
    /// What a list shows of it. Its state is never [`ItemState::Ok`] or [`ItemState::NeedsPin`] without `otp`.
    pub item: Item,
    /// Names of the groups it is in.
    pub groups: Vec<String>,
    /// How it makes codes; `None` when it does not open, or is of a later version.
    pub otp: Option<Otp>,
}

impl LockedSnapshot {
    /// Opens every account, in the order of the copy's list.
    ///
    /// # Errors
    /// As [`LockedSnapshot::unlock`].
    pub fn accounts(&self, key: &Key<'_>) -> Result<Vec<Held>, VaultError> {
        let copy = self.unlock(key)?;
        let keys = copy.keys.as_ref().expect("a locked copy is opened with keys of its own");
        let docs = docs(keys, &copy);
        let moved: HashMap<ItemId, usize> = docs.order.iter().copied().zip(0..).collect();
        let named: HashMap<_, &str> =
            docs.groups.iter().map(|group| (group.id, group.name.as_str())).collect();
        let mut held = Vec::with_capacity(copy.contents.items.len());
        for row in &copy.contents.items {
            let id = ItemId(row.id);
            let opened = open_row(keys, &copy, row);
            let meta: Option<Meta> =
                opened.as_ref().and_then(|opened| record::unpadded(opened.meta.expose()));
            let part: Option<SecretPart> =
                opened.as_ref().and_then(|opened| record::unpadded(opened.secret.expose()));
            let otp = meta.as_ref().zip(part.as_ref()).and_then(|(meta, part)| meta.otp(part));
            let mut item = match (&meta, &opened) {
                (Some(meta), _) => meta.item(id),
                (None, Some(_)) => unreadable(id, ItemState::Unknown),
                (None, None) => unreadable(id, ItemState::Damaged),
            };
            if otp.is_none() && matches!(item.state, ItemState::Ok | ItemState::NeedsPin) {
                item.state = ItemState::Damaged;
            }
            if let Some(usage) = docs.usage.get(&id) {
                (item.usage_count, item.last_used_at) = (usage.count, usage.last);
            }
            let groups = item.groups.iter().filter_map(|group| named.get(group));
            let groups = groups.map(|name| (*name).to_owned()).collect();
            let place =
                (moved.get(&id).copied().unwrap_or(usize::MAX), meta.map_or(u64::MAX, |meta| meta.place), id);
            held.push((place, Held { item, groups, otp }));
        }
        scrub_stack();
        held.sort_by_key(|(place, _)| *place);
        Ok(held.into_iter().map(|(_, held)| held).collect())
    }
}
