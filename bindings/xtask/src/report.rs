//! The table at the end, and the plain last line.

use std::fmt::Write;

use crate::count::Tally;

/// What a suite came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Its name.
    pub(crate) suite: &'static str,
    /// Its cases.
    pub(crate) tally: Tally,
    /// How long it took.
    pub(crate) seconds: f64,
}

/// What may be left out in CI too: files that are not ours to pass on, and phones.
const MAY_BE_LEFT_OUT: [&str; 2] = ["corpus", "real device"];

impl Outcome {
    /// Returns how many cases failed; in CI what could not run has failed as well.
    pub(crate) fn failed(&self, ci: bool) -> usize {
        let left_out = self.tally.not_run.iter().filter(|why| ci && !may_be_left_out(why)).count();
        self.tally.failed + left_out
    }
}

/// Prints the table, what failed, and the count of all cases alone on the last line.
pub(crate) fn print(outcomes: &[Outcome], ci: bool) -> String {
    let mut text = format!("{:<8} {:>6} {:>7} {:>8}  not run\n", "suite", "cases", "failed", "seconds");
    text += &"─".repeat(60);
    text.push('\n');
    for outcome in outcomes {
        let cases = outcome.tally.passed + outcome.failed(ci);
        let mut reasons = outcome.tally.not_run.iter().map(|why| match ci && !may_be_left_out(why) {
            true => format!("{why} (a failure in CI)"),
            false => why.clone(),
        });
        let first = reasons.next().unwrap_or_else(|| "-".to_owned());
        let (suite, failed, seconds) = (outcome.suite, outcome.failed(ci), outcome.seconds);
        line(&mut text, format_args!("{suite:<8} {cases:>6} {failed:>7} {seconds:>8.1}  {first}"));
        for reason in reasons {
            line(&mut text, format_args!("{:<8} {:>6} {:>7} {:>8}  {reason}", "", "", "", ""));
        }
    }
    text.push('\n');
    for (suite, failure) in
        outcomes.iter().flat_map(|o| o.tally.failures.iter().map(|failure| (o.suite, failure)))
    {
        let place = if failure.starts_with(suite) { failure.clone() } else { format!("{suite}: {failure}") };
        line(&mut text, format_args!("failed: {place}"));
    }
    let passed: usize = outcomes.iter().map(|outcome| outcome.tally.passed).sum();
    let failed: usize = outcomes.iter().map(|outcome| outcome.failed(ci)).sum();
    line(&mut text, format_args!("{passed} passed, {failed} failed"));
    text
}

fn may_be_left_out(why: &str) -> bool {
    MAY_BE_LEFT_OUT.iter().any(|word| why.contains(word))
}

fn line(text: &mut String, what: std::fmt::Arguments<'_>) {
    writeln!(text, "{what}").expect("writing to a String never fails");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcomes() -> [Outcome; 2] {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let not_run =
            owned(&["imports: no corpus", "python3-venv is missing: install the package python3-venv"]);
        let rust = Tally { passed: 41, failed: 1, failures: owned(&["tests::a"]), not_run };
        let demo = Tally { passed: 7, ..Tally::default() };
        [
            Outcome { suite: "rust", tally: rust, seconds: 61.25 },
            Outcome { suite: "demo", tally: demo, seconds: 2.0 },
        ]
    }

    #[test]
    fn the_last_line_holds_the_sums_alone() {
        let text = print(&outcomes(), false);
        assert_eq!(text.lines().last(), Some("48 passed, 1 failed"));
        assert!(text.contains("failed: rust: tests::a\n"), "{text}");
        assert!(text.contains("rust         42       1     61.2  imports: no corpus\n"), "{text}");
        assert!(text.contains("demo          7       0      2.0  -\n"), "{text}");
    }

    #[test]
    fn in_ci_what_was_not_run_has_failed_unless_it_needs_the_corpus_or_a_device() {
        assert_eq!(outcomes()[0].failed(true), 2);
        assert_eq!(outcomes()[0].failed(false), 1);
        assert_eq!(print(&outcomes(), true).lines().last(), Some("48 passed, 2 failed"));
        assert!(may_be_left_out("no real device is attached"));
    }
}
