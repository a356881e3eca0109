//! `klink` as a person and a program use it: a process of its own, its output and its exit code.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

/// A vault in a temporary folder, with a passphrase in the environment.
struct Klink {
    folder: tempfile::TempDir,
}

const TOTP: &str = "otpauth://totp/GitHub:alex?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=GitHub";
const HOTP: &str = "otpauth://hotp/Door?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

impl Klink {
    fn new() -> Self {
        let klink = Self { folder: tempfile::tempdir().unwrap() };
        klink.ok(&["init"]);
        klink
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_klink"));
        command
            .args(arguments)
            .env("KLINK_VAULT", self.path("vault"))
            .env("KLINK_ANCHORS", self.path("anchors"))
            .env("KLINK_PASSPHRASE", "a passphrase for tests")
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    #[track_caller]
    fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.ok(&[arguments, &["--json"]].concat())).unwrap()
    }

    /// Runs what must be refused with exit code 1, and returns the JSON.
    #[track_caller]
    fn refused(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

fn draw(path: &Path, text: &str) {
    let code = qrcode::QrCode::new(text).unwrap();
    code.render::<image::Luma<u8>>().module_dimensions(5, 5).build().save(path).unwrap();
}

#[test]
fn a_scanned_picture_becomes_codes_of_the_given_second() {
    let klink = Klink::new();
    let picture = klink.path("plain.png");
    draw(&picture, TOTP);
    let scanned = klink.json(&["scan", picture.to_str().unwrap()]);
    assert_eq!(scanned[0]["what"], "account");
    let id = scanned[0]["added"][0].as_str().unwrap().to_owned();
    let codes = klink.json(&["codes", "--at", "59"]);
    let expected = json!([{
        "id": id, "issuer": "GitHub", "account_name": "alex", "kind": "totp",
        "code": "287082", "next_code": "359152", "valid_from_ms": 30_000, "valid_until_ms": 60_000,
    }]);
    assert_eq!(codes, expected);
    assert!(klink.ok(&["codes", "--at", "59"]).contains("287 082"));
}

#[test]
fn the_shapes_of_list_show_and_search_are_as_promised() {
    let klink = Klink::new();
    let added = klink.json(&["add", HOTP]);
    assert_eq!(added["status"], "added");
    let row = json!({
        "id": added["id"], "issuer": "", "account_name": "Door", "kind": "hotp", "algorithm": "SHA1", "digits": 6,
        "period": null, "counter": 0, "groups": [], "favorite": false, "note": "", "state": "ok",
    });
    assert_eq!(klink.json(&["list"]), json!([row]));
    assert_eq!(klink.json(&["search", "door"]), json!([row]));
    assert_eq!(klink.json(&["search", "window"]), json!([]));
    assert_eq!(klink.json(&["show", "door"]), row);
    let shown = klink.json(&["show", "door", "--reveal"]);
    assert_eq!(shown["secret"], "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

#[test]
fn codes_that_count_go_on_over_processes_and_the_last_comes_again() {
    let klink = Klink::new();
    let id = klink.json(&["add", HOTP])["id"].clone();
    assert_eq!(klink.refused(&["next", "door", "--again"])["error"], "no_code_yet");
    for (counter, code) in ["755224", "287082", "359152"].iter().enumerate() {
        assert_eq!(klink.json(&["next", "door"]), json!({ "id": id, "code": code, "counter": counter }));
    }
    assert_eq!(klink.json(&["next", "door", "--again"])["code"], "359152");
}

#[test]
fn an_account_is_edited_put_in_the_trash_and_taken_out() {
    let klink = Klink::new();
    klink.ok(&["add", TOTP]);
    klink.ok(&["add", HOTP]);
    let edited =
        klink.json(&["edit", "github", "--name", "sam", "--note", "old", "--group", "Work", "--favorite"]);
    assert_eq!(
        (&edited["account_name"], &edited["note"], &edited["groups"], &edited["favorite"]),
        (&json!("sam"), &json!("old"), &json!(["Work"]), &json!(true))
    );
    assert_eq!(klink.json(&["search", "work"]).as_array().unwrap().len(), 1);
    klink.ok(&["edit", "door", "--place", "1"]);
    assert_eq!(klink.json(&["list"])[0]["account_name"], "Door");
    klink.ok(&["delete", "github"]);
    assert_eq!(klink.json(&["list"]).as_array().unwrap().len(), 1);
    assert_eq!(klink.json(&["list", "--trash"])[0]["state"], "trashed");
    klink.ok(&["delete", "--restore", "GitHub"]);
    assert_eq!(klink.json(&["list"]).as_array().unwrap().len(), 2);
    assert_eq!(klink.json(&["verify"])["mode"], "read_write");
}

#[test]
fn the_same_text_twice_is_one_account_and_another_name_is_a_second() {
    let klink = Klink::new();
    klink.ok(&["add", TOTP]);
    assert_eq!(klink.json(&["add", TOTP])["status"], "already_there");
    assert_eq!(klink.json(&["add", TOTP, "--name", "sam"])["status"], "same_secret_other_name");
    assert_eq!(klink.json(&["list"]).as_array().unwrap().len(), 2);
}

#[test]
fn a_text_comes_from_standard_input_so_that_no_shell_keeps_it() {
    let klink = Klink::new();
    let mut child =
        klink.command(&["add", "-", "--json"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(format!("{TOTP}\n").as_bytes()).unwrap();
    assert!(child.wait_with_output().unwrap().status.success());
    assert_eq!(klink.json(&["list"]).as_array().unwrap().len(), 1);
}

#[test]
fn refusals_have_a_code_and_exit_with_1_and_wrong_usage_with_2() {
    let klink = Klink::new();
    assert_eq!(klink.refused(&["init"])["error"], "vault_exists");
    assert_eq!(klink.refused(&["add", "hello"])["error"], "not_an_account");
    assert_eq!(klink.refused(&["add", "otpauth://totp/x?secret=1"])["error"], "broken_text");
    assert_eq!(klink.refused(&["add", "motp://x?secret=ab"])["error"], "needs_pin");
    assert_eq!(klink.refused(&["show", "nothing"])["error"], "no_such_account");
    assert_eq!(klink.refused(&["qr", "no-such-file.png"])["error"], "file");
    let mut wrong = klink.command(&["list", "--json"]);
    let wrong = wrong.env("KLINK_PASSPHRASE", "another").output().unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&wrong.stdout).unwrap()["error"], "wrong_passphrase");
    assert_eq!(klink.run(&["codes", "--at", "soon"]).status.code(), Some(2));
    assert_eq!(klink.run(&["frobnicate"]).status.code(), Some(2));
}

#[test]
fn another_companys_code_is_named_and_nothing_is_added() {
    let klink = Klink::new();
    let picture = klink.path("vendor.png");
    draw(&picture, "phonefactor://activate_account?code=1&url=https%3A%2F%2Fexample.com");
    let scanned = klink.json(&["scan", picture.to_str().unwrap()]);
    assert_eq!(
        (&scanned[0]["what"], &scanned[0]["hint"]),
        (&json!("vendor_push"), &json!("use_different_app"))
    );
    assert_eq!(klink.json(&["list"]), json!([]));
}

#[test]
fn qr_says_what_a_picture_says_without_a_vault() {
    let klink = Klink { folder: tempfile::tempdir().unwrap() };
    let picture = klink.path("text.png");
    draw(&picture, "hello");
    let read = klink.json(&["qr", picture.to_str().unwrap()]);
    assert_eq!((&read[0]["text"], &read[0]["bytes_hex"]), (&json!("hello"), &json!("68656c6c6f")));
    assert_eq!(read[0]["corners"].as_array().unwrap().len(), 4);
    assert_eq!(klink.ok(&["qr", picture.to_str().unwrap()]), "hello\n");
}

#[test]
fn an_old_copy_of_the_vault_is_read_only_until_it_is_accepted() {
    let klink = Klink::new();
    klink.ok(&["add", TOTP]);
    let old = std::fs::read(klink.path("vault/vault.db")).unwrap();
    klink.ok(&["add", HOTP]);
    std::fs::write(klink.path("vault/vault.db"), old).unwrap();
    let refused = klink.refused(&["add", HOTP]);
    assert_eq!((&refused["error"], &refused["detail"]["mode"]), (&json!("read_only"), &json!("rolled_back")));
    assert_eq!(klink.json(&["codes", "--at", "59"])[0]["code"], "287082");
    assert_eq!(klink.json(&["verify", "--accept"])["mode"], "read_write");
    assert_eq!(klink.json(&["add", HOTP])["status"], "added");
}

#[test]
fn a_vault_whose_file_is_gone_is_not_silently_made_anew() {
    let klink = Klink::new();
    std::fs::remove_dir_all(klink.path("vault")).unwrap();
    assert_eq!(klink.refused(&["list"])["error"], "previous_vault");
    assert_eq!(klink.refused(&["init"])["error"], "previous_vault");
    klink.ok(&["init", "--start-new"]);
    assert_eq!(klink.json(&["list"]), json!([]));
}

#[test]
fn a_recovery_code_opens_what_the_passphrase_opens() {
    let klink = Klink { folder: tempfile::tempdir().unwrap() };
    let made = klink.run(&["init", "--recovery-code"]);
    assert!(made.status.success());
    let shown = String::from_utf8(made.stderr).unwrap();
    let code = shown.lines().find(|line| line.matches('-').count() == 6).unwrap().trim();
    std::fs::write(klink.path("code"), code).unwrap();
    klink.ok(&["add", TOTP]);
    let path = klink.path("code");
    let listed = klink.json(&["list", "--recovery-code-file", path.to_str().unwrap()]);
    assert_eq!(listed.as_array().unwrap().len(), 1);
}

#[test]
fn without_a_terminal_the_live_list_is_plain_text_once() {
    let klink = Klink::new();
    klink.ok(&["add", TOTP]);
    let text = klink.ok(&["codes", "--watch"]);
    assert!(text.contains("GitHub") && !text.contains('\u{1b}'), "{text}");
}
