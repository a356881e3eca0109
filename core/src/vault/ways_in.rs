//! Ways in, changed: slots added, replaced and removed, and keys made anew.
//!
//! What takes a key's derivation is done on a copy of the slots, so that no vault is held meanwhile: [`WaysIn`]
//! prepares, [`Vault::put_ways_in`] and [`Vault::rotate`] write, each in one transaction. The vault key lives only
//! while a preparation is made.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::VaultError;
use super::accounts::credential_index;
use super::contents::{Contents, DocRow, ItemRow};
use super::key_rows::{open_vk, write_key_rows};
use super::keyfile::KeyFile;
use super::keys::{Subkeys, WrappedDek};
use super::read::{COLUMN_BODY, COLUMN_META, COLUMN_SECRET, TABLE_DOC, TABLE_ITEM, aad, read_state};
use super::record::{self, Meta, SecretPart};
use super::slots::{Key, NewSlot, SlotInfo, SlotKind, SlotRow};
use super::store::Vault;
use crate::crypto::{random, scrub_stack, seal};
use crate::secret::SecretBytes;
use crate::time::UnixTime;

/// The slots of a vault as they stood at one moment, for work that takes long.
pub struct WaysIn(KeyFile);

/// Slots that are ready to be written. They were wrapped, and each new one was opened again.
pub struct SlotChange {
    before: KeyFile,
    after: KeyFile,
}

/// New keys that are ready to be put in use.
pub struct Rotation {
    before: KeyFile,
    after: KeyFile,
    keys: Subkeys,
}

impl WaysIn {
    /// Returns the ways in.
    pub fn slots(&self) -> Vec<SlotInfo> {
        self.0.slots.iter().map(SlotRow::info).collect()
    }

    /// Tells by its error whether `key` is right: "check my passphrase now". Nothing is changed.
    ///
    /// # Errors
    /// [`VaultError::WrongKey`], [`VaultError::NoSuchSlot`], [`VaultError::SlotDamaged`], [`VaultError::Kdf`].
    pub fn check(&self, key: &Key<'_>) -> Result<(), VaultError> {
        let opened = open_vk(&self.0, key).and_then(|vk| self.0.dek.unwrap(self.0.vault, &vk)).map(drop);
        scrub_stack();
        opened
    }

    /// Prepares to add `new` and to take away every other slot of its kind: a changed passphrase, a new recovery code, a
    /// device that is known again. The old ones stay in force until the new one is written.
    ///
    /// # Errors
    /// As [`WaysIn::check`].
    pub fn replace(&self, key: &Key<'_>, new: &NewSlot<'_>, at: UnixTime) -> Result<SlotChange, VaultError> {
        let kind = new.key().kind();
        let gone: Vec<[u8; 16]> = self.of_kind(kind).map(|slot| slot.id).collect();
        self.change(key, std::slice::from_ref(new), &gone, at)
    }

    /// Prepares to add slots beside those that are there.
    ///
    /// # Errors
    /// As [`WaysIn::check`].
    pub fn add(&self, key: &Key<'_>, new: &NewSlot<'_>, at: UnixTime) -> Result<SlotChange, VaultError> {
        self.change(key, std::slice::from_ref(new), &[], at)
    }

    /// Prepares to take a slot away.
    ///
    /// # Errors
    /// [`VaultError::NoSuchSlot`]; [`VaultError::NoPortableSlot`] when it is the last that needs no device; as
    /// [`WaysIn::check`].
    pub fn remove(&self, key: &Key<'_>, id: [u8; 16]) -> Result<SlotChange, VaultError> {
        self.without(key, |slot| slot.id == id)
    }

    /// Prepares to take every slot of a kind away.
    ///
    /// # Errors
    /// As [`WaysIn::remove`].
    pub fn remove_kind(&self, key: &Key<'_>, kind: SlotKind) -> Result<SlotChange, VaultError> {
        self.without(key, |slot| slot.kind() == kind)
    }

    fn without(&self, key: &Key<'_>, gone: impl Fn(&SlotRow) -> bool) -> Result<SlotChange, VaultError> {
        let gone: Vec<[u8; 16]> = self.0.slots.iter().filter(|slot| gone(slot)).map(|slot| slot.id).collect();
        if gone.is_empty() {
            return Err(VaultError::NoSuchSlot);
        }
        self.change(key, &[], &gone, UnixTime::from_ms(0))
    }

    /// Prepares a new data key under the same slots: an old copy of the file no longer opens what is written from
    /// now on.
    ///
    /// # Errors
    /// As [`WaysIn::check`].
    pub fn rotate_data_key(&self, key: &Key<'_>) -> Result<Rotation, VaultError> {
        let vk = open_vk(&self.0, key)?;
        self.rotation(&vk, self.0.slots.clone())
    }

