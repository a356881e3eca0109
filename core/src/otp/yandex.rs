//! Yandex Key (`yaotp`): HMAC-SHA-256 with a key made from PIN and secret, eight letters, 30 s.
//!
//! Yandex publishes no description; this is what several open authenticators do and agree on.

use hmac::Hmac;
use sha2::{Digest, Sha256};

use super::{OtpError, hotp};
use crate::secret::{SecretBytes, SecretText};

/// A Yandex Key account.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Yandex {
    /// The secret as its base32 text says: 16 bytes, or 26 with Yandex's own check bytes behind them.
    pub secret: SecretBytes,
    /// The PIN, when it is known.
    pub pin: Option<SecretText>,
}

impl Yandex {
    /// Letters of a code.
    pub const LETTERS: u32 = 8;

    /// Bytes of the secret that make codes; check bytes may follow.
    pub const SECRET_BYTES: usize = 16;

    /// Returns the code of a time step.
    pub(super) fn code_for(&self, time_step: u64) -> Result<String, OtpError> {
        let pin = self.pin.as_ref().ok_or(OtpError::NeedsPin)?;
        let secret = self.secret.expose();
        let secret = secret.get(..Self::SECRET_BYTES).ok_or(OtpError::ShortSecret(secret.len()))?;

        let mut hash = SecretBytes::new(vec![0; 32]);
        let sha256 = Sha256::new().chain_update(pin.expose()).chain_update(secret);
        sha256.finalize_into(hash.expose_mut().try_into().expect("SHA-256 has 32 bytes"));
        // A leading zero byte is left out of the key, as number types do.
        let key = hash.expose();
        let key = key.strip_prefix(&[0]).unwrap_or(key);

        let hmac = hotp::hmac::<Hmac<Sha256>>(key, time_step);
        Ok(letters(truncate(hmac.as_ref())))
    }
}

/// Returns 63 bits from where the last four bits of `hmac` (32 bytes) point, as RFC 4226 does with 31.
fn truncate(hmac: &[u8]) -> u64 {
    let offset = hmac.last().map_or(0, |last| usize::from(last & 0xf));
    let word = hmac[offset..].first_chunk().expect("an offset of at most 15 leaves 8 of 32 bytes");
    u64::from_be_bytes(*word) & (u64::MAX >> 1)
}

/// Returns the last eight digits of `value` in base 26, a to z.
fn letters(value: u64) -> String {
    let letter = |place| char::from(b'a' + (value / 26_u64.pow(place) % 26) as u8);
    (0..Yandex::LETTERS).rev().map(letter).collect()
}
