//! DPoP at the service (RFC 9449): nonces of its own, and proofs that are good once.
//!
//! A nonce is a time under a key that is new at each start, so that nothing is stored for it; a proof without a
//! nonce of this process is never taken, so that the ids of proofs need not outlive it either.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Mutex, PoisonError};

use authenticator_core::crypto::p256::PublicKey;
use authenticator_core::push::dpop::{self, Call, ProofError, Proven};
use authenticator_core::push::wire::Code;
use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use ring::rand::SystemRandom;

use crate::http::Refusal;
use crate::{Failure, Service, ids, keys};

/// How long a nonce is good, seconds.
const GOOD_S: i64 = 600;
/// How long the id of a proof is kept, seconds.
const KEEP_S: i64 = 1200;
/// Bytes of the part of a nonce that shows whose it is.
const TAG: usize = 16;

/// The nonces of this process, and the proofs it saw.
pub(crate) struct Nonces {
    key: hmac::Key,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    by_time: BTreeSet<(i64, [u8; 16])>,
    ids: HashSet<[u8; 16]>,
}

impl Nonces {
    pub(crate) fn make() -> Result<Self, Failure> {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new());
        Ok(Self { key: key.map_err(|_| Failure::Key("not made"))?, seen: Mutex::default() })
    }

    /// Returns the nonce to give out now.
    pub(crate) fn current(&self, now: i64) -> String {
        let time = now.to_be_bytes();
        let tag = hmac::sign(&self.key, &time);
        ids::encode(&[time.as_slice(), &tag.as_ref()[..TAG]].concat())
    }

    fn is_good(&self, nonce: &str, now: i64) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(nonce) else { return false };
        let Some((time, _)) = bytes.split_first_chunk::<8>() else { return false };
        let at = i64::from_be_bytes(*time);
        // The nonces of a second are equal: made again and compared, the text itself is what counts.
        (now - GOOD_S..=now).contains(&at) && self.current(at) == nonce
    }

    /// Notes the id of a proof; false when it came before.
    fn first_time(&self, proven: &Proven, now: i64) -> bool {
        let digest =
            ring::digest::digest(&ring::digest::SHA256, format!("{}/{}", proven.key, proven.jti).as_bytes());
        let id: [u8; 16] = digest.as_ref()[..16].try_into().expect("a digest has 32 bytes");
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(oldest) = seen.by_time.first().copied().filter(|(at, _)| *at < now - KEEP_S) {
            seen.by_time.remove(&oldest);
            seen.ids.remove(&oldest.1);
        }
        let is_new = seen.ids.insert(id);
        if is_new {
            seen.by_time.insert((now, id));
        }
        is_new
    }
}

/// Checks the proof of a call.
pub(super) fn check(
    service: &Service,
    headers: &HeaderMap,
    method: &str,
    path: &str,
    token: Option<&str>,
) -> Result<Proven, Refusal> {
    let mut proofs = headers.get_all("dpop").iter();
    let (Some(proof), None) = (proofs.next(), proofs.next()) else {
        return Err(Refusal::new(Code::InvalidDpopProof));
    };
    let proof = proof.to_str().map_err(|_| Refusal::new(Code::InvalidDpopProof))?;
    let (time, url) = (service.clock().time(), service.origin().address(path));
    let call = Call { method, url: &url, token };
    let is_good = |nonce: &str| service.nonces().is_good(nonce, time.seconds());
    let proven = dpop::check(proof, &call, time, Some(&is_good), verifies).map_err(|error| match error {
        ProofError::Nonce => Refusal::new(Code::UseDpopNonce),
        ProofError::Jws(_) | ProofError::Call(_) | ProofError::Time => Refusal::new(Code::InvalidDpopProof),
    })?;
    if !service.nonces().first_time(&proven, time.seconds()) {
        return Err(Refusal::new(Code::InvalidDpopProof));
    }
    Ok(proven)
}

/// Verifies ES256 with ring.
pub(super) fn verifies(key: &PublicKey, message: &[u8], signature: &[u8; 64]) -> bool {
    keys::verifies(key.sec1(), message, signature)
}

#[cfg(test)]
mod tests {
    use authenticator_core::push::ids::Thumbprint;

    use super::*;

    #[test]
    fn a_nonce_is_good_for_ten_minutes_in_its_own_process() {
        let (nonces, others) = (Nonces::make().unwrap(), Nonces::make().unwrap());
        let nonce = nonces.current(1000);
        assert!(nonces.is_good(&nonce, 1000) && nonces.is_good(&nonce, 1600));
        assert!(!nonces.is_good(&nonce, 1601) && !nonces.is_good(&nonce, 999));
        assert!(!others.is_good(&nonce, 1000));
        assert!(!nonces.is_good(&others.current(1000), 1000) && !nonces.is_good("", 1000));
    }

    #[test]
    fn a_proof_is_good_once_and_forgotten_when_its_nonce_is_long_past() {
        let nonces = Nonces::make().unwrap();
        let proven = |jti: &str| Proven { key: Thumbprint([1; 32]), jti: jti.to_owned() };
        assert!(nonces.first_time(&proven("a"), 1000));
        assert!(!nonces.first_time(&proven("a"), 1000 + KEEP_S));
        assert!(nonces.first_time(&proven("b"), 1001 + KEEP_S));
        assert_eq!(nonces.seen.lock().unwrap().ids.len(), 1);
    }
}
