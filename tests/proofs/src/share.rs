//! R12: several processes take codes from one account at once; no counter may come twice.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};

use crate::child::{Place, account};
use crate::sheet::{Control, Line, Proof, Size};

const PROCESSES: u32 = 8;

/// Runs processes at once and finds every counter once; then runs the control and sees counters repeated.
pub fn prove(size: Size) -> anyhow::Result<Vec<Line>> {
    let codes = size.of(125, 1_250);
    let expected = u64::from(PROCESSES * codes);
    let distinct = play(PROCESSES, codes, "take-codes")?;
    let control = play(PROCESSES, 125, "take-codes-from-memory")?;
    Ok(vec![Line::Proof(Proof {
        id: "R12",
        about: "processes that take codes from one account at once",
        cases: expected,
        failures: expected.abs_diff(distinct),
        detail: format!("{PROCESSES} processes, {distinct} distinct counters"),
        control: Control {
            about: "counters from memory, some given out twice",
            failures: u64::from(PROCESSES * 125).saturating_sub(control),
        },
    })])
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
                .args([work, "--steps", &codes.to_string()])
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
