//! Aegis: JSON, plain or encrypted, database versions 1 to 3.
//!
//! Source: the paper on the vault's format in beemdevelopment/Aegis, and its `OtpInfo.fromJson`.

use zeroize::Zeroizing;

use super::ciphers::{self, ScryptParams};
use super::encodings::{self, base32_secret};
use super::error::{ImportError, Needs, NotReadable};
use super::format::Format;
use super::formats::{Importer, Opening};
use super::found::{Entry, Icon, Imported, Place, Reason};
use super::json::{self, Json};
use super::parts::{self, OtpParts};
use super::sight::Sight;
use crate::account::{Account, Kind};
use crate::otp::Algorithm;
use crate::secret::{SecretBytes, SecretText};

pub(super) const IMPORTER: Importer = Importer::new(Format::Aegis, knows, read);

/// The newest version of file and database that is known.
const NEWEST: (u64, u64) = (1, 3);

/// A slot that a password opens; 0 is a raw key, 2 biometry.
const PASSWORD_SLOT: u32 = 1;

fn knows(sight: &Sight<'_>) -> bool {
    sight.has("header") && (sight.has("db") || sight.has("header.slots") || sight.has("header.params"))
}

fn read(opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let file = json::read(opening.source().bytes, Format::Aegis)?;
    check_version(&file, NEWEST.0)?;
    match file.get("db") {
        db @ Json::Object(_) => entries(db, opening),
        Json::Text(sealed) => {
            let plain = decrypt(file.get("header"), sealed, opening)?;
            entries(&json::read(plain.expose(), Format::Aegis)?, opening)
        }
        _ => Err(damaged("db")),
    }
}

fn check_version(json: &Json, newest: u64) -> Result<(), ImportError> {
    match json.number("version") {
        Ok(Some(version)) if version > newest => Err(ImportError::NewerVersion(Format::Aegis, version)),
        Ok(_) => Ok(()),
        Err(_) => Err(damaged("version")),
    }
}

/// Opens the database with the key that one of the password slots holds: an export may have several, and a copy of
/// the app's own file has one for biometry first.
fn decrypt(header: &Json, sealed: &SecretText, opening: &Opening<'_>) -> Result<SecretBytes, ImportError> {
    let slots: Vec<_> = header.get("slots").items().iter().filter(|slot| is_password_slot(slot)).collect();
    if slots.is_empty() {
        return Err(if header.get("slots").items().is_empty() {
            damaged("slots")
        } else {
            ImportError::NotReadable(Format::Aegis, NotReadable::NoPasswordSlot)
        });
    }
    let sealed = encodings::base64(sealed.expose()).ok_or_else(|| damaged("db"))?;
    let params = Seal::read(header.get("params"))?;
    let (slots, broken): (Vec<_>, Vec<_>) = slots.into_iter().map(Slot::read).partition(Result::is_ok);
    if slots.is_empty() {
        return Err(broken.into_iter().find_map(Result::err).unwrap_or_else(|| damaged("slots")));
    }
    let Some(password) = &opening.secrets.password else {
        return Err(ImportError::NeedsPassword(Format::Aegis, Needs::Password));
    };
    for slot in slots.iter().flatten() {
        opening.go_on()?;
        if let Some(key) = slot.open(password, opening)? {
            return params.open(&key, &sealed).ok_or_else(|| damaged("db"));
        }
    }
    Err(ImportError::WrongPassword(Format::Aegis))
}

fn is_password_slot(slot: &Json) -> bool {
    slot.get("type").as_number() == Some(PASSWORD_SLOT)
}

/// A nonce, and a tag that is kept apart from its ciphertext.
struct Seal {
    nonce: SecretBytes,
    tag: SecretBytes,
}

impl Seal {
    fn read(params: &Json) -> Result<Self, ImportError> {
        let field = |name| params.hex(name).map_err(|_| damaged(name));
        Ok(Self { nonce: field("nonce")?, tag: field("tag")? })
    }

    fn open(&self, key: &SecretBytes, sealed: &SecretBytes) -> Option<SecretBytes> {
        let joined = Zeroizing::new([sealed.expose(), self.tag.expose()].concat());
        ciphers::open_gcm(key.expose(), self.nonce.expose(), b"", &joined)
    }
}

/// The master key under a password.
struct Slot {
    params: ScryptParams,
    salt: SecretBytes,
    key: SecretBytes,
    seal: Seal,
    /// Whether the password went into it as it should; see [`with_zeros`].
    repaired: bool,
}

