//! 1Password: the archive `.1pux`, from its `export.data`.
//!
//! Source: 1Password's description of 1PUX (support.1password.com/1pux-format) and `OPUXReader.cpp` of KeePassXC,
//! which reads the first account alone.

use super::archive::Archive;
use super::encodings::base32_secret;
use super::error::ImportError;
use super::format::Format;
use super::formats::{Importer, Opening};
use super::found::{Entry, Imported, Place, Reason};
use super::json::{self, Json};
use super::parts::OtpParts;
use super::sight::Sight;
use crate::account::{Account, Kind};
use crate::uri;

pub(super) const IMPORTER: Importer = Importer::new(Format::OnePassword, knows, read);

const DATA: &str = "export.data";

fn knows(sight: &Sight<'_>) -> bool {
    sight.archived(DATA) || sight.has("accounts[].vaults[].items")
}

fn read(opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let format = Format::OnePassword;
    let bytes = opening.source().bytes;
    if !super::archive::is_archive(bytes) {
        // Somebody unpacked it.
        return entries(&json::read(bytes, format)?, opening);
    }
    let mut archive = Archive::open(bytes).map_err(|error| error.of(format, DATA))?;
    let data =
        archive.read(DATA, opening.secrets.password.as_ref()).map_err(|error| error.of(format, DATA))?;
    let data = data.ok_or_else(|| ImportError::Damaged(format, Place::file(DATA)))?;
    entries(&json::read(data.expose(), format)?, opening)
}

fn entries(data: &Json, opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let accounts = data.get("accounts");
    if !accounts.is_list() {
        return Err(ImportError::Damaged(Format::OnePassword, Place::file("accounts")));
    }
    let (mut imported, mut index) = (Imported::new(Format::OnePassword), 0);
    for vault in accounts.items().iter().flat_map(|account| account.get("vaults").items()) {
        let vault_name = vault.get("attrs").text("name");
        for item in vault.get("items").items() {
            opening.go_on()?;
            // Early versions have the item one level deeper.
            let item = if item.get("item").is_object() { item.get("item") } else { item };
            for totp in totps(item) {
                let (title, username) = (item.get("overview").text("title"), username(item));
                let place = Place::account(index, &title, &username);
                let read = account(totp, &title, &username).map(|account| {
                    let mut entry = Entry::new(place.clone(), account);
                    entry.note = item.get("details").text("notesPlain");
                    entry.favorite = item.flag("favIndex");
                    let tags = item.get("overview").get("tags").items().iter().filter_map(Json::as_text);
                    let names =
                        std::iter::once(vault_name.as_str()).chain(tags).filter(|name| !name.is_empty());
                    entry.groups = names.map(|name| imported.group(name)).collect();
                    entry
                });
                imported.take(place, read);
                index += 1;
            }
        }
    }
    Ok(imported)
}

/// Returns the one-time passwords of an item; there may be several.
fn totps(item: &Json) -> impl Iterator<Item = &Json> {
    let sections = item.get("details").get("sections").items().iter();
    let fields = sections.flat_map(|section| section.get("fields").items());
    let totps = fields.map(|field| field.get("value").get("totp"));
    totps.filter(|totp| totp.as_text().is_none_or(|text| !text.trim().is_empty()) && !totp.is_null())
}

fn username(item: &Json) -> String {
    let mut fields = item.get("details").get("loginFields").items().iter();
    let named = |field: &&Json| {
        field.get("designation").as_text().is_some_and(|name| name.eq_ignore_ascii_case("username"))
    };
    fields.find(named).map(|field| field.text("value")).unwrap_or_default()
}

/// Reads a link, or a bare secret; the item's names stand in for those that a link does not have.
fn account(totp: &Json, title: &str, username: &str) -> Result<Account, Reason> {
    let text = totp.as_text().ok_or(Reason::Field("totp"))?;
    if !text.contains("://") {
        let otp = OtpParts::new(Kind::Totp, base32_secret(text)?).otp()?;
        return Ok(Account {
            issuer: title.to_owned(),
            account_name: username.to_owned(),
            otp,
            extra: Vec::new(),
        });
    }
    let mut account = uri::parse(text).map_err(Reason::Uri)?;
    for (name, of_item) in [(&mut account.issuer, title), (&mut account.account_name, username)] {
        if name.is_empty() {
            of_item.clone_into(name);
        }
    }
    Ok(account)
}

#[cfg(test)]
mod tests;
