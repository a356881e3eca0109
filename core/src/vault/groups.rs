//! Order and groups: documents of their own, so that moving a row does not seal every row again.

use super::VaultError;
use super::docs::DocKind;
use super::ids::{GroupId, ItemId};
use super::item::Group;
use super::store::Vault;

impl Vault {
    /// Puts accounts in the order of `ids`; those not named follow in their old order.
    ///
    /// # Errors
    /// [`VaultError::NoSuchItem`], [`VaultError::ReadOnly`], disk trouble.
    pub fn set_order(&mut self, ids: &[ItemId]) -> Result<(), VaultError> {
        self.commit(|vault| {
            if !ids.iter().all(|id| vault.known.state.rows.contains_key(id)) {
                return Err(VaultError::NoSuchItem);
            }
            let mut order = ids.to_vec();
            vault.show();
            order.extend(vault.known.items.iter().map(|item| item.id).filter(|id| !ids.contains(id)));
            vault.known.state.docs.order = order;
            vault.put_doc(DocKind::Order)
        })
    }

    /// Makes a group.
    ///
    /// # Errors
    /// [`VaultError::ReadOnly`], [`VaultError::TooLarge`], disk trouble.
    pub fn add_group(&mut self, name: &str) -> Result<GroupId, VaultError> {
        self.commit(|vault| {
            let id = GroupId::make()?;
            vault.known.state.docs.groups.push(Group { id, name: name.to_owned() });
            vault.put_doc(DocKind::Groups)?;
            Ok(id)
        })
    }

    /// Gives a group another name.
    ///
    /// # Errors
    /// [`VaultError::NoSuchGroup`], and as [`Vault::add_group`].
    pub fn rename_group(&mut self, id: GroupId, name: &str) -> Result<(), VaultError> {
        self.commit(|vault| {
            let group = vault.known.state.docs.groups.iter_mut().find(|group| group.id == id);
            group.ok_or(VaultError::NoSuchGroup)?.name = name.to_owned();
            vault.put_doc(DocKind::Groups)
        })
    }

    /// Deletes a group; its accounts stay, without it.
    ///
    /// # Errors
    /// [`VaultError::NoSuchGroup`], and as [`Vault::add_group`].
    pub fn delete_group(&mut self, id: GroupId) -> Result<(), VaultError> {
        self.commit(|vault| {
            vault.known_groups(&[id])?;
            vault.known.state.docs.groups.retain(|group| group.id != id);
            vault.put_doc(DocKind::Groups)
        })
    }

    pub(super) fn known_groups(&self, ids: &[GroupId]) -> Result<(), VaultError> {
        let known = |id: &GroupId| self.known.state.docs.groups.iter().any(|group| group.id == *id);
        if ids.iter().all(known) { Ok(()) } else { Err(VaultError::NoSuchGroup) }
    }
}
