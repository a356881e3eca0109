//! RFC 6238: codes that follow the time.

use super::{Algorithm, Digits, OtpError, Period, hotp};
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

impl Totp {
    /// Returns the code of a time step, RFC 6238 section 4.2: HOTP with the time step as its counter.
    pub(super) fn code_for(&self, time_step: u64) -> Result<String, OtpError> {
        hotp::code(self.secret.expose(), self.algorithm, self.digits, time_step)
    }
}
