//! Snapshots, backups and what they give back.

use std::path::PathBuf;
use std::sync::Arc;

use authenticator_core::vault::Snapshot;

use crate::authenticator::Authenticator;
use crate::error::{StorageTrouble, VaultError};
use crate::records::{Comparison, CopyInfo, Opened, SalvageProposal, UnlockKey, at, count, item_ids};
use crate::ways::with_key;

#[uniffi::export]
impl Authenticator {
    /// Lists the snapshots, oldest first. Unlocked, each that can be is opened and checked.
    pub async fn snapshots(self: Arc<Self>) -> Result<Vec<CopyInfo>, VaultError> {
        self.look(|own| Ok(own.core.snapshots()?.into_iter().map(Into::into).collect())).await
    }

    /// Writes a snapshot now and reads it back.
    pub async fn snapshot(self: Arc<Self>, at_ms: i64) -> Result<CopyInfo, VaultError> {
        self.write(move |own| Ok(own.core.snapshot(at(at_ms))?.into())).await
    }

    /// Writes a sealed backup to a file of the user's choice and reads it back.
    pub async fn write_backup(self: Arc<Self>, path: String, at_ms: i64) -> Result<CopyInfo, VaultError> {
        self.write(move |own| Ok(own.core.write_backup(&PathBuf::from(path), at(at_ms))?.into())).await
    }

    /// Puts the vault that a backup is a copy of into the folder, which has none, and leaves it unlocked. It opens
    /// read-only until `accept`, as on any new phone.
    pub async fn restore_backup(
        self: Arc<Self>,
        path: String,
        key: UnlockKey,
        at_ms: i64,
    ) -> Result<Opened, VaultError> {
        self.write(move |own| {
            let path = PathBuf::from(path);
            let opened = with_key(own, key, |key| Ok(own.core.restore_backup(&path, key, at(at_ms))?))?;
            Ok(opened.into())
        })
        .await
    }

    /// Says how every account of a copy stands to the vault's own. Nothing is changed. `key` is for a copy that the
    /// vault's own keys do not open.
    pub async fn compare(
        self: Arc<Self>,
        path: String,
        key: Option<UnlockKey>,
    ) -> Result<Comparison, VaultError> {
        self.look(move |own| Ok(own.core.compare(&copy(own, path, key)?)?.into())).await
    }

    /// Takes these accounts over from a copy; a snapshot is written before. Returns how many were written.
    pub async fn merge(
        self: Arc<Self>,
        path: String,
        key: Option<UnlockKey>,
        ids: Vec<String>,
        at_ms: i64,
    ) -> Result<i64, VaultError> {
        self.write(move |own| {
            let ids = item_ids(&ids)?;
            Ok(count(own.core.merge(&copy(own, path, key)?, &ids, at(at_ms))?))
        })
        .await
    }

    /// Keeps a damaged vault aside and says what it and the newest snapshot still hold. Nothing else is changed.
    pub async fn salvage_preview(
        self: Arc<Self>,
        key: UnlockKey,
        at_ms: i64,
    ) -> Result<SalvageProposal, VaultError> {
        self.look(move |own| {
            let found = with_key(own, key, |key| Ok(own.core.salvage(&key, at(at_ms))?))?;
            let proposal = found.proposal().clone().into();
            *own.salvage() = Some(found);
            Ok(proposal)
        })
        .await
    }

    /// Makes a whole vault of what `salvage_preview` found, without the accounts in `leave_out`, and leaves it
    /// unlocked.
    pub async fn commit_salvage(
        self: Arc<Self>,
        leave_out: Vec<String>,
        key: UnlockKey,
        at_ms: i64,
    ) -> Result<Opened, VaultError> {
        self.write(move |own| {
            let leave_out = item_ids(&leave_out)?;
            // A lock forgets what was found: it is looked for again.
            let found = own.salvage().take().ok_or(VaultError::Storage { why: StorageTrouble::Damaged })?;
            let opened =
                with_key(own, key, |key| Ok(own.core.commit_salvage(found, &leave_out, key, at(at_ms))?))?;
            Ok(opened.into())
        })
        .await
    }
}

/// Opens a copy: with the keys of the unlocked vault, or with `key`.
pub(crate) fn copy(
    own: &Authenticator,
    path: String,
    key: Option<UnlockKey>,
) -> Result<Snapshot, VaultError> {
    let path = PathBuf::from(path);
    match key {
        Some(key) => with_key(own, key, |key| Ok(own.core.open_copy(&path, Some(&key))?)),
        None => Ok(own.core.open_copy(&path, None)?),
    }
}
