//! `list`, `codes`, `next`, `show`, `search` and `qr`.

use std::fs;
use std::path::Path;

use authenticator_core::authenticator::Error;
use authenticator_core::qr;
use authenticator_core::time::UnixTime;
use authenticator_core::vault::{Item, ItemId, VaultError};
use serde_json::json;

use super::code_rows;
use crate::args::Place;
use crate::boot::boot;
use crate::json::{self, AccountJson, CodeJson, FoundJson};
use crate::refusal::Refusal;
use crate::secrets::{self, Opener};
use crate::session::{Session, now};
use crate::{tables, watch, words};

/// Lists the accounts, or the trash.
pub fn list(session: &Session, trash: bool) -> Result<(), Refusal> {
    let items = if trash { session.core.trash()? } else { session.core.list()? };
    print_accounts(session, &items, if trash { words::EMPTY_TRASH } else { words::EMPTY })
}

/// Lists the accounts with these words.
pub fn search(session: &Session, query: &str) -> Result<(), Refusal> {
    print_accounts(session, &session.core.search(query)?, words::NOTHING_FOUND)
}

/// Shows codes.
pub fn codes(
    session: &Session,
    at: Option<i64>,
    offset_ms: i64,
    live: bool,
    query: &str,
) -> Result<(), Refusal> {
    let ids: Vec<ItemId> = session.core.search(query)?.iter().map(|item| item.id).collect();
    // Without a terminal the live list is the plain one, once.
    if live && !session.json && !ids.is_empty() && watch::is_possible() {
        return watch::watch(session, &ids, offset_ms);
    }
    let empty = if query.is_empty() { words::EMPTY } else { words::NOTHING_FOUND };
    print_codes(session, at.map_or_else(now, UnixTime::from_seconds), offset_ms, &ids, empty)
}

/// Shows one account's code; of one that asks every time, the core confirms with `opener`.
pub fn code(session: &Session, account: &str, opener: &Opener) -> Result<(), Refusal> {
    let item = session.find(account, false)?;
    let at = if item.asks_every_time { session.show_code(opener, item.id)? } else { now() };
    print_codes(session, at, 0, &[item.id], words::EMPTY)
}

fn print_codes(
    session: &Session,
    at: UnixTime,
    offset_ms: i64,
    ids: &[ItemId],
    empty: &str,
) -> Result<(), Refusal> {
    let rows = code_rows(session, at, offset_ms, ids)?;
    if session.json {
        json::print(&rows.iter().map(|(item, row)| CodeJson::new(item, row)).collect::<Vec<_>>());
    } else if rows.is_empty() {
        println!("{empty}");
    } else {
        println!("{}", tables::codes(&rows, at));
    }
    Ok(())
}

/// Gives the next code of an account that counts; one that asks every time is confirmed first.
pub fn next(session: &Session, place: &Place, account: &str, again: bool) -> Result<(), Refusal> {
    let item = session.find(account, false)?;
    if item.asks_every_time {
        session.show_code(&secrets::opener(place)?, item.id)?;
    }
    let code = if again {
        session.core.last_code(item.id, now())?.ok_or_else(|| {
            Refusal::new("no_code_yet", "This account has not given a code yet. Ask without --again.")
        })?
    } else {
        session.core.next_code(item.id, now())?
    };
    if session.json {
        json::print(&json!({ "id": item.id.to_string(), "code": code.text, "counter": code.counter }));
    } else {
        println!("{}  (number {} of {})", tables::grouped(&code.text), code.counter, words::names_of(&item));
    }
    Ok(())
}

/// Shows one account; with its secret when `reveal` is what the core shall confirm that with.
pub fn show(session: &Session, account: &str, reveal: Option<&Opener>) -> Result<(), Refusal> {
    let item = session.find(account, false)?;
    let groups = session.core.groups()?;
    let counter = counter(session, &item)?;
    let revealed = match reveal {
        Some(opener) => Some(session.core.reveal(item.id, &session.confirm(opener)?, boot())?),
        None => None,
    };
    if session.json {
        let mut row = AccountJson::new(&item, &groups, counter);
        row.secret = revealed.as_ref().map(|revealed| revealed.secret.expose().to_owned());
        json::print(&row);
        return Ok(());
    }
    println!("{}", tables::accounts(std::slice::from_ref(&item), &groups, |_| counter));
    if let Some(revealed) = revealed {
        println!(
            "\nsecret  {}\n\n{}",
            revealed.secret.expose(),
            tables::qr(revealed.uri.expose()).unwrap_or_default()
        );
        println!("Anyone who sees this can make your codes.");
    }
    Ok(())
}

/// Prints what the codes in a picture say.
pub fn qr(image: &Path, as_json: bool) -> Result<(), Refusal> {
    let bytes = fs::read(image).map_err(|error| Refusal::file(image, &error))?;
    let scan = qr::read_image(&bytes, &|| false).map_err(|error| {
        Refusal::new("unreadable_picture", format!("This picture cannot be read: {error}."))
    })?;
    if scan.found.is_empty() {
        return Err(Refusal::new("no_code", words::NO_CODE));
    }
    if as_json {
        json::print(&scan.found.iter().map(FoundJson::from).collect::<Vec<_>>());
        return Ok(());
    }
    for found in &scan.found {
        match &found.text {
            Some(text) => println!("{}", tables::safe(text)),
            None => println!("({} bytes that are no text; see --json)", found.bytes.len()),
        }
    }
    Ok(())
}

fn print_accounts(session: &Session, items: &[Item], empty: &str) -> Result<(), Refusal> {
    let groups = session.core.groups()?;
    let counters = items.iter().map(|item| counter(session, item)).collect::<Result<Vec<_>, _>>()?;
    if session.json {
        let rows: Vec<AccountJson> = items
            .iter()
            .zip(&counters)
            .map(|(item, counter)| AccountJson::new(item, &groups, *counter))
            .collect();
        json::print(&rows);
    } else if items.is_empty() {
        println!("{empty}");
    } else {
        let of = |item: &Item| items.iter().position(|other| other.id == item.id).and_then(|n| counters[n]);
        println!("{}", tables::accounts(items, &groups, of));
    }
    Ok(())
}

/// Returns the counter of the next code; none for an account whose secret is damaged, which a list still shows.
fn counter(session: &Session, item: &Item) -> Result<Option<u64>, Refusal> {
    match session.core.counter(item.id) {
        Err(Error::Vault(VaultError::ItemUnreadable)) => Ok(None),
        counter => Ok(counter?),
    }
}
