//! Slots and the wrapped data key in the file, and opening them.

use rusqlite::{Connection, OptionalExtension};

use super::VaultError;
use super::keyfile::KeyFile;
use super::keys::{Subkeys, WrappedDek};
use super::slots::{Key, SlotRow};
use crate::device::VaultId;
use crate::secret::SecretBytes;

/// Unwraps the keys with the first slot of the right kind that opens. Slots that `tried` holds too are left out.
pub(super) fn open_keys(
    rows: &KeyFile,
    key: &Key<'_>,
    tried: Option<&KeyFile>,
) -> Result<Subkeys, VaultError> {
    open_slot(rows, key, tried, |vk| rows.dek.unwrap(rows.vault, vk))
}

/// Unwraps the vault key with the first slot of the right kind that opens, and makes sure that it opens the data key.
pub(super) fn open_vk(rows: &KeyFile, key: &Key<'_>) -> Result<SecretBytes, VaultError> {
    open_slot(rows, key, None, |vk| rows.dek.unwrap(rows.vault, vk).map(|_| vk.clone()))
}

fn open_slot<T>(
    rows: &KeyFile,
    key: &Key<'_>,
    tried: Option<&KeyFile>,
    open: impl Fn(&SecretBytes) -> Result<T, VaultError>,
) -> Result<T, VaultError> {
    let mut refused = VaultError::NoSuchSlot;
    let fresh =
        |slot: &&SlotRow| tried.is_none_or(|tried| tried.vault != rows.vault || !tried.slots.contains(slot));
    // A damaged slot may not know its own kind any more.
    let fits = |slot: &&SlotRow| slot.kind() == key.kind() || !slot.is_whole();
    for slot in rows.slots.iter().filter(fresh).filter(fits) {
        match slot.unwrap(rows.vault, key).and_then(|vk| open(&vk)) {
            Ok(opened) => return Ok(opened),
            // Damage outranks a wrong key: the right passphrase may belong to the damaged slot.
            Err(VaultError::WrongKey) if matches!(refused, VaultError::SlotDamaged) => {}
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

pub(super) fn read_key_rows(db: &Connection) -> Result<KeyFile, VaultError> {
    let vault: [u8; 16] = db
        .query_row("SELECT v FROM meta WHERE k = 'vault_id'", [], |row| row.get(0))
        .optional()?
        .ok_or(VaultError::FileDamaged)?;
    let mut query = db.prepare("SELECT id, body FROM slot ORDER BY id")?;
    let slots = query
        .query_map([], |row| Ok(SlotRow { id: row.get(0)?, body: row.get(1)? }))?
        .collect::<Result<_, _>>()?;
    let dek = db
        .query_row("SELECT epoch, body FROM dek ORDER BY epoch DESC LIMIT 1", [], |row| {
            Ok(WrappedDek { epoch: row.get(0)?, body: row.get(1)? })
        })
        .optional()?
        .ok_or(VaultError::FileDamaged)?;
    let extra: i64 = db.query_row("SELECT count(*) FROM dek", [], |row| row.get(0))?;
    if extra != 1 { Err(VaultError::FileDamaged) } else { Ok(KeyFile { vault: VaultId(vault), slots, dek }) }
}

/// Writes slots, data key and vault id; the caller has begun a transaction.
pub(super) fn write_key_rows(db: &Connection, rows: &KeyFile) -> Result<(), VaultError> {
    db.execute("INSERT OR REPLACE INTO meta (k, v) VALUES ('vault_id', ?)", [rows.vault.0])?;
    db.execute("DELETE FROM slot", [])?;
    for slot in &rows.slots {
        db.execute("INSERT INTO slot (id, body) VALUES (?, ?)", (slot.id, &slot.body))?;
    }
    db.execute("DELETE FROM dek", [])?;
    db.execute("INSERT INTO dek (epoch, body) VALUES (?, ?)", (rows.dek.epoch, &rows.dek.body))?;
    Ok(())
}
