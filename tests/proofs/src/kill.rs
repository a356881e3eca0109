//! R01: a writer is killed at random points; nothing that it had acknowledged may be lost.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use authenticator_core::vault::{Mode, Vault};

use crate::child::Place;

/// What was promised, over all lives of the writer.
#[derive(Default)]
struct Promises {
    added: BTreeSet<String>,
    deleted: BTreeSet<String>,
    /// Counters by account id.
    counters: BTreeMap<String, BTreeSet<u64>>,
    repeated: u64,
    total: u64,
}

/// What went wrong.
#[derive(Debug, Default, Eq, PartialEq)]
struct Losses {
    lost: u64,
    repeated: u64,
    unopenable: u64,
}

/// Kills `n` times and finds no loss; then kills the control until it loses something.
pub fn prove(n: u32, seed: u64) -> anyhow::Result<()> {
    let (promises, losses) = play(n, seed, "acknowledge")?;
    println!(
        "proof R01 kill: {n} kills, {} acknowledged, {} lost, {} counters repeated, {} unopenable",
        promises.total, losses.lost, losses.repeated, losses.unopenable
    );
    ensure!(losses == Losses::default(), "something acknowledged was lost");
    ensure!(promises.total > u64::from(n), "the writer hardly wrote: {} operations", promises.total);
    let (_, control) = play(n, seed, "acknowledge-before")?;
    println!(
        "proof R01 control, acknowledged before the commit: {} lost, {} repeated",
        control.lost, control.repeated
    );
    ensure!(control.lost + control.repeated > 0, "the control lost nothing: the proof cannot see a loss");
    Ok(())
}

fn play(n: u32, seed: u64, work: &str) -> anyhow::Result<(Promises, Losses)> {
    let folder = tempfile::tempdir()?;
    let place = Place::make(folder.path())?;
    let mut random = fastrand::Rng::with_seed(seed);
    let mut promises = Promises::default();
    let mut losses = Losses::default();
    for life in 0..n {
        let end = End { lines: random.usize(..10), delay: Duration::from_micros(random.u64(..15_000)) };
        let lines = one_life(&place, work, random.u64(..), end).with_context(|| format!("life {life}"))?;
        promises.take(&lines).with_context(|| format!("life {life}"))?;
        let Ok(opened) = place.open() else {
            losses.unopenable += 1;
            continue;
        };
        let mut vault = opened.vault;
        let health = vault.verify()?;
        if vault.mode() != Mode::ReadWrite || !health.damaged.is_empty() || !health.problems.is_empty() {
            losses.unopenable += 1;
        }
        losses.lost += promises.missing(&mut vault)?;
        vault.lock();
    }
    losses.repeated = promises.repeated;
    Ok((promises, losses))
}

/// When a writer is killed. Lines are counted, so that a slow machine promises as much as a fast one; the delay
/// puts the end anywhere in an operation, and without a line anywhere in the start.
struct End {
    lines: usize,
    delay: Duration,
}

/// Starts a writer, kills it at its end, and returns the whole lines that it had printed.
fn one_life(place: &Place, work: &str, seed: u64, end: End) -> anyhow::Result<String> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg("child")
        .arg(place.path())
        .args([work, "--seed", &seed.to_string()])
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()?;
    let mut out = BufReader::new(child.stdout.take().context("the child has an output")?);
    let mut lines = String::new();
    for _ in 0..end.lines {
        ensure!(out.read_line(&mut lines)? > 0, "the writer ended by itself: {}", child.wait()?);
    }
    std::thread::sleep(end.delay);
    child.kill()?;
    out.read_to_string(&mut lines)?;
    child.wait()?;
    lines.truncate(lines.rfind('\n').map_or(0, |end| end + 1));
    Ok(lines)
}

impl Promises {
    fn take(&mut self, lines: &str) -> anyhow::Result<()> {
        for line in lines.lines() {
            self.total += 1;
            match line.split(' ').collect::<Vec<_>>()[..] {
                ["add", name] => {
                    self.added.insert(name.to_owned());
                }
                ["delete", id] => {
                    self.deleted.insert(id.to_owned());
                }
                ["next", id, counter] => {
                    let fresh = self.counters.entry(id.to_owned()).or_default().insert(counter.parse()?);
                    self.repeated += u64::from(!fresh);
                }
                _ => bail!("a line that is no promise: {line}"),
            }
        }
        Ok(())
    }

    /// Counts promises that the vault does not keep; each is counted once.
    fn missing(&mut self, vault: &mut Vault) -> anyhow::Result<u64> {
        let names: BTreeSet<&str> = vault.items().iter().map(|item| item.account_name.as_str()).collect();
        let lost_adds: Vec<String> =
            self.added.iter().filter(|name| !names.contains(name.as_str())).cloned().collect();
        let mut lost = lost_adds.len() as u64;
        self.added.retain(|name| !lost_adds.contains(name));
        let items = vault.items().to_vec();
        for item in &items {
            let id = item.id.to_string();
            if item.trashed_at.is_none() && self.deleted.remove(&id) {
                lost += 1;
            }
            let last = self.counters.get(&id).and_then(BTreeSet::last).copied();
            if let Some(last) = last
                && vault.counter(item.id)?.is_none_or(|next| next <= last)
            {
                lost += 1;
                self.counters.entry(id).or_default().remove(&last);
            }
        }
        Ok(lost)
    }
}
