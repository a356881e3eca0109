//! Secrets that are zeroed when dropped, print only their length, and compare in constant time.
//!
//! This module holds bytes; it neither makes nor derives them (`crypto` does).

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Secret bytes on the heap: a shared secret `K`, a key, a passphrase.
///
/// The bytes never move by value, so that wiping them on drop leaves no copy behind.
#[derive(Clone)]
pub struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    /// Takes `bytes` over; the vector's own memory is wiped on drop.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Returns the bytes for use at once; do not copy them into memory that is not wiped.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Returns the bytes for filling in place.
    pub fn expose_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }

    /// Returns the number of bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Tells whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&[u8]> for SecretBytes {
    fn from(bytes: &[u8]) -> Self {
        Self::new(bytes.to_vec())
    }
}

impl PartialEq for SecretBytes {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for SecretBytes {}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretBytes({} bytes)", self.0.len())
    }
}

/// Secret text: a PIN, a recovery code, an `otpauth://` URI with its secret in it.
#[derive(Clone)]
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// Takes `text` over; the string's own memory is wiped on drop.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Returns the text for use at once.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for SecretText {
    fn from(text: &str) -> Self {
        Self::new(text.to_owned())
    }
}

impl PartialEq for SecretText {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for SecretText {}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretText({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printing_a_secret_shows_its_length_alone() {
        let bytes = SecretBytes::from(b"JBSWY3DP".as_slice());
        let text = SecretText::from("1234");
        assert_eq!(format!("{bytes:?} {text:?}"), "SecretBytes(8 bytes) SecretText(4 bytes)");
    }

    #[test]
    fn equality_looks_at_every_byte() {
        let a = SecretBytes::from([1, 2, 3].as_slice());
        assert_eq!(a, SecretBytes::from([1, 2, 3].as_slice()));
        assert_ne!(a, SecretBytes::from([1, 2, 4].as_slice()));
        assert_ne!(a, SecretBytes::from([1, 2].as_slice()));
    }
}
