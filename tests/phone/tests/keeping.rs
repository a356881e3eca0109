//! Snapshots, backups and recovery, as a person has them at the terminal.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod running;

use std::fs;
use std::path::PathBuf;

use running::{HOTP, Klink, TOTP};
use serde_json::json;

/// Makes a vault with two accounts.
fn with_two() -> Klink {
    let klink = Klink::new();
    [TOTP, HOTP].iter().for_each(|text| drop(klink.ok(&["add", text])));
    klink
}

fn accounts(klink: &Klink) -> usize {
    klink.json(&["list"]).as_array().unwrap().len()
}

#[test]
fn a_snapshot_is_there_after_use_and_says_what_opens_it() {
    let klink = with_two();
    klink.ok(&["list"]);
    let all = klink.json(&["snapshots", "--now"]);
    let newest = all.as_array().unwrap().last().unwrap();
    assert_eq!((&newest["state"], &newest["accounts"]), (&"whole".into(), &2.into()));
    assert!(newest["opens_with"][0].as_str().unwrap().starts_with("passphrase of 20"), "{newest}");
    assert!(klink.ok(&["snapshots"]).contains("whole"));
    let gone = klink.run(&["snapshots", "--drop", "77", "--json"]);
    assert!(String::from_utf8(gone.stdout).unwrap().contains("no_such_snapshot"));
}

#[test]
fn a_backup_becomes_the_vault_of_another_machine() {
    let klink = with_two();
    let backup = klink.path("mine.akb");
    let backup = backup.to_str().unwrap();
    assert_eq!(klink.json(&["backup", backup])["accounts"], 2);
    assert_eq!(klink.run(&["backup", backup]).status.code(), Some(1), "no file is overwritten");
    let other = Klink { folder: tempfile::tempdir().unwrap() };
    let shown = other.json(&["recover", "--from", backup]);
    assert_eq!(
        (&shown["what"], &shown["accounts"], &shown["done"]),
        (&"restore".into(), &2.into(), &false.into())
    );
    assert!(!other.path("vault/vault.db").exists(), "nothing is done without --yes");
    other.ok(&["recover", "--from", backup, "--yes"]);
    assert_eq!(accounts(&other), 2);
    assert_eq!(other.json(&["verify"])["mode"], "read_write");
}

#[test]
fn a_damaged_file_gives_its_accounts_back_after_the_user_says_yes() {
    let klink = with_two();
    let file = klink.path("vault/vault.db");
    let mut bytes = fs::read(&file).unwrap();
    bytes[..4096].fill(0);
    fs::write(&file, &bytes).unwrap();
    assert_eq!(klink.run(&["list"]).status.code(), Some(1));
    let shown = klink.json(&["recover"]);
    assert_eq!((&shown["what"], shown["rows"].as_array().unwrap().len()), (&"salvage".into(), 2));
    assert_eq!(fs::read(&file).unwrap(), bytes, "nothing is done without --yes");
    klink.ok(&["recover", "--yes"]);
    assert_eq!(accounts(&klink), 2);
    let kept = PathBuf::from(shown["quarantine"].as_str().unwrap());
    assert_eq!(fs::read(kept.join("vault.db")).unwrap(), bytes, "the original is kept");
}

#[test]
fn a_lost_file_comes_back_from_the_newest_snapshot() {
    let klink = with_two();
    klink.ok(&["snapshots", "--now"]);
    fs::remove_file(klink.path("vault/vault.db")).unwrap();
    let refused = klink.run(&["list", "--json"]);
    assert!(String::from_utf8(refused.stdout).unwrap().contains("previous_vault"));
    assert_eq!(klink.json(&["recover"])["accounts"], 2);
    klink.ok(&["recover", "--yes"]);
    assert_eq!(accounts(&klink), 2);
    assert_eq!(klink.json(&["verify"])["mode"], "read_write");
}

