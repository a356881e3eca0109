//! The change itself, in the process that is killed; and the vault that each begins with.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use authenticator_core::secret::SecretBytes;
use authenticator_core::vault::{self, KdfParams, NewSlot, RecoveryCode, Rotation, SlotChange, Step, Vault};
use rusqlite::Connection;
use rusqlite::types::Value;

use super::standing::{anchor, open, with_key};
use super::{ACCOUNTS, Change, LATER, WAYS, copy};
use crate::child::{NOW, account};

/// The tables that a change may touch.
const TABLES: [&str; 6] = ["slot", "dek", "item", "doc", "bucket", "root"];

/// How long the control waits after each row, so that a kill finds it between two.
const PAUSE: Duration = Duration::from_millis(2);

/// Steps as a later version may have them.
const STEPS: [Step; 2] = [
    Step { from: 1, sql: "CREATE TABLE later (id BLOB PRIMARY KEY) STRICT" },
    Step { from: 2, sql: "ALTER TABLE later ADD COLUMN more BLOB" },
];

/// Makes the vault that each life begins with.
///
/// # Errors
/// Disk trouble.
pub fn make(place: &Path, change: Change) -> anyhow::Result<()> {
    fs::create_dir_all(place)?;
    let code = RecoveryCode::make()?;
    let (device, passphrase) = (SecretBytes::new(vec![7; 32]), b"the old one".to_vec());
    let mut slots = vec![NewSlot::RecoveryCode(&code)];
    let mut ways = vec![format!("code {}", code.print().expose())];
    match change {
        Change::RemoveSlot => {
            slots.push(NewSlot::Device(&device));
            ways.push("device 7".to_owned());
        }
        Change::Passphrase => {
            slots.push(NewSlot::Passphrase { passphrase: &passphrase, kdf: cheap()? });
            ways.push("passphrase the old one".to_owned());
        }
        Change::AddSlot | Change::DataKey | Change::AllKeys | Change::Migrate => {}
    }
    let mut vault = vault::create(&place.join("vault"), &anchor(place), &slots, NOW)?;
    vault.add_many((0..ACCOUNTS).map(|n| account(&format!("{n:016}"))).collect(), NOW)?;
    vault.snapshot(NOW)?;
    vault.lock();
    Ok(fs::write(place.join(WAYS[0]), ways.join("\n"))?)
}

/// The floor of what a passphrase may cost.
fn cheap() -> anyhow::Result<KdfParams> {
    Ok(KdfParams::new(32 * 1024, 3, 1)?)
}

/// What is ready to be written.
enum Ready {
    Slots(SlotChange),
    Keys(Box<Rotation>),
    Format,
}

