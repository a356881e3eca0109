//! `cargo xtask proofs`: one line for each proof that the vault keeps what it promises, each with a control.
//!
//! Those with processes, kills and disks of their own are in the package `proofs`; those that are tests of the core
//! are named here, so that each has its line too. The test itself says what it tries.

use std::collections::BTreeMap;

use crate::house::House;
use crate::run;

/// A proof that consists of tests of the core.
struct Named {
    id: &'static str,
    about: &'static str,
    tests: &'static [&'static str],
    /// The same without the defence, seen to fail; none where the test holds its own.
    control: Option<&'static str>,
}

const fn named(id: &'static str, about: &'static str, tests: &'static [&'static str]) -> Named {
    Named { id, about, tests, control: None }
}

const fn controlled(
    id: &'static str,
    about: &'static str,
    tests: &'static [&'static str],
    control: &'static str,
) -> Named {
    Named { id, about, tests, control: Some(control) }
}

/// Where the tests are.
const SUITES: [&str; 9] = [
    "guarding",
    "vault_backups",
    "vault_branches",
    "vault_golden",
    "vault_opening",
    "vault_salvage",
    "vault_snapshots",
    "vault_tampering",
    "vault_ways_in",
];

const NAMED: &[Named] = &[
    named(
        "R08",
        "salvage",
        &[
            "every_row_whose_page_is_whole_comes_back_and_the_original_is_kept_byte_for_byte",
            "the_newest_snapshot_fills_in_what_the_file_lost",
            "a_file_that_sqlite_refuses_is_salvaged_all_the_same",
        ],
    ),
    named("R15", "suspension", &["a_suspended_vault_holds_no_file_and_goes_on_where_it_was"]),
    named("R16", "golden vaults", &["golden_vaults_of_every_format_open_with_what_they_held"]),
    named(
        "R18",
        "newer files",
        &[
            "a_newer_format_is_shown_and_not_touched",
            "vault::tests::an_account_of_an_unknown_kind_is_carried_as_it_is",
        ],
    ),
    controlled(
        "R20",
        "key-store faults",
        &[
            "none_of_the_six_errors_makes_or_changes_a_slot",
            "a_key_store_that_fails_never_makes_or_unmakes_anything",
        ],
        "control_a_secret_made_anew_because_the_old_one_was_missing_opens_nothing",
    ),
    named(
        "R21",
        "new biometrics",
        &["after_new_biometrics_the_recovery_code_opens_and_the_device_is_added_again"],
    ),
    named("R22", "new phone", &["a_backup_opens_on_a_new_phone_with_all_accounts"]),
    controlled(
        "R23",
        "backup round trip",
        &["vault::snapshot::round_trip::what_was_backed_up_is_what_comes_back"],
        "vault::snapshot::round_trip::the_round_trip_sees_a_row_that_is_lost",
    ),
    named(
        "R26",
        "a backup flipped and cut",
        &["no_change_to_a_backup_goes_unnoticed", "every_bit_of_a_backup_is_under_a_seal"],
    ),
    named("R28", "anchor without a file", &["a_vault_whose_file_is_gone_comes_back_from_its_snapshot"]),
    named(
        "R29",
        "slots damaged and removed",
        &["a_damaged_slot_is_told_from_a_wrong_code", "an_old_copy_of_a_removed_slot_opens_nothing"],
    ),
    controlled(
        "R30",
        "clocks that move",
        &["wrong_passphrases_wait_and_the_wall_clock_has_no_say"],
        "authenticator::auto_lock::tests::control_the_wall_clock_would_never_lock_when_it_is_set_back",
    ),
    named(
        "R31",
        "locking in time",
        &[
            "authenticator::auto_lock::tests::the_background_locks_at_sixty_seconds_and_not_a_millisecond_before",
            "authenticator::auto_lock::tests::a_prompts_background_never_locks_before_sixty_seconds_and_always_then",
            "authenticator::auto_lock::tests::a_sleep_counts",
        ],
    ),
    named("S03", "swaps and replays", &["a_blob_of_another_row_is_never_taken_for_its_own"]),
    named("S04", "the set of rows", &["what_is_added_deleted_doubled_or_reset_is_noticed"]),
    named(
        "S05",
        "slots edited",
        &["vault::slots::tests::with_the_checksum_made_right_every_changed_bit_is_refused_still"],
    ),
    named("S06", "old files put back", &["an_old_file_put_back_is_noticed_however_old"]),
    named("S09", "lengths", &["ten_thousand_names_of_1_to_200_bytes_take_at_most_four_lengths"]),
    named("S13", "freed space", &["no_file_holds_a_name_or_a_secret"]),
    named("S23", "packs", &["a_pack_holds_codes_of_chosen_accounts_and_no_seed_and_no_code_that_counts"]),
    controlled(
        "S24",
        "an old row and its neighbour",
        &["vault::tests::an_old_row_put_back_is_seen_before_its_neighbour_is_signed_for"],
        "vault::tests::control_without_the_check_the_old_row_would_be_signed_for",
    ),
    controlled(
        "S25",
        "branches",
        &["a_file_that_lived_on_elsewhere_is_of_another_branch_and_its_forked_counter_is_named"],
        "control_a_reader_that_compares_numbers_alone_takes_the_other_branch_for_its_own",
    ),
];

