//! `edit`, `delete` and `verify`.

use authenticator_core::vault::{Change, GroupId, Item, Mode};
use serde_json::json;

use crate::args::Edit;
use crate::json;
use crate::refusal::Refusal;
use crate::session::{Session, now};
use crate::{tables, words};

/// Changes what the command line names.
pub fn edit(session: &Session, edit: Edit) -> Result<(), Refusal> {
    let item = session.find(&edit.account, false)?;
    let groups = groups(session, &item, &edit)?;
    let pin = edit.pin.clone().map(authenticator_core::secret::SecretText::new);
    let change = Change {
        issuer: edit.issuer,
        account_name: edit.name,
        note: edit.note,
        favorite: edit.favorite,
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
    println!("{} accounts, {} damaged.", health.accounts, health.damaged.len());
    for problem in &health.problems {
        println!("- {problem}");
    }
    match health.last_good_copy_at {
        Some(at) => {
            println!("{} snapshots; the newest good one is of {}.", health.snapshots.len(), words::moment(at))
        }
        None => println!("No good snapshot yet. Write one with: klink snapshots --now"),
    }
    for folder in &health.quarantined {
        println!("A damaged original is kept in {}.", folder.display());
    }
    let duties = session.core.duties(now())?;
    if duties.check_passphrase {
        println!(
            "You have not typed your passphrase for long. Check that you know it: klink passphrase --check"
        );
    }
    if duties.renew_recovery_code {
        println!("The recovery code was used. Make a new one with: klink recovery-code");
    }
    match why {
        Some(why) => println!("Read-only: {why}"),
        None if health.problems.is_empty() && health.damaged.is_empty() => {
            println!("Every row opens, the manifest is right, and the file is whole.");
        }
        None => {}
    }
    Ok(())
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
