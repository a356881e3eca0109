//! RFC 4226: codes that count.

use super::{Algorithm, Digits};
use crate::secret::SecretBytes;

/// A HOTP account.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Hotp {
    /// The shared secret `K`.
    pub secret: SecretBytes,
    /// The hash under HMAC.
    pub algorithm: Algorithm,
    /// Digits of a code.
    pub digits: Digits,
    /// The moving factor `C` of the next code.
    pub counter: u64,
}
