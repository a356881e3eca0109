//! Our own dialect: `docs/push-protocol.md`.

use sha2::{Digest, Sha256};

use super::super::challenge::{self, ChallengeError};
use super::super::enrolment::{EnrolledError, check_enrolled};
use super::super::ids::Id;
use super::super::json;
use super::super::jwk::Jwk;
use super::super::jws::{self, Unsigned};
use super::super::keys::PhoneKey;
use super::super::matching::{Given, GivenError};
use super::super::outcome::{Act, Decision, Number, Outcome};
use super::super::wire::{
    self, AttestationWish, By, Code, DenyReason, NumericDate, OauthCode, PROBLEM_TYPE, Renew, ReportReason,
    Uv,
};
use super::{
    Answer, Disbelief, Draft, Known, List, Meaning, Message, Method, NewPhone, Question, Refusal, Sending,
    Signer, Taken, Upkeep,
};
use crate::crypto::p256::PublicKey;
use crate::time::UnixTime;

pub(crate) const KEY_SET: &str = "/.well-known/jwks.json";
pub(crate) const OFFER: &str = "/push/v1/offer";
pub(crate) const TOKEN: &str = "/push/v1/token";
pub(crate) const TEST: &str = "/push/v1/test";
pub(crate) const DEVICE: &str = "/push/v1/device";
pub(crate) const SERVICE_KEYS: &str = "/push/v1/service-keys";
pub(crate) const REQUESTS: &str = "/push/v1/requests";
const ENROL: &str = "/push/v1/enrol";
const ADDRESS: &str = "/push/v1/device/push";
const ROTATE: &str = "/push/v1/device/rotate";

/// How long an answer is good, in seconds.
const ANSWER_S: i64 = 30;
/// How long a message of upkeep is good, in seconds.
pub(crate) const UPKEEP_S: i64 = 60;

/// Returns the address of the service's picture, when it is one of its own.
pub(super) fn logo(offer: &wire::Offer) -> Option<String> {
    let path = offer.logo.as_deref().filter(|path| path.starts_with('/') && !path.starts_with("//"))?;
    Some(offer.iss.address(path))
}

/// The same, of an offer that was verified before it was stored.
pub(crate) fn logo_of(offer: &str) -> Option<String> {
    stored(offer).ok().and_then(|offer| logo(&offer))
}

/// SHA-256 of the texts of `jti` and `nonce`.
pub(super) fn attestation_challenge(offer: &wire::Offer) -> Option<Vec<u8>> {
    (offer.att != AttestationWish::None)
        .then(|| Sha256::digest(format!("{}{}", offer.jti, offer.nonce)).to_vec())
}

/// Prints the claims once, so that both keys sign the same bytes.
pub(super) fn enrol(offer: &wire::Offer, phone: &NewPhone, at: UnixTime) -> Result<Draft, Disbelief> {
    let NewPhone { name, os, app, push, device_key, approval_key, hardware, attestation } = phone.clone();
    let (PhoneKey::P256(device_key), Some(approval_key)) = (device_key, approval_key) else {
        return Err(UNREADABLE);
    };
    let claims = wire::EnrolResponse {
        aud: offer.iss.clone(),
        jti: offer.jti,
        nonce: offer.nonce,
        dev: wire::Dev {
            device_jwk: Jwk(device_key),
            approval_jwk: Jwk(approval_key),
            name,
            os,
            app,
            hw: hardware,
        },
        push,
        att: attestation,
        iat: NumericDate::from(at),
        exp: offer.exp,
    };
    let payload = json::print(&claims);
    let by = |key: &PublicKey| Unsigned::with_payload::<wire::EnrolResponse>(key, payload.as_bytes());
    Ok(Draft::enrol(by(&device_key), by(&approval_key)))
}

/// Reads a `push-enrolled+jwt` under the pinned key. The offer was verified before it was stored.
pub(super) fn enrolled(reply: &[u8], offer: &str, known: &Known<'_>) -> Result<Taken, Disbelief> {
    let text = std::str::from_utf8(reply).map_err(|_| Disbelief("not text"))?;
    let offer = stored(offer)?;
    let service_key = key(known.service_keys.first().ok_or(UNREADABLE)?)?;
    let (device, approval) = (key(known.device_key)?, key(known.approval_key)?);
    let (device, approval) = (Jwk(device).thumbprint(), Jwk(approval).thumbprint());
    let (enrolled, number) =
        check_enrolled(text.trim(), &offer, &service_key, device, approval).map_err(|error| match error {
            EnrolledError::Jws(_) => Disbelief("the enrolment is not signed by the service"),
            EnrolledError::Offer => Disbelief("the enrolment is another one's"),
            EnrolledError::Keys => Disbelief("the keys are not this phone's"),
        })?;
    Ok(Taken {
        credential: enrolled.aud.to_string(),
        check_number: Some(number),
        account: Some(enrolled.account),
        service_key: None,
        works: false,
    })
}

