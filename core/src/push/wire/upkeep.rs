//! What a phone and a service tell each other between requests.

use serde::{Deserialize, Serialize};

use super::super::ids::Id;
use super::super::jwk::Jwk;
use super::super::jws::Claims;
use super::enrolment::PushAddress;
use super::value::{NumericDate, Origin};

/// `push-assertion+jwt`: the device key asks for an access token (RFC 7523).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Assertion {
    /// The credential.
    pub iss: Id,
    /// The credential again.
    pub sub: Id,
    /// The service, alone.
    pub aud: Origin,
    /// Of this assertion; good once.
    pub jti: Id,
    /// When, by the service's clock.
    pub iat: NumericDate,
    /// 60 s later.
    pub exp: NumericDate,
}

impl Claims for Assertion {
    const TYP: &'static str = "push-assertion+jwt";
}

/// `push-update+jwt`: wake-ups go elsewhere from now on. Signed by the device key.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Update {
    /// The credential.
    pub iss: Id,
    /// The service.
    pub aud: Origin,
    /// Of this message.
    pub jti: Id,
    /// When, by the service's clock.
    pub iat: NumericDate,
    /// 60 s later.
    pub exp: NumericDate,
    /// The new address.
    pub push: PushAddress,
}

impl Claims for Update {
    const TYP: &'static str = "push-update+jwt";
}

/// `push-rotate+jwt`: a new key takes the place of an old one. Two of them, payloads equal byte for byte: one
/// signed by the old key, one by the new one.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Rotate {
    /// The credential.
    pub iss: Id,
    /// The service.
    pub aud: Origin,
    /// Of this message.
    pub jti: Id,
    /// When, by the service's clock.
    pub iat: NumericDate,
    /// 60 s later.
    pub exp: NumericDate,
    /// Which of the phone's keys.
    pub which: WhichKey,
    /// The new one.
    pub jwk: Jwk,
}

impl Claims for Rotate {
    const TYP: &'static str = "push-rotate+jwt";
}

/// One of a phone's two keys.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum WhichKey {
    /// The key without a prompt.
    Device,
    /// The key that asks for presence.
    Approval,
}

/// `push-svc-key+jwt`: the service will sign with a new key; its old one signs this.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ServiceKey {
    /// The service.
    pub iss: Origin,
    /// From when the new key signs.
    pub iat: NumericDate,
    /// 90 days later: until then both may sign.
    pub exp: NumericDate,
    /// The new key.
    pub jwk: Jwk,
}

impl Claims for ServiceKey {
    const TYP: &'static str = "push-svc-key+jwt";
}
