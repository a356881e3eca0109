use super::*;

/// What `cargo test -- --show-output` printed for a crate with one test that passed with output, one that failed
/// and one doctest.
const SHOWN: &str = "\
   Compiling sample v0.1.0
    Finished `test` profile [unoptimized + debuginfo] target(s) in 0.39s
     Running unittests src/lib.rs (target/debug/deps/sample-e6daf73c296d6df0)

running 3 tests
test tests::one_and_one_is_three ... FAILED
test tests::corpus_files_are_read ... ok
test tests::two_is_two ... ok

successes:

---- tests::corpus_files_are_read stdout ----
not run: no corpus


successes:
    tests::corpus_files_are_read
    tests::two_is_two

failures:

---- tests::one_and_one_is_three stdout ----

thread 'tests::one_and_one_is_three' (1438) panicked at src/lib.rs:14:9:
assertion `left == right` failed
  left: 2
 right: 3
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace


failures:
    tests::one_and_one_is_three

test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

error: test failed, to rerun pass `--lib`
   Doc-tests sample

running 1 test
test src/lib.rs - (line 2) ... ok

successes:

successes:
    src/lib.rs - (line 2)

test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.12s

error: 1 target failed:
    `--lib`
";

/// What `swift test` printed for a test that passed, one with two arguments of which one failed, and the sum.
const SWIFT: &str = "\
Building for debugging...
◇ Test run started.
◇ Suite Tests started.
◇ Test passes() started.
✔ Test passes() passed after 0.001 seconds.
➜ Test needs() skipped: \"no library here\"
◇ Passing 2 arguments reason → \"a\" to takes(_:)
✘ Test takes(_:) recorded an issue with 1 argument reason → \"b\" at Tests.swift:7:9: Expectation failed: 1 == 2
✘ Test takes(_:) with 2 test cases failed after 0.002 seconds with 1 issue.
✘ Suite Tests failed after 0.003 seconds with 1 issue.
✘ Test run with 2 tests failed after 0.004 seconds with 1 issue.
";

/// Counts `output` and returns the tally and the lines that are shown.
fn count(count: Count, output: &str, ended_well: bool) -> (Tally, Vec<&str>) {
    let mut counter = Counter::new(count);
    let shown = output.lines().filter(|line| counter.line(line)).collect();
    (counter.finish("the label", ended_well), shown)
}

fn tally(passed: usize, failures: &[&str], not_run: &[&str]) -> Tally {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Tally { passed, failed: failures.len(), failures: owned(failures), not_run: owned(not_run) }
}

#[test]
fn a_line_that_says_failed_is_a_case_that_failed() {
    let output = "proof R01 a writer: 200 cases, 0 failed; control seen failing: x, 7 times\n\
                  proof R02 FAILED power: 300 cases, 1 failed; control seen failing: x, 7 times\n\
                  proof R05 bytes: 9 cases, 0 failed; control seen failing: x, 7 times\nproofs: R02 failed\n";
    let (tally_, _) = count(Count::Lines("proof "), output, false);
    let why = "proof R02: power: 300 cases, 1 failed; control seen failing: x, 7 times";
    assert_eq!(tally_, tally(2, &[why], &[]));
}

#[test]
fn results_of_several_test_programs_add_up() {
    let (tally_, _) = count(Count::Libtest, SHOWN, false);
    let expected = tally(3, &["tests::one_and_one_is_three"], &["tests::corpus_files_are_read: no corpus"]);
    assert_eq!(tally_, expected);
}

#[test]
fn what_passed_is_not_listed_twice_and_what_failed_is_shown_whole() {
    let (_, shown) = count(Count::Libtest, SHOWN, false);
    for listed in ["successes:", "    tests::two_is_two", "    src/lib.rs - (line 2)"] {
        assert!(!shown.contains(&listed), "{listed}");
    }
    assert!(shown.contains(&"test tests::two_is_two ... ok"));
    assert!(shown.contains(&"not run: no corpus"));
    assert!(shown.contains(&"assertion `left == right` failed"));
    assert!(shown.contains(&"    tests::one_and_one_is_three"));
}

#[test]
fn a_test_program_that_does_not_build_is_one_failure() {
    let output = "error[E0425]: cannot find value `x` in this scope\nerror: could not compile `sample`\n";
    let (tally_, _) = count(Count::Libtest, output, false);
    assert_eq!(tally_, tally(0, &["the label: it did not build, or ended early"], &[]));
}

#[test]
fn an_ignored_test_is_not_run() {
    let output =
        "test result: ok. 4 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.1s\n";
    assert_eq!(count(Count::Libtest, output, true).0, tally(4, &[], &["2 ignored tests"]));
}

#[test]
fn a_command_that_ran_nothing_has_failed() {
    for kind in [Count::Libtest, Count::Lines("proof ")] {
        assert_eq!(count(kind, "", true).0, tally(0, &["the label: it ran nothing"], &[]), "{kind:?}");
    }
}

#[test]
fn a_command_that_is_one_case_goes_by_its_exit_status() {
    assert_eq!(count(Count::Whole, "not run: no such tool\n", true).0, tally(1, &[], &["no such tool"]));
    assert_eq!(count(Count::Whole, "", false).0, tally(0, &["the label"], &[]));
}

#[test]
fn the_last_line_of_a_command_that_fails_is_what_failed() {
    let output =
        "proof kill: 200 kills, 0 lost\nwaiting\nproof share: 999 distinct\nproof failed: 1000 were taken\n";
    assert_eq!(count(Count::Lines("proof "), output, true).0, tally(2, &[], &[]));
    assert_eq!(count(Count::Lines("proof "), output, false).0, tally(1, &["proof share: 999 distinct"], &[]));
    assert_eq!(count(Count::Lines("proof "), "", false).0, tally(0, &["the label"], &[]));
}

#[test]
fn a_table_must_stand_after_the_last_step() {
    let table = "issuer   code\n────────────────\nBank     123 456\n";
    let kind = Count::LinesThenTable("step ");
    assert_eq!(count(kind, &format!("step 1: scan\n{table}"), true).0, tally(1, &[], &[]));
    let early = format!("step 1: scan\n{table}step 2: lock\ndone\n");
    assert_eq!(count(kind, &early, true).0, tally(2, &["the label: no table at the end"], &[]));
}

#[test]
fn a_text_that_only_mentions_it_is_not_a_thing_that_was_not_run() {
    let output = "12 |     println!(\"not run: no corpus\");\n";
    assert_eq!(count(Count::Whole, output, true).0, tally(1, &[], &[]));
}

#[test]
fn tests_in_swift_are_counted_and_their_sum_is_not() {
    let (counted, shown) = count(Count::SwiftTesting, SWIFT, false);
    assert_eq!(counted, tally(1, &["takes(_:) with 2 test cases"], &["needs(): \"no library here\""]));
    assert!(shown.iter().any(|line| line.contains("Expectation failed")), "{shown:?}");
    assert!(!shown.iter().any(|line| line.contains("passes()")), "{shown:?}");
}

#[test]
fn tests_in_swift_that_did_not_build_are_a_failure() {
    let (counted, _) = count(Count::SwiftTesting, "error: fatalError\n", false);
    assert_eq!((counted.passed, counted.failed), (0, 1));
}
