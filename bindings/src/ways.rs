//! The ways into the vault: passphrase, recovery code, the device.

use std::sync::Arc;
use std::time::Instant;

use authenticator_core::device::{self, DeviceKeys, KeyStoreError, Purpose, slot_alias};
use authenticator_core::vault::{self, KdfParams, Key, LockedVault, NewSlot, RecoveryCode};
use zeroize::Zeroizing;

use crate::authenticator::Authenticator;
use crate::error::VaultError;
use crate::panics::contained;
use crate::records::{
    Duties, Erased, NewVault, PassphraseStrength, TypedBack, UnlockKey, WayIn, at, boot, count, slip,
    way_in_id,
};

/// Makes a recovery code to be written down: 28 letters in groups of four. It is no way in until the user has typed it
/// back.
#[uniffi::export]
pub fn make_recovery_code() -> Result<String, VaultError> {
    let code = RecoveryCode::make().map_err(vault::VaultError::from)?;
    Ok(code.print().expose().to_owned())
}

/// Tells whether a recovery code was typed back from the paper, and where the slip is when it was not.
#[uniffi::export]
pub fn check_typed_back(code: TypedBack) -> Result<(), VaultError> {
    typed_back(code).map(drop)
}

/// Estimates how hard a new passphrase (in UTF-8) is to guess; `known` are words that a guesser would try first. Any
/// thread; a few milliseconds.
#[uniffi::export]
pub fn passphrase_strength(passphrase: Vec<u8>, known: Vec<String>) -> PassphraseStrength {
    let passphrase = Zeroizing::new(passphrase);
    let text = Zeroizing::new(String::from_utf8_lossy(&passphrase).into_owned());
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    // An estimate that fails is the worst one.
    contained(|| vault::strength(&text, &known))
        .map_or(PassphraseStrength { score: 0, good: false }, Into::into)
}

#[uniffi::export]
impl Authenticator {
    /// Returns the ways in.
    pub async fn ways_in(self: Arc<Self>) -> Result<Vec<WayIn>, VaultError> {
        self.look(|own| Ok(own.core.slots()?.into_iter().map(Into::into).collect())).await
    }

    /// Says what the user should do: check the passphrase, renew a recovery code that was used.
    pub async fn duties(self: Arc<Self>, at_ms: i64) -> Result<Duties, VaultError> {
        self.look(move |own| Ok(own.core.duties(at(at_ms))?.into())).await
    }

    /// "Check my passphrase now": tells by its error whether a way in is right, and remembers when it is.
    pub async fn check_way_in(
        self: Arc<Self>,
        key: UnlockKey,
        at_ms: i64,
        boot_ms: i64,
    ) -> Result<(), VaultError> {
        self.write(move |own| {
            with_key(own, key, |key| Ok(own.core.check_way_in(&key, at(at_ms), boot(boot_ms))?))
        })
        .await
    }

    /// Gives the vault another passphrase, in UTF-8; `key` is any way in, opened again for this.
    pub async fn change_passphrase(
        self: Arc<Self>,
        key: UnlockKey,
        passphrase: Vec<u8>,
        at_ms: i64,
    ) -> Result<(), VaultError> {
        self.write(move |own| {
            let passphrase = Zeroizing::new(passphrase);
            let new = NewSlot::Passphrase { passphrase: &passphrase, kdf: calibrated() };
            with_key(own, key, |key| Ok(own.core.change_passphrase(&key, &new, at(at_ms))?))
        })
        .await
    }

    /// Gives the vault another recovery code, once the user has typed it back.
    pub async fn renew_recovery_code(
        self: Arc<Self>,
        key: UnlockKey,
        code: TypedBack,
        at_ms: i64,
    ) -> Result<(), VaultError> {
        self.write(move |own| {
            let typed = Zeroizing::new(code.typed.clone());
            let code = typed_back(code)?;
            with_key(own, key, |key| Ok(own.core.renew_recovery_code(&key, &code, &typed, at(at_ms))?))
        })
        .await
    }

    /// Lets this device open the vault from now on, after a look or a finger: the first time, after new biometrics, on a
    /// new phone. `key` is another way in.
    pub async fn renew_device_way_in(self: Arc<Self>, key: UnlockKey, at_ms: i64) -> Result<(), VaultError> {
        self.write(move |own| {
            with_key(own, key, |key| Ok(own.core.renew_device_slot(&*own.keys, &key, at(at_ms))?))
        })
        .await
    }

    /// Takes a way in away; the last one that needs no device stays.
    pub async fn remove_way_in(
        self: Arc<Self>,
        key: UnlockKey,
        id: String,
        at_ms: i64,
    ) -> Result<(), VaultError> {
        self.write(move |own| {
            let id = way_in_id(&id)?;
            with_key(own, key, |key| Ok(own.core.remove_slot(&key, id, at(at_ms))?))
        })
        .await
    }

    /// Seals everything anew under a new data key; the ways in stay. Returns how many accounts that were.
    pub async fn rotate_data_key(self: Arc<Self>, key: UnlockKey, at_ms: i64) -> Result<i64, VaultError> {
        self.write(move |own| with_key(own, key, |key| Ok(count(own.core.rotate_data_key(&key, at(at_ms))?))))
            .await
    }

