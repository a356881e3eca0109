//! An offer of any dialect, from the scanned text to what may be believed.

use super::super::enrolment::{OfferError, Scanned};
use super::super::json;
use super::super::jwk::KeySet;
use super::super::keys::PhoneKey;
use super::super::wire;
use super::privacyidea::{self, Link};
use super::{Dialect, Disbelief, Draft, ours};
use crate::crypto::p256::PublicKey;
use crate::device::KeyKind;
use crate::secret::SecretText;
use crate::time::UnixTime;

/// An offer as it was scanned: nobody vouches for it yet. Show the host, and ask.
#[derive(Clone, Debug)]
pub enum Offer {
    /// Ours: signed, by a key that its service shows.
    Klink(Scanned),
    /// privacyIDEA's or eduMFA's: nobody signs it.
    PrivacyIdea(Link),
}

/// An offer that may be believed as far as its dialect goes. Show organisation and account, and ask again.
#[derive(Clone, Debug)]
pub enum Believed {
    /// Ours.
    Klink {
        /// What the service says.
        offer: wire::Offer,
        /// Its key that signed the offer and is pinned from now on.
        key: PublicKey,
        /// Its key that signs wake-ups, when it sends any.
        vapid: Option<PublicKey>,
    },
    /// privacyIDEA's or eduMFA's, and when it ends.
    PrivacyIdea(Link, UnixTime),
}

/// Which keys an enrolment needs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Keys {
    /// A device key and an approval key, both P-256.
    Two,
    /// One key of this kind, and a secret with presence that stands before it.
    Gated(KeyKind),
}

impl Keys {
    /// Returns of which kind they are.
    pub fn kind(self) -> KeyKind {
        match self {
            Self::Two => KeyKind::P256,
            Self::Gated(kind) => kind,
        }
    }
}

/// What the service is told of this phone.
#[derive(Clone, Debug)]
pub struct NewPhone {
    /// What its user calls it.
    pub name: wire::Label,
    /// `android 15`.
    pub os: wire::Label,
    /// `klink 0.1.0`.
    pub app: wire::Label,
    /// Where wake-ups go.
    pub push: wire::PushAddress,
    /// The device key.
    pub device_key: PhoneKey,
    /// The approval key, where there is one.
    pub approval_key: Option<PublicKey>,
    /// Whether hardware holds both.
    pub hardware: bool,
    /// What that hardware says of itself.
    pub attestation: Option<wire::Attestation>,
}

/// What an enrolment came to, once its reply is believed.
#[derive(Debug)]
pub struct Taken {
    /// How the service calls it.
    pub credential: String,
    /// Six digits that both sides show.
    pub check_number: Option<String>,
    /// `otpauth:` text of an account for codes that came with it.
    pub account: Option<SecretText>,
    /// The server's key that is pinned from now on, as it is stored, when it came only now.
    pub service_key: Option<Vec<u8>>,
    /// Whether it works at once, without a test.
    pub works: bool,
}

impl Offer {
    /// Reads what was scanned or pasted.
    ///
    /// # Errors
    /// [`OfferError`].
    pub fn parse(text: &str) -> Result<Self, OfferError> {
        if Link::is_meant(text) {
            return Link::parse(text).map(Self::PrivacyIdea);
        }
        Scanned::parse(text).map(Self::Klink)
    }

    /// Returns the service's origin.
    pub fn origin(&self) -> &wire::Origin {
        match self {
            Self::Klink(scanned) => scanned.origin(),
            Self::PrivacyIdea(link) => link.origin(),
        }
    }

    /// Returns where the service is, as it is stored: our own by its origin, others by their one address.
    pub fn service(&self) -> &str {
        match self {
            Self::Klink(scanned) => scanned.origin().as_str(),
            Self::PrivacyIdea(link) => link.url(),
        }
    }

    /// Returns what is kept of the text until the service has answered.
    pub fn text(&self) -> &str {
        match self {
            Self::Klink(scanned) => scanned.text(),
            Self::PrivacyIdea(link) => link.text(),
        }
    }

