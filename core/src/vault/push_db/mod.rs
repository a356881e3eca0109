//! `push.db`: what push needs while the vault is locked. Bytes: `docs/vault-format.md`, "push.db".
//!
//! Bodies are sealed under `k_push`, which the vault derives when it is unlocked and a device secret without
//! presence unwraps when it is not; names are sealed under `k_meta` and stay shut while the vault is locked. The
//! file stands outside the manifest: what is in it can be made anew by enrolling again. It is opened for one
//! operation and closed after it. A row that does not open is kept and named, and never stops another.

mod answers;
mod enrolments;
mod file;
mod record;

#[cfg(test)]
mod tests;

pub use crate::push::outcome::{AnswerKind, Outcome};
pub(crate) use answers::{Pending, Told};
pub use enrolments::EnrolmentId;
pub(crate) use enrolments::{EnrolmentRow, Enrolments};
pub(crate) use record::{Enrolment, Loose, Names, Quiet, Rotation, WakeUp, number_of};

use std::path::Path;

use minicbor::Decode;
use rusqlite::{Connection, Row, TransactionBehavior};

use super::VaultError;
use super::record::unpadded;
use super::store::Vault;
use crate::crypto::{random, seal};
use crate::device::VaultId;
use crate::secret::SecretBytes;

/// The file, open for one operation.
pub(crate) struct PushDb {
    db: Connection,
    vault: VaultId,
    keys: PushKeys,
}

/// What opens the rows: `k_push` always, `k_meta` only from an unlocked vault.
#[derive(Clone)]
pub(crate) struct PushKeys {
    epoch: u32,
    push: SecretBytes,
    names: Option<SecretBytes>,
}

/// The tables, as they stand in the associated data of their rows.
#[derive(Clone, Copy)]
enum Table {
    Enrolment = 16,
    History = 17,
    Quiet = 18,
    Outbox = 19,
}

const COLUMN_BODY: u8 = 3;
const COLUMN_NAMES: u8 = 4;

impl Vault {
    /// Returns the keys of `push.db` under the data key of now.
    pub(crate) fn push_keys(&self) -> PushKeys {
        PushKeys {
            epoch: self.known.state.dek.epoch,
            push: self.known.keys.push.clone(),
            names: Some(self.known.keys.meta.clone()),
        }
    }

    /// Seals `push.db` again after the data key was changed from the one of `old`. The wrap for the device goes with the
    /// old key; the next look while unlocked makes a new one.
    ///
    /// # Errors
    /// As [`PushDb::open`]: the rows can then still be saved with the device's secret, all but their names.
    pub(super) fn reseal_push(&self, old: PushKeys) -> Result<(), VaultError> {
        match PushDb::open(&self.known.folder, self.known.id, old)? {
            Some(mut db) => db.reseal(self.push_keys(), None).map(drop),
            None => Ok(()),
        }
    }
}

impl PushDb {
    /// Opens the file in `folder`, names included, with keys of the unlocked vault; `None` when there is no file.
    ///
    /// # Errors
    /// [`VaultError::FileDamaged`]: it is kept as it is; disk trouble.
    pub(crate) fn open(folder: &Path, vault: VaultId, keys: PushKeys) -> Result<Option<Self>, VaultError> {
        let Some(db) = file::open(folder)? else { return Ok(None) };
        file::belongs_to(&db, vault)?;
        Ok(Some(Self { db, vault, keys }))
    }

    /// The same, and makes the file when there is none: only enrolling does.
    ///
    /// # Errors
    /// As [`PushDb::open`].
    pub(crate) fn open_or_make(folder: &Path, vault: VaultId, keys: PushKeys) -> Result<Self, VaultError> {
        let db = file::open_or_make(folder, vault)?;
        file::belongs_to(&db, vault)?;
        Ok(Self { db, vault, keys })
    }

    /// Returns the vault that the file in `folder` belongs to; `None` when there is no file.
    ///
    /// # Errors
    /// [`VaultError::FileDamaged`], disk trouble.
    pub(crate) fn vault_of(folder: &Path) -> Result<Option<VaultId>, VaultError> {
        file::open(folder)?.map(|db| file::vault_id(&db)).transpose()
    }

