//! Requests, answers, and what became of them.

use authenticator_core::authenticator as flows;
pub use authenticator_core::authenticator::Act;
use authenticator_core::push::matching::Rule;
pub use authenticator_core::vault::{AnswerKind, Outcome};

use super::{count, ms};
use crate::error::PushError;

/// What an approval does.
#[uniffi::remote(Enum)]
pub enum Act {
    /// It signs in.
    Login,
    /// Nothing: it shows that push works.
    Test,
    /// It lets one transaction happen.
    Transaction,
}

/// What a person answered.
#[uniffi::remote(Enum)]
pub enum AnswerKind {
    /// Let them in.
    Approve,
    /// Do not.
    Deny,
    /// It was not me, or something is wrong.
    Report,
}

/// What became of a request.
#[uniffi::remote(Enum)]
pub enum Outcome {
    /// The service took the approval.
    Approved,
    /// The service took the denial.
    Denied,
    /// The service took the report.
    Reported,
    /// The number was wrong: the request is closed.
    WrongMatch,
    /// Another phone was first.
    Elsewhere,
    /// It ended before the answer came.
    Expired,
    /// A newer one took its place.
    Replaced,
    /// The page took it back.
    Cancelled,
    /// The answer was never sent in time, and is not signed again.
    Dropped,
}

/// A service's question, verified: what a person is shown before they answer.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct Challenge {
    /// Names it.
    pub id: String,
    /// The enrolment that was asked.
    pub enrolment_id: String,
    /// The service's host, punycode visible.
    pub host: String,
    /// The organisation; nothing while the vault is locked.
    pub service: Option<String>,
    /// The account's label at the service; nothing while the vault is locked.
    pub account_name: Option<String>,
    /// Who wants to know.
    pub application: String,
    /// What an approval does.
    pub act: Act,
    /// The address it comes from.
    pub address: String,
    /// Where that is thought to be; may be empty.
    pub place: String,
    /// The browser and its system.
    pub device: String,
    /// Whether this browser never signed in to this account before.
    pub new_device: bool,
    /// More words of who wants to know.
    pub words: Option<String>,
    /// What exactly is to be approved, as JSON (RFC 9396).
    pub details: Option<String>,
    /// When it was asked, by this phone's clock.
    pub asked_at_ms: i64,
    /// When it ends, by this phone's clock.
    pub expires_at_ms: i64,
    /// What the person carries over from the page.
    pub rule: MatchRule,
    /// Whether it should not be announced: it is shown only to a person who opens the app.
    pub quiet: bool,
}

/// What a person carries over from the page.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum MatchRule {
    /// A number to type; the page's QR code will do as well.
    Type {
        /// How many digits, 2 to 8.
        digits: i32,
    },
    /// The page's QR code alone.
    Scan,
    /// One of these, as they are: other people's servers let a person choose.
    Pick {
        /// Two to ten short lines.
        options: Vec<String>,
    },
    /// Nothing: other people's servers take a plain yes.
    Confirm,
}

/// What a person answers.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum Decision {
    /// Let them in, with the number that was typed, as it is: "07" is not "7".
    Approve {
        /// The digits.
        number: String,
    },
    /// Let them in, with the text of the QR code that the app's own camera read while this request was open.
    ApproveScanned {
        /// The whole text.
        text: String,
    },
    /// Let them in, where the request asks for nothing to carry over; ours never do.
    ApprovePlain,
    /// Do not.
    Deny {
        /// The person began the sign-in and changed their mind.
        cancelled: bool,
    },
    /// It was not me, or something looks wrong.
    Report {
        /// It was not me.
        not_me: bool,
        /// Nobody may sign in until another factor says so.
        lock: bool,
    },
}

/// What became of an answer.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct Answered {
    /// Nothing: it is signed and stored, and whether the service has it is not known yet. It is settled by itself at
    /// one of the next looks; the person is never asked twice.
    pub outcome: Option<Outcome>,
    /// What the person types on the page now, where the server hands the number to the phone. Show it only now.
    pub display_code: Option<String>,
}

/// What a look at all services found.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct Challenges {
    /// Open requests, the newest first.
    pub open: Vec<Challenge>,
    /// Requests that were open at the last look and are not any more.
    pub closed: Vec<ClosedChallenge>,
    /// When to look again, in milliseconds.
    pub again_ms: i64,
    /// Enrolments whose service could not be asked, and why; the others were.
    pub problems: Vec<EnrolmentProblem>,
}

