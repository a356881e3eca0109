//! `POST /push/v1/requests/{jti}/answer`: the first answer wins, the same answer gets the same outcome.

use authenticator_core::push::clock::{TOLERANCE, is_near};
use authenticator_core::push::ids::RequestDigest;
use authenticator_core::push::jwk::Jwk;
use authenticator_core::push::jws::{self, Unverified};
use authenticator_core::push::wire::{
    Answer, AnswerReply, Code, Decision, How, MatchValue, Problem, State as WireState,
};
use authenticator_core::time::UnixTime;
use axum::Json;
use axum::extract::{Path, State as Extract};
use ring::digest::{SHA256, digest};
use rusqlite::{OptionalExtension, params};
use subtle::ConstantTimeEq;

use super::credentials::{Credential, CredentialState};
use super::enrol::refusal;
use super::requests::{by, own};
use super::{Caller, dpop};
use crate::http::Refusal;
use crate::http::body::Capped;
use crate::requests::{Act, Event, Request, State, end};
use crate::store::Tx;
use crate::{Failure, Service};

/// How long an answer may be good, seconds.
const LIFE_S: i64 = 30;

pub(super) async fn answer(
    Extract(service): Extract<Service>,
    Path(jti): Path<String>,
    caller: Caller,
    body: Capped<{ super::BODY }>,
) -> Result<Json<AnswerReply>, Refusal> {
    let parsed = jws::parse::<Answer>(body.text()?).map_err(|error| refusal(&error))?;
    let named = parsed.claims_before_verifying().map_err(|error| refusal(&error))?;
    let digest = digest(&SHA256, &body.0).as_ref().to_vec();
    // Signatures take most of the time, so they are verified before the one writer is asked.
    let signed = verify(&parsed, &named, &caller.phone);
    let (own, time) = (service.clone(), service.clock().time());
    let answer = Received { jti, answer: named, digest, signed };
    let state = service.store().write(move |tx| take(tx, &own, &caller, answer, time)).await??;
    Ok(Json(AnswerReply { state: WireState::from(state.name().to_owned()) }))
}

struct Received {
    /// The request that the path names.
    jti: String,
    answer: Answer,
    digest: Vec<u8>,
    signed: Result<(), Refusal>,
}

/// Verifies with the key that this kind of answer needs.
fn verify(parsed: &Unverified<Answer>, answer: &Answer, phone: &Credential) -> Result<(), Refusal> {
    let key = match &answer.dec {
        Decision::Approve { .. } => phone.approval,
        Decision::Deny { .. } | Decision::Report { .. } => phone.device,
    };
    if parsed.verify_with(&key, dpop::verifies).is_ok() {
        return Ok(());
    }
    let by_device = parsed.kid() == Some(Jwk(phone.device).thumbprint())
        && parsed.verify_with(&phone.device, dpop::verifies).is_ok();
    Err(Refusal::new(if by_device { Code::ApprovalKeyRequired } else { Code::BadSignature }))
}

/// Takes an answer in the order of the document: known answer, signature, state, time, digest, number.
fn take(
    tx: &Tx<'_>,
    service: &Service,
    caller: &Caller,
    received: Received,
    time: UnixTime,
) -> Result<Result<State, Refusal>, Failure> {
    let Received { jti, answer, digest, signed } = received;
    let id = format!("{}/{}", caller.phone.id, answer.jti);
    if let Some(outcome) = known(tx, &id, &digest)? {
        return Ok(outcome);
    }
    if let Err(refusal) = signed {
        return Ok(Err(refusal));
    }
    if answer.iss != caller.id || answer.aud != *service.origin() || answer.req.to_string() != jti {
        return Ok(Err(Refusal::new(Code::Malformed)));
    }
    let Some((request, copy)) = own(tx, &caller.phone.id, &jti)? else {
        return Ok(Err(Refusal::new(Code::UnknownRequest)));
    };
    let now = time.seconds();
    if let Err(refusal) = answerable(&request, caller, &answer, &copy, time) {
        return Ok(Err(refusal));
    }
    let event = match &answer.dec {
        Decision::Approve { matching, uv: _ } => Event::Approve { matches: matches(&request, matching) },
        Decision::Deny { why: _ } => Event::Deny,
        Decision::Report { why: _, lock } => Event::Report { lock: *lock },
    };
    let state = match end(tx, service, &request, event, Some(&caller.phone.id), now)? {
        Ok(state) => state,
        Err(ended) => return Ok(Err(closed(&Request { state: ended, ..request }, ended, caller))),
    };
    tx.prepare_cached(
        "INSERT INTO answers (jti, credential, request, digest, outcome, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![id, caller.phone.id, request.id, digest, state.name(), now])?;
    Ok(outcome(state))
}

/// Returns the outcome of an answer that came before.
fn known(tx: &Tx<'_>, id: &str, digest: &[u8]) -> Result<Option<Result<State, Refusal>>, Failure> {
    let mut query = tx.prepare_cached("SELECT digest, outcome FROM answers WHERE jti = ?1")?;
    let found =
        query.query_row([id], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, String>(1)?))).optional()?;
    Ok(match found {
        None => None,
        Some((known, state)) if known == digest => Some(outcome(State::from_name(&state)?)),
        Some(_) => Some(Err(Refusal::new(Code::JtiReused))),
    })
}

fn outcome(state: State) -> Result<State, Refusal> {
    match state {
        State::WrongMatch => Err(Refusal::new(Code::WrongMatch)),
        State::Open
        | State::Approved
        | State::Denied
        | State::Reported
        | State::Expired
        | State::Replaced
        | State::Cancelled => Ok(state),
    }
}

/// Checks all that stands between a good signature and the number.
fn answerable(
    request: &Request,
    caller: &Caller,
    answer: &Answer,
    copy: &str,
    time: UnixTime,
) -> Result<(), Refusal> {
    let state = request.state_at(time.seconds());
    if state != State::Open {
        return Err(closed(request, state, caller));
    }
    let (iat, exp) = (answer.iat.time(), answer.exp.time());
    if exp.seconds() <= time.seconds() || !is_near(iat, time, TOLERANCE) {
        return Err(Refusal::new(Code::AnswerExpired));
    }
    if exp.seconds() - iat.seconds() > LIFE_S {
        return Err(Refusal::new(Code::Malformed));
    }
    if answer.rdig != RequestDigest::of(copy) {
        return Err(Refusal::new(Code::DigestMismatch));
    }
    if request.act == Act::Login && caller.phone.state != CredentialState::Active {
        return Err(Refusal::new(Code::NotPermitted));
    }
    Ok(())
}

/// Says how a request that is not open any more ended.
fn closed(request: &Request, state: State, caller: &Caller) -> Refusal {
    let code = match state {
        State::Expired | State::Replaced | State::Cancelled => Code::RequestClosed,
        State::Open | State::Approved | State::Denied | State::Reported | State::WrongMatch => {
            Code::AlreadyAnswered
        }
    };
    let by = by(request, &caller.phone.id).filter(|_| code == Code::AlreadyAnswered);
    let state = Some(WireState::from(state.name().to_owned()));
    Problem { state, by, ..Problem::new(code) }.into()
}

/// Tells whether number or scanned value is the expected one.
fn matches(request: &Request, given: &MatchValue) -> bool {
    let expected = match given.how {
        How::Type => &request.number,
        How::Scan => &request.scan,
        How::Unknown(_) => return false,
    };
    given.value.as_bytes().ct_eq(expected.as_bytes()).into()
}
