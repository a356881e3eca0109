//! A key of this phone, as the device made it: one of two kinds.

use crate::crypto::p256::{self, PublicKey};
use crate::crypto::rsa::RsaPublicKey;
use crate::device::KeyKind;

/// The public half of a key that a device made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PhoneKey {
    /// ECDSA on P-256.
    P256(PublicKey),
    /// RSA with 2,048 bits, with its SubjectPublicKeyInfo in DER.
    Rsa(RsaPublicKey, Vec<u8>),
}

impl PhoneKey {
    /// Reads what a device returned; none when it is no key of that kind.
    pub fn of_device(kind: KeyKind, spki: &[u8]) -> Option<Self> {
        match kind {
            KeyKind::P256 => PublicKey::from_spki(spki).ok().map(Self::P256),
            KeyKind::Rsa2048 => Self::rsa(spki),
        }
    }

    /// Reads what [`PhoneKey::to_stored`] printed.
    pub fn from_stored(bytes: &[u8]) -> Option<Self> {
        PublicKey::from_sec1(bytes).ok().map(Self::P256).or_else(|| Self::rsa(bytes))
    }

    /// Returns what is stored: a point of 65 bytes, or a SubjectPublicKeyInfo in DER.
    pub fn to_stored(&self) -> Vec<u8> {
        match self {
            Self::P256(key) => key.sec1().to_vec(),
            Self::Rsa(_, spki) => spki.clone(),
        }
    }

    /// Returns the SubjectPublicKeyInfo in DER.
    pub fn spki(&self) -> Vec<u8> {
        match self {
            Self::P256(key) => key.spki(),
            Self::Rsa(_, spki) => spki.clone(),
        }
    }

    /// Tells whether a signature is this key's, as a device gives it: ASN.1 DER for P-256, PKCS#1 v1.5 for RSA.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::P256(key) => p256::raw_signature(signature).is_ok_and(|raw| key.verifies(message, &raw)),
            Self::Rsa(key, _) => key.verifies(message, signature),
        }
    }

    fn rsa(spki: &[u8]) -> Option<Self> {
        RsaPublicKey::from_spki(spki).ok().map(|key| Self::Rsa(key, spki.to_vec()))
    }
}
