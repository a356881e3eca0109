//! Mobile-OTP: MD5 over the time step, the secret as it is written, and a PIN.

use md5::{Digest, Md5};

use super::{Digits, OtpError, Period};
use crate::secret::{SecretBytes, SecretText};

/// How a Mobile-OTP secret is written. It is hashed as text, so that another spelling makes other codes.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum MotpSecret {
    /// The bytes as lower-case hex digits, what servers make.
    #[default]
    Hex,
    /// The bytes are the text itself: some apps take any (Stratum, andOTP), and hash it as it is.
    Text,
}

/// A Mobile-OTP account.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Motp {
    /// The secret as bytes.
    pub secret: SecretBytes,
    /// How these bytes are written, and so what is hashed.
    pub written: MotpSecret,
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

    /// Returns the secret as links write it and as it is hashed: lower-case hex digits, or the text it is.
    pub fn secret_as_written(&self) -> SecretText {
        match self.written {
            MotpSecret::Hex => SecretText::new(hex(self.secret.expose())),
            MotpSecret::Text => SecretText::new(String::from_utf8_lossy(self.secret.expose()).into_owned()),
        }
    }

    /// Returns the code of a time step: the first hex digits of MD5(time step ‖ secret as written ‖ PIN).
    pub(super) fn code_for(&self, time_step: u64) -> Result<String, OtpError> {
        let pin = self.pin.as_ref().ok_or(OtpError::NeedsPin)?;
        let mut md5 = Md5::new();
        md5.update(time_step.to_string());
        md5.update(self.secret_as_written().expose());
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otp::Otp;

    fn motp(secret: &[u8], written: MotpSecret) -> Motp {
        let pin = Some(SecretText::from("1234"));
        Motp {
            secret: SecretBytes::from(secret),
            written,
            pin,
            digits: Digits::SIX,
            period: Motp::USUAL_PERIOD,
        }
    }

    /// `printf 170000000AAAAAAAAAAAAAAAA1234 | md5sum`; in small letters it would be another code.
    #[test]
    fn a_secret_that_is_text_is_hashed_as_it_is() {
        let text = motp(b"AAAAAAAAAAAAAAAA", MotpSecret::Text);
        assert_eq!(text.code_for(170_000_000), Ok("25c924".to_owned()));
        let hex = motp(&[0xaa; 8], MotpSecret::Hex);
        assert_ne!(hex.code_for(170_000_000), text.code_for(170_000_000));
    }

    #[test]
    fn a_text_and_the_bytes_that_are_equal_to_it_are_two_credentials() {
        let [text, hex] = [MotpSecret::Text, MotpSecret::Hex].map(|written| Otp::Motp(motp(b"ab", written)));
        assert!(!text.same_credential(&hex));
        assert!(text.same_credential(&text.clone()));
    }
}
