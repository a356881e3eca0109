//! A new vault, and nothing else: this is the only place that makes one.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use super::VaultError;
use super::keyfile::{self, KeyFile};
use super::keys::WrappedDek;
use super::manifest::{BUCKETS, Bucket, Covered, Root, RowDigest};
use super::schema;
use super::slots::NewSlot;
use super::store::Vault;
use super::unlock::write_key_rows;
use crate::crypto::{random, seal};
use crate::device::{Anchor, VaultId};
use crate::secret::SecretBytes;
use crate::time::UnixTime;

/// What may stand in a vault's folder; any of it means that a vault is, or was, there.
const PARTS: [&str; 6] = [schema::FILE, keyfile::NAME, "vault.db-wal", "push.db", "snap", "quarantine"];

/// Makes a vault in `folder` with these slots and opens it. Takes as long as Argon2id does.
///
/// # Errors
/// [`VaultError::AlreadyExists`] and [`VaultError::PreviousVault`]: a file or an anchor is there, and nothing is
/// overwritten; [`VaultError::NoPortableSlot`]; [`VaultError::Kdf`]; disk trouble.
pub fn create(
    folder: &Path,
    anchor: &Arc<dyn Anchor>,
    slots: &[NewSlot<'_>],
    at: UnixTime,
) -> Result<Vault, VaultError> {
    refuse_if_anything_is_there(folder, anchor)?;
    if !slots.iter().any(NewSlot::is_portable) {
        return Err(VaultError::NoPortableSlot);
    }
    let vault = VaultId(random::make_array()?);
    let vk = random::make_secret(seal::KEY)?;
    let mut rows = KeyFile {
        vault,
        slots: slots.iter().map(|slot| slot.wrap(vault, &vk, at)).collect::<Result<_, _>>()?,
        dek: WrappedDek::make(vault, 1, &vk)?,
    };
    rows.slots.sort_by_key(|slot| slot.id);
    let keys = rows.dek.unwrap(vault, &vk)?;
    drop(vk);

    make_folder(folder)?;
    // Built aside and then moved: a file of this name is always a whole vault.
    let aside = tempfile::Builder::new().prefix(".making-").tempdir_in(folder)?;
    let path = aside.path().join(schema::FILE);
    write(&path, &rows, &keys.manifest)?;
    File::open(&path)?.sync_all()?;
    refuse_if_anything_is_there(folder, anchor)?;
    fs::rename(&path, folder.join(schema::FILE))?;
    File::open(folder)?.sync_all()?;
    rows.write(folder)?;
    Vault::open_made(folder, anchor, &rows, keys)
}

fn refuse_if_anything_is_there(folder: &Path, anchor: &Arc<dyn Anchor>) -> Result<(), VaultError> {
    for part in PARTS {
        if folder.join(part).try_exists()? {
            return Err(VaultError::AlreadyExists);
        }
    }
    match anchor.list()?.first() {
        Some(previous) => Err(VaultError::PreviousVault(*previous)),
        None => Ok(()),
    }
}

fn write(path: &Path, rows: &KeyFile, manifest: &SecretBytes) -> Result<(), VaultError> {
    let db = schema::create(path)?;
    db.execute("INSERT INTO meta (k, v) VALUES ('format', ?)", [schema::USER_VERSION.to_be_bytes()])?;
    db.execute("INSERT INTO meta (k, v) VALUES ('min_reader', ?)", [schema::MIN_READER.to_be_bytes()])?;
    write_key_rows(&db, rows)?;
    let empty = RowDigest::new().finish();
    let buckets: Vec<Bucket> = vec![empty; BUCKETS];
    let mut insert = db.prepare("INSERT INTO bucket (b, n, digest) VALUES (?, ?, ?)")?;
    for (b, bucket) in buckets.iter().enumerate() {
        insert.execute((b as i64, bucket.rows, bucket.digest))?;
    }
    drop(insert);
    let covered = Covered {
        vault: rows.vault,
        user_version: schema::USER_VERSION,
        min_reader: schema::MIN_READER,
        dek: &rows.dek,
        slots: &rows.slots,
        docs: empty.digest,
        buckets: &buckets,
    };
    let root = Root::at(manifest, &covered, 1, random::make_array()?, [0; 32]);
    root.write(&db)?;
    db.execute_batch("COMMIT")?;
    schema::checkpoint(&db);
    db.close().map_err(|(_, error)| error)?;
    Ok(())
}

fn make_folder(folder: &Path) -> Result<(), VaultError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    Ok(builder.create(folder)?)
}
