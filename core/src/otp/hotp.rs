//! RFC 4226: codes that count.

use hmac::{Hmac, KeyInit, Mac};

use super::{Algorithm, Digits, OtpError};
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

impl Hotp {
    /// Returns the code of the next counter; the counter stays as it is.
    ///
    /// ```
    /// use authenticator_core::otp::{Algorithm, Digits, Hotp, OtpError};
    /// use authenticator_core::secret::SecretBytes;
    ///
    /// // RFC 4226 appendix D.
    /// let secret = SecretBytes::from(b"12345678901234567890".as_slice());
    /// let hotp = Hotp { secret, algorithm: Algorithm::Sha1, digits: Digits::SIX, counter: 0 };
    /// assert_eq!(hotp.code()?, "755224");
    /// assert_eq!(hotp.code_for(9)?, "520489");
    /// # Ok::<(), OtpError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`OtpError::NoSuchCode`], with MD5 only.
    pub fn code(&self) -> Result<String, OtpError> {
        self.code_for(self.counter)
    }

    /// Returns the code of `counter`.
    ///
    /// # Errors
    ///
    /// [`OtpError::NoSuchCode`], with MD5 only.
    pub fn code_for(&self, counter: u64) -> Result<String, OtpError> {
        code(self.secret.expose(), self.algorithm, self.digits, counter)
    }
}

/// Returns the code of `counter`, RFC 4226 section 5.3; TOTP counts time steps with it.
///
/// # Errors
///
/// [`OtpError::NoSuchCode`], with MD5 only.
pub(super) fn code(
    secret: &[u8],
    algorithm: Algorithm,
    digits: Digits,
    counter: u64,
) -> Result<String, OtpError> {
    if let Some(algorithm) = known_to_totp_rs(algorithm, digits) {
        return Ok(code_by_totp_rs(secret, algorithm, digits, counter));
    }
    match algorithm {
        Algorithm::Md5 => truncate(hmac::<Hmac<md5::Md5>>(secret, counter).as_ref(), digits),
        Algorithm::Sha1 => truncate(hmac::<Hmac<sha1::Sha1>>(secret, counter).as_ref(), digits),
        Algorithm::Sha224 => truncate(hmac::<Hmac<sha2::Sha224>>(secret, counter).as_ref(), digits),
        Algorithm::Sha256 => truncate(hmac::<Hmac<sha2::Sha256>>(secret, counter).as_ref(), digits),
        Algorithm::Sha384 => truncate(hmac::<Hmac<sha2::Sha384>>(secret, counter).as_ref(), digits),
        Algorithm::Sha512 => truncate(hmac::<Hmac<sha2::Sha512>>(secret, counter).as_ref(), digits),
    }
}

/// Returns totp-rs's name for `algorithm`; it has three, and panics at ten digits.
fn known_to_totp_rs(algorithm: Algorithm, digits: Digits) -> Option<totp_rs::Algorithm> {
    match algorithm {
        _ if digits.get() > 9 => None,
        Algorithm::Sha1 => Some(totp_rs::Algorithm::SHA1),
        Algorithm::Sha256 => Some(totp_rs::Algorithm::SHA256),
        Algorithm::Sha512 => Some(totp_rs::Algorithm::SHA512),
        Algorithm::Md5 | Algorithm::Sha224 | Algorithm::Sha384 => None,
    }
}

/// Returns the code by totp-rs, which divides a time by a step: a step of 1 makes the time a counter.
fn code_by_totp_rs(secret: &[u8], algorithm: totp_rs::Algorithm, digits: Digits, counter: u64) -> String {
    // `build` would refuse secrets below 128 bits and digits other than 6 to 8, which issuers do use. What it
    // guards against besides cannot happen here: the step is 1, and up to nine digits fit. The copy of the
    // secret that totp-rs makes is on the heap, and wiped.
    let builder = totp_rs::Builder::new().with_algorithm(algorithm).with_digits(digits.0);
    builder.with_step_duration(1).with_secret(secret).build_noncompliant().generate(counter).to_string()
}

/// Returns HMAC over the counter as eight bytes, most significant first.
pub(super) fn hmac<M: KeyInit + Mac>(key: &[u8], counter: u64) -> impl AsRef<[u8]> {
    let mut mac = <M as KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(&counter.to_be_bytes());
    mac.finalize().into_bytes()
}

/// Returns the last `digits` decimal digits of the dynamically truncated `hmac`.
fn truncate(hmac: &[u8], digits: Digits) -> Result<String, OtpError> {
    let offset = hmac.last().map_or(0, |last| usize::from(last & 0xf));
    // The RFC means hashes of at least 19 bytes; the 16 of MD5 end too early for offsets above 12, and each
    // implementation then does something else.
    let word = hmac[offset..].first_chunk().ok_or(OtpError::NoSuchCode)?;
    let value = u64::from(u32::from_be_bytes(*word) & 0x7fff_ffff);
    let width = usize::from(digits.0);
    Ok(format!("{:0width$}", value % 10_u64.pow(digits.get())))
}
