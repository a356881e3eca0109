//! TOTP Authenticator by BinaryBoot: Base64 of sealed JSON, or Android preferences.
//!
//! Sources: beemdevelopment/Aegis `TotpAuthenticatorImporter`, stratumauth/app `TotpAuthenticatorBackupConverter`.

use sha2::{Digest, Sha256};

use super::ciphers;
use super::encodings::{self, base32_secret, hex_secret};
use super::error::{ImportError, Needs};
use super::format::Format;
use super::formats::{Importer, Opening};
use super::found::{Entry, Imported, Place, Reason};
use super::json::{self, Json};
use super::parts::OtpParts;
use super::sight::Sight;
use super::xml::{self, Preferences};
use crate::account::{Account, Kind};
use crate::otp::Otp;
use crate::secret::SecretBytes;

/// Preferences of the app; has a mark of its own.
pub(super) const PREFERENCES: Importer = Importer::new(Format::TotpAuthenticator, knows_preferences, read);

/// Base64 and nothing else: to be asked late.
pub(super) const SEALED: Importer = Importer::new(Format::TotpAuthenticator, knows_sealed, read);

/// The value of the preferences that has the list.
const LIST: &str = "STATIC_TOTP_CODES_LIST";

/// What the app takes when the user gave no password.
const NO_PASSWORD: &str = "TotpAuthenticator";

fn knows_preferences(sight: &Sight<'_>) -> bool {
    xml::is_preferences(sight.source.bytes, LIST)
}

fn knows_sealed(sight: &Sight<'_>) -> bool {
    let text = sight.text().trim_ascii_end();
    let letter = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=\r\n".contains(byte);
    // A block of AES is 16 bytes; and letters alone, in one case, may be a secret or a word.
    text.len() >= 24
        && text.iter().all(letter)
        && text.iter().any(u8::is_ascii_lowercase)
        && text.iter().any(u8::is_ascii_uppercase)
}

fn read(opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let bytes = opening.source().bytes;
    if knows_preferences(&Sight::new(opening.source())) {
        let preferences = Preferences::read(encodings::without_mark(bytes))
            .map_err(|error| error.of(Format::TotpAuthenticator))?;
        return match preferences.get(LIST) {
            Some(list) => entries(list.expose(), opening),
            None => Ok(Imported::new(Format::TotpAuthenticator)),
        };
    }
    let text = std::str::from_utf8(encodings::without_mark(bytes)).map_err(|_| damaged("content"))?;
    let sealed = encodings::base64(text).ok_or_else(|| damaged("content"))?;
    let plain = decrypt(&sealed, opening)?;
    // One member, whose name is the list, and its value a time.
    let outer = json::read(plain.expose(), Format::TotpAuthenticator)?;
    match outer.members().next() {
        Some((list, _)) => entries(list, opening),
        None => Err(damaged("list")),
    }
}

/// Opens it with the password, and with the one that stands for none.
fn decrypt(sealed: &SecretBytes, opening: &Opening<'_>) -> Result<SecretBytes, ImportError> {
    let given = opening.secrets.password.as_ref().map(|password| password.expose());
    let open = |password: &str| {
        let mut key = SecretBytes::new(vec![0; 32]);
        key.expose_mut().copy_from_slice(&Sha256::digest(password));
        ciphers::open_cbc_json(key.expose(), &[0; 16], sealed.expose())
    };
    let mut is_damaged = false;
    for password in given.into_iter().chain([NO_PASSWORD]) {
        match open(password) {
            Ok(plain) => return Ok(plain),
            Err(ciphers::SealError::Damaged) => is_damaged = true,
            Err(ciphers::SealError::Key) => {}
        }
    }
    Err(match given {
        _ if is_damaged => damaged("content"),
        Some(_) => ImportError::WrongPassword(Format::TotpAuthenticator),
        None => ImportError::NeedsPassword(Format::TotpAuthenticator, Needs::Password),
    })
}

fn entries(list: &str, opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let list = json::read(list.as_bytes(), Format::TotpAuthenticator)?;
    if !list.is_list() {
        return Err(damaged("list"));
    }
    let mut imported = Imported::new(Format::TotpAuthenticator);
    for (index, json) in list.items().iter().enumerate() {
        opening.go_on()?;
        let (issuer, account_name) = (json.text("issuer"), json.text("name"));
        let place = Place::account(index, &issuer, &account_name);
        let read = otp(json).map(|otp| {
            let account = Account { issuer, account_name, otp, extra: Vec::new() };
            let mut entry = Entry::new(place.clone(), account);
            entry.favorite = json.flag("isFavorite");
            entry
        });
        imported.take(place, read);
    }
    Ok(imported)
}

fn otp(json: &Json) -> Result<Otp, Reason> {
    let key = json.need("key")?;
    let secret = match json.number::<u32>("base")? {
        Some(16) => hex_secret(key)?,
        Some(32) => base32_secret(key)?,
        Some(64) => encodings::base64(key).ok_or(Reason::Field("key"))?,
        _ => return Err(Reason::Field("base")),
    };
    let mut parts = OtpParts::new(Kind::Totp, secret);
    parts.digits = json.number("digits")?;
    parts.period = json.number("period")?;
    parts.otp()
}

fn damaged(part: &str) -> ImportError {
    ImportError::Damaged(Format::TotpAuthenticator, Place::file(part))
}

#[cfg(test)]
mod tests;