    /// Opens the file with the device's secret, without names: the vault is locked.
    ///
    /// # Errors
    /// [`VaultError::NotFound`]: no file, or nothing of it is wrapped for this device; [`VaultError::WrongKey`]:
    /// the secret is another; [`VaultError::FileDamaged`], disk trouble.
    pub(crate) fn open_locked(folder: &Path, secret: &SecretBytes) -> Result<Self, VaultError> {
        let db = file::open(folder)?.ok_or(VaultError::NotFound)?;
        let vault = file::vault_id(&db)?;
        let (epoch, wrapped) = file::wrap(&db)?.ok_or(VaultError::NotFound)?;
        let push = seal::open(secret, &wrap_aad(vault, epoch), &wrapped).map_err(|_| VaultError::WrongKey)?;
        Ok(Self { db, vault, keys: PushKeys { epoch, push, names: None } })
    }

    /// Moves the file with its log into the folder `quarantine`, under a name that is free; nothing is deleted. Returns the
    /// name, or `None` when there is no file.
    ///
    /// # Errors
    /// Disk trouble.
    pub(crate) fn put_aside(folder: &Path) -> Result<Option<String>, VaultError> {
        file::put_aside(folder)
    }

    /// Tells whether its rows are sealed under an older data key than the one of `keys`: a kill came between the change
    /// of that key and sealing these rows again.
    pub(crate) fn is_older_than(&self, keys: &PushKeys) -> bool {
        self.keys.epoch < keys.epoch
    }

    /// Wraps `k_push` under the device's secret, so that [`PushDb::open_locked`] works.
    ///
    /// # Errors
    /// Disk trouble.
    pub(crate) fn wrap(&mut self, secret: &SecretBytes) -> Result<(), VaultError> {
        let (epoch, vault) = (self.keys.epoch, self.vault);
        let wrapped = seal::seal(secret, &wrap_aad(vault, epoch), self.keys.push.expose())?;
        self.write(|db, _| {
            db.execute("DELETE FROM wrap", [])?;
            db.execute("INSERT INTO wrap (epoch, body) VALUES (?, ?)", (epoch, &wrapped))?;
            Ok(())
        })
    }

    /// Tells whether `k_push` is wrapped under this secret, and is the one that the rows need.
    ///
    /// # Errors
    /// Disk trouble.
    pub(crate) fn is_wrapped(&self, secret: &SecretBytes) -> Result<bool, VaultError> {
        let Some((epoch, wrapped)) = file::wrap(&self.db)? else { return Ok(false) };
        let opened = seal::open(secret, &wrap_aad(self.vault, epoch), &wrapped);
        Ok(opened.is_ok_and(|push| push == self.keys.push))
    }

    /// Seals every row again under `new`, after the vault's data key was changed: one transaction, in which the old
    /// wrap is dropped too. A row that does not open is left as it is. Returns how many blobs were sealed again.
    ///
    /// The names in `seen` are of the old key and match nothing any more; all of them end within minutes anyway.
    ///
    /// # Errors
    /// Disk trouble: then everything is as it was.
    pub(crate) fn reseal(
        &mut self,
        new: PushKeys,
        secret: Option<&SecretBytes>,
    ) -> Result<usize, VaultError> {
        let vault = self.vault;
        let old =
            PushKeys { epoch: self.keys.epoch, push: self.keys.push.clone(), names: self.keys.names.clone() };
        let wrapped = match secret {
            Some(secret) => Some(seal::seal(secret, &wrap_aad(vault, new.epoch), new.push.expose())?),
            None => None,
        };
        let count = self.write(|db, _| {
            let mut count = 0;
            for (name, table) in file::SEALED {
                count += file::reseal(
                    db,
                    name,
                    |id, rev, column, sealed| {
                        let (from, to) = match column {
                            COLUMN_NAMES => (old.names.as_ref()?, new.names.as_ref()?),
                            _ => (&old.push, &new.push),
                        };
                        let plain =
                            seal::open(from, &aad(vault, table, column, id, rev, old.epoch), sealed).ok()?;
                        seal::seal(to, &aad(vault, table, column, id, rev, new.epoch), plain.expose()).ok()
                    },
                    new.epoch,
                )?;
            }
            db.execute("DELETE FROM wrap", [])?;
            if let Some(wrapped) = &wrapped {
                db.execute("INSERT INTO wrap (epoch, body) VALUES (?, ?)", (new.epoch, wrapped))?;
            }
            Ok(count)
        })?;
        self.keys = new;
        Ok(count)
    }

