//! The phone's API, `/push/v1` (docs/push-protocol.md): handlers parse, call one function, print.

pub mod answer;
pub mod credentials;
mod device;
pub mod devices;
pub mod dpop;
mod enrol;
mod keys;
pub mod offers;
mod phone;
mod requests;
mod seen;
pub mod token;
mod wellknown;

use axum::Router;
use axum::routing::{delete, get, post, put};

pub use phone::Caller;

use crate::Service;

pub(crate) use seen::forget as forget_seen;

pub(crate) const TABLES: &str = "
CREATE TABLE credentials (
    id TEXT PRIMARY KEY,
    user TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    os TEXT NOT NULL,
    app TEXT NOT NULL,
    hardware INTEGER NOT NULL,
    device_key BLOB NOT NULL,           -- 65 bytes, uncompressed
    approval_key BLOB NOT NULL,
    attestation TEXT,                   -- as it came
    push TEXT NOT NULL,                 -- where wake-ups go, as it came
    confirmed INTEGER NOT NULL DEFAULT 0,   -- the check numbers are the same
    state TEXT NOT NULL,                -- pending, active, revoked
    reason TEXT,
    made_at INTEGER NOT NULL,
    pending_until INTEGER,              -- set-up ends then; none for a renewed key
    activated_at INTEGER,
    revoked_at INTEGER,
    seen_at INTEGER,
    used_at INTEGER,
    renew_until INTEGER NOT NULL DEFAULT 0,
    tests INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX credentials_by_user ON credentials (user);
CREATE TABLE offers (
    jti TEXT PRIMARY KEY,
    user TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    session TEXT NOT NULL,
    nonce TEXT NOT NULL,
    code TEXT NOT NULL UNIQUE,
    jws TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    cancelled INTEGER NOT NULL DEFAULT 0,
    credential TEXT UNIQUE,
    service_key TEXT NOT NULL,          -- thumbprint that the offer names
    server_nonce TEXT,
    body BLOB,                          -- digest of the enrolment's body
    reply TEXT                          -- the 201, sealed, until the first authenticated call
) STRICT;
CREATE TABLE seen (
    jti TEXT PRIMARY KEY,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE rotations (
    body BLOB PRIMARY KEY,              -- digest of the body as it was received
    credential TEXT NOT NULL,
    reply TEXT NOT NULL,                -- what it was answered
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE browsers (
    user TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    mark BLOB NOT NULL,                 -- keyed digest of what the browser calls itself
    at INTEGER NOT NULL,
    PRIMARY KEY (user, mark)
) STRICT, WITHOUT ROWID;
";

/// Bytes of a body, unless it says otherwise.
const BODY: usize = 8 * 1024;
/// Bytes of an enrolment.
const ENROLMENT: usize = 32 * 1024;

/// Returns the routes of phones.
pub fn router() -> Router<Service> {
    Router::new()
        .route("/push/v1/offer", post(offers::look_up))
        .route("/push/v1/enrol", post(enrol::enrol))
        .route("/push/v1/token", post(token::token))
        .route("/push/v1/requests", get(requests::list))
        .route("/push/v1/requests/{jti}", get(requests::state))
        .route("/push/v1/requests/{jti}/answer", post(answer::answer))
        .route("/push/v1/test", post(requests::test))
        .route("/push/v1/device/push", put(device::push))
        .route("/push/v1/device/rotate", post(device::rotate))
        .route("/push/v1/device", delete(device::remove))
        .route("/push/v1/service-keys", get(keys::service_keys))
        .route("/push/v1/logo", get(keys::logo))
        .route("/.well-known/jwks.json", get(keys::jwks))
        .route("/.well-known/apple-app-site-association", get(wellknown::apple))
        .route("/.well-known/assetlinks.json", get(wellknown::android))
}
