//! Flow: the app goes to sleep and comes back. A sleeping app holds no file and no lock, or the system ends it.

use std::sync::{MutexGuard, PoisonError};

use super::codes::CodeCache;
use super::{Authenticator, Error, Open, Shown};
use crate::vault::SuspendedVault;

impl Authenticator {
    /// Finishes a write that is under way and closes the file. Names still show; what needs the file answers
    /// [`Error::Suspended`] until [`Authenticator::resume`]. Locked, there is nothing to do.
    pub fn suspend(&self) {
        let mut place = self.vault();
        if let Some(open) = place.take() {
            *self.suspended() = Some(open.vault.suspend());
        }
    }

    /// Opens the file again and looks whether it is still the same.
    ///
    /// # Errors
    /// [`Error::Locked`] when it was locked meanwhile; [`Error::Vault`] when the file cannot be opened now: try again.
    pub fn resume(&self) -> Result<(), Error> {
        let mut place = self.vault();
        let Some(suspended) = self.suspended().take() else {
            return if place.is_some() { Ok(()) } else { Err(Error::Locked) };
        };
        let vault = match suspended.resume() {
            Ok(vault) => vault,
            Err((suspended, error)) => {
                *self.suspended() = Some(*suspended);
                return Err(error.into());
            }
        };
        let mut face = self.face();
        // A lock that came meanwhile wins.
        let Some(shown) = face.shown.as_mut() else {
            drop(face);
            vault.lock();
            return Err(Error::Locked);
        };
        *shown = Shown::of(&vault);
        *place = Some(Open { vault, codes: CodeCache::default() });
        Ok(())
    }

    pub(super) fn suspended(&self) -> MutexGuard<'_, Option<SuspendedVault>> {
        self.suspended.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says why there is no open vault.
    pub(super) fn absent(&self) -> Error {
        if self.suspended().is_some() { Error::Suspended } else { Error::Locked }
    }
}
