//! P-256 keys (FIPS 186-5, SEC 1): a thin door to the `p256` crate. What JSON makes of them is in `push::jwk`.

use std::fmt;

use p256::ecdsa::signature::{Signer, Verifier};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use p256::pkcs8::{DecodePublicKey, EncodePublicKey};

use super::random::{self, RandomError};
use crate::secret::SecretBytes;

/// A public key: a point on the curve other than the one at infinity.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PublicKey([u8; 65]);

/// The bytes are no P-256 public key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("this is no P-256 public key")]
pub struct PublicKeyError;

/// The bytes are no ECDSA signature in strict ASN.1 DER, or one of its numbers is out of range.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("this is no DER signature of P-256")]
pub struct SignatureError;

impl PublicKey {
    /// Reads `0x04 | x (32) | y (32)`, SEC 1 section 2.3.3; a compressed point is refused.
    ///
    /// # Errors
    /// [`PublicKeyError`].
    pub fn from_sec1(bytes: &[u8]) -> Result<Self, PublicKeyError> {
        let sec1: [u8; 65] = bytes.try_into().map_err(|_| PublicKeyError)?;
        if sec1[0] != 4 {
            return Err(PublicKeyError);
        }
        p256::PublicKey::from_sec1_bytes(&sec1).map_err(|_| PublicKeyError)?;
        Ok(Self(sec1))
    }

    /// Reads two coordinates of 32 bytes each.
    ///
    /// # Errors
    /// [`PublicKeyError`].
    pub fn from_xy(x: &[u8; 32], y: &[u8; 32]) -> Result<Self, PublicKeyError> {
        let mut sec1 = [4; 65];
        sec1[1..33].copy_from_slice(x);
        sec1[33..].copy_from_slice(y);
        Self::from_sec1(&sec1)
    }

    /// Reads a SubjectPublicKeyInfo in DER (RFC 5480), which is what key stores of phones return.
    ///
    /// # Errors
    /// [`PublicKeyError`].
    pub fn from_spki(der: &[u8]) -> Result<Self, PublicKeyError> {
        let key = p256::PublicKey::from_public_key_der(der).map_err(|_| PublicKeyError)?;
        Ok(Self::known(&key))
    }

    /// Prints the SubjectPublicKeyInfo in DER.
    pub fn spki(&self) -> Vec<u8> {
        let key = p256::PublicKey::from_sec1_bytes(&self.0).expect("checked when it was made");
        key.to_public_key_der().expect("a point always fits").into_vec()
    }

    /// Returns `0x04 | x | y`.
    pub fn sec1(&self) -> &[u8; 65] {
        &self.0
    }

    /// Returns the first coordinate, big-endian.
    pub fn x(&self) -> &[u8; 32] {
        self.0[1..33].try_into().expect("32 bytes")
    }

    /// Returns the second coordinate, big-endian.
    pub fn y(&self) -> &[u8; 32] {
        self.0[33..].try_into().expect("32 bytes")
    }

    /// Tells whether `signature` (`r | s`, 32 bytes each) is this key's over SHA-256 of `message`.
    pub fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let Ok(signature) = Signature::from_slice(signature) else { return false };
        let key = VerifyingKey::from_sec1_bytes(&self.0).expect("checked when it was made");
        key.verify(message, &signature).is_ok()
    }

    fn known(key: &p256::PublicKey) -> Self {
        use p256::elliptic_curve::sec1::ToSec1Point;
        let point = key.to_sec1_point(false);
        Self(point.as_bytes().try_into().expect("an uncompressed point has 65 bytes"))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicKey(")?;
        self.x()[..4].iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("…)")
    }
}

/// A private key in memory: for a proof that lives as long as the program, for Web Push, for software devices.
pub struct PrivateKey(p256::SecretKey);

impl PrivateKey {
    /// Makes a random key.
    ///
    /// # Errors
    /// [`RandomError`].
    pub fn make() -> Result<Self, RandomError> {
        loop {
            // A number beyond the group's order comes up once in 2³² tries.
            if let Some(key) = Self::from_bytes(&random::make_secret(32)?) {
                return Ok(key);
            }
        }
    }

    /// Takes the number, 32 bytes big-endian; none when it is 0 or beyond the group's order.
    pub fn from_bytes(bytes: &SecretBytes) -> Option<Self> {
        if bytes.len() != 32 {
            return None;
        }
        p256::SecretKey::from_slice(bytes.expose()).ok().map(Self)
    }

    /// Returns the number, for sealing.
    pub fn to_bytes(&self) -> SecretBytes {
        SecretBytes::new(self.0.to_bytes().to_vec())
    }

    /// Returns the public half.
    pub fn public(&self) -> PublicKey {
        PublicKey::known(&self.0.public_key())
    }

