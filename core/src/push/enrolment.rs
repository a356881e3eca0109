//! An offer to enrol, from the scanned text to what may be believed; and how an enrolment lives.
//!
//! Whose device, which keys and what is stored are for others. Nothing here is asked of the network: the caller
//! brings the service's key set, fetched with nothing of the phone's in the request.

use std::fmt;

use super::check::{Agreed, check_number};
use super::clock::TOLERANCE;
use super::ids::Thumbprint;
use super::jwk::{Jwk, KeySet};
use super::jws::{self, JwsError, Unverified};
use super::wire::{Enrolled, OFFER_AUDIENCE, Offer, OfferVersion, Origin};
use crate::crypto::p256::PublicKey;
use crate::time::UnixTime;

/// An offer as it was scanned: nobody vouches for it yet. Show the host, and ask.
#[derive(Clone, Debug)]
pub struct Scanned {
    text: String,
    jws: Unverified<Offer>,
    origin: Origin,
}

/// Why a text is no offer that can be taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum OfferError {
    /// Not a link of the form, or longer than any.
    #[error("not a link to enrol with")]
    Link,
    /// Not a signed offer.
    #[error("not an offer: {0}")]
    Jws(JwsError),
    /// An offer of a later version: update the app.
    #[error("an offer of a later version")]
    UpdateApp,
    /// The link is another host's than the offer names.
    #[error("the offer is another host's than its link")]
    Host,
    /// The service's key set has no key with the thumbprint of the offer.
    #[error("the service has no such key")]
    Key,
    /// The key of the service did not sign it.
    #[error("the service did not sign the offer")]
    Signature,
    /// Signed for another purpose, or good for longer than an offer may be.
    #[error("the offer's claims are not those of an offer")]
    Claims,
    /// It leads to an address without https: its administrator must change that.
    #[error("the offer leads to an address without https")]
    NotHttps,
    /// It is past: get a new one from the page.
    #[error("the offer is past")]
    Expired,
    /// The service takes keys of a kind alone that this device does not hold: its account for codes may do.
    #[error("the service needs a kind of key that this device cannot make")]
    KeyKind,
}

/// Characters of a link. Services write at most 700.
pub const LINK_CAP: usize = 1024;
/// Seconds that an offer may be good for.
pub const OFFER_LIFE_S: i64 = 300;

const PAGE: &str = "/push-enrol";
const SCHEME: &str = "pushenrol:";

impl Scanned {
    /// Reads `https://<host>/push-enrol#<offer>` or `pushenrol:#<offer>`.
    ///
    /// # Errors
    /// [`OfferError::Link`], `Jws`, `UpdateApp`, and `Host` when the link is another host's.
    pub fn parse(text: &str) -> Result<Self, OfferError> {
        let link = text.trim();
        if link.len() > LINK_CAP {
            return Err(OfferError::Link);
        }
        let (page, offer) = link.split_once('#').ok_or(OfferError::Link)?;
        let version = jws::parse::<OfferVersion>(offer).and_then(|offer| offer.claims_before_verifying());
        if version.map_err(OfferError::Jws)?.v != 1 {
            return Err(OfferError::UpdateApp);
        }
        let jws = jws::parse::<Offer>(offer).map_err(OfferError::Jws)?;
        let origin = jws.claims_before_verifying().map_err(OfferError::Jws)?.iss;
        if !page.eq_ignore_ascii_case(SCHEME) {
            let of_link = page.strip_suffix(PAGE).ok_or(OfferError::Link)?;
            let of_link: Origin = of_link.parse().map_err(|_| OfferError::Link)?;
            if of_link != origin {
                return Err(OfferError::Host);
            }
        }
        Ok(Self { text: offer.to_owned(), jws, origin })
    }

    /// Returns the service that the offer names.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Returns the signed offer.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Verifies the offer with the key set that `origin` serves; `at_service` is the time in that answer's `Date`.
    /// Returns the offer, and the key that is pinned from now on.
    ///
    /// # Errors
    /// [`OfferError::Key`], `Signature`, `Claims`, `Expired`.
    pub fn verify(&self, keys: &KeySet, at_service: UnixTime) -> Result<(Offer, PublicKey), OfferError> {
        let named = self.jws.claims_before_verifying().map_err(OfferError::Jws)?.jkt_s;
        let key = keys.find(named).ok_or(OfferError::Key)?;
        let offer = self.jws.verify(&key).map_err(|_| OfferError::Signature)?;
        let (iat, exp) = (offer.iat.time(), offer.exp.time());
        let life_s = exp.seconds() - iat.seconds();
        let early = iat.ms() - at_service.ms() > i64::try_from(TOLERANCE.as_millis()).unwrap_or(i64::MAX);
        let logo_is_path = offer.logo.as_ref().is_none_or(|logo| is_path(logo));
        if offer.aud != OFFER_AUDIENCE || !(1..=OFFER_LIFE_S).contains(&life_s) || early || !logo_is_path {
            return Err(OfferError::Claims);
        }
        if at_service >= exp {
            return Err(OfferError::Expired);
        }
        Ok((offer, key))
    }
}

