//! The formats that are written, and what each of them cannot hold. Nothing is dropped in silence: an account that a
//! format cannot say is left out by name, and so is what it loses of the others.

use super::record::Record;
use crate::account::Account;
use crate::otp::{Algorithm, MotpSecret, Otp, Period};
use crate::uri::{self, migration};

/// A format that is written.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ExportFormat {
    /// One otpauth, steam or motp link a line.
    UriList,
    /// Aegis JSON, encrypted: what most other apps read.
    Aegis,
    /// Google Authenticator's migration codes.
    GoogleMigration,
    /// A page to print.
    Sheet,
    /// FIDO Credential Exchange Format.
    Cxf,
    /// A QR code for each account.
    Codes,
}

/// Why an account cannot go into a format.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum LeftOut {
    /// The format has no such kind of account.
    Kind,
    /// It has no such hash.
    Algorithm,
    /// It has no such number of digits.
    Digits,
    /// It has no such time step.
    Period,
    /// Its counters end before this one.
    Counter,
    /// It wants a PIN, and none is known.
    NeedsPin,
    /// It takes no secret of this length, or no text for one.
    Secret,
    /// The link is too long for a QR code.
    TooLong,
    /// The account is damaged, or of a kind that only a later version knows: the sealed backup carries it.
    Unreadable,
}

/// What a format does not hold of an account that it does hold.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Lost {
    /// The note.
    Note,
    /// The groups.
    Groups,
    /// The mark.
    Favorite,
    /// That its codes are given to who confirms, each time.
    AsksEveryTime,
    /// The icon.
    Icon,
    /// How often and when codes were taken.
    Usage,
    /// Parameters of other apps.
    Extra,
    /// The exact spelling of the names: colons, or space around them.
    Spelling,
}

/// More than a QR code of version 40 holds at its lowest correction, in bytes.
const MOST_IN_CODE: usize = 2_953;

impl ExportFormat {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Aegis, Self::UriList, Self::GoogleMigration, Self::Codes, Self::Sheet, Self::Cxf];

    /// Returns the name used in JSON and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UriList => "uri-list",
            Self::Aegis => "aegis",
            Self::GoogleMigration => "google-migration",
            Self::Sheet => "html",
            Self::Cxf => "cxf",
            Self::Codes => "qr",
        }
    }

    /// Tells whether whoever sees the file has the accounts: the user is warned in words first.
    pub const fn is_plain(self) -> bool {
        match self {
            Self::Aegis => false,
            Self::UriList | Self::GoogleMigration | Self::Sheet | Self::Cxf | Self::Codes => true,
        }
    }

    /// Tells whether the format holds an account, or why not.
    ///
    /// # Errors
    /// [`LeftOut`].
    pub fn check(self, record: &Record) -> Result<(), LeftOut> {
        let otp = &record.account.otp;
        match self {
            Self::UriList => link(record, uri::MAX_TEXT_BYTES),
            Self::Aegis => aegis(otp),
            Self::GoogleMigration => {
                match migration::print(std::slice::from_ref(&record.account), 1).left_out.first() {
                    None => Ok(()),
                    Some((_, why)) => Err(match why {
                        migration::LeftOut::Kind => LeftOut::Kind,
                        migration::LeftOut::Algorithm => LeftOut::Algorithm,
                        migration::LeftOut::Digits => LeftOut::Digits,
                        migration::LeftOut::Period => LeftOut::Period,
                        migration::LeftOut::Counter => LeftOut::Counter,
                    }),
                }
            }
            Self::Cxf => cxf(otp),
            Self::Sheet => link(record, MOST_IN_CODE),
            Self::Codes if otp.written() == MotpSecret::Text => Err(LeftOut::Secret),
            Self::Codes if uri::print(&record.account).expose().len() > MOST_IN_CODE => Err(LeftOut::TooLong),
            Self::Codes => Ok(()),
        }
    }

    /// Returns what the format does not hold of an account that it does hold.
    pub fn loses(self, record: &Record) -> Vec<Lost> {
        let Record {
            account,
            note,
            favorite,
            asks_every_time,
            icon,
            groups,
            created_at: _,
            usage_count,
            last_used_at,
        } = record;
        let (notes, marks) = match self {
            Self::Aegis | Self::Cxf => (true, true),
            Self::UriList | Self::GoogleMigration | Self::Sheet | Self::Codes => (false, false),
        };
        let extras = match self {
            Self::UriList | Self::Sheet | Self::Codes => true,
            Self::Aegis | Self::Cxf | Self::GoogleMigration => false,
        };
        let lost = [
            (Lost::Note, !note.is_empty() && !notes),
            (Lost::Groups, !groups.is_empty() && !notes),
            (Lost::Favorite, *favorite && !marks),
            (Lost::AsksEveryTime, *asks_every_time),
            (Lost::Icon, icon.is_some()),
            (Lost::Usage, *usage_count > 0 || last_used_at.is_some()),
            (Lost::Extra, !account.extra.is_empty() && !extras),
            (Lost::Spelling, self == Self::GoogleMigration && !keeps_names(account)),
        ];
        lost.into_iter().filter(|(_, lost)| *lost).map(|(what, _)| what).collect()
    }
}

