//! Subscriptions: a phone tells its vendor's token and the key of one service, and gets an endpoint.

use std::net::{IpAddr, SocketAddr};

use authenticator_core::crypto::p256::PublicKey;
use authenticator_core::crypto::random;
use authenticator_core::secret::SecretText;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use serde::Deserialize;
use serde_json::json;

use super::vendor::Kind;
use super::{Relay, limits, store};

#[derive(Deserialize)]
struct Asked {
    kind: String,
    token: String,
    vapid: String,
}

/// An error as RFC 9457 words it, with a stable `code`.
pub(super) fn problem(status: StatusCode, code: &'static str) -> Response {
    let body = json!({"type": "about:blank", "status": status.as_u16(), "code": code}).to_string();
    (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response()
}

/// The same, and when to come back, in seconds.
pub(super) fn later(status: StatusCode, code: &'static str, wait_s: u32) -> Response {
    let mut response = problem(status, code);
    response.headers_mut().insert(header::RETRY_AFTER, wait_s.into());
    response
}

/// `POST /v1/subscriptions`: 201 `{endpoint}`.
///
/// Each call makes another endpoint, so that two accounts of one phone cannot be told to be of one phone.
pub(super) async fn subscribe(
    State(relay): State<Relay>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let malformed = || problem(StatusCode::BAD_REQUEST, "malformed");
    let Ok(asked) = serde_json::from_slice::<Asked>(&body) else { return malformed() };
    let Some(kind) = Kind::parse(&asked.kind).filter(|kind| relay.0.vendors.has(*kind)) else {
        return problem(StatusCode::BAD_REQUEST, "unknown_kind");
    };
    let (Some(token), Some(vapid)) = (token(kind, asked.token), key(&asked.vapid)) else {
        return malformed();
    };
    let now = relay.now();
    let caller = limits::caller(address(&relay, peer, &headers));
    if let Err(wait_s) = relay.0.limits.subscribing.take(caller, now) {
        relay.0.metrics.subscribed(kind.word(), "limited");
        return later(StatusCode::TOO_MANY_REQUESTS, "rate_limited", wait_s);
    }
    let Ok(id) = random::make_array::<16>().map(|bytes| B64.encode(bytes)) else {
        return later(StatusCode::SERVICE_UNAVAILABLE, "unavailable", 30);
    };
    let endpoint = format!("{}/p/{id}", relay.0.origin);
    let most = relay.0.limits.per_token;
    let added = relay.0.store.run(move |db| db.add(&id, kind, &token, vapid.sec1(), most, now)).await;
    match added {
        Ok(true) => {
            relay.0.metrics.subscribed(kind.word(), "made");
            (StatusCode::CREATED, [(header::LOCATION, endpoint.clone())], Json(json!({"endpoint": endpoint})))
                .into_response()
        }
        Ok(false) => {
            relay.0.metrics.subscribed(kind.word(), "too_many");
            later(StatusCode::TOO_MANY_REQUESTS, "too_many_subscriptions", 24 * 3600)
        }
        Err(error) => {
            tracing::error!(%error, "a subscription was not stored");
            later(StatusCode::SERVICE_UNAVAILABLE, "unavailable", 30)
        }
    }
}

/// `DELETE` of an endpoint: 204. Whoever knows the endpoint may end it: the phone, and the service it gave it to.
pub(super) async fn unsubscribe(State(relay): State<Relay>, Path(id): Path<String>) -> Response {
    let row = store::row(&id);
    match relay.0.store.run(move |db| db.remove(&row)).await {
        Ok(true) => StatusCode::NO_CONTENT.into_response(),
        Ok(false) => problem(StatusCode::NOT_FOUND, "unknown_subscription"),
        Err(error) => {
            tracing::error!(%error, "a subscription was not removed");
            later(StatusCode::SERVICE_UNAVAILABLE, "unavailable", 30)
        }
    }
}

/// Takes a token of the vendor's form: it becomes a part of a URL or of a message.
fn token(kind: Kind, text: String) -> Option<SecretText> {
    let fits = match kind {
        // Registration tokens have no documented form; those seen have 140 to 200 characters.
        Kind::Fcm => (16..=1024).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()),
        // Device tokens are of no fixed length, says Apple; today 32 bytes in hex.
        Kind::Apns => {
            (32..=200).contains(&text.len())
                && text.len().is_multiple_of(2)
                && text.bytes().all(|b| b.is_ascii_hexdigit())
        }
    };
    let text = match kind {
        Kind::Fcm => text,
        Kind::Apns => text.to_ascii_lowercase(),
    };
    fits.then(|| SecretText::new(text))
}

fn key(text: &str) -> Option<PublicKey> {
    PublicKey::from_sec1(&B64.decode(text).ok()?).ok()
}

/// Returns who calls: the connection's other end, or whom the proxy in front names last.
fn address(relay: &Relay, peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
    if !relay.0.behind_proxy {
        return peer.ip();
    }
    let last = headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
    last.and_then(|list| list.rsplit(',').next()?.trim().parse().ok()).unwrap_or(peer.ip())
}
