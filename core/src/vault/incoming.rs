//! Many accounts at once, from an import: compared with the vault, and added in one transaction with all that the other
//! app knew of them.

use std::collections::HashMap;

use super::VaultError;
use super::docs::{DocKind, Usage};
use super::ids::{GroupId, ItemId};
use super::item::{Duplicate, Group, NewItem};
use super::record::{Meta, SecretPart};
use super::store::Vault;
use crate::account::Account;
use crate::time::UnixTime;

/// An account that comes from another app, with its history.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The account and what the user says about it; its groups are named in `groups`.
    pub item: NewItem,
    /// Names of groups; one that the vault has is used, the others are made.
    pub groups: Vec<String>,
    /// Whether it goes to the trash.
    pub trashed: bool,
    /// How often a code was taken.
    pub usage_count: u64,
    /// When a code was taken last.
    pub last_used_at: Option<UnixTime>,
}

impl Vault {
    /// Compares accounts with those of the vault, in the order of `accounts`. One that goes to the list is compared with
    /// the list alone; one that goes to the trash (`true`) with the trash too, so that it does not pile up there.
    ///
    /// # Errors
    /// As [`Vault::find_duplicate`].
    pub fn find_duplicates<'a>(
        &mut self,
        accounts: impl IntoIterator<Item = (&'a Account, bool)>,
    ) -> Result<Vec<Duplicate>, VaultError> {
        self.refresh()?;
        let mut known = Known::default();
        for (id, row) in &self.known.state.rows {
            if let Some(meta) = &row.meta {
                known.add(*id, meta);
            }
        }
        let compare = |(account, trashed): (&Account, bool)| {
            let index = self.index(&account.otp);
            known.compare(account, &index, trashed)
        };
        Ok(accounts.into_iter().map(compare).collect())
    }

    /// Adds accounts in one transaction, with their groups, their usage and their place in the trash: all or none. The
    /// answer has their ids in the same order.
    ///
    /// # Errors
    /// As [`Vault::add`]; [`VaultError::Busy`] when `go_on`, asked between accounts, said no: none was added.
    pub fn add_incoming(
        &mut self,
        incoming: &[Incoming],
        at: UnixTime,
        go_on: &dyn Fn() -> bool,
    ) -> Result<Vec<ItemId>, VaultError> {
        self.commit(|vault| {
            let groups = vault.groups_named(incoming.iter().flat_map(|incoming| &incoming.groups))?;
            let first = vault.next_place();
            let mut ids = Vec::with_capacity(incoming.len());
            let mut used = false;
            for (place, incoming) in (first..).zip(incoming) {
                if !go_on() {
                    return Err(VaultError::Busy);
                }
                let Incoming { item, groups: names, trashed, usage_count, last_used_at } = incoming;
                let id = ItemId::make()?;
                let mut meta = Meta::new(item, vault.index(&item.account.otp), place, at);
                meta.groups = names.iter().map(|name| groups[name.as_str()].0.to_vec().into()).collect();
                meta.trashed_ms = trashed.then_some(at.ms());
                vault.put_item(id, meta, Some(&SecretPart::new(&item.account.otp)))?;
                if *usage_count > 0 || last_used_at.is_some() {
                    vault
                        .known
                        .state
                        .docs
                        .usage
                        .insert(id, Usage { count: *usage_count, last: *last_used_at });
                    used = true;
                }
                ids.push(id);
            }
            if used {
                vault.put_doc(DocKind::Usage)?;
            }
            Ok(ids)
        })
    }

    /// Returns the groups of these names, and makes those that are not there.
    fn groups_named<'a>(
        &mut self,
        names: impl Iterator<Item = &'a String>,
    ) -> Result<HashMap<&'a str, GroupId>, VaultError> {
        let mut named = HashMap::new();
        let mut made = false;
        for name in names {
            if named.contains_key(name.as_str()) {
                continue;
            }
            let known =
                self.known.state.docs.groups.iter().find(|group| group.name == *name).map(|group| group.id);
            let id = match known {
                Some(id) => id,
                None => {
                    let id = GroupId::make()?;
                    self.known.state.docs.groups.push(Group { id, name: name.clone() });
                    made = true;
                    id
                }
            };
            named.insert(name.as_str(), id);
        }
        if made {
            self.put_doc(DocKind::Groups)?;
        }
        Ok(named)
    }
}

/// The vault's accounts by credential and by names: the list, and the trash apart.
#[derive(Default)]
struct Known<'a> {
    by_index: HashMap<&'a [u8], Vec<(ItemId, &'a Meta)>>,
    by_names: HashMap<(&'a str, &'a str), ItemId>,
}

impl<'a> Known<'a> {
    fn add(&mut self, id: ItemId, meta: &'a Meta) {
        self.by_index.entry(&meta.index[..]).or_default().push((id, meta));
        if meta.trashed_ms.is_none() {
            self.by_names.entry((&meta.issuer, &meta.account_name)).or_insert(id);
        }
    }

    fn compare(&self, account: &Account, index: &[u8], trashed: bool) -> Duplicate {
        let same_secret = self.by_index.get(index).map_or(&[][..], Vec::as_slice);
        let same_names =
            |meta: &Meta| meta.issuer == account.issuer && meta.account_name == account.account_name;
        let in_list = || same_secret.iter().filter(|(_, meta)| meta.trashed_ms.is_none());
        let in_trash = || same_secret.iter().filter(|(_, meta)| trashed && meta.trashed_ms.is_some());
        let same = in_list().chain(in_trash()).find(|(_, meta)| same_names(meta));
        let nameless = account.issuer.is_empty() && account.account_name.is_empty();
        if let Some((id, _)) = same {
            Duplicate::Same(*id)
        } else if let Some((id, _)) = in_list().next() {
            Duplicate::SameSecretOtherName(*id)
        } else if let Some(id) =
            self.by_names.get(&(&*account.issuer, &*account.account_name)).filter(|_| !nameless)
        {
            Duplicate::SameNameOtherSecret(*id)
        } else {
            Duplicate::None
        }
    }
}