pub(super) fn list(reply: &[u8]) -> Result<List, Disbelief> {
    let wire::List { requests, n_open: _, poll_s, renew } = read(reply)?;
    let again_ms = u64::from(poll_s).saturating_mul(1000);
    Ok(List { requests, again_ms, renew: renew == Some(Renew::Approval) })
}

pub(super) fn question(text: &str, known: &Known<'_>, at: UnixTime) -> Result<Question, ChallengeError> {
    let keys: Vec<PublicKey> = known.service_keys.iter().filter_map(|point| key(point).ok()).collect();
    let credential = known.credential.parse().map_err(|_| ChallengeError::Audience)?;
    let service = known.service.parse().map_err(|_| ChallengeError::Issuer)?;
    let verified = challenge::verify(text, &keys, credential, &service, at)?;
    let wire::Request {
        iss: _,
        aud: _,
        jti,
        iat,
        exp,
        act,
        rp,
        ctx,
        msg,
        authorization_details,
        matching: _,
    } = verified.request;
    let device = ctx.device.unwrap_or(ctx.ua);
    let place: Vec<&str> = [&ctx.city, &ctx.country].into_iter().flatten().map(wire::Label::as_str).collect();
    Ok(Question {
        id: jti,
        name: jti.to_string(),
        act: match act {
            wire::Act::Login => Act::Login,
            wire::Act::Test => Act::Test,
            // Others were refused when the request was verified.
            wire::Act::Txn | wire::Act::Unknown(_) => Act::Transaction,
        },
        application: rp.name.as_str().to_owned(),
        address: ctx.ip.as_str().to_owned(),
        place: place.join(", "),
        device: device.as_str().to_owned(),
        new_device: ctx.new_device,
        message: msg.map(|text| text.as_str().to_owned()),
        details: authorization_details.map(|details| details.to_string()),
        asked: iat.time(),
        exp: exp.time(),
        rule: verified.rule,
        digest: verified.digest,
        takes_reasons: true,
    })
}

/// An approval is signed by the approval key, the others by the device key.
pub(super) fn answer(
    question: &Question,
    decision: &Decision,
    known: &Known<'_>,
    at: UnixTime,
    fresh: Id,
) -> Result<Answer, GivenError> {
    let (signer, point, dec) = match decision {
        Decision::Approve { number } => {
            let given = match number {
                Number::Typed(text) => Given::Typed(text),
                Number::Scanned(text) => Given::Scanned(text),
                Number::Nothing => Given::Typed(""),
            };
            let matching = question.rule.value(question.id, given)?;
            let uv = if known.hardware { Uv::Any } else { Uv::Software };
            (Signer::Approval, known.approval_key, wire::Decision::Approve { matching, uv })
        }
        Decision::Deny { cancelled } => {
            let why = if *cancelled { DenyReason::Cancelled } else { DenyReason::Unspecified };
            (Signer::Device, known.device_key, wire::Decision::Deny { why })
        }
        Decision::Report { not_me, lock } => {
            let why = if *not_me { ReportReason::NotMe } else { ReportReason::Suspicious };
            (Signer::Device, known.device_key, wire::Decision::Report { why, lock: *lock })
        }
    };
    let claims = wire::Answer {
        iss: known.credential.parse().expect("the question was verified for this credential"),
        aud: known.service.parse().expect("the question was verified for this service"),
        jti: fresh,
        req: question.id,
        rdig: question.digest,
        iat: at.into(),
        exp: NumericDate::from(at).plus_s(ANSWER_S),
        dec,
    };
    let point = key(point).expect("a stored key was read when it was made");
    Ok(Answer { draft: Draft::jws(signer, Unsigned::new(&point, &claims)), exp: claims.exp.time() })
}

pub(super) fn answered(reply: &[u8]) -> Result<Outcome, Disbelief> {
    let answer: wire::AnswerReply = read(reply)?;
    let outcome = outcome(&answer.state, Some(&By::This)).ok_or(Disbelief("an answered request is open"))?;
    Ok(outcome)
}

