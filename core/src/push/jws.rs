//! Compact JWS (RFC 7515 section 7.1) with ES256 and nothing else, RFC 8725 in mind.
//!
//! The header has exactly `alg`, `typ` and what names the key. The algorithm and the type are looked at before any
//! claim; claims come out only after the signature has been verified. Who signs or verifies is the caller's
//! affair: hardware answers in DER, a server may have a faster verifier.

use std::marker::PhantomData;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};

use super::b64;
use super::ids::Thumbprint;
use super::json::{self, JsonError};
use super::jwk::Jwk;
use crate::crypto::p256::{PrivateKey, PublicKey, SignatureError, raw_signature};
use crate::secret::SecretBytes;

/// The claims of one type of message.
pub trait Claims: Serialize + DeserializeOwned {
    /// The header's `typ`.
    const TYP: &'static str;
    /// What else the header has.
    const NAMES: Names = Names::Kid;
    /// Bytes of the whole compact text.
    const CAP: usize = json::CAP;
}

/// How the header of a type of message names its key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Names {
    /// `kid`: the key's thumbprint.
    Kid,
    /// `jwk`: the key itself (RFC 9449 section 4.2).
    Jwk,
    /// Nothing: the reader knows from elsewhere.
    Nothing,
}

/// The key that a header names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Named {
    /// The thumbprint of the key.
    Kid(Thumbprint),
    /// The key.
    Jwk(Jwk),
    /// No key.
    Nothing,
}

/// Why a text is not the signed message that it should be.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum JwsError {
    /// More bytes than this message may have; nothing was looked at.
    #[error("{bytes} bytes, at most {cap} are read")]
    TooLarge {
        /// As many as there were.
        bytes: usize,
        /// As many as may be.
        cap: usize,
    },
    /// Not three parts of base64url with a signature of 64 bytes.
    #[error("not a compact JWS")]
    Form,
    /// The header is not JSON, or has other members than it must have.
    #[error("the header is not of the form")]
    Header,
    /// Not ES256: `none`, an HMAC, anything.
    #[error("the algorithm is not ES256")]
    Algorithm,
    /// A message of another type.
    #[error("the type is not {expected}")]
    Type {
        /// What it should have been.
        expected: &'static str,
    },
    /// Another key than the one it is verified with signed this.
    #[error("the key is another one")]
    Key,
    /// The signature does not hold.
    #[error("the signature does not hold")]
    Signature,
    /// The signature holds, the claims are not those of the type.
    #[error("the claims are not of the form: {0}")]
    Claims(JsonError),
}

/// A message that was split and whose header was checked; its claims are not believed yet.
#[derive(Clone, Debug)]
pub struct Unverified<C> {
    named: Named,
    signing_input: SecretBytes,
    payload: SecretBytes,
    signature: [u8; 64],
    claims: PhantomData<C>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    #[serde(rename = "alg")]
    _alg: IgnoredAny,
    #[serde(rename = "typ")]
    _typ: IgnoredAny,
    #[serde(default)]
    kid: Option<Thumbprint>,
    #[serde(default)]
    jwk: Option<Jwk>,
}

/// Only what decides whether the rest is looked at.
#[derive(Deserialize)]
struct Kind {
    alg: String,
    #[serde(default)]
    typ: Option<String>,
}

/// Splits a compact text and checks its header.
///
/// # Errors
/// [`JwsError`], all but `Key`, `Signature` and `Claims`.
pub fn parse<C: Claims>(text: &str) -> Result<Unverified<C>, JwsError> {
    if text.len() > C::CAP {
        return Err(JwsError::TooLarge { bytes: text.len(), cap: C::CAP });
    }
    let (signing_input, signature) = text.rsplit_once('.').ok_or(JwsError::Form)?;
    let (header, payload) = signing_input.split_once('.').ok_or(JwsError::Form)?;
    let header = b64::decode(header).ok_or(JwsError::Form)?;
    // The algorithm first: an HMAC's signature has another length.
    let kind: Kind = json::read(&header, C::CAP).map_err(|_| JwsError::Header)?;
    if kind.alg != "ES256" {
        return Err(JwsError::Algorithm);
    }
    if kind.typ.as_deref() != Some(C::TYP) {
        return Err(JwsError::Type { expected: C::TYP });
    }
    let Header { kid, jwk, .. } = json::read(&header, C::CAP).map_err(|_| JwsError::Header)?;
    let named = match (C::NAMES, kid, jwk) {
        (Names::Kid, Some(kid), None) => Named::Kid(kid),
        (Names::Jwk, None, Some(jwk)) => Named::Jwk(jwk),
        (Names::Nothing, None, None) => Named::Nothing,
        (Names::Kid | Names::Jwk | Names::Nothing, _, _) => return Err(JwsError::Header),
    };
    Ok(Unverified {
        named,
        signing_input: SecretBytes::from(signing_input.as_bytes()),
        payload: SecretBytes::new(b64::decode(payload).ok_or(JwsError::Form)?),
        signature: b64::decode_array(signature).ok_or(JwsError::Form)?,
        claims: PhantomData,
    })
}

