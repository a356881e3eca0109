//! Texts that carry accounts: `otpauth://`, `steam://`, `motp://` and Google's `otpauth-migration://`.
//!
//! Reading takes what issuers and other apps really write, and refuses what cannot be meant; see
//! `docs/uris.md`. What is printed reads back as the same account. Nothing here knows files or pictures.

pub mod migration;

mod classify;
mod entered;
mod label;
mod otpauth;
mod parameters;
mod print;
mod vendors;

pub use classify::{Dialect, Text, classify};
pub use entered::Entered;
pub use label::names_of_label;
pub use otpauth::{algorithm_named, parse};
pub use parameters::KNOWN_PARAMETERS;
pub use print::print;
pub use vendors::{Vendor, VendorHint};

use crate::base32::Base32Error;
use crate::otp::OtpError;

/// The longest text that is read, in bytes. The largest QR code holds 7,089; notes in a URI may be longer.
pub const MAX_TEXT_BYTES: usize = 64 * 1024;

/// Why a text, or an entry of an export, is not one usable account. No part of the text is in it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum UriError {
    /// The text is longer than [`MAX_TEXT_BYTES`].
    #[error("a text of {0} bytes")]
    TooLong(usize),
    /// The text does not begin with `otpauth://`, `steam://` or `motp://`.
    #[error("not an otpauth, steam or motp link")]
    Scheme,
    /// The word after `otpauth://` is none of `totp`, `hotp`, `steam`, `yaotp`.
    #[error("an unknown kind of account")]
    Kind,
    /// The `secret` parameter is absent or empty.
    #[error("no secret")]
    NoSecret,
    /// There are two `secret` parameters, and they differ.
    #[error("two secrets")]
    TwoSecrets,
    /// The secret is no base32.
    #[error("the secret has {0}")]
    Secret(Base32Error),
    /// The secret of a `motp://` link is no even number of hex digits.
    #[error("the secret is not hexadecimal")]
    NotHex,
    /// `algorithm` names none that we know.
    #[error("an unknown algorithm")]
    Algorithm,
    /// The named parameter is no whole number, or too large for any use.
    #[error("{0} is not a number")]
    Number(&'static str),
    /// An entry of an export cannot be taken apart.
    #[error("a damaged entry")]
    Damaged,
    /// A number is outside what codes can be made with, or a Yandex secret is too short.
    #[error(transparent)]
    Otp(#[from] OtpError),
}
