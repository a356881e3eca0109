//! FreeOTP 2: `externalBackup.xml`, which is no XML but a serialised map of Java, with a key under a password.
//!
//! Sources: freeotp/freeotp-android `BACKUP.md`, `EncryptedKey`, `MasterKey`; beemdevelopment/Aegis `FreeOtpImporter`.

use super::ciphers::{self, Hash};
use super::error::{ImportError, Needs};
use super::format::Format;
use super::formats::{Importer, Opening};
use super::found::{Imported, Place, Reason};
use super::free_otp::{self, signed_bytes};
use super::java_map;
use super::json::{self, Json};
use super::sight::Sight;
use crate::secret::{SecretBytes, SecretText};

pub(super) const IMPORTER: Importer = Importer::new(Format::FreeOtp2, knows, read);

const MASTER: &str = "masterKey";

/// The name of a token is that of its key and this.
const TOKEN: &str = "-token";

fn knows(sight: &Sight<'_>) -> bool {
    sight.begins(java_map::MAGIC)
}

fn read(opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let map = java_map::read(opening.source().bytes).map_err(|error| error.of(Format::FreeOtp2))?;
    let find = |name: &str| map.iter().find(|(known, _)| known == name).map(|(_, value)| value);
    let tokens = map.iter().filter_map(|(name, _)| name.strip_suffix(TOKEN));
    let keys =
        map.iter().map(|(name, _)| name.as_str()).filter(|name| *name != MASTER && !name.ends_with(TOKEN));
    let lost: Vec<_> = tokens.filter(|name| find(name).is_none()).collect();
    let mut imported = Imported::new(Format::FreeOtp2);
    if map.is_empty() {
        return Ok(imported);
    }
    let master = find(MASTER).ok_or_else(|| damaged(MASTER))?;
    let master = open_master(&json::read(master.expose().as_bytes(), Format::FreeOtp2)?, opening)?;
    for (index, name) in keys.chain(lost).enumerate() {
        opening.go_on()?;
        let token = find(&format!("{name}{TOKEN}")).and_then(parse);
        let place =
            token.as_ref().map_or_else(|| Place::entry(index, ""), |token| free_otp::place(index, token));
        let read = match (&token, find(name)) {
            (Some(token), Some(key)) => {
                open_key(key, &master).and_then(|secret| free_otp::entry(token, secret, place.clone()))
            }
            _ => Err(Reason::HalfMissing),
        };
        imported.take(place, read);
    }
    Ok(imported)
}

fn parse(text: &SecretText) -> Option<Json> {
    json::read(text.expose().as_bytes(), Format::FreeOtp2).ok()
}

/// Returns the key that the password opens.
fn open_master(master: &Json, opening: &Opening<'_>) -> Result<SecretBytes, ImportError> {
    let hash = match master.text("mAlgorithm").to_ascii_lowercase().as_str() {
        "pbkdf2withhmacsha1" => Hash::Sha1,
        "pbkdf2withhmacsha256" => Hash::Sha256,
        "pbkdf2withhmacsha512" => Hash::Sha512,
        _ => return Err(damaged("mAlgorithm")),
    };
    let rounds = master.number("mIterations").ok().flatten().ok_or_else(|| damaged("mIterations"))?;
    let salt = signed_bytes(master, "mSalt").map_err(|_| damaged("mSalt"))?;
    let sealed = Sealed::read(master.get("mEncryptedKey")).map_err(|_| damaged("mEncryptedKey"))?;
    let Some(password) = &opening.secrets.password else {
        return Err(ImportError::NeedsPassword(Format::FreeOtp2, Needs::Password));
    };
    opening.go_on()?;
    let password = password.expose().as_bytes();
    let key = ciphers::pbkdf2(hash, password, salt.expose(), rounds, 32, opening.budget)
        .map_err(|error| error.of(Format::FreeOtp2))?;
    // A key looks like nothing, so that a changed one cannot be told from a wrong password.
    sealed.open(&key).ok_or(ImportError::WrongPassword(Format::FreeOtp2))
}

/// Returns the secret of a token: `{"key": "…"}` with the JSON of a sealed key as a text.
fn open_key(key: &SecretText, master: &SecretBytes) -> Result<SecretBytes, Reason> {
    let outer = parse(key).ok_or(Reason::Field("key"))?;
    let inner =
        json::read(outer.need("key")?.as_bytes(), Format::FreeOtp2).map_err(|_| Reason::Field("key"))?;
    Sealed::read(&inner)?.open(master).ok_or(Reason::Seal)
}

/// A key under another one, by AES-256-GCM; its own algorithm is bound to it.
struct Sealed {
    nonce: SecretBytes,
    text: SecretBytes,
    token: String,
}

impl Sealed {
    fn read(json: &Json) -> Result<Self, Reason> {
        if json.text("mCipher") != "AES/GCM/NoPadding" {
            return Err(Reason::Field("mCipher"));
        }
        let parameters = signed_bytes(json, "mParameters")?;
        let nonce = nonce(parameters.expose()).ok_or(Reason::Field("mParameters"))?;
        Ok(Self { nonce, text: signed_bytes(json, "mCipherText")?, token: json.text("mToken") })
    }

    fn open(&self, key: &SecretBytes) -> Option<SecretBytes> {
        ciphers::open_gcm(key.expose(), self.nonce.expose(), self.token.as_bytes(), self.text.expose())
    }
}

/// Reads the parameters of GCM in ASN.1 (RFC 5084 section 3.2): a sequence of nonce and length of the tag, or, since
/// Android 6, the nonce alone.
fn nonce(parameters: &[u8]) -> Option<SecretBytes> {
    let (tag, body) = element(parameters)?;
    let (tag, body) = if tag == 0x30 { element(body)? } else { (tag, body) };
    (tag == 0x04 && body.len() == 12).then(|| SecretBytes::from(body))
}

/// Takes the first element apart: its tag and its content. No length here needs more than one byte.
fn element(der: &[u8]) -> Option<(u8, &[u8])> {
    let [tag, len @ ..0x80, rest @ ..] = der else { return None };
    Some((*tag, rest.get(..usize::from(*len))?))
}

fn damaged(part: &str) -> ImportError {
    ImportError::Damaged(Format::FreeOtp2, Place::file(part))
}

#[cfg(test)]
mod tests;
