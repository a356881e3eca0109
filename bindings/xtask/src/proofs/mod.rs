//! `cargo xtask proofs`: one line for each proof that the vault keeps what it promises, each with a control.
//!
//! Those with processes, kills and disks of their own are in the package `proofs`; those that are tests are named in
//! [`table`], so that each has its line too. What has no line has failed.

mod table;

use std::collections::BTreeMap;
use std::time::Instant;

use crate::house::House;
use crate::suites::{COMPILER, STRACE};
use crate::{install, run};
use table::{NAMED, Named, OWN, SUITES};

/// Tells tests that have two sizes to run at the full one.
const SIZE: (&str, &str) = ("KLINK_PROOFS", "full");

/// What the tests came to, by name, and how many cases each said it had.
#[derive(Default)]
struct Heard {
    outcomes: BTreeMap<String, bool>,
    cases: BTreeMap<String, u64>,
    /// What a test said before it failed, in one line.
    reasons: BTreeMap<String, String>,
    /// The test whose output is being shown.
    shown: String,
}

/// A line tells of one proof: so much of what a test said when it failed stands in it, in bytes.
const REASON: usize = 400;

/// What all lines came to.
#[derive(Debug, Default, Eq, PartialEq)]
struct Sum {
    held: Vec<String>,
    failed: Vec<String>,
    not_run: Vec<String>,
}

/// Runs every proof and tells whether all of them held.
///
/// # Errors
/// A command could not be started.
pub(crate) fn run(house: &House, quick: bool) -> anyhow::Result<bool> {
    let ours = ["--package", "authenticator-core", "--package", "fuzzing", "--package", "proofs"];
    for tool in [&STRACE, &COMPILER] {
        // What is missing then is said by the proof that misses it.
        let _ = install::ensure(house, tool);
    }
    let mut tests = house.command("cargo");
    tests.args(["test", "--locked", "--release", "--no-fail-fast", "--lib"]).args(&ours[..4]);
    tests.args(SUITES.iter().flat_map(|suite| ["--test", suite]));
    let mut build = house.command("cargo");
    build.args(["build", "--locked", "--release"]).args(&ours[4..]);
    let (began, mut sum, mut heard) = (Instant::now(), Sum::default(), Heard::default());
    run::stream(build, |line| line.starts_with("error"))?;
    run::stream(no_run(house, &tests), |line| line.starts_with("error"))?;
    println!("── built in {:.0} s", began.elapsed().as_secs_f64());
    let began = Instant::now();
    let size = (!quick).then_some(SIZE);
    tests.args(["--", "--show-output"]).envs(size).envs(house.in_memory());
    run::stream(tests, |line| {
        heard.line(line);
        false
    })?;
    for proof in NAMED {
        let (line, held) = print(proof, &heard);
        println!("{line}");
        sum.take(&line);
        debug_assert_eq!(held, !line.contains("FAILED"));
    }
    let mut own = house.command("cargo");
    own.args(["run", "--locked", "--release"]).args(&ours[4..]).args(["--", "all"]);
    own.args(if quick { &[][..] } else { &["--full"] });
    let ended_well = run::stream(own, |line| {
        sum.take(line);
        ["proof ", "not run", "wrong"].iter().any(|start| line.starts_with(start)) || line.contains(" took ")
    })?;
    sum.miss(OWN);
    println!("{}", sum.print(house.ci, began.elapsed().as_secs_f64()));
    let complete = sum.not_run.is_empty() || !house.ci;
    Ok(ended_well && sum.failed.is_empty() && complete)
}

/// Builds what `tests` will run.
fn no_run(house: &House, tests: &std::process::Command) -> std::process::Command {
    let mut command = house.command("cargo");
    command.args(tests.get_args()).arg("--no-run");
    command
}

impl Heard {
    /// Reads `test NAME ... ok`, and in the output of a test `cases N` and what follows a panic.
    fn line(&mut self, line: &str) {
        if let Some(name) = line.strip_prefix("---- ").and_then(|rest| rest.strip_suffix(" stdout ----")) {
            name.clone_into(&mut self.shown);
        } else if !self.shown.is_empty() && line.contains("panicked at ") {
            self.reasons.insert(self.shown.clone(), String::new());
        } else if line.starts_with("note: ") || line.starts_with("test result: ") {
            self.shown.clear();
        } else if let Some(reason) = self.reasons.get_mut(&self.shown).filter(|reason| reason.len() < REASON)
        {
            if !line.trim().is_empty() {
                reason.push_str(if reason.is_empty() { "" } else { "; " });
                reason.push_str(line.trim());
            }
        } else if let Some(count) = line.strip_prefix("cases ").and_then(|count| count.parse::<u64>().ok()) {
            *self.cases.entry(self.shown.clone()).or_default() += count;
        } else if let Some((name, how)) = line.strip_prefix("test ").and_then(|rest| rest.split_once(" ... "))
        {
            self.outcomes.insert(name.to_owned(), how.starts_with("ok"));
        }
    }
}

impl Sum {
    /// Takes `proof ID …` and `not run: ID …`.
    fn take(&mut self, line: &str) {
        let id = |rest: &str| rest.split(' ').next().unwrap_or_default().to_owned();
        if let Some(rest) = line.strip_prefix("not run: ") {
            self.not_run.push(id(rest));
        } else if let Some(rest) = line.strip_prefix("proof ") {
            let bad = line.contains("FAILED") || !line.contains("control seen failing");
            if bad { self.failed.push(id(rest)) } else { self.held.push(id(rest)) }
        }
    }

