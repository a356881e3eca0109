//! Authenticator Plus: its database `authplus.db` under SQLCipher 3, and its archive with `Accounts.txt`.
//!
//! Source: `AuthenticatorPlusBackupConverter.cs` of Stratum and `AuthenticatorPlusImporter.java` of Aegis.

use super::archive::Archive;
use super::database::{Database, MAGIC, Row};
use super::encodings::{base32_secret, hex_secret};
use super::error::{ImportError, Needs};
use super::format::Format;
use super::formats::{Importer, Opening};
use super::found::{Entry, Imported, Place, Reason};
use super::parts::OtpParts;
use super::sight::Sight;
use super::{google_database, links, sqlcipher};
use crate::account::{Account, Kind};
use crate::otp::Otp;

pub(super) const ARCHIVE: Importer = Importer::new(Format::AuthenticatorPlus, knows_archive, read_archive);
pub(super) const DATABASE: Importer = Importer::new(Format::AuthenticatorPlus, knows_database, read_database);

const LIST: &str = "Accounts.txt";

/// `category` of accounts that are in none.
const NO_CATEGORY: &str = "All Accounts";

fn knows_archive(sight: &Sight<'_>) -> bool {
    sight.archived(LIST)
}

/// A sealed database has no mark: whole pages of noise, or noise that is called a database.
///
/// andOTP's file begins with a number of rounds; 1 in 1,024 of them has a length of whole pages.
fn knows_database(sight: &Sight<'_>) -> bool {
    let bytes = sight.source.bytes;
    let noise = bytes.get(..64).is_some_and(|start| !start.iter().all(u8::is_ascii)) && !sight.begins(MAGIC);
    let rounds = bytes.first_chunk().map_or(0, |four| u32::from_be_bytes(*four));
    let named = sight.source.name.to_ascii_lowercase().ends_with(".db");
    let pages = bytes.len().is_multiple_of(sqlcipher::PAGE) && !(1000..=10_000_000).contains(&rounds);
    noise && bytes.len() >= sqlcipher::PAGE && (named || pages)
}

fn read_archive(opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let format = Format::AuthenticatorPlus;
    let mut archive = Archive::open(opening.source().bytes).map_err(|error| error.of(format, LIST))?;
    let list =
        archive.read(LIST, opening.secrets.password.as_ref()).map_err(|error| error.of(format, LIST))?;
    let list = list.ok_or_else(|| ImportError::Damaged(format, Place::file(LIST)))?;
    links::read_text(&String::from_utf8_lossy(list.expose()), format, opening)
}

fn read_database(opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let format = Format::AuthenticatorPlus;
    let Some(password) = &opening.secrets.password else {
        return Err(ImportError::NeedsPassword(format, Needs::Password));
    };
    let opened = sqlcipher::open(opening.source().bytes, password, opening.budget, format)?;
    let plain = opened.ok_or(ImportError::WrongPassword(format))?;
    let database = Database::open(plain.expose(), &[], format)?;
    database.entries("accounts", "position", opening, |imported, index, row| {
        let (issuer, account_name) = google_database::names(row);
        let place = Place::account(index, &issuer, &account_name);
        let entry = otp(row).map(|(issuer_of_kind, otp)| {
            let issuer = issuer_of_kind.map_or(issuer, str::to_owned);
            let mut entry =
                Entry::new(place.clone(), Account { issuer, account_name, otp, extra: Vec::new() });
            let category = row.text("category");
            if !category.is_empty() && category != NO_CATEGORY {
                entry.groups = vec![imported.group(&category)];
            }
            entry
        });
        Some((place, entry))
    })
}

/// Returns what makes the codes, and the issuer that goes with the kind.
fn otp(row: &Row<'_>) -> Result<(Option<&'static str>, Otp), Reason> {
    let secret = row.secret("secret")?;
    let kind = match row.number::<i64>("type")? {
        Some(0) | None => Kind::Totp,
        Some(1) => Kind::Hotp,
        // Battle.net: hexadecimal, eight digits.
        Some(2) => {
            let parts =
                OtpParts { digits: Some(8), ..OtpParts::new(Kind::Totp, hex_secret(secret.expose())?) };
            return Ok((Some("Blizzard"), parts.otp()?));
        }
        Some(_) => return Err(Reason::UnknownKind),
    };
    let secret = base32_secret(secret.expose())?;
    let parts = OtpParts { counter: row.number("counter")?, ..OtpParts::new(kind, secret) };
    Ok((None, parts.otp()?))
}
