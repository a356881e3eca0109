//! Kills in each change of ways in and keys, and in a migration, at any moment of its writing: what stands then is all of
//! before or all of after, it opens with the ways in of that, and every account is there.
//!
//! Each life begins with a copy of the same vault and makes one change. The control does the same change to a second
//! copy and carries it over row by row, without a transaction.

mod making;
mod standing;

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::ValueEnum;
pub use making::change;
use standing::{State, judge};

use crate::damage::scratch;
use crate::sheet::{Control, Line, Proof, Size};

/// What is changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Change {
    /// A device's slot comes beside the recovery code's.
    AddSlot,
    /// It goes.
    RemoveSlot,
    /// Another passphrase takes the place of the old one.
    Passphrase,
    /// A new data key: every row is sealed anew.
    DataKey,
    /// A new vault key, a new data key and another recovery code.
    AllKeys,
    /// The file is brought to a later format, by two steps.
    Migrate,
}

const ACCOUNTS: usize = 40;
/// The same seed gives the same moments, as parts of what a change takes.
const SEED: u64 = 1;
/// A format that is two steps away.
const LATER: u32 = 3;
/// How much later a child is killed after one that was killed before its commit, and how much earlier after the others.
const LATER_NEXT: f64 = 1.2;
/// Ways in of before and of after, one a line; those of after are written down before they count.
const WAYS: [&str; 2] = ["before", "after"];
/// Kills every change at random moments of its writing, and its control as often.
///
/// # Errors
/// A process could not be started, or ended by itself.
pub fn prove(size: Size) -> anyhow::Result<Vec<Line>> {
    Change::value_variants()
        .iter()
        .map(|change| Ok(Line::Proof(kill(*change, size.of(20, 2_000))?)))
        .collect()
}

fn kill(change: Change, n: u32) -> anyhow::Result<Proof> {
    let folder = scratch()?;
    let template = folder.path().join("template");
    making::make(&template, change)?;
    let mut random = fastrand::Rng::with_seed(SEED);
    let (mut before, mut after, mut failures, mut control) = (0, 0, 0, 0);
    for apart in [false, true] {
        let usual = (0..3)
            .map(|_| Ok(life(&fresh(folder.path(), &template)?, change, apart, None)?.took))
            .collect::<anyhow::Result<Vec<_>>>()?
            .into_iter()
            .min()
            .context("three lives were measured")?;
        // Some changes commit first and write copies after, others the other way round, and a busy machine is slower than it
        // was: who was too late is earlier the next time, so that kills come on both sides of the commit.
        let mut most = 1.5;
        // The control shows what it has to soon.
        for _ in 0..if apart { n.min(60) } else { n } {
            let place = fresh(folder.path(), &template)?;
            let life = life(&place, change, apart, Some(usual.mul_f64(most * random.f64())))?;
            match (apart, judge(&place)) {
                (false, Ok(State::Before)) if !life.acknowledged => {
                    before += 1;
                    most = (most * LATER_NEXT).min(10.0);
                }
                (false, Ok(State::After)) => {
                    after += 1;
                    most = (most / LATER_NEXT).max(0.01);
                }
                (false, Ok(State::Before) | Err(_)) => failures += 1,
                (true, Ok(State::Before | State::After)) => {}
                (true, Err(_)) => control += 1,
            }
        }
    }
    ensure!(before > 0 && after > 0, "{change:?}: the kills all came on one side of the commit");
    let (id, about) = change.proof();
    let detail = format!("{before} as before, {after} as after, none between");
    let control = Control { about: "row by row, without a transaction", failures: control };
    Ok(Proof { id, about, cases: u64::from(n), failures, detail, control })
}

impl Change {
    fn proof(self) -> (&'static str, &'static str) {
        match self {
            Self::AddSlot => ("R01-slot-added", "killed while a slot is added"),
            Self::RemoveSlot => ("R01-slot-removed", "killed while a slot is taken away"),
            Self::Passphrase => ("R01-passphrase", "killed while the passphrase is changed"),
            Self::DataKey => ("R01-data-key", "killed while every row is sealed under a new data key"),
            Self::AllKeys => ("R01-all-keys", "killed while every key and way in is made anew"),
            Self::Migrate => ("R17", "killed while the file is brought to a later format"),
        }
    }
}

struct Life {
    took: Duration,
    acknowledged: bool,
}

/// Starts a child that makes the change, and kills it so long after it was ready to write; without a moment, when it
/// was done.
fn life(place: &Path, change: Change, apart: bool, moment: Option<Duration>) -> anyhow::Result<Life> {
    let name = change.to_possible_value().context("every change has a name")?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("change").arg(place).arg(name.get_name());
    if apart {
        command.arg("--apart");
    }
    // The child ends when its input does, should this process be the one that is killed.
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let seen = until(&mut child, moment);
    let (killed, ended) = (child.kill(), child.wait());
    let (took, mut out) = seen?;
    killed.and(ended)?;
    let mut rest = String::new();
    out.read_to_string(&mut rest)?;
    Ok(Life { took, acknowledged: moment.is_none() || rest.contains("changed") })
}

/// Waits until the child is ready to write and so long after it, and returns how long that was.
fn until(child: &mut Child, moment: Option<Duration>) -> anyhow::Result<(Duration, BufReader<ChildStdout>)> {
    let mut out = BufReader::new(child.stdout.take().context("the child has an output")?);
    expect(&mut out, "ready")?;
    let began = Instant::now();
    match moment {
        Some(moment) => std::thread::sleep(moment),
        None => expect(&mut out, "changed")?,
    }
    Ok((began.elapsed(), out))
}

fn expect(out: &mut BufReader<ChildStdout>, word: &str) -> anyhow::Result<()> {
    let mut line = String::new();
    ensure!(out.read_line(&mut line)? > 0 && line.trim() == word, "the child said {line:?}, not {word}");
    Ok(())
}

/// Copies the vault that each life begins with.
fn fresh(folder: &Path, template: &Path) -> anyhow::Result<PathBuf> {
    let place = folder.join("place");
    if place.exists() {
        fs::remove_dir_all(&place)?;
    }
    copy(template, &place)?;
    Ok(place)
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
