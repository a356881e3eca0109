//! RSA public keys (RFC 8017) with SHA-256 and PKCS#1 v1.5: a thin door to `ring`. Private keys belong to devices.

use std::fmt;

use p256::pkcs8::der::asn1::UintRef;
use p256::pkcs8::der::{Decode, Reader, SliceReader};
use p256::pkcs8::spki::SubjectPublicKeyInfoRef;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

/// A public key of 2,048 to 8,192 bits, kept as its `RSAPublicKey` in DER (RFC 8017 appendix A.1.1).
#[derive(Clone, Eq, PartialEq)]
pub struct RsaPublicKey(Vec<u8>);

/// The bytes are no RSA public key of a size that is taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("this is no RSA public key of 2,048 to 8,192 bits")]
pub struct RsaKeyError;

/// More bytes than any key of 8,192 bits has.
const MOST: usize = 1100;

impl RsaPublicKey {
    /// Reads an `RSAPublicKey` in DER: a modulus and an exponent, and nothing behind them.
    ///
    /// # Errors
    /// [`RsaKeyError`].
    pub fn from_pkcs1(der: &[u8]) -> Result<Self, RsaKeyError> {
        if der.len() > MOST {
            return Err(RsaKeyError);
        }
        let read = || -> p256::pkcs8::der::Result<usize> {
            let mut reader = SliceReader::new(der)?;
            let bits = reader.sequence(|inside| {
                let modulus = UintRef::decode(inside)?;
                UintRef::decode(inside)?;
                let top = modulus.as_bytes().first().copied().unwrap_or(0);
                Ok::<_, p256::pkcs8::der::Error>(
                    modulus.as_bytes().len() * 8 - usize::try_from(top.leading_zeros()).unwrap_or(8),
                )
            })?;
            reader.finish()?;
            Ok(bits)
        };
        match read() {
            Ok(2048..=8192) => Ok(Self(der.to_vec())),
            Ok(_) | Err(_) => Err(RsaKeyError),
        }
    }

    /// Reads a SubjectPublicKeyInfo in DER (RFC 5280), which is what key stores of phones return.
    ///
    /// # Errors
    /// [`RsaKeyError`].
    pub fn from_spki(der: &[u8]) -> Result<Self, RsaKeyError> {
        let info = SubjectPublicKeyInfoRef::try_from(der).map_err(|_| RsaKeyError)?;
        // rsaEncryption, RFC 8017 appendix C.
        if info.algorithm.oid.to_string() != "1.2.840.113549.1.1.1" {
            return Err(RsaKeyError);
        }
        Self::from_pkcs1(info.subject_public_key.as_bytes().ok_or(RsaKeyError)?)
    }

    /// Returns the `RSAPublicKey` in DER.
    pub fn pkcs1(&self) -> &[u8] {
        &self.0
    }

    /// Tells whether `signature` is this key's over SHA-256 of `message`, RSASSA-PKCS1-v1_5.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.0).verify(message, signature).is_ok()
    }
}

impl fmt::Debug for RsaPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RsaPublicKey({} bytes)", self.0.len())
    }
}
