//! FIDO Credential Exchange Format: what password managers hand each other, and what we write ourselves.
//!
//! Source: Credential Exchange Format, FIDO Alliance, review draft of 2025; three samples of the corpus, two of which
//! are one account without the header around it. A file without any one-time password is no error.

use super::encodings::base32_secret;
use super::error::ImportError;
use super::format::Format;
use super::formats::{Importer, Opening};
use super::found::{Entry, Imported, Place, Reason};
use super::json::{self, Json};
use super::parts::{self, OtpParts};
use super::sight::Sight;
use crate::account::{Account, Kind};

pub(super) const IMPORTER: Importer = Importer::new(Format::Cxf, knows, read);

/// The newest major version that is known.
const NEWEST: u64 = 1;

fn knows(sight: &Sight<'_>) -> bool {
    ["exporterRpId", "accounts[].items[].credentials", "items[].credentials"]
        .iter()
        .any(|name| sight.has(name))
}

fn read(opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let file = json::read(opening.source().bytes, Format::Cxf)?;
    match file.get("version").number::<u64>("major") {
        Ok(Some(version)) if version > NEWEST => return Err(ImportError::NewerVersion(Format::Cxf, version)),
        Ok(_) | Err(_) => {}
    }
    let accounts = file.get("accounts");
    let accounts = if accounts.is_list() { accounts.items() } else { std::slice::from_ref(&file) };
    if !accounts.iter().all(|account| account.get("items").is_list()) {
        return Err(ImportError::Damaged(Format::Cxf, Place::file("items")));
    }
    let (mut imported, mut index) = (Imported::new(Format::Cxf), 0);
    for (account, item) in accounts
        .iter()
        .flat_map(|account| account.get("items").items().iter().map(move |item| (account, item)))
    {
        opening.go_on()?;
        let of_kind = |kind| move |credential: &&Json| credential.get("type").as_text() == Some(kind);
        let credentials = item.get("credentials").items();
        for totp in credentials.iter().filter(of_kind("totp")) {
            let (issuer, account_name) = (totp.text("issuer"), totp.text("username"));
            let name = if issuer.is_empty() && account_name.is_empty() {
                item.text("title")
            } else {
                issuer.clone()
            };
            let place = Place::account(index, &name, &account_name);
            let read = entry(totp, issuer, account_name, place.clone()).map(|mut entry| {
                let notes =
                    credentials.iter().filter(of_kind("note")).map(|note| note.get("content").text("value"));
                entry.note = note(item, &entry.account, notes);
                entry.favorite = item.flag("favorite");
                entry.groups = groups(account, item).iter().map(|name| imported.group(name)).collect();
                entry
            });
            imported.take(place, read);
            index += 1;
        }
    }
    Ok(imported)
}

fn entry(totp: &Json, issuer: String, account_name: String, place: Place) -> Result<Entry, Reason> {
    let otp = OtpParts {
        algorithm: parts::algorithm(&totp.text("algorithm"))?,
        digits: totp.number("digits")?,
        period: totp.number("period")?,
        ..OtpParts::new(Kind::Totp, base32_secret(totp.need("secret")?)?)
    }
    .otp()?;
    Ok(Entry::new(place, Account { issuer, account_name, otp, extra: Vec::new() }))
}

/// Returns the item's notes; before them its title, when the account has no name of its own.
fn note(item: &Json, account: &Account, notes: impl Iterator<Item = String>) -> String {
    let nameless = account.issuer.is_empty() && account.account_name.is_empty();
    let title = nameless.then(|| item.text("title"));
    let lines: Vec<String> = title.into_iter().chain(notes).filter(|note| !note.is_empty()).collect();
    lines.join("\n")
}

/// Returns the names of the collections that hold the item, and its tags.
fn groups(account: &Json, item: &Json) -> Vec<String> {
    let id = item.get("id").as_text();
    let holds = |collection: &&Json| {
        id.is_some() && collection.get("items").items().iter().any(|link| link.get("item").as_text() == id)
    };
    let collections =
        account.get("collections").items().iter().filter(holds).map(|found| found.text("title"));
    let tags = item.get("tags").items().iter().filter_map(Json::as_text).map(str::to_owned);
    collections.chain(tags).filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests;