/// Why the reply to an enrolment is not believed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EnrolledError {
    /// The pinned key did not sign it.
    #[error("the reply is not signed by the service: {0}")]
    Jws(#[from] JwsError),
    /// The reply to another offer.
    #[error("the reply to another offer")]
    Offer,
    /// The service knows other keys than this phone's.
    #[error("the keys are not this phone's")]
    Keys,
}

/// Reads the service's reply under the pinned key, and returns it with the check number to show.
///
/// # Errors
/// [`EnrolledError`].
pub fn check_enrolled(
    reply: &str,
    offer: &Offer,
    service_key: &PublicKey,
    device: Thumbprint,
    approval: Thumbprint,
) -> Result<(Enrolled, String), EnrolledError> {
    let enrolled = jws::parse::<Enrolled>(reply)?.verify(service_key)?;
    if enrolled.iss != offer.iss || enrolled.jti != offer.jti {
        return Err(EnrolledError::Offer);
    }
    if enrolled.jkt_d != device || enrolled.jkt_a != approval {
        return Err(EnrolledError::Keys);
    }
    let number = check_number(&Agreed {
        offer: offer.jti,
        nonce: offer.nonce,
        server_nonce: enrolled.snonce,
        device,
        approval,
        service: Jwk(*service_key).thumbprint(),
    });
    Ok((enrolled, number))
}

/// How far an enrolment has come.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Stage {
    /// The body is signed and stored; the service may know of it or not.
    Enrolling,
    /// The service knows this phone; until a test was approved it is good for tests only.
    PendingTest,
    /// It works.
    Active,
    /// The approval key is gone: polling, denying and reporting go on.
    NeedsApprovalKey,
    /// The service has taken it back; the row stays until its user removes it.
    Revoked,
    /// The service refused it.
    Failed,
}

/// What happens to an enrolment.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Event {
    /// The service's reply was believed.
    Enrolled,
    /// The service refused for good, or the offer is past.
    Refused,
    /// A test was approved.
    TestApproved,
    /// The approval key is missing or was invalidated.
    ApprovalKeyLost,
    /// A new approval key took the place of a lost one.
    ApprovalKeyMade,
    /// The service said `credential_revoked`.
    Revoked,
}

/// An event that cannot happen at that stage: nothing changes.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{event:?} cannot happen to an enrolment that is {stage:?}")]
pub struct StageError {
    /// Where the enrolment is, and stays.
    pub stage: Stage,
    /// What cannot happen.
    pub event: Event,
}

impl Stage {
    /// Returns where an event leads.
    ///
    /// # Errors
    /// [`StageError`].
    pub fn after(self, event: Event) -> Result<Self, StageError> {
        match (self, event) {
            (Self::Enrolling, Event::Enrolled) => Ok(Self::PendingTest),
            (Self::Enrolling, Event::Refused) => Ok(Self::Failed),
            (Self::PendingTest | Self::Active, Event::TestApproved) => Ok(Self::Active),
            (Self::PendingTest | Self::Active | Self::NeedsApprovalKey, Event::ApprovalKeyLost) => {
                Ok(Self::NeedsApprovalKey)
            }
            (Self::PendingTest | Self::Active | Self::NeedsApprovalKey, Event::ApprovalKeyMade) => {
                Ok(Self::PendingTest)
            }
            (Self::PendingTest | Self::Active | Self::NeedsApprovalKey | Self::Revoked, Event::Revoked) => {
                Ok(Self::Revoked)
            }
            (stage, event) => Err(StageError { stage, event }),
        }
    }

    /// Tells whether the service is asked for requests.
    pub fn polls(self) -> bool {
        match self {
            Self::PendingTest | Self::Active | Self::NeedsApprovalKey => true,
            Self::Enrolling | Self::Revoked | Self::Failed => false,
        }
    }
}

impl fmt::Display for Scanned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an offer of {}", self.origin)
    }
}

/// Tells whether a text is a path on the same origin: `//host` and `\` would lead elsewhere.
fn is_path(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    text.len() <= 256 && plain && text.starts_with('/') && !text.starts_with("//")
}

#[cfg(test)]
mod tests;
