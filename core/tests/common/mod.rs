//! What the vault's tests share: an anchor in memory, accounts, and a vault with a recovery code alone.
#![allow(clippy::unwrap_used, dead_code, reason = "each test file uses its own part of this")]

pub mod key_store;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use authenticator_core::account::Account;
use authenticator_core::authenticator::{Authenticator, Confirmation};
use authenticator_core::device::{Anchor, AnchorRecord, KeyStoreError, StoredAnchor, VaultId};
use authenticator_core::otp::{Algorithm, Digits, Hotp, Otp, Period, Totp};
use authenticator_core::time::{BootTime, UnixTime};
use authenticator_core::vault::{
    self, Key, LockedVault, NewItem, NewSlot, Opened, RecoveryCode, Vault, VaultError,
};

pub const NOW: UnixTime = UnixTime::from_seconds(1_800_000_000);

/// An anchor in memory that can be made to fail.
#[derive(Default)]
pub struct MemoryAnchor {
    records: Mutex<BTreeMap<VaultId, StoredAnchor>>,
    pub failing: Mutex<Option<KeyStoreError>>,
}

impl MemoryAnchor {
    pub fn record(&self, vault: VaultId) -> StoredAnchor {
        self.records.lock().unwrap().get(&vault).cloned().unwrap_or(StoredAnchor::Absent)
    }

    pub fn set(&self, vault: VaultId, stored: StoredAnchor) {
        self.records.lock().unwrap().insert(vault, stored);
    }

    fn answer(&self) -> Result<(), KeyStoreError> {
        self.failing.lock().unwrap().map_or(Ok(()), Err)
    }
}

impl Anchor for MemoryAnchor {
    fn load(&self, vault: VaultId) -> Result<StoredAnchor, KeyStoreError> {
        self.answer().map(|()| self.record(vault))
    }

    fn store(&self, vault: VaultId, record: &AnchorRecord) -> Result<(), KeyStoreError> {
        self.answer()?;
        let mut records = self.records.lock().unwrap();
        if let Some(StoredAnchor::Present(there)) = records.get(&vault)
            && there.seq >= record.seq
        {
            return Ok(());
        }
        records.insert(vault, StoredAnchor::Present(record.clone()));
        Ok(())
    }

    fn list(&self) -> Result<Vec<VaultId>, KeyStoreError> {
        self.answer()?;
        let records = self.records.lock().unwrap();
        Ok(records.iter().filter(|(_, stored)| **stored != StoredAnchor::Absent).map(|(id, _)| *id).collect())
    }

    fn archive(&self, vault: VaultId) -> Result<(), KeyStoreError> {
        self.answer()?;
        self.records.lock().unwrap().remove(&vault);
        Ok(())
    }
}

/// A folder with a vault whose only way in is a recovery code, so that opening it costs no Argon2id.
pub struct Place {
    pub folder: tempfile::TempDir,
    pub memory: Arc<MemoryAnchor>,
    pub anchor: Arc<dyn Anchor>,
    pub code: RecoveryCode,
}

impl Place {
    pub fn new() -> (Self, Vault) {
        let folder = tempfile::tempdir().unwrap();
        let memory = Arc::new(MemoryAnchor::default());
        let anchor: Arc<dyn Anchor> = memory.clone();
        let code = RecoveryCode::make().unwrap();
        let slots = [NewSlot::RecoveryCode(&code)];
        let vault = vault::create(&folder.path().join("vault"), &anchor, &slots, NOW).unwrap();
        (Self { folder, memory, anchor, code }, vault)
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("vault")
    }

    pub fn open(&self) -> Opened {
        self.try_open(&self.path()).unwrap()
    }

    pub fn try_open(&self, folder: &Path) -> Result<Opened, VaultError> {
        LockedVault::open(folder)?.unlock(Key::RecoveryCode(&self.code), &self.anchor, NOW)
    }

    /// Runs SQL behind the vault's back.
    pub fn sql(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.path().join("vault.db")).unwrap()
    }

    /// Copies the vault's files to a folder of this name and returns its path.
    pub fn copy(&self, name: &str) -> PathBuf {
        let to = self.folder.path().join(name);
        std::fs::create_dir_all(&to).unwrap();
        for file in ["vault.db", "vault.db-wal", "vault.keys"] {
            let from = self.path().join(file);
            if from.exists() {
                std::fs::copy(from, to.join(file)).unwrap();
            }
        }
        to
    }
}

pub fn totp(issuer: &str, account_name: &str, seed: u8) -> NewItem {
    let otp = Otp::Totp(Totp {
        secret: [seed; 20].as_slice().into(),
        algorithm: Algorithm::Sha1,
        digits: Digits::SIX,
        period: Period::THIRTY,
    });
    named(issuer, account_name, otp)
}

pub fn hotp(issuer: &str, seed: u8) -> NewItem {
    let secret = [seed; 20].as_slice().into();
    named(issuer, "", Otp::Hotp(Hotp { secret, algorithm: Algorithm::Sha1, digits: Digits::SIX, counter: 0 }))
}

pub fn named(issuer: &str, account_name: &str, otp: Otp) -> NewItem {
    NewItem::from(Account { issuer: issuer.into(), account_name: account_name.into(), otp, extra: vec![] })
}

/// Returns an authenticator over a new vault that only a recovery code opens, unlocked.
pub fn unlocked() -> (Place, Authenticator) {
    let (place, vault) = Place::new();
    vault.lock();
    let core = Authenticator::new(place.path(), place.anchor.clone());
    core.unlock(Key::RecoveryCode(&place.code), NOW).unwrap();
    (place, core)
}

/// Returns how often a proof repeats what it does: each commit's number, or the full one that `cargo xtask proofs` asks
/// for by `KLINK_PROOFS=full`.
pub fn rounds(commit: u64, full: u64) -> u64 {
    if std::env::var("KLINK_PROOFS").is_ok_and(|size| size == "full") { full } else { commit }
}

/// Returns a moment of the boot clock.
pub fn boot(ms: u64) -> BootTime {
    BootTime::from_ms(ms)
}

/// Confirms with the recovery code, at the moment 0 of the boot clock.
pub fn confirmed(core: &Authenticator, place: &Place) -> Confirmation {
    core.confirm(&Key::RecoveryCode(&place.code), boot(0)).unwrap()
}
