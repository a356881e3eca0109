//! Flow: the device's own ways in. The key store has six answers besides yes, and none of them makes anything.

use super::{Authenticator, Confirmation, Error, Unlocked};
use crate::crypto::{random, seal};
use crate::device::{DeviceKeys, KeyStoreError, Presence, Purpose, VaultId, lock_off_alias, slot_alias};
use crate::secret::SecretBytes;
use crate::time::{BootTime, UnixTime};
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
        let secret = self.secret_of(keys, SlotKind::Device, slot_alias)?;
        self.unlock(Key::Device(&secret), at)
    }

    /// Opens the vault at the start of an app whose lock is off: the device gives its secret without asking anybody.
    ///
    /// # Errors
    /// As [`Authenticator::unlock_by_device`].
    pub fn unlock_with_lock_off(&self, keys: &dyn DeviceKeys, at: UnixTime) -> Result<Unlocked, Error> {
        let secret = self.secret_of(keys, SlotKind::DeviceAlone, lock_off_alias)?;
        self.unlock(Key::DeviceAlone(&secret), at)
    }

    /// Confirms with a look or a finger what [`Authenticator::confirm`] confirms with a passphrase: the secret that comes
    /// of it has to open its slot.
    ///
    /// # Errors
    /// [`Error::Locked`]; [`VaultError::KeyStore`] and [`VaultError::NoSuchSlot`] in [`Error::Vault`], as
    /// [`Authenticator::unlock_by_device`].
    pub fn confirm_by_device(&self, keys: &dyn DeviceKeys, at: BootTime) -> Result<Confirmation, Error> {
        let vault = self.read(|vault| Ok(vault.vault_id()))?;
        if !self.slots()?.iter().any(|slot| slot.kind == SlotKind::Device) {
            return Err(VaultError::NoSuchSlot.into());
        }
        let secret = tried(|| keys.get(&slot_alias(vault), Purpose::Confirm))?;
        self.confirm(&Key::Device(&secret), at)
    }

    /// Lets this device open the vault from now on: the first time, after new biometrics, on a new phone. `key` is another
    /// way in, opened again for this; the old slot stays until the new one is written.
    ///
    /// # Errors
    /// [`VaultError::KeyStore`] in [`Error::Vault`]: then no slot has changed; as [`Authenticator::replace_slot`].
    pub fn renew_device_slot(&self, keys: &dyn DeviceKeys, key: &Key<'_>, at: UnixTime) -> Result<(), Error> {
        let secret = self.kept_by(keys, key, slot_alias, Presence::Biometrics)?;
        self.replace_slot(key, &NewSlot::Device(&secret), at)
    }

    /// Turns the app's lock off, because the user asked for it: from now on the device opens the vault without asking
    /// anybody. What is revealed, exported or changed about ways in still takes `key` or another that a person gives.
    ///
    /// # Errors
    /// As [`Authenticator::renew_device_slot`].
    pub fn turn_lock_off(&self, keys: &dyn DeviceKeys, key: &Key<'_>, at: UnixTime) -> Result<(), Error> {
        let secret = self.kept_by(keys, key, lock_off_alias, Presence::None)?;
        self.replace_slot(key, &NewSlot::DeviceAlone(&secret), at)
    }

    /// Turns the app's lock on again: the device forgets its secret, then the slot goes. The other ways in stay.
    ///
    /// # Errors
    /// [`VaultError::KeyStore`] in [`Error::Vault`]: then nothing has changed; as [`Authenticator::remove_slot`].
    pub fn turn_lock_on(&self, keys: &dyn DeviceKeys, key: &Key<'_>, at: UnixTime) -> Result<(), Error> {
        let vault = self.read(|vault| Ok(vault.vault_id()))?;
        let change = self.ways_for(key)?.remove_kind(key, SlotKind::DeviceAlone)?;
        tried(|| keys.delete(&lock_off_alias(vault)))?;
        self.write(|vault| vault.put_ways_in(change, at))
    }

    /// Has the device give back what it keeps for a slot of this kind, which must be there.
    fn secret_of(
        &self,
        keys: &dyn DeviceKeys,
        kind: SlotKind,
        alias: fn(VaultId) -> String,
    ) -> Result<SecretBytes, Error> {
        let locked = LockedVault::open(&self.folder)?;
        if !locked.slots().iter().any(|slot| slot.kind == kind) {
            return Err(VaultError::NoSuchSlot.into());
        }
        let alias = alias(locked.vault_id());
        drop(locked);
        Ok(tried(|| keys.get(&alias, Purpose::Unlock))?)
    }

    /// Has the device keep a new secret for a slot, once `key` is known to be right: a wrong one must not cost the device
    /// its old secret.
    fn kept_by(
        &self,
        keys: &dyn DeviceKeys,
        key: &Key<'_>,
        alias: fn(VaultId) -> String,
        presence: Presence,
    ) -> Result<SecretBytes, Error> {
        let vault = self.read(|vault| Ok(vault.vault_id()))?;
        self.ways_for(key)?.check(key)?;
        let secret = random::make_secret(seal::KEY).map_err(VaultError::from)?;
        tried(|| keys.put(&alias(vault), &secret, presence))?;
        Ok(secret)
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
