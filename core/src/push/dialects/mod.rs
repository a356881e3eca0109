//! What differs from server to server: six pure functions for each dialect, and where its messages go.
//!
//! The state machine of an enrolment and of a request, the network, the clock, the store and the feed are the same for
//! all. A dialect (1) parses the offer, and (2) the body that enrols, (3) the list of requests, (4) the body of an
//! answer, (5) the body that keeps an enrolment alive and (6) what a refusal means are its own. Nothing here signs: a
//! [`Draft`] says which key signs which bytes, and takes the signatures as a device gives them.

mod draft;
mod offer;
pub(crate) mod ours;
mod privacyidea;

pub use draft::{Draft, Signer, UnfitSignature};
pub use offer::{Believed, Keys, NewPhone, Offer, Taken};

use super::challenge::ChallengeError;
use super::ids::{Id, RequestDigest};
use super::matching::{GivenError, Rule};
use super::outcome::{Act, AnswerKind, Decision, Outcome};
use super::wire;
use crate::secret::SecretText;
use crate::time::UnixTime;

/// Which protocol a service speaks.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Dialect {
    /// Ours: `docs/push-protocol.md`.
    Klink,
    /// privacyIDEA's, and eduMFA's behind the same link: `docs/interop.md`.
    PrivacyIdea,
    /// The same protocol behind eduMFA's own link, whose servers take P-256.
    EduMfa,
}

/// What a phone knows of one enrolment, as the functions of a dialect need it.
#[derive(Clone, Debug)]
pub struct Known<'a> {
    /// Where the service is: our own by its origin, others by their one address.
    pub service: &'a str,
    /// How the service calls the enrolment.
    pub credential: &'a str,
    /// The device key, as it is stored.
    pub device_key: &'a [u8],
    /// The approval key, likewise; empty where there is none.
    pub approval_key: &'a [u8],
    /// Whether hardware holds both.
    pub hardware: bool,
    /// The service's keys that count now, as they are stored.
    pub service_keys: Vec<&'a [u8]>,
}

/// What a service asks, verified: everything that is shown, and what answering it needs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Question {
    /// Names it on this phone.
    pub id: Id,
    /// Names it at its service.
    pub name: String,
    /// What an approval does.
    pub act: Act,
    /// Who wants to know.
    pub application: String,
    /// The address it comes from; empty when the service does not say.
    pub address: String,
    /// Where that is thought to be; empty likewise.
    pub place: String,
    /// With what; empty likewise.
    pub device: String,
    /// Whether this browser never signed in to this account before.
    pub new_device: bool,
    /// More words of who wants to know.
    pub message: Option<String>,
    /// What exactly is to be approved, as JSON (RFC 9396).
    pub details: Option<String>,
    /// When it was asked, by the service's clock.
    pub asked: UnixTime,
    /// When it ends, by the service's clock.
    pub exp: UnixTime,
    /// What the person carries over from the page.
    pub rule: Rule,
    /// Digest of the request as it was received.
    pub digest: RequestDigest,
    /// Whether a denial may say why.
    pub takes_reasons: bool,
}

/// The answer to a look.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct List {
    /// Requests as they were received, the newest first; nobody vouches for them yet.
    pub requests: Vec<String>,
    /// When to ask again, in milliseconds.
    pub again_ms: u64,
    /// Whether the phone may make a new approval key now.
    pub renew: bool,
}

/// An answer that waits for its signature.
pub struct Answer {
    /// Who signs what.
    pub draft: Draft,
    /// When what is signed ends, by the service's clock.
    pub exp: UnixTime,
}

/// What became of an answer.
#[derive(Debug, Eq, PartialEq)]
pub struct Answered {
    /// How the request ended.
    pub outcome: Outcome,
    /// What the person types on the page now, where the server hands the number to the phone.
    pub display_code: Option<SecretText>,
}

/// Something that keeps an enrolment alive.
pub enum Upkeep<'a> {
    /// Wake-ups go elsewhere from now on.
    Address(&'a wire::PushAddress),
    /// A new key, a point of 65 bytes, takes the place of one of the two.
    NewKey {
        /// Which of the two.
        which: wire::WhichKey,
        /// The new one.
        new: &'a [u8],
        /// The device key stands for an approval key that was lost.
        renewed: bool,
    },
}

/// What is sent, and so where it goes.
pub enum Sending<'a> {
    /// The body that enrols.
    Enrol,
    /// A look for requests.
    Poll,
    /// An answer to the request of that name.
    Answer(&'a str),
    /// A new address for wake-ups.
    Address,
    /// A new key.
    NewKey,
}

/// One call to a service.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Message {
    /// How.
    pub method: Method,
    /// The whole address.
    pub url: String,
    /// Media type and text.
    pub body: Option<(&'static str, Vec<u8>)>,
}

/// A method of HTTP.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Method {
    /// Reads.
    Get,
    /// Sends.
    Post,
    /// Replaces.
    Put,
    /// Removes.
    Delete,
}

/// A refusal, understood.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// The service's stable word; empty when it gave none.
    pub code: String,
    /// What it means.
    pub meaning: Meaning,
}

/// What a refusal means to whoever called.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Meaning {
    /// Repeat once with the nonce of this reply.
    Nonce,
    /// Get a new token and repeat once.
    Token,
    /// The enrolment was taken back, for this reason.
    Revoked(Option<String>),
    /// The request has ended so.
    Ended(Outcome),
    /// What the status says, and nothing more.
    Other,
}