pub(super) fn upkeep(
    what: &Upkeep<'_>,
    known: &Known<'_>,
    at: UnixTime,
    fresh: Id,
) -> Result<Draft, Disbelief> {
    let iss = known.credential.parse().map_err(|_| UNREADABLE)?;
    let aud = known.service.parse().map_err(|_| UNREADABLE)?;
    let (jti, iat, exp) = (fresh, at.into(), NumericDate::from(at).plus_s(UPKEEP_S));
    match what {
        Upkeep::Address(push) => {
            let update = wire::Update { iss, aud, jti, iat, exp, push: (*push).clone() };
            Ok(Draft::jws(Signer::Device, Unsigned::new(&key(known.device_key)?, &update)))
        }
        Upkeep::NewKey { which, new, renewed } => {
            let (signer, old) = match which {
                wire::WhichKey::Approval if !renewed => (Signer::Approval, known.approval_key),
                wire::WhichKey::Approval | wire::WhichKey::Device => (Signer::Device, known.device_key),
            };
            let (old, new) = (key(old)?, key(new)?);
            let payload =
                json::print(&wire::Rotate { iss, aud, jti, iat, exp, which: *which, jwk: Jwk(new) });
            let by = |key: &PublicKey| Unsigned::with_payload::<wire::Rotate>(key, payload.as_bytes());
            Ok(Draft::rotate(signer, by(&old), by(&new)))
        }
    }
}

/// Reads RFC 9457 and RFC 6749 alike; a body that is neither has a code that is empty.
pub(super) fn refusal(media_type: &str, body: &[u8]) -> Refusal {
    if media_type == PROBLEM_TYPE
        && let Ok(problem) = read::<wire::Problem>(body)
    {
        return of_problem(problem);
    }
    let Ok(error) = read::<wire::OauthError>(body) else {
        return Refusal { code: String::new(), meaning: Meaning::Other };
    };
    let meaning = match (&error.error, &error.code) {
        (OauthCode::UseDpopNonce, _) => Meaning::Nonce,
        // Said to nobody but a valid assertion of this credential.
        (OauthCode::InvalidClient, Some(Code::CredentialRevoked)) => Meaning::Revoked(reason(error.reason)),
        _ => Meaning::Other,
    };
    Refusal { code: error.error.as_str().to_owned(), meaning }
}

fn of_problem(problem: wire::Problem) -> Refusal {
    let wire::Problem { code, title: _, status: _, state, by, reason: why } = problem;
    let ended = |otherwise| {
        let known = state.as_ref().and_then(|state| outcome(state, by.as_ref()));
        Meaning::Ended(known.unwrap_or(otherwise))
    };
    let meaning = match &code {
        Code::UseDpopNonce => Meaning::Nonce,
        Code::InvalidToken => Meaning::Token,
        Code::CredentialRevoked => Meaning::Revoked(reason(why)),
        Code::WrongMatch => Meaning::Ended(Outcome::WrongMatch),
        Code::AlreadyAnswered => ended(Outcome::Elsewhere),
        Code::RequestClosed => ended(Outcome::Expired),
        Code::UnknownRequest => Meaning::Ended(Outcome::Expired),
        Code::AnswerExpired => Meaning::Ended(Outcome::Dropped),
        _ => Meaning::Other,
    };
    Refusal { code: code.as_str().to_owned(), meaning }
}

/// Reads how a request stands; `None` while it is open.
pub(crate) fn state(reply: &[u8]) -> Result<Option<Outcome>, Disbelief> {
    let state: wire::RequestState = read(reply)?;
    Ok(outcome(&state.state, state.by.as_ref()))
}

/// Says how a request ended; `None` while it is open.
fn outcome(state: &wire::State, by: Option<&By>) -> Option<Outcome> {
    let here = by == Some(&By::This);
    Some(match state {
        wire::State::Open => return None,
        wire::State::Approved | wire::State::Denied | wire::State::Reported if !here => Outcome::Elsewhere,
        wire::State::Approved => Outcome::Approved,
        wire::State::Denied => Outcome::Denied,
        wire::State::Reported => Outcome::Reported,
        wire::State::WrongMatch => Outcome::WrongMatch,
        wire::State::Expired => Outcome::Expired,
        wire::State::Replaced => Outcome::Replaced,
        // A state of a later version is an end at any rate.
        wire::State::Cancelled | wire::State::Unknown(_) => Outcome::Cancelled,
    })
}

