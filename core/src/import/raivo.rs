//! Raivo OTP: a sealed archive with a list in JSON, or the list itself. Numbers stand in quotes.
//!
//! Source: raivo-otp/ios-application `DataExportFeature.swift`, `Password.getExportFields`.

use super::archive::Archive;
use super::encodings::base32_secret;
use super::error::ImportError;
use super::format::Format;
use super::formats::{Importer, Opening};
use super::found::{Entry, Icon, Imported, Place, Reason};
use super::json::{self, Json};
use super::parts::{self, OtpParts};
use super::sight::Sight;
use crate::account::{Account, Kind};
use crate::otp::Otp;

pub(super) const IMPORTER: Importer = Importer::new(Format::Raivo, knows, read);

const FILE: &str = "raivo-otp-export.json";

fn knows(sight: &Sight<'_>) -> bool {
    sight.archived(FILE) || (sight.has("[].kind") && sight.has("[].timer"))
}

fn read(opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let source = opening.source();
    if !Sight::new(source).archived(FILE) {
        return entries(source.bytes, opening);
    }
    let damaged = |error: super::archive::ArchiveError| error.of(Format::Raivo, FILE);
    let mut archive = Archive::open(source.bytes).map_err(damaged)?;
    let text = archive.read(FILE, opening.secrets.password.as_ref()).map_err(damaged)?;
    let text = text.ok_or_else(|| ImportError::Damaged(Format::Raivo, Place::file(FILE)))?;
    entries(text.expose(), opening)
}

fn entries(text: &[u8], opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let list = json::read(text, Format::Raivo)?;
    if !list.is_list() {
        return Err(ImportError::Damaged(Format::Raivo, Place::file("list")));
    }
    let mut imported = Imported::new(Format::Raivo);
    for (index, json) in list.items().iter().enumerate() {
        opening.go_on()?;
        let (issuer, account_name) = (json.text("issuer"), json.text("account"));
        let place = Place::account(index, &issuer, &account_name);
        let read = otp(json).map(|otp| {
            let account = Account { issuer, account_name, otp, extra: Vec::new() };
            let mut entry = Entry::new(place.clone(), account);
            entry.favorite = json.flag("pinned");
            let icon = json.text("iconValue");
            entry.icon = (!icon.is_empty()).then_some(Icon::Named(icon));
            entry
        });
        imported.take(place, read);
    }
    Ok(imported)
}

fn otp(json: &Json) -> Result<Otp, Reason> {
    let kind = match json.need("kind")?.to_ascii_uppercase().as_str() {
        "TOTP" => Kind::Totp,
        "HOTP" => Kind::Hotp,
        _ => return Err(Reason::UnknownKind),
    };
    OtpParts {
        kind,
        secret: base32_secret(json.need("secret")?)?,
        algorithm: parts::algorithm(&json.text("algorithm"))?,
        digits: json.number("digits")?,
        // The app writes 0 for what the kind does not have.
        period: json.number("timer")?.filter(|seconds| *seconds > 0 || kind == Kind::Totp),
        counter: json.number("counter")?,
        pin: None,
    }
    .otp()
}

#[cfg(test)]
mod tests;