/// A request that was shown and ended without an answer of this phone.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct ClosedChallenge {
    /// Which.
    pub id: String,
    /// How it ended.
    pub outcome: Outcome,
}

/// A service that could not be asked.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct EnrolmentProblem {
    /// Which.
    pub enrolment_id: String,
    /// Why.
    pub why: PushError,
}

/// One answer of the past.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct PastAnswer {
    /// Which enrolment answered; it may be gone.
    pub enrolment_id: String,
    /// The organisation; nothing while the vault is locked and when the enrolment is gone.
    pub service: Option<String>,
    /// The account's label, likewise.
    pub account_name: Option<String>,
    /// What the user answered.
    pub kind: AnswerKind,
    /// What became of it.
    pub outcome: Outcome,
    /// Who asked.
    pub application: String,
    /// From where.
    pub place: String,
    /// With what.
    pub device: String,
    /// When it was asked.
    pub asked_at_ms: i64,
    /// When its outcome was known.
    pub answered_at_ms: i64,
}

/// A test that this phone asked for: the request comes like any other, with this number.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct TestPush {
    /// The request that will come.
    pub request: String,
    /// What to type.
    pub number: String,
}

impl From<flows::Challenge> for Challenge {
    fn from(challenge: flows::Challenge) -> Self {
        let flows::Challenge {
            id,
            host,
            service,
            account_name,
            application,
            act,
            address,
            place,
            device,
            new_device,
            message,
            details,
            asked_at,
            expires_at,
            rule,
            quiet,
        } = challenge;
        Self {
            id: id.to_string(),
            enrolment_id: id.enrolment.to_string(),
            host,
            service,
            account_name,
            application,
            act,
            address,
            place,
            device,
            new_device,
            words: message,
            details,
            asked_at_ms: ms(asked_at),
            expires_at_ms: ms(expires_at),
            rule: match rule {
                Rule::Type { digits } => MatchRule::Type { digits: i32::from(digits) },
                Rule::Scan => MatchRule::Scan,
                Rule::Pick { options } => MatchRule::Pick { options },
                Rule::Confirm => MatchRule::Confirm,
            },
            quiet,
        }
    }
}

impl From<Decision> for flows::Decision {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Approve { number } => Self::Approve { number: flows::Number::Typed(number) },
            Decision::ApproveScanned { text } => Self::Approve { number: flows::Number::Scanned(text) },
            Decision::ApprovePlain => Self::Approve { number: flows::Number::Nothing },
            Decision::Deny { cancelled } => Self::Deny { cancelled },
            Decision::Report { not_me, lock } => Self::Report { not_me, lock },
        }
    }
}

impl From<flows::Answered> for Answered {
    fn from(answered: flows::Answered) -> Self {
        let flows::Answered { outcome, display_code } = answered;
        Self { outcome, display_code: display_code.map(|code| code.expose().to_owned()) }
    }
}

impl From<flows::Refreshed> for Challenges {
    fn from(refreshed: flows::Refreshed) -> Self {
        let flows::Refreshed { challenges, closed, again_ms, problems } = refreshed;
        let problem = |(id, why): (authenticator_core::vault::EnrolmentId, flows::PushError)| {
            EnrolmentProblem { enrolment_id: id.to_string(), why: why.into() }
        };
        Self {
            open: challenges.into_iter().map(Into::into).collect(),
            closed: closed.into_iter().map(Into::into).collect(),
            again_ms: count(again_ms),
            problems: problems.into_iter().map(problem).collect(),
        }
    }
}

impl From<flows::Closed> for ClosedChallenge {
    fn from(closed: flows::Closed) -> Self {
        let flows::Closed { id, outcome } = closed;
        Self { id: id.to_string(), outcome }
    }
}

impl From<flows::PastAnswer> for PastAnswer {
    fn from(past: flows::PastAnswer) -> Self {
        let flows::PastAnswer {
            enrolment,
            service,
            account_name,
            kind,
            outcome,
            application,
            place,
            device,
            asked_at,
            answered_at,
        } = past;
        Self {
            enrolment_id: enrolment.to_string(),
            service,
            account_name,
            kind,
            outcome,
            application,
            place,
            device,
            asked_at_ms: ms(asked_at),
            answered_at_ms: ms(answered_at),
        }
    }
}

impl From<flows::TestPush> for TestPush {
    fn from(test: flows::TestPush) -> Self {
        let flows::TestPush { request, number } = test;
        Self { request: request.to_string(), number }
    }
}
