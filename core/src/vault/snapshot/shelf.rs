//! The folder of snapshots: files are written, read back and compared before they count, and pruned only after.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use super::super::VaultError;
use super::format::{self, Sealed};

/// The folder beside the vault's file.
pub(super) const FOLDER: &str = "snap";
const END: &str = "akb";
const MAKING: &str = ".making-";
/// At least so many that can be read are kept, whatever else is true.
const KEEP_LEAST: usize = 3;
/// More than so many are pruned, oldest first.
const KEEP_MOST: usize = 10;

/// One file of the folder.
pub(super) struct Shelved {
    pub(super) number: u32,
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
    /// `None` when it is damaged or of a later format.
    pub(super) sealed: Option<Sealed>,
}

/// Lists the snapshots of a vault's folder, oldest first. A file that cannot be read at all is listed as damaged.
pub(super) fn list(vault_folder: &Path) -> Result<Vec<Shelved>, VaultError> {
    let mut found = Vec::new();
    for (number, path) in numbered(vault_folder)? {
        let bytes = fs::metadata(&path).map_or(0, |data| data.len());
        let sealed = read(&path).ok().and_then(|bytes| format::parse(&bytes));
        found.push(Shelved { number, path, bytes, sealed });
    }
    Ok(found)
}

/// Reads a file, with a cap before memory is taken.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, VaultError> {
    let file = File::open(path)?;
    if file.metadata()?.len() > format::MOST_BYTES {
        return Err(VaultError::TooLarge);
    }
    let mut bytes = Vec::new();
    file.take(format::MOST_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes the next snapshot: a file aside, synced, read back and looked at by `holds`, and only then in its place.
pub(super) fn add(
    vault_folder: &Path,
    bytes: &[u8],
    holds: impl Fn(&[u8]) -> bool,
) -> Result<(u32, PathBuf), VaultError> {
    let folder = vault_folder.join(FOLDER);
    fs::create_dir_all(&folder)?;
    remove_unfinished(&folder);
    let number = numbered(vault_folder)?.last().map_or(1, |(number, _)| number.saturating_add(1));
    let path = folder.join(format!("{number:06}.{END}"));
    if path.try_exists()? {
        return Err(VaultError::AlreadyExists);
    }
    write(&path, bytes, holds)?;
    Ok((number, path))
}

/// Writes a file in one step; what is read back from the disk must satisfy `holds`, else nothing has changed.
pub(super) fn write(path: &Path, bytes: &[u8], holds: impl Fn(&[u8]) -> bool) -> Result<(), VaultError> {
    let folder = path.parent().ok_or(VaultError::Io(ErrorKind::InvalidInput))?;
    let mut file = tempfile::Builder::new().prefix(MAKING).tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    if !holds(&read(file.path())?) {
        return Err(VaultError::Io(ErrorKind::InvalidData));
    }
    file.persist(path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()?;
    Ok(())
}

/// Deletes the oldest beyond ten. Of those that can be read, none that holds more rows than the newest goes, and
/// none that cannot be read: both are for the user to judge. Returns how many were deleted.
pub(super) fn prune(vault_folder: &Path) -> Result<usize, VaultError> {
    let all = list(vault_folder)?;
    let rows = |file: &Shelved| file.sealed.as_ref().map(|sealed| sealed.header.rows());
    let readable: Vec<(&Shelved, u64)> = all.iter().filter_map(|file| Some((file, rows(file)?))).collect();
    let Some((older, kept)) = readable.split_last_chunk::<KEEP_LEAST>() else { return Ok(0) };
    let [.., (_, newest)] = kept;
    let spare = all.len().saturating_sub(KEEP_MOST);
    let mut gone = 0;
    for (file, _) in older.iter().filter(|(_, rows)| rows <= newest).take(spare) {
        fs::remove_file(&file.path)?;
        gone += 1;
    }
    Ok(gone)
}

fn numbered(vault_folder: &Path) -> Result<Vec<(u32, PathBuf)>, VaultError> {
    let files = match fs::read_dir(vault_folder.join(FOLDER)) {
        Ok(files) => files,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut found = Vec::new();
    for file in files {
        let path = file?.path();
        let ours = path.extension().is_some_and(|end| end == END);
        let number = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
        if let (true, Some(number)) = (ours, number) {
            found.push((number, path));
        }
    }
    found.sort();
    Ok(found)
}

/// Removes what a killed writer left: such a file never had its name and was never counted.
fn remove_unfinished(folder: &Path) {
    let Ok(files) = fs::read_dir(folder) else { return };
    for file in files.flatten() {
        if file.file_name().to_str().is_some_and(|name| name.starts_with(MAKING)) {
            // Another process may be writing it just now; then it fails by name and tries again.
            let _ = fs::remove_file(file.path());
        }
    }
}
