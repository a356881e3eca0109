//! Puts another slot into a vault and into its backup, as somebody does who may write both files.

use std::path::PathBuf;

use anyhow::{Context, ensure};
use authenticator_core::vault::RecoveryCode;
use sha2::{Digest, Sha256};

use crate::child::{NOW, Place};
use crate::damage::scratch;

/// Bytes of a slot's body before its checksum, docs/vault-format.md.
pub const BODY: usize = 160;
/// Bytes of the header, which says what a way in costs.
pub const HEADER: usize = 55;

/// A vault with one slot, its backup, and what stands in both.
pub struct Rewritable {
    folder: tempfile::TempDir,
    backup: Vec<u8>,
    slot: Vec<u8>,
    /// The vault's id.
    pub vault: Vec<u8>,
}

impl Rewritable {
    /// Makes a vault and a backup.
    pub fn make() -> anyhow::Result<Self> {
        let folder = scratch()?;
        let place = Place::make(folder.path())?;
        let mut vault = place.open()?.vault;
        vault.add(crate::child::account("account"), NOW)?;
        vault.write_backup(&folder.path().join("backup.akb"), NOW)?;
        vault.lock();
        let db = rusqlite::Connection::open(folder.path().join("vault/vault.db"))?;
        let slot = db.query_row("SELECT body FROM slot", [], |row| row.get(0))?;
        let vault = db.query_row("SELECT v FROM meta WHERE k = 'vault_id'", [], |row| row.get(0))?;
        let backup = std::fs::read(folder.path().join("backup.akb"))?;
        Ok(Self { folder, backup, slot, vault })
    }

    /// Returns the slot's header.
    pub fn header(&self) -> &[u8] {
        &self.slot[..HEADER]
    }

    /// Writes `body` with its checksum made right instead of the slot, in the file and in the backup; its copy goes.
    pub fn put(&self, body: &[u8]) -> anyhow::Result<()> {
        ensure!(body.len() == BODY, "a slot has {BODY} bytes");
        let slot = [body, &Sha256::digest(body)].concat();
        let db = rusqlite::Connection::open(self.vault_folder().join("vault.db"))?;
        db.pragma_update(None, "synchronous", "OFF")?;
        db.execute("UPDATE slot SET body = ?", [&slot])?;
        std::fs::remove_file(self.vault_folder().join("vault.keys")).ok();
        let at = memchr::memmem::find(&self.backup, &self.slot).context("the slot stands in the backup")?;
        let mut backup = self.backup.clone();
        backup[at..at + slot.len()].copy_from_slice(&slot);
        std::fs::write(self.backup(), backup)?;
        Ok(())
    }

    /// Returns the vault's folder.
    pub fn vault_folder(&self) -> PathBuf {
        self.folder.path().join("vault")
    }

    /// Returns the backup's file.
    pub fn backup(&self) -> PathBuf {
        self.folder.path().join("backup.akb")
    }
}

/// Returns the letters of a code that become a key.
pub fn letters(code: &RecoveryCode) -> Vec<u8> {
    code.print().expose().bytes().filter(|byte| *byte != b'-').take(26).collect()
}
