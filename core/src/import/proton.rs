//! Proton Authenticator, plain or encrypted, and Proton Pass.
//!
//! Source: protonpass/proton-pass-common `proton-authenticator/src`: `entry/exporter.rs`,
//! `entry/password_exporter.rs`, `crypto.rs`, `parser/pass`.

use super::archive::{self, Archive};
use super::ciphers::{self, Argon2Params};
use super::error::{ImportError, Needs, NotReadable};
use super::format::Format;
use super::formats::{Importer, Opening};
use super::found::{Entry, Imported, Place, Reason};
use super::json::{self, Json};
use super::parts::account_of;
use super::sight::Sight;
use crate::secret::SecretBytes;

pub(super) const AUTHENTICATOR: Importer =
    Importer::new(Format::ProtonAuthenticator, knows_authenticator, read_authenticator);
pub(super) const PASS: Importer = Importer::new(Format::ProtonPass, knows_pass, read_pass);

const NEWEST: u64 = 1;

/// What the file's Argon2id costs; it does not say.
const COST: Argon2Params = Argon2Params { memory_kib: 19_456, passes: 2, lanes: 1 };

const NONCE_BYTES: usize = 12;
const AAD: &[u8] = b"proton.authenticator.export.v1";

/// What Proton Pass writes into its archive, plain or for OpenPGP.
const PASS_FILE: &str = "Proton Pass/data.json";
const PASS_SEALED: &str = "Proton Pass/data.pgp";

/// The state of an item that lies in Proton Pass's trash.
const TRASHED: u32 = 2;

fn knows_authenticator(sight: &Sight<'_>) -> bool {
    sight.has("version") && sight.has("salt") && sight.has("content")
        || sight.has("entries[].content.uri")
        || sight.has("entries[].content.entry_type")
}

fn knows_pass(sight: &Sight<'_>) -> bool {
    sight.has("vaults.*.items")
        || sight.has("vaults") && sight.has("encrypted") && sight.has("userId")
        || [PASS_FILE, PASS_SEALED].iter().any(|path| sight.archived(path))
}

fn read_authenticator(opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let file = json::read(opening.source().bytes, Format::ProtonAuthenticator)?;
    match file.number("version") {
        Ok(Some(version)) if version > NEWEST => {
            return Err(ImportError::NewerVersion(Format::ProtonAuthenticator, version));
        }
        Ok(_) => {}
        Err(_) => return Err(damaged("version")),
    }
    if file.get("content").is_null() {
        return entries(&file, opening);
    }
    let plain = decrypt(&file, opening)?;
    entries(&json::read(plain.expose(), Format::ProtonAuthenticator)?, opening)
}

/// Opens nonce, ciphertext and tag with AES-256-GCM. Nothing tells a wrong password from a changed content.
fn decrypt(file: &Json, opening: &Opening<'_>) -> Result<SecretBytes, ImportError> {
    let field = |name| file.base64(name).map_err(|_| damaged(name));
    let (salt, content) = (field("salt")?, field("content")?);
    let (nonce, sealed) = content.expose().split_at_checked(NONCE_BYTES).ok_or_else(|| damaged("content"))?;
    let Some(password) = &opening.secrets.password else {
        return Err(ImportError::NeedsPassword(Format::ProtonAuthenticator, Needs::Password));
    };
    opening.go_on()?;
    let key = ciphers::argon2id(password.expose().as_bytes(), salt.expose(), COST, 32, opening.budget)
        .map_err(|error| error.of(Format::ProtonAuthenticator))?;
    ciphers::open_gcm(key.expose(), nonce, AAD, sealed)
        .ok_or(ImportError::WrongPassword(Format::ProtonAuthenticator))
}

fn entries(file: &Json, opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let list = file.get("entries");
    if !list.is_list() {
        return Err(damaged("entries"));
    }
    let mut imported = Imported::new(Format::ProtonAuthenticator);
    for (index, json) in list.items().iter().enumerate() {
        opening.go_on()?;
        let content = json.get("content");
        let name = content.text("name");
        // Entries that were imported into Proton from an app without issuers begin with the colon of their label.
        let name = name.strip_prefix(':').unwrap_or(&name).trim();
        let place = Place::entry(index, name);
        let read = content.need("uri").and_then(|uri| account_of(uri, "", name)).map(|mut account| {
            if !name.is_empty() {
                name.clone_into(&mut account.account_name);
            }
            Entry { note: json.text("note"), ..Entry::new(place.clone(), account) }
        });
        imported.take(place, read);
    }
    Ok(imported)
}

/// Proton Pass: a login may hold one link of its own and more in further fields; any item may have those.
fn read_pass(opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let bytes = opening.source().bytes;
    if !archive::is_archive(bytes) {
        return pass(bytes, opening);
    }
    let wrong = |error: archive::ArchiveError| error.of(Format::ProtonPass, PASS_FILE);
    let mut archive = Archive::open(bytes).map_err(wrong)?;
    match archive.read(PASS_FILE, opening.secrets.password.as_ref()).map_err(wrong)? {
        Some(file) => pass(file.expose(), opening),
        None => Err(ImportError::NotReadable(Format::ProtonPass, NotReadable::OpenPgp)),
    }
}

fn pass(bytes: &[u8], opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let file = json::read(bytes, Format::ProtonPass)?;
    if !file.get("vaults").is_object() {
        return Err(ImportError::Damaged(Format::ProtonPass, Place::file("vaults")));
    }
    let mut imported = Imported::new(Format::ProtonPass);
    let mut index = 0;
    for (_, vault) in file.get("vaults").members() {
        for item in vault.get("items").items() {
            opening.go_on()?;
            for text in texts(item.get("data")) {
                let place = Place::entry(index, &item.get("data").get("metadata").text("name"));
                let read = text.and_then(|text| pass_entry(item, text, place.clone())).map(|mut entry| {
                    let name = vault.text("name");
                    entry.groups = Some(name)
                        .filter(|name| !name.is_empty())
                        .map(|name| imported.group(&name))
                        .into_iter()
                        .collect();
                    entry
                });
                imported.take(place, read);
                index += 1;
            }
        }
    }
    Ok(imported)
}

/// Returns the one-time passwords of an item: its own, and those of its further fields.
fn texts(data: &Json) -> impl Iterator<Item = Result<&str, Reason>> {
    let own = data.get("content").get("totpUri");
    let own = own.as_text().filter(|text| !text.trim().is_empty()).map(Ok);
    let fields = data.get("extraFields").items().iter();
    let sections = data.get("content").get("sections").items().iter();
    let in_sections = sections.flat_map(|section| section.get("sectionFields").items());
    let further = fields.chain(in_sections).filter(|field| field.get("type").as_text() == Some("totp"));
    own.into_iter().chain(further.map(|field| field.get("data").need("totpUri")))
}

fn pass_entry(item: &Json, text: &str, place: Place) -> Result<Entry, Reason> {
    let (metadata, content) = (item.get("data").get("metadata"), item.get("data").get("content"));
    let names = ["itemUsername", "itemEmail", "username"].map(|name| content.text(name));
    let name = names.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
    Ok(Entry {
        note: metadata.text("note"),
        favorite: item.flag("pinned"),
        trashed: item.get("state").as_number() == Some(TRASHED),
        ..Entry::new(place, account_of(text, &metadata.text("name"), &name)?)
    })
}

fn damaged(part: &str) -> ImportError {
    ImportError::Damaged(Format::ProtonAuthenticator, Place::file(part))
}

#[cfg(test)]
mod tests;
