//! Flow: fresh confirmation, ways in, and what is due. What derives a key never holds the vault meanwhile.

use super::{Authenticator, Error};
use crate::crypto::random;
use crate::time::{BootTime, UnixTime};
use crate::vault::{
    self, Duties, Erased, Key, NewSlot, RecoveryCode, RecoveryCodeError, SlotInfo, SlotKind, VaultError,
    WaysIn,
};

/// Milliseconds for which a confirmation is good: 60 s.
pub const CONFIRMATION_MS: u64 = 60_000;

/// Proof that the user opened a slot just now. Good once, for [`CONFIRMATION_MS`].
#[derive(Clone, Eq, PartialEq)]
pub struct Confirmation([u8; 16]);

/// The confirmation that is open.
pub(super) struct OpenConfirmation {
    token: Confirmation,
    at: BootTime,
}

impl std::fmt::Debug for Confirmation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Confirmation")
    }
}

impl Authenticator {
    /// Checks a way in of the unlocked vault again, before something is revealed, exported or erased. A confirmation made
    /// before is no longer good.
    ///
    /// # Errors
    /// [`Error::Locked`]; [`Error::NotConfirmed`] for a key that the device gives without asking anybody; [`Error::Vault`] with [`VaultError::WrongKey`] or [`VaultError::TooSoon`].
    pub fn confirm(&self, key: &Key<'_>, at: BootTime) -> Result<Confirmation, Error> {
        let ways = self.ways_for(key)?;
        self.guarded(key, at, || ways.check(key))?;
        let token = Confirmation(random::make_array().map_err(VaultError::from)?);
        let mut face = self.face();
        // A lock that came meanwhile wins.
        if face.shown.is_none() {
            return Err(Error::Locked);
        }
        face.confirmation = Some(OpenConfirmation { token: token.clone(), at });
        Ok(token)
    }

    /// Uses a confirmation up.
    ///
    /// # Errors
    /// [`Error::NotConfirmed`] when it was used before, is older than 60 s, or the vault was locked since.
    pub fn spend(&self, token: &Confirmation, at: BootTime) -> Result<(), Error> {
        let mut face = self.face();
        let open = face.confirmation.take().ok_or(Error::NotConfirmed)?;
        let fresh = at >= open.at && at.since_ms(open.at) < CONFIRMATION_MS;
        if open.token == *token && fresh { Ok(()) } else { Err(Error::NotConfirmed) }
    }

    /// Opens the vault like [`Authenticator::unlock`], and makes who types wrong passphrases wait longer each time.
    ///
    /// # Errors
    /// [`VaultError::TooSoon`] in [`Error::Vault`]; as [`Authenticator::unlock`].
    pub fn try_unlock(&self, key: Key<'_>, at: UnixTime, boot: BootTime) -> Result<super::Unlocked, Error> {
        if !matches!(key.kind(), SlotKind::Passphrase) {
            return self.unlock(key, at);
        }
        let mut other = None;
        let opened = vault::with_backoff(&self.folder, boot, || match self.unlock(key, at) {
            Ok(unlocked) => Ok(Some(unlocked)),
            Err(Error::Vault(error)) => Err(error),
            Err(error) => {
                other = Some(error);
                Ok(None)
            }
        })?;
        opened.ok_or_else(|| other.unwrap_or(Error::Locked))
    }

    /// "Check my passphrase now": tells by its error whether a way in is right, and remembers when it is.
    ///
    /// # Errors
    /// [`Error::Locked`]; [`Error::Vault`] with [`VaultError::WrongKey`] or [`VaultError::TooSoon`].
    pub fn check_way_in(&self, key: &Key<'_>, at: UnixTime, boot: BootTime) -> Result<(), Error> {
        let ways = self.ways()?;
        match self.guarded(key, boot, || ways.check(key)) {
            Ok(()) => self.write(|vault| vault.way_in_was_known(key.kind(), at)),
            Err(Error::Vault(VaultError::WrongKey)) => {
                self.write(vault::Vault::way_in_was_forgotten)?;
                Err(VaultError::WrongKey.into())
            }
            Err(error) => Err(error),
        }
    }

    /// Says what the user should do: check the passphrase, renew a recovery code that was used.
    ///
    /// # Errors
    /// [`Error::Locked`].
    pub fn duties(&self, at: UnixTime) -> Result<Duties, Error> {
        self.read(|vault| Ok(vault.duties(at)))
    }

    /// Returns the ways in.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Vault`].
    pub fn slots(&self) -> Result<Vec<SlotInfo>, Error> {
        Ok(self.ways()?.slots())
    }

    /// Gives the vault another passphrase; `key` is any way in, opened again for this.
    ///
    /// # Errors
    /// [`Error::Locked`]; [`Error::Vault`]: wrong key, the slots were changed meanwhile, disk trouble. The old
    /// passphrase is in force until the new one is written.
    pub fn change_passphrase(&self, key: &Key<'_>, new: &NewSlot<'_>, at: UnixTime) -> Result<(), Error> {
        self.replace_slot(key, new, at)
    }

