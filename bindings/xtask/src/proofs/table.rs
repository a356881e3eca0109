//! What must have a line: tests of the core by name, each with its control, and what the package `proofs` owes.

/// A proof that consists of tests.
pub(super) struct Named {
    pub(super) id: &'static str,
    pub(super) about: &'static str,
    pub(super) tests: &'static [&'static str],
    /// The same without the defence, seen to fail.
    pub(super) control: &'static str,
}

const fn named(
    id: &'static str,
    about: &'static str,
    tests: &'static [&'static str],
    control: &'static str,
) -> Named {
    Named { id, about, tests, control }
}

/// The proofs that the package `proofs` prints a line for.
pub(super) const OWN: &[&str] = &[
    "R01",
    "R01-all-keys",
    "R01-data-key",
    "R01-keys",
    "R01-passphrase",
    "R01-slot-added",
    "R01-slot-removed",
    "R02",
    "R04",
    "R05",
    "R05-keys",
    "R06",
    "R07",
    "R07-log",
    "R09",
    "R09-copied",
    "R10",
    "R11",
    "R12",
    "R13",
    "R17",
    "R24",
    "R24-faults",
    "R40",
    "S08",
    "S10",
    "S11",
    "S12",
    "S14",
];

/// Where the tests are: the core's own, and those of the targets of a fuzzer.
pub(super) const SUITES: [&str; 16] = [
    "confirming",
    "controls",
    "guarding",
    "import_accounting",
    "key_store_faults",
    "locked_api",
    "smoke",
    "vault_backups",
    "vault_branches",
    "vault_golden",
    "vault_opening",
    "vault_salvage",
    "vault_snapshots",
    "vault_tampering",
    "vault_traces",
    "vault_ways_in",
];