pub(super) fn message(service: &str, what: &Sending<'_>, text: Vec<u8>) -> Message {
    let (method, path, media_type) = match what {
        Sending::Poll => (Method::Get, REQUESTS.to_owned(), None),
        Sending::Enrol => (Method::Post, ENROL.to_owned(), Some("application/json")),
        Sending::Answer(name) => (Method::Post, format!("{REQUESTS}/{name}/answer"), Some(ANSWER_TYPE)),
        Sending::Address => (Method::Put, ADDRESS.to_owned(), Some(UPDATE_TYPE)),
        Sending::NewKey => (Method::Post, ROTATE.to_owned(), Some("application/json")),
    };
    let body = media_type.map(|media_type| (media_type, text));
    Message { method, url: format!("{service}{path}"), body }
}

fn stored(offer: &str) -> Result<wire::Offer, Disbelief> {
    let message = jws::parse::<wire::Offer>(offer);
    message.and_then(|message| message.claims_before_verifying()).map_err(|_| UNREADABLE)
}

const ANSWER_TYPE: &str = "application/push-ans+jwt";
const UPDATE_TYPE: &str = "application/push-update+jwt";
const UNREADABLE: Disbelief = Disbelief("the enrolment does not read");

fn read<T: serde::de::DeserializeOwned>(reply: &[u8]) -> Result<T, Disbelief> {
    json::read(reply, json::LARGE_CAP).map_err(|_| Disbelief("not the JSON that was asked for"))
}

fn key(point: &[u8]) -> Result<PublicKey, Disbelief> {
    PublicKey::from_sec1(point).map_err(|_| UNREADABLE)
}

fn reason(reason: Option<wire::RevokedReason>) -> Option<String> {
    reason.map(|reason| reason.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::super::jws::Claims;
    use super::*;

    #[test]
    fn a_signed_body_goes_under_the_name_of_its_type() {
        assert_eq!(ANSWER_TYPE, format!("application/{}", wire::Answer::TYP));
        assert_eq!(UPDATE_TYPE, format!("application/{}", wire::Update::TYP));
    }

    #[track_caller]
    fn check(media_type: &str, body: &str, code: &str, meaning: Meaning) {
        let expected = Refusal { code: code.to_owned(), meaning };
        assert_eq!(refusal(media_type, body.as_bytes()), expected, "{body}");
    }

    #[test]
    fn a_refusal_is_told_by_its_stable_word() {
        let problem = |body, code, meaning| check(PROBLEM_TYPE, body, code, meaning);
        problem(r#"{"code":"use_dpop_nonce"}"#, "use_dpop_nonce", Meaning::Nonce);
        problem(r#"{"code":"invalid_token"}"#, "invalid_token", Meaning::Token);
        problem(r#"{"code":"wrong_match"}"#, "wrong_match", Meaning::Ended(Outcome::WrongMatch));
        problem(r#"{"code":"answer_expired"}"#, "answer_expired", Meaning::Ended(Outcome::Dropped));
        let answered = r#"{"code":"already_answered","state":"denied","by":"this"}"#;
        problem(answered, "already_answered", Meaning::Ended(Outcome::Denied));
        let elsewhere = r#"{"code":"already_answered","state":"denied","by":"other"}"#;
        problem(elsewhere, "already_answered", Meaning::Ended(Outcome::Elsewhere));
        let replaced = r#"{"code":"request_closed","state":"replaced"}"#;
        problem(replaced, "request_closed", Meaning::Ended(Outcome::Replaced));
        let revoked = r#"{"code":"credential_revoked","reason":"reset"}"#;
        problem(revoked, "credential_revoked", Meaning::Revoked(Some("reset".to_owned())));
        problem(r#"{"code":"on_fire"}"#, "on_fire", Meaning::Other);
        problem("<html>", "", Meaning::Other);
    }

    #[test]
    fn the_token_endpoint_speaks_rfc_6749() {
        let oauth = |body, code, meaning| check("application/json", body, code, meaning);
        oauth(r#"{"error":"use_dpop_nonce"}"#, "use_dpop_nonce", Meaning::Nonce);
        oauth(r#"{"error":"invalid_client"}"#, "invalid_client", Meaning::Other);
        let revoked = r#"{"error":"invalid_client","code":"credential_revoked","reason":"removed"}"#;
        oauth(revoked, "invalid_client", Meaning::Revoked(Some("removed".to_owned())));
        // The control: the word alone, without an assertion that holds, revokes nothing.
        oauth(r#"{"error":"invalid_grant","code":"credential_revoked"}"#, "invalid_grant", Meaning::Other);
        // A body that says it is no problem is none, whatever code it has.
        oauth(r#"{"code":"credential_revoked"}"#, "", Meaning::Other);
    }
}
