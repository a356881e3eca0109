//! Authy: Android preferences, one file of others' accounts and one of Authy's own; their secrets plain or sealed.
//!
//! Source: beemdevelopment/Aegis `AuthyImporter`. The file has neither periods nor algorithms.

use super::ciphers::{self, Hash};
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
use crate::secret::SecretBytes;
use crate::uri;

/// Both files are one export.
pub(super) const IMPORTER: Importer = Importer::new(Format::Authy, knows, read).together();

/// What the names of both values begin with; they end with [`VALUE`].
const NAMES: &str = "com.authy.storage.tokens.";
const VALUE: &str = ".key";

const ROUNDS: u64 = 1000;

/// Of Authy's own accounts.
const OWN_DIGITS: u32 = 7;
const OWN_PERIOD_S: u32 = 10;

fn knows(sight: &Sight<'_>) -> bool {
    xml::is_preferences(sight.source.bytes, NAMES)
        || ["[].decryptedSecret", "[].encryptedSecret", "[].secretSeed"].iter().any(|path| sight.has(path))
}

fn read(opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let mut imported = Imported::new(Format::Authy);
    let (mut sealed, mut opened) = (0, 0);
    for (number, source) in opening.sources.iter().enumerate() {
        for list in lists(source.bytes)? {
            for json in list.items() {
                opening.go_on()?;
                let (issuer, account_name) = names(json);
                let place = Place::account(imported.total(), &issuer, &account_name);
                let place = Place { source: number, ..place };
                let secret = match json.get("encryptedSecret").as_text() {
                    Some(text) if json.get("decryptedSecret").is_null() => {
                        sealed += 1;
                        let secret = decrypt(text, json, opening)?;
                        opened += usize::from(secret.is_ok());
                        secret
                    }
                    _ => secret(json),
                };
                let read = secret.and_then(|secret| otp(json, secret)).map(|otp| {
                    Entry::new(place.clone(), Account { issuer, account_name, otp, extra: Vec::new() })
                });
                imported.take(place, read);
            }
        }
    }
    if sealed > 0 && opened == 0 { Err(ImportError::WrongPassword(Format::Authy)) } else { Ok(imported) }
}

/// Returns the lists of accounts in one source.
fn lists(bytes: &[u8]) -> Result<Vec<Json>, ImportError> {
    let bytes_without_mark = encodings::without_mark(bytes);
    if bytes_without_mark.trim_ascii_start().starts_with(b"[") {
        return json::read(bytes, Format::Authy).map(|list| vec![list]);
    }
    let preferences = Preferences::read(bytes_without_mark).map_err(|error| error.of(Format::Authy))?;
    let is_list = |name: &str| name.starts_with(NAMES) && name.ends_with(VALUE);
    let texts = preferences.texts().filter(|(name, _)| is_list(name)).map(|(_, text)| text);
    texts.map(|text| json::read(text.expose().as_bytes(), Format::Authy)).collect()
}

/// Returns issuer and account name: what the user sees is "Issuer: name", or another name given to it.
fn names(json: &Json) -> (String, String) {
    let [shown, original] = ["name", "originalName"].map(|name| json.text(name));
    let label = if shown.is_empty() { &original } else { &shown };
    uri::names_of_label(label, &json.text("originalIssuer"))
}

fn secret(json: &Json) -> Result<SecretBytes, Reason> {
    match json.get("secretSeed").as_text() {
        Some(seed) => hex_secret(seed),
        None => base32_secret(json.need("decryptedSecret")?),
    }
}

/// Opens one secret. The salt is taken as text, the IV is zero; what comes out is base32.
fn decrypt(
    sealed: &str,
    json: &Json,
    opening: &Opening<'_>,
) -> Result<Result<SecretBytes, Reason>, ImportError> {
    let password = opening.secrets.password.as_ref();
    let password = password.ok_or(ImportError::NeedsPassword(Format::Authy, Needs::Password))?;
    let (Some(sealed), Some(salt)) = (encodings::base64(sealed), json.get("salt").as_text()) else {
        return Ok(Err(Reason::Field("encryptedSecret")));
    };
    let password = password.expose().as_bytes();
    let key = ciphers::pbkdf2(Hash::Sha1, password, salt.as_bytes(), ROUNDS, 32, opening.budget)
        .map_err(|error| error.of(Format::Authy))?;
    let plain = ciphers::open_cbc(key.expose(), &[0; 16], sealed.expose());
    let text = plain.as_ref().and_then(|plain| std::str::from_utf8(plain.expose()).ok());
    Ok(text.and_then(|text| base32_secret(text).ok()).ok_or(Reason::Seal))
}

fn otp(json: &Json, secret: SecretBytes) -> Result<crate::otp::Otp, Reason> {
    let own = json.get("secretSeed").as_text().is_some();
    let mut parts = OtpParts::new(Kind::Totp, secret);
    parts.digits = json.number("digits")?.or(own.then_some(OWN_DIGITS));
    parts.period = own.then_some(OWN_PERIOD_S);
    parts.otp()
}

#[cfg(test)]
mod tests;
