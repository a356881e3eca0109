//! Values of a fixed number of bytes that travel as base64url: ids, thumbprints, digests.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};

use super::b64;
use crate::crypto::random::{self, RandomError};

/// The text is not base64url of as many bytes as it should be.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not {bytes} bytes in base64url")]
pub struct IdError {
    /// How many bytes it should be.
    pub bytes: usize,
}

macro_rules! fixed {
    ($(#[$doc:meta])* $name:ident, $bytes:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(pub [u8; $bytes]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&b64::encode(&self.0))
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                b64::decode_array(text).map(Self).ok_or(IdError { bytes: $bytes })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                String::deserialize(from)?.parse().map_err(de::Error::custom)
            }
        }
    };
}

fixed!(
    /// An id, a nonce or a scanned secret: 16 random bytes, 22 characters.
    Id,
    16
);
fixed!(
    /// The RFC 7638 thumbprint of a public key, 43 characters.
    Thumbprint,
    32
);
fixed!(
    /// SHA-256 of a request as it was received, `rdig`: 43 characters.
    RequestDigest,
    32
);

impl Id {
    /// Makes a random one.
    ///
    /// # Errors
    /// [`RandomError`].
    pub fn make() -> Result<Self, RandomError> {
        random::make_array().map(Self)
    }
}

impl RequestDigest {
    /// Returns the digest of a request's compact text, byte for byte as received.
    pub fn of(request: &str) -> Self {
        Self(Sha256::digest(request.as_bytes()).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_22_characters_and_reads_back() {
        let id = Id::make().unwrap();
        assert_eq!(id.to_string().len(), 22);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_ne!(Id::make().unwrap(), id);
    }

    #[test]
    fn other_lengths_and_spellings_are_refused() {
        let good = Id([1; 16]).to_string();
        assert_eq!(good, "AQEBAQEBAQEBAQEBAQEBAQ");
        for bad in ["", "AQEBAQEBAQEBAQEBAQEBA", "AQEBAQEBAQEBAQEBAQEBAR", "AQEBAQEBAQEBAQEBAQEBAQ==", "é"] {
            assert_eq!(bad.parse::<Id>(), Err(IdError { bytes: 16 }), "{bad}");
        }
    }
}
