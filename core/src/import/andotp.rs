//! andOTP: JSON, plain, sealed by a password in the newer or the older way, or by OpenPGP.
//!
//! Sources: beemdevelopment/Aegis `AndOtpImporter`, stratumauth/app `AndOtpBackupConverter`.

use sha2::{Digest, Sha256};

use super::ciphers::{self, Hash, SealError};
use super::encodings::base32_secret;
use super::error::{ImportError, Needs, NotReadable};
use super::format::Format;
use super::formats::{Importer, Opening};
use super::found::{Entry, Icon, Imported, Place, Reason};
use super::json::{self, Json};
use super::openpgp;
use super::parts::{self, OtpParts};
use super::sight::Sight;
use crate::account::{Account, Kind};
use crate::otp::Otp;
use crate::secret::{SecretBytes, SecretText};
use crate::time::UnixTime;

pub(super) const IMPORTER: Importer = Importer::new(Format::AndOtp, knows_json, read);

/// The same where nothing but noise says so: to be asked last.
pub(super) const SEALED: Importer = Importer::new(Format::AndOtp, knows_sealed, read);

/// How many rounds the newer way may have; the app draws about 150,000.
const ROUNDS: std::ops::RangeInclusive<u32> = 1000..=10_000_000;

/// IV (12) and tag (16), and at least an empty list: the shortest file of the older way.
const SHORTEST: usize = 12 + 16 + 2;

fn knows_json(sight: &Sight<'_>) -> bool {
    sight.has("[].secret") && sight.has("[].label") && (sight.has("[].type") || sight.has("[].thumbnail"))
}

fn knows_sealed(sight: &Sight<'_>) -> bool {
    let bytes = sight.source.bytes;
    openpgp::is_message(bytes)
        || (bytes.len() >= SHORTEST && (New::split(bytes).is_some() || is_noise(bytes)))
}

fn read(opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let bytes = opening.source().bytes;
    if openpgp::is_message(bytes) {
        return Err(ImportError::NotReadable(Format::AndOtp, NotReadable::OpenPgp));
    }
    if knows_json(&Sight::new(opening.source())) {
        return entries(bytes, opening);
    }
    let password = opening.secrets.password.as_ref();
    let password = password.ok_or(ImportError::NeedsPassword(Format::AndOtp, Needs::Password))?;
    entries(decrypt(bytes, password, opening)?.expose(), opening)
}

/// Opens a file that does not say in which way it is sealed: the newer one first.
fn decrypt(bytes: &[u8], password: &SecretText, opening: &Opening<'_>) -> Result<SecretBytes, ImportError> {
    let mut why = SealError::Key;
    if let Some(new) = New::split(bytes) {
        opening.go_on()?;
        let password = password.expose().as_bytes();
        let key = ciphers::pbkdf2(Hash::Sha1, password, new.salt, new.rounds.into(), 32, opening.budget)
            .map_err(|error| error.of(Format::AndOtp))?;
        match ciphers::open_gcm_json(key.expose(), new.iv, new.sealed) {
            Ok(plain) => return Ok(plain),
            Err(error) => why = error,
        }
    }
    let (iv, sealed) = bytes.split_first_chunk::<12>().ok_or_else(|| damaged("header"))?;
    let mut key = SecretBytes::new(vec![0; 32]);
    key.expose_mut().copy_from_slice(&Sha256::digest(password.expose()));
    ciphers::open_gcm_json(key.expose(), iv, sealed).map_err(|old| {
        let why = if old == SealError::Damaged { old } else { why };
        why.of(Format::AndOtp, "content")
    })
}

/// The newer way: rounds as u32 in big-endian ‖ salt (12) ‖ IV (12) ‖ ciphertext ‖ tag (16).
struct New<'a> {
    rounds: u32,
    salt: &'a [u8],
    iv: &'a [u8],
    sealed: &'a [u8],
}

impl<'a> New<'a> {
    fn split(bytes: &'a [u8]) -> Option<Self> {
        let (rounds, rest) = bytes.split_first_chunk()?;
        let (salt, rest) = rest.split_at_checked(12)?;
        let (iv, sealed) = rest.split_at_checked(12)?;
        let rounds = u32::from_be_bytes(*rounds);
        (ROUNDS.contains(&rounds) && sealed.len() > 16).then_some(Self { rounds, salt, iv, sealed })
    }
}

/// Tells whether bytes look as ciphertext does: no value is much more frequent than the others.
fn is_noise(bytes: &[u8]) -> bool {
    let mut counts = [0_usize; 256];
    let sample = &bytes[..bytes.len().min(64 * 1024)];
    for byte in sample {
        counts[usize::from(*byte)] += 1;
    }
    let expected = sample.len() / 256;
    // A value of ciphertext exceeds this about once in a million files.
    let most = expected + 6 * expected.isqrt() + 8;
    counts.iter().all(|count| *count <= most) && std::str::from_utf8(sample).is_err()
}

fn entries(text: &[u8], opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let list = json::read(text, Format::AndOtp)?;
    if !list.is_list() {
        return Err(damaged("list"));
    }
    let mut imported = Imported::new(Format::AndOtp);
    for (index, json) in list.items().iter().enumerate() {
        opening.go_on()?;
        let (issuer, account_name) = names(json);
        let place = Place::account(index, &issuer, &account_name);
        let read = otp(json).map(|otp| {
            let mut entry =
                Entry::new(place.clone(), Account { issuer, account_name, otp, extra: Vec::new() });
            let icon = Some(json.text("thumbnail")).filter(|name| !["", "Default"].contains(&name.as_str()));
            entry.icon = icon.map(Icon::Named);
            entry.usage_count = json.number("used_frequency").ok().flatten().unwrap_or(0);
            let used_at: Option<i64> = json.number("last_used").ok().flatten();
            entry.last_used_at = used_at.filter(|at| *at > 0).map(UnixTime::from_ms);
            let tags = json.get("tags").items().iter().filter_map(Json::as_text);
            entry.groups = tags.map(|tag| imported.group(tag)).collect();
            entry
        });
        imported.take(place, read);
    }
    Ok(imported)
}

/// Old files have no issuer, and "issuer - name" in the label.
fn names(json: &Json) -> (String, String) {
    let label = json.text("label");
    match (json.get("issuer").as_text(), label.split_once(" - ")) {
        (Some(issuer), _) => (issuer.to_owned(), label),
        (None, Some((issuer, name))) => (issuer.trim().to_owned(), name.trim().to_owned()),
        (None, None) => (String::new(), label),
    }
}

fn otp(json: &Json) -> Result<Otp, Reason> {
    let kind = match json.need("type")? {
        "TOTP" => Kind::Totp,
        "HOTP" => Kind::Hotp,
        "STEAM" => Kind::Steam,
        "MOTP" => Kind::Motp,
        _ => return Err(Reason::UnknownKind),
    };
    let mut period = json.number("period")?;
    if kind == Kind::Motp {
        // The record has none, and no PIN: `docs/importers.md` says what that means.
        period = period.or(Some(30));
    }
    let otp = OtpParts {
        kind,
        secret: base32_secret(json.need("secret")?)?,
        algorithm: parts::algorithm(&json.text("algorithm"))?,
        digits: json.number("digits")?,
        period,
        counter: json.number("counter")?,
        pin: None,
    }
    .otp()?;
    // Of Mobile-OTP the app hashes what the base32 says, as text.
    Ok(parts::with_motp_text(otp))
}

fn damaged(part: &str) -> ImportError {
    ImportError::Damaged(Format::AndOtp, Place::file(part))
}

#[cfg(test)]
mod tests;
