//! Who a relying party is: `private_key_jwt` (RFC 7523), or a secret by Basic or in the form (RFC 6749
//! section 2.3.1). One way per call, and only the one that is configured.

use authenticator_core::crypto::p256::PublicKey;
use authenticator_core::push::json;
use authenticator_core::push::jwk::Jwk;
use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD as B64};
use percent_encoding::percent_decode_str;
use rusqlite::params;
use serde::Deserialize;
use subtle::ConstantTimeEq;

use super::errors::{Error, Word};
use super::form::Form;
use crate::config::RelyingParty;
use crate::{Service, ids, keys};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Seconds that an assertion may hold, and that clocks may differ.
const MOST_LIFE_S: i64 = 600;
const SKEW_S: i64 = 60;
/// Characters that a secret has at least: it is compared without limits, so that it must not be guessable.
const LEAST_SECRET: usize = 32;

/// Why a relying party cannot be used as it is configured.
#[derive(Debug, thiserror::Error)]
pub enum PartyError {
    /// Two have the same id, or it is empty.
    #[error("relying party {0:?}: its id is empty or there twice")]
    Id(String),
    /// Neither a secret nor a key, or both.
    #[error("relying party {0:?}: either a secret or a jwk")]
    Credential(String),
    /// Its secret can be guessed.
    #[error("relying party {0:?}: a secret has at least 32 characters")]
    Secret(String),
    /// Its key is not a public key on P-256 as a JWK.
    #[error("relying party {0:?}: the jwk is not a public key on P-256")]
    Key(String),
    /// Its name cannot be shown.
    #[error("relying party {0:?}: the name is not one line of text")]
    Name(String),
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    crit: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Assertion {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    jti: String,
    #[serde(default)]
    nbf: Option<i64>,
    #[serde(default)]
    iat: Option<i64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// Checks the parties of a configuration.
///
/// # Errors
/// [`PartyError`].
pub fn check_parties(parties: &[RelyingParty]) -> Result<(), PartyError> {
    for (n, party) in parties.iter().enumerate() {
        let id = || party.id.clone();
        if party.id.is_empty() || parties[..n].iter().any(|other| other.id == party.id) {
            return Err(PartyError::Id(id()));
        }
        match (&party.secret, &party.jwk) {
            (Some(secret), None) if secret.chars().count() < LEAST_SECRET => {
                return Err(PartyError::Secret(id()));
            }
            (None, Some(text)) if key(text).is_none() => return Err(PartyError::Key(id())),
            (Some(_), None) | (None, Some(_)) => {}
            (None, None) | (Some(_), Some(_)) => return Err(PartyError::Credential(id())),
        }
        if party.name.parse::<authenticator_core::push::wire::Label>().is_err() || party.name.is_empty() {
            return Err(PartyError::Name(id()));
        }
    }
    Ok(())
}

/// Finds out which party calls.
pub(super) async fn authenticate<'a>(
    service: &'a Service,
    headers: &HeaderMap,
    form: &Form,
) -> Result<&'a RelyingParty, Error> {
    let basic = headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap_or_default());
    let assertion = form.get("client_assertion");
    let secret = form.get("client_secret");
    match (basic, assertion, secret) {
        (None, Some(assertion), None) => by_assertion(service, form, assertion).await,
        (Some(basic), None, None) => {
            let wrong = || Error::client("the client is unknown or its secret is wrong", true);
            let (id, secret) = read_basic(basic).ok_or_else(wrong)?;
            if form.get("client_id").is_some_and(|other| other != id) {
                return Err(wrong());
            }
            by_secret(service, &id, &secret).ok_or_else(wrong)
        }
        (None, None, Some(secret)) => form
            .get("client_id")
            .and_then(|id| by_secret(service, id, secret))
            .ok_or_else(|| Error::client("the client is unknown or its secret is wrong", false)),
        (None, None, None) => Err(Error::client("the client does not say who it is", false)),
        _ => Err(Error::new(Word::InvalidRequest, "more than one way of client authentication")),
    }
}

