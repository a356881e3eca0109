//! What the page that asks sees: how a request stands, and giving it up.

use rusqlite::Connection;

use super::making::Asked;
use super::row::{self, Request};
use super::state::{Event, State};
use crate::accounts::Session;
use crate::store::Tx;
use crate::{Failure, Service};

/// How a request stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Watched {
    /// Its state now.
    pub state: State,
    /// The name of the phone that answered.
    pub by: Option<String>,
    /// When it ended, Unix seconds.
    pub ended_at: Option<i64>,
    /// When it expires, Unix seconds.
    pub expires_at: i64,
    /// Whether it is a test.
    pub is_test: bool,
}

/// Returns how a request of this session stands; none when it is not this session's.
///
/// # Errors
/// [`Failure`].
pub fn watch(service: &Service, session: &Session, id: &str) -> Result<Option<Watched>, Failure> {
    let now = service.clock().now();
    service.store().read(|conn| {
        let Some(request) = own(conn, session, id)? else { return Ok(None) };
        let by = match &request.by {
            Some(credential) => phone_name(conn, credential)?,
            None => None,
        };
        Ok(Some(Watched {
            state: request.state_at(now),
            by,
            ended_at: request.ended_at,
            expires_at: request.expires_at,
            is_test: request.act == row::Act::Test,
        }))
    })
}

/// Returns what the page shows of a request of this session while it is open.
///
/// # Errors
/// [`Failure`].
pub fn shown(service: &Service, session: &Session, id: &str) -> Result<Option<Asked>, Failure> {
    let now = service.clock().now();
    service.store().read(|conn| {
        let request = own(conn, session, id)?.filter(|request| request.state_at(now) == State::Open);
        let Some(request) = request else { return Ok(None) };
        let mut copies = conn.prepare_cached("SELECT count(*) FROM request_copies WHERE request = ?1")?;
        let phones: i64 = copies.query_row([id], |row| row.get(0))?;
        Ok(Some(Asked {
            scan: request.scan_text(),
            id: request.id,
            number: request.number,
            expires_at: request.expires_at,
            phones: usize::try_from(phones).unwrap_or(0),
        }))
    })
}

/// Gives a request up: the user takes another method.
///
/// # Errors
/// [`Failure`].
pub async fn cancel(service: &Service, session: &Session, id: &str) -> Result<(), Failure> {
    let (service, session, id) = (service.clone(), session.clone(), id.to_owned());
    let now = service.clock().now();
    let store = service.store().clone();
    store.write(move |tx| cancel_in(tx, &service, &session.key, Some(&id), now)).await
}

/// Gives up the open request of a session, in the caller's transaction.
///
/// # Errors
/// [`Failure`].
pub fn cancel_in(
    tx: &Tx<'_>,
    service: &Service,
    session: &str,
    id: Option<&str>,
    now: i64,
) -> Result<(), Failure> {
    let mut query = tx.prepare_cached(
        "SELECT id FROM requests WHERE session = ?1 AND state = 'open' AND (?2 IS NULL OR id = ?2)",
    )?;
    let open = query.query_map(rusqlite::params![session, id], |row| row.get(0))?;
    for id in open.collect::<Result<Vec<String>, _>>()? {
        if let Some(request) = row::by_id(tx, &id)? {
            // Answered meanwhile is fine too.
            let _: Result<State, State> = super::end(tx, service, &request, Event::Cancel, None, now)?;
        }
    }
    Ok(())
}

/// Tells whether a text message may be sent in this sign-in: not after a deny or a report, and not while a
/// report has locked sign-in.
///
/// # Errors
/// [`Failure`].
pub fn text_allowed(conn: &Connection, session: &str) -> Result<bool, Failure> {
    let mut query = conn.prepare_cached(
        "SELECT 1 FROM sessions JOIN users ON users.id = sessions.user
         WHERE sessions.key = ?1 AND sessions.refused = 0 AND users.reported < 2",
    )?;
    Ok(query.exists([session])?)
}

/// Ends the requests whose time is over, so that their pages learn it.
///
/// # Errors
/// [`Failure`].
pub fn expire_due(tx: &Tx<'_>, service: &Service, now: i64) -> Result<(), Failure> {
    for request in row::due(tx, now)? {
        let _: Result<State, State> = super::end(tx, service, &request, Event::TimeUp, None, now)?;
    }
    Ok(())
}

fn own(conn: &Connection, session: &Session, id: &str) -> Result<Option<Request>, Failure> {
    let request = row::by_id(conn, id)?;
    Ok(request.filter(|request| request.session.as_ref() == Some(&session.key)))
}

fn phone_name(conn: &Connection, credential: &str) -> Result<Option<String>, Failure> {
    let mut query = conn.prepare_cached("SELECT name FROM credentials WHERE id = ?1")?;
    let mut rows = query.query([credential])?;
    Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
}
