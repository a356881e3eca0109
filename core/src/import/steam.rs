//! Steam Guard: the app's own file, and maFiles of Steam Desktop Authenticator, plain or sealed.
//!
//! Sources: beemdevelopment/Aegis `SteamImporter`; Jessecar96/SteamDesktopAuthenticator `FileEncryptor`, `Manifest`.

use super::Source;
use super::ciphers::{self, Hash, SealError};
use super::encodings;
use super::error::{ImportError, Needs};
use super::format::Format;
use super::formats::{Importer, Opening};
use super::found::{Entry, Imported, Place, Reason};
use super::json::{self, Json};
use super::parts::OtpParts;
use super::sight::Sight;
use crate::account::{Account, Kind};
use crate::secret::SecretBytes;

/// maFiles that are sealed come with `manifest.json`, which has the salt and IV of each.
pub(super) const IMPORTER: Importer =
    Importer::new(Format::Steam, knows, read).with_companions(is_sealed_file);

const ROUNDS: u64 = 50_000;

fn knows(sight: &Sight<'_>) -> bool {
    sight.has("shared_secret") || sight.has("accounts.*.shared_secret") || is_manifest(sight)
}

fn is_manifest(sight: &Sight<'_>) -> bool {
    sight.has("entries[].encryption_iv") || sight.has("entries[].encryption_salt")
}

/// Base64 and nothing else.
fn is_sealed_file(sight: &Sight<'_>) -> bool {
    let text = sight.text().trim_ascii_end();
    !text.is_empty() && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/=\r\n".contains(byte))
}

fn read(opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let mut imported = Imported::new(Format::Steam);
    let (mut manifest, mut sealed) = (None, Vec::new());
    for (number, source) in opening.sources.iter().enumerate() {
        opening.go_on()?;
        let sight = Sight::new(*source);
        if is_manifest(&sight) {
            manifest = Some(json::read(source.bytes, Format::Steam)?);
        } else if is_sealed_file(&sight) {
            sealed.push((number, *source));
        } else {
            take(&json::read(source.bytes, Format::Steam)?, number, &mut imported)?;
        }
    }
    match manifest {
        // A manifest of plain maFiles has nothing to say.
        Some(_) if sealed.is_empty() && imported.total() > 0 => {}
        Some(manifest) => take_sealed(&manifest, &sealed, &mut imported, opening)?,
        None => {}
    }
    Ok(imported)
}

/// Takes the accounts of one file: one, or a map of them.
fn take(file: &Json, number: usize, imported: &mut Imported) -> Result<(), ImportError> {
    if file.get("accounts").is_object() {
        for (_, account) in file.get("accounts").members() {
            take_account(account, number, imported);
        }
        return Ok(());
    }
    if !file.is_object() {
        return Err(ImportError::Damaged(Format::Steam, Place::file("accounts")));
    }
    take_account(file, number, imported);
    Ok(())
}

fn take_account(json: &Json, number: usize, imported: &mut Imported) {
    let account_name = json.text("account_name");
    let place = Place { source: number, ..Place::entry(imported.total(), &account_name) };
    let read = secret(json).and_then(|secret| OtpParts::new(Kind::Steam, secret).otp()).map(|otp| {
        let account = Account { issuer: "Steam".to_owned(), account_name, otp, extra: Vec::new() };
        Entry::new(place.clone(), account)
    });
    imported.take(place, read);
}

/// The secret stands there in Base64, and once more in a link.
fn secret(json: &Json) -> Result<SecretBytes, Reason> {
    json.base64("shared_secret").or_else(|wrong| {
        let account = json.get("uri").as_text().and_then(|uri| crate::uri::parse(uri).ok());
        account.map(|account| account.otp.secret().clone()).ok_or(wrong)
    })
}

/// Opens every sealed maFile with the entry of the manifest that has its name, or else with any that opens it.
fn take_sealed(
    manifest: &Json,
    files: &[(usize, Source<'_>)],
    imported: &mut Imported,
    opening: &Opening<'_>,
) -> Result<(), ImportError> {
    let entries = manifest.get("entries").items();
    let Some(password) = &opening.secrets.password else {
        return Err(ImportError::NeedsPassword(Format::Steam, Needs::Password));
    };
    if files.is_empty() {
        return Err(ImportError::Damaged(Format::Steam, Place::file("maFiles")));
    }
    let mut opened = 0;
    let mut why = SealError::Key;
    for (number, file) in files {
        opening.go_on()?;
        let name = file.name.rsplit(['/', '\\']).next().unwrap_or("");
        let named = entries.iter().filter(|entry| entry.get("filename").as_text() == Some(name));
        let mut candidates: Vec<_> = named.take(1).collect();
        if candidates.is_empty() {
            candidates.extend(entries.iter().take(MAX_UNNAMED));
        }
        // What is no whole Base64 was cut off, and so is no whole block.
        let text = std::str::from_utf8(file.bytes).ok().and_then(encodings::base64);
        let sealed = text.as_ref().map_or(&[][..], SecretBytes::expose);
        let open = |entry: &&Json| open_file(entry, sealed, password.expose().as_bytes(), opening);
        let plain = candidates.iter().map(open).find_map(|opened| match opened {
            Ok(Ok(plain)) => Some(Ok(plain)),
            Ok(Err(error)) => {
                why = if error == SealError::Damaged { error } else { why };
                None
            }
            Err(error) => Some(Err(error)),
        });
        match plain.transpose()? {
            Some(plain) => {
                opened += 1;
                take(&json::read(plain.expose(), Format::Steam)?, *number, imported)?;
            }
            None => {
                let place = Place { source: *number, ..Place::entry(imported.total(), name) };
                imported.take(place, Err(Reason::Seal));
            }
        }
    }
    if opened == 0 { Err(why.of(Format::Steam, "maFiles")) } else { Ok(()) }
}

/// How many entries of the manifest are tried for a file that has another name: each costs 50,000 rounds.
const MAX_UNNAMED: usize = 16;

fn open_file(
    entry: &Json,
    sealed: &[u8],
    password: &[u8],
    opening: &Opening<'_>,
) -> Result<Result<SecretBytes, SealError>, ImportError> {
    opening.go_on()?;
    let field = |name| entry.base64(name).map_err(|_| ImportError::Damaged(Format::Steam, Place::file(name)));
    let (salt, iv) = (field("encryption_salt")?, field("encryption_iv")?);
    let key = ciphers::pbkdf2(Hash::Sha1, password, salt.expose(), ROUNDS, 32, opening.budget)
        .map_err(|error| error.of(Format::Steam))?;
    Ok(ciphers::open_cbc_json(key.expose(), iv.expose(), sealed))
}

#[cfg(test)]
mod tests;
