//! One-time codes: RFC 4226, RFC 6238, Steam Guard, Mobile-OTP and Yandex Key.
//!
//! Values that exist are correct: digits, periods and algorithms are checked when they are made.

mod code;
mod hotp;
mod motp;
mod steam;
mod totp;
mod yandex;

pub use code::Code;
pub use hotp::Hotp;
pub use motp::{Motp, MotpSecret};
pub use steam::Steam;
pub use totp::Totp;
pub use yandex::Yandex;

use crate::account::Kind;
use crate::secret::{SecretBytes, SecretText};

/// The hash under HMAC. Key URI and RFC 6238 section 1.2 know SHA1, SHA256 and SHA512; the others occur in exports.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Algorithm {
    /// MD5: some old migration payloads.
    Md5,
    /// SHA-1, the default.
    Sha1,
    /// SHA-224: 2FAS.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384: 2FAS.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// How many decimal digits a code has: 1 to 10.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Digits(u8);

/// Seconds per time step, `X` in RFC 6238: 1 to 86,400 (one day).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Period(u32);

/// How an account makes its codes, with its secret.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Otp {
    /// RFC 6238.
    Totp(Totp),
    /// RFC 4226.
    Hotp(Hotp),
    /// Steam Guard.
    Steam(Steam),
    /// Mobile-OTP.
    Motp(Motp),
    /// Yandex Key.
    Yandex(Yandex),
}

/// Why a number is not usable for codes, or why there is no code.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum OtpError {
    /// A code has 1 to 10 digits.
    #[error("{0} digits, expected 1 to 10")]
    Digits(u32),
    /// A time step is 1 to 86,400 seconds long.
    #[error("a period of {0} s, expected 1 to 86400")]
    Period(u32),
    /// The kind counts instead of following the time: ask [`Hotp`].
    #[error("codes of this kind follow a counter, not the time")]
    CounterBased,
    /// The kind needs a PIN and none is known: ask the user for it.
    #[error("no PIN")]
    NeedsPin,
    /// The moment, offset included, lies before 1970.
    #[error("a time before 1970")]
    BeforeEpoch,
    /// The end of the time step cannot be written in Unix milliseconds.
    #[error("a time beyond what milliseconds can hold")]
    TooLate,
    /// A Yandex secret has at least 16 bytes.
    #[error("a secret of {0} bytes, expected at least 16")]
    ShortSecret(usize),
    /// HMAC-MD5 has no code for this counter: its 16 bytes end before the four that RFC 4226 asks for.
    #[error("no code for this counter")]
    NoSuchCode,
}

impl TryFrom<u32> for Digits {
    type Error = OtpError;

    fn try_from(n: u32) -> Result<Self, OtpError> {
        match u8::try_from(n) {
            Ok(digits @ 1..=10) => Ok(Self(digits)),
            _ => Err(OtpError::Digits(n)),
        }
    }
}

impl Digits {
    /// Six, what nearly every issuer uses.
    pub const SIX: Self = Self(6);

    /// Eight, the other usual number.
    pub const EIGHT: Self = Self(8);

    /// Returns the number of digits.
    pub fn get(self) -> u32 {
        u32::from(self.0)
    }
}

impl TryFrom<u32> for Period {
    type Error = OtpError;

    fn try_from(seconds: u32) -> Result<Self, OtpError> {
        match seconds {
            1..=86_400 => Ok(Self(seconds)),
            _ => Err(OtpError::Period(seconds)),
        }
    }
}

impl Period {
    /// Thirty seconds, what nearly every issuer uses.
    pub const THIRTY: Self = Self(30);

    /// Returns the seconds of one time step.
    pub fn seconds(self) -> u32 {
        self.0
    }

    /// Returns the milliseconds of one time step.
    fn ms(self) -> u64 {
        u64::from(self.0) * 1000
    }
}

