//! Space put by for a full disk: deleting must be possible, and deleting takes space in the log first.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use super::VaultError;
use super::store::Vault;

const NAME: &str = "ballast";
const BYTES: usize = 64 * 1024;

/// Puts the space by, when it is not there. On a full disk it is left for later.
pub(super) fn keep(folder: &Path) {
    let path = folder.join(NAME);
    if fs::metadata(&path).is_ok_and(|data| data.len() == BYTES as u64) {
        return;
    }
    // Not zeros: a file system may keep no space for those.
    let written = File::create(&path).and_then(|mut file| {
        file.write_all(&[0x5a; BYTES])?;
        file.sync_all()
    });
    if written.is_err() {
        release(folder);
    }
}

/// Gives the space back, and tells whether there was some.
pub(super) fn release(folder: &Path) -> bool {
    fs::remove_file(folder.join(NAME)).is_ok()
}

impl Vault {
    /// Runs an operation that makes room or must not wait for room: when the disk is full, the ballast goes first.
    pub(super) fn commit_on_a_full_disk<T>(
        &mut self,
        mut change: impl FnMut(&mut Self) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        match self.commit(&mut change) {
            Err(VaultError::DiskFull) if release(&self.known.folder) => self.commit(&mut change),
            result => result,
        }
    }
}
