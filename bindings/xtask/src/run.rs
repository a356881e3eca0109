//! Runs a suite step by step; a step that fails does not stop the next.

use std::io::{self, BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::count::{Count, Counter, Tally};
use crate::house::House;
use crate::install;
use crate::report::Outcome;
use crate::suites::{Action, Missing, Step, Suite};

/// Runs all steps of `suite`.
pub(crate) fn suite(house: &House, suite: &'static Suite) -> Outcome {
    let start = Instant::now();
    let mut tally = Tally::default();
    for (n, step) in suite.steps.iter().enumerate() {
        println!("── {} {}/{}: {}", suite.name, n + 1, suite.steps.len(), step.label);
        let label = format!("{}: {}", suite.name, step.label);
        let began = Instant::now();
        let came_to = self::step(house, step, &label);
        let how = if came_to.failed == 0 { "ok" } else { "FAILED" };
        let cases = came_to.passed + came_to.failed;
        println!("── {label}: {how}, {cases} cases in {:.1} s\n", began.elapsed().as_secs_f64());
        tally.add(came_to);
    }
    Outcome { suite: suite.name, tally, seconds: start.elapsed().as_secs_f64() }
}

/// Gets what a step needs and runs it; without something that it needs it is not run.
fn step(house: &House, step: &'static Step, label: &str) -> Tally {
    let mut tally = Tally::default();
    let mut lost = false;
    for (tool, without) in step.needs {
        if let Err(why) = install::ensure(house, tool) {
            println!("not run: {why}");
            tally.not_run.push(why);
            lost |= matches!(without, Missing::Step);
        }
    }
    match step.action {
        Action::Cargo { .. } | Action::Own(_) if lost => {}
        Action::Cargo { args, env, count } => {
            let mut command = house.command("cargo");
            command.args(args).envs(env.iter().copied());
            if matches!(count, Count::Libtest) {
                command.envs(house.in_memory());
            }
            tally.add(counted(command, count, label));
        }
        Action::Own(action) => tally.add(action(house, label)),
    }
    tally
}

/// Runs a command, shows its lines as they come and counts its cases.
pub(crate) fn counted(command: Command, count: Count, label: &str) -> Tally {
    let mut counter = Counter::new(count);
    match stream(command, |line| counter.line(line)) {
        Ok(ended_well) => counter.finish(label, ended_well),
        Err(error) => {
            println!("{label}: {error}");
            counter.finish(label, false)
        }
    }
}

/// Runs a command without input and shows each line that `wanted` wants, both streams in the order they come.
/// Tells whether it ended well.
///
/// # Errors
/// It could not be started or read.
pub(crate) fn stream(mut command: Command, mut wanted: impl FnMut(&str) -> bool) -> io::Result<bool> {
    let (reader, writer) = io::pipe()?;
    let mut child = command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer).spawn()?;
    // The command holds the writing ends too; reading ends when the last of them is closed.
    drop(command);
    let mut lines = BufReader::new(reader);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\n', '\r']);
        if wanted(text) {
            println!("{text}");
        }
        line.clear();
    }
    Ok(child.wait()?.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_streams_are_read_in_their_order() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo one; echo two >&2; echo three; exit 3"]);
        let mut seen = Vec::new();
        let ended_well = stream(command, |line| {
            seen.push(line.to_owned());
            false
        });
        assert!(!ended_well.expect("a shell can be started"));
        assert_eq!(seen, ["one", "two", "three"]);
    }

    #[test]
    fn a_program_that_is_not_there_is_a_failure() {
        let came_to = counted(Command::new("no-such-program-anywhere"), Count::Whole, "label");
        assert_eq!((came_to.passed, came_to.failed), (0, 1));
    }
}
