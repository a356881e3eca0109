//! The demo must be able to fail: one that could not would prove nothing.

use crate::count::Tally;
use crate::house::House;
use crate::run::stream;

/// Plays the demo with a step that cannot hold, and expects it to end there.
pub(crate) fn control(house: &House, label: &str) -> Tally {
    let mut command = house.command("cargo");
    command.args(["demo", "--wrong-number"]);
    let (mut named, mut last) = (false, String::new());
    let ended = stream(command, |line| {
        if let Some(step) = line.strip_prefix("step ") {
            step.split(':').next().unwrap_or_default().clone_into(&mut last);
        }
        named |= line.contains(&format!("The demo failed in step {last},"));
        false
    });
    let mut tally = Tally::default();
    match ended {
        Ok(false) if named => {
            println!("a wrong number ended the demo in step {last}, and it said so");
            tally.passed = 1;
        }
        Ok(false) => tally.fail(format!("{label}: it failed without naming the step")),
        Ok(true) => tally.fail(format!("{label}: a wrong number was not noticed")),
        Err(error) => tally.fail(format!("{label}: {error}")),
    }
    tally
}
