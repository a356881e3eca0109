//! What a person says to a request, and what became of it: the same words for every dialect.

/// What a person answers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Decision {
    /// Let them in. The vault must be unlocked, and the device asks for presence.
    Approve {
        /// What the page shows.
        number: Number,
    },
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

/// What a person carries from the page to the phone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Number {
    /// Typed digits, as they are; "07" is not "7". The option that was chosen, where there are options.
    Typed(String),
    /// The text of the QR code that the app's own camera read while this request was open.
    Scanned(String),
    /// Nothing: the request asks for nothing, which ours never do.
    Nothing,
}

/// What the user answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AnswerKind {
    /// Let them in.
    Approve,
    /// Do not.
    Deny,
    /// It was not me, or something is wrong.
    Report,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
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

/// What an approval does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Act {
    /// It signs in.
    Login,
    /// Nothing: it shows that push works.
    Test,
    /// It lets one transaction happen.
    Transaction,
}

impl Decision {
    /// Returns which of the three it is.
    pub fn kind(&self) -> AnswerKind {
        match self {
            Self::Approve { .. } => AnswerKind::Approve,
            Self::Deny { .. } => AnswerKind::Deny,
            Self::Report { .. } => AnswerKind::Report,
        }
    }
}

impl AnswerKind {
    /// Returns what became of a request whose service took this answer.
    pub fn taken(self) -> Outcome {
        match self {
            Self::Approve => Outcome::Approved,
            Self::Deny => Outcome::Denied,
            Self::Report => Outcome::Reported,
        }
    }
}