    /// Runs one operation in an immediate transaction; it is on the disk when this returns.
    fn write<T>(
        &mut self,
        change: impl FnOnce(&Connection, &Sealing<'_>) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        let transaction = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let result = change(&transaction, &Sealing { vault: self.vault, keys: &self.keys })?;
        transaction.commit()?;
        super::schema::checkpoint(&self.db);
        Ok(result)
    }

    fn sealing(&self) -> Sealing<'_> {
        Sealing { vault: self.vault, keys: &self.keys }
    }
}

/// Keys and vault, for sealing and opening one row.
struct Sealing<'a> {
    vault: VaultId,
    keys: &'a PushKeys,
}

impl Sealing<'_> {
    fn body(&self, table: Table, id: [u8; 16], rev: u64, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        let aad = aad(self.vault, table, COLUMN_BODY, id, rev, self.keys.epoch);
        Ok(seal::seal(&self.keys.push, &aad, plain)?)
    }

    /// Opens and reads a body; `None` when it does not open or is none, for whatever reason.
    fn open<T: for<'b> Decode<'b, ()>>(&self, table: Table, row: &Sealed) -> Option<T> {
        let Sealed { id, rev, epoch, bytes } = row;
        let aad = aad(self.vault, table, COLUMN_BODY, *id, *rev, *epoch);
        unpadded(seal::open(&self.keys.push, &aad, bytes).ok()?.expose())
    }

    fn names(&self, id: [u8; 16], rev: u64, plain: &[u8]) -> Result<Option<Vec<u8>>, VaultError> {
        let Some(key) = &self.keys.names else { return Ok(None) };
        let aad = aad(self.vault, Table::Enrolment, COLUMN_NAMES, id, rev, self.keys.epoch);
        Ok(Some(seal::seal(key, &aad, plain)?))
    }

    /// The same for names, which only an unlocked vault opens.
    fn open_names<T: for<'b> Decode<'b, ()>>(&self, row: &Sealed) -> Option<T> {
        let Sealed { id, rev, epoch, bytes } = row;
        let aad = aad(self.vault, Table::Enrolment, COLUMN_NAMES, *id, *rev, *epoch);
        unpadded(seal::open(self.keys.names.as_ref()?, &aad, bytes).ok()?.expose())
    }
}

/// Sealed bytes as they stand in a row, with what binds them to it.
struct Sealed {
    id: [u8; 16],
    rev: u64,
    epoch: u32,
    bytes: Vec<u8>,
}

impl Sealed {
    /// Reads id, revision, epoch and bytes from these columns of a row.
    fn of(row: &Row<'_>, [id, rev, epoch, bytes]: [usize; 4]) -> rusqlite::Result<Self> {
        let rev = row.get::<_, i64>(rev)? as u64;
        Ok(Self { id: row.get(id)?, rev, epoch: row.get(epoch)?, bytes: row.get(bytes)? })
    }
}

fn aad(vault: VaultId, table: Table, column: u8, id: [u8; 16], rev: u64, epoch: u32) -> Vec<u8> {
    super::read::aad(vault, table as u8, column, id, rev, epoch)
}

fn wrap_aad(vault: VaultId, epoch: u32) -> Vec<u8> {
    [b"klink/1/push-wrap".as_slice(), &vault.0, &epoch.to_be_bytes()].concat()
}

fn make_id() -> Result<[u8; 16], VaultError> {
    Ok(random::make_array()?)
}
