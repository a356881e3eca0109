//! Making, opening and locking the vault.

use std::sync::Arc;

use authenticator_core::vault::{Key, RecoveryCode};
use zeroize::Zeroizing;

use crate::authenticator::Authenticator;
use crate::error::VaultError;
use crate::records::{
    LockEvent, LockLimits, NewVault, NextStep, Opened, UnlockKey, VaultStatus, at, boot, count, slip,
};
use crate::ways::{self, with_slots};

#[uniffi::export]
impl Authenticator {
    /// Tells what stands in the vault's folder. Any thread; reads a small file.
    pub fn status(&self) -> Result<VaultStatus, VaultError> {
        self.read(|core| Ok(core.status()?.into()))
    }

    /// Locks at once: names go, then keys. A write under way ends first, and its result is dropped; what an unlock
    /// derives that ends after this is wiped unseen. Any thread.
    pub fn lock(&self) {
        if let Err(fault) = crate::panics::contained(|| self.lock_all()) {
            let _: VaultError = self.faulted(fault);
        }
    }

    /// Begins to watch over an unlocked vault, with these limits. `boot_ms` is the boot clock, which goes on while the
    /// device sleeps.
    pub fn watch(&self, limits: LockLimits, boot_ms: i64) -> Result<(), VaultError> {
        self.read(|core| Ok(core.watch(limits.into(), boot(boot_ms))?))
    }

    /// Takes a report, and locks when it is time. Returns whether the vault is locked now. Any thread; at once.
    pub fn report(&self, event: LockEvent, boot_ms: i64) -> Result<bool, VaultError> {
        let locked = self.read(|core| Ok::<_, VaultError>(core.report(event, boot(boot_ms))))?;
        if locked {
            self.lock();
        }
        Ok(locked)
    }

    /// Locks when it is time, without counting as use: for the timer of `locks_at_boot_ms`. Returns whether the vault is
    /// locked now. Any thread; at once.
    pub fn lock_if_due(&self, boot_ms: i64) -> Result<bool, VaultError> {
        let (due, locked) =
            self.read(|core| Ok::<_, VaultError>((core.should_lock(boot(boot_ms)), core.mode().is_err())))?;
        if due {
            self.lock();
        }
        Ok(due || locked)
    }

    /// Returns the moment of the boot clock at which the vault will have to be locked if nothing happens: set one timer
    /// for it. Nothing when it is locked, or nothing speaks for it.
    pub fn locks_at_boot_ms(&self) -> Result<Option<i64>, VaultError> {
        self.read(|core| Ok(core.locks_at().map(|at| count(at.ms()))))
    }
}

#[uniffi::export]
impl Authenticator {
    /// Makes a vault and leaves it unlocked; returns its id. Takes about half a second with a passphrase.
    pub async fn create(self: Arc<Self>, new: NewVault, at_ms: i64) -> Result<String, VaultError> {
        self.write(move |own| {
            with_slots(new, |slots| Ok(own.core.create(slots, at(at_ms))?.vault_id.to_string()))
        })
        .await
    }

    /// Opens the vault. Damage is a mode of the answer, not an error. Wrong passphrases make the next wait longer.
    pub async fn unlock(
        self: Arc<Self>,
        key: UnlockKey,
        at_ms: i64,
        boot_ms: i64,
    ) -> Result<Opened, VaultError> {
        self.write(move |own| {
            let opened = match key {
                UnlockKey::Device => own.core.unlock_by_device(&*own.keys, at(at_ms))?,
                UnlockKey::Passphrase { passphrase } => {
                    let passphrase = Zeroizing::new(passphrase);
                    own.core.try_unlock(Key::Passphrase(&passphrase), at(at_ms), boot(boot_ms))?
                }
                UnlockKey::RecoveryCode { code } => {
                    let code = RecoveryCode::parse(&Zeroizing::new(code)).map_err(slip)?;
                    own.core.try_unlock(Key::RecoveryCode(&code), at(at_ms), boot(boot_ms))?
                }
            };
            Ok(opened.into())
        })
        .await
    }

    /// Opens the vault at the start of an app whose lock is off: the device gives its secret without asking anybody.
    pub async fn unlock_with_lock_off(self: Arc<Self>, at_ms: i64) -> Result<Opened, VaultError> {
        self.write(move |own| Ok(own.core.unlock_with_lock_off(&*own.keys, at(at_ms))?.into())).await
    }

    /// Finishes a write that is under way and closes the file, before the app is put to sleep. Names still show; what
    /// needs the file answers `Suspended` until `resume`.
    pub async fn suspend(self: Arc<Self>) -> Result<(), VaultError> {
        self.write(|own| {
            own.core.suspend();
            Ok(())
        })
        .await
    }

    /// Opens the file again after a `suspend`.
    pub async fn resume(self: Arc<Self>) -> Result<(), VaultError> {
        self.write(|own| Ok(own.core.resume()?)).await
    }

    /// Takes a vault that is read-only for want of a fitting anchor as it is, because the user said so.
    pub async fn accept(self: Arc<Self>) -> Result<(), VaultError> {
        self.write(|own| Ok(own.core.accept()?)).await
    }

    /// Puts the anchor of a vault whose file is gone aside, because the user chose to start new.
    pub async fn archive_previous(self: Arc<Self>) -> Result<(), VaultError> {
        self.write(|own| Ok(own.core.archive_previous()?)).await
    }

    /// Says what the user can do about a vault that is not read-write, the best first.
    pub async fn next_steps(self: Arc<Self>) -> Result<Vec<NextStep>, VaultError> {
        self.look(|own| Ok(own.core.next_steps()?.into_iter().map(Into::into).collect())).await
    }

    /// Opens a way in again, before a secret is shown, exported, moved or erased: with a finger, the passphrase or the recovery code. Good once,
    /// for a minute.
    pub async fn confirm(self: Arc<Self>, key: UnlockKey, boot_ms: i64) -> Result<(), VaultError> {
        self.look(move |own| {
            let token = match key {
                UnlockKey::Device => own.core.confirm_by_device(&*own.keys, boot(boot_ms))?,
                key => ways::with_key(own, key, |key| Ok(own.core.confirm(&key, boot(boot_ms))?))?,
            };
            *own.confirmation() = Some(token);
            Ok(())
        })
        .await
    }
}
