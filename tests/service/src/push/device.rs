//! What a phone changes about itself: where wake-ups go, its keys, and that it goes.

use authenticator_core::crypto::p256::PublicKey;
use authenticator_core::push::clock::{TOLERANCE, is_near};
use authenticator_core::push::ids::Id;
use authenticator_core::push::json;
use authenticator_core::push::jwk::Jwk;
use authenticator_core::push::jws::{self, Unverified};
use authenticator_core::push::wire::{
    Code, NumericDate, Origin, Rotate, RotateBody, RotateReply, Update, WhichKey,
};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use ring::digest::{SHA256, digest};
use rusqlite::{OptionalExtension, params};

use super::credentials::{self, Credential, Reason};
use super::enrol::refusal;
use super::{Caller, dpop, seen};
use crate::http::Refusal;
use crate::http::body::Capped;
use crate::store::Tx;
use crate::{Failure, Service, webpush};

/// How long an update or a rotation may be good, seconds.
const LIFE_S: i64 = 60;

/// `PUT /push/v1/device/push`.
pub(super) async fn push(
    State(service): State<Service>,
    caller: Caller,
    body: Capped<{ super::BODY }>,
) -> Result<StatusCode, Refusal> {
    let parsed = jws::parse::<Update>(body.text()?).map_err(|error| refusal(&error))?;
    let claims = parsed.verify_with(&caller.phone.device, dpop::verifies).map_err(|error| refusal(&error))?;
    in_order(&service, &caller, claims.iss, &claims.aud, claims.iat, claims.exp)?;
    webpush::check(&claims.push, service.reach()).map_err(|_| Refusal::new(Code::Malformed))?;
    let (id, now) = (caller.phone.id, service.clock().now());
    let (jti, push) = (format!("{id}/{}", claims.jti), json::print(&claims.push));
    service
        .store()
        .write(move |tx| {
            if !seen::first_time(tx, &jti, now + 600)? {
                return Ok(Err(Refusal::new(Code::Malformed)));
            }
            tx.execute("UPDATE credentials SET push = ?2 WHERE id = ?1", params![id, push])?;
            Ok(Ok(StatusCode::NO_CONTENT))
        })
        .await?
}

/// `POST /push/v1/device/rotate`. The identical body gets the identical answer until its own `exp`, so that a
/// lost reply leaves no phone with a key that the service does not know.
pub(super) async fn rotate(
    State(service): State<Service>,
    caller: Caller,
    body: Capped<{ super::BODY }>,
) -> Result<Json<RotateReply>, Refusal> {
    let digest = digest(&SHA256, &body.0).as_ref().to_vec();
    let body: RotateBody = json::read(&body.0, super::BODY).map_err(|_| Refusal::new(Code::Malformed))?;
    let old = jws::parse::<Rotate>(&body.old).map_err(|error| refusal(&error))?;
    let new = jws::parse::<Rotate>(&body.new).map_err(|error| refusal(&error))?;
    if old.payload() != new.payload() {
        return Err(Refusal::new(Code::PayloadMismatch));
    }
    let named = new.claims_before_verifying().map_err(|error| refusal(&error))?;
    let claims = new.verify_with(&named.jwk.0, dpop::verifies).map_err(|error| refusal(&error))?;
    in_order(&service, &caller, claims.iss, &claims.aud, claims.iat, claims.exp)?;
    let (now, origin) = (service.clock().now(), caller.phone.id.clone());
    service
        .store()
        .write(move |tx| {
            // The keys are read in the same transaction: two rotations at once would both have the old one.
            let Some(phone) = credentials::load(tx, &origin, now)? else {
                return Ok(Err(Refusal::new(Code::InvalidToken)));
            };
            if let Some(reply) = answered(tx, &phone.id, &digest, now)? {
                return Ok(Ok(reply));
            }
            let outcome = rotate_in(tx, &phone, &claims, &old, now)?;
            if let Ok(reply) = &outcome {
                let until = claims.exp.time().seconds();
                tx.execute(
                    "INSERT INTO rotations (body, credential, reply, until) VALUES (?1, ?2, ?3, ?4)",
                    params![digest, phone.id, json::print(reply), until],
                )?;
            }
            Ok(outcome)
        })
        .await?
        .map(Json)
}