    /// Returns where the keys are that vouch for the offer; fetched with nothing of ours in the request.
    pub fn keys_at(&self) -> Option<String> {
        match self {
            Self::Klink(scanned) => Some(scanned.origin().address(ours::KEY_SET)),
            Self::PrivacyIdea(_) => None,
        }
    }

    /// Verifies the offer with the body that [`Offer::keys_at`] serves; `at` is the time in that reply's `Date`.
    ///
    /// # Errors
    /// [`OfferError`].
    pub fn believe(&self, keys: &[u8], at: UnixTime) -> Result<Believed, OfferError> {
        match self {
            Self::Klink(scanned) => {
                let keys: KeySet = json::read(keys, json::LARGE_CAP).map_err(|_| OfferError::Key)?;
                let (offer, key) = scanned.verify(&keys, at)?;
                Ok(Believed::Klink { offer, key, vapid: keys.vapid() })
            }
            Self::PrivacyIdea(link) => {
                Ok(Believed::PrivacyIdea(link.clone(), at.plus_ms(link.ttl_s() * 1000)))
            }
        }
    }
}

impl Believed {
    /// Returns which protocol the service speaks.
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Klink { .. } => Dialect::Klink,
            Self::PrivacyIdea(link, _) if link.is_edumfa() => Dialect::EduMfa,
            Self::PrivacyIdea(..) => Dialect::PrivacyIdea,
        }
    }

    /// Returns the organisation, as the service calls itself.
    pub fn service(&self) -> &str {
        match self {
            Self::Klink { offer, .. } => offer.svc.as_str(),
            Self::PrivacyIdea(link, _) => link.issuer(),
        }
    }

    /// Returns the account's label at the service.
    pub fn account_name(&self) -> &str {
        match self {
            Self::Klink { offer, .. } => offer.name.as_str(),
            Self::PrivacyIdea(link, _) => link.account_name(),
        }
    }

    /// Returns the key that signs the service's wake-ups; none when it sends none that a phone can subscribe to.
    pub fn push_key(&self) -> Option<&PublicKey> {
        match self {
            Self::Klink { vapid, .. } => vapid.as_ref(),
            Self::PrivacyIdea(..) => None,
        }
    }

    /// Returns the address of the service's own picture.
    pub fn logo(&self) -> Option<String> {
        match self {
            Self::Klink { offer, .. } => ours::logo(offer),
            // An address anywhere, from nobody who vouches for it: not fetched.
            Self::PrivacyIdea(..) => None,
        }
    }

    /// Returns when the offer ends, by the service's clock.
    pub fn exp(&self) -> UnixTime {
        match self {
            Self::Klink { offer, .. } => offer.exp.time(),
            Self::PrivacyIdea(_, exp) => *exp,
        }
    }

    /// Returns what hardware is asked to put into its attestation; `None` when the service does not want to know.
    pub fn attestation_challenge(&self) -> Option<Vec<u8>> {
        match self {
            Self::Klink { offer, .. } => ours::attestation_challenge(offer),
            Self::PrivacyIdea(..) => None,
        }
    }

    /// Returns the service's key that is pinned from now on, as it is stored; none when it comes with the reply.
    pub fn service_key(&self) -> Option<Vec<u8>> {
        match self {
            Self::Klink { key, .. } => Some(key.sec1().to_vec()),
            Self::PrivacyIdea(..) => None,
        }
    }

    /// Returns which keys are made for it. `pipush` servers take RSA alone; eduMFA's own link takes what hardware holds.
    pub fn keys(&self) -> Keys {
        match self {
            Self::Klink { .. } => Keys::Two,
            Self::PrivacyIdea(link, _) if link.is_edumfa() => Keys::Gated(KeyKind::P256),
            Self::PrivacyIdea(..) => Keys::Gated(KeyKind::Rsa2048),
        }
    }

    /// Prints the body that enrols; `at` is the service's time.
    ///
    /// # Errors
    /// [`Disbelief`] when the keys are not of the kinds that [`Believed::keys`] asked for.
    pub fn enrol(&self, phone: &NewPhone, at: UnixTime) -> Result<Draft, Disbelief> {
        match self {
            Self::Klink { offer, .. } => ours::enrol(offer, phone, at),
            Self::PrivacyIdea(link, _) => Ok(privacyidea::enrol(link, phone)),
        }
    }
}
