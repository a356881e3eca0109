//! Damaged originals, kept byte for byte. Nothing in here is ever deleted by us.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::VaultError;
use super::keyfile;
use super::schema;
use crate::time::UnixTime;

const FOLDER: &str = "quarantine";
/// What makes up a vault; `-shm` is an index that SQLite makes anew.
const FILES: [&str; 3] = [schema::FILE, schema::LOG, keyfile::NAME];

/// Copies the vault's files into a folder of their own and returns it; a copy of the same bytes is not made twice.
/// `None` when there are no files.
///
/// Every copy is synced and compared before this returns.
///
/// # Errors
/// [`VaultError::DiskFull`], [`VaultError::Io`]: then the original is as it was.
pub(super) fn keep(folder: &Path, at: UnixTime) -> Result<Option<PathBuf>, VaultError> {
    let originals = originals(folder)?;
    if originals.is_empty() {
        return Ok(None);
    }
    if let Some(there) = list(folder)?.into_iter().find(|there| is_copy(there, &originals)) {
        return Ok(Some(there));
    }
    let root = folder.join(FOLDER);
    fs::create_dir_all(&root)?;
    let aside = tempfile::Builder::new().prefix(".making-").tempdir_in(&root)?;
    for (name, bytes) in &originals {
        let path = aside.path().join(name);
        fs::write(&path, bytes)?;
        File::open(&path)?.sync_all()?;
    }
    if !is_copy(aside.path(), &originals) {
        return Err(VaultError::Io(ErrorKind::InvalidData));
    }
    let place = free_name(&root, at)?;
    fs::rename(aside.keep(), &place)?;
    File::open(&root)?.sync_all()?;
    Ok(Some(place))
}

/// Lists the folders of damaged originals, oldest first.
///
/// # Errors
/// [`VaultError::Io`].
pub fn list(folder: &Path) -> Result<Vec<PathBuf>, VaultError> {
    let entries = match fs::read_dir(folder.join(FOLDER)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let unfinished =
            path.file_name().and_then(|name| name.to_str()).is_none_or(|name| name.starts_with('.'));
        if path.is_dir() && !unfinished {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn originals(folder: &Path) -> Result<Vec<(&'static str, Vec<u8>)>, VaultError> {
    let mut found = Vec::new();
    for name in FILES {
        match fs::read(folder.join(name)) {
            // An empty log says nothing, and looking at a file makes one.
            Ok(bytes) if bytes.is_empty() && name == schema::LOG => {}
            Ok(bytes) => found.push((name, bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(found)
}

fn is_copy(place: &Path, originals: &[(&'static str, Vec<u8>)]) -> bool {
    FILES.iter().all(|name| {
        let original = originals.iter().find(|(of, _)| of == name).map(|(_, bytes)| bytes);
        match (fs::read(place.join(name)), original) {
            (Ok(copy), Some(original)) => copy == *original,
            (Err(error), None) => error.kind() == ErrorKind::NotFound,
            (Ok(_), None) | (Err(_), Some(_)) => false,
        }
    })
}

/// Names a folder after the moment, in Unix seconds, with a number when two come within one.
fn free_name(root: &Path, at: UnixTime) -> Result<PathBuf, VaultError> {
    for number in 1..1000 {
        let place = root.join(format!("{:012}-{number}", at.seconds()));
        if !place.try_exists()? {
            return Ok(place);
        }
    }
    Err(VaultError::AlreadyExists)
}
