//! Mobile-OTP: MD5 over the time step, the secret in hex and a PIN.

use super::{Digits, Period};
use crate::secret::{SecretBytes, SecretText};

/// A Mobile-OTP account.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Motp {
    /// The secret as bytes; texts write it as hex digits.
    pub secret: SecretBytes,
    /// The PIN, when it is known.
    pub pin: Option<SecretText>,
    /// Hexadecimal digits of a code, 6 unless a file says otherwise.
    pub digits: Digits,
    /// Seconds per time step, 10 unless a file says otherwise.
    pub period: Period,
}