#[test]
fn an_old_file_put_back_gets_what_the_newer_snapshot_has() {
    let klink = with_two();
    let file = klink.path("vault/vault.db");
    let old = fs::read(&file).unwrap();
    klink.ok(&["add", "otpauth://totp/Newer?secret=MZXW6YTBOI"]);
    klink.ok(&["snapshots", "--now"]);
    fs::write(&file, &old).unwrap();
    let _ = fs::remove_file(klink.path("vault/vault.db-wal"));
    assert_eq!(klink.json(&["verify"])["mode"], "rolled_back");
    let shown = klink.json(&["recover"]);
    assert_eq!((&shown["what"], &shown["mode"]), (&"merge".into(), &"rolled_back".into()));
    assert_eq!(klink.json(&["verify"])["mode"], "rolled_back", "nothing is done without --yes");
    klink.ok(&["recover", "--yes"]);
    assert_eq!(accounts(&klink), 3);
    assert_eq!(klink.json(&["verify"])["mode"], "read_write");
    assert_eq!(klink.json(&["recover"])["what"], "nothing");
}

#[test]
fn a_changed_passphrase_opens_and_the_old_one_waits_after_five_tries() {
    let klink = with_two();
    let old = klink.path("old.txt");
    let new = klink.path("new.txt");
    fs::write(&old, "a passphrase for tests\n").unwrap();
    fs::write(&new, "walnut harbour quilt seventeen dolphin\n").unwrap();
    let (old, new) = (old.to_str().unwrap(), new.to_str().unwrap());
    let changed = klink.json(&["passphrase", "--new-passphrase-file", new]);
    assert_eq!(changed["strength"], 4);
    // The sixth waits, unless this machine took longer than the wait to ask; then the seventh does, for twice as long.
    let waits = (0..12).position(|n| {
        let refused = klink.refused(&["list", "--passphrase-file", old]);
        assert!(n > 4 || refused["error"] == "wrong_passphrase", "try {n}: {refused}");
        refused["error"] == "too_soon"
    });
    assert!(waits.is_some());
    // The boot clock of this machine ends the wait.
    let opened = (0..5_000).any(|_| klink.run(&["list", "--passphrase-file", new]).status.success());
    assert!(opened);
    assert_eq!(klink.json(&["passphrase", "--check", "--passphrase-file", new])["checked"], true);
    let slots = klink.json(&["slots", "--passphrase-file", new]);
    assert_eq!(slots.as_array().unwrap().len(), 1);
    let id = slots[0]["id"].as_str().unwrap();
    let last = klink.run(&["slots", "--remove", id, "--json", "--passphrase-file", new]);
    assert!(String::from_utf8(last.stdout).unwrap().contains("no_portable_slot"));
}

#[test]
fn a_rotation_keeps_every_account_and_a_snapshot_of_before() {
    let klink = with_two();
    assert_eq!(klink.json(&["rotate"])["rotated"], 2);
    assert_eq!(accounts(&klink), 2);
    let health = klink.json(&["verify"]);
    assert_eq!(health["mode"], "read_write");
    assert_eq!(health["problems"].as_array().unwrap().len(), 0, "{health}");
}

#[test]
fn what_was_erased_is_in_no_snapshot_and_the_code_of_before_opens_nothing() {
    let klink = Klink { folder: tempfile::tempdir().unwrap() };
    let old = klink.typed_back(&["init", "--recovery-code"], |code| code.to_owned()).unwrap();
    fs::write(klink.path("old"), &old).unwrap();
    let old = klink.path("old");
    let old = ["--recovery-code-file", old.to_str().unwrap()];
    [TOTP, HOTP].iter().for_each(|text| drop(klink.ok(&["add", text])));
    klink.ok(&["snapshots", "--now"]);
    klink.ok(&["delete", "github"]);
    klink.ok(&[&["list"], &old[..]].concat());
    assert_eq!(klink.refused(&["erase"])["error"], "needs_yes");
    assert_eq!(
        klink.json(&["list", "--trash"]).as_array().unwrap().len(),
        1,
        "nothing is done without --yes"
    );
    // Without the code typed back nothing is erased.
    assert_eq!(klink.refused(&["erase", "--yes"])["error"], "not_typed_back");
    assert!(klink.typed_back(&["erase", "--yes"], |_| "ABCD".to_owned()).is_err());
    assert_eq!(klink.json(&["list", "--trash"]).as_array().unwrap().len(), 1);
    let new = klink.typed_back(&["erase", "--yes"], |code| code.to_lowercase()).unwrap();
    assert_eq!((accounts(&klink), klink.json(&["list", "--trash"])), (1, json!([])));
    assert_eq!(klink.json(&["snapshots"]).as_array().unwrap().len(), 1);
    assert_eq!(klink.json(&["verify"])["problems"], json!([]));
    assert_eq!(klink.refused(&[&["list"], &old[..]].concat())["error"], "wrong_passphrase");
    fs::write(klink.path("old"), new).unwrap();
    klink.ok(&[&["list"], &old[..]].concat());
}

