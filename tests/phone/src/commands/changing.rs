//! `edit`, `delete` and `verify`.

use authenticator_core::vault::{Change, Duties, GroupId, Health, Item, Mode};
use comfy_table::Table;
use serde_json::json;

use crate::args::{Edit, Place};
use crate::json;
use crate::refusal::Refusal;
use crate::session::{Session, now};
use crate::{secrets, tables, words};

/// Changes what the command line names.
pub fn edit(session: &Session, place: &Place, edit: Edit) -> Result<(), Refusal> {
    let item = session.find(&edit.account, false)?;
    if item.asks_every_time && edit.ask_every_time == Some(false) {
        // Who may not see its code does not take the mark off either.
        session.show_code(&secrets::opener(place)?, item.id)?;
    }
    let groups = groups(session, &item, &edit)?;
    let pin = edit.pin.clone().map(authenticator_core::secret::SecretText::new);
    let change = Change {
        issuer: edit.issuer,
        account_name: edit.name,
        note: edit.note,
        favorite: edit.favorite,
        asks_every_time: edit.ask_every_time,
        groups,
        pin,
        ..Change::default()
    };
    session.core.change(item.id, change, now())?;
    if let Some(place) = edit.place {
        let mut ids: Vec<_> =
            session.core.list()?.iter().map(|other| other.id).filter(|id| *id != item.id).collect();
        ids.insert(place.saturating_sub(1).min(ids.len()), item.id);
        session.core.set_order(&ids)?;
    }
    if session.json {
        let item = session.core.item(item.id)?;
        json::print(&json::AccountJson::new(&item, &session.core.groups()?, session.core.counter(item.id)?));
    } else {
        println!("Changed: {}", words::names_of(&session.core.item(item.id)?));
    }
    Ok(())
}

/// Moves an account to the trash, or out of it.
pub fn delete(session: &Session, account: &str, restore: bool) -> Result<(), Refusal> {
    let item = session.find(account, restore)?;
    if restore {
        session.core.restore(item.id)?;
    } else {
        session.core.delete(item.id, now())?;
    }
    if session.json {
        json::print(&json!({ "id": item.id.to_string(), "state": if restore { "ok" } else { "trashed" } }));
    } else if restore {
        println!("Back in the list: {}", words::names_of(&item));
    } else {
        println!("In the trash for 30 days: {}. Back with: klink delete --restore", words::names_of(&item));
    }
    Ok(())
}

/// Checks the vault.
pub fn verify(session: &Session, accept: bool) -> Result<(), Refusal> {
    if accept {
        session.core.accept()?;
    }
    let health = session.core.verify()?;
    let (mode, why) = match health.mode {
        Mode::ReadWrite => ("read_write", None),
        Mode::ReadOnly(reason) => (words::mode(reason), Some(tables::reason(reason))),
    };
    if session.json {
        json::print(&json!({
            "mode": mode,
            "accounts": health.accounts,
            "damaged": health.damaged.iter().map(|id| id.to_string()).collect::<Vec<_>>(),
            "problems": health.problems.iter().map(|problem| problem.to_string()).collect::<Vec<_>>(),
        }));
        return Ok(());
    }
    println!("{}", report(&health, session.core.duties(now())?));
    match why {
        Some(why) => println!("\nRead-only: {why}"),
        None if health.problems.is_empty() && health.damaged.is_empty() => {
            println!("\nEvery row opens, the manifest is right, and the file is whole.");
        }
        None => println!("\nSee what can be had back with: klink recover"),
    }
    Ok(())
}

/// Draws what a check found, a row for each thing that was looked at.
fn report(health: &Health, duties: Duties) -> Table {
    let mut table = tables::table(&["what", "state"]);
    let damaged = match health.damaged.len() {
        0 => "all open".to_owned(),
        n => format!("{n} damaged"),
    };
    table.add_row(["accounts", &format!("{}, {damaged}", health.accounts)]);
    if health.problems.is_empty() {
        table.add_row(["file", "whole, as the manifest says"]);
    }
    for problem in &health.problems {
        table.add_row(["problem", &problem.to_string()]);
    }
    let newest = match health.last_good_copy_at {
        Some(at) => format!("{}; the newest good one is of {}", health.snapshots.len(), words::moment(at)),
        None => "no good one yet: klink snapshots --now".to_owned(),
    };
    table.add_row(["snapshots", &newest]);
    for folder in &health.quarantined {
        table.add_row(["kept aside", &format!("a damaged original in {}", folder.display())]);
    }
    let passphrase = match duties.check_passphrase {
        true => "not typed for long; check that you know it: klink passphrase --check",
        false => "nothing is due",
    };
    table.add_row(["passphrase", passphrase]);
    if duties.renew_recovery_code {
        table.add_row(["recovery code", "used; make a new one: klink recovery-code"]);
    }
    table
}

/// Returns the groups that the account is in afterwards; `None` when nothing was said of groups.
fn groups(session: &Session, item: &Item, edit: &Edit) -> Result<Option<Vec<GroupId>>, Refusal> {
    if edit.groups.is_empty() && edit.no_groups.is_empty() {
        return Ok(None);
    }
    let mut ids = item.groups.clone();
    for name in &edit.groups {
        let there = session.core.groups()?.into_iter().find(|group| &group.name == name);
        let id = match there {
            Some(group) => group.id,
            None => session.core.add_group(name)?,
        };
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    let known = session.core.groups()?;
    for name in &edit.no_groups {
        let group = known.iter().find(|group| &group.name == name).ok_or_else(|| {
            Refusal::new("no_such_group", "There is no group of that name. See: klink list")
        })?;
        ids.retain(|id| *id != group.id);
    }
    Ok(Some(ids))
}
