//! Backups, restoring, exports and moves, as a person has them at the terminal.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod running;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

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

/// Runs an independent reader; none when there is no Python with `cryptography`.
fn python(script: &str, arguments: &[&str]) -> Option<Value> {
    let able = Command::new("python3").args(["-c", "import cryptography"]).output();
    if !able.is_ok_and(|output| output.status.success()) {
        println!("not run: {script} needs python3 with cryptography");
        return None;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../interop").join(script);
    let output = Command::new("python3").arg(script).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
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

#[test]
fn a_plain_export_is_warned_of_in_words_and_needs_a_yes() {
    let klink = filled();
    let out = klink.path("list.txt");
    let refused = klink.run(&["export", "--format", "uri-list", "--out", text(&out)]);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && said.contains("This is not encrypted"), "{said}");
    assert!(!out.exists());
    let done = klink.json(&["export", "--format", "uri-list", "--out", text(&out), "--yes"]);
    assert_eq!((done["written"].as_array().unwrap().len(), &done["plain"]), (3, &true.into()));
    assert_eq!(mode(&out), 0o600);
    assert_eq!(fs::read_to_string(&out).unwrap().lines().count(), 3);
    let again = klink.refused(&["export", "--format", "uri-list", "--out", text(&out), "--yes"]);
    assert_eq!(again["error"], "file_exists");
    let left: Vec<PathBuf> =
        fs::read_dir(klink.folder.path()).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(left.iter().all(|path| !text(path).contains(".klink-")), "no temporary file is left: {left:?}");
}

#[test]
fn a_report_says_what_a_format_cannot_hold_and_writes_nothing() {
    let klink = filled();
    let report = klink.json(&["export", "--format", "cxf", "--report"]);
    assert_eq!(report["left_out"][0]["reason"], "kind");
    assert_eq!((report["written"].as_array().unwrap().len(), &report["done"]), (2, &false.into()));
}

#[test]
fn an_aegis_file_opens_in_an_independent_reader() {
    let klink = filled();
    let out = klink.path("aegis.json");
    let export = ["export", "--format", "aegis", "--out", text(&out)];
    let output = klink.command(&export).env("KLINK_EXPORT_PASSWORD", "pass wörd").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(mode(&out), 0o600);
    let Some(entries) = python("open_aegis.py", &[text(&out), "pass wörd"]) else { return };
    let github = json!({
        "kind": "totp", "issuer": "GitHub", "account_name": "alex", "note": "", "favorite": false, "groups": [],
        "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "algorithm": "SHA1", "digits": 6, "period": 30,
        "counter": null, "pin": null,
    });
    assert_eq!(entries[0], github);
    assert_eq!((&entries[1]["kind"], &entries[1]["counter"]), (&"hotp".into(), &0.into()));
    assert_eq!(entries[2]["groups"], json!(["Work"]));
    assert_eq!((&entries[2]["note"], &entries[2]["favorite"]), (&"a \"note\"".into(), &true.into()));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../interop/open_aegis.py");
    let wrong = Command::new("python3").arg(script).args([text(&out), "pass word"]).output().unwrap();
    assert!(!wrong.status.success(), "the control: another password opens nothing");
}

#[test]
fn a_list_that_age_sealed_is_tested_like_a_backup() {
    let klink = filled();
    let out = klink.path("list.age");
    let export = ["export", "--format", "age", "--out", text(&out), "--json"];
    let output = klink.command(&export).env("KLINK_EXPORT_PASSWORD", "pass").output().unwrap();
    let done: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&done["plain"], mode(&out)), (&false.into(), 0o600));
    let bytes = fs::read(&out).unwrap();
    assert!(bytes.starts_with(b"age-encryption.org/v1\n-> scrypt "));
    let test = |passphrase| {
        let arguments = ["backup", "--test", text(&out), "--json"];
        klink.command(&arguments).env("KLINK_BACKUP_PASSPHRASE", passphrase).output().unwrap()
    };
    let opened: Value = serde_json::from_slice(&test("pass").stdout).unwrap();
    assert_eq!((&opened["accounts"], &opened["damaged"]), (&3.into(), &0.into()));
    let wrong: Value = serde_json::from_slice(&test("word").stdout).unwrap();
    assert_eq!(wrong["error"], "wrong_password");
    let Some(read) = python("open_age.py", &[text(&out), "pass"]) else { return };
    assert_eq!(read.as_str().unwrap().lines().count(), 3);
    assert!(read.as_str().unwrap().starts_with("otpauth://totp/GitHub:alex?"));
}

