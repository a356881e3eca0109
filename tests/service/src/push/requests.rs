//! What a phone reads: open requests, how one stands, and a test of its own wish.

use authenticator_core::push::wire::{By, Code, List, Renew, RequestState, State as WireState, TestReply};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use rusqlite::{Connection, params};

use super::Caller;
use super::credentials::CredentialState;
use crate::http::Refusal;
use crate::requests::making::{date, stored_id};
use crate::requests::{self, Request, Start, row};
use crate::{Failure, Service};

/// Requests of a list at most.
const MOST: usize = 8;
/// When to ask again, seconds.
const POLL_S: u32 = 3;

/// `GET /push/v1/requests`.
pub(super) async fn list(State(service): State<Service>, caller: Caller) -> Result<Json<List>, Refusal> {
    let now = service.clock().now();
    let tests_only = caller.phone.state == CredentialState::Pending;
    let requests = service.store().read(|conn| open(conn, &caller.phone.id, tests_only, now))?;
    let n_open = u32::try_from(requests.len().saturating_sub(1)).unwrap_or(u32::MAX);
    let renew = (caller.phone.renew_until > now).then_some(Renew::Approval);
    let requests = requests.into_iter().take(MOST).collect();
    Ok(Json(List { requests, n_open, poll_s: POLL_S, renew }))
}

/// Returns the copies of a phone that are open, newest first, as they were signed.
fn open(conn: &Connection, phone: &str, tests_only: bool, now: i64) -> Result<Vec<String>, Failure> {
    let mut query = conn.prepare_cached(
        "SELECT request_copies.jws FROM request_copies JOIN requests ON requests.id = request_copies.request
         WHERE request_copies.credential = ?1 AND requests.state = 'open' AND requests.expires_at > ?2
           AND (NOT ?3 OR requests.act = 'test')
         ORDER BY requests.made_at DESC, requests.rowid DESC",
    )?;
    let rows = query.query_map(params![phone, now, tests_only], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// `GET /push/v1/requests/{jti}`.
pub(super) async fn state(
    State(service): State<Service>,
    Path(jti): Path<String>,
    caller: Caller,
) -> Result<Json<RequestState>, Refusal> {
    let request =
        service.store().read(|conn| Ok(own(conn, &caller.phone.id, &jti)?.map(|(request, _)| request)))?;
    let request = request.ok_or(Refusal::new(Code::UnknownRequest))?;
    Ok(Json(RequestState {
        jti: stored_id(&request.id)?,
        state: WireState::from(request.state_at(service.clock().now()).name().to_owned()),
        by: by(&request, &caller.phone.id),
        at: request.ended_at.map(date),
    }))
}

/// Reads a request of which this phone has a copy, and the copy.
pub(super) fn own(conn: &Connection, phone: &str, jti: &str) -> Result<Option<(Request, String)>, Failure> {
    let mut query =
        conn.prepare_cached("SELECT jws FROM request_copies WHERE credential = ?1 AND request = ?2")?;
    let mut rows = query.query([phone, jti])?;
    let Some(copy) = rows.next()?.map(|row| row.get::<_, String>(0)).transpose()? else { return Ok(None) };
    Ok(row::by_id(conn, jti)?.map(|request| (request, copy)))
}

/// Tells who answered a request, as seen from this phone.
pub(super) fn by(request: &Request, phone: &str) -> Option<By> {
    request.by.as_ref().map(|by| if by == phone { By::This } else { By::Other })
}

/// `POST /push/v1/test`.
pub(super) async fn test(
    State(service): State<Service>,
    caller: Caller,
) -> Result<(StatusCode, Json<TestReply>), Refusal> {
    match requests::start_from_phone(&service, &caller.phone).await? {
        Start::Made(asked) => {
            let reply = TestReply { jti: stored_id(&asked.id)?, matching: asked.number };
            Ok((StatusCode::CREATED, Json(reply)))
        }
        Start::Limited { retry_s } => Err(Refusal::limited(retry_s)),
        Start::Muted { .. } | Start::SetUpAgain | Start::NotConfirmed | Start::NotFresh | Start::NoPhone => {
            Err(Refusal::unavailable())
        }
    }
}