pub(super) const NAMED: &[Named] = &[
    named(
        "R05-push",
        "bytes of push.db flipped",
        &["vault::push_db::tests::damage::a_flipped_byte_of_push_db_shows_nothing_that_was_not_stored"],
        "vault::push_db::tests::damage::control_rows_of_a_flipped_push_db_read_without_their_seals_are_others",
    ),
    named(
        "R07-push",
        "push.db cut",
        &["vault::push_db::tests::damage::a_push_db_cut_anywhere_shows_nothing_that_was_not_stored"],
        "vault::push_db::tests::damage::control_rows_of_a_flipped_push_db_read_without_their_seals_are_others",
    ),
    named(
        "R08",
        "salvage",
        &[
            "every_row_whose_page_is_whole_comes_back_and_the_original_is_kept_byte_for_byte",
            "the_newest_snapshot_fills_in_what_the_file_lost",
            "a_file_that_sqlite_refuses_is_salvaged_all_the_same",
        ],
        "control_sqlite_alone_gives_back_fewer_rows_than_salvage",
    ),
    named(
        "R15",
        "suspension",
        &["a_suspended_vault_holds_no_file_and_goes_on_where_it_was"],
        "control_an_open_vault_holds_its_file",
    ),
    named(
        "R16",
        "golden vaults",
        &["golden_vaults_of_every_format_open_with_what_they_held"],
        "control_a_golden_vault_with_one_byte_edited_is_not_what_it_was",
    ),
    named(
        "R18",
        "newer files",
        &[
            "a_newer_format_is_shown_and_not_touched",
            "vault::tests::an_account_of_an_unknown_kind_is_carried_as_it_is",
        ],
        "control_a_reader_that_ignores_the_format_writes_the_newer_file",
    ),
    named(
        "R20",
        "key-store faults",
        &[
            "none_of_the_six_errors_makes_or_changes_a_slot",
            "a_key_store_that_fails_never_makes_or_unmakes_anything",
            "no_flow_makes_or_changes_anything_because_the_key_store_failed",
        ],
        "control_a_flow_that_makes_anew_what_it_could_not_get_is_seen",
    ),
    named(
        "R21",
        "new biometrics",
        &["after_new_biometrics_the_recovery_code_opens_and_the_device_is_added_again"],
        "control_a_secret_made_anew_because_the_old_one_was_missing_opens_nothing",
    ),
    named(
        "R22",
        "new phone",
        &["a_backup_opens_on_a_new_phone_with_all_accounts"],
        "control_a_reader_that_compares_numbers_alone_takes_the_other_branch_for_its_own",
    ),
    named(
        "R23",
        "backup round trip",
        &["vault::snapshot::round_trip::what_was_backed_up_is_what_comes_back"],
        "vault::snapshot::round_trip::the_round_trip_sees_a_row_that_is_lost",
    ),
    named(
        "R25",
        "import accounting",
        &["every_entry_of_every_fixture_is_in_one_count", "files_that_are_cut_and_flipped_add_up_as_well"],
        "control_an_entry_that_is_dropped_without_a_word_is_seen",
    ),
    named(
        "R26",
        "a backup flipped and cut",
        &["no_change_to_a_backup_goes_unnoticed", "every_bit_of_a_backup_is_under_a_seal"],
        "control_a_reader_that_believes_the_header_is_told_something_false",
    ),
    named(
        "R28",
        "anchor without a file",
        &["a_vault_whose_file_is_gone_comes_back_from_its_snapshot"],
        "control_who_looks_for_files_alone_makes_a_new_vault_over_the_old_one",
    ),
    named(
        "R29",
        "slots damaged and removed",
        &["a_damaged_slot_is_told_from_a_wrong_code", "an_old_copy_of_a_removed_slot_opens_nothing"],
        "control_without_its_checksum_a_damaged_slot_is_called_a_wrong_code",
    ),
    named(
        "R30",
        "clocks that move",
        &[
            "codes_are_those_of_the_second_they_are_asked_for_however_the_clock_jumps",
            "wrong_passphrases_wait_and_the_wall_clock_has_no_say",
        ],
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
        "control_without_a_watch_nothing_is_ever_locked",
    ),
    named(
        "S02",
        "names and secrets in files",
        &["no_file_holds_a_name_or_a_secret_in_any_spelling", "no_file_holds_a_name_or_a_secret"],
        "control_what_is_written_in_the_clear_is_found",
    ),
    named(
        "S03",
        "swaps and replays",
        &[
            "a_blob_of_another_row_is_never_taken_for_its_own",
            "an_earlier_revision_of_a_row_is_refused",
            "columns_and_tables_cannot_be_crossed",
        ],
        "control_sealed_without_its_place_a_row_opens_in_anothers",
    ),
    named(
        "S04",
        "the set of rows",
        &["what_is_added_deleted_doubled_or_reset_is_noticed"],
        "control_the_seals_alone_miss_a_row_that_was_taken_away",
    ),
    named(
        "S05",
        "slots edited",
        &[
            "vault::slots::tests::with_the_checksum_made_right_every_changed_bit_is_refused_still",
            "vault::slots::tests::a_slot_of_another_vault_is_refused",
            "vault::slots::tests::a_passphrase_slot_with_other_costs_is_refused",
        ],
        "control_the_checksum_alone_believes_every_edited_slot",
    ),
    named(
        "S06",
        "old files put back",
        &["an_old_file_put_back_is_noticed_however_old"],
        "control_without_an_anchor_an_old_file_is_as_good_as_any",
    ),
    named(
        "S09",
        "lengths",
        &["ten_thousand_names_of_1_to_200_bytes_take_at_most_four_lengths"],
        "control_the_names_themselves_have_all_lengths",
    ),
    named(
        "S13",
        "freed space",
        &["what_was_deleted_for_good_leaves_no_sealed_byte_in_the_database"],
        "control_without_secure_delete_deleted_rows_stay_in_the_file",
    ),
    named(
        "S19",
        "nothing leaves unconfirmed",
        &[
            "a_confirmation_is_good_once_and_for_sixty_seconds",
            "nothing_is_revealed_or_erased_without_a_confirmation_made_just_now",
            "with_the_lock_off_the_device_opens_the_vault_and_confirms_nothing",
        ],
        "control_below_the_flows_nobody_asks_and_the_secret_is_there",
    ),
    named(
        "S20",
        "every function, locked and read-only",
        &[
            "every_function_stands_in_one_of_the_tables",
            "whatever_needs_the_vault_answers_that_it_is_locked",
            "whatever_changes_the_vault_is_refused_in_every_read_only_mode",
        ],
        "control_unlocked_every_call_is_answered",
    ),
    named(
        "S23",
        "packs",
        &["a_pack_holds_codes_of_chosen_accounts_and_no_seed_and_no_code_that_counts"],
        "control_an_opened_pack_shows_what_the_sealed_one_does_not",
    ),
    named(
        "S24",
        "an old row and its neighbour",
        &["vault::tests::an_old_row_put_back_is_seen_before_its_neighbour_is_signed_for"],
        "vault::tests::control_without_the_check_the_old_row_would_be_signed_for",
    ),
    named(
        "S25",
        "branches",
        &["a_file_that_lived_on_elsewhere_is_of_another_branch_and_its_forked_counter_is_named"],
        "control_a_reader_that_compares_numbers_alone_takes_the_other_branch_for_its_own",
    ),
    named(
        "F05",
        "any bytes as a sealed blob, a slot, a manifest",
        &[
            "any_bytes_as_a_sealed_blob_show_nothing_false",
            "any_bytes_as_a_slot_show_nothing_false",
            "any_bytes_in_the_manifest_show_nothing_false",
        ],
        "control_a_reader_that_checks_nothing_is_shown_something_false",
    ),
    named(
        "F10",
        "any bytes as a file",
        &["any_bytes_as_a_file_show_nothing_false"],
        "control_a_reader_that_checks_nothing_is_shown_something_false",
    ),
];
