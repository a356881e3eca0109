//! `snapshots` and `recover`: copies of the vault, and coming back from trouble.

use std::path::{Path, PathBuf};

use authenticator_core::vault::{
    Compared, Comparison, Item, ItemId, LockedSnapshot, Mode, NextStep, Reason, RowSource, Salvage, Snapshot,
    SnapshotInfo, SnapshotState,
};
use clap::Subcommand;
use serde_json::{Value, json};

use crate::args::Place;
use crate::json;
use crate::refusal::Refusal;
use crate::secrets::{self, Opener};
use crate::session::{Session, now};
use crate::{tables, words};

/// What keeps a vault, and what brings it back.
#[derive(Debug, Subcommand)]
pub enum Keeping {
    /// Lists the vault's own snapshots, each opened and checked, and what opens them.
    Snapshots {
        /// Writes one now.
        #[arg(long, conflicts_with = "drop")]
        now: bool,
        /// Deletes the one with this number.
        #[arg(long, value_name = "NUMBER")]
        drop: Option<u32>,
    },
    /// Says what can be had back, and with --yes does it: from a damaged file, an old copy, a lost file, a backup.
    Recover {
        /// Takes accounts from this backup or snapshot; without a vault, it becomes the vault.
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
        /// Does what was shown. Without it nothing is changed; a damaged file is only kept aside.
        #[arg(long)]
        yes: bool,
    },
}

/// Does one of them.
pub fn run(place: &Place, as_json: bool, command: Keeping) -> Result<(), Refusal> {
    match command {
        Keeping::Snapshots { now, drop } => snapshots(&Session::open(place, as_json)?, now, drop),
        Keeping::Recover { from, yes } => recover(place, as_json, from.as_deref(), yes),
    }
}

fn snapshots(session: &Session, write: bool, drop: Option<u32>) -> Result<(), Refusal> {
    if write {
        session.core.snapshot(now())?;
    }
    if let Some(number) = drop {
        session.core.drop_snapshot(number).map_err(|_| {
            Refusal::new("no_such_snapshot", "There is no snapshot with that number. See: klink snapshots")
        })?;
    }
    let all = session.core.snapshots()?;
    if session.json {
        json::print(&all.iter().map(snapshot_json).collect::<Vec<_>>());
        return Ok(());
    }
    if all.is_empty() {
        println!("No snapshots yet. One is written at the next unlock, or now with: klink snapshots --now");
        return Ok(());
    }
    let mut table = tables::table(&["number", "written", "accounts", "state", "opens with"]);
    for info in &all {
        let (written, accounts, opens) = match &info.says {
            Some(says) => {
                let ways = says.opens_with.iter().map(words::slot).collect::<Vec<_>>().join(", ");
                (words::moment(says.created_at), says.accounts.to_string(), ways)
            }
            None => Default::default(),
        };
        table.add_row([info.number.to_string(), written, accounts, state(info.state).to_owned(), opens]);
    }
    println!("{table}");
    Ok(())
}

/// Finds out what is the matter and offers the way back.
fn recover(place: &Place, as_json: bool, from: Option<&Path>, yes: bool) -> Result<(), Refusal> {
    let session = Session::new(place, as_json)?;
    let opener = secrets::opener(place)?;
    match session.try_unlock(&opener) {
        Ok(unlocked) => match unlocked.mode {
            Mode::ReadOnly(Reason::DamagedRows | Reason::Tampered) => {
                session.core.lock();
                from_damaged(&session, &opener, yes)
            }
            Mode::ReadWrite | Mode::ReadOnly(_) => beside_a_copy(&session, &opener, from, yes),
        },
        Err(error) => match Refusal::from(error) {
            refusal if refusal.is("no_vault") => from_copy(&session, &opener, from, yes),
            refusal if refusal.is("file_damaged") || refusal.is("slot_damaged") => {
                from_damaged(&session, &opener, yes)
            }
            refusal => Err(refusal),
        },
    }
}

