//! Yandex Key (`yaotp`): HMAC-SHA-256 with a key made from PIN and secret, eight letters, 30 s.

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
}
