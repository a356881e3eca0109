//! A new vault, and nothing else: this is the only place that makes one.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use super::VaultError;
use super::ballast;
use super::contents::Contents;
use super::keyfile::{self, KeyFile};
use super::keys::WrappedDek;
use super::schema;
use super::slots::NewSlot;
use super::store::Vault;
use crate::crypto::{random, seal};
use crate::device::{Anchor, VaultId};
use crate::time::UnixTime;

/// What may stand in a vault's folder; any of it means that a vault is, or was, there.
const PARTS: [&str; 6] = [schema::FILE, keyfile::NAME, schema::LOG, "push.db", "snap", "quarantine"];

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

    let contents = Contents::empty(rows, &keys.manifest, random::make_array()?);
    put_in_place(folder, &contents, || refuse_if_anything_is_there(folder, anchor))?;
    let rows = contents.key_rows;
    ballast::keep(folder);
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

/// Writes `contents` aside and moves it to its name, when `last_look` agrees: what has that name is always a whole
/// vault. The log of a file that is replaced goes first: it belongs to that file alone.
pub(super) fn put_in_place(
    folder: &Path,
    contents: &Contents,
    last_look: impl FnOnce() -> Result<(), VaultError>,
) -> Result<(), VaultError> {
    make_folder(folder)?;
    let aside = tempfile::Builder::new().prefix(".making-").tempdir_in(folder)?;
    let path = aside.path().join(schema::FILE);
    contents.write(&path)?;
    last_look()?;
    for name in [schema::LOG, schema::LOG_INDEX] {
        match fs::remove_file(folder.join(name)) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    fs::rename(&path, folder.join(schema::FILE))?;
    File::open(folder)?.sync_all()?;
    contents.key_rows.write(folder)
}

fn make_folder(folder: &Path) -> Result<(), VaultError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    Ok(builder.create(folder)?)
}