fn by_secret<'a>(service: &'a Service, id: &str, secret: &str) -> Option<&'a RelyingParty> {
    let party = find(service, id);
    // Digests have one length, so that the time says nothing about that of the secret either.
    let held = ids::digest(party.and_then(|party| party.secret.as_deref()).unwrap_or_default());
    let same = bool::from(held.as_bytes().ct_eq(ids::digest(secret).as_bytes()));
    party.filter(|party| same && party.secret.is_some())
}

async fn by_assertion<'a>(service: &'a Service, form: &Form, text: &str) -> Result<&'a RelyingParty, Error> {
    let wrong = |why| Error::client(why, false);
    if form.get("client_assertion_type") != Some(ASSERTION_TYPE) {
        return Err(Error::new(Word::InvalidRequest, "client_assertion_type is not that of a JWT"));
    }
    let (party, assertion) =
        verified(service, text).ok_or_else(|| wrong("the assertion is not the client's"))?;
    if form.get("client_id").is_some_and(|other| other != party.id) {
        return Err(wrong("the assertion is another client's"));
    }
    let origin = service.origin().as_str();
    let ours = |audience: &str| {
        audience == origin
            || ["/", "/token", "/bc-authorize"].iter().any(|path| *audience == format!("{origin}{path}"))
    };
    // CIBA section 7.1: issuer, token endpoint and backchannel endpoint are all taken.
    let for_us = match &assertion.aud {
        Audience::One(audience) => ours(audience),
        Audience::Many(audiences) => audiences.iter().any(|audience| ours(audience)),
    };
    if !for_us {
        return Err(wrong("the assertion is for another audience"));
    }
    let now = service.clock().now();
    let early = |at: Option<i64>| at.is_some_and(|at| at > now.saturating_add(SKEW_S));
    if assertion.exp <= now - SKEW_S
        || assertion.exp > now + MOST_LIFE_S + SKEW_S
        || early(assertion.nbf)
        || early(assertion.iat)
    {
        return Err(wrong("the assertion is past, or good for more than 10 minutes"));
    }
    if assertion.jti.is_empty() || assertion.jti.len() > 256 {
        return Err(wrong("the assertion has no usable jti"));
    }
    let (client, jti, until) = (party.id.clone(), ids::digest(&assertion.jti), assertion.exp + SKEW_S);
    let new = service.store().write(move |tx| {
        let insert = "INSERT INTO ciba_assertions (client, jti, expires_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        Ok(tx.prepare_cached(insert)?.execute(params![client, jti, until])? == 1)
    });
    if new.await? { Ok(party) } else { Err(wrong("the assertion was used before")) }
}

/// Reads an assertion and verifies that the party that it names signed it: ES256 and nothing else.
fn verified<'a>(service: &'a Service, text: &str) -> Option<(&'a RelyingParty, Assertion)> {
    let (input, signature) = text.rsplit_once('.')?;
    let (head, payload) = input.split_once('.')?;
    let head: Header = json::read(&B64.decode(head).ok()?, json::CAP).ok()?;
    if head.alg != "ES256" || head.crit.is_some() {
        return None;
    }
    let assertion: Assertion = json::read(&B64.decode(payload).ok()?, json::CAP).ok()?;
    let party = find(service, &assertion.sub).filter(|_| assertion.iss == assertion.sub)?;
    let key = key(party.jwk.as_deref()?)?;
    let signature = B64.decode(signature).ok()?;
    keys::verifies(key.sec1(), input.as_bytes(), &signature).then_some((party, assertion))
}

fn find<'a>(service: &'a Service, id: &str) -> Option<&'a RelyingParty> {
    service.config().relying_parties.iter().find(|party| party.id == id)
}

fn key(text: &str) -> Option<PublicKey> {
    json::read::<Jwk>(text.as_bytes(), json::CAP).ok().map(|jwk| jwk.0)
}

/// RFC 6749 section 2.3.1: both halves are form-encoded before they become a Basic credential.
fn read_basic(text: &str) -> Option<(String, String)> {
    let (scheme, rest) = text.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    let plain = |part: &str| {
        let spaced = part.replace('+', " ");
        percent_decode_str(&spaced).decode_utf8().ok().map(|text| text.into_owned())
    };
    Some((plain(id)?, plain(secret)?))
}
