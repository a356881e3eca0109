//! One account: who issued it, whose it is, and how to make its codes.

use std::fmt;

use crate::base32;
use crate::otp::{MotpSecret, Otp};
use crate::secret::SecretText;

/// An account as it stands in a URI or an export, with its secret.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Account {
    /// The provider, `issuer` in the Key URI Format; empty when none was given.
    pub issuer: String,
    /// The user's name at the issuer; empty when none was given.
    pub account_name: String,
    /// How its codes are made.
    pub otp: Otp,
    /// URI parameters that we have no use for, decoded, in their order; they are printed again.
    pub extra: Vec<(String, String)>,
}

impl Account {
    /// Tells whether both accounts make the same codes from the same secret.
    ///
    /// Names do not count, and neither does a HOTP counter: the same credential may be ahead elsewhere.
    pub fn same_credential(&self, other: &Self) -> bool {
        self.otp.same_credential(&other.otp)
    }

    /// Returns the secret as lists of imported accounts show it: in base32, and in capitals what is neither bytes nor
    /// hexadecimal digits, but a text that Mobile-OTP hashes.
    pub fn secret_text(&self) -> SecretText {
        let secret = self.otp.secret().expose();
        let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
        match std::str::from_utf8(secret).ok().filter(|text| !is_hex(text)) {
            Some(text) if self.otp.written() == MotpSecret::Text => SecretText::new(text.to_uppercase()),
            Some(_) | None => base32::encode(secret),
        }
    }

    /// Tells whether issuer and account name are equal, letter by letter.
    pub fn same_names(&self, other: &Self) -> bool {
        self.issuer == other.issuer && self.account_name == other.account_name
    }
}

/// How an account makes its codes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Kind {
    /// RFC 6238.
    Totp,
    /// RFC 4226.
    Hotp,
    /// Steam Guard: RFC 6238 with Steam's own alphabet.
    Steam,
    /// Mobile-OTP, with a PIN.
    Motp,
    /// Yandex Key (`yaotp`), with a PIN.
    Yandex,
    /// Something a later version or another app knows; it is carried as it is.
    Unknown,
}

impl Kind {
    /// Returns the name used in JSON and in URIs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Hotp => "hotp",
            Self::Steam => "steam",
            Self::Motp => "motp",
            Self::Yandex => "yandex",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
