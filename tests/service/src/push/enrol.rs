//! `POST /push/v1/enrol`: a phone takes an offer and proves that it has both keys.

use authenticator_core::crypto::p256::PublicKey;
use authenticator_core::push::ids::Id;
use authenticator_core::push::json;
use authenticator_core::push::jwk::Jwk;
use authenticator_core::push::jws::{self, Claims, JwsError};
use authenticator_core::push::wire::{Code, EnrolBody, EnrolResponse, Enrolled};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use rusqlite::{OptionalExtension, params};

use super::credentials;
use super::{dpop, offers};
use crate::accounts::{totp, users};
use crate::config::Attestation;
use crate::http::Refusal;
use crate::http::body::Capped;
use crate::requests::making::date;
use crate::store::Tx;
use crate::{Failure, Service, ids, webpush};

pub(super) async fn enrol(
    State(service): State<Service>,
    headers: HeaderMap,
    body: Capped<{ super::ENROLMENT }>,
) -> Result<Response, Refusal> {
    dpop::check(&service, &headers, "POST", "/push/v1/enrol", None)?;
    let claims = read(&service, &body.0)?;
    let body = digest(&SHA256, &body.0).as_ref().to_vec();
    let (own, now) = (service.clone(), service.clock().now());
    let reply = service.store().write(move |tx| take(tx, &own, &claims, &body, now)).await??;
    Ok((StatusCode::CREATED, offers::signed(Enrolled::TYP, reply)).into_response())
}

/// Reads the two messages: equal payloads, each signed by the key that it names.
fn read(service: &Service, body: &[u8]) -> Result<EnrolResponse, Refusal> {
    let malformed = || Refusal::new(Code::Malformed);
    let body: EnrolBody = json::read(body, super::ENROLMENT).map_err(|_| malformed())?;
    let device = jws::parse::<EnrolResponse>(&body.device).map_err(|_| malformed())?;
    let approval = jws::parse::<EnrolResponse>(&body.approval).map_err(|_| malformed())?;
    if device.payload() != approval.payload() {
        return Err(Refusal::new(Code::PayloadMismatch));
    }
    let claims = device.claims_before_verifying().map_err(|_| malformed())?;
    let signed = |message: &jws::Unverified<EnrolResponse>, key: &PublicKey| {
        message.verify_with(key, dpop::verifies).map_err(|error| refusal(&error))
    };
    signed(&device, &claims.dev.device_jwk.0)?;
    signed(&approval, &claims.dev.approval_jwk.0)?;
    webpush::check(&claims.push, service.reach()).map_err(|_| malformed())?;
    if claims.aud != *service.origin() || claims.dev.device_jwk == claims.dev.approval_jwk {
        return Err(malformed());
    }
    Ok(claims)
}

/// Returns the refusal of a message that does not hold.
pub(super) fn refusal(error: &JwsError) -> Refusal {
    Refusal::new(match error {
        JwsError::Key | JwsError::Signature => Code::BadSignature,
        JwsError::TooLarge { .. }
        | JwsError::Form
        | JwsError::Header
        | JwsError::Algorithm
        | JwsError::Type { .. }
        | JwsError::Claims(_) => Code::Malformed,
    })
}

/// What a reply is sealed as.
const REPLY: &str = "reply";

/// What is stored of an offer.
struct Stored {
    user: String,
    nonce: String,
    expires_at: i64,
    cancelled: bool,
    taken: bool,
    body: Option<Vec<u8>>,
    reply: Option<String>,
}

