//! An account whose key a person types, because a page shows it as text.

use super::UriError;
use super::otpauth::{base32_secret, hex};
use crate::account::{Account, Kind};
use crate::otp::{Algorithm, Digits, Hotp, Motp, MotpSecret, Otp, OtpError, Period, Steam, Totp, Yandex};
use crate::secret::SecretText;

/// What a person typed and chose; what stays `None` is as nearly every issuer has it.
#[derive(Clone, Debug)]
pub struct Entered {
    /// The provider; may be empty.
    pub issuer: String,
    /// The user's name there; may be empty.
    pub account_name: String,
    /// The key: base32 with spaces and dashes anywhere; hexadecimal for Mobile-OTP.
    pub secret: SecretText,
    /// How its codes are made.
    pub kind: Kind,
    /// SHA-1 unless chosen; only TOTP and HOTP leave a choice.
    pub algorithm: Option<Algorithm>,
    /// Six unless chosen; Steam and Yandex leave no choice.
    pub digits: Option<u32>,
    /// Seconds of a time step: 30, or 10 for Mobile-OTP, unless chosen.
    pub period_s: Option<u32>,
    /// The counter of the next code, 0 unless chosen.
    pub counter: Option<u64>,
    /// The PIN of Mobile-OTP or Yandex; it may be asked for later.
    pub pin: Option<SecretText>,
}

impl Entered {
    /// Returns the account.
    ///
    /// # Errors
    /// [`UriError::NoSecret`], [`UriError::Secret`], [`UriError::NotHex`]; [`UriError::Otp`] for digits, a time step or a
    /// length that makes no codes; [`UriError::Kind`] for one that nobody can type.
    pub fn account(self) -> Result<Account, UriError> {
        let Self { issuer, account_name, secret, kind, algorithm, digits, period_s, counter, pin } = self;
        let secret = match kind {
            Kind::Motp => hex(secret.expose())?,
            Kind::Totp | Kind::Hotp | Kind::Steam | Kind::Yandex => base32_secret(secret.expose())?,
            Kind::Unknown => return Err(UriError::Kind),
        };
        let algorithm = algorithm.unwrap_or(Algorithm::Sha1);
        let digits = digits.map_or(Ok(Digits::SIX), Digits::try_from)?;
        let period = |usual| period_s.map_or(Ok(usual), Period::try_from);
        let pin = pin.filter(|pin| !pin.expose().is_empty());
        let otp = match kind {
            Kind::Totp => Otp::Totp(Totp { secret, algorithm, digits, period: period(Period::THIRTY)? }),
            Kind::Hotp => Otp::Hotp(Hotp { secret, algorithm, digits, counter: counter.unwrap_or(0) }),
            Kind::Steam => Otp::Steam(Steam { secret }),
            Kind::Motp => {
                let period = period(Motp::USUAL_PERIOD)?;
                Otp::Motp(Motp { secret, written: MotpSecret::Hex, pin, digits, period })
            }
            Kind::Yandex if secret.len() < Yandex::SECRET_BYTES => {
                return Err(OtpError::ShortSecret(secret.len()).into());
            }
            Kind::Yandex => Otp::Yandex(Yandex { secret, pin }),
            Kind::Unknown => return Err(UriError::Kind),
        };
        let (issuer, account_name) = (issuer.trim().to_owned(), account_name.trim().to_owned());
        Ok(Account { issuer, account_name, otp, extra: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base32::{Base32Error, CharacterClass};

    fn entered(kind: Kind, secret: &str) -> Entered {
        Entered {
            issuer: " ACME ".to_owned(),
            account_name: "ann".to_owned(),
            secret: SecretText::from(secret),
            kind,
            algorithm: None,
            digits: None,
            period_s: None,
            counter: None,
            pin: None,
        }
    }

    #[test]
    fn a_typed_key_is_the_account_that_its_link_would_be() {
        for (kind, secret, link) in [
            (
                Kind::Totp,
                "jbsw y3dp-ehpk 3pxp",
                "otpauth://totp/ACME:ann?secret=JBSWY3DPEHPK3PXP&issuer=ACME",
            ),
            (Kind::Hotp, "JBSWY3DP", "otpauth://hotp/ACME:ann?secret=JBSWY3DP&issuer=ACME"),
            (Kind::Steam, "JBSWY3DP", "otpauth://steam/ACME:ann?secret=JBSWY3DP&issuer=ACME"),
            (Kind::Motp, "AABB ccdd", "motp://ACME:ann?secret=aabbccdd"),
        ] {
            assert_eq!(
                entered(kind, secret).account().unwrap(),
                super::super::parse(link).unwrap(),
                "{link}"
            );
        }
        let chosen = Entered {
            algorithm: Some(Algorithm::Sha256),
            digits: Some(8),
            period_s: Some(60),
            ..entered(Kind::Totp, "JBSWY3DP")
        };
        let link = "otpauth://totp/ACME:ann?secret=JBSWY3DP&issuer=ACME&algorithm=SHA256&digits=8&period=60";
        assert_eq!(chosen.account().unwrap(), super::super::parse(link).unwrap());
    }

    #[test]
    fn a_slip_is_named() {
        let slip = |kind, secret| entered(kind, secret).account().unwrap_err();
        assert_eq!(slip(Kind::Totp, " - "), UriError::NoSecret);
        let digit = Base32Error::Character { position: 2, class: CharacterClass::Digit };
        assert_eq!(slip(Kind::Totp, "JB1W"), UriError::Secret(digit));
        assert_eq!(slip(Kind::Motp, "xyz0"), UriError::NotHex);
        assert_eq!(slip(Kind::Yandex, "JBSWY3DP"), OtpError::ShortSecret(5).into());
        assert_eq!(slip(Kind::Unknown, "JBSWY3DP"), UriError::Kind);
        let long = Entered { digits: Some(11), ..entered(Kind::Totp, "JBSWY3DP") };
        assert_eq!(long.account().unwrap_err(), OtpError::Digits(11).into());
    }
}
