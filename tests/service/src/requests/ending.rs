//! What an ended request means: for the session that asked, for the account's limits, for the phone.

use rusqlite::{OptionalExtension, params};

use super::limits;
use super::row::{Act, Request};
use super::state::{self, Event, State};
use crate::accounts::{Method, notices, sessions};
use crate::http::Visitor;
use crate::push::credentials;
use crate::store::Tx;
use crate::{Failure, Service};

/// Brings an event to a request, in the caller's transaction, and returns the state after it; `Err` of the
/// inner result is the state in which it has ended before.
///
/// # Errors
/// [`Failure`].
pub fn end(
    tx: &Tx<'_>,
    service: &Service,
    request: &Request,
    event: Event,
    by: Option<&str>,
    now: i64,
) -> Result<Result<State, State>, Failure> {
    let event = if now >= request.expires_at { Event::TimeUp } else { event };
    let state = match state::next(request.state, event) {
        Ok(state) => state,
        Err(ended) => return Ok(Err(ended)),
    };
    tx.prepare_cached("UPDATE requests SET state = ?2, by_credential = ?3, ended_at = ?4 WHERE id = ?1")?
        .execute(params![request.id, state.name(), by, now])?;
    match state {
        State::Open | State::Replaced | State::Cancelled | State::Expired => {}
        State::Approved => approved(tx, service, request, by, now)?,
        State::WrongMatch => {
            if request.act == Act::Login {
                limits::failed(tx, &request.user)?;
            }
        }
        State::Denied => {
            if request.act == Act::Login {
                limits::failed(tx, &request.user)?;
                limits::denied(tx, &request.user, now)?;
                refuse(tx, request)?;
            }
        }
        State::Reported => {
            let lock = matches!(event, Event::Report { lock: true });
            limits::failed(tx, &request.user)?;
            limits::reported(tx, &request.user, lock)?;
            refuse(tx, request)?;
            sessions::end_others(tx, &request.user, request.session.as_deref())?;
            notices::add(tx, &request.user, notices::Kind::Reported, "", now)?;
        }
    }
    service.metrics().requests.with_label_values(&[state.name()]).inc();
    tracing::info!(request = request.id, act = request.act.name(), state = state.name(), "request ended");
    tx.changed(&request.user);
    Ok(match (event, state) {
        // Asked for something else, but its time was over.
        (Event::TimeUp, State::Expired) => Err(State::Expired),
        _ => Ok(state),
    })
}

fn approved(
    tx: &Tx<'_>,
    service: &Service,
    request: &Request,
    by: Option<&str>,
    now: i64,
) -> Result<(), Failure> {
    if let Some(credential) = by {
        credentials::used(tx, credential, now)?;
    }
    match (request.act, &request.session) {
        (Act::Login, session) => {
            limits::approved(tx, &request.user)?;
            if let Some(key) = session {
                sessions::prove(tx, key, &request.user, Method::Push, now)?;
                know_browser(tx, service, &request.user, key, now)?;
            }
        }
        (Act::Test, Some(key)) => {
            let credential = by.ok_or(Failure::Stored("answer"))?;
            if credentials::activate(tx, credential, now)? {
                sessions::prove(tx, key, &request.user, Method::Push, now)?;
            }
        }
        // The account screen's own test: its caller knew the number, so it proves nothing.
        (Act::Test, None) => {}
    }
    Ok(())
}

/// The next request from this browser does not say that it is new.
fn know_browser(tx: &Tx<'_>, service: &Service, user: &str, session: &str, now: i64) -> Result<(), Failure> {
    let mut query = tx.prepare_cached("SELECT address, agent FROM sessions WHERE key = ?1")?;
    let visitor = query
        .query_row([session], |row| Ok(Visitor { address: row.get(0)?, agent: row.get(1)? }))
        .optional()?;
    if let Some(visitor) = visitor {
        tx.prepare_cached(
            "INSERT INTO browsers (user, mark, at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        )?
        .execute(params![user, visitor.mark(service, user), now])?;
    }
    Ok(())
}

/// In this sign-in no text message is sent any more.
fn refuse(tx: &Tx<'_>, request: &Request) -> Result<(), Failure> {
    tx.execute("UPDATE sessions SET refused = 1 WHERE key = ?1", [&request.session])?;
    Ok(())
}
