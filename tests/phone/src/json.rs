//! The shapes that `--json` prints; a program may rely on them.

use authenticator_core::authenticator::CodeRow;
use authenticator_core::qr::Found;
use authenticator_core::vault::{Group, Item, ItemState};
use serde::Serialize;

/// One row of `klink codes`.
#[derive(Serialize)]
pub struct CodeJson {
    id: String,
    issuer: String,
    account_name: String,
    kind: &'static str,
    code: Option<String>,
    next_code: Option<String>,
    valid_from_ms: Option<i64>,
    valid_until_ms: Option<i64>,
}

impl CodeJson {
    /// Puts a row's names and its code together.
    pub fn new(item: &Item, row: &CodeRow) -> Self {
        let code = row.code.as_ref().ok();
        Self {
            id: item.id.to_string(),
            issuer: item.issuer.clone(),
            account_name: item.account_name.clone(),
            kind: item.kind.name(),
            code: code.map(|code| code.text.clone()),
            next_code: row.next.as_ref().map(|code| code.text.clone()),
            valid_from_ms: code.map(|code| code.valid_from.ms()),
            valid_until_ms: code.map(|code| code.valid_until.ms()),
        }
    }
}

/// One account, in `list`, `search` and `show`.
#[derive(Serialize)]
pub struct AccountJson {
    id: String,
    issuer: String,
    account_name: String,
    kind: &'static str,
    algorithm: Option<&'static str>,
    digits: Option<u32>,
    period: Option<u32>,
    counter: Option<u64>,
    groups: Vec<String>,
    favorite: bool,
    asks_every_time: bool,
    note: String,
    state: &'static str,
    /// Only with `--reveal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

impl AccountJson {
    /// Takes what a list shows; `counter` is that of the next HOTP code.
    pub fn new(item: &Item, groups: &[Group], counter: Option<u64>) -> Self {
        Self {
            id: item.id.to_string(),
            issuer: item.issuer.clone(),
            account_name: item.account_name.clone(),
            kind: item.kind.name(),
            algorithm: item.algorithm.map(|algorithm| algorithm.name()),
            digits: item.digits,
            period: item.period_s,
            counter,
            groups: group_names(item, groups),
            favorite: item.favorite,
            asks_every_time: item.asks_every_time,
            note: item.note.clone(),
            state: match item.state {
                _ if item.trashed_at.is_some() => "trashed",
                ItemState::Ok => "ok",
                ItemState::NeedsPin => "needs_pin",
                ItemState::Damaged => "damaged",
                ItemState::Unknown => "unknown",
            },
            secret: None,
        }
    }
}

/// What `klink scan` says of one code.
#[derive(Serialize)]
pub struct ScanJson {
    /// account, migration, enrolment, vendor_push, wifi, url, passkey, text, …
    pub what: &'static str,
    /// Ids of the accounts that were added or were there already.
    pub added: Vec<String>,
    /// The part of an export, counted from 1.
    pub part: Option<u32>,
    /// How many parts it has.
    pub parts: Option<u32>,
    /// Parts that were not seen yet.
    pub missing: Vec<u32>,
    /// What to do instead, when the code is nothing for us.
    pub hint: Option<&'static str>,
}

/// What `klink add` did with one account.
#[derive(Serialize)]
pub struct AddJson {
    /// The account.
    pub id: String,
    /// added, already_there, same_secret_other_name or same_name_other_secret.
    pub status: &'static str,
}

/// One code in a picture.
#[derive(Serialize)]
pub struct FoundJson {
    text: Option<String>,
    bytes_hex: String,
    corners: [(f32, f32); 4],
}

impl From<&Found> for FoundJson {
    fn from(found: &Found) -> Self {
        Self { text: found.text.clone(), bytes_hex: hex(&found.bytes), corners: found.corners }
    }
}

/// Returns the names of an account's groups.
pub fn group_names(item: &Item, groups: &[Group]) -> Vec<String> {
    groups.iter().filter(|group| item.groups.contains(&group.id)).map(|group| group.name.clone()).collect()
}

/// Prints one line of JSON.
pub fn print(value: &impl Serialize) {
    println!("{}", serde_json::to_string(value).expect("our shapes hold nothing that JSON cannot say"));
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