    /// Makes every key anew, with `new` as the only ways in: after somebody saw a passphrase, or had the phone. Returns how
    /// many accounts were sealed anew.
    pub async fn rotate_all(
        self: Arc<Self>,
        key: UnlockKey,
        new: NewVault,
        at_ms: i64,
    ) -> Result<i64, VaultError> {
        self.write(move |own| {
            with_slots(new, |slots| {
                with_key(own, key, |key| Ok(count(own.core.rotate_all(&key, slots, at(at_ms))?)))
            })
        })
        .await
    }

    /// Empties the trash for good: new keys, and every snapshot that held what was deleted goes. `confirm` first; `new` are
    /// the only ways in afterwards.
    pub async fn erase_for_good(
        self: Arc<Self>,
        key: UnlockKey,
        new: NewVault,
        at_ms: i64,
        boot_ms: i64,
    ) -> Result<Erased, VaultError> {
        self.write(move |own| {
            let token = own.confirmed()?;
            with_slots(new, |slots| {
                with_key(own, key, |key| {
                    let erased = own.core.erase_for_good(&token, &key, slots, at(at_ms), boot(boot_ms))?;
                    Ok(erased.into())
                })
            })
        })
        .await
    }

    /// Turns the app's lock off, because the user asked for it: from now on the device opens the vault without asking
    /// anybody (`unlock_with_lock_off`). What is shown, exported or changed about ways in still takes a person.
    pub async fn turn_lock_off(self: Arc<Self>, key: UnlockKey, at_ms: i64) -> Result<(), VaultError> {
        self.write(move |own| {
            with_key(own, key, |key| Ok(own.core.turn_lock_off(&*own.keys, &key, at(at_ms))?))
        })
        .await
    }

    /// Turns the app's lock on again; the other ways in stay.
    pub async fn turn_lock_on(self: Arc<Self>, key: UnlockKey, at_ms: i64) -> Result<(), VaultError> {
        self.write(move |own| {
            with_key(own, key, |key| Ok(own.core.turn_lock_on(&*own.keys, &key, at(at_ms))?))
        })
        .await
    }
}

/// Calls `then` with the ways in that a user chose; a recovery code counts once it was typed back.
pub(crate) fn with_slots<T>(
    new: NewVault,
    then: impl FnOnce(&[NewSlot<'_>]) -> Result<T, VaultError>,
) -> Result<T, VaultError> {
    let NewVault { passphrase, recovery_code } = new;
    let passphrase = passphrase.map(Zeroizing::new);
    let code = recovery_code.map(typed_back).transpose()?;
    let mut slots = Vec::new();
    if let Some(passphrase) = &passphrase {
        slots.push(NewSlot::Passphrase { passphrase, kdf: calibrated() });
    }
    slots.extend(code.as_ref().map(NewSlot::RecoveryCode));
    then(&slots)
}

/// Returns the code that the user has typed back.
fn typed_back(given: TypedBack) -> Result<RecoveryCode, VaultError> {
    let (code, typed) = (Zeroizing::new(given.code), Zeroizing::new(given.typed));
    // What the app passes on is a code of ours; a text that is none cannot be what was shown.
    let code = RecoveryCode::parse(&code).map_err(slip)?;
    code.typed_back(&typed).map_err(slip)?;
    Ok(code)
}

/// Calls `then` with what opens the vault; the device is asked for its secret, three times when its hardware fails.
pub(crate) fn with_key<T>(
    own: &Authenticator,
    key: UnlockKey,
    then: impl FnOnce(Key<'_>) -> Result<T, VaultError>,
) -> Result<T, VaultError> {
    match key {
        UnlockKey::Passphrase { passphrase } => then(Key::Passphrase(&Zeroizing::new(passphrase))),
        UnlockKey::RecoveryCode { code } => {
            let code = RecoveryCode::parse(&Zeroizing::new(code)).map_err(slip)?;
            then(Key::RecoveryCode(&code))
        }
        UnlockKey::Device => {
            let alias = slot_alias(LockedVault::open(&own.folder)?.vault_id());
            let secret =
                asked_again(|| own.keys.get(&alias, Purpose::Unlock)).map_err(vault::VaultError::from)?;
            then(Key::Device(&secret))
        }
    }
}

fn asked_again<T>(mut ask: impl FnMut() -> Result<T, KeyStoreError>) -> Result<T, device::KeyStoreError> {
    for _ in 1..TRIES {
        match ask() {
            Err(KeyStoreError::HardwareFault) => {}
            answer => return answer,
        }
    }
    ask()
}

/// How often failing hardware is asked.
const TRIES: u32 = 3;

/// Measures Argon2id and returns parameters that take 0.4 s or a little more here.
pub(crate) fn calibrated() -> KdfParams {
    KdfParams::calibrated(|params| {
        let began = Instant::now();
        params.try_out().ok().map(|()| began.elapsed().as_millis().try_into().unwrap_or(u64::MAX))
    })
}
