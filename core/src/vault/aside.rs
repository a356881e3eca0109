//! Work that is under way, kept sealed beside the vault until it is done: a move that may be interrupted.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use super::VaultError;
use super::store::Vault;
use crate::crypto::seal;
use crate::secret::SecretBytes;

/// What is kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Aside {
    /// What this device is sending.
    Sending,
    /// What this device has received.
    Receiving,
}

const FOLDER: &str = "moving";
/// A bundle of 100,000 accounts and its frames.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

impl Vault {
    /// Keeps `plain` until [`Vault::drop_aside`], in the place of what was kept before.
    pub(crate) fn put_aside(&self, what: Aside, plain: &[u8]) -> Result<(), VaultError> {
        let folder = self.known.folder.join(FOLDER);
        fs::create_dir_all(&folder)?;
        let sealed = seal::seal(&self.known.keys.snapshot, &self.aad_aside(what), plain)?;
        let mut file = tempfile::Builder::new().prefix(".making-").tempfile_in(&folder)?;
        file.write_all(&sealed)?;
        file.as_file().sync_all()?;
        file.persist(self.file_aside(what)).map_err(|error| error.error)?;
        Ok(File::open(folder)?.sync_all()?)
    }

    /// Returns what is kept; `None` when there is nothing, or when it is of older keys or damaged: then it is begun anew.
    pub(crate) fn aside(&self, what: Aside) -> Result<Option<SecretBytes>, VaultError> {
        let path = self.file_aside(what);
        let sealed = match fs::metadata(&path) {
            Ok(data) if data.len() > MOST_BYTES => return Ok(None),
            Ok(_) => fs::read(path)?,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        Ok(seal::open(&self.known.keys.snapshot, &self.aad_aside(what), &sealed).ok())
    }

    /// Deletes what is kept.
    pub(crate) fn drop_aside(&self, what: Aside) -> Result<(), VaultError> {
        match fs::remove_file(self.file_aside(what)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn file_aside(&self, what: Aside) -> PathBuf {
        self.known.folder.join(FOLDER).join(match what {
            Aside::Sending => "sending",
            Aside::Receiving => "receiving",
        })
    }

    fn aad_aside(&self, what: Aside) -> Vec<u8> {
        let what = match what {
            Aside::Sending => 1,
            Aside::Receiving => 2,
        };
        [b"klink/1/moving".as_slice(), &self.known.id.0, &[what]].concat()
    }
}
