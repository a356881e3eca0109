//! Who calls: a phone with a token that is bound to its DPoP key. An extractor of the handlers.

use authenticator_core::push::ids::Id;
use authenticator_core::push::wire::Code;
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

use super::credentials::{self, Credential, CredentialState};
use super::dpop;
use crate::http::Refusal;
use crate::requests::making::stored_id;
use crate::{Failure, Service};

/// How far apart two notes of a phone's calls are, seconds.
const NOTE_EVERY_S: i64 = 60;

/// A phone that proved its token.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Its credential, pending or active.
    pub phone: Credential,
    /// The credential's id.
    pub id: Id,
}

impl FromRequestParts<Service> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Refusal> {
        let token = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token =
            token.and_then(|value| value.strip_prefix("DPoP ")).ok_or(Refusal::new(Code::InvalidToken))?;
        let (method, path) = (parts.method.as_str(), parts.uri.path());
        let proven = dpop::check(service, &parts.headers, method, path, Some(token))?;
        let now = service.clock().now();
        let id = service.tokens().find(token, proven.key, now).ok_or(Refusal::new(Code::InvalidToken))?;
        let (phone, has_reply) = service.store().read(|conn| {
            let mut reply =
                conn.prepare_cached("SELECT 1 FROM offers WHERE credential = ?1 AND reply IS NOT NULL")?;
            Ok((credentials::load(conn, &id, now)?, reply.exists([&id])?))
        })?;
        let phone = phone.ok_or(Refusal::new(Code::InvalidToken))?;
        if let CredentialState::Revoked(reason) = phone.state {
            return Err(Refusal::revoked(reason));
        }
        if has_reply || phone.seen_at.is_none_or(|at| at <= now - NOTE_EVERY_S) {
            note(service, id.clone(), now).await?;
        }
        Ok(Self { id: stored_id(&id)?, phone })
    }
}

/// Notes a call. The first one wipes the 201 of the enrolment, and the secret in it.
async fn note(service: &Service, id: String, now: i64) -> Result<(), Failure> {
    service
        .store()
        .write(move |tx| {
            tx.execute("UPDATE credentials SET seen_at = ?2 WHERE id = ?1", rusqlite::params![id, now])?;
            tx.execute("UPDATE offers SET reply = NULL WHERE credential = ?1", [id])?;
            Ok(())
        })
        .await
}
