//! `cargo demo`: the main job on real pictures. Every step does the real thing and fails loudly.

mod pictures;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use authenticator_core::authenticator::{Authenticator, CodeRow, Error, ScanOutcome, ScanSession};
use authenticator_core::time::UnixTime;
use authenticator_core::vault::{Item, ItemId, Key, Mode, NewItem, NewSlot};

use crate::calibrate::calibrated;
use crate::refusal::Refusal;
use crate::session::now;
use crate::{tables, words};
use klink::anchor_file::FileAnchor;

/// Opens the vault of the demo; a real one is chosen by its user.
const PASSPHRASE: &[u8] = b"a latch is closed until you lift it";

/// Plays the demo in a temporary folder, which is kept when asked.
pub fn play(keep: bool) -> Result<(), Refusal> {
    let place = tempfile::Builder::new()
        .prefix("klink-demo-")
        .tempdir()
        .map_err(|error| Refusal::new("demo", format!("No temporary folder: {error}.")))?;
    let folder = if keep { &place.keep() } else { place.path() };
    let vault = folder.join("vault");
    let anchor = Arc::new(FileAnchor::new(folder.join("anchors"), &vault));
    let core = Authenticator::new(vault.clone(), anchor);

    println!("Klink: real QR pictures become accounts in an encrypted vault.");
    step(1, "draw the pictures that a phone would see");
    let pictures = pictures::draw(folder)?;
    for picture in &pictures {
        println!("  {:<28} {}", picture.title, size(&picture.path));
    }

    step(2, "make a vault");
    let kdf = calibrated();
    core.create(&[NewSlot::Passphrase { passphrase: PASSPHRASE, kdf }], now())?;
    println!("  Argon2id with {} MiB and {} passes guards it", kdf.mem_kib() / 1024, kdf.passes());

    step(3, "scan");
    scan(&core, &pictures)?;

    step(4, "codes");
    let at = now();
    let before = rows(&core, at)?;
    println!("{}", tables::codes(&before, at));
    println!();
    ask_oathtool(&core, &before, at)?;

    step(5, "codes that count");
    count(&core)?;

    step(6, "lock, and unlock again");
    let ids: Vec<ItemId> = before.iter().map(|(item, _)| item.id).collect();
    core.lock();
    check(matches!(core.codes(at, 0, &ids), Err(Error::Locked)), "a locked vault gave codes")?;
    println!("  locked: no names, no codes");
    let unlocked = core.unlock(Key::Passphrase(PASSPHRASE), now())?;
    check(unlocked.mode == Mode::ReadWrite, "the vault came back read-only")?;
    let after = rows(&core, at)?;
    check(texts(&before) == texts(&after), "the codes changed over lock and unlock")?;
    println!("  unlocked: the same {} codes for the same moment", texts(&after).len());

    step(7, "check every row, the manifest and the file");
    let health = core.verify()?;
    check(health.problems.is_empty() && health.damaged.is_empty(), "the vault is not whole")?;
    println!(
        "  {} accounts, all whole; the vault takes {}\n",
        health.accounts,
        size(&vault.join("vault.db"))
    );

    println!("{}", tables::accounts(&core.list()?, &[], |_| None));
    core.lock();
    println!("\nNext, with a picture of your own:");
    println!("  cargo run --release -p klink -- init");
    println!("  cargo run --release -p klink -- scan PICTURE.png");
    println!("  cargo run --release -p klink -- codes --watch");
    if keep {
        println!("\nKept: {}", folder.display());
    }
    Ok(())
}

/// Reads every picture and adds what it holds.
fn scan(core: &Authenticator, pictures: &[pictures::Picture]) -> Result<(), Refusal> {
    let mut scanning = ScanSession::new();
    for picture in pictures {
        let bytes = fs::read(&picture.path).map_err(|error| Refusal::file(&picture.path, &error))?;
        let outcomes = scanning
            .take_image(&bytes, &|| false)
            .map_err(|error| Refusal::new("demo", format!("{}: {error}.", picture.title)))?;
        check(outcomes.len() == 1, "a drawn picture did not give its one code")?;
        for outcome in outcomes {
            let line = match outcome {
                ScanOutcome::Account(account) => {
                    let names = words::names(&account);
                    words::added(&names, core.add(NewItem::from(*account), now())?)
                }
                ScanOutcome::Migration(part) => {
                    let count = part.accounts.len();
                    for account in part.accounts {
                        core.add(NewItem::from(account), now())?;
                    }
                    words::migration(part.part, part.parts, &part.missing, count, count, part.problems.len())
                }
                ScanOutcome::Other(text) => words::instead(&text),
            };
            println!("  {:<28} {line}", picture.title);
        }
    }
    check(core.list()?.len() == 15, "15 accounts were drawn, another number arrived")
}

/// Asks an independent program for the first account's code, when it is installed.
fn ask_oathtool(core: &Authenticator, rows: &[(Item, CodeRow)], at: UnixTime) -> Result<(), Refusal> {
    let Some((item, Ok(code))) = rows.first().map(|(item, row)| (item, &row.code)) else {
        return Err(Refusal::new("demo", "The first account has no code."));
    };
    let secret = core.reveal(item.id)?.secret;
    let moment = format!("@{}", at.seconds());
    let answer = Command::new("oathtool")
        .args(["--totp", "--base32", "--now", &moment, "--", secret.expose()])
        .output();
    match answer {
        Ok(output) if output.status.success() => {
            let theirs = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            check(theirs == code.text, "oathtool gives another code")?;
            println!("  oathtool, an independent program, says {} too", tables::grouped(&theirs));
        }
        _ => {
            println!("  compare with any other program, for instance:");
            println!("  oathtool --totp --base32 --now {moment} -- {}", secret.expose());
        }
    }
    Ok(())
}

/// Takes two codes from the account that counts; RFC 4226 appendix D says which they must be.
fn count(core: &Authenticator) -> Result<(), Refusal> {
    let door = core.search("Door")?;
    let id = door.first().ok_or_else(|| Refusal::new("demo", "The account that counts is not there."))?.id;
    for expected in ["755224", "287082"] {
        let code = core.next_code(id, now())?;
        check(code.text == expected, "a code differs from RFC 4226 appendix D")?;
        println!("  number {}: {}, as in RFC 4226 appendix D", code.counter, tables::grouped(&code.text));
    }
    Ok(())
}

fn rows(core: &Authenticator, at: UnixTime) -> Result<Vec<(Item, CodeRow)>, Refusal> {
    let items = core.list()?;
    let ids: Vec<ItemId> = items.iter().map(|item| item.id).collect();
    let codes = core.codes(at, 0, &ids)?;
    Ok(items.into_iter().zip(codes.rows).collect())
}

fn texts(rows: &[(Item, CodeRow)]) -> Vec<&str> {
    rows.iter().filter_map(|(_, row)| row.code.as_ref().ok()).map(|code| code.text.as_str()).collect()
}

fn step(number: u32, what: &str) {
    println!("\nstep {number}: {what}");
}

fn check(holds: bool, otherwise: &str) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(Refusal::new("demo", format!("The demo failed: {otherwise}."))) }
}

fn size(path: &Path) -> String {
    match fs::metadata(path) {
        Ok(data) => format!("{:.1} KB", data.len() as f64 / 1000.0),
        Err(error) => error.to_string(),
    }
}
