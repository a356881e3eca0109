//! DPoP proofs (RFC 9449): a key in memory shows for each call that it is the one a token is bound to.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::b64;
use super::clock::{TOLERANCE, TOLERANCE_WITH_NONCE, is_near};
use super::ids::{Id, Thumbprint};
use super::jwk::Jwk;
use super::jws::{self, Claims, JwsError, Named, Names, Unsigned};
use super::wire::NumericDate;
use crate::crypto::p256::{PrivateKey, PublicKey};
use crate::crypto::random::RandomError;
use crate::time::UnixTime;

/// The claims of a proof.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Proof {
    /// Of this proof alone; a server keeps it for 20 min.
    pub jti: String,
    /// The method: `GET`.
    pub htm: String,
    /// The address without query and fragment, as the service names itself.
    pub htu: String,
    /// When it was made, by the service's clock.
    pub iat: NumericDate,
    /// The nonce that the service gave last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// SHA-256 of the token, base64url; absent where there is none yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ath: Option<String>,
}

impl Claims for Proof {
    const TYP: &'static str = "dpop+jwt";
    const NAMES: Names = Names::Jwk;
    const CAP: usize = 4096;
}

/// One call, as a proof names it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Call<'a> {
    /// `GET`, `POST`, `PUT` or `DELETE`.
    pub method: &'a str,
    /// The address: origin and path.
    pub url: &'a str,
    /// The token that goes with the call.
    pub token: Option<&'a str>,
}

/// Makes the proof for one call. `at` is the time by the service's clock, `nonce` the last one it gave.
///
/// # Errors
/// [`RandomError`].
pub fn prove(
    key: &PrivateKey,
    call: &Call<'_>,
    at: UnixTime,
    nonce: Option<&str>,
) -> Result<String, RandomError> {
    let proof = Proof {
        jti: Id::make()?.to_string(),
        htm: call.method.to_owned(),
        htu: call.url.to_owned(),
        iat: at.into(),
        nonce: nonce.map(str::to_owned),
        ath: call.token.map(token_hash),
    };
    Ok(Unsigned::new(&key.public(), &proof).sign(key))
}

/// Returns `ath` of a token, RFC 9449 section 4.2.
pub fn token_hash(token: &str) -> String {
    b64::encode(&Sha256::digest(token.as_bytes()))
}

/// A proof that holds for its call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Proven {
    /// Thumbprint of the key: the token must be bound to it.
    pub key: Thumbprint,
    /// The server refuses a second proof with it.
    pub jti: String,
}

