//! Reads the lines that a command prints and counts its cases.

/// What is counted in a command's output.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Count {
    /// The command is one case.
    Whole,
    /// The cases of Rust's test harness, started with `--show-output`.
    Libtest,
    /// The tests of Swift's testing library.
    SwiftTesting,
    /// One case for each line that begins like this; one with the word `FAILED` has failed. When the command fails without
    /// such a line, the last of them is what failed.
    Lines(&'static str),
    /// The same, and a table stands after the last of them.
    LinesThenTable(&'static str),
}

/// What a command's cases came to.
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct Tally {
    /// Cases that passed.
    pub(crate) passed: usize,
    /// Cases that failed.
    pub(crate) failed: usize,
    /// What failed, by name.
    pub(crate) failures: Vec<String>,
    /// What could not run here, and why.
    pub(crate) not_run: Vec<String>,
}

impl Tally {
    /// Says that something did not run, and why.
    pub(crate) fn not_run(why: String) -> Self {
        println!("not run: {why}");
        Self { not_run: vec![why], ..Self::default() }
    }

    /// Says how each case of `label` went, and counts it.
    pub(crate) fn of(
        label: &str,
        cases: impl IntoIterator<Item = (&'static str, anyhow::Result<()>)>,
    ) -> Self {
        let mut tally = Self::default();
        for (name, result) in cases {
            match result {
                Ok(()) => {
                    println!("{name} ... ok");
                    tally.passed += 1;
                }
                Err(error) => {
                    println!("{name} ... FAILED: {error:#}");
                    tally.fail(format!("{label}: {name}"));
                }
            }
        }
        tally
    }

    /// Adds what another command came to.
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.failures.extend(other.failures);
        self.not_run.extend(other.not_run);
    }

    /// Adds a case that failed.
    pub(crate) fn fail(&mut self, name: impl Into<String>) {
        self.failed += 1;
        self.failures.push(name.into());
    }
}

/// Counts one command's cases, line by line.
pub(crate) struct Counter {
    count: Count,
    tally: Tally,
    /// The test whose output is being shown.
    shown: String,
    /// Whether the harness lists what passed, which it has said before.
    in_successes: bool,
    last_case: String,
    table: bool,
}

/// How a line says that something could not run here.
const NOT_RUN: &str = "not run:";

impl Counter {
    /// Makes a counter.
    pub(crate) fn new(count: Count) -> Self {
        let (tally, shown, last_case) = (Tally::default(), String::new(), String::new());
        Self { count, tally, shown, in_successes: false, last_case, table: false }
    }

    /// Takes one line and tells whether a reader wants to see it.
    pub(crate) fn line(&mut self, line: &str) -> bool {
        if let Some(why) = line.trim().strip_prefix(NOT_RUN) {
            let who = if self.shown.is_empty() { String::new() } else { format!("{}: ", self.shown) };
            let what = format!("{who}{}", why.trim());
            if !self.tally.not_run.contains(&what) {
                self.tally.not_run.push(what);
            }
        }
        match self.count {
            Count::Whole => true,
            Count::Libtest => self.libtest(line),
            Count::SwiftTesting => self.swift_testing(line),
            Count::Lines(start) | Count::LinesThenTable(start) => {
                // Maven puts its colours back before the first line of a test.
                let line = line.trim_start_matches("\u{1b}[0m");
                if line.starts_with(start) && line.contains(" FAILED ") {
                    // The whole line: it says why, and a record may keep nothing else of a run.
                    self.tally.fail(line.replacen(" FAILED ", ": ", 1));
                } else if line.starts_with(start) && !line[start.len()..].starts_with("failed") {
                    self.tally.passed += 1;
                    self.last_case = line.trim_end_matches([':', ' ']).to_owned();
                    self.table = false;
                }
                self.table |= is_rule(line);
                true
            }
        }
    }

    /// Returns what the command came to; `label` names it, `ended_well` is its exit status.
    pub(crate) fn finish(mut self, label: &str, ended_well: bool) -> Tally {
        let counted = self.tally.passed + self.tally.failed;
        match self.count {
            Count::Whole if ended_well => self.tally.passed = 1,
            Count::Whole => self.tally.fail(label),
            Count::Libtest | Count::SwiftTesting if !ended_well && self.tally.failed == 0 => {
                self.tally.fail(format!("{label}: it did not build, or ended early"));
            }
            Count::Lines(_) | Count::LinesThenTable(_) if !ended_well && self.tally.failed == 0 => {
                self.tally.passed = self.tally.passed.saturating_sub(1);
                self.tally.fail(if counted == 0 { label.to_owned() } else { self.last_case });
            }
            Count::LinesThenTable(_) if !self.table => {
                self.tally.fail(format!("{label}: no table at the end"))
            }
            Count::Libtest | Count::SwiftTesting | Count::Lines(_) | Count::LinesThenTable(_) => {}
        }
        if ended_well && self.tally.passed + self.tally.failed == 0 {
            self.tally.fail(format!("{label}: it ran nothing"));
        }
        self.tally
    }

    /// Reads a line of Swift's testing library: what began and what passed is no news to a reader.
    fn swift_testing(&mut self, line: &str) -> bool {
        let test =
            |sign: &str| line.strip_prefix(sign).and_then(|rest| rest.trim_start().strip_prefix("Test "));
        // `Test run with 7 tests passed` is the sum, and `Test case` one of several arguments of a test.
        let counts = |rest: &str| !rest.starts_with("run with ") && !rest.starts_with("case ");
        if let Some(rest) = test("✔").filter(|rest| rest.contains(" passed after ")) {
            self.tally.passed += usize::from(counts(rest));
            return !counts(rest);
        }
        if let Some((name, _)) = test("✘").and_then(|rest| rest.split_once(" failed after "))
            && counts(name)
        {
            self.tally.fail(name);
        }
        if let Some((name, why)) = test("➜").and_then(|rest| rest.split_once(" skipped")) {
            self.tally.not_run.push(format!("{name}{why}"));
        }
        !line.starts_with('◇')
    }

    /// Reads a line of Rust's test harness.
    fn libtest(&mut self, line: &str) -> bool {
        if let Some(name) = line.strip_prefix("---- ").and_then(|rest| rest.strip_suffix(" stdout ----")) {
            name.clone_into(&mut self.shown);
        } else if let Some(result) = line.strip_prefix("test result: ") {
            self.tally.passed += number_before(result, " passed");
            self.tally.failed += number_before(result, " failed");
            let ignored = number_before(result, " ignored");
            if ignored > 0 {
                self.tally.not_run.push(format!("{ignored} ignored tests"));
            }
            self.shown.clear();
            self.in_successes = false;
        } else if let Some(name) =
            line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED"))
        {
            self.tally.failures.push(name.to_owned());
        } else if line == "failures:" {
            self.in_successes = false;
        } else if line == "successes:" {
            self.in_successes = true;
            self.shown.clear();
            return false;
        }
        !(self.in_successes && (line.is_empty() || self.shown.is_empty()))
    }
}

/// Returns the number in front of `word`; 0 when there is none.
fn number_before(text: &str, word: &str) -> usize {
    let before = text.split(word).next().filter(|before| before.len() < text.len()).unwrap_or_default();
    before.rsplit(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// Tells whether a line is the rule under a table's head.
fn is_rule(line: &str) -> bool {
    line.chars().count() >= 10
        && line.chars().all(|c| matches!(c, '─' | '-' | ' ' | '+' | '═' | '='))
        && line.contains(['─', '-', '═', '='])
}

#[cfg(test)]
mod tests;
