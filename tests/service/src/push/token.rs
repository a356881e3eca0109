//! `POST /push/v1/token`: an assertion by the device key (RFC 7523) becomes a token that is bound to the DPoP
//! key. Tokens live in memory: after a restart phones fetch new ones.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use authenticator_core::push::clock::{TOLERANCE, is_near};
use authenticator_core::push::ids::Thumbprint;
use authenticator_core::push::jws;
use authenticator_core::push::wire::{Assertion, Code, OauthCode, OauthError, TokenForm, TokenReply};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::credentials::{self, CredentialState};
use super::{dpop, seen};
use crate::http::Refusal;
use crate::http::body::Capped;
use crate::{Service, ids};

/// How long a token is good, seconds.
const LIFE_S: i64 = 600;
/// How long an assertion may be good, seconds.
const ASSERTION_S: i64 = 60;
/// Tokens at most; the oldest make way.
const MOST: usize = 1_000_000;

/// The tokens that were given out, by their digests.
#[derive(Default)]
pub(crate) struct Tokens {
    by_digest: Mutex<HashMap<String, Token>>,
}

struct Token {
    credential: String,
    bound_to: Thumbprint,
    until: i64,
}

impl Tokens {
    /// Makes a token for a credential.
    fn make(&self, credential: &str, bound_to: Thumbprint, now: i64) -> Result<String, crate::Failure> {
        let token = ids::make_token()?;
        let mut tokens = self.by_digest.lock().unwrap_or_else(PoisonError::into_inner);
        if tokens.len().is_multiple_of(1024) {
            tokens.retain(|_, token| token.until > now);
        }
        if tokens.len() < MOST {
            let made = Token { credential: credential.to_owned(), bound_to, until: now + LIFE_S };
            tokens.insert(ids::digest(&token), made);
        }
        Ok(token)
    }

    /// Returns the credential of a token that is good now and bound to this key.
    pub(super) fn find(&self, token: &str, key: Thumbprint, now: i64) -> Option<String> {
        let tokens = self.by_digest.lock().unwrap_or_else(PoisonError::into_inner);
        let found = tokens.get(&ids::digest(token))?;
        (found.bound_to == key && found.until > now).then(|| found.credential.clone())
    }
}

pub(super) async fn token(
    State(service): State<Service>,
    headers: HeaderMap,
    body: Result<Capped<{ super::BODY }>, Refusal>,
) -> Result<Response, Refusal> {
    let proven =
        dpop::check(&service, &headers, "POST", "/push/v1/token", None).map_err(Refusal::into_oauth)?;
    let body = body.map_err(Refusal::into_oauth)?;
    let form = TokenForm::parse(body.text().map_err(Refusal::into_oauth)?);
    let form = form.ok_or_else(|| refused(StatusCode::BAD_REQUEST, OauthCode::InvalidRequest))?;
    let no_client = || refused(StatusCode::UNAUTHORIZED, OauthCode::InvalidClient);

    let parsed = jws::parse::<Assertion>(&form.client_assertion).map_err(|_| no_client())?;
    let named = parsed.claims_before_verifying().map_err(|_| no_client())?;
    let (now, id) = (service.clock().now(), named.iss.to_string());
    let phone = service.store().read(|conn| credentials::load(conn, &id, now))?.ok_or_else(no_client)?;
    let claims = parsed.verify_with(&phone.device, dpop::verifies).map_err(|_| no_client())?;
    let (iat, exp) = (claims.iat.time().seconds(), claims.exp.time().seconds());
    let in_time = is_near(claims.iat.time(), service.clock().time(), TOLERANCE) && exp > now - 120;
    if claims.sub != claims.iss || claims.aud != *service.origin() || !in_time || exp - iat > ASSERTION_S {
        return Err(no_client());
    }
    // Only now is it the phone that asks: it may know what became of its credential.
    if let CredentialState::Revoked(reason) = phone.state {
        let error = OauthError {
            code: Some(Code::CredentialRevoked),
            reason: Some(reason),
            ..OauthError::new(OauthCode::InvalidClient)
        };
        return Err(Refusal::oauth(StatusCode::UNAUTHORIZED, error));
    }
    let jti = format!("{id}/{}", claims.jti);
    let first_time = service.store().write(move |tx| seen::first_time(tx, &jti, now + 600)).await?;
    if !first_time {
        return Err(no_client());
    }
    let access_token = service.tokens().make(&id, proven.key, now)?;
    let expires_in = u32::try_from(LIFE_S).expect("ten minutes");
    let reply = TokenReply { access_token, token_type: "DPoP".to_owned(), expires_in };
    Ok(Json(reply).into_response())
}

fn refused(status: StatusCode, error: OauthCode) -> Refusal {
    Refusal::oauth(status, OauthError::new(error))
}