    /// Signs SHA-256 of `message`: `r | s`. The same message always gets the same signature (RFC 6979).
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.signature(message).to_bytes().into()
    }

    /// Signs like [`PrivateKey::sign`] and answers in ASN.1 DER, as hardware does.
    pub fn sign_der(&self, message: &[u8]) -> Vec<u8> {
        self.signature(message).to_der().as_bytes().to_vec()
    }

    /// Returns the x coordinate that both sides reach (ECDH, SP 800-56A).
    pub fn agree(&self, other: &PublicKey) -> SecretBytes {
        let other = p256::PublicKey::from_sec1_bytes(other.sec1()).expect("checked when it was made");
        SecretBytes::from(self.0.diffie_hellman(&other).raw_secret_bytes().as_slice())
    }

    fn signature(&self, message: &[u8]) -> Signature {
        SigningKey::from(&self.0).sign(message)
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey of {:?}", self.public())
    }
}

/// Turns a signature in ASN.1 DER into `r | s`, 32 bytes each. Padded or negative numbers are refused.
///
/// # Errors
/// [`SignatureError`].
pub fn raw_signature(der: &[u8]) -> Result<[u8; 64], SignatureError> {
    Signature::from_der(der).map(|signature| signature.to_bytes().into()).map_err(|_| SignatureError)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> PrivateKey {
        PrivateKey::from_bytes(&SecretBytes::new(vec![7; 32])).unwrap()
    }

    #[test]
    fn a_key_reads_back_from_every_form() {
        let public = key().public();
        assert_eq!(PublicKey::from_spki(&public.spki()), Ok(public));
        assert_eq!(PublicKey::from_sec1(public.sec1()), Ok(public));
        assert_eq!(PublicKey::from_xy(public.x(), public.y()), Ok(public));
        assert_eq!(public.spki().len(), 91);
    }

    #[test]
    fn points_that_are_none_are_refused() {
        let mut beside = *key().public().sec1();
        beside[64] ^= 1;
        let mut compressed = [2; 33];
        compressed[1..].copy_from_slice(key().public().x());
        for bytes in [&beside[..], &compressed[..], &[0][..], &[4; 65][..], &[][..]] {
            assert_eq!(PublicKey::from_sec1(bytes), Err(PublicKeyError));
        }
        assert_eq!(PublicKey::from_spki(&[0x30, 0]), Err(PublicKeyError));
    }

    #[test]
    fn a_signature_holds_for_its_message_and_key_alone() {
        let signature = key().sign(b"message");
        assert!(key().public().verifies(b"message", &signature));
        assert!(!key().public().verifies(b"massage", &signature));
        let other = PrivateKey::make().unwrap();
        assert!(!other.public().verifies(b"message", &signature));
        assert!(!key().public().verifies(b"message", &[0; 64]));
    }

    #[test]
    fn der_becomes_the_same_signature() {
        assert_eq!(raw_signature(&key().sign_der(b"message")), Ok(key().sign(b"message")));
    }

    /// Lengths in long form, padded, negative and zero numbers, bytes behind: all the same number to a lax reader.
    #[test]
    fn der_that_is_not_canonical_is_refused() {
        let der = |r: &[u8], s: &[u8]| {
            let mut der = vec![0x30, (4 + r.len() + s.len()) as u8, 2, r.len() as u8];
            der.extend_from_slice(r);
            der.extend([2, s.len() as u8]);
            der.extend_from_slice(s);
            der
        };
        assert!(raw_signature(&der(&[1], &[1])).is_ok(), "the control");
        for bad in [
            der(&[0, 1], &[1]),
            der(&[1], &[0, 0, 1]),
            der(&[0x80], &[1]),
            der(&[0], &[1]),
            der(&[], &[1]),
            der(&[1; 33], &[1]),
            [der(&[1], &[1]), vec![0]].concat(),
            vec![0x30, 0x81, 6, 2, 1, 1, 2, 1, 1],
            vec![0x31, 6, 2, 1, 1, 2, 1, 1],
            Vec::new(),
        ] {
            assert_eq!(raw_signature(&bad), Err(SignatureError), "{bad:02x?}");
        }
    }

    /// RFC 6979, appendix A.2.5: SHA-256, message "sample".
    #[test]
    fn signatures_are_those_of_rfc_6979() {
        let hex = |text: &str| -> Vec<u8> {
            (0..text.len() / 2).map(|n| u8::from_str_radix(&text[2 * n..2 * n + 2], 16).unwrap()).collect()
        };
        let key = PrivateKey::from_bytes(&SecretBytes::new(hex(
            "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721",
        )));
        let expected = hex("EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716\
             F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8");
        assert_eq!(key.unwrap().sign(b"sample").as_slice(), expected);
    }
}
