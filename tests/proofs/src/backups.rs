//! R24: a writer is killed, or a call fails, while backups, automatic ones and snapshots are written and pruned. There is
//! always one that opens and holds what was last acknowledged.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use authenticator_core::vault::{
    BackupError, DiskFolder, Generations, Key, LockedSnapshot, RecoveryCode, VaultError, snapshots_in,
};

use crate::child::{NOW, Place, account};
use crate::damage::scratch;
use crate::life::{End, one_life};
use crate::sheet::{Control, Line, Proof, Size};
use crate::shim::Shim;

/// The same seed gives the same times.
const SEED: u64 = 1;
/// How many automatic backups are kept: as few as may be.
const KEPT: usize = 3;
/// Rounds of a child while one call fails: after more of them the control would have written another backup.
const STEPS: u32 = 1;
/// More calls than that takes.
const MOST: u32 = 1_000;
const ERRORS: [i32; 2] = [5, 28];

/// Kills and faults; the control removes the old backup before it writes the new one.
pub fn prove(size: Size) -> anyhow::Result<Vec<Line>> {
    let n = size.of(60, 2_000);
    let (missing, written) = killed("back-up", n)?;
    let (control, _) = killed("back-up-after-pruning", 60)?;
    ensure!(written > u64::from(n), "hardly anything was written: {written}");
    let pruned_first = "the old backup removed before the new one is written";
    let killed = Line::Proof(Proof {
        id: "R24",
        about: "a writer killed while it backs up",
        cases: u64::from(n),
        failures: missing,
        detail: format!("{written} copies acknowledged, {missing} times none that holds it"),
        control: Control { about: pruned_first, failures: control },
    });
    let faults = match Shim::build("faults", include_str!("faults.c")) {
        Ok(shim) => {
            let (cases, missing) = faulty(&shim, "back-up", size.of(3, 1))?;
            let (_, control) = faulty(&shim, "back-up-after-pruning", 3)?;
            Line::Proof(Proof {
                id: "R24-faults",
                about: "calls fail while it backs up",
                cases,
                failures: missing,
                detail: String::new(),
                control: Control { about: pruned_first, failures: control },
            })
        }
        Err(error) => Line::NotRun { id: "R24-faults", why: format!("needs a C compiler: {error:#}") },
    };
    Ok(vec![killed, faults])
}

/// A vault with a backup.
fn make(folder: &Path) -> anyhow::Result<Place> {
    let place = Place::make(folder)?;
    let mut vault = place.open()?.vault;
    vault.add(account("counts"), NOW)?;
    fs::create_dir(folder.join("out"))?;
    vault.write_backup(&backup(folder), NOW)?;
    vault.snapshot(NOW)?;
    for _ in 0..KEPT {
        vault.back_up(&generations(folder), Generations::new(KEPT).context("three may be kept")?, NOW)?;
    }
    vault.lock();
    Ok(place)
}

/// The folder of automatic backups.
fn generations(place: &Path) -> DiskFolder {
    DiskFolder::new(place.join("generations"))
}

fn backup(place: &Path) -> PathBuf {
    place.join("out/backup.akb")
}

/// Returns how often there was no copy with what was acknowledged, and how many were acknowledged.
fn killed(work: &str, n: u32) -> anyhow::Result<(u64, u64)> {
    let folder = tempfile::tempdir()?;
    let place = make(folder.path())?;
    let mut random = fastrand::Rng::with_seed(SEED);
    let (mut missing, mut written) = (0, 0);
    for _ in 0..n {
        let end = End::choose(&mut random, 6, Duration::from_millis(12));
        let text = one_life(["child".as_ref(), place.path().as_os_str(), work.as_ref()], end)?;
        written += text.lines().count() as u64;
        missing += u64::from(!has_copies(&place, &text)?);
    }
    Ok((missing, written))
}

