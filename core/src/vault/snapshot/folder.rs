//! A folder of the user's choice: on this disk, or behind a phone's file picker, which gives documents and no paths.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Component, Path, PathBuf};

use super::format::MOST_BYTES;

/// Where automatic backups go. What a call leaves half done must not touch any other file; more is not asked of it.
///
/// A backup is written under a name of its own, read back, opened and compared before it is renamed and counts, so that
/// a picker's provider that writes in pieces, or loses its permission half way, costs nothing but that one file.
pub trait BackupFolder: Send + Sync {
    /// Lists the files, in any order; folders inside are left out.
    ///
    /// # Errors
    /// [`FolderError`].
    fn list(&self) -> Result<Vec<StoredFile>, FolderError>;

    /// Reads a whole file.
    ///
    /// # Errors
    /// [`FolderError`].
    fn read(&self, name: &str) -> Result<Vec<u8>, FolderError>;

    /// Makes a new file, and returns when it is on the disk as far as the folder can tell.
    ///
    /// # Errors
    /// [`FolderError::AlreadyExists`]: nothing is ever written over; the others.
    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), FolderError>;

    /// Gives a file another name, which no other file has.
    ///
    /// # Errors
    /// [`FolderError::Unsupported`] when the folder has no such thing; the others.
    fn rename(&self, from: &str, to: &str) -> Result<(), FolderError>;

    /// Deletes a file.
    ///
    /// # Errors
    /// [`FolderError`].
    fn delete(&self, name: &str) -> Result<(), FolderError>;
}

/// A file of a folder.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredFile {
    /// Its name in the folder.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// Why a folder refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
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
    /// What was read back is not what was written: choose another folder.
    #[error("what was read back is not what was written")]
    NotWhole,
    /// It could not be read or written.
    #[error("the folder could not be read or written: {0}")]
    Io(ErrorKind),
}

/// A folder on this disk. Files are the user's alone (0600), and every change is synced with the folder.
#[derive(Clone, Debug)]
pub struct DiskFolder(PathBuf);

impl DiskFolder {
    /// Names a folder, which is made with the first backup when it is not there.
    pub fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    fn file(&self, name: &str) -> Result<PathBuf, FolderError> {
        let mut parts = Path::new(name).components();
        match (parts.next(), parts.next()) {
            (Some(Component::Normal(one)), None) if one == name => Ok(self.0.join(one)),
            _ => Err(FolderError::Io(ErrorKind::InvalidInput)),
        }
    }

    fn sync(&self) -> Result<(), FolderError> {
        Ok(File::open(&self.0)?.sync_all()?)
    }
}

impl BackupFolder for DiskFolder {
    fn list(&self) -> Result<Vec<StoredFile>, FolderError> {
        let entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let mut files = Vec::new();
        for entry in entries {
            let entry = entry?;
            if let (Ok(name), Ok(data)) = (entry.file_name().into_string(), entry.metadata())
                && data.is_file()
            {
                files.push(StoredFile { name, bytes: data.len() });
            }
        }
        Ok(files)
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, FolderError> {
        let mut bytes = Vec::new();
        File::open(self.file(name)?)?.take(MOST_BYTES).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
        let mut builder = DirBuilder::new();
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        builder.recursive(true).create(&self.0)?;
        let mut file = options.open(self.file(name)?)?;
        file.write_all(bytes)?;
        Ok(file.sync_all()?)
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), FolderError> {
        let (from, to) = (self.file(from)?, self.file(to)?);
        if to.try_exists()? {
            return Err(FolderError::AlreadyExists);
        }
        fs::rename(from, to)?;
        self.sync()
    }

    fn delete(&self, name: &str) -> Result<(), FolderError> {
        fs::remove_file(self.file(name)?)?;
        self.sync()
    }
}

impl From<std::io::Error> for FolderError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full,
            ErrorKind::NotFound => Self::NotFound,
            ErrorKind::AlreadyExists => Self::AlreadyExists,
            ErrorKind::PermissionDenied | ErrorKind::NotADirectory | ErrorKind::ReadOnlyFilesystem => {
                Self::Unavailable
            }
            kind => Self::Io(kind),
        }
    }
}
