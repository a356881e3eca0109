//! A service's question, from the bytes of a list to what may be shown.

use super::clock::TOLERANCE;
use super::ids::{Id, RequestDigest};
use super::jwk::Jwk;
use super::jws::{self, JwsError};
use super::matching::{Rule, RuleError};
use super::wire::{Act, Origin, Request};
use crate::crypto::p256::PublicKey;
use crate::time::UnixTime;

/// A question that its service vouches for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Challenge {
    /// What is asked.
    pub request: Request,
    /// What the person must carry over to approve.
    pub rule: Rule,
    /// Digest of the text as received; an answer signs it.
    pub digest: RequestDigest,
}

/// Why a question is not shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ChallengeError {
    /// Not a signed question.
    #[error("not a request: {0}")]
    Jws(JwsError),
    /// A key signed it that is not pinned: follow the service's keys, then try once more.
    #[error("signed by a key that is not known")]
    UnknownKey,
    /// Another service's.
    #[error("the request is another service's")]
    Issuer,
    /// For another credential.
    #[error("the request is for another phone")]
    Audience,
    /// It would be good for longer than a request may be, or begins in the future.
    #[error("the request's times are not those of a request")]
    Life,
    /// It is past.
    #[error("the request is past")]
    Expired,
    /// Nothing could be carried over, and without that nothing is approved.
    #[error("the request has no rule to match by")]
    Rule,
    /// It asks for something that only a later version knows: update the app.
    #[error("a request of a later version")]
    UpdateApp,
}

/// Seconds that a request may be good for.
pub const REQUEST_LIFE_S: i64 = 300;

/// Verifies one request of a list. `keys` are those of the service that count now, `at_service` is its time.
///
/// # Errors
/// [`ChallengeError`].
pub fn verify(
    text: &str,
    keys: &[PublicKey],
    credential: Id,
    service: &Origin,
    at_service: UnixTime,
) -> Result<Challenge, ChallengeError> {
    let parsed = jws::parse::<Request>(text).map_err(ChallengeError::Jws)?;
    let kid = parsed.kid();
    let key =
        keys.iter().find(|key| Some(Jwk(**key).thumbprint()) == kid).ok_or(ChallengeError::UnknownKey)?;
    let request = parsed.verify(key).map_err(ChallengeError::Jws)?;
    if request.iss != *service {
        return Err(ChallengeError::Issuer);
    }
    if request.aud != credential {
        return Err(ChallengeError::Audience);
    }
    let (iat, exp) = (request.iat.time(), request.exp.time());
    let life_s = exp.seconds() - iat.seconds();
    let early = iat.ms() - at_service.ms() > i64::try_from(TOLERANCE.as_millis()).unwrap_or(i64::MAX);
    if !(1..=REQUEST_LIFE_S).contains(&life_s) || early {
        return Err(ChallengeError::Life);
    }
    if at_service >= exp {
        return Err(ChallengeError::Expired);
    }
    match request.act {
        Act::Login | Act::Test | Act::Txn => {}
        Act::Unknown(_) => return Err(ChallengeError::UpdateApp),
    }
    let rule = Rule::of(&request.matching).map_err(|error| match error {
        RuleError::UpdateApp => ChallengeError::UpdateApp,
        RuleError::Length => ChallengeError::Rule,
    })?;
    Ok(Challenge { request, rule, digest: RequestDigest::of(text) })
}

#[cfg(test)]
mod tests;