    /// Prepares a new vault key and a new data key, with `new` as the only ways in: a slot's secret became known, or
    /// everything old is to be closed for good.
    ///
    /// # Errors
    /// [`VaultError::NoPortableSlot`]; as [`WaysIn::check`].
    pub fn rotate_all(
        &self,
        key: &Key<'_>,
        new: &[NewSlot<'_>],
        at: UnixTime,
    ) -> Result<Rotation, VaultError> {
        if !new.iter().any(NewSlot::is_portable) {
            return Err(VaultError::NoPortableSlot);
        }
        // Only who can open the vault may close it to others.
        drop(open_vk(&self.0, key)?);
        let vk = random::make_secret(seal::KEY)?;
        let slots = self.wrap_and_open(&vk, new, at)?;
        self.rotation(&vk, slots)
    }

    fn rotation(&self, vk: &SecretBytes, mut slots: Vec<SlotRow>) -> Result<Rotation, VaultError> {
        let vault = self.0.vault;
        slots.sort_by_key(|slot| slot.id);
        let epoch = self.0.dek.epoch.checked_add(1).ok_or(VaultError::TooLarge)?;
        let dek = WrappedDek::make(vault, epoch, vk)?;
        let keys = dek.unwrap(vault, vk)?;
        scrub_stack();
        Ok(Rotation { before: self.0.clone(), after: KeyFile { vault, slots, dek }, keys })
    }

    fn change(
        &self,
        key: &Key<'_>,
        new: &[NewSlot<'_>],
        gone: &[[u8; 16]],
        at: UnixTime,
    ) -> Result<SlotChange, VaultError> {
        let vk = open_vk(&self.0, key)?;
        let mut slots = self.wrap_and_open(&vk, new, at)?;
        slots.extend(self.0.slots.iter().filter(|slot| !gone.contains(&slot.id)).cloned());
        slots.sort_by_key(|slot| slot.id);
        if !slots.iter().any(|slot| slot.is_whole() && slot.kind().is_portable()) {
            return Err(VaultError::NoPortableSlot);
        }
        scrub_stack();
        Ok(SlotChange { before: self.0.clone(), after: KeyFile { slots, ..self.0.clone() } })
    }

    /// Wraps the vault key in new slots, and opens each again: a slot that does not open is never written.
    fn wrap_and_open(
        &self,
        vk: &SecretBytes,
        new: &[NewSlot<'_>],
        at: UnixTime,
    ) -> Result<Vec<SlotRow>, VaultError> {
        let mut slots = Vec::new();
        for new in new {
            let slot = new.wrap(self.0.vault, vk, at)?;
            if slot.unwrap(self.0.vault, &new.key())? != *vk {
                return Err(VaultError::SlotDamaged);
            }
            slots.push(slot);
        }
        Ok(slots)
    }

    fn of_kind(&self, kind: SlotKind) -> impl Iterator<Item = &SlotRow> {
        self.0.slots.iter().filter(move |slot| slot.kind() == kind)
    }
}

impl Vault {
    /// Returns the slots as they stand now.
    ///
    /// # Errors
    /// [`VaultError::ChangedOutside`], [`VaultError::Busy`], [`VaultError::Io`].
    pub fn ways_in(&mut self) -> Result<WaysIn, VaultError> {
        self.refresh()?;
        Ok(WaysIn(self.key_rows()))
    }

    /// Writes slots that were prepared, in one transaction; then their copy beside the file, and a snapshot that they
    /// open. The change has happened when the transaction has; health says when one of the others failed.
    ///
    /// # Errors
    /// [`VaultError::ChangedOutside`] when the slots are no longer those that were prepared from; as [`Vault::add`].
    pub fn put_ways_in(&mut self, change: SlotChange, at: UnixTime) -> Result<(), VaultError> {
        let SlotChange { before, after } = change;
        self.commit(|vault| {
            vault.expect_key_rows(&before)?;
            write_key_rows(&vault.db, &after)?;
            vault.known.state.slots = after.slots;
            Ok(())
        })?;
        self.copy_keys_and_all(at);
        Ok(())
    }

    /// Seals every row anew under new keys, in one transaction, with a snapshot before and one after. Returns how many
    /// accounts that were.
    ///
    /// # Errors
    /// [`VaultError::ItemUnreadable`] when a row does not open: mend it first, else it would be lost for good;
    /// [`VaultError::ChangedOutside`]; as [`Vault::snapshot`] and [`Vault::add`]. In each case nothing has changed.
    pub fn rotate(&mut self, rotation: Rotation, at: UnixTime) -> Result<usize, VaultError> {
        self.snapshot_before(at)?;
        let Rotation { before, after, keys } = rotation;
        let old = self.push_keys();
        let count = self.commit(|vault| {
            vault.expect_key_rows(&before)?;
            vault.seal_rows_anew(keys, after)
        })?;
        // The keys are changed, whatever becomes of this; what it leaves is mended with the device's secret.
        let _ = self.reseal_push(old);
        self.copy_keys_and_all(at);
        Ok(count)
    }

    fn expect_key_rows(&self, before: &KeyFile) -> Result<(), VaultError> {
        if self.key_rows() == *before { Ok(()) } else { Err(VaultError::ChangedOutside) }
    }

    /// What follows a change of slots and is no part of it. A failure shows in the full check: as a copy of the slots
    /// that is stale, and as a newest snapshot that opens with an older passphrase.
    fn copy_keys_and_all(&mut self, at: UnixTime) {
        let _ = self.key_rows().write(&self.known.folder);
        let _ = self.snapshot(at);
    }

    /// Seals rows and documents under `keys`, takes slots and keys of `after` over, and reads all of it again.
    fn seal_rows_anew(&mut self, keys: Subkeys, after: KeyFile) -> Result<usize, VaultError> {
        let contents = Contents::read(&self.db, self.key_rows())?;
        // The new root must not sign for a row that somebody put back.
        if !contents.root_holds(&self.known.keys.manifest) {
            return Err(VaultError::ChangedOutside);
        }
        for row in &contents.items {
            self.seal_item_anew(row, &keys, after.dek.epoch)?;
        }
        for row in &contents.docs {
            self.seal_doc_anew(row, &keys, after.dek.epoch)?;
        }
        scrub_stack();
        write_key_rows(&self.db, &after)?;
        self.known.state = read_state(&self.db, self.known.id, &keys, after.slots, after.dek)?;
        self.known.keys = Arc::new(keys);
        let mut put = self.db.prepare("UPDATE bucket SET n = ?, digest = ? WHERE b = ?")?;
        for (b, bucket) in self.known.state.buckets.iter().enumerate() {
            put.execute((bucket.rows, bucket.digest, b as i64))?;
        }
        Ok(contents.items.len())
    }

    fn seal_item_anew(&self, row: &ItemRow, keys: &Subkeys, epoch: u32) -> Result<(), VaultError> {
        let open = |key: &SecretBytes, column, sealed: &[u8]| {
            let aad = aad(self.known.id, TABLE_ITEM, column, row.id, row.rev, row.epoch);
            seal::open(key, &aad, sealed).map_err(|_| VaultError::ItemUnreadable)
        };
        let meta = open(&self.known.keys.meta, COLUMN_META, &row.meta)?;
        let secret = open(&self.known.keys.secret, COLUMN_SECRET, &row.secret)?;
        let indexed = with_index(&meta, &secret, &keys.index)?;
        let meta = indexed.as_ref().map_or(meta.expose(), |indexed| indexed.as_slice());
        let rev = row.rev + 1;
        let aad = |column| aad(self.known.id, TABLE_ITEM, column, row.id, rev, epoch);
        let meta = seal::seal(&keys.meta, &aad(COLUMN_META), meta)?;
        let secret = seal::seal(&keys.secret, &aad(COLUMN_SECRET), secret.expose())?;
        self.db
            .prepare_cached("UPDATE item SET rev = ?, epoch = ?, meta = ?, secret = ? WHERE id = ?")?
            .execute((rev as i64, epoch, meta, secret, row.id))?;
        Ok(())
    }

    fn seal_doc_anew(&self, row: &DocRow, keys: &Subkeys, epoch: u32) -> Result<(), VaultError> {
        let aad = |rev, epoch| aad(self.known.id, TABLE_DOC, COLUMN_BODY, row.id, rev, epoch);
        let plain = seal::open(&self.known.keys.meta, &aad(row.rev, row.epoch), &row.body);
        let plain = plain.map_err(|_| VaultError::ItemUnreadable)?;
        let rev = row.rev + 1;
        let body = seal::seal(&keys.meta, &aad(rev, epoch), plain.expose())?;
        self.db
            .prepare_cached("UPDATE doc SET rev = ?, epoch = ?, body = ? WHERE id = ?")?
            .execute((rev as i64, epoch, body, row.id))?;
        Ok(())
    }
}

/// Returns the names with their index under another key; `None` when a later version wrote them.
fn with_index(
    meta: &SecretBytes,
    secret: &SecretBytes,
    key: &SecretBytes,
) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
    let meta: Option<Meta> = record::unpadded(meta.expose());
    let part: Option<SecretPart> = record::unpadded(secret.expose());
    let (Some(mut meta), Some(part)) = (meta, part) else { return Ok(None) };
    let Some(otp) = meta.otp(&part) else { return Ok(None) };
    meta.index = credential_index(key, &otp).to_vec().into();
    record::padded(&meta).map(Some)
}
