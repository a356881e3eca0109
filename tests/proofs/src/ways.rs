//! Kills while ways in and keys are changed: whatever the moment, the vault opens with the old way in or with the new
//! one, and every account is there.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use authenticator_core::device::Anchor;
use authenticator_core::vault::{
    self, Key, LockedVault, Mode, NewSlot, Opened, RecoveryCode, SnapshotState, VaultError,
};
use klink::anchor_file::FileAnchor;

use crate::child::{NOW, account};
use crate::damage::scratch;
use crate::life::{End, one_life};
use crate::sheet::{Control, Line, Proof, Size};

const ACCOUNTS: usize = 40;

/// The same seed gives the same operations and times.
const SEED: u64 = 1;

/// Kills a process that changes recovery codes and keys; the control forgets the old code too soon.
pub fn prove(size: Size) -> anyhow::Result<Vec<Line>> {
    let n = size.of(60, 2_000);
    let (shut_out, done) = play(n, SEED, false)?;
    ensure!(done > u64::from(n) / 4, "hardly anything was changed: {done}");
    let (control, _) = play(60, SEED, true)?;
    Ok(vec![Line::Proof(Proof {
        id: "R01-keys",
        about: "kills while keys and ways in are changed",
        cases: u64::from(n),
        failures: shut_out,
        detail: format!("{done} changes acknowledged, {shut_out} shut out or lost"),
        control: Control { about: "the old code forgotten before the new one is written", failures: control },
    })])
}

fn play(n: u32, seed: u64, forget: bool) -> anyhow::Result<(u64, u64)> {
    let folder = scratch()?;
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut shut_out, mut done) = (0, 0);
    make(folder.path())?;
    for _ in 0..n {
        // After so many changes, and a moment that a change may take: slow machines are killed amid one as well.
        let (end, seed) =
            (End::choose(&mut random, 4, Duration::from_millis(60)), random.u64(..).to_string());
        let place = folder.path().as_os_str();
        let child = ["child".as_ref(), place, "change-keys".as_ref(), "--seed".as_ref(), seed.as_ref()];
        done += one_life(child, end)?.lines().count() as u64;
        let codes: &[&str] = if forget { &["next"] } else { &["code", "next"] };
        if !is_whole(folder.path(), codes)? {
            shut_out += 1;
            fs::remove_dir_all(folder.path())?;
            fs::create_dir_all(folder.path())?;
            make(folder.path())?;
        }
    }
    Ok((shut_out, done))
}

fn make(place: &Path) -> anyhow::Result<()> {
    let code = RecoveryCode::make()?;
    fs::write(place.join("code"), code.print().expose())?;
    let mut vault =
        vault::create(&place.join("vault"), &anchor(place), &[NewSlot::RecoveryCode(&code)], NOW)?;
    vault.add_many((0..ACCOUNTS).map(|n| account(&format!("{n:016}"))).collect(), NOW)?;
    vault.lock();
    Ok(())
}

fn anchor(place: &Path) -> Arc<dyn Anchor> {
    Arc::new(FileAnchor::new(place.join("anchors"), &place.join("vault")))
}

fn open(place: &Path, code: &str) -> anyhow::Result<Option<(Opened, RecoveryCode)>> {
    let Ok(text) = fs::read_to_string(place.join(code)) else { return Ok(None) };
    let code = RecoveryCode::parse(&text)?;
    match LockedVault::open(&place.join("vault"))?.unlock(Key::RecoveryCode(&code), &anchor(place), NOW) {
        Ok(opened) => Ok(Some((opened, code))),
        Err(VaultError::WrongKey) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Tells whether one of the codes opens a whole vault, and makes that one the code.
fn is_whole(place: &Path, codes: &[&str]) -> anyhow::Result<bool> {
    for name in codes {
        let Some((opened, code)) = open(place, name)? else { continue };
        let mut vault = opened.vault;
        fs::write(place.join("code"), code.print().expose())?;
        let items = vault.items().to_vec();
        let seeds = items.iter().filter(|item| {
            let otp = vault.open_otp(item.id);
            otp.is_ok_and(|otp| otp.secret().expose() == item.account_name.as_bytes())
        });
        let all = seeds.count() == ACCOUNTS;
        let health = vault.verify()?;
        let broken = health.snapshots.iter().any(|info| info.state == SnapshotState::Damaged);
        return Ok(all && vault.mode() == Mode::ReadWrite && health.damaged.is_empty() && !broken);
    }
    Ok(false)
}

/// Runs in the child: changes keys until it is killed, with a line for each change.
pub fn change_until_killed(place: &Path, seed: u64) -> anyhow::Result<()> {
    let mut random = fastrand::Rng::with_seed(seed);
    let (opened, mut code) = open(place, "code")?.context("the code opens the vault")?;
    let mut vault = opened.vault;
    loop {
        let next = RecoveryCode::make()?;
        let key = Key::RecoveryCode(&code);
        let slot = NewSlot::RecoveryCode(&next);
        match random.u8(..3) {
            0 => {
                let rotation = vault.ways_in()?.rotate_data_key(&key)?;
                vault.rotate(rotation, NOW)?;
            }
            which => {
                // Written down before it counts, as a person does.
                fs::write(place.join("next.making"), next.print().expose())?;
                fs::rename(place.join("next.making"), place.join("next"))?;
                if which == 1 {
                    let change = vault.ways_in()?.replace(&key, &slot, NOW)?;
                    vault.put_ways_in(change, NOW)?;
                } else {
                    let rotation = vault.ways_in()?.rotate_all(&key, &[slot], NOW)?;
                    vault.rotate(rotation, NOW)?;
                }
                fs::rename(place.join("next"), place.join("code"))?;
                code = next;
            }
        }
        println!("changed");
    }
}
