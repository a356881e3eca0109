//! What every answer has: `Date` by the service's clock, `DPoP-Nonce` for phones, no sniffing, a line in the
//! log and a count.

use std::time::Instant;

use authenticator_core::push::ids::Id;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

use crate::{Service, ids};

const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

pub(super) async fn every_answer(State(service): State<Service>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let id = ids::make().unwrap_or_default();
    let method = request.method().clone();
    let about = about(&route, request.uri().path());
    let span = tracing::info_span!("call", id, %method, route, request = about.as_deref());
    let mut response = next.run(request).instrument(span.clone()).await;
    let headers = response.headers_mut();
    headers.insert(header::DATE, date(service.clock().now()));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    insert(headers, REQUEST_ID, &id);
    if route.starts_with("/push/v1/") {
        insert(headers, DPOP_NONCE, &service.nonces().current(service.clock().now()));
        if !headers.contains_key(header::CACHE_CONTROL) {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
    }
    let (status, took) = (response.status(), began.elapsed());
    service.metrics().answers.with_label_values(&[&route, status.as_str()]).inc();
    service.metrics().seconds.with_label_values(&[&route]).observe(took.as_secs_f64());
    span.in_scope(|| {
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        tracing::debug!(status = status.as_u16(), us, "answered");
    });
    response
}

/// Returns the request that a phone's call is about, so that one id leads through all that happens to it.
fn about(route: &str, path: &str) -> Option<String> {
    let jti =
        path.strip_prefix("/push/v1/requests/").filter(|_| route.starts_with("/push/v1/requests/{jti}"))?;
    let id: Id = jti.split('/').next()?.parse().ok()?;
    Some(id.to_string())
}

fn date(now: i64) -> HeaderValue {
    let since = std::time::Duration::from_secs(u64::try_from(now).unwrap_or(0));
    let text = httpdate::fmt_http_date(std::time::UNIX_EPOCH + since);
    HeaderValue::from_str(&text).expect("a date is ASCII")
}

fn insert(headers: &mut axum::http::HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
