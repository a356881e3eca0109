//! FIDO Credential Exchange Format 1.0: what password managers and iOS 26 hand each other.
//!
//! Source: Credential Exchange Format, FIDO Alliance, 2025: header, account, item, and the credentials `totp` and `note`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use super::ExportError;
use super::record::Record;
use crate::base32;
use crate::crypto::random;
use crate::otp::{Algorithm, Otp};
use crate::secret::{SecretBytes, SecretText};
use crate::time::UnixTime;

/// Names us to who reads the file.
const EXPORTER: (&str, &str) = ("klink.invalid", "Klink");

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct File<'a> {
    version: Version,
    exporter_rp_id: &'static str,
    exporter_display_name: &'static str,
    timestamp: i64,
    accounts: [Owner<'a>; 1],
}

#[derive(Serialize)]
struct Version {
    major: u32,
    minor: u32,
}

#[derive(Serialize)]
struct Owner<'a> {
    id: String,
    username: &'static str,
    email: &'static str,
    collections: [(); 0],
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    id: String,
    creation_at: i64,
    modified_at: i64,
    title: &'a str,
    favorite: bool,
    credentials: Vec<Credential<'a>>,
    tags: &'a [String],
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Credential<'a> {
    Totp {
        #[serde(serialize_with = "exposed")]
        secret: SecretText,
        period: u32,
        digits: u32,
        username: &'a str,
        algorithm: &'static str,
        issuer: &'a str,
    },
    Note {
        content: Field<'a>,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Field<'a> {
    field_type: &'static str,
    value: &'a str,
}

pub(super) fn write(
    records: &[Record],
    at: UnixTime,
    go_on: &dyn Fn() -> Result<(), ExportError>,
) -> Result<SecretBytes, ExportError> {
    let mut items = Vec::with_capacity(records.len());
    for record in records {
        go_on()?;
        items.push(item(record)?);
    }
    let owner = Owner { id: id()?, username: "", email: "", collections: [], items };
    let file = File {
        version: Version { major: 1, minor: 0 },
        exporter_rp_id: EXPORTER.0,
        exporter_display_name: EXPORTER.1,
        timestamp: at.seconds(),
        accounts: [owner],
    };
    Ok(SecretBytes::new(serde_json::to_vec_pretty(&file).expect("texts and numbers are JSON")))
}

fn item(record: &Record) -> Result<Item<'_>, ExportError> {
    let account = &record.account;
    let mut credentials = Vec::new();
    if let Otp::Totp(totp) = &account.otp {
        credentials.push(Credential::Totp {
            secret: base32::encode(totp.secret.expose()),
            period: totp.period.seconds(),
            digits: totp.digits.get(),
            username: &account.account_name,
            algorithm: match totp.algorithm {
                Algorithm::Sha256 => "sha256",
                Algorithm::Sha512 => "sha512",
                Algorithm::Sha1 | Algorithm::Md5 | Algorithm::Sha224 | Algorithm::Sha384 => "sha1",
            },
            issuer: &account.issuer,
        });
    }
    if !record.note.is_empty() {
        credentials.push(Credential::Note { content: Field { field_type: "string", value: &record.note } });
    }
    let title = if account.issuer.is_empty() { &account.account_name } else { &account.issuer };
    let made = record.created_at.seconds();
    let (favorite, tags) = (record.favorite, record.groups.as_slice());
    Ok(Item { id: id()?, creation_at: made, modified_at: made, title, favorite, credentials, tags })
}

fn exposed<S: serde::Serializer>(secret: &SecretText, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(secret.expose())
}

fn id() -> Result<String, ExportError> {
    Ok(URL_SAFE_NO_PAD.encode(random::make_array::<16>()?))
}
