//! 2FAS: JSON, schemas 1 to 4, plain or encrypted.
//!
//! Source: twofas/2fas-android `BackupContent.kt` and `core/cipher/backup`.

use super::ciphers::{self, Hash};
use super::encodings::{base32_secret, base64};
use super::error::{ImportError, Needs};
use super::format::Format;
use super::formats::{Importer, Opening};
use super::found::{Entry, Icon, Imported, Place, Reason};
use super::json::{self, Json};
use super::parts::{self, OtpParts};
use super::sight::Sight;
use crate::account::{Account, Kind};
use crate::secret::{SecretBytes, SecretText};

pub(super) const IMPORTER: Importer = Importer::new(Format::TwoFas, knows, read);

const NEWEST: u64 = 4;

/// Rounds of PBKDF2-HMAC-SHA-256; the file does not say.
const ROUNDS: u64 = 10_000;

fn knows(sight: &Sight<'_>) -> bool {
    sight.has("services") && (sight.has("schemaVersion") || sight.has("servicesEncrypted"))
        || sight.has("services[].otp")
        || sight.has("servicesEncrypted")
}

fn read(opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let file = json::read(opening.source().bytes, Format::TwoFas)?;
    match file.number("schemaVersion") {
        Ok(Some(version)) if version > NEWEST => {
            return Err(ImportError::NewerVersion(Format::TwoFas, version));
        }
        Ok(_) => {}
        Err(_) => return Err(damaged("schemaVersion")),
    }
    match file.get("servicesEncrypted").as_text().filter(|sealed| !sealed.trim().is_empty()) {
        Some(sealed) => {
            let plain = decrypt(sealed, file.get("reference").as_text(), opening)?;
            services(&json::read(plain.expose(), Format::TwoFas)?, &file, opening)
        }
        None => services(file.get("services"), &file, opening),
    }
}

/// Ciphertext with its tag, salt and nonce, each in Base64 with colons between.
struct Seal {
    sealed: SecretBytes,
    salt: SecretBytes,
    nonce: SecretBytes,
}

impl Seal {
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split(':').map(base64);
        let (sealed, salt, nonce) = (parts.next()??, parts.next()??, parts.next()??);
        parts.next().is_none().then_some(Self { sealed, salt, nonce })
    }

    fn open(&self, password: &SecretText, opening: &Opening<'_>) -> Result<Option<SecretBytes>, ImportError> {
        let password = password.expose().as_bytes();
        let key = ciphers::pbkdf2(Hash::Sha256, password, self.salt.expose(), ROUNDS, 32, opening.budget)
            .map_err(|error| error.of(Format::TwoFas))?;
        Ok(ciphers::open_gcm(key.expose(), self.nonce.expose(), b"", self.sealed.expose()))
    }
}

/// `reference` is sealed under the same password: it tells a wrong one from a damaged list.
fn decrypt(sealed: &str, reference: Option<&str>, opening: &Opening<'_>) -> Result<SecretBytes, ImportError> {
    let sealed = Seal::read(sealed).ok_or_else(|| damaged("servicesEncrypted"))?;
    let Some(password) = &opening.secrets.password else {
        return Err(ImportError::NeedsPassword(Format::TwoFas, Needs::Password));
    };
    opening.go_on()?;
    if let Some(plain) = sealed.open(password, opening)? {
        return Ok(plain);
    }
    let reference = reference.and_then(Seal::read);
    let right = reference.map_or(Ok(None), |reference| reference.open(password, opening))?.is_some();
    Err(if right { damaged("servicesEncrypted") } else { ImportError::WrongPassword(Format::TwoFas) })
}

/// Reads the accounts; their groups stand in clear text in `file`.
fn services(list: &Json, file: &Json, opening: &Opening<'_>) -> Result<Imported, ImportError> {
    if !list.is_list() {
        return Err(damaged("services"));
    }
    let mut imported = Imported::new(Format::TwoFas);
    for (index, service) in list.items().iter().enumerate() {
        opening.go_on()?;
        let names = Names::of(service);
        let place = Place::account(index, &names.issuer, &names.account_name);
        let read = entry(service, names, place.clone()).map(|mut entry| {
            let id = service.get("groupId").as_text();
            let group = file
                .get("groups")
                .items()
                .iter()
                .find(|group| id.is_some() && group.get("id").as_text() == id);
            let name = group.map(|group| group.text("name")).filter(|name| !name.is_empty());
            entry.groups = name.iter().map(|name| imported.group(name)).collect();
            entry.rank = service.get("order").get("position").as_number();
            entry
        });
        imported.take(place, read);
    }
    Ok(imported)
}

/// Issuer and account: in fields of their own; schema 1 and iOS may have a label or the service's name alone.
struct Names {
    issuer: String,
    account_name: String,
}

impl Names {
    fn of(service: &Json) -> Self {
        let otp = service.get("otp");
        let label = otp.text("label");
        let (label_issuer, label_name) = label.split_once(':').unwrap_or(("", &label));
        let first =
            |texts: [String; 3]| texts.into_iter().find(|text| !text.trim().is_empty()).unwrap_or_default();
        Self {
            issuer: first([otp.text("issuer"), service.text("name"), label_issuer.trim().to_owned()]),
            account_name: first([otp.text("account"), label_name.trim().to_owned(), String::new()]),
        }
    }
}

fn entry(service: &Json, names: Names, place: Place) -> Result<Entry, Reason> {
    let otp = service.get("otp");
    let kind = match otp.text("tokenType").to_ascii_uppercase().as_str() {
        "" | "TOTP" => Kind::Totp,
        "HOTP" => Kind::Hotp,
        "STEAM" => Kind::Steam,
        _ => return Err(Reason::UnknownKind),
    };
    let otp = OtpParts {
        kind,
        secret: base32_secret(service.need("secret")?)?,
        algorithm: parts::algorithm(&otp.text("algorithm"))?,
        digits: otp.number("digits")?,
        period: otp.number("period")?,
        counter: otp.number("counter")?,
        pin: None,
    }
    .otp()?;
    let Names { issuer, account_name } = names;
    let mut entry = Entry::new(place, Account { issuer, account_name, otp, extra: Vec::new() });
    let icon = service.get("icon").get("label").text("text");
    entry.icon = Some(icon).filter(|icon| !icon.is_empty()).map(Icon::Named);
    Ok(entry)
}

fn damaged(part: &str) -> ImportError {
    ImportError::Damaged(Format::TwoFas, Place::file(part))
}

#[cfg(test)]
mod tests;