impl Slot {
    fn read(slot: &Json) -> Result<Self, ImportError> {
        let number = |name| slot.number(name).ok().flatten().ok_or_else(|| damaged(name));
        let hex = |name| slot.hex(name).map_err(|_| damaged(name));
        Ok(Self {
            params: ScryptParams { n: number("n")?, r: number("r")?, p: number("p")? },
            salt: hex("salt")?,
            key: hex("key")?,
            seal: Seal::read(slot.get("key_params"))?,
            repaired: slot.flag("repaired"),
        })
    }

    fn open(&self, password: &SecretText, opening: &Opening<'_>) -> Result<Option<SecretBytes>, ImportError> {
        let open = |password: &[u8]| {
            let key = ciphers::scrypt(password, self.salt.expose(), self.params, 32, opening.budget);
            key.map(|key| self.seal.open(&key, &self.key)).map_err(|error| error.of(Format::Aegis))
        };
        let master = open(password.expose().as_bytes())?;
        match (master, self.repaired || password.expose().len() <= HMAC_BLOCK) {
            (None, false) => open(&with_zeros(password.expose())),
            (master, _) => Ok(master),
        }
    }
}

/// Keys of HMAC-SHA-256 up to this many bytes are filled with zeros anyway.
const HMAC_BLOCK: usize = 64;

/// Returns what old versions took for the password: their encoder's buffer, a tenth longer than the text (issue 95 of
/// Aegis). A slot that was written again since then says `repaired`.
fn with_zeros(password: &str) -> Zeroizing<Vec<u8>> {
    let len = (password.encode_utf16().count() as f32 * 1.1) as usize;
    let mut bytes = Zeroizing::new(Vec::with_capacity(len.max(password.len())));
    bytes.extend_from_slice(password.as_bytes());
    bytes.resize(len.max(password.len()), 0);
    bytes
}

fn entries(db: &Json, opening: &Opening<'_>) -> Result<Imported, ImportError> {
    check_version(db, NEWEST.1)?;
    let list = db.get("entries");
    if !list.is_list() {
        return Err(damaged("entries"));
    }
    let mut imported = Imported::new(Format::Aegis);
    for (index, json) in list.items().iter().enumerate() {
        opening.go_on()?;
        let place = Place::account(index, &json.text("issuer"), &json.text("name"));
        let read = entry(json, place.clone()).map(|mut entry| {
            entry.groups = groups(json, db).iter().map(|name| imported.group(name)).collect();
            entry
        });
        imported.take(place, read);
    }
    Ok(imported)
}

fn entry(json: &Json, place: Place) -> Result<Entry, Reason> {
    let info = json.get("info");
    let kind = match json.need("type")? {
        "totp" => Kind::Totp,
        "hotp" => Kind::Hotp,
        "steam" => Kind::Steam,
        "motp" => Kind::Motp,
        "yandex" => Kind::Yandex,
        _ => return Err(Reason::UnknownKind),
    };
    // Aegis itself takes MD5 for SHA-1 unless it is mOTP: some of its versions wrote it by mistake.
    let algorithm = parts::algorithm(&info.text("algo"))?.filter(|algorithm| *algorithm != Algorithm::Md5);
    let otp = OtpParts {
        kind,
        secret: base32_secret(info.need("secret")?)?,
        algorithm,
        digits: info.number("digits")?,
        period: info.number("period")?,
        counter: info.number("counter")?,
        pin: info.get("pin").as_text().map(SecretText::from),
    }
    .otp()?;
    let (issuer, account_name) = (json.text("issuer"), json.text("name"));
    let mut entry = Entry::new(place, Account { issuer, account_name, otp, extra: Vec::new() });
    entry.note = json.text("note");
    entry.favorite = json.flag("favorite");
    entry.icon = json.base64("icon").ok().map(Icon::Picture);
    Ok(entry)
}

/// Returns the names of an entry's groups: by their ids since version 3, one name before.
fn groups(json: &Json, db: &Json) -> Vec<String> {
    let ids = json.get("groups").items().iter().filter_map(Json::as_text);
    let known = |id: &str| {
        let groups = db.get("groups").items();
        let group = groups.iter().find(|group| group.get("uuid").as_text() == Some(id));
        group.map(|group| group.text("name"))
    };
    let before = Some(json.text("group"));
    ids.filter_map(known).chain(before).filter(|name| !name.is_empty()).collect()
}

fn damaged(part: &str) -> ImportError {
    ImportError::Damaged(Format::Aegis, Place::file(part))
}

#[cfg(test)]
mod tests;