#[test]
fn an_erasure_with_a_new_passphrase_leaves_the_old_one_behind() {
    let klink = with_two();
    klink.ok(&["delete", "door"]);
    fs::write(klink.path("new"), "walnut harbour quilt seventeen dolphin\n").unwrap();
    let new = klink.path("new");
    let new = new.to_str().unwrap();
    let erased = klink.json(&["erase", "--yes", "--new-passphrase", "--new-passphrase-file", new]);
    assert_eq!((&erased["erased"], &erased["remains"]), (&json!(1), &json!([])));
    assert_eq!(klink.refused(&["list"])["error"], "wrong_passphrase");
    assert_eq!(klink.json(&["list", "--passphrase-file", new]).as_array().unwrap().len(), 1);
}

#[test]
fn a_recovery_code_counts_when_it_was_typed_back_on_standard_input_too() {
    let klink = with_two();
    assert_eq!(klink.refused(&["recovery-code"])["error"], "not_typed_back");
    assert_eq!(klink.json(&["slots"]).as_array().unwrap().len(), 1);
    let code = klink.typed_back(&["recovery-code"], |code| code.replace('-', " ")).unwrap();
    fs::write(klink.path("code"), code).unwrap();
    klink.ok(&["list", "--recovery-code-file", klink.path("code").to_str().unwrap()]);
    let report = klink.ok(&["verify"]);
    assert!(report.contains("klink recovery-code"), "a code that was used is to be made anew: {report}");
}

#[test]
fn with_the_lock_off_codes_are_shown_unasked_and_secrets_are_not() {
    let klink = with_two();
    let unasked = |arguments: &[&str]| {
        let mut command = klink.command(&[arguments, &["--json"]].concat());
        let output = command.env_remove("KLINK_PASSPHRASE").output().unwrap();
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()
    };
    assert_eq!(unasked(&["list"])["error"], "no_passphrase", "the control: the lock is on");
    assert_eq!(klink.json(&["lock", "off"]), json!({ "lock": "off" }));
    assert_eq!(unasked(&["list"]).as_array().unwrap().len(), 2);
    assert_eq!(unasked(&["codes", "--at", "59"])[0]["code"], "287082");
    for asks in [&["show", "github", "--reveal"][..], &["slots"], &["lock", "on"], &["rotate"]] {
        assert_eq!(unasked(asks)["error"], "no_passphrase", "{asks:?}");
    }
    // A wrong passphrase that was given is not passed over.
    let mut wrong = klink.command(&["list", "--json"]);
    let wrong = wrong.env("KLINK_PASSPHRASE", "another").output().unwrap();
    assert!(String::from_utf8(wrong.stdout).unwrap().contains("wrong_passphrase"));
    fs::rename(klink.path("device"), klink.path("elsewhere")).unwrap();
    assert_eq!(unasked(&["list"])["error"], "no_passphrase", "another machine asks");
    fs::rename(klink.path("elsewhere"), klink.path("device")).unwrap();
    klink.ok(&["lock", "on"]);
    assert_eq!(unasked(&["list"])["error"], "no_passphrase");
    assert_eq!(klink.refused(&["lock", "on"])["error"], "no_such_slot");
}

#[test]
fn a_check_is_a_table_with_a_row_for_each_thing() {
    let klink = with_two();
    let report = klink.ok(&["verify"]);
    let row =
        |name: &str| report.lines().find(|line| line.trim_start().starts_with(name)).unwrap_or_default();
    assert!(report.lines().nth(1).unwrap().contains("───"), "{report}");
    assert!(row("accounts").contains("2, all open") && row("file").contains("whole"), "{report}");
    assert!(row("snapshots").contains("good one"), "{report}");
    fs::remove_file(klink.path("vault/vault.keys")).unwrap();
    fs::write(klink.path("vault/snap/000001.akb"), b"no snapshot").unwrap();
    assert!(klink.ok(&["verify"]).contains("snapshot 1 cannot be read"));
}
