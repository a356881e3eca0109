//! "Test this backup": every row of a copy opened and counted, with a key of the user's.

use super::super::VaultError;
use super::super::ids::ItemId;
use super::super::item::ItemState;
use super::super::merge::open_row;
use super::super::record::{self, Meta, SecretPart};
use super::super::slots::{Key, SlotInfo};
use super::LockedSnapshot;
use crate::crypto::scrub_stack;
use crate::device::VaultId;
use crate::time::UnixTime;

/// What a test of a backup found. Everything in it was opened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BackupTest {
    /// The vault it is a copy of.
    pub vault_id: VaultId,
    /// When it was written.
    pub created_at: UnixTime,
    /// Accounts in the list, counted.
    pub accounts: usize,
    /// Accounts in the trash, counted.
    pub trashed: usize,
    /// Rows of a kind that only a later version knows; they are in it as they are.
    pub unknown: usize,
    /// Rows whose names or secret do not open: they were damaged when it was written.
    pub damaged: Vec<ItemId>,
    /// Which passphrase or recovery code opened it: known to people by its date.
    pub opened_by: SlotInfo,
    /// Everything that opens it.
    pub opens_with: Vec<SlotInfo>,
}

impl LockedSnapshot {
    /// Opens the copy and every row of it, and counts.
    ///
    /// # Errors
    /// As [`LockedSnapshot::unlock`]; [`VaultError::FileDamaged`] when it does not hold as many accounts as it says.
    pub fn test(&self, key: &Key<'_>) -> Result<BackupTest, VaultError> {
        let snapshot = self.unlock(key)?;
        let keys = snapshot.keys.as_ref().expect("a locked copy is opened with keys of its own");
        let opened_by = snapshot.opened_by.clone().expect("a locked copy is opened by a slot");
        let says = self.info.says.as_ref().expect("a copy that was parsed says something");
        let mut test = BackupTest {
            vault_id: says.vault_id,
            created_at: says.created_at,
            accounts: 0,
            trashed: 0,
            unknown: 0,
            damaged: Vec::new(),
            opened_by,
            opens_with: says.opens_with.clone(),
        };
        for row in &snapshot.contents.items {
            let id = ItemId(row.id);
            let Some(opened) = open_row(keys, &snapshot, row) else {
                test.damaged.push(id);
                test.accounts += 1;
                continue;
            };
            let meta: Option<Meta> = record::unpadded(opened.meta.expose());
            let part: Option<SecretPart> = record::unpadded(opened.secret.expose());
            let item = meta.as_ref().map(|meta| meta.item(id));
            let makes_codes = meta.zip(part).is_some_and(|(meta, part)| meta.otp(&part).is_some());
            match &item {
                Some(item) if item.trashed_at.is_some() => test.trashed += 1,
                Some(_) | None => test.accounts += 1,
            }
            let known = item.is_some_and(|item| item.state != ItemState::Unknown);
            match (known, makes_codes) {
                (true, true) => {}
                (true, false) => test.damaged.push(id),
                (false, _) => test.unknown += 1,
            }
        }
        scrub_stack();
        if test.accounts as u64 == snapshot.accounts() { Ok(test) } else { Err(VaultError::FileDamaged) }
    }
}