/// Runs in the child: makes one change, with a word before and after its writing, and waits to be killed.
///
/// # Errors
/// The change failed.
pub fn change(place: &Path, change: Change, apart: bool) -> anyhow::Result<()> {
    let written = if apart { place.join("apart") } else { place.to_owned() };
    if apart {
        copy(&place.join("vault"), &written.join("vault"))?;
        copy(&place.join("anchors"), &written.join("anchors"))?;
    }
    let ways = fs::read_to_string(place.join(WAYS[0]))?;
    let ways: Vec<&str> = ways.lines().collect();
    let mut vault = open(&written, ways[0])?.context("the first way in opens")?;
    let (ready, after) = prepare(&mut vault, change, &ways)?;
    fs::write(place.join("making"), after.join("\n"))?;
    fs::rename(place.join("making"), place.join(WAYS[1]))?;
    if apart {
        write(&mut vault, ready)?;
        vault.lock();
        say("ready")?;
        carry_over(&written, place, change)?;
    } else {
        say("ready")?;
        write(&mut vault, ready)?;
    }
    say("changed")?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

fn prepare(vault: &mut Vault, change: Change, ways: &[&str]) -> anyhow::Result<(Ready, Vec<String>)> {
    let mut after: Vec<String> = ways.iter().map(|way| (*way).to_owned()).collect();
    let snapshot = vault.ways_in()?;
    let ready = with_key(ways[0], |key| {
        Ok(match change {
            Change::AddSlot => {
                after.push("device 8".to_owned());
                let device = SecretBytes::new(vec![8; 32]);
                Ready::Slots(snapshot.add(&key, &NewSlot::Device(&device), NOW)?)
            }
            Change::RemoveSlot => {
                after.truncate(1);
                let slots = snapshot.slots();
                let device = slots.iter().find(|slot| slot.kind == vault::SlotKind::Device);
                Ready::Slots(snapshot.remove(&key, device.context("there is one")?.id)?)
            }
            Change::Passphrase => {
                after[1] = "passphrase the new one".to_owned();
                let new = NewSlot::Passphrase { passphrase: b"the new one", kdf: cheap()? };
                Ready::Slots(snapshot.replace(&key, &new, NOW)?)
            }
            Change::DataKey => Ready::Keys(Box::new(snapshot.rotate_data_key(&key)?)),
            Change::AllKeys => {
                let code = RecoveryCode::make()?;
                after[0] = format!("code {}", code.print().expose());
                Ready::Keys(Box::new(snapshot.rotate_all(&key, &[NewSlot::RecoveryCode(&code)], NOW)?))
            }
            Change::Migrate => Ready::Format,
        })
    })?;
    Ok((ready, after))
}

fn write(vault: &mut Vault, ready: Ready) -> anyhow::Result<()> {
    match ready {
        Ready::Slots(change) => vault.put_ways_in(change, NOW)?,
        Ready::Keys(rotation) => drop(vault.rotate(*rotation, NOW)?),
        Ready::Format => vault.migrate_to(LATER, &STEPS, NOW)?,
    }
    Ok(())
}

fn say(word: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{word}")?;
    Ok(out.flush()?)
}

/// The control: every row is its own commit.
fn carry_over(from: &Path, to: &Path, change: Change) -> anyhow::Result<()> {
    let source = Connection::open(from.join("vault/vault.db"))?;
    let target = Connection::open(to.join("vault/vault.db"))?;
    target.pragma_update(None, "synchronous", "FULL")?;
    // The copy beside the file goes first: it would mend slots that are half written.
    fs::copy(from.join("vault/vault.keys"), to.join("vault/vault.keys"))?;
    if change == Change::Migrate {
        for step in STEPS {
            target.execute_batch(step.sql)?;
            target.pragma_update(None, "user_version", step.from + 1)?;
            std::thread::sleep(PAUSE);
        }
        target.execute("UPDATE meta SET v = ? WHERE k = 'format'", [LATER.to_be_bytes()])?;
    }
    for table in TABLES {
        let rows = rows(&source, table)?;
        let old = self::rows(&target, table)?;
        for gone in old.iter().filter(|old| !rows.iter().any(|row| row[0] == old[0])) {
            let first = if table == "dek" { "epoch" } else { "id" };
            target.execute(&format!("DELETE FROM {table} WHERE {first} = ?"), [&gone[0]])?;
        }
        for row in rows.iter().filter(|row| !old.contains(row)) {
            let marks = vec!["?"; row.len()].join(", ");
            let sql = format!("INSERT OR REPLACE INTO {table} VALUES ({marks})");
            target.execute(&sql, rusqlite::params_from_iter(row))?;
            std::thread::sleep(PAUSE);
        }
    }
    for entry in fs::read_dir(from.join("anchors"))? {
        let entry = entry?;
        fs::copy(entry.path(), to.join("anchors").join(entry.file_name()))?;
    }
    Ok(())
}

fn rows(db: &Connection, table: &str) -> anyhow::Result<Vec<Vec<Value>>> {
    let mut query = db.prepare(&format!("SELECT * FROM {table}"))?;
    let columns = query.column_count();
    let rows = query.query_map([], |row| (0..columns).map(|n| row.get(n)).collect())?;
    Ok(rows.collect::<Result<_, _>>()?)
}