/// Uses the offer up, and returns the signed reply; for the identical body the identical one.
fn take(
    tx: &Tx<'_>,
    service: &Service,
    claims: &EnrolResponse,
    body: &[u8],
    now: i64,
) -> Result<Result<String, Refusal>, Failure> {
    let refuse = |code| Ok(Err(Refusal::new(code)));
    let jti = claims.jti.to_string();
    let Some(offer) = stored(tx, &jti)? else { return refuse(Code::QrExpired) };
    if offer.nonce != claims.nonce.to_string() || claims.exp != date(offer.expires_at) {
        return refuse(Code::Malformed);
    }
    if offer.expires_at <= now || offer.cancelled {
        return refuse(Code::QrExpired);
    }
    if offer.taken {
        return match offer.reply {
            Some(sealed) if offer.body.as_deref() == Some(body) => Ok(Ok(open(service, &jti, &sealed)?)),
            Some(_) | None => refuse(Code::QrUsed),
        };
    }
    if service.config().attestation == Attestation::Required && claims.att.is_none() {
        return refuse(Code::AttestationRequired);
    }
    if credentials::count(tx, &offer.user, now)? >= credentials::MOST {
        return refuse(Code::TooManyPhones);
    }
    let (id, server_nonce) = (Id::make()?, Id::make()?);
    insert(tx, service, claims, &offer.user, id, now)?;
    let user = users::by_id(tx, &offer.user)?.ok_or(Failure::Stored("user"))?;
    let (_, secret) = totp::insert(tx, service.sealing(), &user.id, Some(&id.to_string()), now)?;
    let reply = service.keys().sign(&Enrolled {
        iss: service.origin().clone(),
        aud: id,
        jti: claims.jti,
        jkt_d: claims.dev.device_jwk.thumbprint(),
        jkt_a: claims.dev.approval_jwk.thumbprint(),
        snonce: server_nonce,
        iat: date(now),
        account: totp::account_uri(&service.config().organisation, &user.name, &secret),
    })?;
    // The secret of its account is in it, and what is wiped from a database stays in its log for a while.
    let sealed = ids::encode(&service.sealing().seal(REPLY, &jti, reply.as_bytes())?);
    tx.execute(
        "UPDATE offers SET credential = ?2, server_nonce = ?3, body = ?4, reply = ?5 WHERE jti = ?1",
        params![jti, id.to_string(), server_nonce.to_string(), body, sealed],
    )?;
    tracing::info!(offer = jti, credential = %id, "phone enrolled");
    tx.changed(&offer.user);
    Ok(Ok(reply))
}

/// Opens a reply that was sealed for the offer `jti`.
fn open(service: &Service, jti: &str, sealed: &str) -> Result<String, Failure> {
    let bytes = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| Failure::Stored("reply"))?;
    let reply = service.sealing().open(REPLY, jti, &bytes)?;
    String::from_utf8(reply.expose().to_vec()).map_err(|_| Failure::Stored("reply"))
}

fn stored(tx: &Tx<'_>, jti: &str) -> Result<Option<Stored>, Failure> {
    let mut query = tx.prepare_cached(
        "SELECT user, nonce, expires_at, cancelled, credential IS NOT NULL, body, reply FROM offers WHERE jti = ?1",
    )?;
    let found = query.query_row([jti], |row| {
        Ok(Stored {
            user: row.get(0)?,
            nonce: row.get(1)?,
            expires_at: row.get(2)?,
            cancelled: row.get(3)?,
            taken: row.get(4)?,
            body: row.get(5)?,
            reply: row.get(6)?,
        })
    });
    Ok(found.optional()?)
}

fn insert(
    tx: &Tx<'_>,
    service: &Service,
    claims: &EnrolResponse,
    user: &str,
    id: Id,
    now: i64,
) -> Result<(), Failure> {
    let dev = &claims.dev;
    let key = |Jwk(key): &Jwk| key.sec1().to_vec();
    let wanted = service.config().attestation != Attestation::None;
    tx.execute(
        "INSERT INTO credentials (id, user, name, os, app, hardware, device_key, approval_key, attestation, push,
                                  state, made_at, pending_until)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'pending', ?11, ?12)",
        params![
            id.to_string(),
            user,
            dev.name.as_str(),
            dev.os.as_str(),
            dev.app.as_str(),
            dev.hw,
            key(&dev.device_jwk),
            key(&dev.approval_jwk),
            claims.att.as_ref().filter(|_| wanted).map(json::print),
            json::print(&claims.push),
            now,
            now + credentials::SET_UP_S
        ],
    )?;
    Ok(())
}
