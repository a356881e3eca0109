//! Anchors on a desktop: one small file for each vault, outside the vault's folder.
//!
//! It guards against an old copy put back by accident, and against everybody who cannot write here too.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use authenticator_core::device::{Anchor, AnchorRecord, KeyStoreError, StoredAnchor, VaultId};
use serde::{Deserialize, Serialize};

/// The anchors of one vault folder.
pub struct FileAnchor {
    folder: PathBuf,
    vault_folder: PathBuf,
}

/// What a file holds. Cut short it is no JSON any more, so a torn file is never taken for a whole one.
#[derive(Deserialize, Serialize)]
struct Stored {
    vault_folder: PathBuf,
    seq: u64,
    root_mac: [u8; 32],
    prev_root: [u8; 32],
    branch: [u8; 16],
}

impl FileAnchor {
    /// Keeps anchors in `folder` for the vault in `vault_folder`; either is made when it is needed.
    pub fn new(folder: PathBuf, vault_folder: &Path) -> Self {
        let vault_folder = std::path::absolute(vault_folder).unwrap_or_else(|_| vault_folder.to_owned());
        Self { folder, vault_folder: fs::canonicalize(&vault_folder).unwrap_or(vault_folder) }
    }

    fn path(&self, vault: VaultId) -> PathBuf {
        self.folder.join(format!("{vault}.anchor"))
    }

    fn read(&self, vault: VaultId) -> Result<Option<Option<Stored>>, KeyStoreError> {
        match fs::read(self.path(vault)) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes).ok())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(_) => Err(KeyStoreError::Unavailable),
        }
    }

    /// Several processes may store at once: each looks and replaces while it holds this lock.
    fn locked(&self) -> Result<File, KeyStoreError> {
        fs::create_dir_all(&self.folder).map_err(|_| KeyStoreError::Unavailable)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.folder.join("lock"))
            .map_err(|_| KeyStoreError::Unavailable)?;
        lock.lock().map_err(|_| KeyStoreError::Unavailable)?;
        Ok(lock)
    }

    fn replace(&self, vault: VaultId, stored: &Stored) -> std::io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(&serde_json::to_vec(stored)?)?;
        file.as_file().sync_all()?;
        file.persist(self.path(vault))?;
        File::open(&self.folder)?.sync_all()
    }
}

impl Anchor for FileAnchor {
    fn load(&self, vault: VaultId) -> Result<StoredAnchor, KeyStoreError> {
        Ok(match self.read(vault)? {
            None => StoredAnchor::Absent,
            Some(None) => StoredAnchor::Torn,
            Some(Some(Stored { seq, root_mac, prev_root, branch, vault_folder: _ })) => {
                StoredAnchor::Present(AnchorRecord { seq, root_mac, prev_root, branch })
            }
        })
    }

    fn store(&self, vault: VaultId, record: &AnchorRecord) -> Result<(), KeyStoreError> {
        let _lock = self.locked()?;
        // Two processes may come here in the other order than they committed: the newer record stays.
        if let Some(Some(there)) = self.read(vault)?
            && there.seq >= record.seq
        {
            return Ok(());
        }
        let AnchorRecord { seq, root_mac, prev_root, branch } = record.clone();
        let stored = Stored { vault_folder: self.vault_folder.clone(), seq, root_mac, prev_root, branch };
        self.replace(vault, &stored).map_err(|_| KeyStoreError::Unavailable)
    }

    fn list(&self) -> Result<Vec<VaultId>, KeyStoreError> {
        let files = match fs::read_dir(&self.folder) {
            Ok(files) => files,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(_) => return Err(KeyStoreError::Unavailable),
        };
        let mut here = Vec::new();
        for file in files {
            let path = file.map_err(|_| KeyStoreError::Unavailable)?.path();
            let named = path.extension().is_some_and(|end| end == "anchor");
            let Some(vault) =
                path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok())
            else {
                continue;
            };
            if named
                && matches!(self.read(vault)?, Some(Some(stored)) if stored.vault_folder == self.vault_folder)
            {
                here.push(vault);
            }
        }
        Ok(here)
    }

    fn archive(&self, vault: VaultId) -> Result<(), KeyStoreError> {
        let _lock = self.locked()?;
        for number in 1.. {
            let aside = self.folder.join(format!("{vault}.archived-{number}"));
            if !aside.exists() {
                return fs::rename(self.path(vault), aside).map_err(|_| KeyStoreError::Unavailable);
            }
        }
        Err(KeyStoreError::Unavailable)
    }
}
