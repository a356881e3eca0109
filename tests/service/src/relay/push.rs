//! Pushes: Web Push (RFC 8030) in, a vendor's message out, the vendor's answer as Web Push says it.

use authenticator_core::crypto::p256::PublicKey;
use authenticator_core::push::vapid::{self, VapidError};
use authenticator_core::time::UnixTime;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

use super::subscribe::{later, problem};
use super::vendor::{Delivery, Message};
use super::{MOST_TTL_S, Relay};

/// Why a push is not carried on: a status and a code.
#[derive(Clone, Copy)]
struct Refused(StatusCode, &'static str);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = problem(self.0, self.1);
        if self.0 == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("vapid"));
        }
        response
    }
}

/// The push as its headers say.
struct Wanted {
    ttl_s: u32,
    urgent: bool,
    topic: Option<String>,
}

/// `POST` to an endpoint: 201 when the vendor took it.
pub(super) async fn push(
    State(relay): State<Relay>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let now = relay.now();
    let found = relay.0.store.run(move |db| db.find(&id, now)).await;
    let subscription = match found {
        Ok(Some(subscription)) => subscription,
        Ok(None) => return problem(StatusCode::NOT_FOUND, "unknown_subscription"),
        Err(error) => {
            tracing::error!(%error, "a subscription was not found");
            return later(StatusCode::SERVICE_UNAVAILABLE, "unavailable", 30);
        }
    };
    let kind = subscription.kind.word();
    if let Err(refused) = authorized(&relay, &subscription.vapid, &headers, now) {
        relay.0.metrics.pushed(kind, "refused");
        return refused.into_response();
    }
    let wanted = match wanted(&headers, &body) {
        Ok(wanted) => wanted,
        Err(refused) => {
            relay.0.metrics.pushed(kind, "refused");
            return refused.into_response();
        }
    };
    // After the signature: nobody but the service itself can use up its limit.
    if let Err(wait_s) = relay.0.limits.pushing.take(subscription.row, now) {
        relay.0.metrics.pushed(kind, "limited");
        return later(StatusCode::TOO_MANY_REQUESTS, "rate_limited", wait_s);
    }
    let ttl_s = wanted.ttl_s;
    let message = Message { body: B64.encode(&body), ttl_s, urgent: wanted.urgent, topic: wanted.topic };
    let delivery = relay.0.vendors.send(subscription.kind, subscription.token.expose(), &message, now).await;
    relay.0.metrics.pushed(kind, delivery.word());
    match delivery {
        Delivery::Sent => sent(&relay, ttl_s),
        Delivery::Gone => {
            let row = subscription.row;
            if let Err(error) = relay.0.store.run(move |db| db.remove(&row)).await {
                tracing::error!(%error, "a subscription that is gone was not removed");
            }
            problem(StatusCode::GONE, "unsubscribed")
        }
        Delivery::TooLarge => problem(StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
        Delivery::Busy(wait_s) => later(StatusCode::SERVICE_UNAVAILABLE, "vendor_busy", wait_s),
        Delivery::Broken => problem(StatusCode::BAD_GATEWAY, "vendor_refused"),
    }
}

/// RFC 8030 section 5: 201, where the message is, how long it is kept. Vendors let nobody look at a message
/// again, so that its address answers 404.
fn sent(relay: &Relay, ttl_s: u32) -> Response {
    let name = authenticator_core::crypto::random::make_array::<16>().unwrap_or_default();
    let location = format!("{}/m/{}", relay.0.origin, B64.encode(name));
    (StatusCode::CREATED, [(header::LOCATION, location)], [("TTL", ttl_s.to_string())]).into_response()
}

/// Lets the one service pass that the endpoint was made for, RFC 8292 section 4.2.
fn authorized(relay: &Relay, key: &[u8], headers: &HeaderMap, now: i64) -> Result<(), Refused> {
    let unauthorized = |code| Refused(StatusCode::UNAUTHORIZED, code);
    let forbidden = |code| Refused(StatusCode::FORBIDDEN, code);
    let text = headers.get(header::AUTHORIZATION).ok_or(unauthorized("vapid_missing"))?;
    let text = text.to_str().map_err(|_| unauthorized("vapid_malformed"))?;
    let verifies = |key: &PublicKey, message: &[u8], signature: &[u8; 64]| {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.sec1()).verify(message, signature).is_ok()
    };
    let signer = vapid::check(text, &relay.0.origin, UnixTime::from_seconds(now), verifies);
    let signer = signer.map_err(|error| match error {
        VapidError::Form => unauthorized("vapid_malformed"),
        VapidError::Jws(_) => forbidden("vapid_signature"),
        VapidError::Audience => forbidden("vapid_audience"),
        VapidError::Expiry => forbidden("vapid_expired"),
    })?;
    if signer.sec1().as_slice() == key { Ok(()) } else { Err(forbidden("vapid_other_key")) }
}

fn wanted(headers: &HeaderMap, body: &Bytes) -> Result<Wanted, Refused> {
    let bad = |code| Refused(StatusCode::BAD_REQUEST, code);
    let text =
        |name: &str, code| headers.get(name).map(|value| value.to_str().map_err(|_| bad(code))).transpose();
    if text("content-encoding", "content_encoding")? != Some("aes128gcm") {
        return Err(Refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content_encoding"));
    }
    if body.is_empty() {
        return Err(bad("empty"));
    }
    let ttl = text("ttl", "ttl")?.ok_or(bad("ttl_missing"))?;
    if ttl.is_empty() || !ttl.bytes().all(|b| b.is_ascii_digit()) {
        return Err(bad("ttl"));
    }
    // Digits that are more than any number holds are a long time, RFC 8030 section 5.2.
    let ttl_s = ttl.parse::<u32>().unwrap_or(u32::MAX).min(MOST_TTL_S);
    let urgent = match text("urgency", "urgency")? {
        Some("high") => true,
        None | Some("very-low" | "low" | "normal") => false,
        Some(_) => return Err(bad("urgency")),
    };
    let topic = text("topic", "topic")?.map(str::to_owned);
    let plain = |topic: &String| {
        (1..=32).contains(&topic.len())
            && topic.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    if !topic.as_ref().is_none_or(plain) {
        return Err(bad("topic"));
    }
    Ok(Wanted { ttl_s, urgent, topic })
}
