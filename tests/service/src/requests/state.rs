//! The machine of a request: every state, every event, one arm for each edge. All but `Open` are final.

use crate::Failure;

/// Where a request stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    /// It waits for an answer.
    Open,
    /// A phone approved it with the right number.
    Approved,
    /// A phone denied it.
    Denied,
    /// A phone said that this was not its user.
    Reported,
    /// A phone approved it with a wrong number.
    WrongMatch,
    /// Nothing came in time.
    Expired,
    /// A newer request took its place.
    Replaced,
    /// The page gave it up: another method, or signed out.
    Cancelled,
}

/// What happens to a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Event {
    /// An approval with a good signature.
    Approve {
        /// Whether its number, or scanned value, is the expected one.
        matches: bool,
    },
    /// A denial.
    Deny,
    /// A report.
    Report {
        /// Whether sign-in is to be locked too.
        lock: bool,
    },
    /// A newer request of the same account.
    Newer,
    /// Its time is over.
    TimeUp,
    /// The page gives it up.
    Cancel,
}

/// Returns the state after an event; for an ended request, the state it ended in.
///
/// # Errors
/// The state in which the request has ended before.
pub fn next(state: State, event: Event) -> Result<State, State> {
    match (state, event) {
        (State::Open, Event::Approve { matches: true }) => Ok(State::Approved),
        (State::Open, Event::Approve { matches: false }) => Ok(State::WrongMatch),
        (State::Open, Event::Deny) => Ok(State::Denied),
        (State::Open, Event::Report { .. }) => Ok(State::Reported),
        (State::Open, Event::Newer) => Ok(State::Replaced),
        (State::Open, Event::TimeUp) => Ok(State::Expired),
        (State::Open, Event::Cancel) => Ok(State::Cancelled),
        (
            State::Approved
            | State::Denied
            | State::Reported
            | State::WrongMatch
            | State::Expired
            | State::Replaced
            | State::Cancelled,
            Event::Approve { .. }
            | Event::Deny
            | Event::Report { .. }
            | Event::Newer
            | Event::TimeUp
            | Event::Cancel,
        ) => Err(state),
    }
}

impl State {
    /// All of them, with their names on the wire and in the database.
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::Open, "open"),
        (Self::Approved, "approved"),
        (Self::Denied, "denied"),
        (Self::Reported, "reported"),
        (Self::WrongMatch, "wrong_match"),
        (Self::Expired, "expired"),
        (Self::Replaced, "replaced"),
        (Self::Cancelled, "cancelled"),
    ];

    /// Returns its name on the wire and in the database.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }

    /// Reads a name.
    ///
    /// # Errors
    /// [`Failure::Stored`].
    pub fn from_name(name: &str) -> Result<Self, Failure> {
        let known = Self::ALL.iter().find(|(_, known)| *known == name);
        known.map(|(state, _)| *state).ok_or(Failure::Stored("state"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENTS: [Event; 8] = [
        Event::Approve { matches: true },
        Event::Approve { matches: false },
        Event::Deny,
        Event::Report { lock: false },
        Event::Report { lock: true },
        Event::Newer,
        Event::TimeUp,
        Event::Cancel,
    ];

    #[test]
    fn an_open_request_ends_in_each_way() {
        let ends: Vec<State> = EVENTS.iter().map(|event| next(State::Open, *event).unwrap()).collect();
        for (state, name) in &State::ALL[1..] {
            assert!(ends.contains(state), "{name}");
        }
    }

    #[test]
    fn an_ended_request_never_changes() {
        for (state, _) in &State::ALL[1..] {
            for event in EVENTS {
                assert_eq!(next(*state, event), Err(*state));
            }
        }
    }

    #[test]
    fn names_read_back() {
        for (state, name) in State::ALL {
            assert_eq!((State::from_name(name).unwrap(), state.name()), (state, name));
        }
        assert!(State::from_name("closed").is_err());
    }
}
