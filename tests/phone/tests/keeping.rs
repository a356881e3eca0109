//! Snapshots, backups and recovery, as a person has them at the terminal.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

struct Klink {
    folder: tempfile::TempDir,
}

const ADD: [&str; 2] = [
    "otpauth://totp/GitHub:alex?secret=GEZDGNBVGY3TQOJQ&issuer=GitHub",
    "otpauth://hotp/Door?secret=MZXW6YTBOI",
];

impl Klink {
    fn new() -> Self {
        let klink = Self { folder: tempfile::tempdir().unwrap() };
        klink.ok(&["init"]);
        ADD.iter().for_each(|text| drop(klink.ok(&["add", text])));
        klink
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_klink"))
            .args(arguments)
            .env("KLINK_VAULT", self.path("vault"))
            .env("KLINK_ANCHORS", self.path("anchors"))
            .env("KLINK_PASSPHRASE", "a passphrase for tests")
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    #[track_caller]
    fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Value {
        let text = self.ok(&[arguments, &["--json"]].concat());
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn accounts(&self) -> usize {
        self.json(&["list"]).as_array().unwrap().len()
    }
}

#[test]
fn a_snapshot_is_there_after_use_and_says_what_opens_it() {
    let klink = Klink::new();
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
    let klink = Klink::new();
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
    assert_eq!(other.accounts(), 2);
    assert_eq!(other.json(&["verify"])["mode"], "read_write");
}

#[test]
fn a_damaged_file_gives_its_accounts_back_after_the_user_says_yes() {
    let klink = Klink::new();
    let file = klink.path("vault/vault.db");
    let mut bytes = fs::read(&file).unwrap();
    bytes[..4096].fill(0);
    fs::write(&file, &bytes).unwrap();
    assert_eq!(klink.run(&["list"]).status.code(), Some(1));
    let shown = klink.json(&["recover"]);
    assert_eq!((&shown["what"], shown["rows"].as_array().unwrap().len()), (&"salvage".into(), 2));
    assert_eq!(fs::read(&file).unwrap(), bytes, "nothing is done without --yes");
    klink.ok(&["recover", "--yes"]);
    assert_eq!(klink.accounts(), 2);
    let kept = PathBuf::from(shown["quarantine"].as_str().unwrap());
    assert_eq!(fs::read(kept.join("vault.db")).unwrap(), bytes, "the original is kept");
}

#[test]
fn a_lost_file_comes_back_from_the_newest_snapshot() {
    let klink = Klink::new();
    klink.ok(&["snapshots", "--now"]);
    fs::remove_file(klink.path("vault/vault.db")).unwrap();
    let refused = klink.run(&["list", "--json"]);
    assert!(String::from_utf8(refused.stdout).unwrap().contains("previous_vault"));
    assert_eq!(klink.json(&["recover"])["accounts"], 2);
    klink.ok(&["recover", "--yes"]);
    assert_eq!(klink.accounts(), 2);
    assert_eq!(klink.json(&["verify"])["mode"], "read_write");
}

#[test]
fn an_old_file_put_back_gets_what_the_newer_snapshot_has() {
    let klink = Klink::new();
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
    assert_eq!(klink.accounts(), 3);
    assert_eq!(klink.json(&["verify"])["mode"], "read_write");
    assert_eq!(klink.json(&["recover"])["what"], "nothing");
}

#[test]
fn a_changed_passphrase_opens_and_the_old_one_waits_after_five_tries() {
    let klink = Klink::new();
    let old = klink.path("old.txt");
    let new = klink.path("new.txt");
    fs::write(&old, "a passphrase for tests\n").unwrap();
    fs::write(&new, "walnut harbour quilt seventeen dolphin\n").unwrap();
    let (old, new) = (old.to_str().unwrap(), new.to_str().unwrap());
    let changed = klink.json(&["passphrase", "--new-passphrase-file", new]);
    assert_eq!(changed["strength"], 4);
    for n in 0..6 {
        let refused = klink.run(&["list", "--json", "--passphrase-file", old]);
        let text = String::from_utf8(refused.stdout).unwrap();
        let expected = if n < 5 { "wrong_passphrase" } else { "too_soon" };
        assert!(text.contains(expected), "try {n}: {text}");
    }
    // The wait is a second; the boot clock of this machine ends it.
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
    let klink = Klink::new();
    assert_eq!(klink.json(&["rotate"])["rotated"], 2);
    assert_eq!(klink.accounts(), 2);
    let health = klink.json(&["verify"]);
    assert_eq!(health["mode"], "read_write");
    assert_eq!(health["problems"].as_array().unwrap().len(), 0, "{health}");
}