    /// Counts what owed a line and printed none.
    fn miss(&mut self, owed: &[&str]) {
        for id in owed {
            let there =
                [&self.held, &self.failed, &self.not_run].iter().any(|ids| ids.iter().any(|i| i == id));
            if !there {
                println!("proof {id} FAILED: it printed no line");
                self.failed.push((*id).to_owned());
            }
        }
    }

    fn print(&self, ci: bool, seconds: f64) -> String {
        let Self { held, failed, not_run } = self;
        let names =
            |ids: &[String]| if ids.is_empty() { String::new() } else { format!(" ({})", ids.join(" ")) };
        format!(
            "{} proofs held, {} failed{}, {} not run{}{}, in {seconds:.0} s",
            held.len(),
            failed.len(),
            names(failed),
            not_run.len(),
            names(not_run),
            if ci && !not_run.is_empty() { ", which is a failure in CI" } else { "" },
        )
    }
}

fn print(proof: &Named, heard: &Heard) -> (String, bool) {
    let Named { id, about, tests, control: control_test } = proof;
    let ok = |name: &&str| heard.outcomes.get(*name) == Some(&true);
    let failed = tests.iter().filter(|name| !ok(name)).count();
    let cases: u64 = tests.iter().map(|name| heard.cases.get(*name).copied().unwrap_or(1)).sum();
    let seen = ok(control_test);
    let word = if failed == 0 && seen { "" } else { "FAILED " };
    let of_control = control_test.rsplit("control_").next().unwrap_or(control_test).replace('_', " ");
    let control = match (seen, of_control) {
        (true, about) => format!("control seen failing: {about}"),
        (false, about) => format!("CONTROL NOT SEEN FAILING: {about}"),
    };
    let why: String = tests
        .iter()
        .chain([control_test])
        .filter(|name| !ok(name))
        .map(|name| match heard.reasons.get(*name) {
            Some(reason) => format!("; {name}: {reason}"),
            None => format!("; {name} did not run to its end"),
        })
        .collect();
    (format!("proof {id} {word}{about}: {cases} cases, {failed} failed; {control}{why}"), failed == 0 && seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named() -> Named {
        Named { id: "R00", about: "x", tests: &["a::b", "c"], control: "control_nothing_is_checked" }
    }

    fn check(lines: &[&str], expected: bool) {
        let mut heard = Heard::default();
        lines.iter().for_each(|line| heard.line(line));
        let (line, held) = print(&named(), &heard);
        let mut sum = Sum::default();
        sum.take(&line);
        assert_eq!((held, sum.failed.is_empty()), (expected, expected), "{line}");
    }

    #[test]
    fn a_proof_holds_only_when_every_test_and_its_control_were_seen_to_pass() {
        let all = ["test a::b ... ok", "test c ... ok", "test control_nothing_is_checked ... ok"];
        check(&all, true);
        check(&all[..2], false);
        check(&all[1..], false);
        check(&["test a::b ... FAILED", all[1], all[2]], false);
        check(&[all[0], all[1], "test control_nothing_is_checked ... FAILED"], false);
    }

    #[test]
    fn cases_are_those_that_the_tests_say() {
        let mut heard = Heard::default();
        for line in
            ["test c ... ok", "---- c stdout ----", "cases 40", "cases 2", "---- d stdout ----", "cases 9"]
        {
            heard.line(line);
        }
        assert!(print(&named(), &heard).0.contains("x: 43 cases"), "{}", print(&named(), &heard).0);
    }

    #[test]
    fn a_test_that_failed_says_why_in_the_line_of_its_proof() {
        let mut heard = Heard::default();
        for line in [
            "test c ... FAILED",
            "---- c stdout ----",
            "",
            "thread 'c' (7) panicked at core/tests/c.rs:14:9:",
            "assertion `left == right` failed",
            "  left: 2",
            "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
            "failures:",
        ] {
            heard.line(line);
        }
        let (line, held) = print(&named(), &heard);
        assert!(line.contains("; c: assertion `left == right` failed; left: 2; control_nothing"), "{line}");
        assert!(line.contains("a::b did not run to its end") && !held, "{line}");
    }

    #[test]
    fn what_prints_no_line_or_no_control_has_failed() {
        let mut sum = Sum::default();
        sum.take("proof R01 a writer: 200 cases, 0 failed; control seen failing: x, 7 times");
        sum.take("proof R02 FAILED power: it panicked");
        sum.take("proof R03 cut: 200 cases, 0 failed; CONTROL NOT SEEN FAILING: x");
        sum.take("not run: R09 needs unshare");
        sum.miss(&["R01", "R02", "R03", "R09", "R10"]);
        assert_eq!((sum.held.join(" "), sum.failed.join(" ")), ("R01".into(), "R02 R03 R10".into()));
        assert!(sum.print(true, 1.0).contains("1 not run (R09), which is a failure in CI"));
    }

    #[test]
    fn every_proof_is_named_once() {
        let mut ids: Vec<&str> = NAMED.iter().map(|named| named.id).chain(OWN.iter().copied()).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all);
    }
}
