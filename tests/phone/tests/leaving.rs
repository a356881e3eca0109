//! Backups and restoring, as a person has them at the terminal.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod running;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use running::{HOTP, Klink, TOTP};
use serde_json::{Value, json};

const NOTED: &str = "otpauth://totp/Ca%20f%C3%A9:Zo%C3%AB?secret=MZXW6YTBOI&issuer=Ca%20f%C3%A9&algorithm=SHA512&digits=8&period=60";

fn filled() -> Klink {
    let klink = Klink::new();
    [TOTP, HOTP, NOTED].iter().for_each(|text| drop(klink.ok(&["add", text])));
    klink.ok(&["edit", "Ca f", "--note", "a \"note\"", "--group", "Work", "--favorite"]);
    klink
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_folder_gets_backups_when_something_changed_and_says_how_it_went() {
    let klink = filled();
    let folder = klink.path("backups");
    assert_eq!(klink.json(&["backup", "--state"])["trouble"], "never");
    let first = klink.json(&["backup", "--folder", text(&folder)]);
    assert_eq!((&first["what"], &first["accounts"]), (&"written".into(), &3.into()));
    let file = folder.join(first["name"].as_str().unwrap());
    assert_eq!(mode(&file), 0o600);
    assert_eq!(klink.json(&["backup", "--folder", text(&folder)])["what"], "not_due");
    klink.ok(&["add", "otpauth://totp/x?secret=MZXW6"]);
    assert_eq!(klink.json(&["backup", "--folder", text(&folder)])["accounts"], 4);
    assert_eq!(klink.json(&["backup", "--state"])["trouble"], Value::Null);
    // A folder that is none any more: loud, and with the date of the last good one.
    klink.ok(&["add", "otpauth://totp/y?secret=MZXW6"]);
    fs::write(klink.path("no-folder"), "").unwrap();
    let refused = klink.refused(&["backup", "--folder", text(&klink.path("no-folder"))]);
    assert!(refused["error"].as_str().unwrap().starts_with("folder_"), "{refused}");
    assert!(refused["detail"]["last_good_ms"].as_i64().unwrap() > 0);
    assert_eq!(klink.json(&["backup", "--state"])["trouble"], "failing");
    assert!(klink.ok(&["backup", "--state"]).contains("FAILING"));
}

#[test]
fn a_test_of_a_backup_counts_and_names_the_passphrase_by_its_date() {
    let klink = filled();
    let backup = klink.path("mine.akb");
    klink.ok(&["backup", text(&backup)]);
    let other = Klink { folder: tempfile::tempdir().unwrap() };
    let test = other.json(&["backup", "--test", text(&backup)]);
    assert_eq!((&test["accounts"], &test["trashed"], &test["damaged"]), (&3.into(), &0.into(), &json!([])));
    assert!(test["opened_by"].as_str().unwrap().starts_with("passphrase of 20"), "{test}");
    let wrong = other
        .command(&["backup", "--test", text(&backup)])
        .env("KLINK_PASSPHRASE", "another")
        .output()
        .unwrap();
    let said = String::from_utf8(wrong.stderr).unwrap();
    assert!(!wrong.status.success() && said.contains("opens with the passphrase of 20"), "{said}");
    let mut bytes = fs::read(&backup).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&backup, bytes).unwrap();
    assert_eq!(other.refused(&["backup", "--test", text(&backup)])["error"], "file_damaged");
}

#[test]
fn a_restore_shows_the_difference_and_does_what_was_asked() {
    let klink = filled();
    let backup = klink.path("mine.akb");
    klink.ok(&["backup", text(&backup)]);
    klink.ok(&["add", "otpauth://totp/only%20here?secret=MZXW6"]);
    klink.ok(&["edit", "GitHub", "--issuer", "renamed"]);
    let shown = klink.json(&["restore", text(&backup)]);
    assert_eq!((&shown["adds"], &shown["changes"], &shown["only_here"]), (&0.into(), &1.into(), &1.into()));
    assert_eq!(shown["done"], false);
    assert_eq!(klink.json(&["list"]).as_array().unwrap().len(), 4, "nothing is done without --yes");
    klink.ok(&["restore", text(&backup), "--replace", "--yes"]);
    let names: Vec<Value> =
        klink.json(&["list"]).as_array().unwrap().iter().map(|row| row["issuer"].clone()).collect();
    assert_eq!(names, ["GitHub", "", "Ca fé"]);
    assert_eq!(klink.json(&["list", "--trash"])[0]["account_name"], "only here");
    assert_eq!(klink.json(&["verify"])["mode"], "read_write");
    let other = Klink { folder: tempfile::tempdir().unwrap() };
    assert_eq!(other.json(&["restore", text(&backup)])["what"], "becomes_the_vault");
    other.ok(&["restore", text(&backup), "--yes"]);
    assert_eq!(other.json(&["list"]).as_array().unwrap().len(), 3);
}

