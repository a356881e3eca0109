//! First act: the phone is started, real pictures become accounts, and accounts give codes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use authenticator_core::authenticator::{Authenticator, CheckState, Error, ScanOutcome, ScanSession};
use authenticator_core::uri::Text;
use authenticator_core::vault::{ItemId, Key, Mode, NewItem, NewSlot, RecoveryCode};
use klink::phone::now;

use super::phone::PASSPHRASE;
use super::pictures;
use super::play::Play;
use super::stage::{Failed, check, failed};
use super::words::fill;
use crate::boot::boot;
use crate::calibrate::calibrated;
use crate::check_words;
use crate::tables::grouped;
use crate::words;

/// How many accounts the pictures hold.
const ACCOUNTS: usize = 15;

/// Plays it.
///
/// # Errors
/// A step did not do what it shows.
pub async fn act(play: &mut Play<'_>, folder: &Path) -> Result<(), Failed> {
    play.show.act(play.w.act_codes);
    first_start(play)?;
    check_itself(play).await?;
    scan(play, &pictures::draw(folder)?)?;
    codes(play)?;
    lock(play, folder)
}

/// A passphrase and a recovery code are chosen and typed back before anything can be added.
fn first_start(play: &mut Play<'_>) -> Result<(), Failed> {
    let (w, core) = (play.w, &play.phone.core);
    play.show.step(w.first_start);
    let (kdf, printed) = (calibrated(), RecoveryCode::make()?);
    let slots = [NewSlot::Passphrase { passphrase: PASSPHRASE, kdf }, NewSlot::RecoveryCode(&printed)];
    core.create(&slots, now())?;
    core.lock();
    let typed = RecoveryCode::parse(printed.print().expose()).map_err(failed)?;
    let opened = core.unlock(Key::RecoveryCode(&typed), now())?;
    check(opened.mode == Mode::ReadWrite, "the vault came back read-only")?;
    let [memory, passes] = [kdf.mem_kib() / 1024, kdf.passes()].map(|n| n.to_string());
    play.show.done(fill(w.first_start_done, &[&memory, &passes]));
    Ok(())
}

/// Keys, vault and copies are tried before anybody relies on them; nobody is asked anything.
async fn check_itself(play: &mut Play<'_>) -> Result<(), Failed> {
    let w = play.w;
    play.show.step(w.check);
    let lines = play.phone.core.self_check(klink::phone::FACTS, now()).await;
    let bad = lines.iter().find(|line| matches!(line.state, CheckState::Bad(_)));
    check(bad.is_none(), "the self-check found something that does not work")?;
    let shown: Vec<String> = lines.iter().map(|line| check_words::line(w.tongue, line)).collect();
    play.show.say(play.phone.screen(w.check, shown));
    play.show.done(fill(w.check_done, &[&lines.len().to_string()]));
    Ok(())
}

/// Reads every picture and adds what it holds.
fn scan(play: &mut Play<'_>, pictures: &[PathBuf]) -> Result<(), Failed> {
    let (w, core) = (play.w, &play.phone.core);
    play.show.step(w.scan_pictures);
    let mut scanning = ScanSession::new();
    for picture in pictures {
        let outcomes = scanning.take_image(&fs::read(picture)?, &|| false)?;
        check(outcomes.len() == 1, "a drawn picture did not give its one code")?;
        for outcome in outcomes {
            let line = match outcome {
                ScanOutcome::Account(account) => {
                    let names = words::names(&account);
                    core.add(NewItem::from(*account), now())?;
                    names
                }
                ScanOutcome::Migration(part) => {
                    let count = part.accounts.len();
                    for account in part.accounts {
                        core.add(NewItem::from(account), now())?;
                    }
                    let [number, of, count] =
                        [part.part.to_string(), part.parts.to_string(), count.to_string()];
                    fill(w.export_part, &[&number, &of, &count])
                }
                ScanOutcome::Other(Text::VendorPush { .. }) => w.not_ours.to_owned(),
                ScanOutcome::Other(text) => words::instead(&text),
            };
            let file = picture.file_name().unwrap_or_default().to_string_lossy();
            play.show.say(format!("  {file:<16} {line}"));
        }
    }
    check(core.list()?.len() == ACCOUNTS, "another number of accounts arrived than was drawn")?;
    play.show.done(fill(w.scan_pictures_done, &[&pictures.len().to_string(), &ACCOUNTS.to_string()]));
    Ok(())
}

/// Codes for now; an independent program and an RFC say the same.
fn codes(play: &mut Play<'_>) -> Result<(), Failed> {
    let (w, core) = (play.w, &play.phone.core);
    play.show.step(w.codes);
    play.show.say(play.phone.list_screen(w.accounts, 6)?);
    if let Some(theirs) = ask_oathtool(core)? {
        play.show.say(fill(w.oathtool, &[&grouped(&theirs)]));
    }
    let door = core.search("Door")?.first().map(|item| item.id);
    let door = door.ok_or_else(|| failed("the account that counts is not there"))?;
    let mut counted = Vec::new();
    for expected in ["755224", "287082"] {
        let code = core.next_code(door, now())?;
        check(code.text == expected, "a code differs from RFC 4226 appendix D")?;
        counted.push(grouped(&code.text));
    }
    play.show.done(fill(w.codes_done, &[&counted.join(", ")]));
    Ok(())
}

/// Asks an independent program for the first account's code, when it is installed.
fn ask_oathtool(core: &Authenticator) -> Result<Option<String>, Failed> {
    let first = core.list()?.first().map(|item| item.id).ok_or_else(|| failed("there is no account"))?;
    let token = core.confirm(&Key::Passphrase(PASSPHRASE), boot())?;
    let secret = core.reveal(first, &token, boot())?.secret;
    let at = now();
    let row = core.codes(at, 0, &[first])?.rows.into_iter().next();
    let ours = row.and_then(|row| row.code.ok()).ok_or_else(|| failed("the first account has no code"))?;
    let moment = format!("@{}", at.seconds());
    let answer = Command::new("oathtool")
        .args(["--totp", "--base32", "--now", &moment, "--", secret.expose()])
        .output();
    match answer {
        Ok(output) if output.status.success() => {
            let theirs = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            check(theirs == ours.text, "oathtool gives another code")?;
            Ok(Some(theirs))
        }
        Ok(_) | Err(_) => Ok(None),
    }
}

/// A locked vault gives nothing; unlocked, it is whole.
fn lock(play: &mut Play<'_>, folder: &Path) -> Result<(), Failed> {
    let (w, core) = (play.w, &play.phone.core);
    play.show.step(w.lock);
    let ids: Vec<ItemId> = core.list()?.iter().map(|item| item.id).collect();
    core.lock();
    check(matches!(core.codes(now(), 0, &ids), Err(Error::Locked)), "a locked vault gave codes")?;
    play.phone.unlock()?;
    let health = core.verify()?;
    check(health.problems.is_empty() && health.damaged.is_empty(), "the vault is not whole")?;
    let size = fs::metadata(folder.join("phone/vault/vault.db"))?.len() / 1000;
    play.show.done(fill(w.lock_done, &[&health.accounts.to_string(), &size.to_string()]));
    Ok(())
}