/// Why a reply is not believed, for logs.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct Disbelief(pub &'static str);

impl Dialect {
    const ALL: [Self; 3] = [Self::Klink, Self::PrivacyIdea, Self::EduMfa];

    /// Returns the number that is stored.
    pub const fn number(self) -> u8 {
        match self {
            Self::Klink => 1,
            Self::PrivacyIdea => 2,
            Self::EduMfa => 3,
        }
    }

    /// Returns the dialect of a number; `None` for one that a later version knows.
    pub fn of(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.number() == number)
    }

    /// Tells whether every call carries a token and a proof (RFC 9449).
    pub const fn proves(self) -> bool {
        match self {
            Self::Klink => true,
            Self::PrivacyIdea | Self::EduMfa => false,
        }
    }

    /// Tells whether requests name their times and can be asked about. Where they do not, they live from their receipt,
    /// or until a look does not list them any more.
    pub const fn has_states(self) -> bool {
        match self {
            Self::Klink => true,
            Self::PrivacyIdea | Self::EduMfa => false,
        }
    }

    /// Reads the reply to an enrolment; `offer` is the offer's text as it was stored.
    ///
    /// # Errors
    /// [`Disbelief`].
    pub fn enrolled(self, reply: &[u8], offer: &str, known: &Known<'_>) -> Result<Taken, Disbelief> {
        match self {
            Self::Klink => ours::enrolled(reply, offer, known),
            Self::PrivacyIdea | Self::EduMfa => privacyidea::enrolled(reply, offer),
        }
    }

    /// Prints a look for requests; `at` is the service's time.
    pub fn poll(self, known: &Known<'_>, at: UnixTime) -> Draft {
        match self {
            Self::Klink => Draft::nothing(),
            Self::PrivacyIdea | Self::EduMfa => privacyidea::poll(known, at),
        }
    }

    /// Reads the answer to a look.
    ///
    /// # Errors
    /// [`Disbelief`].
    pub fn list(self, reply: &[u8]) -> Result<List, Disbelief> {
        match self {
            Self::Klink => ours::list(reply),
            Self::PrivacyIdea | Self::EduMfa => privacyidea::list(reply),
        }
    }

    /// Verifies one request of a list; `at` is the service's time.
    ///
    /// # Errors
    /// [`ChallengeError`].
    pub fn question(self, text: &str, known: &Known<'_>, at: UnixTime) -> Result<Question, ChallengeError> {
        match self {
            Self::Klink => ours::question(text, known, at),
            Self::PrivacyIdea | Self::EduMfa => privacyidea::question(text, known, at),
        }
    }

    /// Prints an answer; `fresh` names it, and `at` is the service's time.
    ///
    /// # Errors
    /// [`GivenError`] when what the person gave cannot be what the page shows.
    pub fn answer(
        self,
        question: &Question,
        decision: &Decision,
        known: &Known<'_>,
        at: UnixTime,
        fresh: Id,
    ) -> Result<Answer, GivenError> {
        match self {
            Self::Klink => ours::answer(question, decision, known, at, fresh),
            Self::PrivacyIdea | Self::EduMfa => privacyidea::answer(question, decision, known),
        }
    }

    /// Reads what became of a request that was answered; `sent` is the text that was sent.
    ///
    /// # Errors
    /// [`Disbelief`].
    pub fn answered(self, reply: &[u8], kind: AnswerKind, sent: &str) -> Result<Answered, Disbelief> {
        match self {
            Self::Klink => ours::answered(reply).map(|outcome| Answered { outcome, display_code: None }),
            Self::PrivacyIdea | Self::EduMfa => privacyidea::answered(reply, kind, sent),
        }
    }

    /// Prints what keeps an enrolment alive; `None` when this dialect has no such thing. `fresh` names the message.
    ///
    /// # Errors
    /// [`Disbelief`] when the enrolment itself does not read.
    pub fn upkeep(
        self,
        what: &Upkeep<'_>,
        known: &Known<'_>,
        at: UnixTime,
        fresh: Id,
    ) -> Result<Option<Draft>, Disbelief> {
        match self {
            Self::Klink => ours::upkeep(what, known, at, fresh).map(Some),
            Self::PrivacyIdea | Self::EduMfa => Ok(match what {
                Upkeep::Address(push) => Some(privacyidea::change_address(push, known, at)),
                Upkeep::NewKey { .. } => None,
            }),
        }
    }

    /// Says what a refusal means.
    pub fn refusal(self, media_type: &str, body: &[u8]) -> Refusal {
        match self {
            Self::Klink => ours::refusal(media_type, body),
            Self::PrivacyIdea | Self::EduMfa => privacyidea::refusal(body),
        }
    }

    /// Says where something goes; `text` is what [`Draft::finish`] gave. `None` when this dialect has no such thing.
    pub fn message(self, service: &str, what: &Sending<'_>, text: Vec<u8>) -> Option<Message> {
        match self {
            Self::Klink => Some(ours::message(service, what, text)),
            Self::PrivacyIdea | Self::EduMfa => privacyidea::message(service, what, text),
        }
    }
}

impl Method {
    /// Returns the method's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dialect_has_a_number_of_its_own() {
        for dialect in Dialect::ALL {
            assert_eq!(Dialect::of(dialect.number()), Some(dialect));
        }
        assert_eq!((Dialect::of(0), Dialect::of(9)), (None, None));
    }
}
