//! Bitwarden: JSON plain, under a password or bound to an account, CSV, and Bitwarden Authenticator.
//!
//! Source: bitwarden/sdk-internal `bitwarden-exporters`, bitwarden/android `AuthenticatorExport`.

mod sealed;
mod table;

use super::error::{ImportError, NotReadable};
use super::format::Format;
use super::formats::{Importer, Opening};
use super::found::{Entry, Imported, Place};
use super::json::{self, Json};
use super::parts::account_of;
use super::sight::Sight;

pub(super) const VAULT: Importer = Importer::new(Format::Bitwarden, knows_vault, read_vault);
pub(super) const AUTHENTICATOR: Importer =
    Importer::new(Format::BitwardenAuthenticator, knows_authenticator, read_authenticator);
pub(super) const TABLE: Importer = Importer::new(Format::Bitwarden, table::knows, table::read);
pub(super) const AUTHENTICATOR_TABLE: Importer =
    Importer::new(Format::BitwardenAuthenticator, table::knows_authenticator, table::read);

fn knows_vault(sight: &Sight<'_>) -> bool {
    sight.has("encrypted")
        && ["items", "data", "encKeyValidation_DO_NOT_EDIT"].iter().any(|name| sight.has(name))
}

/// The same file without all that a password manager has.
fn knows_authenticator(sight: &Sight<'_>) -> bool {
    const OF_A_VAULT: [&str; 5] = [
        "folders",
        "collections",
        "encKeyValidation_DO_NOT_EDIT",
        "items[].login.uris",
        "items[].login.password",
    ];
    sight.has("encrypted")
        && sight.has("items[].login.totp")
        && !OF_A_VAULT.iter().any(|name| sight.has(name))
}

fn read_vault(opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let file = json::read(opening.source().bytes, Format::Bitwarden)?;
    if !file.flag("encrypted") {
        return items(&file, Format::Bitwarden, opening);
    }
    if !file.flag("passwordProtected") {
        return Err(ImportError::NotReadable(Format::Bitwarden, NotReadable::AccountRestricted));
    }
    let plain = sealed::open(&file, opening)?;
    items(&json::read(plain.expose(), Format::Bitwarden)?, Format::Bitwarden, opening)
}

fn read_authenticator(opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let format = Format::BitwardenAuthenticator;
    items(&json::read(opening.source().bytes, format)?, format, opening)
}

/// Takes the items that have a one-time password; cards, notes, identities and keys have no login.
fn items(file: &Json, format: Format, opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let list = file.get("items");
    if !list.is_list() {
        return Err(ImportError::Damaged(format, Place::file("items")));
    }
    let mut imported = Imported::new(format);
    for (index, item) in list.items().iter().enumerate() {
        opening.go_on()?;
        let totp = item.get("login").get("totp");
        let Some(totp) = totp.as_text().filter(|text| !text.trim().is_empty()) else { continue };
        let (name, username) = (item.text("name"), item.get("login").text("username"));
        let place = Place::account(index, &name, &username);
        let read = account_of(totp, &name, &username).map(|mut account| {
            // Bitwarden Authenticator prints a missing name as `null`, after the issuer's colon.
            let nameless = ["null", ":null"].contains(&account.account_name.as_str());
            if format == Format::BitwardenAuthenticator && nameless {
                account.account_name.clear();
            }
            let mut entry = Entry::new(place.clone(), account);
            entry.note = item.text("notes");
            entry.favorite = item.flag("favorite");
            entry.trashed = !item.get("deletedDate").is_null();
            entry.groups = folder(item, file).iter().map(|name| imported.group(name)).collect();
            entry
        });
        imported.take(place, read);
    }
    Ok(imported)
}

/// Returns the name of an item's folder.
fn folder(item: &Json, file: &Json) -> Option<String> {
    let id = item.get("folderId").as_text()?;
    let folder = file.get("folders").items().iter().find(|folder| folder.get("id").as_text() == Some(id))?;
    Some(folder.text("name")).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests;