/// Returns what the identical body was answered before.
fn answered(tx: &Tx<'_>, phone: &str, digest: &[u8], now: i64) -> Result<Option<RotateReply>, Failure> {
    let sql = "SELECT reply FROM rotations WHERE body = ?1 AND credential = ?2 AND until > ?3";
    let reply: Option<String> =
        tx.query_row(sql, params![digest, phone, now], |row| row.get(0)).optional()?;
    reply.map(|text| serde_json::from_str(&text).map_err(|_| Failure::Stored("rotation"))).transpose()
}

fn rotate_in(
    tx: &Tx<'_>,
    phone: &Credential,
    claims: &Rotate,
    old: &Unverified<Rotate>,
    now: i64,
) -> Result<Result<RotateReply, Refusal>, Failure> {
    let by_device = old.kid() == Some(Jwk(phone.device).thumbprint());
    let (signer, renewed) = match claims.which {
        WhichKey::Device => (phone.device, false),
        WhichKey::Approval if by_device && phone.renew_until > now => (phone.device, true),
        WhichKey::Approval if by_device => return Ok(Err(Refusal::new(Code::NotPermitted))),
        WhichKey::Approval => (phone.approval, false),
    };
    if let Err(error) = old.verify_with(&signer, dpop::verifies) {
        return Ok(Err(refusal(&error)));
    }
    let (device, approval) = match claims.which {
        WhichKey::Device => (claims.jwk.0, phone.approval),
        WhichKey::Approval => (phone.device, claims.jwk.0),
    };
    if device == approval || !seen::first_time(tx, &format!("{}/{}", phone.id, claims.jti), now + 600)? {
        return Ok(Err(Refusal::new(Code::Malformed)));
    }
    store(tx, &phone.id, &device, &approval)?;
    if renewed {
        // A test shows that the new key works before it approves sign-ins.
        tx.execute(
            "UPDATE credentials SET state = 'pending', pending_until = NULL, renew_until = 0, tests = 0 WHERE id = ?1",
            [&phone.id],
        )?;
    }
    tracing::info!(credential = phone.id, which = ?claims.which, renewed, "key rotated");
    tx.changed(&phone.user);
    Ok(Ok(RotateReply { jkt_d: Jwk(device).thumbprint(), jkt_a: Jwk(approval).thumbprint() }))
}

fn store(tx: &Tx<'_>, id: &str, device: &PublicKey, approval: &PublicKey) -> Result<(), Failure> {
    tx.execute(
        "UPDATE credentials SET device_key = ?2, approval_key = ?3 WHERE id = ?1",
        params![id, device.sec1(), approval.sec1()],
    )?;
    Ok(())
}

/// `DELETE /push/v1/device`.
pub(super) async fn remove(State(service): State<Service>, caller: Caller) -> Result<StatusCode, Refusal> {
    let (id, now) = (caller.phone.id, service.clock().now());
    service.store().write(move |tx| credentials::revoke(tx, &id, Reason::Removed, now)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Checks whose message it is, for whom, and when.
fn in_order(
    service: &Service,
    caller: &Caller,
    iss: Id,
    aud: &Origin,
    iat: NumericDate,
    exp: NumericDate,
) -> Result<(), Refusal> {
    let time = service.clock().time();
    let in_time = is_near(iat.time(), time, TOLERANCE)
        && exp.time().seconds() - iat.time().seconds() <= LIFE_S
        && exp.time().seconds() > time.seconds() - 120;
    if iss == caller.id && aud == service.origin() && in_time {
        return Ok(());
    }
    Err(Refusal::new(Code::Malformed))
}