    /// Adds or renews the device's own way in: for new biometrics, or a new phone.
    ///
    /// # Errors
    /// As [`Authenticator::change_passphrase`].
    pub fn replace_slot(&self, key: &Key<'_>, new: &NewSlot<'_>, at: UnixTime) -> Result<(), Error> {
        let change = self.ways_for(key)?.replace(key, new, at)?;
        self.write(|vault| vault.put_ways_in(change, at))
    }

    /// Gives the vault another recovery code, once the user has typed it back: a code that was not written down is no
    /// way in.
    ///
    /// # Errors
    /// [`Error::NotTypedBack`] with the slip, when `typed` is not the code; as [`Authenticator::change_passphrase`].
    pub fn renew_recovery_code(
        &self,
        key: &Key<'_>,
        code: &RecoveryCode,
        typed: &str,
        at: UnixTime,
    ) -> Result<(), Error> {
        code.typed_back(typed)?;
        self.replace_slot(key, &NewSlot::RecoveryCode(code), at)?;
        self.write(vault::Vault::recovery_code_was_renewed)
    }

    /// Adds a way in beside those of its kind.
    ///
    /// # Errors
    /// As [`Authenticator::change_passphrase`].
    pub fn add_slot(&self, key: &Key<'_>, new: &NewSlot<'_>, at: UnixTime) -> Result<(), Error> {
        let change = self.ways_for(key)?.add(key, new, at)?;
        self.write(|vault| vault.put_ways_in(change, at))
    }

    /// Takes a way in away; the last one that needs no device stays.
    ///
    /// # Errors
    /// [`VaultError::NoPortableSlot`], [`VaultError::NoSuchSlot`] in [`Error::Vault`]; as
    /// [`Authenticator::change_passphrase`].
    pub fn remove_slot(&self, key: &Key<'_>, id: [u8; 16], at: UnixTime) -> Result<(), Error> {
        let change = self.ways_for(key)?.remove(key, id)?;
        self.write(|vault| vault.put_ways_in(change, at))
    }

    /// Seals everything anew under a new data key; the ways in stay. Returns how many accounts that were.
    ///
    /// # Errors
    /// [`Error::Vault`]: a row that does not open has to be mended first; as [`Authenticator::change_passphrase`].
    pub fn rotate_data_key(&self, key: &Key<'_>, at: UnixTime) -> Result<usize, Error> {
        let rotation = self.ways_for(key)?.rotate_data_key(key)?;
        self.keys_were_changed();
        self.write(|vault| vault.rotate(rotation, at))
    }

    /// Makes every key anew, with `new` as the only ways in.
    ///
    /// # Errors
    /// As [`Authenticator::rotate_data_key`]; [`VaultError::NoPortableSlot`].
    pub fn rotate_all(&self, key: &Key<'_>, new: &[NewSlot<'_>], at: UnixTime) -> Result<usize, Error> {
        let rotation = self.ways_for(key)?.rotate_all(key, new, at)?;
        self.keys_were_changed();
        self.write(|vault| vault.rotate(rotation, at))
    }

    /// Empties the trash for good: new keys, and every snapshot that held what was deleted goes. `new` are the only ways
    /// in afterwards; `token` is a fresh confirmation.
    ///
    /// # Errors
    /// [`Error::NotConfirmed`]; as [`Authenticator::rotate_all`].
    pub fn erase_for_good(
        &self,
        token: &Confirmation,
        key: &Key<'_>,
        new: &[NewSlot<'_>],
        at: UnixTime,
        boot: BootTime,
    ) -> Result<Erased, Error> {
        self.spend(token, boot)?;
        let rotation = self.ways_for(key)?.rotate_all(key, new, at)?;
        self.keys_were_changed();
        self.write(|vault| vault.erase_for_good(rotation, at))
    }

    fn ways(&self) -> Result<WaysIn, Error> {
        self.read(vault::Vault::ways_in)
    }

    /// Returns the ways in for a key that somebody gave just now. What the device gives to nobody in particular proves
    /// nothing about who holds it.
    pub(super) fn ways_for(&self, key: &Key<'_>) -> Result<WaysIn, Error> {
        let ways = self.ways()?;
        if key.kind().needs_a_person() { Ok(ways) } else { Err(Error::NotConfirmed) }
    }

    /// Tries a passphrase under the back-off; other ways in are too long to guess.
    fn guarded(
        &self,
        key: &Key<'_>,
        at: BootTime,
        attempt: impl FnOnce() -> Result<(), VaultError>,
    ) -> Result<(), Error> {
        let tried = match key.kind() {
            SlotKind::Passphrase => vault::with_backoff(&self.folder, at, attempt),
            SlotKind::RecoveryCode | SlotKind::Device | SlotKind::DeviceAlone | SlotKind::Unknown(_) => {
                attempt()
            }
        };
        tried.map_err(Error::from)
    }
}

impl From<RecoveryCodeError> for Error {
    fn from(error: RecoveryCodeError) -> Self {
        Self::NotTypedBack(error)
    }
}
