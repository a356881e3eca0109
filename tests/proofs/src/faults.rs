//! R10: the k-th call that writes fails, for every k. Each time the answer is an error by name, what was acknowledged is
//! there, and the next opening is whole.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail, ensure};
use authenticator_core::vault::{ItemId, Vault, VaultError};

use crate::child::{NOW, Place, account};
use crate::damage::scratch;
use crate::kill::is_whole;
use crate::sheet::{Control, Line, Proof, Size};
use crate::shim::Shim;

const EIO: i32 = 5;
const ENOSPC: i32 = 28;
/// More calls than the work makes; a fault that no longer comes ends the proof.
const MOST: u32 = 1_000;

/// Fails every k-th call, with two errors; in the control the call lies instead of failing.
pub fn prove(size: Size) -> anyhow::Result<Vec<Line>> {
    let step = size.of(5, 1);
    let shim = match Shim::build("faults", include_str!("faults.c")) {
        Ok(shim) => shim,
        Err(error) => {
            return Ok(vec![Line::NotRun { id: "R10", why: format!("needs a C compiler: {error:#}") }]);
        }
    };
    let (mut cases, mut failures, mut detail) = (0, 0, Vec::new());
    for (errno, word) in [(EIO, "I/O error"), (ENOSPC, "full disk")] {
        let (calls, lost) = play(&shim, errno, step, false)?;
        ensure!(calls > 20 / step as u64, "hardly any call failed: {calls}");
        detail.push(format!("{calls} with {word}"));
        cases += calls;
        failures += lost;
    }
    // Most lies do no harm: every call lies once, so that the few that do are among them.
    let (_, lost) = play(&shim, EIO, 1, true)?;
    Ok(vec![Line::Proof(Proof {
        id: "R10",
        about: size.of("every 5th call that writes fails", "every call that writes fails"),
        cases,
        failures,
        detail: detail.join(", "),
        control: Control { about: "a call that does nothing and says it did", failures: lost },
    })])
}

fn play(shim: &Shim, errno: i32, step: usize, lie: bool) -> anyhow::Result<(u64, u64)> {
    let (mut calls, mut lost) = (0, 0);
    for k in (1..MOST).step_by(step) {
        let folder = scratch()?;
        let place = Place::make(folder.path())?;
        let inside: PathBuf = folder.path().join("vault").canonicalize()?;
        let mut child = Command::new(std::env::current_exe()?);
        child
            .arg("child")
            .arg(folder.path())
            .arg("meet-faults")
            .env("LD_PRELOAD", shim.library())
            .env("FAULT_AT", k.to_string())
            .env("FAULT_IN", &inside)
            .env("FAULT_ERRNO", errno.to_string())
            .stderr(Stdio::piped());
        if lie {
            child.env("FAULT_LIE", "1");
        }
        let output = child.output()?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        // A lie about the length of memory that processes share ends a process before it can say so.
        if !said.contains("fault came") && output.status.signal().is_none() {
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
pub fn is_right(place: &Place, acknowledged: &str) -> anyhow::Result<bool> {
    let mut vault = place.open()?.vault;
    let mut right = is_whole(&mut vault)?;
    for line in acknowledged.lines() {
        let (what, name) = line.split_once(' ').context("a line")?;
        let item = vault.items().iter().find(|item| item.account_name == name).cloned();
        right &= match (what, item) {
            ("add", item) => item.is_some(),
            ("next", Some(item)) => vault.counter(item.id)?.is_some_and(|counter| counter >= 1),
            ("delete", Some(item)) => item.trashed_at.is_some(),
            ("snapshot", _) => vault.verify()?.last_good_copy_at.is_some(),
            _ => false,
        };
    }
    Ok(right)
}

/// Runs in the child: a little of everything, with a line after each operation that succeeded; the control's lines come
/// before it is known.
pub fn work(place: &Path, before: bool) -> anyhow::Result<()> {
    let place = Place::at(place);
    // A vault that cannot be opened for a fault is an error by name as well.
    let Ok(opened) = place.open() else { return Ok(()) };
    let mut vault = opened.vault;
    let mut operation = |line: &str, run: fn(&mut Vault, &str) -> Result<(), VaultError>| {
        if before {
            println!("{line}");
        }
        match run(&mut vault, line.split_once(' ').map_or("", |(_, name)| name)) {
            Ok(()) if before => Ok(()),
            Ok(()) => {
                println!("{line}");
                Ok(())
            }
            Err(
                VaultError::Io(_) | VaultError::DiskFull | VaultError::NoSuchItem | VaultError::ReadOnly(_),
            ) => Ok(()),
            Err(error) => bail!("{line} answered {error:?}"),
        }
    };
    for line in ["add first", "add second", "add third"] {
        operation(line, |vault, name| vault.add(account(name), NOW).map(drop))?;
    }
    operation("next first", |vault, name| vault.hotp_next(id(vault, name)?).map(drop))?;
    operation("delete second", |vault, name| vault.delete(id(vault, name)?, NOW))?;
    operation("snapshot -", |vault, _| vault.snapshot(NOW).map(drop))?;
    vault.lock();
    Ok(())
}

fn id(vault: &Vault, name: &str) -> Result<ItemId, VaultError> {
    let item = vault.items().iter().find(|item| item.account_name == name);
    item.map(|item| item.id).ok_or(VaultError::NoSuchItem)
}
