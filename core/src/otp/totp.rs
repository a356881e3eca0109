//! RFC 6238: codes that follow the time.

use super::{Algorithm, Digits, Period};
use crate::secret::SecretBytes;

/// A TOTP account. `T0` is always 0: no export format carries another value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Totp {
    /// The shared secret `K`.
    pub secret: SecretBytes,
    /// The hash under HMAC.
    pub algorithm: Algorithm,
    /// Digits of a code.
    pub digits: Digits,
    /// Seconds per time step, `X`.
    pub period: Period,
}
