//! Flow: the device's own way in. The key store has six answers besides yes, and none of them makes anything.

use super::{Authenticator, Error, Unlocked};
use crate::crypto::{random, seal};
use crate::device::{DeviceKeys, KeyStoreError, Presence, Purpose, slot_alias};
use crate::time::UnixTime;
use crate::vault::{Key, LockedVault, NewSlot, SlotKind, VaultError};

/// How often failing hardware is asked.
const TRIES: usize = 3;

impl Authenticator {
    /// Opens the vault with the secret that the device gives back after a look or a finger.
    ///
    /// # Errors
    /// [`VaultError::KeyStore`] in [`Error::Vault`], each of the six by its name: after `Unavailable` wait and try again, after
    /// `Cancelled` stay, after the others ask for the passphrase or the recovery code. The slot stays where it is.
    /// [`VaultError::NoSuchSlot`] without asking the device when the vault has no such way in. As
    /// [`Authenticator::unlock`].
    pub fn unlock_by_device(&self, keys: &dyn DeviceKeys, at: UnixTime) -> Result<Unlocked, Error> {
        let locked = LockedVault::open(&self.folder)?;
        if !locked.slots().iter().any(|slot| slot.kind == SlotKind::Device) {
            return Err(VaultError::NoSuchSlot.into());
        }
        let alias = slot_alias(locked.vault_id());
        drop(locked);
        let secret = tried(|| keys.get(&alias, Purpose::Unlock))?;
        self.unlock(Key::Device(&secret), at)
    }

    /// Lets this device open the vault from now on: the first time, after new biometrics, on a new phone. `key` is another
    /// way in, opened again for this; the old slot stays until the new one is written.
    ///
    /// # Errors
    /// [`VaultError::KeyStore`] in [`Error::Vault`]: then no slot has changed; as [`Authenticator::replace_slot`].
    pub fn renew_device_slot(&self, keys: &dyn DeviceKeys, key: &Key<'_>, at: UnixTime) -> Result<(), Error> {
        let vault = self.read(|vault| Ok(vault.vault_id()))?;
        // A wrong key must not cost the device its old secret.
        self.check_ways(key)?;
        let secret = random::make_secret(seal::KEY).map_err(VaultError::from)?;
        tried(|| keys.put(&slot_alias(vault), &secret, Presence::Biometrics))?;
        self.replace_slot(key, &NewSlot::Device(&secret), at)
    }
}

/// Asks again when hardware failed; every other answer is final.
fn tried<T>(mut ask: impl FnMut() -> Result<T, KeyStoreError>) -> Result<T, VaultError> {
    let mut tries = 1;
    loop {
        match ask() {
            Err(KeyStoreError::HardwareFault) if tries < TRIES => tries += 1,
            answer => return Ok(answer?),
        }
    }
}

impl Authenticator {
    fn check_ways(&self, key: &Key<'_>) -> Result<(), Error> {
        Ok(self.read(crate::vault::Vault::ways_in)?.check(key)?)
    }
}