impl<C: Claims> Unverified<C> {
    /// Returns the key that the header names.
    pub fn named(&self) -> Named {
        self.named
    }

    /// Returns the thumbprint that the header names as `kid`, or that of its `jwk`.
    pub fn kid(&self) -> Option<Thumbprint> {
        match self.named {
            Named::Kid(kid) => Some(kid),
            Named::Jwk(jwk) => Some(jwk.thumbprint()),
            Named::Nothing => None,
        }
    }

    /// Returns the bytes that are signed, as they were received.
    pub fn signing_input(&self) -> &[u8] {
        self.signing_input.expose()
    }

    /// Returns the payload's bytes, as they were received; two messages of one key pair compare them.
    pub fn payload(&self) -> &[u8] {
        self.payload.expose()
    }

    /// Returns the signature, `r | s`.
    pub fn signature(&self) -> &[u8; 64] {
        &self.signature
    }

    /// Reads the claims though nobody vouches for them, to find the key that should.
    ///
    /// # Errors
    /// [`JwsError::Claims`].
    pub fn claims_before_verifying(&self) -> Result<C, JwsError> {
        json::read(self.payload(), C::CAP).map_err(JwsError::Claims)
    }

    /// Verifies the signature and returns the claims.
    ///
    /// # Errors
    /// [`JwsError::Key`] when the header names another key, [`JwsError::Signature`], [`JwsError::Claims`].
    pub fn verify(&self, key: &PublicKey) -> Result<C, JwsError> {
        self.verify_with(key, |key, message, signature| key.verifies(message, signature))
    }

    /// Verifies with a verifier of the caller's, which is given key, message and signature (`r | s`).
    ///
    /// # Errors
    /// [`JwsError::Key`] when the header names another key, [`JwsError::Signature`], [`JwsError::Claims`].
    pub fn verify_with(
        &self,
        key: &PublicKey,
        verifies: impl FnOnce(&PublicKey, &[u8], &[u8; 64]) -> bool,
    ) -> Result<C, JwsError> {
        let is_named = match self.named {
            Named::Kid(kid) => kid == Jwk(*key).thumbprint(),
            Named::Jwk(jwk) => jwk.0 == *key,
            Named::Nothing => true,
        };
        if !is_named {
            return Err(JwsError::Key);
        }
        if !verifies(key, self.signing_input(), self.signature()) {
            return Err(JwsError::Signature);
        }
        self.claims_before_verifying()
    }
}

/// A message that waits for its signature.
#[derive(Clone, Debug)]
pub struct Unsigned {
    signing_input: String,
}

impl Unsigned {
    /// Prints header and claims; `key` is the public half of the key that will sign.
    pub fn new<C: Claims>(key: &PublicKey, claims: &C) -> Self {
        Self::with_payload::<C>(key, json::print(claims).as_bytes())
    }

    /// Prints the header around a payload that is printed already, so that two keys sign the same bytes.
    pub fn with_payload<C: Claims>(key: &PublicKey, payload: &[u8]) -> Self {
        let jwk = Jwk(*key);
        let names = match C::NAMES {
            Names::Kid => format!(r#","kid":"{}""#, jwk.thumbprint()),
            Names::Jwk => format!(r#","jwk":{}"#, json::print(&jwk)),
            Names::Nothing => String::new(),
        };
        let header = format!(r#"{{"alg":"ES256","typ":"{}"{names}}}"#, C::TYP);
        Self { signing_input: format!("{}.{}", b64::encode(header.as_bytes()), b64::encode(payload)) }
    }

    /// Returns the bytes to sign; the key hashes them with SHA-256 itself.
    pub fn signing_input(&self) -> &[u8] {
        self.signing_input.as_bytes()
    }

    /// Adds a signature in ASN.1 DER, as hardware gives it.
    ///
    /// # Errors
    /// [`SignatureError`] when it is not canonical.
    pub fn finish_der(&self, der: &[u8]) -> Result<String, SignatureError> {
        Ok(self.finish(&raw_signature(der)?))
    }

    /// Adds a signature of `r | s`, 32 bytes each.
    pub fn finish(&self, signature: &[u8; 64]) -> String {
        format!("{}.{}", self.signing_input, b64::encode(signature))
    }

    /// Signs with a key in memory.
    pub fn sign(&self, key: &PrivateKey) -> String {
        self.finish(&key.sign(self.signing_input()))
    }
}

#[cfg(test)]
mod tests;
