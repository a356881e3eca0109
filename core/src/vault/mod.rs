//! The vault: accounts in an encrypted file that loses nothing, and says so when something is wrong.
//!
//! Every byte is described in `docs/vault-format.md`. Rules that outrank all else: nothing is ever deleted, made
//! anew or overwritten because it failed to open; a write is done when it is on the disk and anchored; nothing
//! unauthenticated is believed. Locking is a change of type: a [`LockedVault`] becomes a [`Vault`] and a `Vault` is
//! taken away by [`Vault::lock`]. Snapshots, salvage and migrations come later; the format has room for them.

mod accounts;
mod create;
mod docs;
mod error;
mod groups;
mod ids;
mod item;
mod keyfile;
mod keys;
mod manifest;
mod read;
mod record;
mod recovery;
mod schema;
mod settle;
mod slots;
mod state;
mod store;
mod unlock;
mod verify;

#[cfg(test)]
mod tests;

pub use crate::crypto::kdf::{KdfError, KdfParams};
pub use crate::device::VaultId;
pub use accounts::TRASH_MS;
pub use create::create;
pub use error::VaultError;
pub use ids::{GroupId, IdError, ItemId};
pub use item::{Change, Duplicate, Group, HotpCode, Item, ItemState, NewItem};
pub use recovery::{RecoveryCode, RecoveryCodeError};
pub use slots::{Key, NewSlot, SlotInfo, SlotKind};
pub use state::{Health, Mode, Problem, Reason, Report};
pub use store::Vault;
pub use unlock::{LockedVault, Opened, previous};
