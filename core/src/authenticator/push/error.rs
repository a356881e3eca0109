//! Why push did not do what was asked, and what to do next.

use crate::crypto::random::RandomError;
use crate::device::KeyStoreError;
use crate::net::NetError;
use crate::push::dialects::Disbelief;
use crate::push::enrolment::OfferError;
use crate::push::matching::GivenError;
use crate::vault::VaultError;

/// Why a push flow stopped. Nothing was lost: what was committed stays, and goes on at the next call.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// The vault is locked: unlock it, then ask again. Denying and reporting need no vault.
    #[error("the vault is locked")]
    Locked,
    /// What was named is not there: see what.
    #[error(transparent)]
    NoSuch(#[from] NoSuch),
    /// The code or link is no offer that can be taken: see why.
    #[error("the offer is refused: {0}")]
    Offer(#[from] OfferError),
    /// The service says something that only a later version knows: update the app.
    #[error("a later version is needed")]
    UpdateApp,
    /// What was typed or scanned cannot be the number: ask again, nothing was sent.
    #[error("not the number: {0}")]
    Number(#[from] GivenError),
    /// The network failed: see whether the call may have arrived.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The service refused.
    #[error("the service refused with status {status}: {code}")]
    Service {
        /// The HTTP status.
        status: u16,
        /// The service's stable word; empty when it gave none.
        code: String,
        /// When to try again, in seconds, when the service said so.
        retry_after_s: Option<u32>,
    },
    /// The service's reply is not what the protocol says: do not believe it.
    #[error("the service's reply is not believed: {0}")]
    BadReply(&'static str),
    /// The service has taken the enrolment back: show it as revoked, offer to remove it.
    #[error("the enrolment is revoked")]
    Revoked,
    /// The device's keys did not do it: see which of the six.
    #[error(transparent)]
    KeyStore(#[from] KeyStoreError),
    /// The vault or `push.db` refused.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A fault of the shell: report it.
    #[error(transparent)]
    Shell(#[from] ShellFault),
}

/// What is not there.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NoSuch {
    /// This phone has no enrolment: scan the code on the set-up page.
    #[error("this phone is not enrolled")]
    Enrolments,
    /// There is no such enrolment, or it is not in a state for that, or its service offers no such thing.
    #[error("no such enrolment")]
    Enrolment,
    /// There is no such request any more: it was answered, or it ended.
    #[error("no such request")]
    Request,
}

/// What the shell did not give or took away.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ShellFault {
    /// The core was made without a device.
    #[error("no device was given")]
    NoDevice,
    /// The runtime ended meanwhile: nothing was decided.
    #[error("stopped")]
    Stopped,
}

impl From<RandomError> for PushError {
    fn from(error: RandomError) -> Self {
        Self::Vault(error.into())
    }
}

impl From<Disbelief> for PushError {
    fn from(Disbelief(why): Disbelief) -> Self {
        Self::BadReply(why)
    }
}

impl PushError {
    /// Tells whether the same call may succeed later, without anybody doing anything.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Net(_) | Self::Shell(ShellFault::Stopped) => true,
            Self::Service { status, .. } => *status == 429 || *status >= 500,
            Self::KeyStore(error) => *error == KeyStoreError::Unavailable,
            Self::Vault(error) => matches!(error, VaultError::Busy),
            Self::Locked
            | Self::NoSuch(_)
            | Self::Offer(_)
            | Self::UpdateApp
            | Self::Number(_)
            | Self::BadReply(_)
            | Self::Revoked
            | Self::Shell(ShellFault::NoDevice) => false,
        }
    }
}