fn from_damaged(session: &Session, opener: &Opener, yes: bool) -> Result<(), Refusal> {
    let found = session.core.salvage(&opener.key(), now())?;
    print_salvage(session, &found, yes);
    if yes {
        session.core.commit_salvage(found, &[], opener.key(), now())?;
        say(session, "The vault is whole again.");
    }
    Ok(())
}

fn print_salvage(session: &Session, found: &Salvage, yes: bool) {
    let proposal = found.proposal();
    if session.json {
        let rows = proposal.rows.iter().map(|row| row_json(&row.item, source(row.from)));
        json::print(&json!({
            "what": "salvage", "done": yes,
            "quarantine": proposal.quarantine,
            "rows": rows.collect::<Vec<_>>(),
            "lost": ids(&proposal.lost),
            "snapshot": proposal.snapshot.as_ref().map(snapshot_json),
        }));
        return;
    }
    println!("The damaged file is kept as it is in {}.", proposal.quarantine.display());
    let mut table = tables::table(&["account", "comes from"]);
    for row in &proposal.rows {
        table.add_row([words::names_of(&row.item), source(row.from).replace('_', " ")]);
    }
    println!("{} accounts can be had back:\n{table}", proposal.rows.len());
    if !proposal.lost.is_empty() {
        println!("{} accounts are in neither the file nor a snapshot.", proposal.lost.len());
    }
    if !yes {
        println!("To put these in the place of the damaged vault: klink recover --yes");
    }
}

/// There is no file: a snapshot or backup becomes the vault.
fn from_copy(session: &Session, opener: &Opener, from: Option<&Path>, yes: bool) -> Result<(), Refusal> {
    let file = match from {
        Some(file) => file.to_owned(),
        None => {
            newest(session.core.snapshots()?)
                .ok_or_else(|| {
                    Refusal::new(
                        "no_copy",
                        "There is no vault and no snapshot here. Name a backup with --from FILE.",
                    )
                })?
                .path
        }
    };
    let locked = LockedSnapshot::open(&file).map_err(Refusal::from)?;
    let copy = locked.unlock(&opener.key()).map_err(Refusal::from)?;
    if session.json {
        json::print(&json!({
            "what": "restore", "done": yes, "file": file, "accounts": copy.accounts(), "rows": copy.rows(),
        }));
    } else {
        println!("{} holds {} accounts.", file.display(), copy.accounts());
    }
    drop(copy);
    if !yes {
        say(session, "To make it the vault here: the same command with --yes");
        return Ok(());
    }
    session.core.restore_backup(&file, opener.key(), now())?;
    session.core.accept()?;
    say(session, "The vault is here. What this machine knew of an older one is its history now.");
    Ok(())
}

/// The vault opens: what another copy has besides can be taken over, and an unfitting anchor accepted.
fn beside_a_copy(session: &Session, opener: &Opener, from: Option<&Path>, yes: bool) -> Result<(), Refusal> {
    let steps = session.core.next_steps()?;
    let merge =
        steps.iter().find_map(|step| if let NextStep::AcceptAndMerge(n) = step { Some(*n) } else { None });
    let file = match (from, merge) {
        (Some(file), _) => Some(file.to_owned()),
        (None, Some(number)) => {
            session.core.snapshots()?.into_iter().find(|info| info.number == number).map(|info| info.path)
        }
        (None, None) => None,
    };
    let mode = session.core.mode()?;
    let copy = file.as_ref().map(|file| session.core.open_copy(file, Some(&opener.key()))).transpose()?;
    let compared = copy.as_ref().map(|copy| session.core.compare(copy)).transpose()?;
    let why = match mode {
        Mode::ReadWrite if copy.is_none() => {
            say(session, "The vault is whole. Nothing has to be recovered.");
            if session.json {
                json::print(&json!({ "what": "nothing", "done": false, "rows": [] }));
            }
            return Ok(());
        }
        Mode::ReadWrite => None,
        Mode::ReadOnly(reason) => Some(reason),
    };
    print_comparison(session, why, compared.as_ref(), yes);
    if !yes {
        return Ok(());
    }
    if why.is_some() {
        session.core.accept()?;
    }
    let written = match (&copy, &compared) {
        (Some(copy), Some(compared)) => take(session, copy, compared)?,
        _ => 0,
    };
    say(session, &format!("Done: {written} accounts were taken over."));
    Ok(())
}

