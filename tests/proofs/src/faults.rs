//! R10: the k-th call that writes fails, for every k. Each time the answer is an error by name, what was acknowledged is
//! there, and the next opening is whole.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use authenticator_core::vault::{Mode, Vault, VaultError};

use crate::child::{NOW, Place, account};

const EIO: i32 = 5;
const ENOSPC: i32 = 28;
/// More calls than the work makes; a fault that no longer comes ends the proof.
const MOST: u32 = 1_000;

/// Fails every `step`-th call, with two errors; in the control the call lies instead of failing.
pub fn prove(step: usize) -> anyhow::Result<()> {
    let shim = match build() {
        Ok(shim) => shim,
        Err(error) => {
            println!("not run: R10 needs a C compiler: {error:#}");
            return Ok(());
        }
    };
    let library = shim.path().join("faults.so");
    for (errno, word) in [(EIO, "I/O error"), (ENOSPC, "full disk")] {
        let (calls, lost) = play(&library, errno, step, false)?;
        println!("proof R10 {word} at every call: {calls} calls failed, {lost} lost or not whole, 0 panics");
        ensure!(lost == 0 && calls > 20 / step as u64, "{calls} calls, {lost} lost");
    }
    let (calls, lost) = play(&library, EIO, step, true)?;
    println!(
        "proof R10 control, a call that does nothing and says it did: {lost} of {calls} lost or not whole"
    );
    ensure!(lost > 0, "the control lost nothing: the proof cannot see a loss");
    Ok(())
}

fn build() -> anyhow::Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    let source = folder.path().join("faults.c");
    std::fs::write(&source, include_str!("faults.c"))?;
    let status = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(folder.path().join("faults.so"))
        .arg(&source)
        .arg("-ldl")
        .status()
        .context("cc")?;
    ensure!(status.success(), "cc ended with {status}");
    Ok(folder)
}

fn play(library: &Path, errno: i32, step: usize, lie: bool) -> anyhow::Result<(u64, u64)> {
    let (mut calls, mut lost) = (0, 0);
    for k in (1..MOST).step_by(step) {
        let folder = tempfile::tempdir()?;
        let place = Place::make(folder.path())?;
        let inside: PathBuf = folder.path().join("vault").canonicalize()?;
        let mut child = Command::new(std::env::current_exe()?);
        child
            .arg("faulty")
            .arg(folder.path())
            .env("LD_PRELOAD", library)
            .env("FAULT_AT", k.to_string())
            .env("FAULT_IN", &inside)
            .env("FAULT_ERRNO", errno.to_string())
            .stderr(Stdio::piped());
        if lie {
            child.env("FAULT_LIE", "1");
        }
        let output = child.output()?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if !said.contains("fault came") {
            return Ok((calls, lost));
        }
        calls += 1;
        let acknowledged = String::from_utf8(output.stdout)?;
        if lie {
            lost += u64::from(!output.status.success() || !is_right(&place, &acknowledged).unwrap_or(false));
            continue;
        }
        ensure!(output.status.success(), "call {k}: {said}");
        lost += u64::from(!is_right(&place, &acknowledged)?);
    }
    Ok((calls, lost))
}

/// Opens without faults, and looks for everything that was acknowledged.
fn is_right(place: &Place, acknowledged: &str) -> anyhow::Result<bool> {
    let mut vault = place.open()?.vault;
    let health = vault.verify()?;
    let mut right =
        vault.mode() == Mode::ReadWrite && health.damaged.is_empty() && health.problems.is_empty();
    for line in acknowledged.lines() {
        let (what, name) = line.split_once(' ').context("a line")?;
        let item = vault.items().iter().find(|item| item.account_name == name).cloned();
        right &= match (what, item) {
            ("add", item) => item.is_some(),
            ("next", Some(item)) => vault.counter(item.id)?.is_some_and(|counter| counter >= 1),
            ("delete", Some(item)) => item.trashed_at.is_some(),
            ("snapshot", _) => health.last_good_copy_at.is_some(),
            _ => false,
        };
    }
    Ok(right)
}

/// Runs in the child: a little of everything, with a line after each operation that succeeded.
pub fn work(place: &Path) -> anyhow::Result<()> {
    let place = Place::at(place);
    // A vault that cannot be opened for a fault is an error by name as well.
    let Ok(opened) = place.open() else { return Ok(()) };
    let mut vault = opened.vault;
    let tell = |what: &str, result: Result<(), VaultError>, name: &str| -> anyhow::Result<()> {
        match result {
            Ok(()) => println!("{what} {name}"),
            Err(
                VaultError::Io(_) | VaultError::DiskFull | VaultError::NoSuchItem | VaultError::ReadOnly(_),
            ) => {}
            Err(error) => anyhow::bail!("{what} answered {error:?}"),
        }
        Ok(())
    };
    for name in ["first", "second", "third"] {
        let added = vault.add(account(name), NOW).map(drop);
        tell("add", added, name)?;
    }
    let id = |vault: &Vault, name: &str| {
        let item = vault.items().iter().find(|item| item.account_name == name);
        item.map(|item| item.id).ok_or(VaultError::NoSuchItem)
    };
    let next = id(&vault, "first").and_then(|id| vault.hotp_next(id).map(drop));
    tell("next", next, "first")?;
    let deleted = id(&vault, "second").and_then(|id| vault.delete(id, NOW));
    tell("delete", deleted, "second")?;
    let snapshot = vault.snapshot(NOW).map(drop);
    tell("snapshot", snapshot, "-")?;
    vault.lock();
    Ok(())
}
