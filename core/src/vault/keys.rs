//! VK → DEK → subkeys. VK and DEK live only while this is done; the subkeys stay while unlocked.

use sha2::{Digest, Sha256};

use super::VaultError;
use crate::crypto::random::{self, RandomError};
use crate::crypto::{kdf, seal};
use crate::device::VaultId;
use crate::secret::SecretBytes;

/// The data key (DEK) wrapped by the vault key, as it stands in the file.
#[derive(Clone, Eq, PartialEq)]
pub(super) struct WrappedDek {
    pub(super) epoch: u32,
    pub(super) body: Vec<u8>,
}

/// The keys that an unlocked vault works with, 32 bytes each, on the heap.
pub(super) struct Subkeys {
    pub(super) meta: SecretBytes,
    pub(super) secret: SecretBytes,
    pub(super) manifest: SecretBytes,
    pub(super) index: SecretBytes,
    pub(super) snapshot: SecretBytes,
    pub(super) widget: SecretBytes,
    pub(super) push: SecretBytes,
}

impl WrappedDek {
    /// Makes a data key and wraps it.
    pub(super) fn make(vault: VaultId, epoch: u32, vk: &SecretBytes) -> Result<Self, RandomError> {
        let dek = random::make_secret(seal::KEY)?;
        Ok(Self { epoch, body: seal::seal(vk, &aad(vault, epoch), dek.expose())? })
    }

    /// Unwraps the data key and derives the subkeys from it; the data key is wiped.
    pub(super) fn unwrap(&self, vault: VaultId, vk: &SecretBytes) -> Result<Subkeys, VaultError> {
        let dek = seal::open(vk, &aad(vault, self.epoch), &self.body).map_err(|_| VaultError::SlotDamaged)?;
        let subkey = |name: &str| kdf::derive(dek.expose(), &vault.0, &format!("klink/1/{name}"), seal::KEY);
        Ok(Subkeys {
            meta: subkey("meta"),
            secret: subkey("secret"),
            manifest: subkey("manifest"),
            index: subkey("index"),
            snapshot: subkey("snapshot"),
            widget: subkey("widget"),
            push: subkey("push"),
        })
    }

    pub(super) fn digest(&self) -> [u8; 32] {
        let mut sha = Sha256::new();
        sha.update(self.epoch.to_be_bytes());
        sha.update(&self.body);
        sha.finalize().into()
    }
}

fn aad(vault: VaultId, epoch: u32) -> Vec<u8> {
    [b"klink/1/dek".as_slice(), &vault.0, &epoch.to_be_bytes()].concat()
}