#[test]
fn a_sheet_and_pictures_are_read_by_our_own_eyes() {
    let klink = filled();
    let sheet = klink.path("sheet.html");
    klink.ok(&["export", "--format", "html", "--out", text(&sheet), "--lang", "nl", "--yes"]);
    let page = fs::read_to_string(&sheet).unwrap();
    assert!(
        page.contains("lang=\"nl\"") && page.contains("Ca fé · Zoë") && page.matches("<svg").count() == 3
    );
    let folder = klink.path("codes");
    let done = klink.json(&["export", "--format", "google-migration", "--out", text(&folder), "--yes"]);
    assert_eq!(done["files"].as_array().unwrap().len(), 1);
    assert_eq!(done["left_out"][0]["reason"], "period");
    let other = Klink::new();
    other.ok(&["scan", done["files"][0].as_str().unwrap()]);
    assert_eq!(other.json(&["list"]).as_array().unwrap().len(), 2);
}

#[test]
fn a_move_goes_through_pictures_to_another_vault_and_back_come_six_digits() {
    let (old, new) = (filled(), Klink::new());
    let folder = old.path("codes");
    let sent = old.json(&["move", "--send", "--out", text(&folder)]);
    assert_eq!((&sent["accounts"], &sent["goes_on"]), (&3.into(), &false.into()));
    let pictures: Vec<&str> =
        sent["pictures"].as_array().unwrap().iter().map(|path| path.as_str().unwrap()).collect();
    assert!(pictures.len() >= 2 && mode(Path::new(pictures[0])) == 0o600);
    // The last first, and the head twice; one is missing until the end.
    let half = new.json(&["move", "--receive", pictures[pictures.len() - 1]]);
    assert!(half["missing"].as_array().unwrap().contains(&1.into()), "{half}");
    let mut all = vec!["move", "--receive", pictures[0], pictures[0]];
    all.extend(&pictures[1..]);
    let shown = new.json(&all);
    assert_eq!((&shown["missing"], &shown["new"], &shown["receipt"]), (&json!([]), &3.into(), &Value::Null));
    assert_eq!(new.json(&["list"]), json!([]), "nothing is taken without --yes");
    let received = new.json(&["move", "--receive", "--yes"]);
    assert_eq!((&received["arrived"], &received["of"]), (&3.into(), &3.into()));
    let digits = received["receipt"].as_str().unwrap();
    assert_eq!(digits.len(), 6);
    assert_eq!(new.json(&["list"])[2]["note"], "a \"note\"");
    let again = old.json(&["move", "--send", "--out", text(&old.path("again"))]);
    assert_eq!(again["goes_on"], true, "an interrupted move goes on with the same codes");
    let wrong = if digits == "000000" { "000001" } else { "000000" };
    assert_eq!(old.refused(&["move", "--receipt", wrong])["error"], "wrong_receipt");
    assert_eq!(old.json(&["move", "--receipt", digits]), json!({ "arrived": 3, "of": 3, "ended": true }));
    assert_eq!(old.json(&["list"]).as_array().unwrap().len(), 3, "nothing is deleted here");
    assert_eq!(new.json(&["move", "--stop"]), json!({ "stopped": true }));
}

#[test]
fn a_move_by_a_file_is_received_by_an_independent_reader() {
    let (old, new) = (filled(), Klink::new());
    let (file, folder) = (old.path("sealed"), old.path("code"));
    let sent = old.json(&["move", "--send", "--file", text(&file), "--out", text(&folder)]);
    assert_eq!((&sent["codes"], mode(&file)), (&1.into(), 0o600));
    let picture = sent["pictures"][0].as_str().unwrap();
    let code = new.ok(&["qr", picture]);
    assert_eq!(new.json(&["move", "--receive", picture])["wants_file"], true);
    let received = new.json(&["move", "--receive", "--file", text(&file), "--yes"]);
    assert_eq!(received["arrived"], 3);
    let codes = old.path("codes.txt");
    fs::write(&codes, code).unwrap();
    let Some(read) = python("open_move.py", &[text(&codes), text(&file)]) else { return };
    assert_eq!((&read["receipt"], &read["of"]), (&received["receipt"], &3.into()), "the same six digits");
    let mut rows: Vec<Value> = read["accounts"].as_array().unwrap().clone();
    let mut listed = new.json(&["list"]).as_array().unwrap().clone();
    for rows in [&mut rows, &mut listed] {
        rows.sort_by_key(|row| row["id"].as_str().unwrap().to_owned());
    }
    for (read, listed) in rows.iter().zip(&listed) {
        for field in ["id", "kind", "issuer", "account_name", "digits", "note"] {
            assert_eq!(read[field], listed[field]);
        }
    }
}
