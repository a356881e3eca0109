//! One entry of an export, to and from an account.

use std::mem;

use prost::Message;

use super::super::UriError;
use super::super::label::Names;
use super::print::LeftOut;
use super::wire::{Entry, algorithm, digits, kind};
use crate::account::Account;
use crate::otp::{Algorithm, Digits, Hotp, Otp, Period, Totp};
use crate::secret::SecretBytes;

/// Returns the account in one entry, and the entry's id where it has one.
///
/// What is unspecified means SHA-1, six digits, TOTP; the name may repeat the issuer.
pub(super) fn read(bytes: &[u8]) -> Result<(Account, Option<String>), UriError> {
    let mut entry = Entry::decode(bytes).map_err(|_| UriError::Damaged)?;
    let secret = SecretBytes::new(mem::take(&mut entry.secret));
    if secret.is_empty() {
        return Err(UriError::NoSecret);
    }
    let algorithm = match entry.algorithm {
        algorithm::UNSPECIFIED | algorithm::SHA1 => Algorithm::Sha1,
        algorithm::SHA256 => Algorithm::Sha256,
        algorithm::SHA512 => Algorithm::Sha512,
        algorithm::MD5 => Algorithm::Md5,
        _ => return Err(UriError::Algorithm),
    };
    let digits = match entry.digits {
        digits::UNSPECIFIED | digits::SIX => Digits::SIX,
        digits::EIGHT => Digits::EIGHT,
        _ => return Err(UriError::Number("digits")),
    };
    let otp = match entry.kind {
        kind::UNSPECIFIED | kind::TOTP => {
            Otp::Totp(Totp { secret, algorithm, digits, period: Period::THIRTY })
        }
        kind::HOTP => {
            let counter = u64::try_from(entry.counter).map_err(|_| UriError::Number("counter"))?;
            Otp::Hotp(Hotp { secret, algorithm, digits, counter })
        }
        _ => return Err(UriError::Kind),
    };
    let Names { issuer, account_name } = Names::from_label(&text(&entry.name), &text(&entry.issuer));
    let id = (!entry.id.is_empty()).then(|| text(&entry.id));
    Ok((Account { issuer, account_name, otp, extra: Vec::new() }, id))
}

/// Returns the entry for one account.
pub(super) fn write(account: &Account) -> Result<Entry, LeftOut> {
    let Account { issuer, account_name, otp, extra: _ } = account;
    let (kind, counter) = match otp {
        Otp::Totp(totp) if totp.period == Period::THIRTY => (kind::TOTP, 0),
        Otp::Totp(_) => return Err(LeftOut::Period),
        Otp::Hotp(hotp) => (kind::HOTP, i64::try_from(hotp.counter).map_err(|_| LeftOut::Counter)?),
        Otp::Steam(_) | Otp::Motp(_) | Otp::Yandex(_) => return Err(LeftOut::Kind),
    };
    let algorithm = match otp.algorithm() {
        Some(Algorithm::Sha1) => algorithm::SHA1,
        Some(Algorithm::Sha256) => algorithm::SHA256,
        Some(Algorithm::Sha512) => algorithm::SHA512,
        Some(Algorithm::Md5) => algorithm::MD5,
        Some(Algorithm::Sha224 | Algorithm::Sha384) | None => return Err(LeftOut::Algorithm),
    };
    let digits = match otp.digits() {
        6 => digits::SIX,
        8 => digits::EIGHT,
        _ => return Err(LeftOut::Digits),
    };
    Ok(Entry {
        secret: otp.secret().expose().to_vec(),
        name: Names::to_label(issuer, account_name).into_bytes(),
        issuer: issuer.clone().into_bytes(),
        algorithm,
        digits,
        kind,
        counter,
        id: Vec::new(),
    })
}

/// Returns `bytes` as text: UTF-8, else Latin-1.
fn text(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().copied().map(char::from).collect(), str::to_owned)
}