/// Returns how many calls failed, and how often there was no copy with what was acknowledged.
fn faulty(shim: &Shim, work: &str, step: usize) -> anyhow::Result<(u64, u64)> {
    let (mut cases, mut missing) = (0, 0);
    for errno in ERRORS {
        for k in (1..MOST).step_by(step) {
            let folder = scratch()?;
            let place = make(folder.path())?;
            let output = Command::new(std::env::current_exe()?)
                .arg("child")
                .arg(folder.path())
                .args([work, "--steps", &STEPS.to_string()])
                .env("LD_PRELOAD", shim.library())
                .env("FAULT_AT", k.to_string())
                .env("FAULT_IN", folder.path().canonicalize()?)
                .env("FAULT_ERRNO", errno.to_string())
                .stderr(Stdio::piped())
                .output()?;
            let said = String::from_utf8_lossy(&output.stderr);
            ensure!(output.status.success(), "call {k}: {said}");
            if !said.contains("fault came") {
                break;
            }
            cases += 1;
            missing += u64::from(!has_copies(&place, &String::from_utf8(output.stdout)?)?);
        }
    }
    Ok((cases, missing))
}

/// Tells whether the backup and a snapshot open and hold at least the commits that were acknowledged.
fn has_copies(place: &Place, acknowledged: &str) -> anyhow::Result<bool> {
    let code = RecoveryCode::parse(&fs::read_to_string(place.path().join("code"))?)?;
    let seq_of = |path: &Path| {
        let opened = LockedSnapshot::open(path).and_then(|copy| copy.unlock(&Key::RecoveryCode(&code)));
        opened.map(|copy| copy.seq())
    };
    let last = |word: &str| -> anyhow::Result<u64> {
        let line = acknowledged.lines().rev().find_map(|line| line.strip_prefix(word));
        Ok(line.map_or(Ok(0), |seq| seq.trim().parse())?)
    };
    let (last_backup, last_snapshot) = (last("backup ")?, last("snapshot ")?);
    let last_generation = last("generation ")?;
    let mut kept = Vec::new();
    for file in fs::read_dir(place.path().join("generations"))? {
        kept.extend(seq_of(&file?.path()).ok());
    }
    let generations = kept.len() >= KEPT && kept.iter().max().is_some_and(|seq| *seq >= last_generation);
    let snapshots = snapshots_in(&place.path().join("vault"))?;
    let newest = snapshots.iter().filter_map(|info| seq_of(&info.path).ok()).max();
    let whole = snapshots.iter().all(|info| seq_of(&info.path).is_ok());
    Ok(seq_of(&backup(place.path())).is_ok_and(|seq| seq >= last_backup)
        && generations
        && whole
        && newest.is_some_and(|seq| seq >= last_snapshot))
}

/// Runs in the child: changes the vault and copies it, with a line for each copy; the control prunes before it writes.
pub fn work(place: &Path, steps: u32, prune_first: bool) -> anyhow::Result<()> {
    // A vault that cannot be opened for a fault is an error by name as well.
    let Ok(opened) = Place::at(place).open() else { return Ok(()) };
    let mut vault = opened.vault;
    let id = vault.items().first().context("an account")?.id;
    let by_name = |error: VaultError| match error {
        VaultError::Io(_) | VaultError::DiskFull | VaultError::ReadOnly(_) => Ok(()),
        other => bail!("{other:?}"),
    };
    for _ in 0..steps {
        if prune_first {
            fs::remove_file(backup(place)).ok();
            let files = fs::read_dir(place.join("generations"))?;
            files.flatten().for_each(|file| drop(fs::remove_file(file.path())));
        }
        if let Err(error) = vault.hotp_next(id) {
            by_name(error)?;
        }
        let seq = vault.seq();
        match vault.write_backup(&backup(place), NOW) {
            Ok(_) => println!("backup {seq}"),
            Err(error) => by_name(error)?,
        }
        let seq = vault.seq();
        match vault.back_up(&generations(place), Generations::new(KEPT).context("three may be kept")?, NOW) {
            Ok(_) => println!("generation {seq}"),
            Err(BackupError::Folder(_)) => {}
            Err(BackupError::Vault(error)) => by_name(error)?,
        }
        match vault.snapshot(NOW) {
            Ok(_) => println!("snapshot {seq}"),
            Err(error) => by_name(error)?,
        }
    }
    Ok(())
}
