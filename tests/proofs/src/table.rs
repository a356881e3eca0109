//! Every proof of this package by name, and the run that leaves none out.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::{bail, ensure};

use crate::sheet::{Line, Size};
use crate::{
    backups, changes, commitment, costs, damage, disk, faults, kill, log, memory, messages, power, share,
    starve, storm, ways,
};

/// One function, and the proofs that it owes a line each.
struct Entry {
    name: &'static str,
    about: &'static str,
    ids: &'static [&'static str],
    run: fn(Size) -> anyhow::Result<Vec<Line>>,
}

const fn entry(
    name: &'static str,
    about: &'static str,
    ids: &'static [&'static str],
    run: fn(Size) -> anyhow::Result<Vec<Line>>,
) -> Entry {
    Entry { name, about, ids, run }
}

/// What takes longest comes first, so that the last ones fill the time that is left.
const ENTRIES: &[Entry] = &[
    entry(
        "changes",
        "kills in each change of ways in, keys and format",
        &["R01-slot-added", "R01-slot-removed", "R01-passphrase", "R01-data-key", "R01-all-keys", "R17"],
        changes::prove,
    ),
    entry("damage", "every byte flipped, every file cut", &["R05", "R05-keys", "R07"], damage::prove),
    entry("kill", "a writer is killed at random points", &["R01"], kill::prove),
    entry("power", "the power goes at random calls", &["R02", "R04"], power::prove),
    entry("keys", "kills while keys and ways in are changed", &["R01-keys"], ways::prove),
    entry("memory", "what stands in memory", &["S10", "S11", "S12"], memory::prove),
    entry("starve", "allocations that fail", &["R11"], starve::prove),
    entry("faults", "calls that fail", &["R10"], faults::prove),
    entry("backups", "kills and faults while backups are written", &["R24", "R24-faults"], backups::prove),
    entry("log", "a log flipped and cut", &["R06", "R07-log"], log::prove),
    entry("messages", "what is printed and logged", &["S14"], messages::prove),
    entry("storm", "readers, a writer and locks at once", &["R13"], storm::prove),
    entry("share", "processes that share one counter", &["R12"], share::prove),
    entry("costs", "slots that ask for too much work", &["R40"], costs::prove),
    entry("commitment", "one ciphertext, two keys", &["S08"], commitment::prove),
    entry("disk", "a disk that is full", &["R09", "R09-copied"], disk::prove),
];

/// As many proofs run at once.
const WORKERS: usize = 2;

/// Prints the table.
pub fn list() {
    for Entry { name, about, ids, .. } in ENTRIES {
        println!("{name:<11} {:<18} {about}", ids.join(" "));
    }
}

/// Returns the names of all proofs.
#[cfg(test)]
pub fn names() -> impl Iterator<Item = &'static str> {
    ENTRIES.iter().map(|entry| entry.name)
}

/// Runs the proofs with these names, or all, and goes on after one that fails, so that one run tells of all.
///
/// # Errors
/// The names of those that failed.
pub fn run(names: &[String], size: Size) -> anyhow::Result<()> {
    let all = names.iter().any(|name| name == "all");
    if let Some(unknown) =
        names.iter().find(|name| *name != "all" && ENTRIES.iter().all(|entry| entry.name != **name))
    {
        bail!("there is no proof `{unknown}`; `list` prints which there are");
    }
    let chosen: Vec<&Entry> =
        ENTRIES.iter().filter(|entry| all || names.iter().any(|name| name == entry.name)).collect();
    ensure!(!chosen.is_empty(), "say `all`, or some of the names that `list` prints");
    // A panic in a thread of ours would be a failure of that proof; its text belongs to nobody's screen.
    std::panic::set_hook(Box::new(|_| {}));
    let failed = run_entries(&chosen, size);
    ensure!(failed.is_empty(), "{} failed", failed.join(", "));
    Ok(())
}

fn run_entries(chosen: &[&Entry], size: Size) -> Vec<&'static str> {
    let (queue, failed) = (Mutex::new(chosen.iter().collect::<VecDeque<_>>()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    let Some(entry) = next else { break };
                    let start = Instant::now();
                    let ill = print(entry, size);
                    println!("  {} took {:.1} s", entry.name, start.elapsed().as_secs_f64());
                    failed.lock().unwrap_or_else(PoisonError::into_inner).extend(ill);
                }
            });
        }
    });
    failed.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Runs one entry, prints a line for each proof that it owes, and returns those that did not hold.
fn print(entry: &Entry, size: Size) -> Vec<&'static str> {
    let result = catch_unwind(AssertUnwindSafe(|| (entry.run)(size)));
    let (lines, why) = match result {
        Ok(Ok(lines)) => (lines, "it printed no line".to_owned()),
        Ok(Err(error)) => (Vec::new(), in_one_line(&format!("{error:#}"))),
        Err(panic) => (Vec::new(), format!("it panicked: {}", in_one_line(said_in(&*panic)))),
    };
    let mut failed = Vec::new();
    for id in entry.ids {
        match lines.iter().find(|line| line.id() == *id) {
            Some(line) => {
                println!("{line}");
                failed.extend((!line.holds()).then_some(*id));
            }
            None => {
                println!("proof {id} FAILED {}: {why}", entry.about);
                failed.push(*id);
            }
        }
    }
    failed
}

/// A line tells of one proof, and whoever counts reads line by line.
fn in_one_line(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
}

fn said_in(panic: &(dyn Any + Send)) -> &str {
    let owned = || panic.downcast_ref::<String>().map(String::as_str);
    panic.downcast_ref::<&str>().copied().or_else(owned).unwrap_or("without a word")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::{Control, Proof};

    fn proof(id: &'static str, control: u64) -> Line {
        let control = Control { about: "c", failures: control };
        Line::Proof(Proof { id, about: "a", cases: 1, failures: 0, detail: String::new(), control })
    }

    fn check(run: fn(Size) -> anyhow::Result<Vec<Line>>, failed: &[&str]) {
        let entry = entry("name", "about", &["A", "B"], run);
        assert_eq!(run_entries(&[&entry], Size::Quick), failed);
    }

    #[test]
    fn what_owes_a_line_and_prints_none_has_failed() {
        check(|_| Ok(vec![proof("A", 1), proof("B", 1)]), &[]);
        check(|_| Ok(vec![proof("A", 1)]), &["B"]);
        check(|_| bail!("no"), &["A", "B"]);
        check(|_| panic!("no"), &["A", "B"]);
    }

    #[test]
    fn why_it_failed_stands_in_its_line() {
        assert_eq!(in_one_line("no:\n\n  not at all\n"), "no:; not at all");
        for panic in [catch_unwind(|| panic!("in {}", 3)), catch_unwind(|| panic!("in 3"))] {
            assert_eq!(said_in(&*panic.unwrap_err()), "in 3");
        }
    }

    #[test]
    fn a_control_that_passes_is_a_failure_of_its_proof() {
        check(|_| Ok(vec![proof("A", 0), proof("B", 1)]), &["A"]);
    }

    #[test]
    fn every_name_and_every_proof_is_there_once() {
        let mut ids: Vec<_> = ENTRIES.iter().flat_map(|entry| entry.ids).collect();
        let mut names: Vec<_> = ENTRIES.iter().map(|entry| entry.name).collect();
        let (n, m) = (ids.len(), names.len());
        ids.sort_unstable();
        ids.dedup();
        names.sort_unstable();
        names.dedup();
        assert_eq!((ids.len(), names.len()), (n, m));
    }
}
