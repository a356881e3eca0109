//! Stratum, formerly Authenticator Pro: JSON, plain or sealed in one of two ways.
//!
//! Source: `doc/BACKUP_FORMAT.md` of stratumauth/app.

use super::ciphers::{self, Argon2Params, Hash};
use super::encodings::base32_secret;
use super::error::{ImportError, Needs};
use super::format::Format;
use super::formats::{Importer, Opening};
use super::found::{Entry, Icon, Imported, Place, Reason};
use super::json::{self, Json};
use super::parts::{self, OtpParts};
use super::sight::Sight;
use crate::account::{Account, Kind};
use crate::otp::{Algorithm, Otp};
use crate::secret::{SecretBytes, SecretText};

pub(super) const IMPORTER: Importer = Importer::new(Format::Stratum, knows, read);

/// Version 1.22 and later: magic ‖ salt (16) ‖ IV (12) ‖ ciphertext ‖ tag.
const STRONG: &[u8] = b"AUTHENTICATORPRO";

/// Before: magic ‖ salt (20) ‖ IV (16) ‖ ciphertext.
const LEGACY: &[u8] = b"AuthenticatorPro";

const STRONG_PARAMS: Argon2Params = Argon2Params { memory_kib: 64 * 1024, passes: 3, lanes: 4 };
const LEGACY_ROUNDS: u64 = 64_000;

fn knows(sight: &Sight<'_>) -> bool {
    sight.begins(STRONG) || sight.begins(LEGACY) || sight.has("Authenticators")
}

fn read(opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let bytes = opening.source().bytes;
    if let Some(sealed) = bytes.strip_prefix(STRONG) {
        entries(open_strong(sealed, opening)?.expose(), opening)
    } else if let Some(sealed) = bytes.strip_prefix(LEGACY) {
        entries(open_legacy(sealed, opening)?.expose(), opening)
    } else {
        entries(bytes, opening)
    }
}

fn open_strong(sealed: &[u8], opening: &Opening<'_>) -> Result<SecretBytes, ImportError> {
    let (salt, rest) = sealed.split_first_chunk::<16>().ok_or_else(|| damaged("header"))?;
    let (iv, sealed) = rest.split_first_chunk::<12>().ok_or_else(|| damaged("header"))?;
    let password = password(opening)?;
    let key = ciphers::argon2id(password, salt, STRONG_PARAMS, 32, opening.budget)
        .map_err(|error| error.of(Format::Stratum))?;
    ciphers::open_gcm_json(key.expose(), iv, sealed).map_err(|error| error.of(Format::Stratum, "content"))
}

fn open_legacy(sealed: &[u8], opening: &Opening<'_>) -> Result<SecretBytes, ImportError> {
    let (salt, rest) = sealed.split_first_chunk::<20>().ok_or_else(|| damaged("header"))?;
    let (iv, sealed) = rest.split_first_chunk::<16>().ok_or_else(|| damaged("header"))?;
    let password = password(opening)?;
    let key = ciphers::pbkdf2(Hash::Sha1, password, salt, LEGACY_ROUNDS, 32, opening.budget)
        .map_err(|error| error.of(Format::Stratum))?;
    ciphers::open_cbc_json(key.expose(), iv, sealed).map_err(|error| error.of(Format::Stratum, "content"))
}

fn password<'a>(opening: &Opening<'a>) -> Result<&'a [u8], ImportError> {
    let password = opening.secrets.password.as_ref();
    let password = password.ok_or(ImportError::NeedsPassword(Format::Stratum, Needs::Password))?;
    opening.go_on()?;
    Ok(password.expose().as_bytes())
}

fn entries(text: &[u8], opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let backup = json::read(text, Format::Stratum)?;
    let list = backup.get("Authenticators");
    if !list.is_list() {
        return Err(damaged("Authenticators"));
    }
    let mut imported = Imported::new(Format::Stratum);
    let mut categories: Vec<_> = backup.get("Categories").items().iter().collect();
    categories.sort_by_key(|category| ranking(category));
    for category in &categories {
        imported.group(&category.text("Name"));
    }
    for (index, json) in list.items().iter().enumerate() {
        opening.go_on()?;
        let (issuer, account_name) = (json.text("Issuer"), json.text("Username"));
        let place = Place::account(index, &issuer, &account_name);
        let read = otp(json).map(|otp| {
            let mut entry =
                Entry::new(place.clone(), Account { issuer, account_name, otp, extra: Vec::new() });
            entry.icon = icon(json, &backup);
            entry.usage_count = json.number("CopyCount").ok().flatten().unwrap_or(0);
            entry.rank = json.get("Ranking").as_number();
            entry.groups = groups(json, &backup, &categories).map(|name| imported.group(&name)).collect();
            entry
        });
        imported.take(place, read);
    }
    Ok(imported)
}

fn otp(json: &Json) -> Result<Otp, Reason> {
    let kind = match json.number::<u8>("Type")? {
        Some(1) => Kind::Hotp,
        Some(2) => Kind::Totp,
        Some(3) => Kind::Motp,
        Some(4) => Kind::Steam,
        Some(5) => Kind::Yandex,
        Some(_) => return Err(Reason::UnknownKind),
        None => return Err(Reason::Field("Type")),
    };
    let algorithm = match json.number::<u8>("Algorithm")? {
        None | Some(0) => Algorithm::Sha1,
        Some(1) => Algorithm::Sha256,
        Some(2) => Algorithm::Sha512,
        Some(_) => return Err(Reason::Field("Algorithm")),
    };
    let text = json.need("Secret")?;
    let secret = match kind {
        Kind::Motp => SecretBytes::from(text.as_bytes()),
        _ => base32_secret(text)?,
    };
    let otp = OtpParts {
        kind,
        secret,
        algorithm: Some(algorithm),
        digits: json.number("Digits")?,
        period: json.number("Period")?,
        counter: json.number("Counter")?,
        pin: json.get("Pin").as_text().map(SecretText::from),
    }
    .otp()?;
    // The app hashes the text as it is, and takes any.
    Ok(parts::with_motp_text(otp))
}

/// Returns the names of the categories that an account is in: the app knows accounts by their secrets.
fn groups<'a>(
    json: &'a Json,
    backup: &'a Json,
    categories: &'a [&'a Json],
) -> impl Iterator<Item = String> + use<'a> {
    let secret = json.get("Secret").as_text();
    let bound = |binding: &&Json| binding.get("AuthenticatorSecret").as_text() == secret;
    let bindings = backup.get("AuthenticatorCategories").items().iter().filter(bound);
    let ids: Vec<_> = bindings.filter_map(|binding| binding.get("CategoryId").as_text()).collect();
    let within = move |category: &&&Json| category.get("Id").as_text().is_some_and(|id| ids.contains(&id));
    categories.iter().filter(within).map(|category| category.text("Name"))
}

/// Returns a name of the app's own set, or the user's picture, which is named by `@` and its id.
fn icon(json: &Json, backup: &Json) -> Option<Icon> {
    let name = json.text("Icon");
    let Some(id) = name.strip_prefix('@') else {
        return Some(Icon::Named(name)).filter(|icon| *icon != Icon::Named(String::new()));
    };
    let icons = backup.get("CustomIcons").items();
    let picture = icons.iter().find(|icon| icon.get("Id").as_text() == Some(id))?;
    picture.base64("Data").ok().map(Icon::Picture)
}

fn ranking(json: &Json) -> i64 {
    json.get("Ranking").as_number().unwrap_or(0)
}

fn damaged(part: &str) -> ImportError {
    ImportError::Damaged(Format::Stratum, Place::file(part))
}

#[cfg(test)]
mod tests;
