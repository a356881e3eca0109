//! A folder of backups that is no path: what a phone's file picker gives.

use std::sync::Arc;
use std::time::Duration;

use authenticator_core::vault;

use crate::keys::on_own_thread;

/// A folder that the user chose with the system's picker: Android's documents, an iPhone's security-scoped folder.
/// Nothing is believed of it: a backup is written under a name of its own, read back and opened before it counts.
///
/// Calls come on threads of their own, one after the other. After two minutes an answer is no longer waited for.
#[uniffi::export(foreign)]
pub trait BackupFolder: Send + Sync {
    /// Lists the files, in any order; folders inside are left out.
    fn list(&self) -> Result<Vec<StoredFile>, FolderError>;

    /// Reads a whole file.
    fn read(&self, name: String) -> Result<Vec<u8>, FolderError>;

    /// Makes a new file and returns when it is written: `AlreadyExists` when there is one; nothing is written over.
    fn write(&self, name: String, bytes: Vec<u8>) -> Result<(), FolderError>;

    /// Gives a file another name, which no other file has; `Unsupported` when the folder has no such thing.
    fn rename(&self, from: String, to: String) -> Result<(), FolderError>;

    /// Deletes a file.
    fn delete(&self, name: String) -> Result<(), FolderError>;
}

/// A file of a folder.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct StoredFile {
    /// Its name in the folder.
    pub name: String,
    /// Its size in bytes.
    pub bytes: i64,
}

/// Why a folder refused. What is thrown besides these counts as `Failed`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error, uniffi::Error)]
pub enum FolderError {
    /// It is gone, not mounted, or the permission was taken back: ask the user to choose it again.
    #[error("the folder cannot be reached")]
    Unavailable,
    /// It is full: ask the user to free some space.
    #[error("the folder is full")]
    Full,
    /// There is no file of that name.
    #[error("no such file in the folder")]
    NotFound,
    /// There is a file of that name.
    #[error("a file of that name is in the folder")]
    AlreadyExists,
    /// It cannot rename: the file is written under its name at once, and still read back before it counts.
    #[error("the folder cannot rename")]
    Unsupported,
    /// What was read back is not what was written: ask the user to choose another folder.
    #[error("what was read back is not what was written")]
    NotWhole,
    /// It could not be read or written: try again, then ask the user to choose another folder.
    #[error("the folder could not be read or written")]
    Failed,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for FolderError {
    /// What the app's code threw may hold anything: its text goes no further.
    fn from(_thrown: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed
    }
}

impl From<vault::FolderError> for FolderError {
    fn from(error: vault::FolderError) -> Self {
        match error {
            vault::FolderError::Unavailable => Self::Unavailable,
            vault::FolderError::Full => Self::Full,
            vault::FolderError::NotFound => Self::NotFound,
            vault::FolderError::AlreadyExists => Self::AlreadyExists,
            vault::FolderError::Unsupported => Self::Unsupported,
            vault::FolderError::NotWhole => Self::NotWhole,
            vault::FolderError::Io(_) => Self::Failed,
        }
    }
}

impl From<FolderError> for vault::FolderError {
    fn from(error: FolderError) -> Self {
        match error {
            FolderError::Unavailable => Self::Unavailable,
            FolderError::Full => Self::Full,
            FolderError::NotFound => Self::NotFound,
            FolderError::AlreadyExists => Self::AlreadyExists,
            FolderError::Unsupported => Self::Unsupported,
            FolderError::NotWhole => Self::NotWhole,
            FolderError::Failed => Self::Io(std::io::ErrorKind::Other),
        }
    }
}

/// For how long one file may take, over a network too.
const FILE: Duration = Duration::from_secs(120);

/// An app's folder, as the core uses it.
pub(crate) struct AppFolder(pub(crate) Arc<dyn BackupFolder>);

impl AppFolder {
    fn ask<T: Send + 'static>(
        &self,
        call: impl FnOnce(&dyn BackupFolder) -> Result<T, FolderError> + Send + 'static,
    ) -> Result<T, vault::FolderError> {
        let folder = Arc::clone(&self.0);
        on_own_thread(FILE, move || call(&*folder))
            .unwrap_or(Err(FolderError::Unavailable))
            .map_err(Into::into)
    }
}

impl vault::BackupFolder for AppFolder {
    fn list(&self) -> Result<Vec<vault::StoredFile>, vault::FolderError> {
        let files = self.ask(|folder| folder.list())?;
        // A size that is none says that the file is too large to be read.
        let file = |StoredFile { name, bytes }| vault::StoredFile {
            name,
            bytes: u64::try_from(bytes).unwrap_or(u64::MAX),
        };
        Ok(files.into_iter().map(file).collect())
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, vault::FolderError> {
        let name = name.to_owned();
        self.ask(move |folder| folder.read(name))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), vault::FolderError> {
        let (name, bytes) = (name.to_owned(), bytes.to_vec());
        self.ask(move |folder| folder.write(name, bytes))
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), vault::FolderError> {
        let (from, to) = (from.to_owned(), to.to_owned());
        self.ask(move |folder| folder.rename(from, to))
    }

    fn delete(&self, name: &str) -> Result<(), vault::FolderError> {
        let name = name.to_owned();
        self.ask(move |folder| folder.delete(name))
    }
}
