//! `slots`, `lock`, `passphrase`, `recovery-code`, `rotate` and `erase`: ways into the vault, and its keys.

use std::path::{Path, PathBuf};

use authenticator_core::vault::{GOOD_SCORE, NewSlot, RecoveryCode, SlotInfo, strength};
use clap::Subcommand;
use serde_json::json;

use super::erasing::{self, Erase};
use crate::args::Place;
use crate::boot::boot;
use crate::calibrate::calibrated;
use crate::json;
use crate::refusal::Refusal;
use crate::secrets::{self, Opener};
use crate::session::{Session, now};
use crate::{tables, words};

/// Ways into the vault.
#[derive(Debug, Subcommand)]
pub enum Ways {
    /// Lists the ways into the vault, or takes one away.
    Slots {
        /// Takes away the one whose id begins with this; the last that needs no device stays.
        #[arg(long, value_name = "ID")]
        remove: Option<String>,
    },
    /// Turns the lock off, so that this machine shows codes without asking, or on again. What shows a secret, writes an export
    /// or changes a way in asks all the same.
    Lock {
        /// off or on.
        #[arg(value_enum)]
        state: Lock,
    },
    /// Changes the passphrase; the old one opens the vault until the new one is written.
    Passphrase {
        /// Checks the passphrase now and changes nothing, so that you know you know it.
        #[arg(long, conflicts_with = "new_passphrase_file")]
        check: bool,
        /// Reads the new passphrase from the first line of a file. Without it, KLINK_NEW_PASSPHRASE or a question.
        #[arg(long, value_name = "FILE")]
        new_passphrase_file: Option<PathBuf>,
    },
    /// Makes a new recovery code, shows it once, and asks for it again; the old one opens nothing any more.
    RecoveryCode,
    /// Seals everything anew under a new key; what opens the vault stays.
    Rotate,
    /// Erases for good what is in the trash: new keys, and every snapshot that held it goes.
    Erase(Erase),
}

/// Whether somebody is asked before codes are shown.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Lock {
    /// Nobody is asked.
    Off,
    /// The passphrase or the recovery code is asked for.
    On,
}

/// Does one of them.
pub fn run(place: &Place, as_json: bool, command: Ways) -> Result<(), Refusal> {
    let (session, opener) = Session::open_keeping(place, as_json)?;
    match command {
        Ways::Slots { remove } => slots(&session, &opener, remove.as_deref()),
        Ways::Lock { state } => lock(&session, &opener, state),
        Ways::Passphrase { check: true, .. } => check(&session, &opener),
        Ways::Passphrase { check: false, new_passphrase_file } => {
            passphrase(&session, &opener, new_passphrase_file.as_deref())
        }
        Ways::RecoveryCode => recovery_code(&session, &opener),
        Ways::Rotate => rotate(&session, &opener),
        Ways::Erase(options) => erasing::erase(&session, &opener, &options),
    }
}

fn slots(session: &Session, opener: &Opener, remove: Option<&str>) -> Result<(), Refusal> {
    if let Some(wanted) = remove {
        let all = session.core.slots()?;
        let mut found = all.iter().filter(|slot| hex(slot).starts_with(&wanted.to_lowercase()));
        let (Some(slot), None) = (found.next(), found.next()) else {
            return Err(Refusal::new("no_such_slot", "No single way in has that id. See: klink slots"));
        };
        session.core.remove_slot(&opener.key(), slot.id, now())?;
    }
    let all = session.core.slots()?;
    if session.json {
        let rows = all.iter().map(|slot| {
            json!({
                "id": hex(slot), "way_in": words::slot(slot), "damaged": slot.damaged,
                "made_at_ms": slot.created_at.map(|at| at.ms()),
            })
        });
        json::print(&rows.collect::<Vec<_>>());
        return Ok(());
    }
    let mut table = tables::table(&["id", "way in"]);
    for slot in &all {
        table.add_row([hex(slot)[..8].to_owned(), words::slot(slot)]);
    }
    println!("{table}");
    Ok(())
}

fn lock(session: &Session, opener: &Opener, state: Lock) -> Result<(), Refusal> {
    let (keys, key) = (session.keys(), opener.key());
    let (word, text) = match state {
        Lock::Off => {
            session.core.turn_lock_off(&keys, &key, now())?;
            ("off", "The lock is off: this machine shows codes without asking. Back with: klink lock on")
        }
        Lock::On => {
            session.core.turn_lock_on(&keys, &key, now())?;
            ("on", "The lock is on: you are asked before anything is shown.")
        }
    };
    if session.json {
        json::print(&json!({ "lock": word }));
    } else {
        println!("{text}");
    }
    Ok(())
}

fn check(session: &Session, opener: &Opener) -> Result<(), Refusal> {
    session.core.check_way_in(&opener.key(), now(), boot())?;
    say(session, "checked", "That is right. You will be asked again in a month or two.");
    Ok(())
}

fn passphrase(session: &Session, opener: &Opener, file: Option<&Path>) -> Result<(), Refusal> {
    let new = secrets::changed_passphrase(file)?;
    let text = String::from_utf8_lossy(new.expose());
    let score = strength(&text, &["klink"]).score;
    let slot = NewSlot::Passphrase { passphrase: new.expose(), kdf: calibrated() };
    session.core.change_passphrase(&opener.key(), &slot, now())?;
    if session.json {
        json::print(&json!({ "changed": true, "strength": score }));
    } else {
        println!("The new passphrase opens the vault. Backups made before open with the old one.");
        if score < GOOD_SCORE {
            println!(
                "It is easy to guess ({score} of 4). Four or five words that have nothing to do with you are better."
            );
        }
    }
    Ok(())
}

fn recovery_code(session: &Session, opener: &Opener) -> Result<(), Refusal> {
    let code = RecoveryCode::make().map_err(Refusal::randomness)?;
    let typed = secrets::typed_back(&code)?;
    session.core.renew_recovery_code(&opener.key(), &code, typed.expose(), now())?;
    say(session, "changed", "The new recovery code opens the vault; the old one no longer does.");
    Ok(())
}

fn rotate(session: &Session, opener: &Opener) -> Result<(), Refusal> {
    let accounts = session.core.rotate_data_key(&opener.key(), now())?;
    if session.json {
        json::print(&json!({ "rotated": accounts }));
    } else {
        println!("{accounts} accounts are sealed under a new key. A snapshot of before is kept.");
    }
    Ok(())
}

fn say(session: &Session, what: &str, text: &str) {
    if session.json {
        json::print(&json!({ what: true }));
    } else {
        println!("{text}");
    }
}

fn hex(slot: &SlotInfo) -> String {
    slot.id.iter().map(|byte| format!("{byte:02x}")).collect()
}