/// Why a server refuses a proof.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ProofError {
    /// `use_dpop_nonce`: no nonce, or none of those that are good now.
    #[error("the nonce is not good now")]
    Nonce,
    /// `invalid_dpop_proof`: no proof at all.
    #[error("no proof: {0}")]
    Jws(#[from] JwsError),
    /// `invalid_dpop_proof`: made for another call.
    #[error("the proof is for another {0}")]
    Call(&'static str),
    /// `invalid_dpop_proof`: made too long ago or too far ahead.
    #[error("the proof is of another time")]
    Time,
}

/// Checks a proof as a server does, RFC 9449 section 4.3, all but whether its `jti` came before.
///
/// `now` is the server's clock. `is_good` says whether a nonce is one of the server's that still count; `None`
/// for a server that asks for none. `verifies` is the signature check: [`PublicKey::verifies`] or a faster one.
///
/// # Errors
/// [`ProofError`]; the nonce is looked at last, so that `use_dpop_nonce` is said to good proofs alone.
pub fn check(
    text: &str,
    call: &Call<'_>,
    now: UnixTime,
    is_good: Option<&dyn Fn(&str) -> bool>,
    verifies: impl FnOnce(&PublicKey, &[u8], &[u8; 64]) -> bool,
) -> Result<Proven, ProofError> {
    let parsed = jws::parse::<Proof>(text)?;
    let Named::Jwk(Jwk(key)) = parsed.named() else { return Err(JwsError::Header.into()) };
    let proof = parsed.verify_with(&key, verifies)?;
    if proof.htm != call.method {
        return Err(ProofError::Call("method"));
    }
    if proof.htu != call.url {
        return Err(ProofError::Call("address"));
    }
    if proof.ath != call.token.map(token_hash) {
        return Err(ProofError::Call("token"));
    }
    if proof.jti.is_empty() || proof.jti.len() > 64 {
        return Err(JwsError::Header.into());
    }
    let nonce_is_good = is_good.is_none_or(|is_good| proof.nonce.as_deref().is_some_and(is_good));
    let tolerance = if is_good.is_some() && nonce_is_good { TOLERANCE_WITH_NONCE } else { TOLERANCE };
    if !nonce_is_good {
        return Err(ProofError::Nonce);
    }
    if !is_near(proof.iat.time(), now, tolerance) {
        return Err(ProofError::Time);
    }
    Ok(Proven { key: Jwk(key).thumbprint(), jti: proof.jti })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::SecretBytes;

    const NOW: UnixTime = UnixTime::from_seconds(1_800_000_000);
    const CALL: Call<'static> =
        Call { method: "GET", url: "https://a.example/push/v1/requests", token: Some("token") };

    fn key() -> PrivateKey {
        PrivateKey::from_bytes(&SecretBytes::new(vec![7; 32])).unwrap()
    }

    #[track_caller]
    fn check_with(text: &str, call: &Call<'_>, now: UnixTime, expected: Result<(), ProofError>) {
        let is_good = |nonce: &str| nonce == "n1";
        let checked = check(text, call, now, Some(&is_good), PublicKey::verifies);
        assert_eq!(checked.map(|proven| assert_eq!(proven.key, Jwk(key().public()).thumbprint())), expected);
    }

    fn proof() -> String {
        prove(&key(), &CALL, NOW, Some("n1")).unwrap()
    }

    #[test]
    fn a_proof_holds_for_its_call() {
        check_with(&proof(), &CALL, NOW, Ok(()));
        let first = prove(&key(), &Call { token: None, ..CALL }, NOW, None).unwrap();
        assert!(check(&first, &Call { token: None, ..CALL }, NOW, None, PublicKey::verifies).is_ok());
    }

    #[test]
    fn a_proof_for_another_call_is_refused() {
        for (call, what) in [
            (Call { method: "POST", ..CALL }, "method"),
            (Call { url: "https://a.example/push/v1/requests/", ..CALL }, "address"),
            (Call { url: "https://b.example/push/v1/requests", ..CALL }, "address"),
            (Call { token: Some("other"), ..CALL }, "token"),
            (Call { token: None, ..CALL }, "token"),
        ] {
            check_with(&proof(), &call, NOW, Err(ProofError::Call(what)));
        }
    }

    #[test]
    fn without_a_good_nonce_another_one_is_asked_for() {
        for nonce in [None, Some("n0")] {
            let proof = prove(&key(), &CALL, NOW, nonce).unwrap();
            check_with(&proof, &CALL, NOW, Err(ProofError::Nonce));
        }
    }

    /// Ten minutes either way with a nonce, two without; the control is the second before.
    #[test]
    fn a_proof_may_be_ten_minutes_off_with_a_nonce() {
        for (off, expected) in [
            (0, Ok(())),
            (600, Ok(())),
            (-600, Ok(())),
            (601, Err(ProofError::Time)),
            (-601, Err(ProofError::Time)),
        ] {
            check_with(&proof(), &CALL, NOW.plus_ms(off * 1000), expected);
            let two = (off.abs() <= 120).then_some(()).ok_or(ProofError::Time);
            let without = check(&proof(), &CALL, NOW.plus_ms(off * 1000), None, PublicKey::verifies);
            assert_eq!(without.map(drop), two, "{off}");
        }
    }

    /// RFC 9449 figures 2 and 12: a proof without, and one with a token; the RFC's line breaks removed.
    #[test]
    fn the_proofs_of_rfc_9449_hold() {
        let without = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMz\
            R0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5V\
            ERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0\
            dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-Fd\
            WP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
        let call = Call { method: "POST", url: "https://server.example.com/token", token: None };
        let at = UnixTime::from_seconds(1_562_262_616);
        let proven = check(without, &call, at, None, PublicKey::verifies).unwrap();
        assert_eq!(proven.jti, "-BwC3ESc6acc2lTc");
        assert_eq!(proven.key.to_string(), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");

        let with = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0V\
            jNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERW\
            clUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1Ijo\
            iaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIj\
            oiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRi\
            mPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";
        let token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
        let url = "https://resource.example.org/protectedresource";
        let call = Call { method: "GET", url, token: Some(token) };
        let proven = check(with, &call, UnixTime::from_seconds(1_562_262_618), None, PublicKey::verifies);
        assert_eq!(proven.unwrap().jti, "e1j3V_bKic8-LAEB");
    }

    #[test]
    fn the_signature_check_is_the_callers() {
        let refuse = |_: &PublicKey, _: &[u8], _: &[u8; 64]| false;
        let checked = check(&proof(), &CALL, NOW, None, refuse);
        assert_eq!(checked, Err(ProofError::Jws(JwsError::Signature)));
    }
}
