//! Push: what the flows of enrolling, approving and upkeep share.
//!
//! The shell gives three things: the device's keys, the network, and [`Wait`], because the core has neither a clock
//! nor a timer. Every file operation runs on a worker and every call of a key on a thread of its own; no lock is
//! held meanwhile. What was committed is true; what is kept here is only what a process may forget.

mod again;
mod answering;
mod asking;
mod calling;
mod challenges;
mod enrolling;
mod error;
mod feed;
mod history;
mod offer;
mod quiet;
mod sending;
mod signing;
mod upkeep;
mod waking;
mod wrapping;

pub use crate::push::outcome::{Act, Decision, Number};
pub use again::{EnrolAgain, Reconnected};
pub use answering::Answered;
pub use asking::{Device, Wait};
pub use challenges::{Challenge, ChallengeId, Closed, Refreshed};

pub use error::{NoSuch, PushError, ShellFault};
pub use feed::ChallengeFeed;
pub use history::{EnrolmentInfo, EnrolmentState, PastAnswer};
pub use offer::{Asked, Enrolled, Offered, PhoneInfo, PushAddress};
pub use upkeep::{TestPush, WhichKey};
pub use waking::PushVendor;

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Authenticator, Error};
use crate::device::push_alias;
use crate::time::UnixTime;
use crate::vault::push_db::{EnrolmentId, PushDb};
use crate::vault::{Mode, VaultError};
use calling::Calls;
use challenges::Open;

/// The device, and what is known only as long as this process lives.
pub(super) struct Push {
    device: Device,
    state: Mutex<PushState>,
    /// Held while a service is told an address: what it knows last is what was stored last.
    addressing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct PushState {
    /// Tokens, nonces and proof keys, by enrolment.
    calls: HashMap<EnrolmentId, Calls>,
    /// Requests that are verified and not answered, the newest first.
    open: Vec<Open>,
    /// Addresses that a relay gave to this process.
    subscribed: HashSet<String>,
    /// Whether this process has seen that `push.db` opens while the vault is locked.
    wrapped: bool,
}

impl Push {
    fn state(&self) -> MutexGuard<'_, PushState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Authenticator {
    /// Gives the core the device's keys, the network and the time, which push needs.
    #[must_use]
    pub fn with_device(mut self, device: Device) -> Self {
        self.push = Some(Push { device, state: Mutex::default(), addressing: tokio::sync::Mutex::default() });
        self
    }

    /// Returns the device, when the shell gave one.
    pub(super) fn device(&self) -> Option<&Device> {
        self.push.as_ref().map(|push| &push.device)
    }

    fn push(&self) -> Result<&Push, PushError> {
        self.push.as_ref().ok_or(ShellFault::NoDevice.into())
    }

    /// Returns the time, from the shell.
    async fn now(&self) -> Result<UnixTime, PushError> {
        Ok(self.push()?.device.wait.wait(0).await)
    }

    /// Returns the lock's generation, for as long as the vault is unlocked and may be changed.
    fn unlocked(&self) -> Result<u64, PushError> {
        let face = self.face();
        match &face.shown {
            None => Err(PushError::Locked),
            Some(shown) => match shown.mode {
                Mode::ReadWrite => Ok(face.generation),
                Mode::ReadOnly(reason) => Err(VaultError::ReadOnly(reason).into()),
            },
        }
    }

    /// Runs one operation on `push.db`: with names when the vault is unlocked, without when it is locked.
    async fn push_db<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&mut PushDb) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, PushError> {
        let folder = self.folder.clone();
        let unlocked = self.vault().as_ref().map(|open| (open.vault.vault_id(), open.vault.push_keys()));
        if let Some((vault, keys)) = unlocked {
            let opened = on_worker(move || match PushDb::open(&folder, vault, keys)? {
                Some(mut db) => operation(&mut db).map(Some),
                None => Ok(None),
            });
            return opened.await?.ok_or(NoSuch::Enrolments.into());
        }
        let at = folder.clone();
        let vault = on_worker(move || PushDb::vault_of(&at)).await?.ok_or(NoSuch::Enrolments)?;
        let secret = self.push()?.device.get(push_alias(vault), crate::device::Purpose::Push).await?;
        let opened = on_worker(move || match PushDb::open_locked(&folder, &secret) {
            Ok(mut db) => operation(&mut db).map(Some),
            // Nothing is wrapped for this device since the vault's keys were changed: the next look while it is unlocked does.
            Err(VaultError::NotFound) => Ok(None),
            Err(other) => Err(other),
        });
        opened.await?.ok_or(PushError::Locked)
    }
}

/// Runs file work on a worker of the runtime, where it may wait for the disk.
async fn on_worker<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, VaultError> + Send + 'static,
) -> Result<T, PushError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => Ok(result?),
        // The worker went away with the runtime: nothing was decided.
        Err(_) => Err(ShellFault::Stopped.into()),
    }
}

impl From<Error> for PushError {
    fn from(error: Error) -> Self {
        match error {
            Error::Locked => Self::Locked,
            Error::Vault(error) => error.into(),
            // None of these comes of a call that push makes.
            Error::AlreadyUnlocked
            | Error::Suspended
            | Error::NotConfirmed
            | Error::NotTypedBack(_)
            | Error::Export(_)
            | Error::Move(_)
            | Error::MoveCode(_)
            | Error::Folder(_)
            | Error::NoPreview => ShellFault::Stopped.into(),
            Error::NoSuchAccount => VaultError::NoSuchItem.into(),
            Error::NoCode(why) => VaultError::NoCode(why).into(),
        }
    }
}