fn take(session: &Session, copy: &Snapshot, compared: &Comparison) -> Result<usize, Refusal> {
    let wanted = compared.rows.iter().filter(|row| row.status.is_proposed());
    let ids: Vec<ItemId> = wanted.map(|row| row.item.id).collect();
    if ids.is_empty() { Ok(0) } else { Ok(session.core.merge(copy, &ids, now())?) }
}

fn print_comparison(session: &Session, why: Option<Reason>, compared: Option<&Comparison>, yes: bool) {
    let rows = compared.map(|compared| compared.rows.as_slice()).unwrap_or_default();
    if session.json {
        json::print(&json!({
            "what": "merge", "done": yes,
            "mode": why.map_or("read_write", words::mode),
            "rows": rows.iter().map(|row| row_json(&row.item, status(row.status))).collect::<Vec<_>>(),
        }));
        return;
    }
    if let Some(reason) = why {
        println!("Read-only: {}", tables::reason(reason));
    }
    let mut table = tables::table(&["account", "the copy's"]);
    let changed = rows.iter().filter(|row| row.status != Compared::Same);
    let mut count = 0;
    for row in changed {
        count += 1;
        table.add_row([words::names_of(&row.item), status(row.status).replace('_', " ")]);
    }
    if count > 0 {
        println!("{table}");
    }
    let same = rows.len() - count;
    println!("{same} accounts are the same in both.");
    if !yes {
        println!("To take the vault as it is, with what the copy has besides: the same command with --yes");
    }
}

fn newest(all: Vec<SnapshotInfo>) -> Option<SnapshotInfo> {
    all.into_iter().rev().find(|info| info.says.is_some())
}

pub(super) fn say(session: &Session, text: &str) {
    if !session.json {
        println!("{text}");
    }
}

pub(super) fn snapshot_json(info: &SnapshotInfo) -> Value {
    let says = info.says.as_ref();
    json!({
        "number": info.number, "file": info.path, "bytes": info.bytes, "state": state(info.state),
        "written_at_ms": says.map(|says| says.created_at.ms()),
        "accounts": says.map(|says| says.accounts), "rows": says.map(|says| says.rows),
        "opens_with": says.map(|says| says.opens_with.iter().map(words::slot).collect::<Vec<_>>()),
    })
}

pub(super) fn row_json(item: &Item, how: &str) -> Value {
    json!({ "id": item.id.to_string(), "issuer": item.issuer, "account_name": item.account_name, "status": how })
}

fn ids(ids: &[ItemId]) -> Vec<String> {
    ids.iter().map(ItemId::to_string).collect()
}

fn state(state: SnapshotState) -> &'static str {
    match state {
        SnapshotState::Whole => "whole",
        SnapshotState::NeedsKey => "older_key",
        SnapshotState::Damaged => "damaged",
        SnapshotState::OtherVault => "other_vault",
    }
}

fn source(from: RowSource) -> &'static str {
    match from {
        RowSource::File => "file",
        RowSource::SnapshotForDamaged => "snapshot_for_damaged",
        RowSource::SnapshotAlone => "snapshot_alone",
        RowSource::SnapshotNewer => "snapshot_newer",
    }
}

pub(super) fn status(status: Compared) -> &'static str {
    match status {
        Compared::Same => "same",
        Compared::Missing => "missing_here",
        Compared::SameCredential(_) => "same_credential",
        Compared::DamagedHere => "damaged_here",
        Compared::NewerThere => "newer_there",
        Compared::OlderThere => "older_there",
        Compared::Differs => "differs",
        Compared::CounterForked { .. } => "counter_forked",
        Compared::DamagedThere => "damaged_there",
    }
}
