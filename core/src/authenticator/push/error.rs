//! Why push did not do what was asked, and what to do next.

use crate::crypto::random::RandomError;
use crate::device::KeyStoreError;
use crate::net::NetError;
use crate::push::enrolment::OfferError;
use crate::push::matching::GivenError;
use crate::vault::VaultError;

/// Why a push flow stopped. Nothing was lost: what was committed stays, and goes on at the next call.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// The vault is locked: unlock it, then ask again. Denying and reporting need no vault.
    #[error("the vault is locked")]
    Locked,
    /// This phone has no enrolment: scan the code on the set-up page.
    #[error("this phone is not enrolled")]
    NotEnrolled,
    /// There is no such enrolment, or it is not in a state for that.
    #[error("no such enrolment")]
    NoSuchEnrolment,
    /// There is no such request any more: it was answered, or it ended.
    #[error("no such request")]
    NoSuchRequest,
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
    /// The core was made without a device: a fault of the shell.
    #[error("no device was given")]
    NoDevice,
    /// The runtime ended meanwhile.
    #[error("stopped")]
    Stopped,
}

impl From<RandomError> for PushError {
    fn from(error: RandomError) -> Self {
        Self::Vault(error.into())
    }
}

impl PushError {
    /// Tells whether the same call may succeed later, without anybody doing anything.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Net(_) | Self::Stopped => true,
            Self::Service { status, .. } => *status == 429 || *status >= 500,
            Self::KeyStore(error) => *error == KeyStoreError::Unavailable,
            Self::Vault(error) => matches!(error, VaultError::Busy),
            Self::Locked
            | Self::NotEnrolled
            | Self::NoSuchEnrolment
            | Self::NoSuchRequest
            | Self::Offer(_)
            | Self::UpdateApp
            | Self::Number(_)
            | Self::BadReply(_)
            | Self::Revoked
            | Self::NoDevice => false,
        }
    }
}
