//! Who we are to a push service: VAPID, RFC 8292. A short signed statement per origin, by the key that the
//! phone's address was made for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use authenticator_core::crypto::p256::PublicKey;
use authenticator_core::push::vapid;
use authenticator_core::time::UnixTime;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};

/// Seconds that a statement holds; RFC 8292 section 2 allows 24 hours.
const LIFE_S: i64 = 12 * 3600;
/// Seconds before its end at which a new one is made.
const EARLY_S: i64 = 3600;
/// Origins whose statements are kept; then all are made anew.
const MOST_KEPT: usize = 1000;

/// The key that signs wake-ups, and the statements made with it.
pub struct Vapid {
    key: Arc<EcdsaKeyPair>,
    contact: String,
    kept: Mutex<HashMap<String, (String, i64)>>,
}

/// The key cannot be used, or the contact is none.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum VapidError {
    /// It is not a P-256 key in PKCS #8.
    #[error("not a P-256 key in PKCS #8")]
    Key,
    /// The contact is neither `mailto:` nor `https:`.
    #[error("the contact must begin with mailto: or https:")]
    Contact,
}

impl Vapid {
    /// Takes a key and whom a push service may write to when something is wrong (RFC 8292 section 2.1).
    ///
    /// # Errors
    /// [`VapidError::Contact`].
    pub fn new(key: Arc<EcdsaKeyPair>, contact: &str) -> Result<Self, VapidError> {
        if !["mailto:", "https:"]
            .iter()
            .any(|scheme| contact.len() > scheme.len() && contact.starts_with(scheme))
        {
            return Err(VapidError::Contact);
        }
        Ok(Self { key, contact: contact.to_owned(), kept: Mutex::default() })
    }

    /// Reads a key in PKCS #8.
    ///
    /// # Errors
    /// [`VapidError`].
    pub fn from_pkcs8(der: &[u8], contact: &str) -> Result<Self, VapidError> {
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der, &SystemRandom::new());
        Self::new(Arc::new(key.map_err(|_| VapidError::Key)?), contact)
    }

    /// Returns the public key as `applicationServerKey`: base64url of the uncompressed point.
    pub fn public(&self) -> String {
        B64.encode(self.key.public_key())
    }

    /// Returns the `Authorization` header for a push service, `None` when the system has no random bytes.
    ///
    /// `now` is in Unix seconds; the same statement is given again until an hour before its end.
    pub fn authorization(&self, origin: &str, now: i64) -> Option<String> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((header, until)) = kept.get(origin)
            && (now + 1..=now + LIFE_S - EARLY_S).contains(until)
        {
            return Some(header.clone());
        }
        let header = self.statement(origin, now)?;
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.insert(origin.to_owned(), (header.clone(), now + LIFE_S - EARLY_S));
        Some(header)
    }

    fn statement(&self, origin: &str, now: i64) -> Option<String> {
        let claims = vapid::Vapid {
            aud: origin.to_owned(),
            exp: UnixTime::from_seconds(now + LIFE_S).into(),
            sub: Some(self.contact.clone()),
        };
        let key = PublicKey::from_sec1(self.key.public_key().as_ref()).ok()?;
        vapid::authorization(&key, &claims, |input| {
            let signature = self.key.sign(&SystemRandom::new(), input).map_err(drop)?;
            signature.as_ref().try_into().map_err(drop)
        })
        .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn made(contact: &str) -> Result<Vapid, VapidError> {
        let key =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        Vapid::from_pkcs8(key.as_ref(), contact)
    }

    #[test]
    fn a_statement_is_used_again_until_an_hour_before_its_end() {
        let vapid = made("mailto:admin@example.org").unwrap();
        let first = vapid.authorization("https://a.example", NOW).unwrap();
        assert_eq!(vapid.authorization("https://a.example", NOW + 11 * 3600 - 1).unwrap(), first);
        assert_ne!(vapid.authorization("https://b.example", NOW).unwrap(), first);
        for (at, text) in [(NOW + 11 * 3600, "late"), (NOW - 3600, "the clock was put back")] {
            let other = vapid.authorization("https://a.example", at).unwrap();
            assert_ne!(other, first, "{text}");
            let checked =
                vapid::check(&other, "https://a.example", UnixTime::from_seconds(at), PublicKey::verifies)
                    .unwrap();
            assert_eq!(B64.encode(checked.sec1()), vapid.public());
        }
    }

    #[test]
    fn a_push_service_must_have_someone_to_write_to() {
        for contact in ["", "mailto:", "https:", "admin@example.org", "http://example.org"] {
            assert_eq!(made(contact).err(), Some(VapidError::Contact), "{contact}");
        }
        assert!(made("https://example.org/contact").is_ok());
        assert_eq!(Vapid::from_pkcs8(b"", "https://example.org").err(), Some(VapidError::Key));
    }
}
