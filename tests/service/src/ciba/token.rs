//! `POST /token`: a relying party asks what became of it, CIBA Core 1.0 sections 10 and 11.

use authenticator_core::push::jws::Claims;
use authenticator_core::push::wire::NumericDate;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::clients::authenticate;
use super::errors::{Error, Word};
use super::form::Form;
use super::{ACR, GRANT_TYPE};
use crate::requests::making::date;
use crate::requests::{State as Stands, row};
use crate::store::Tx;
use crate::{Failure, Service, ids};

/// Seconds that an id token holds.
const LIFE_S: i64 = 300;
/// What is added to the interval of a party that asks too often (CIBA section 11).
const SLOWER_S: i64 = 5;
/// Milliseconds by which a poll may come early: networks are not clocks.
const GRACE_MS: i64 = 250;

/// What a relying party gets: who signed in, when and how (OpenID Connect Core section 2).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct IdToken {
    /// The service's origin.
    pub iss: String,
    /// The user's handle.
    pub sub: String,
    /// The relying party.
    pub aud: String,
    /// Until when it is to be taken.
    pub exp: NumericDate,
    /// When it was made.
    pub iat: NumericDate,
    /// When the person approved.
    pub auth_time: NumericDate,
    /// [`ACR`].
    pub acr: String,
    /// RFC 8176: `hwk` or `swk`, `mca`, `user`.
    pub amr: Vec<String>,
}

impl Claims for IdToken {
    const TYP: &'static str = "JWT";
}

/// What a poll finds.
enum Found {
    Approved { user: String, at: i64, hardware: bool },
    Refused(Word, &'static str),
}

pub(super) async fn token(
    State(service): State<Service>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Error> {
    let form = Form::read(&headers, &body)?;
    let party = authenticate(&service, &headers, &form).await?;
    match form.get("grant_type") {
        Some(GRANT_TYPE) => {}
        Some(_) => return Err(Error::new(Word::UnsupportedGrantType, "only CIBA")),
        None => return Err(Error::new(Word::InvalidRequest, "grant_type is missing")),
    }
    let id = form.get("auth_req_id").ok_or(Error::new(Word::InvalidRequest, "auth_req_id is missing"))?;
    let (digest, client, now_ms) = (ids::digest(id), party.id.clone(), service.clock().time().ms());
    let found = service.store().write(move |tx| poll(tx, &digest, &client, now_ms)).await?;
    let (user, at, hardware) = match found {
        Found::Approved { user, at, hardware } => (user, at, hardware),
        Found::Refused(word, why) => return Err(Error::new(word, why)),
    };
    let now = service.clock().now();
    let held_by = if hardware { "hwk" } else { "swk" };
    let claims = IdToken {
        iss: service.origin().as_str().to_owned(),
        sub: user,
        aud: party.id.clone(),
        exp: date(now + LIFE_S),
        iat: date(now),
        auth_time: date(at),
        acr: ACR.to_owned(),
        amr: [held_by, "mca", "user"].map(str::to_owned).to_vec(),
    };
    // RFC 6749 section 5.1 wants an access token; nothing here is opened by it.
    let body = json!({
        "id_token": service.keys().sign(&claims)?,
        "access_token": ids::make_token()?,
        "token_type": "Bearer",
        "expires_in": LIFE_S,
    });
    let mut response = Json(body).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Looks at a request for its party, once per interval, and gives its outcome out once.
fn poll(tx: &Tx<'_>, digest: &str, client: &str, now_ms: i64) -> Result<Found, Failure> {
    let row = tx
        .prepare_cached(
            "SELECT client, request, expires_at, interval_s, polled_ms, taken FROM ciba WHERE id = ?1",
        )?
        .query_row([digest], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
        })
        .optional()?;
    let unknown = Found::Refused(Word::InvalidGrant, "no such auth_req_id of this client, or it was used");
    let Some((owner, request, expires_at, interval_s, polled_ms, taken)) = row else { return Ok(unknown) };
    let (owner, request, expires_at, interval_s): (String, String, i64, i64) =
        (owner, request, expires_at, interval_s);
    let (polled_ms, taken): (Option<i64>, bool) = (polled_ms, taken);
    if owner != client || taken {
        return Ok(unknown);
    }
    let Some(request) = row::by_id(tx, &request)? else { return Ok(unknown) };
    let too_soon = polled_ms.is_some_and(|last| {
        let passed = now_ms - last;
        (0..interval_s * 1000 - GRACE_MS).contains(&passed)
    });
    let now = now_ms.div_euclid(1000);
    let state = request.state_at(now);
    // A client that is too fast still learns how it ended: only waiting is slowed down.
    let interval_s = if too_soon && state == Stands::Open { interval_s + SLOWER_S } else { interval_s };
    tx.prepare_cached("UPDATE ciba SET polled_ms = ?2, interval_s = ?3, taken = ?4 WHERE id = ?1")?
        .execute(params![digest, now_ms, interval_s, state == Stands::Approved])?;
    Ok(match state {
        Stands::Open if now >= expires_at => Found::Refused(Word::ExpiredToken, "nobody answered in time"),
        Stands::Open if too_soon => Found::Refused(Word::SlowDown, "5 seconds more between two polls"),
        Stands::Open => Found::Refused(Word::AuthorizationPending, "nobody answered yet"),
        Stands::Approved => {
            let hardware = match &request.by {
                Some(credential) => tx
                    .query_row("SELECT hardware FROM credentials WHERE id = ?1", [credential], |row| {
                        row.get(0)
                    })
                    .optional()?
                    .unwrap_or(false),
                None => false,
            };
            let at = request.ended_at.unwrap_or(now);
            Found::Approved { user: request.user, at, hardware }
        }
        Stands::Denied => Found::Refused(Word::AccessDenied, "denied on a phone"),
        Stands::Reported => Found::Refused(Word::AccessDenied, "reported on a phone"),
        Stands::WrongMatch => Found::Refused(Word::AccessDenied, "a wrong number was typed"),
        Stands::Cancelled => Found::Refused(Word::AccessDenied, "the request was given up"),
        Stands::Expired => Found::Refused(Word::ExpiredToken, "nobody answered in time"),
        Stands::Replaced => Found::Refused(Word::ExpiredToken, "a newer request took its place"),
    })
}
