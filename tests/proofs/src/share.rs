//! R12: several processes take codes from one account at once; no counter may come twice.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};

use crate::child::{Place, account};

/// Runs `processes` at once and finds every counter once; then runs the control and sees it fail.
pub fn prove(processes: u32, codes: u32) -> anyhow::Result<()> {
    let expected = u64::from(processes) * u64::from(codes);
    let distinct = play(processes, codes, "take-codes")?;
    println!("proof R12 share: {processes} processes × {codes} codes, {distinct} distinct counters");
    ensure!(distinct == expected, "{expected} codes were taken");
    let control = play(processes, codes, "take-codes-from-memory")?;
    println!("proof R12 control, counters from memory: {control} distinct counters");
    ensure!(control < expected, "the control repeated nothing: the proof cannot see a repeat");
    Ok(())
}

fn play(processes: u32, codes: u32, work: &str) -> anyhow::Result<u64> {
    let folder = tempfile::tempdir()?;
    let place = Place::make(folder.path())?;
    let mut vault = place.open()?.vault;
    vault.add(account("shared"), crate::child::NOW)?;
    vault.lock();
    let children = (0..processes)
        .map(|_| {
            Command::new(std::env::current_exe()?)
                .arg("child")
                .arg(place.path())
                .args([work, "--codes", &codes.to_string()])
                .stdout(Stdio::piped())
                .spawn()
        })
        .collect::<Result<Vec<_>, _>>()?;
    let mut counters = BTreeSet::new();
    for child in children {
        let output = child.wait_with_output()?;
        ensure!(output.status.success(), "a process failed");
        let text = String::from_utf8(output.stdout)?;
        for line in text.lines() {
            counters.insert(line.rsplit(' ').next().context("a line has a counter")?.parse::<u64>()?);
        }
    }
    let mut vault = place.open()?.vault;
    ensure!(vault.verify()?.problems.is_empty(), "the vault is not whole afterwards");
    Ok(counters.len() as u64)
}
