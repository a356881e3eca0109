//! `klink import` as a person and a program use it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod running;

use std::fs;
use std::path::{Path, PathBuf};

use running::{Klink, TOTP, draw};
use serde_json::{Value, json};

const AEGIS: &str = r#"{"version": 1, "header": {"slots": null, "params": null}, "db": {"version": 2, "entries": [
    {"type": "totp", "name": "ann", "issuer": "ACME", "note": "n", "favorite": true, "group": "Work",
     "info": {"secret": "JBSWY3DPEHPK3PXP", "algo": "SHA256", "digits": 8, "period": 60}},
    {"type": "hotp", "name": "bob", "issuer": "", "info": {"secret": "JBSWY3DP", "counter": 3}},
    {"type": "motp", "name": "m", "issuer": "", "info": {"secret": "JBSWY3DP"}},
    {"type": "hotp", "name": "bob", "issuer": "", "info": {"secret": "JBSWY3DP", "counter": 4}},
    {"type": "fido", "name": "key", "issuer": "GitHub"},
    {"type": "totp", "name": "lost", "issuer": "", "info": {"secret": "1"}}]}}"#;

/// Sealed for the password `test`; two accounts.
const ENTE: &str = include_str!("../../../core/src/import/ente/sealed.json");

fn file(klink: &Klink, name: &str, text: &str) -> PathBuf {
    let path = klink.path(name);
    fs::write(&path, text).unwrap();
    path
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A folder without a vault.
fn without_vault() -> Klink {
    Klink { folder: tempfile::tempdir().unwrap() }
}

#[test]
fn a_dry_run_needs_no_vault_and_has_the_promised_shape() {
    let klink = without_vault();
    let path = file(&klink, "aegis.json", AEGIS);
    let shown = klink.json(&["import", "--dry-run", text(&path)]);
    let row = json!({
        "kind": "totp", "issuer": "ACME", "account_name": "ann", "algorithm": "SHA256", "digits": 8, "period": 60,
        "counter": null, "groups": ["Work"], "note": "n", "favorite": true, "status": "new",
    });
    assert_eq!(shown["format"], "aegis");
    let counts = json!({
        "total": 6, "imported": 3, "duplicates": 1, "unsupported": 1, "damaged": 1, "skipped": 0,
    });
    assert_eq!(shown["counts"], counts);
    assert_eq!(shown["rows"][0], row);
    let statuses: Vec<_> = shown["rows"].as_array().unwrap().iter().map(|row| &row["status"]).collect();
    assert_eq!(statuses, ["new", "new", "needs_pin", "already_present"]);
    assert_eq!(shown["problems"][0]["place"], "entry 5, 'GitHub · key'");
    assert_eq!(shown["problems"][1]["reason"], "the secret has a digit other than 2 to 7 at character 0");
    let mut keys: Vec<_> = shown.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(keys, ["counts", "format", "problems", "rows"]);
    let revealed = klink.json(&["import", "--dry-run", "--reveal", text(&path)]);
    assert_eq!(revealed["rows"][0]["secret"], "JBSWY3DPEHPK3PXP");
    assert!(!klink.path("vault").exists());
}

#[test]
fn accounts_are_added_once_with_groups_and_marks() {
    let klink = Klink::new();
    let path = file(&klink, "aegis.json", AEGIS);
    assert_eq!(klink.json(&["import", text(&path)])["counts"]["imported"], 3);
    let list = klink.json(&["list"]);
    let names: Vec<_> = list.as_array().unwrap().iter().map(|row| &row["account_name"]).collect();
    assert_eq!(names, ["ann", "bob", "m"]);
    assert_eq!(
        (&list[0]["groups"], &list[0]["favorite"], &list[1]["counter"]),
        (&json!(["Work"]), &json!(true), &json!(3))
    );
    assert_eq!(list[2]["state"], "needs_pin");
    let again = klink.json(&["import", text(&path)]);
    assert_eq!((&again["counts"]["imported"], &again["counts"]["duplicates"]), (&json!(0), &json!(4)));
    assert_eq!(klink.json(&["list"]).as_array().unwrap().len(), 3);
    assert_eq!(klink.json(&["verify"])["mode"], "read_write");
}

#[test]
fn a_dry_run_changes_nothing_and_compares_with_the_vault() {
    let klink = Klink::new();
    let path = file(
        &klink,
        "list.txt",
        "otpauth://totp/A:ann?secret=JBSWY3DP\notpauth://totp/B:bob?secret=JBSWY3DQ\n",
    );
    klink.ok(&["add", "otpauth://totp/A:ann?secret=JBSWY3DP"]);
    let shown = klink.json(&["import", "--dry-run", text(&path)]);
    assert_eq!(
        (&shown["rows"][0]["status"], &shown["rows"][1]["status"]),
        (&json!("already_present"), &json!("new"))
    );
    assert_eq!(klink.json(&["list"]).as_array().unwrap().len(), 1);
    let output = klink
        .command(&["import", "--dry-run", "--json", text(&path)])
        .env_remove("KLINK_PASSPHRASE")
        .output()
        .unwrap();
    let alone: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(alone["rows"][0]["status"], "new");
    assert!(String::from_utf8_lossy(&output.stderr).contains("compared with each other alone"));
}

#[test]
fn rows_are_left_out_by_their_number() {
    let klink = Klink::new();
    let path = file(
        &klink,
        "list.txt",
        "otpauth://totp/A:ann?secret=JBSWY3DP\notpauth://totp/B:bob?secret=JBSWY3DQ\n",
    );
    let done = klink.json(&["import", "--skip", "1", text(&path)]);
    assert_eq!((&done["counts"]["skipped"], &done["rows"][0]["status"]), (&json!(1), &json!("skipped")));
    assert_eq!(klink.json(&["list"])[0]["account_name"], "bob");
    assert_eq!(klink.refused(&["import", "--skip", "3", text(&path)])["error"], "no_such_row");
}

#[test]
fn a_sealed_file_opens_with_its_password_file() {
    let klink = without_vault();
    let path = file(&klink, "ente.json", ENTE);
    let [right, wrong] = [file(&klink, "right", "test\n"), file(&klink, "wrong", "test1\n")];
    let error =
        |arguments: &[&str]| klink.refused(&[&["import", "--dry-run", text(&path)], arguments].concat());
    assert_eq!(
        error(&[]),
        json!({"error": "needs_password", "detail": {"format": "ente", "needs": "password"}})
    );
    assert_eq!(error(&["--password-file", text(&wrong)])["error"], "wrong_password");
    let shown = klink.json(&["import", "--dry-run", text(&path), "--password-file", text(&right)]);
    assert_eq!((&shown["format"], &shown["counts"]["imported"]), (&json!("ente"), &json!(2)));
}

#[test]
fn every_way_to_fail_has_its_word() {
    let klink = without_vault();
    let password = file(&klink, "password", "test");
    let error = |text_of_file: &str| {
        let path = file(&klink, "file", text_of_file);
        klink.refused(&["import", "--dry-run", "--password-file", text(&password), text(&path)])
    };
    assert_eq!(error("Dear diary, no codes today.")["error"], "not_recognised");
    let damaged = error(&AEGIS[..200]);
    assert_eq!((&damaged["error"], &damaged["detail"]["format"]), (&json!("damaged"), &json!("aegis")));
    assert_eq!(error(&AEGIS.replacen("1", "9", 1))["detail"]["version"], 9);
    let restricted = r#"{"encrypted": true, "encKeyValidation_DO_NOT_EDIT": "2.A|B|C", "items": []}"#;
    assert_eq!(error(restricted)["detail"]["why"], "account_restricted");
    let expensive = error(&ENTE.replace("65536", "1073741824"));
    assert_eq!(
        (&expensive["error"], &expensive["detail"]["memory_bytes"]),
        (&json!("too_expensive"), &json!(1 << 30))
    );
    let [list, aegis] = [file(&klink, "list", "steam://JBSWY3DP"), file(&klink, "aegis", AEGIS)];
    let both = klink.refused(&["import", "--dry-run", text(&list), text(&aegis)]);
    assert_eq!(both["detail"]["formats"], json!(["uri-list", "aegis"]));
    assert_eq!(klink.refused(&["import", text(&list)])["error"], "no_vault");
}

#[test]
fn pictures_and_lists_go_together_and_a_person_gets_a_table() {
    let klink = Klink::new();
    let list = file(&klink, "list.txt", "otpauth://totp/A:ann?secret=JBSWY3DP");
    let picture = klink.path("code.png");
    draw(&picture, "otpauth://totp/B:bob?secret=JBSWY3DQ");
    let out = klink.ok(&["import", text(&list), text(&picture)]);
    assert!(
        out.contains("ann") && out.contains("bob") && out.contains("2 of 2 added and read back."),
        "{out}"
    );
}

/// The control of the round trip is in it: without the passphrase, with another one, and with a changed byte nothing is read.
#[test]
fn what_age_sealed_is_imported_like_what_is_in_it() {
    let klink = Klink::new();
    klink.ok(&["add", TOTP]);
    klink.ok(&["add", "otpauth://hotp/Door?secret=JBSWY3DPEHPK3PXP&counter=7"]);
    let [right, wrong] = [file(&klink, "right", "pass wörd\n"), file(&klink, "wrong", "pass word\n")];
    let sealed = klink.path("list.age");
    klink.json(&["export", "--format", "age", "--out", text(&sealed), "--password-file", text(&right)]);
    let other = Klink::new();
    let import =
        |path: &Path, password: &[&str]| other.refused(&[&["import", text(path)], password].concat());
    let needs = json!({"error": "needs_password", "detail": {"format": "age", "needs": "password"}});
    assert_eq!(import(&sealed, &[]), needs);
    let wrong = import(&sealed, &["--password-file", text(&wrong)]);
    assert_eq!(wrong, json!({"error": "wrong_password", "detail": {"format": "age"}}));
    let mut bytes = fs::read(&sealed).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    let damaged = klink.path("damaged.age");
    fs::write(&damaged, &bytes).unwrap();
    let refused = import(&damaged, &["--password-file", text(&right)]);
    assert_eq!((&refused["error"], &refused["detail"]["format"]), (&json!("damaged"), &json!("age")));
    let for_key = file(&klink, "key.age", "age-encryption.org/v1\n-> X25519 abc\nabc\n--- abc\n");
    let refused = import(&for_key, &["--password-file", text(&right)]);
    assert_eq!(
        (&refused["error"], &refused["detail"]["why"]),
        (&json!("not_readable"), &json!("sealed_for_a_key"))
    );
    assert_eq!(other.json(&["list"]), json!([]), "none of these added anything");
    let done = other.json(&["import", text(&sealed), "--password-file", text(&right)]);
    assert_eq!((&done["format"], &done["counts"]["imported"]), (&json!("uri-list"), &json!(2)));
    let names = |klink: &Klink| {
        let rows = klink.json(&["list"]);
        let row = |row: &Value| json!([row["issuer"], row["account_name"], row["kind"], row["counter"]]);
        rows.as_array().unwrap().iter().map(row).collect::<Vec<_>>()
    };
    assert_eq!(names(&other), names(&klink));
}

/// What asks for more memory than a phone has is refused with the figure, and read after consent.
#[test]
fn an_age_file_that_costs_too_much_says_so() {
    let klink = without_vault();
    let dear = "age-encryption.org/v1\n-> scrypt rF0/NwblUHHTpgQgRpe5CQ 22\n\
        gUjEymFKMVXQEKdMMHL24oYexjE3TIC0O0zGSqJ2aUY\n--- IOXiQYStkoT1mvZW2tFOqZdhRVvj58egABx/sWfZQbc\n";
    let [path, password] = [file(&klink, "dear.age", dear), file(&klink, "password", "password")];
    let refused = klink.refused(&["import", "--dry-run", text(&path), "--password-file", text(&password)]);
    assert_eq!(
        (&refused["error"], &refused["detail"]["memory_bytes"]),
        (&json!("too_expensive"), &json!(4_u64 << 30))
    );
}

#[test]
fn our_own_backup_is_imported_beside_what_is_there() {
    let (klink, other) = (Klink::new(), Klink::new());
    klink.ok(&["import", text(&file(&klink, "aegis.json", AEGIS))]);
    let backup = klink.path("mine.akb");
    klink.ok(&["backup", text(&backup)]);
    other.ok(&["add", TOTP]);
    let passphrase = file(&klink, "passphrase", running::PASSPHRASE);
    let needs = json!({"error": "needs_password", "detail": {"format": "klink-backup", "needs": "password"}});
    assert_eq!(other.refused(&["import", text(&backup)]), needs);
    let done = other.json(&["import", text(&backup), "--password-file", text(&passphrase)]);
    assert_eq!((&done["format"], &done["counts"]["imported"]), (&json!("klink-backup"), &json!(3)));
    let list = other.json(&["list"]);
    assert_eq!(
        (&list[1]["groups"], &list[1]["note"], &list[1]["favorite"]),
        (&json!(["Work"]), &json!("n"), &json!(true))
    );
}
