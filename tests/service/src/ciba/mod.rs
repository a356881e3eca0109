//! Relying parties ask for sign-ins: OpenID Connect CIBA Core 1.0, poll mode, with a number to match.
//!
//! A party names a user; the user's phones are asked as for any sign-in; the party shows the number that the
//! answer has (`match`, an extension member) and polls until there is an `id_token` or a reason why not.

mod authorize;
mod clients;
mod discovery;
mod errors;
mod form;
mod token;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

pub use clients::{PartyError, check_parties};
pub use token::IdToken;

use crate::store::Tx;
use crate::{Failure, Service};

/// The grant type of CIBA.
pub const GRANT_TYPE: &str = "urn:openid:params:grant-type:ciba";
/// What an approval with number and presence is called in `acr`.
pub const ACR: &str = "urn:klink:acr:number-match";
/// Bytes of the largest form.
const MOST_BODY: usize = 16 * 1024;

pub(crate) const TABLES: &str = "
CREATE TABLE ciba (
    id TEXT PRIMARY KEY,                -- digest of the auth_req_id
    client TEXT NOT NULL,
    request TEXT NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL,
    interval_s INTEGER NOT NULL,
    polled_ms INTEGER,
    taken INTEGER NOT NULL DEFAULT 0    -- the token was given out: once
) STRICT;
CREATE INDEX ciba_by_request ON ciba (request);
CREATE TABLE ciba_assertions (
    client TEXT NOT NULL,
    jti TEXT NOT NULL,                  -- its digest
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (client, jti)
) STRICT, WITHOUT ROWID;
CREATE INDEX ciba_assertions_by_time ON ciba_assertions (expires_at);
";

/// Returns the routes.
pub fn router() -> Router<Service> {
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery::configuration))
        .route("/bc-authorize", post(authorize::authorize))
        .route("/token", post(token::token))
        .layer(DefaultBodyLimit::max(MOST_BODY))
}

/// Forgets what no longer matters.
pub(crate) fn forget_old(tx: &Tx<'_>, now: i64) -> Result<(), Failure> {
    tx.execute("DELETE FROM ciba_assertions WHERE expires_at < ?1", [now])?;
    Ok(())
}