/// Runs every proof and tells whether all of them held.
///
/// # Errors
/// A command could not be started.
pub(crate) fn run(house: &House, quick: bool) -> anyhow::Result<bool> {
    let mut tests = house.command("cargo");
    tests.args([
        "test",
        "--locked",
        "--release",
        "--package",
        "authenticator-core",
        "--no-fail-fast",
        "--lib",
    ]);
    tests.args(SUITES.iter().flat_map(|suite| ["--test", suite]));
    let mut outcomes = BTreeMap::new();
    run::stream(tests, |line| {
        outcomes.extend(outcome(line));
        false
    })?;
    let mut held = true;
    for proof in NAMED {
        let (line, ok) = print(proof, &outcomes);
        println!("{line}");
        held &= ok;
    }
    let mut own = house.command("cargo");
    own.args(["run", "--locked", "--release", "--package", "proofs", "--", "all"]);
    own.args(if quick { &[][..] } else { &["--full"] });
    held &= run::stream(own, |line| line.starts_with("proof ") || line.starts_with("not run"))?;
    Ok(held)
}

/// Reads `test NAME ... ok`.
fn outcome(line: &str) -> Option<(String, bool)> {
    let (name, how) = line.strip_prefix("test ")?.split_once(" ... ")?;
    Some((name.to_owned(), how.starts_with("ok")))
}

fn print(proof: &Named, outcomes: &BTreeMap<String, bool>) -> (String, bool) {
    let Named { id, about, tests, control } = proof;
    let ok = |name: &&str| outcomes.get(*name) == Some(&true);
    let failed = tests.iter().filter(|name| !ok(name)).count();
    let seen = control.as_ref().is_none_or(ok);
    let control = match (control, seen) {
        (None, _) => "control within",
        (Some(_), true) => "control seen failing",
        (Some(_), false) => "CONTROL NOT SEEN FAILING",
    };
    (format!("proof {id} {about}: {} tests, {failed} failed, {control}", tests.len()), failed == 0 && seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &[&str], expected: bool) {
        let proof = controlled("R00", "x", &["a::b", "c"], "control");
        let outcomes = lines.iter().filter_map(|line| outcome(line)).collect();
        assert_eq!(print(&proof, &outcomes).1, expected, "{lines:?}");
    }

    #[test]
    fn a_proof_holds_only_when_every_test_and_its_control_were_seen_to_pass() {
        let all = ["test a::b ... ok", "test c ... ok", "test control ... ok"];
        check(&all, true);
        check(&all[..2], false);
        check(&all[1..], false);
        check(&["test a::b ... FAILED", "test c ... ok", "test control ... ok"], false);
    }
}
