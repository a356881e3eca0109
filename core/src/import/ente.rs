//! Ente Auth: a list of links that say more of an account, encrypted or not.
//!
//! Source: ente-io/ente `mobile/apps/auth/lib`: `models/export/ente.dart`, `models/code_display.dart`.

use super::ciphers::{self, Argon2Params};
use super::error::{ImportError, Needs};
use super::format::Format;
use super::formats::{Importer, Opening};
use super::found::{Entry, Icon, Imported, Place};
use super::json::{self, Json};
use super::sight::Sight;
use super::{links, secretstream};
use crate::time::UnixTime;

pub(super) const IMPORTER: Importer = Importer::new(Format::Ente, knows, read);

/// The parameter of a link that holds what Ente knows beside the codes, as JSON.
pub(super) const DISPLAY: &str = "codeDisplay";

const NEWEST: u64 = 1;

fn knows(sight: &Sight<'_>) -> bool {
    sight.has("kdfParams") && (sight.has("kdfParams.memLimit") || sight.has("encryptedData"))
}

/// Decrypts: Argon2id, then libsodium's secretstream with one message, which is a list of links.
fn read(opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let file = json::read(opening.source().bytes, Format::Ente)?;
    match file.number("version") {
        Ok(Some(version)) if version > NEWEST => {
            return Err(ImportError::NewerVersion(Format::Ente, version));
        }
        Ok(_) => {}
        Err(_) => return Err(damaged("version")),
    }
    let kdf = file.get("kdfParams");
    let number = |name| kdf.number::<u64>(name).ok().flatten().ok_or_else(|| damaged(name));
    let memory_kib = number("memLimit")? / 1024;
    let params = Argon2Params { memory_kib, passes: number("opsLimit")?, lanes: 1 };
    let salt = kdf.base64("salt").map_err(|_| damaged("salt"))?;
    let sealed = file.base64("encryptedData").map_err(|_| damaged("encryptedData"))?;
    let header = file.base64("encryptionNonce").ok();
    let header = header.as_ref().and_then(|header| header.expose().try_into().ok());
    let header: &[u8; secretstream::HEADER_BYTES] = header.ok_or_else(|| damaged("encryptionNonce"))?;
    let Some(password) = &opening.secrets.password else {
        return Err(ImportError::NeedsPassword(Format::Ente, Needs::Password));
    };
    let password = password.expose().as_bytes();
    let key = ciphers::argon2id(password, salt.expose(), params, 32, opening.budget)
        .map_err(|error| error.of(Format::Ente))?;
    opening.go_on()?;
    let plain =
        secretstream::open(&key, header, sealed.expose()).ok_or(ImportError::WrongPassword(Format::Ente))?;
    let text = std::str::from_utf8(plain.expose()).map_err(|_| damaged("encryptedData"))?;
    links::read_text(text, Format::Ente, opening)
}

/// Takes over what a link says beside the codes. What cannot be read is no loss of an account.
pub(super) fn take_display(entry: &mut Entry, imported: &mut Imported) {
    let extra = &mut entry.account.extra;
    let Some(at) = extra.iter().position(|(name, _)| name == DISPLAY) else { return };
    let (_, text) = extra.remove(at);
    let Ok(display) = json::read(text.as_bytes(), Format::Ente) else { return };
    entry.rank = display.get("position").as_number();
    entry.favorite = display.flag("pinned");
    entry.trashed = display.flag("trashed");
    entry.note = display.text("note");
    entry.usage_count = display.get("tapCount").as_number().unwrap_or(0);
    // In microseconds; 0 is never.
    let used_us = display.get("lastUsedAt").as_number::<i64>().filter(|used_us| *used_us > 0);
    entry.last_used_at = used_us.map(|used_us| UnixTime::from_ms(used_us / 1000));
    let icon = display.text("iconID");
    entry.icon = Some(icon).filter(|icon| !icon.is_empty()).map(Icon::Named);
    let tags = display.get("tags").items().iter().filter_map(Json::as_text);
    entry.groups = tags.filter(|tag| !tag.is_empty()).map(|tag| imported.group(tag)).collect();
}

fn damaged(part: &str) -> ImportError {
    ImportError::Damaged(Format::Ente, Place::file(part))
}

#[cfg(test)]
mod tests;
