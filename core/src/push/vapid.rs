//! VAPID (RFC 8292): who sends a wake-up, so that a push service or a relay takes it from nobody else.

use serde::{Deserialize, Serialize};

use super::b64;
use super::jws::{self, Claims, JwsError, Names, Unsigned};
use super::wire::NumericDate;
use crate::crypto::p256::PublicKey;
use crate::time::UnixTime;

/// The claims of the token.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Vapid {
    /// The origin of the endpoint.
    pub aud: String,
    /// At most 24 h ahead.
    pub exp: NumericDate,
    /// How to reach the sender: `mailto:` or `https:`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
}

impl Claims for Vapid {
    const TYP: &'static str = "JWT";
    const NAMES: Names = Names::Nothing;
    const CAP: usize = 4096;
}

/// Prints the value of `Authorization`; `sign` signs the bytes it is given with the private half of `key`.
///
/// # Errors
/// That of `sign`.
pub fn authorization<E>(
    key: &PublicKey,
    claims: &Vapid,
    sign: impl FnOnce(&[u8]) -> Result<[u8; 64], E>,
) -> Result<String, E> {
    let token = Unsigned::new(key, claims);
    let signature = sign(token.signing_input())?;
    Ok(format!("vapid t={}, k={}", token.finish(&signature), print_key(key)))
}

/// Prints a key as push services and the relay take it: base64url of the uncompressed point, 87 characters.
pub fn print_key(key: &PublicKey) -> String {
    b64::encode(key.sec1())
}

/// Why a receiver refuses an `Authorization`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum VapidError {
    /// Not `vapid t=…, k=…` with a P-256 key.
    #[error("not a VAPID authorization")]
    Form,
    /// Not a token signed by its key.
    #[error("no token: {0}")]
    Jws(#[from] JwsError),
    /// For another push service.
    #[error("for another push service")]
    Audience,
    /// Past, or more than 24 h ahead.
    #[error("expired, or good for too long")]
    Expiry,
}

/// Checks an `Authorization` as a push service does, RFC 8292 section 4, and returns the key that signed it.
///
/// # Errors
/// [`VapidError`].
pub fn check(
    authorization: &str,
    origin: &str,
    now: UnixTime,
    verifies: impl FnOnce(&PublicKey, &[u8], &[u8; 64]) -> bool,
) -> Result<PublicKey, VapidError> {
    let (token, key) = parts(authorization).ok_or(VapidError::Form)?;
    let claims = jws::parse::<Vapid>(token)?.verify_with(&key, verifies)?;
    if claims.aud != origin {
        return Err(VapidError::Audience);
    }
    let left_s = claims.exp.time().seconds() - now.seconds();
    if left_s <= 0 || left_s > 24 * 3600 {
        return Err(VapidError::Expiry);
    }
    Ok(key)
}

fn parts(authorization: &str) -> Option<(&str, PublicKey)> {
    let (scheme, rest) = authorization.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("vapid") {
        return None;
    }
    let (mut token, mut key) = (None, None);
    for parameter in rest.split(',') {
        let (name, value) = parameter.trim().split_once('=')?;
        let place = match name {
            "t" => &mut token,
            "k" => &mut key,
            _ => continue,
        };
        if place.replace(value).is_some() {
            return None;
        }
    }
    let key = PublicKey::from_sec1(&b64::decode_array::<65>(key?)?).ok()?;
    Some((token?, key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::p256::PrivateKey;
    use crate::secret::SecretBytes;

    const NOW: UnixTime = UnixTime::from_seconds(1_800_000_000);

    fn made(exp: i64) -> String {
        let key = PrivateKey::from_bytes(&SecretBytes::new(vec![7; 32])).unwrap();
        let claims = Vapid {
            aud: "https://push.example.net".to_owned(),
            exp: UnixTime::from_seconds(exp).into(),
            sub: Some("mailto:push@example.com".to_owned()),
        };
        authorization(&key.public(), &claims, |input| Ok::<_, ()>(key.sign(input))).unwrap()
    }

    #[track_caller]
    fn checked(text: &str, expected: Result<(), VapidError>) {
        let read = check(text, "https://push.example.net", NOW, PublicKey::verifies);
        assert_eq!(read.map(drop), expected);
    }

    #[test]
    fn what_is_made_is_taken_by_its_push_service_in_its_time() {
        checked(&made(1_800_000_060), Ok(()));
        checked(&made(1_800_000_000), Err(VapidError::Expiry));
        checked(&made(1_800_086_401), Err(VapidError::Expiry));
        let elsewhere = check(&made(1_800_000_060), "https://other.example.net", NOW, PublicKey::verifies);
        assert_eq!(elsewhere, Err(VapidError::Audience));
    }

    #[test]
    fn other_forms_are_refused() {
        let good = made(1_800_000_060);
        let other = PrivateKey::from_bytes(&SecretBytes::new(vec![8; 32])).unwrap().public();
        let (token, _) = good.split_once(", k=").unwrap();
        checked(
            &format!("{token}, k={}", b64::encode(other.sec1())),
            Err(VapidError::Jws(JwsError::Signature)),
        );
        for bad in ["", "vapid", "Bearer t=a, k=b", token, &format!("{good}, k=a"), &format!("{token}, k=AA")]
        {
            checked(bad, Err(VapidError::Form));
        }
    }

    /// RFC 8292 section 2.4, figure 1; the line breaks of the RFC removed.
    #[test]
    fn the_example_of_rfc_8292_holds() {
        let text = "vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHA\
            iOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlM\
            uCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA, k=BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3M\
            rAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs";
        let at = UnixTime::from_seconds(1_453_523_768 - 60);
        assert!(check(text, "https://push.example.net", at, PublicKey::verifies).is_ok());
    }
}
