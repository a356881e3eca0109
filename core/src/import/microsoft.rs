//! Microsoft Authenticator: the Android app's own database `PhoneFactor`, with its `-wal`.
//!
//! There is no export, so this takes a rooted phone or a backup of one. Source: `MicrosoftAuthImporter.java` of Aegis,
//! and the schema of the corpus's file.

use super::database::{self, Database, Row};
use super::encodings::{self, base32_secret};
use super::error::ImportError;
use super::format::Format;
use super::formats::{Importer, Opening};
use super::found::{Entry, Imported, Place, Reason};
use super::parts::OtpParts;
use super::sight::Sight;
use crate::account::{Account, Kind};
use crate::otp::Otp;
use crate::uri::UriError;

pub(super) const IMPORTER: Importer =
    Importer::new(Format::MicrosoftAuthenticator, knows, read).with_companions(database::is_wal);

/// `account_type` of another provider's account: base32, six digits.
const THIRD_PARTY: i64 = 0;
/// `account_type` of a personal Microsoft account: Base64, eight digits.
const PERSONAL: i64 = 1;

fn knows(sight: &Sight<'_>) -> bool {
    database::mentions(sight, "oath_secret_key")
}

fn read(opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let database = Database::of(opening, Format::MicrosoftAuthenticator)?;
    database.entries("accounts", "ux_position", opening, |_, index, row| {
        let (issuer, account_name) = (row.text("name"), row.text("username"));
        let place = Place::account(index, &issuer, &account_name);
        let entry = otp(row)
            .map(|otp| Entry::new(place.clone(), Account { issuer, account_name, otp, extra: Vec::new() }));
        Some((place, entry))
    })
}

/// Returns what makes the codes. A row without a secret is an account that approves sign-ins in that app alone.
fn otp(row: &Row<'_>) -> Result<Otp, Reason> {
    let kind = row.number::<i64>("account_type")?;
    if row.text("oath_secret_key").is_empty() {
        let sealed = !row.text("encrypted_oath_secret_key").is_empty();
        return Err(if sealed { Reason::DeviceBound } else { Reason::MustBeEnrolledAgain });
    }
    let secret = row.secret("oath_secret_key")?;
    match kind {
        Some(THIRD_PARTY) | None => OtpParts::new(Kind::Totp, base32_secret(secret.expose())?).otp(),
        Some(PERSONAL) => {
            let secret = encodings::base64(secret.expose()).ok_or(Reason::Field("oath_secret_key"))?;
            if secret.is_empty() {
                return Err(Reason::Uri(UriError::NoSecret));
            }
            OtpParts { digits: Some(8), ..OtpParts::new(Kind::Totp, secret) }.otp()
        }
        // Work or school: bound to the phone that enrolled it.
        Some(_) => Err(Reason::MustBeEnrolledAgain),
    }
}