/// A link in a file stands for itself: who reads it is not asked for a PIN.
fn link(record: &Record, most: usize) -> Result<(), LeftOut> {
    let otp = &record.account.otp;
    let kind_with_pin = matches!(otp, Otp::Motp(_) | Otp::Yandex(_));
    if kind_with_pin && otp.pin().is_none_or(|pin| pin.expose().is_empty()) {
        return Err(LeftOut::NeedsPin);
    }
    if otp.written() == MotpSecret::Text {
        return Err(LeftOut::Secret);
    }
    if uri::print(&record.account).expose().len() > most { Err(LeftOut::TooLong) } else { Ok(()) }
}

/// Tells whether Google's codes give these names back letter by letter.
fn keeps_names(account: &Account) -> bool {
    let printed = migration::print(std::slice::from_ref(account), 1);
    let read = printed.parts.first().and_then(|part| migration::parse(part.expose()).ok());
    read.is_some_and(|part| part.accounts.first().is_some_and(|read| read.same_names(account)))
}

/// What Aegis's own `OtpInfo.fromJson` takes: SHA-1, 256 and 512; up to ten digits; mOTP every 10 s with a PIN; a counter
/// that fits a Java long.
fn aegis(otp: &Otp) -> Result<(), LeftOut> {
    match otp.algorithm() {
        None | Some(Algorithm::Sha1 | Algorithm::Sha256 | Algorithm::Sha512) => {}
        Some(Algorithm::Md5 | Algorithm::Sha224 | Algorithm::Sha384) => return Err(LeftOut::Algorithm),
    }
    match otp {
        Otp::Totp(_) | Otp::Steam(_) => Ok(()),
        Otp::Hotp(hotp) if i64::try_from(hotp.counter).is_err() => Err(LeftOut::Counter),
        Otp::Hotp(_) => Ok(()),
        Otp::Motp(motp) if motp.written == MotpSecret::Text => Err(LeftOut::Secret),
        Otp::Motp(motp) if motp.period.seconds() != MOTP_PERIOD_S => Err(LeftOut::Period),
        Otp::Yandex(yandex) if ![16, 26].contains(&yandex.secret.len()) => Err(LeftOut::Secret),
        Otp::Motp(_) | Otp::Yandex(_) if otp.pin().is_none() => Err(LeftOut::NeedsPin),
        Otp::Motp(_) | Otp::Yandex(_) => Ok(()),
    }
}

/// What every mOTP of Aegis has.
const MOTP_PERIOD_S: u32 = 10;

/// CXF, section "TOTP": SHA-1, 256 and 512, `period` and `digits` in one byte each. Nothing else is in it.
fn cxf(otp: &Otp) -> Result<(), LeftOut> {
    let Otp::Totp(totp) = otp else { return Err(LeftOut::Kind) };
    match totp.algorithm {
        Algorithm::Sha1 | Algorithm::Sha256 | Algorithm::Sha512 => {}
        Algorithm::Md5 | Algorithm::Sha224 | Algorithm::Sha384 => return Err(LeftOut::Algorithm),
    }
    let fits = |period: Period| period.seconds() <= u32::from(u8::MAX);
    if fits(totp.period) { Ok(()) } else { Err(LeftOut::Period) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otp::{Digits, Motp};
    use crate::secret::{SecretBytes, SecretText};
    use crate::time::UnixTime;

    /// No link and no file of another app says such a secret; only the sealed backup and the move carry it.
    #[test]
    fn a_motp_secret_that_is_text_is_left_out_and_named_by_every_format() {
        let check = |format: ExportFormat, written| {
            let secret = SecretBytes::from(b"any letters".as_slice());
            let pin = Some(SecretText::from("1234"));
            let otp =
                Otp::Motp(Motp { secret, written, pin, digits: Digits::SIX, period: Motp::USUAL_PERIOD });
            let (issuer, account_name) = ("VPN".to_owned(), "ann".to_owned());
            let account = Account { issuer, account_name, otp, extra: Vec::new() };
            format.check(&Record::new(account, UnixTime::from_ms(0)))
        };
        for format in ExportFormat::ALL {
            let text = check(format, MotpSecret::Text);
            assert!(matches!(text, Err(LeftOut::Secret | LeftOut::Kind)), "{}: {text:?}", format.name());
        }
        // The control: bytes leave by links.
        assert_eq!(check(ExportFormat::UriList, MotpSecret::Hex), Ok(()));
    }
}
