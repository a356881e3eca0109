//! R01: a writer is killed at random points; nothing that it had acknowledged may be lost.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use authenticator_core::vault::{Mode, Vault};

use crate::child::Place;
use crate::damage::scratch;
use crate::life::{End, one_life};
use crate::sheet::{Control, Line, Proof, Size};

/// What was promised, over all lives of the writer.
#[derive(Clone, Default)]
pub struct Promises {
    added: BTreeSet<String>,
    deleted: BTreeSet<String>,
    /// Counters by account id.
    counters: BTreeMap<String, BTreeSet<u64>>,
    copied: bool,
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

/// The same seed gives the same operations and times.
const SEED: u64 = 1;
/// Kills on one vault; then a new one is begun, because it grows: in turn on the disk, where commits take their time, and in
/// memory, where many are made. What a killed process has written is safe with the system in both.
const LIVES: u32 = 100;

/// Kills many times and finds no loss; then kills the control, which loses something.
pub fn prove(size: Size) -> anyhow::Result<Vec<Line>> {
    let n = size.of(200, 10_000);
    let (mut total, mut losses) = (0, Losses::default());
    for (vault, begun) in (0..n).step_by(LIVES as usize).enumerate() {
        let folder = if vault % 2 == 0 { tempfile::tempdir()? } else { scratch()? };
        let (promises, own) = play(folder.path(), LIVES.min(n - begun), SEED + vault as u64, "acknowledge")?;
        total += promises.total;
        losses = losses.and(own);
    }
    ensure!(total > u64::from(n), "the writer hardly wrote: {total} operations");
    let folder = tempfile::tempdir()?;
    let (_, control) = play(folder.path(), LIVES, SEED, "acknowledge-before")?;
    let Losses { lost, repeated, unopenable } = losses;
    Ok(vec![Line::Proof(Proof {
        id: "R01",
        about: "a writer killed at random points",
        cases: u64::from(n),
        failures: lost + repeated + unopenable,
        detail: format!(
            "{total} acknowledged, {lost} lost, {repeated} counters repeated, {unopenable} unopenable"
        ),
        control: Control {
            about: "acknowledged before the commit",
            failures: control.lost + control.repeated,
        },
    })])
}

impl Losses {
    fn and(self, other: Self) -> Self {
        Self {
            lost: self.lost + other.lost,
            repeated: self.repeated + other.repeated,
            unopenable: self.unopenable + other.unopenable,
        }
    }
}

fn play(folder: &Path, n: u32, seed: u64, work: &str) -> anyhow::Result<(Promises, Losses)> {
    let place = Place::make(folder)?;
    let mut random = fastrand::Rng::with_seed(seed);
    let mut promises = Promises::default();
    let mut losses = Losses::default();
    for life in 0..n {
        let (end, seed) =
            (End::choose(&mut random, 10, Duration::from_millis(15)), random.u64(..).to_string());
        let child =
            [OsStr::new("child"), place.path().as_os_str(), work.as_ref(), "--seed".as_ref(), seed.as_ref()];
        let lines = one_life(child, end).with_context(|| format!("life {life}"))?;
        promises.take(&lines).with_context(|| format!("life {life}"))?;
        let Ok(opened) = place.open() else {
            losses.unopenable += 1;
            continue;
        };
        let mut vault = opened.vault;
        losses.unopenable += u64::from(!is_whole(&mut vault)?);
        losses.lost += promises.missing(&mut vault)?;
        vault.lock();
    }
    losses.repeated = promises.repeated;
    Ok((promises, losses))
}

/// Tells whether a vault may be written and its full check finds nothing.
pub fn is_whole(vault: &mut Vault) -> anyhow::Result<bool> {
    let health = vault.verify()?;
    Ok(vault.mode() == Mode::ReadWrite && health.damaged.is_empty() && health.problems.is_empty())
}

impl Promises {
    /// Takes whole lines of the writer.
    pub fn take(&mut self, lines: &str) -> anyhow::Result<()> {
        for line in lines.lines() {
            self.total += 1;
            match line.split(' ').collect::<Vec<_>>()[..] {
                ["add", name] => {
                    self.added.insert(name.to_owned());
                }
                ["delete", id] => {
                    self.deleted.insert(id.to_owned());
                }
                ["copy"] => self.copied = true,
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
    pub fn missing(&mut self, vault: &mut Vault) -> anyhow::Result<u64> {
        let names: BTreeSet<&str> = vault.items().iter().map(|item| item.account_name.as_str()).collect();
        let lost_adds: Vec<String> =
            self.added.iter().filter(|name| !names.contains(name.as_str())).cloned().collect();
        let mut lost = lost_adds.len() as u64;
        self.added.retain(|name| !lost_adds.contains(name));
        if self.copied && vault.verify()?.last_good_copy_at.is_none() {
            lost += 1;
            self.copied = false;
        }
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
