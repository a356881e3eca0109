//! `erase`: what is in the trash is gone for good, also from old copies of the file.

use std::path::PathBuf;

use authenticator_core::vault::{Erased, NewSlot, RecoveryCode, SlotKind};
use clap::Args;
use serde_json::json;

use super::push::confirm;
use crate::boot::boot;
use crate::calibrate::calibrated;
use crate::json;
use crate::refusal::Refusal;
use crate::secrets::{self, Opener};
use crate::session::{Session, now};
use crate::{tables, words};

/// How to erase.
#[derive(Args, Debug)]
pub struct Erase {
    /// Asks nothing, for scripts.
    #[arg(long)]
    yes: bool,
    /// Gives the vault another passphrase as well: with the old one, whoever kept an old copy of the file can open that.
    #[arg(long)]
    new_passphrase: bool,
    /// Reads the new passphrase from the first line of a file. Without it, KLINK_NEW_PASSPHRASE or a question.
    #[arg(long, value_name = "FILE", requires = "new_passphrase")]
    new_passphrase_file: Option<PathBuf>,
}

/// Says what would be erased, asks, and erases.
pub fn erase(session: &Session, opener: &Opener, options: &Erase) -> Result<(), Refusal> {
    let trash = session.core.trash()?;
    let slots = session.core.slots()?;
    if !session.json {
        let mut table = tables::table(&["account", "in the trash since"]);
        for item in &trash {
            let since = item.trashed_at.map(words::moment).unwrap_or_default();
            table.add_row([words::names_of(item), since]);
        }
        let snapshots = session.core.snapshots()?.len();
        println!("{table}\n{} accounts and {snapshots} snapshots will be gone for good.", trash.len());
    }
    confirm("Erase them?", options.yes)?;
    let of = |kind| slots.iter().any(|slot| slot.kind == kind);
    // Every way in is made anew; one that was not there is not added.
    let code = match of(SlotKind::RecoveryCode) {
        true => Some(RecoveryCode::make().map_err(Refusal::randomness)?),
        false => None,
    };
    let passphrase = match (options.new_passphrase, opener) {
        (true, _) => Some(secrets::changed_passphrase(options.new_passphrase_file.as_deref())?),
        (false, Opener::Passphrase(passphrase)) => Some(passphrase.clone()),
        (false, Opener::RecoveryCode(_)) if of(SlotKind::Passphrase) => {
            return Err(Refusal::new(
                "needs_passphrase",
                "The recovery code alone cannot make the passphrase anew. Add --new-passphrase.",
            ));
        }
        (false, Opener::RecoveryCode(_)) => None,
    };
    if let Some(code) = &code {
        secrets::show_recovery_code(code)?;
    }
    let kdf = calibrated();
    let new: Vec<NewSlot<'_>> = passphrase
        .iter()
        .map(|passphrase| NewSlot::Passphrase { passphrase: passphrase.expose(), kdf })
        .chain(code.iter().map(NewSlot::RecoveryCode))
        .collect();
    let token = session.confirm(opener)?;
    let erased = session.core.erase_for_good(&token, &opener.key(), &new, now(), boot());
    print(session, erased?, of(SlotKind::Device) || of(SlotKind::DeviceAlone));
    Ok(())
}

fn print(session: &Session, erased: Erased, had_devices: bool) {
    let Erased { accounts, snapshots, remains } = erased;
    if session.json {
        json::print(&json!({ "erased": accounts, "snapshots": snapshots, "remains": remains }));
        return;
    }
    println!("{accounts} accounts are gone for good, and {snapshots} snapshots that may have held them.");
    for folder in remains {
        println!(
            "A damaged original is still in {}: delete it yourself when you no longer need it.",
            folder.display()
        );
    }
    println!(
        "Backups that you wrote elsewhere hold what they held, and open with the passphrase and code of before."
    );
    if had_devices {
        println!("Devices that opened the vault have to be added again.");
    }
}
