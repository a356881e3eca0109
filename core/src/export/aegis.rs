//! Aegis JSON under a password, database version 3: what most other apps read.
//!
//! Source: the description of the vault among the documents of beemdevelopment/Aegis. scrypt (N = 2¹⁵, r = 8, p = 1)
//! turns the password into a key that wraps a random master key by AES-256-GCM, and that seals the database. Opened by
//! `tests/interop/open_aegis.py`.

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::ExportError;
use super::record::Record;
use crate::base32;
use crate::crypto::random;
use crate::otp::Otp;
use crate::secret::{SecretBytes, SecretText};

/// log₂ of scrypt's N in Aegis.
const LOG_N: u8 = 15;
const R: u32 = 8;
const P: u32 = 1;
const KEY: usize = 32;
const TAG: usize = 16;

#[derive(Serialize)]
struct File {
    version: u32,
    header: Header,
    db: String,
}

#[derive(Serialize)]
struct Header {
    slots: [Slot; 1],
    params: Params,
}

#[derive(Serialize)]
struct Slot {
    r#type: u32,
    uuid: String,
    key: String,
    key_params: Params,
    n: u32,
    r: u32,
    p: u32,
    salt: String,
    repaired: bool,
    is_backup: bool,
}

#[derive(Serialize)]
struct Params {
    nonce: String,
    tag: String,
}

#[derive(Serialize)]
struct Db<'a> {
    version: u32,
    entries: Vec<Entry<'a>>,
    groups: Vec<Group<'a>>,
    icons_optimized: bool,
}

#[derive(Serialize)]
struct Group<'a> {
    uuid: String,
    name: &'a str,
}

#[derive(Serialize)]
struct Entry<'a> {
    r#type: &'static str,
    uuid: String,
    name: &'a str,
    issuer: &'a str,
    note: &'a str,
    favorite: bool,
    icon: Option<&'a str>,
    info: Info<'a>,
    groups: Vec<&'a str>,
}

#[derive(Serialize)]
struct Info<'a> {
    #[serde(serialize_with = "exposed")]
    secret: SecretText,
    algo: &'static str,
    digits: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    period: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counter: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pin: Option<&'a str>,
}

pub(super) fn write(
    records: &[Record],
    password: &SecretText,
    go_on: &dyn Fn() -> Result<(), ExportError>,
) -> Result<SecretBytes, ExportError> {
    if password.expose().is_empty() {
        return Err(ExportError::EmptyPassword);
    }
    let plain = database(records, go_on)?;
    go_on()?;
    let salt: [u8; 32] = random::make_array()?;
    let key = derive(password, &salt)?;
    let master = random::make_secret(KEY)?;
    let (wrapped, key_params) = seal(&key, master.expose())?;
    let (sealed, params) = seal(&master, plain.expose())?;
    go_on()?;
    let slot = Slot {
        r#type: 1,
        uuid: uuid()?,
        key: hex(&wrapped),
        key_params,
        n: 1 << LOG_N,
        r: R,
        p: P,
        salt: hex(&salt),
        repaired: true,
        is_backup: false,
    };
    let file = File { version: 1, header: Header { slots: [slot], params }, db: STANDARD.encode(sealed) };
    Ok(SecretBytes::new(serde_json::to_vec_pretty(&file).expect("texts and numbers are JSON")))
}

fn database(
    records: &[Record],
    go_on: &dyn Fn() -> Result<(), ExportError>,
) -> Result<SecretBytes, ExportError> {
    let mut names: Vec<&str> = Vec::new();
    for name in records.iter().flat_map(|record| &record.groups) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let ids = names.iter().map(|_| uuid()).collect::<Result<Vec<_>, _>>()?;
    let id_of = |name: &String| names.iter().position(|known| known == name).map(|n| ids[n].as_str());
    let mut entries = Vec::with_capacity(records.len());
    for record in records {
        go_on()?;
        let account = &record.account;
        entries.push(Entry {
            r#type: account.otp.kind().name(),
            uuid: uuid()?,
            name: &account.account_name,
            issuer: &account.issuer,
            note: &record.note,
            favorite: record.favorite,
            icon: None,
            info: info(&account.otp),
            groups: record.groups.iter().filter_map(id_of).collect(),
        });
    }
    let groups = names.iter().zip(&ids).map(|(name, uuid)| Group { uuid: uuid.clone(), name }).collect();
    let db = Db { version: 3, entries, groups, icons_optimized: true };
    Ok(SecretBytes::new(serde_json::to_vec(&db).expect("texts and numbers are JSON")))
}

fn info(otp: &Otp) -> Info<'_> {
    Info {
        secret: base32::encode(otp.secret().expose()),
        algo: match otp {
            Otp::Motp(_) => "MD5",
            Otp::Yandex(_) => "SHA256",
            Otp::Totp(_) | Otp::Hotp(_) | Otp::Steam(_) => {
                otp.algorithm().map_or("SHA1", |algorithm| algorithm.name())
            }
        },
        digits: otp.digits(),
        period: otp.period().map(|period| period.seconds()),
        counter: otp.counter(),
        pin: otp.pin().map(SecretText::expose),
    }
}

fn exposed<S: serde::Serializer>(secret: &SecretText, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(secret.expose())
}

fn derive(password: &SecretText, salt: &[u8]) -> Result<SecretBytes, ExportError> {
    // scrypt takes 128 × r × N bytes and would abort without them.
    let mut room: Vec<u8> = Vec::new();
    room.try_reserve_exact(128 * R as usize * (1 << LOG_N)).map_err(|_| ExportError::OutOfMemory)?;
    drop(room);
    let params = scrypt::Params::new(LOG_N, R, P).expect("Aegis's own parameters are within scrypt's");
    let mut key = SecretBytes::new(vec![0; KEY]);
    scrypt::scrypt(password.expose().as_bytes(), salt, &params, key.expose_mut())
        .expect("scrypt gives 32 bytes");
    Ok(key)
}

/// Seals by AES-256-GCM; Aegis keeps the tag apart.
fn seal(key: &SecretBytes, plain: &[u8]) -> Result<(Vec<u8>, Params), ExportError> {
    let nonce: [u8; 12] = random::make_array()?;
    let cipher = Aes256Gcm::new_from_slice(key.expose()).expect("a key has 32 bytes");
    let mut sealed = cipher
        .encrypt(&Nonce::from(nonce), plain)
        .expect("an export is far below the cipher's limit of 64 GiB");
    let tag = sealed.split_off(sealed.len() - TAG);
    Ok((sealed, Params { nonce: hex(&nonce), tag: hex(&tag) }))
}

/// Returns a random UUID, RFC 9562 version 4.
fn uuid() -> Result<String, ExportError> {
    let mut bytes: [u8; 16] = random::make_array()?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let all = hex(&bytes);
    Ok([&all[..8], &all[8..12], &all[12..16], &all[16..20], &all[20..]].join("-"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
