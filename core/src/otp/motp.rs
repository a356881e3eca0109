//! Mobile-OTP: MD5 over the time step, the secret in hex and a PIN.

use md5::{Digest, Md5};

use super::{Digits, OtpError, Period};
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

impl Motp {
    /// Ten seconds, what Mobile-OTP means.
    pub const USUAL_PERIOD: Period = Period(10);

    /// Returns the secret as texts write it: lower-case hex digits.
    pub fn secret_in_hex(&self) -> SecretText {
        SecretText::new(hex(self.secret.expose()))
    }

    /// Returns the code of a time step: the first hex digits of MD5(time step ‖ secret in hex ‖ PIN).
    pub(super) fn code_for(&self, time_step: u64) -> Result<String, OtpError> {
        let pin = self.pin.as_ref().ok_or(OtpError::NeedsPin)?;
        let mut md5 = Md5::new();
        md5.update(time_step.to_string());
        md5.update(self.secret_in_hex().expose());
        md5.update(pin.expose());
        let mut code = hex(&md5.finalize());
        code.truncate(usize::from(self.digits.0));
        Ok(code)
    }
}

/// Returns lower-case hex digits in one allocation, so that wiping the result leaves no copy.
fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        for nibble in [byte >> 4, byte & 0xf] {
            text.push(char::from(b"0123456789abcdef"[usize::from(nibble)]));
        }
    }
    text
}
