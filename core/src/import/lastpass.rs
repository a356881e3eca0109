//! LastPass Authenticator: JSON, version 3.
//!
//! Source: `LastPassBackupConverter.cs` of Stratum, `parser/lastpass` of Proton, and the corpus's file of Android.

use super::encodings::base32_secret;
use super::error::ImportError;
use super::format::Format;
use super::formats::{Importer, Opening};
use super::found::{Entry, Imported, Place, Reason};
use super::json::{self, Json};
use super::parts::{self, OtpParts};
use super::sight::Sight;
use crate::account::{Account, Kind};

pub(super) const IMPORTER: Importer = Importer::new(Format::LastPass, knows, read);

/// The newest version that is known.
const NEWEST: u64 = 3;

/// The folder of accounts that are in none.
const NO_FOLDER: i64 = 0;

fn knows(sight: &Sight<'_>) -> bool {
    let named = |name| sight.has(name);
    named("accounts")
        && (named("localDeviceId") || named("accounts[].issuerName") || named("accounts[].timeStep"))
}

fn read(opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let file = json::read(opening.source().bytes, Format::LastPass)?;
    match file.number("version") {
        Ok(Some(version)) if version > NEWEST => {
            return Err(ImportError::NewerVersion(Format::LastPass, version));
        }
        Ok(_) => {}
        Err(_) => return Err(ImportError::Damaged(Format::LastPass, Place::file("version"))),
    }
    let accounts = file.get("accounts");
    if !accounts.is_list() {
        return Err(ImportError::Damaged(Format::LastPass, Place::file("accounts")));
    }
    let mut imported = Imported::new(Format::LastPass);
    for (index, json) in accounts.items().iter().enumerate() {
        opening.go_on()?;
        let (issuer, account_name) =
            (edited(json, "issuerName", "originalIssuerName"), edited(json, "userName", "originalUserName"));
        let place = Place::account(index, &issuer, &account_name);
        let read = entry(json, issuer, account_name, place.clone()).map(|mut entry| {
            entry.groups = folder(json, &file).map(|name| imported.group(&name)).into_iter().collect();
            entry
        });
        imported.take(place, read);
    }
    Ok(imported)
}

fn entry(json: &Json, issuer: String, account_name: String, place: Place) -> Result<Entry, Reason> {
    if json.get("secret").is_null() && json.flag("pushNotification") {
        return Err(Reason::MustBeEnrolledAgain);
    }
    let otp = OtpParts {
        algorithm: parts::algorithm(&json.text("algorithm"))?,
        digits: json.number("digits")?,
        period: json.number("timeStep")?,
        ..OtpParts::new(Kind::Totp, base32_secret(json.need("secret")?)?)
    }
    .otp()?;
    let mut entry = Entry::new(place, Account { issuer, account_name, otp, extra: Vec::new() });
    entry.favorite = json.flag("isFavorite");
    Ok(entry)
}

/// Returns the name that the user gave, or else the one that came with the account.
fn edited(json: &Json, name: &str, original: &str) -> String {
    Some(json.text(name)).filter(|name| !name.is_empty()).unwrap_or_else(|| json.text(original))
}

fn folder(json: &Json, file: &Json) -> Option<String> {
    let id: i64 = json.get("folderData").get("folderId").as_number().filter(|id| *id != NO_FOLDER)?;
    let folder =
        file.get("folders").items().iter().find(|folder| folder.get("id").as_number() == Some(id))?;
    Some(folder.text("name")).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests;
