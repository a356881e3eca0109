//! privacyIDEA Authenticator: its encrypted file of tokens, and the link of one token (`pia://qrbackup`).
//!
//! Source: `lib/utils/encryption` of privacyidea/pi-authenticator. Tokens that a server manages are not in either.

use std::io::Read;

use zeroize::Zeroizing;

use super::ciphers::{self, Hash};
use super::encodings::{self, base32_secret};
use super::error::{ImportError, Needs};
use super::format::Format;
use super::formats::{Importer, Opening};
use super::found::{Entry, Imported, Place, Reason};
use super::json::{self, Json};
use super::parts::{self, OtpParts};
use super::sight::Sight;
use crate::account::{Account, Kind};
use crate::secret::SecretBytes;

pub(super) const IMPORTER: Importer = Importer::new(Format::PrivacyIdea, knows, read);

/// How the link of one token begins; its data is Base64 of what the file has, in some versions packed by gzip.
pub(super) const LINK: &str = "pia://qrbackup";

/// The most bytes that a link's data unpacks to.
const MAX_TOKEN_BYTES: u64 = 64 * 1024;

fn knows(sight: &Sight<'_>) -> bool {
    sight.text_begins(LINK) || (sight.has("cypher") && sight.has("kdf") && sight.has("mac"))
}

fn read(opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let sight = Sight::new(opening.source());
    if sight.text_begins(LINK) {
        return links(sight.text(), opening);
    }
    let file = json::read(opening.source().bytes, Format::PrivacyIdea)?;
    let tokens = json::read(decrypt(&file, opening)?.expose(), Format::PrivacyIdea)?;
    if !tokens.is_list() {
        return Err(damaged("tokens"));
    }
    let mut imported = Imported::new(Format::PrivacyIdea);
    for (index, token) in tokens.items().iter().enumerate() {
        opening.go_on()?;
        take(&mut imported, index, token);
    }
    Ok(imported)
}

fn links(text: &[u8], opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let mut imported = Imported::new(Format::PrivacyIdea);
    let lines = String::from_utf8_lossy(text);
    for (index, line) in lines.lines().map(str::trim).filter(|line| !line.is_empty()).enumerate() {
        opening.go_on()?;
        take_link(&mut imported, index, line);
    }
    Ok(imported)
}

/// Takes the token that a link carries, or names what is wrong with it.
pub(super) fn take_link(imported: &mut Imported, index: usize, link: &str) {
    match token_of(link) {
        Some(token) => take(imported, index, &token),
        None => imported.take(Place::entry(index, ""), Err(Reason::Field("data"))),
    }
}

fn token_of(link: &str) -> Option<Json> {
    let (_, data) = link.split_once("data=")?;
    let data = data.split(['&', '#']).next()?.replace("%3D", "=").replace("%3d", "=");
    let data = encodings::base64(&data)?;
    let token = if data.expose().starts_with(b"\x1f\x8b") { unpack(data.expose())? } else { data };
    json::read(token.expose(), Format::PrivacyIdea).ok().filter(Json::is_object)
}

fn unpack(packed: &[u8]) -> Option<SecretBytes> {
    let mut plain = Zeroizing::new(Vec::with_capacity(MAX_TOKEN_BYTES as usize));
    flate2::read::GzDecoder::new(packed).take(MAX_TOKEN_BYTES).read_to_end(&mut plain).ok()?;
    Some(SecretBytes::new(std::mem::take(&mut *plain)))
}

/// Opens the list of tokens. The tag is kept apart from its ciphertext.
fn decrypt(file: &Json, opening: &Opening<'_>) -> Result<SecretBytes, ImportError> {
    let bytes = |name| file.base64(name).map_err(|_| damaged(name));
    let (data, salt, iv, tag) = (bytes("data")?, bytes("salt")?, bytes("iv")?, bytes("mac")?);
    let kdf = file.get("kdf");
    let number = |name| kdf.number::<u64>(name).map_err(|_| damaged(name));
    let (rounds, bits) = (number("iterations")?.ok_or_else(|| damaged("iterations"))?, number("bits")?);
    if !names(kdf, "pbkdf2") || bits.unwrap_or(256) != 256 || !names(file.get("cypher"), "gcm") {
        return Err(damaged("kdf"));
    }
    let hash = if names(kdf.get("macAlgorithm"), "512") { Hash::Sha512 } else { Hash::Sha256 };
    let Some(password) = &opening.secrets.password else {
        return Err(ImportError::NeedsPassword(Format::PrivacyIdea, Needs::Password));
    };
    let password = password.expose().as_bytes();
    let key = ciphers::pbkdf2(hash, password, salt.expose(), rounds, 32, opening.budget)
        .map_err(|error| error.of(Format::PrivacyIdea))?;
    let sealed = Zeroizing::new([data.expose(), tag.expose()].concat());
    // Nothing in the file tells a wrong password from damage.
    ciphers::open_gcm(key.expose(), iv.expose(), b"", &sealed)
        .ok_or(ImportError::WrongPassword(Format::PrivacyIdea))
}

/// Tells whether an algorithm's name holds `word`: it is a text, or an object that nests further ones.
fn names(json: &Json, word: &str) -> bool {
    let of_text = |text: &str| text.to_ascii_lowercase().contains(word);
    json.as_text().is_some_and(of_text)
        || json.get("algorithm").as_text().is_some_and(of_text)
        || json.get("hashAlgorithm").get("algorithm").as_text().is_some_and(of_text)
}

fn take(imported: &mut Imported, index: usize, token: &Json) {
    let (issuer, account_name) = (token.text("issuer"), token.text("label"));
    let place = Place::account(index, &issuer, &account_name);
    let read = entry(token, issuer, account_name, place.clone());
    imported.take(place, read);
}

fn entry(token: &Json, issuer: String, account_name: String, place: Place) -> Result<Entry, Reason> {
    let kind = match token.need("type")?.to_ascii_uppercase().as_str() {
        "TOTP" => Kind::Totp,
        "HOTP" => Kind::Hotp,
        "STEAM" => Kind::Steam,
        "PIPUSH" | "PUSH" => return Err(Reason::MustBeEnrolledAgain),
        _ => return Err(Reason::UnknownKind),
    };
    let otp = OtpParts {
        algorithm: parts::algorithm(&token.text("algorithm"))?,
        digits: token.number("digits")?,
        period: token.number("period")?,
        counter: token.number("counter")?,
        ..OtpParts::new(kind, base32_secret(token.need("secret")?)?)
    }
    .otp()?;
    Ok(Entry::new(place, Account { issuer, account_name, otp, extra: Vec::new() }))
}

fn damaged(part: &str) -> ImportError {
    ImportError::Damaged(Format::PrivacyIdea, Place::file(part))
}

#[cfg(test)]
mod tests;
