//! What Google's and Apple's services have in common: a message in, one of a few outcomes out.

use super::apns::Apns;
use super::config::{RelayConfig, RelayConfigError};
use super::fcm::Fcm;

/// Which vendor a subscription is with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// Firebase Cloud Messaging.
    Fcm,
    /// Apple Push Notification service.
    Apns,
}

/// What is carried to a phone.
#[derive(Clone, Debug)]
pub(super) struct Message {
    /// The sealed body in base64url.
    pub(super) body: String,
    /// Seconds that the vendor may keep it; 0 is now or never.
    pub(super) ttl_s: u32,
    /// Whether the phone is to be woken at once.
    pub(super) urgent: bool,
    /// Replaces what waits with the same topic.
    pub(super) topic: Option<String>,
}

/// What a vendor made of a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Delivery {
    /// Taken.
    Sent,
    /// The token is no more: so is the subscription.
    Gone,
    /// The vendor found it too large.
    TooLarge,
    /// Too much at once, or the vendor is in trouble: again after so many seconds.
    Busy(u32),
    /// The vendor does not take our credentials, our form, or is not reached. The phone is not to blame.
    Broken,
}

/// The vendors that are set up.
pub(super) struct Vendors {
    fcm: Option<Fcm>,
    apns: Option<Apns>,
}

impl Kind {
    pub(super) fn parse(word: &str) -> Option<Self> {
        [Self::Fcm, Self::Apns].into_iter().find(|kind| kind.word() == word)
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Fcm => "fcm",
            Self::Apns => "apns",
        }
    }
}

impl Delivery {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Gone => "gone",
            Self::TooLarge => "too_large",
            Self::Busy(_) => "busy",
            Self::Broken => "broken",
        }
    }
}

impl Vendors {
    pub(super) fn new(config: &RelayConfig) -> Result<Self, RelayConfigError> {
        let authority = config.outgoing_ca.as_ref().map(std::fs::read).transpose();
        let authority = authority.map_err(|error| RelayConfigError::File { what: "outgoing_ca", error })?;
        let authority = authority.as_deref();
        let fcm = config.fcm.as_ref().map(|fcm| Fcm::new(fcm, authority)).transpose()?;
        let apns = config.apns.as_ref().map(|apns| Apns::new(apns, authority)).transpose()?;
        if fcm.is_none() && apns.is_none() {
            return Err(RelayConfigError::NoVendor);
        }
        Ok(Self { fcm, apns })
    }

    /// Tells whether subscriptions of a kind can be made here.
    pub(super) fn has(&self, kind: Kind) -> bool {
        match kind {
            Kind::Fcm => self.fcm.is_some(),
            Kind::Apns => self.apns.is_some(),
        }
    }

    /// Carries a message to a phone; `now` is in Unix seconds.
    pub(super) async fn send(&self, kind: Kind, token: &str, message: &Message, now: i64) -> Delivery {
        match (kind, &self.fcm, &self.apns) {
            (Kind::Fcm, Some(fcm), _) => fcm.send(token, message, now).await,
            (Kind::Apns, _, Some(apns)) => apns.send(token, message, now).await,
            (Kind::Fcm, None, _) | (Kind::Apns, _, None) => Delivery::Broken,
        }
    }
}