impl Algorithm {
    /// All of them, weakest first.
    pub const ALL: [Self; 6] =
        [Self::Md5, Self::Sha1, Self::Sha224, Self::Sha256, Self::Sha384, Self::Sha512];

    /// Returns the name as it stands in URIs: `SHA1`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA1",
            Self::Sha224 => "SHA224",
            Self::Sha256 => "SHA256",
            Self::Sha384 => "SHA384",
            Self::Sha512 => "SHA512",
        }
    }
}

impl Otp {
    /// Returns the kind of account.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Totp(_) => Kind::Totp,
            Self::Hotp(_) => Kind::Hotp,
            Self::Steam(_) => Kind::Steam,
            Self::Motp(_) => Kind::Motp,
            Self::Yandex(_) => Kind::Yandex,
        }
    }

    /// Returns the shared secret.
    pub fn secret(&self) -> &SecretBytes {
        match self {
            Self::Totp(otp) => &otp.secret,
            Self::Hotp(otp) => &otp.secret,
            Self::Steam(otp) => &otp.secret,
            Self::Motp(otp) => &otp.secret,
            Self::Yandex(otp) => &otp.secret,
        }
    }

    /// Returns the hash under HMAC, where the kind leaves a choice.
    pub fn algorithm(&self) -> Option<Algorithm> {
        match self {
            Self::Totp(otp) => Some(otp.algorithm),
            Self::Hotp(otp) => Some(otp.algorithm),
            Self::Steam(_) | Self::Motp(_) | Self::Yandex(_) => None,
        }
    }

    /// Returns the number of characters in a code.
    pub fn digits(&self) -> u32 {
        match self {
            Self::Totp(otp) => otp.digits.get(),
            Self::Hotp(otp) => otp.digits.get(),
            Self::Steam(_) => Steam::CHARACTERS,
            Self::Motp(otp) => otp.digits.get(),
            Self::Yandex(_) => Yandex::LETTERS,
        }
    }

    /// Returns the time step; `None` for codes that count.
    pub fn period(&self) -> Option<Period> {
        match self {
            Self::Totp(otp) => Some(otp.period),
            Self::Motp(otp) => Some(otp.period),
            Self::Steam(_) | Self::Yandex(_) => Some(Period::THIRTY),
            Self::Hotp(_) => None,
        }
    }

    /// Returns the counter of the next code; `None` for codes that follow the time.
    pub fn counter(&self) -> Option<u64> {
        match self {
            Self::Hotp(otp) => Some(otp.counter),
            Self::Totp(_) | Self::Steam(_) | Self::Motp(_) | Self::Yandex(_) => None,
        }
    }

    /// Returns the PIN that goes into each code, where the kind has one and it is known.
    pub fn pin(&self) -> Option<&SecretText> {
        match self {
            Self::Motp(otp) => otp.pin.as_ref(),
            Self::Yandex(otp) => otp.pin.as_ref(),
            Self::Totp(_) | Self::Hotp(_) | Self::Steam(_) => None,
        }
    }

    /// Tells whether the kind needs a PIN and none is known: ask for it before asking for a code.
    pub fn needs_pin(&self) -> bool {
        matches!(self.kind(), Kind::Motp | Kind::Yandex) && self.pin().is_none()
    }

    /// Returns how the secret is written, where that makes other codes: of Mobile-OTP alone.
    pub fn written(&self) -> MotpSecret {
        match self {
            Self::Motp(otp) => otp.written,
            Self::Totp(_) | Self::Hotp(_) | Self::Steam(_) | Self::Yandex(_) => MotpSecret::Hex,
        }
    }

    /// Tells whether both make the same codes from the same secret; HOTP counters do not count.
    pub fn same_credential(&self, other: &Self) -> bool {
        self.kind() == other.kind()
            && self.written() == other.written()
            && self.algorithm() == other.algorithm()
            && self.digits() == other.digits()
            && self.period() == other.period()
            && self.pin() == other.pin()
            && self.secret() == other.secret()
    }
}
