//! Google Authenticator: the Android app's own database, up to version 5.0; later ones seal what is in it.
//!
//! It takes a rooted phone; without one the app's own codes for moving do (`google-migration`). Source:
//! `GoogleAuthImporter.java` of Aegis, and the schema of `AccountDb.java` in Google's published source.

use super::database::{self, Database, Row};
use super::encodings::base32_secret;
use super::error::ImportError;
use super::format::Format;
use super::formats::{Importer, Opening};
use super::found::{Entry, Imported, Place, Reason};
use super::parts::OtpParts;
use super::sight::Sight;
use crate::account::{Account, Kind};
use crate::otp::Otp;

pub(super) const IMPORTER: Importer =
    Importer::new(Format::GoogleDatabase, knows, read).with_companions(database::is_wal);

/// Asked after Microsoft's, whose table has the same name.
fn knows(sight: &Sight<'_>) -> bool {
    database::mentions(sight, "original_name")
        || database::mentions(sight, "google_authenticator")
        || (database::mentions(sight, "accounts") && database::mentions(sight, "secret TEXT"))
}

fn read(opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let database = Database::of(opening, Format::GoogleDatabase)?;
    database.entries("accounts", "_id", opening, |_, index, row| {
        let (issuer, account_name) = names(row);
        let place = Place::account(index, &issuer, &account_name);
        let entry = otp(row)
            .map(|otp| Entry::new(place.clone(), Account { issuer, account_name, otp, extra: Vec::new() }));
        Some((place, entry))
    })
}

/// Returns issuer and account name: `email` is the name, behind `issuer:` in most rows, and is what the user sees.
pub(super) fn names(row: &Row<'_>) -> (String, String) {
    let (issuer, label) = (row.text("issuer"), row.text("email"));
    match label.split_once(':') {
        Some((before, name)) if issuer.is_empty() || before.trim() == issuer.trim() => {
            (before.trim().to_owned(), name.trim().to_owned())
        }
        _ => (issuer, label),
    }
}

fn otp(row: &Row<'_>) -> Result<Otp, Reason> {
    if row.number::<i64>("isencrypted")?.unwrap_or(0) != 0 {
        return Err(Reason::DeviceBound);
    }
    let kind = match row.number::<i64>("type")? {
        Some(0) | None => Kind::Totp,
        Some(1) => Kind::Hotp,
        Some(_) => return Err(Reason::UnknownKind),
    };
    let secret = base32_secret(row.secret("secret")?.expose())?;
    OtpParts { counter: row.number("counter")?, ..OtpParts::new(kind, secret) }.otp()
}
