//! Sealed columns: TOTP secrets, phone numbers and signing keys, under a key that is not in the database.
//!
//! The associated data names column and row, so that a value cannot be moved to another user's row.

use std::fs;
use std::io::Write;
use std::path::Path;

use authenticator_core::crypto::{random, seal};
use authenticator_core::secret::SecretBytes;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

use crate::Failure;

/// Seals and opens columns.
#[derive(Clone)]
pub struct Sealing {
    key: SecretBytes,
}

/// Why there is no usable sealing key.
#[derive(Debug, thiserror::Error)]
pub enum SealingKeyError {
    /// The file cannot be read or made.
    #[error("the sealing key's file: {0}")]
    File(#[from] std::io::Error),
    /// It is not base64 of 32 bytes.
    #[error("the sealing key is not base64 of 32 bytes")]
    Form,
    /// The system gave no random bytes.
    #[error(transparent)]
    Random(#[from] random::RandomError),
}

impl Sealing {
    /// Reads a key: base64 of 32 bytes.
    ///
    /// # Errors
    /// [`SealingKeyError::Form`].
    pub fn from_text(text: &str) -> Result<Self, SealingKeyError> {
        let bytes = STANDARD.decode(text.trim()).map_err(|_| SealingKeyError::Form)?;
        if bytes.len() != seal::KEY {
            return Err(SealingKeyError::Form);
        }
        Ok(Self { key: SecretBytes::new(bytes) })
    }

    /// Reads the key in `path`, and makes one there when there is no file.
    ///
    /// # Errors
    /// [`SealingKeyError`].
    pub fn from_file(path: &Path) -> Result<Self, SealingKeyError> {
        match fs::read_to_string(path) {
            Ok(text) => Self::from_text(&text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let text = STANDARD.encode(random::make_secret(seal::KEY)?.expose());
                write_private(path, text.as_bytes())?;
                Self::from_text(&text)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Seals a value of the column `what` in the row `id`.
    ///
    /// # Errors
    /// [`Failure::Random`].
    pub fn seal(&self, what: &str, id: &str, plain: &[u8]) -> Result<Vec<u8>, Failure> {
        Ok(seal::seal(&self.key, format!("{what}/{id}").as_bytes(), plain)?)
    }

    /// Opens what [`Self::seal`] made for the same column and row.
    ///
    /// # Errors
    /// [`Failure::Sealed`].
    pub fn open(&self, what: &str, id: &str, sealed: &[u8]) -> Result<SecretBytes, Failure> {
        Ok(seal::open(&self.key, format!("{what}/{id}").as_bytes(), sealed)?)
    }

    /// Returns a keyed digest of low-entropy text, so that a stolen database cannot be searched for it.
    pub fn mark(&self, what: &str, text: &str) -> Vec<u8> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.key.expose());
        hmac::sign(&key, format!("mark/{what}/{text}").as_bytes()).as_ref().to_vec()
    }

    /// Derives a key of 32 bytes for a part of the service that seals for itself.
    pub fn derive_key(&self, what: &str) -> SecretBytes {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.key.expose());
        SecretBytes::from(hmac::sign(&key, format!("derive/{what}").as_bytes()).as_ref())
    }
}

/// Writes a file that only its owner reads; refuses to replace one.
///
/// # Errors
/// Those of the file system.
pub fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealing(byte: u8) -> Sealing {
        Sealing::from_text(&STANDARD.encode([byte; 32])).unwrap()
    }

    #[test]
    fn a_value_opens_in_its_own_row_under_its_own_key_alone() {
        let sealed = sealing(1).seal("totp", "a", b"secret").unwrap();
        assert_eq!(sealing(1).open("totp", "a", &sealed).unwrap().expose(), b"secret");
        assert!(sealing(1).open("totp", "b", &sealed).is_err());
        assert!(sealing(2).open("totp", "a", &sealed).is_err());
    }

    #[test]
    fn a_key_is_made_once_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sealing.key");
        let sealed = Sealing::from_file(&path).unwrap().seal("x", "y", b"z").unwrap();
        assert!(Sealing::from_file(&path).unwrap().open("x", "y", &sealed).is_ok());
        fs::write(&path, "short").unwrap();
        assert!(matches!(Sealing::from_file(&path), Err(SealingKeyError::Form)));
    }
}
