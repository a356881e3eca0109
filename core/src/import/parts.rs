//! An account's codes put together from the fields of a file, with what is usual where a field is missing.

use super::encodings;
use super::encodings::base32_secret;
use super::found::Reason;
use crate::account::{Account, Kind};
use crate::otp::{Algorithm, Digits, Hotp, Motp, MotpSecret, Otp, OtpError, Period, Steam, Totp, Yandex};
use crate::secret::{SecretBytes, SecretText};
use crate::uri::{self, UriError};

/// What a file says about an account's codes.
pub(super) struct OtpParts {
    pub(super) kind: Kind,
    pub(super) secret: SecretBytes,
    /// SHA-1 when the file does not say; no matter for Steam, mOTP and Yandex.
    pub(super) algorithm: Option<Algorithm>,
    /// Six when the file does not say; no matter for Steam and Yandex.
    pub(super) digits: Option<u32>,
    /// In seconds; 30 when the file does not say, 10 for mOTP.
    pub(super) period: Option<u32>,
    /// 0 when the file does not say.
    pub(super) counter: Option<u64>,
    /// Of mOTP and Yandex; an empty one counts as none.
    pub(super) pin: Option<SecretText>,
}

impl OtpParts {
    /// Only a kind and a secret, and the rest as is usual.
    pub(super) fn new(kind: Kind, secret: SecretBytes) -> Self {
        Self { kind, secret, algorithm: None, digits: None, period: None, counter: None, pin: None }
    }

    /// Returns what makes the codes.
    ///
    /// # Errors
    /// [`Reason::Uri`] when a number cannot be used or the secret is empty; [`Reason::UnknownKind`].
    pub(super) fn otp(self) -> Result<Otp, Reason> {
        let Self { kind, secret, algorithm, digits, period, counter, pin } = self;
        if secret.is_empty() {
            return Err(Reason::Uri(UriError::NoSecret));
        }
        let algorithm = algorithm.unwrap_or(Algorithm::Sha1);
        let digits = || digits.map_or(Ok(Digits::SIX), Digits::try_from).map_err(wrong);
        let period = |usual| period.map_or(Ok(usual), Period::try_from).map_err(wrong);
        let pin = pin.filter(|pin| !pin.expose().is_empty());
        Ok(match kind {
            Kind::Totp => {
                Otp::Totp(Totp { secret, algorithm, digits: digits()?, period: period(Period::THIRTY)? })
            }
            Kind::Hotp => {
                Otp::Hotp(Hotp { secret, algorithm, digits: digits()?, counter: counter.unwrap_or(0) })
            }
            Kind::Steam => Otp::Steam(Steam { secret }),
            Kind::Motp => Otp::Motp(Motp {
                secret,
                written: MotpSecret::Hex,
                pin,
                digits: digits()?,
                period: period(Motp::USUAL_PERIOD)?,
            }),
            Kind::Yandex if secret.len() < Yandex::SECRET_BYTES => {
                return Err(wrong(OtpError::ShortSecret(secret.len())));
            }
            Kind::Yandex => Otp::Yandex(Yandex { secret, pin }),
            Kind::Unknown => return Err(Reason::UnknownKind),
        })
    }
}

/// Returns the account in a field that holds a link or only a secret, as password managers have it; what it does not
/// say of names is as the record around it says.
///
/// # Errors
/// [`Reason::Uri`] when it is neither; [`Reason::NeedsPin`] for a link that lacks its PIN.
pub(super) fn account_of(text: &str, issuer: &str, account_name: &str) -> Result<Account, Reason> {
    let mut account = if text.contains("://") {
        uri::parse(text).map_err(Reason::Uri)?
    } else {
        let otp = OtpParts::new(Kind::Totp, base32_secret(text)?).otp()?;
        Account { issuer: String::new(), account_name: String::new(), otp, extra: Vec::new() }
    };
    if account.otp.needs_pin() {
        return Err(Reason::NeedsPin);
    }
    for (own, around) in [(&mut account.issuer, issuer), (&mut account.account_name, account_name)] {
        if own.is_empty() {
            around.trim().clone_into(own);
        }
    }
    Ok(account)
}

/// Returns a Mobile-OTP account whose secret is a text, as some apps keep and hash it: lower-case hex digits are bytes, as
/// everywhere else; any other text stays one. Other kinds, and what is no text, stay as they are.
pub(super) fn with_motp_text(otp: Otp) -> Otp {
    let Otp::Motp(mut motp) = otp else { return otp };
    let Ok(text) = std::str::from_utf8(motp.secret.expose()) else { return Otp::Motp(motp) };
    let is_lower = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    match encodings::hex(text).filter(|_| is_lower) {
        Some(bytes) => motp.secret = bytes,
        None => motp.written = MotpSecret::Text,
    }
    Otp::Motp(motp)
}

/// Returns the algorithm that a file names: `SHA1`, `sha256`, `HmacSHA512`, `HMAC-SHA-1`; `None` for an empty name.
///
/// # Errors
/// [`Reason::Uri`] when nobody knows it.
pub(super) fn algorithm(name: &str) -> Result<Option<Algorithm>, Reason> {
    match name.trim() {
        "" => Ok(None),
        name => uri::algorithm_named(name).map(Some).ok_or(Reason::Uri(UriError::Algorithm)),
    }
}

fn wrong(error: OtpError) -> Reason {
    Reason::Uri(UriError::Otp(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(kind: Kind) -> OtpParts {
        OtpParts::new(kind, SecretBytes::from(b"0123456789abcdef".as_slice()))
    }

    #[test]
    fn what_a_file_does_not_say_is_as_usual() {
        let otp = parts(Kind::Totp).otp().unwrap();
        assert_eq!(
            (otp.algorithm(), otp.digits(), otp.period()),
            (Some(Algorithm::Sha1), 6, Some(Period::THIRTY))
        );
        assert_eq!(parts(Kind::Hotp).otp().unwrap().counter(), Some(0));
        assert_eq!(parts(Kind::Motp).otp().unwrap().period(), Some(Motp::USUAL_PERIOD));
    }

    #[test]
    fn an_empty_pin_is_none() {
        let mut motp = parts(Kind::Motp);
        motp.pin = Some(SecretText::from(""));
        assert!(motp.otp().unwrap().needs_pin());
    }

    #[test]
    fn what_cannot_make_codes_is_refused() {
        let mut digits = parts(Kind::Totp);
        digits.digits = Some(11);
        assert_eq!(digits.otp(), Err(wrong(OtpError::Digits(11))));
        let short = OtpParts::new(Kind::Yandex, SecretBytes::from(b"short".as_slice()));
        assert_eq!(short.otp(), Err(wrong(OtpError::ShortSecret(5))));
        assert_eq!(parts(Kind::Unknown).otp(), Err(Reason::UnknownKind));
        assert_eq!(algorithm("SHA3"), Err(Reason::Uri(UriError::Algorithm)));
        assert_eq!(algorithm(" hmac-sha-256"), Ok(Some(Algorithm::Sha256)));
    }
}
