//! A vault made again from a copy, in a folder that has none. What its state means is then judged as always.

use std::path::Path;
use std::sync::Arc;

use super::super::VaultError;
use super::super::create::put_in_place;
use super::super::quarantine;
use super::super::schema;
use super::super::slots::Key;
use super::super::unlock::{LockedVault, Opened};
use super::LockedSnapshot;
use crate::device::Anchor;
use crate::time::UnixTime;

/// Puts the vault that `from` is a copy of into `folder`, byte for byte as it was, and opens it.
///
/// It opens as any old file does: without an anchor as on a new phone, behind its anchor as rolled back; either is
/// accepted by [`Vault::accept`](super::super::Vault::accept) as a new branch. Snapshots already in the folder stay.
///
/// # Errors
/// [`VaultError::AlreadyExists`] when a vault is in the folder; as [`LockedSnapshot::unlock`]; disk trouble.
pub fn restore(
    folder: &Path,
    from: &LockedSnapshot,
    key: Key<'_>,
    anchor: &Arc<dyn Anchor>,
    at: UnixTime,
) -> Result<Opened, VaultError> {
    let refuse = || match folder.join(schema::FILE).try_exists()? {
        true => Err(VaultError::AlreadyExists),
        false => Ok(()),
    };
    refuse()?;
    let snapshot = from.unlock(&key)?;
    // What is left of a vault that lost its file, a log or a copy of its slots, is kept as it is.
    quarantine::keep(folder, at)?;
    put_in_place(folder, &snapshot.contents, refuse)?;
    drop(snapshot);
    LockedVault::open(folder)?.unlock(key, anchor, at)
}
