//! Ctrl-C and SIGKILL in the middle of long work: nothing is half done, and an interrupted move goes on.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod running;

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use running::{Klink, PASSPHRASE, TOTP, signal, wait_until};
use serde_json::{Value, json};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Returns every file and folder of a test's folder, but for the vault's own.
fn files(klink: &Klink) -> BTreeSet<PathBuf> {
    let own = |path: &Path| {
        ["vault", "anchors", "device"]
            .iter()
            .any(|own| path.ends_with(own) && path.parent() == Some(klink.folder.path()))
    };
    let mut found = BTreeSet::new();
    let mut folders = vec![klink.folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if own(&path) {
                continue;
            }
            if path.is_dir() {
                folders.push(path.clone());
            }
            found.insert(path);
        }
    }
    found
}

fn snapshots(klink: &Klink) -> usize {
    let files = fs::read_dir(klink.path("vault/snap")).map(|files| {
        files.filter(|file| file.as_ref().unwrap().path().extension().is_some_and(|end| end == "akb")).count()
    });
    files.unwrap_or(0)
}

/// Writes a list of so many accounts.
fn list(klink: &Klink, accounts: usize) -> PathBuf {
    let letters = |n: usize| -> String {
        [n / 676 % 26, n / 26 % 26, n % 26].iter().map(|letter| char::from(b'A' + *letter as u8)).collect()
    };
    let line = |n| format!("otpauth://totp/Issuer%20{n}:ann?secret=JBSWY3DPEHPK3{}\n", letters(n));
    let path = klink.path("list.txt");
    fs::write(&path, (0..accounts).map(line).collect::<String>()).unwrap();
    path
}

fn spawn(klink: &Klink, arguments: &[&str]) -> Child {
    let mut command = klink.command(&[arguments, &["--json"]].concat());
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

fn json_of(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
}

/// Starts an import of many accounts, and waits until it writes them: a snapshot comes just before.
fn writing(klink: &Klink, list: &Path) -> Child {
    let before = snapshots(klink);
    let mut child = spawn(klink, &["import", text(list)]);
    wait_until("the snapshot before the import", || {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it could be stopped");
        snapshots(klink) > before
    });
    child
}

const MANY: usize = 3000;

#[test]
fn an_import_that_is_stopped_while_it_writes_adds_nothing() {
    let klink = Klink::new();
    klink.ok(&["add", TOTP]);
    let list = list(&klink, MANY);
    let child = writing(&klink, &list);
    signal("INT", child.id());
    let stopped = child.wait_with_output().unwrap();
    assert_eq!(
        (stopped.status.code(), json_of(&stopped)),
        (Some(1), json!({ "error": "stopped", "detail": {} }))
    );
    assert_eq!(klink.json(&["list"]).as_array().unwrap().len(), 1);
    assert_eq!(klink.json(&["verify"])["mode"], "read_write");
    // Twice: at once, and whole all the same. Something changes first, so that a snapshot comes again.
    klink.ok(&["edit", "GitHub", "--note", "n"]);
    let child = writing(&klink, &list);
    signal("INT", child.id());
    signal("INT", child.id());
    let stopped = child.wait_with_output().unwrap();
    assert!(matches!(stopped.status.code(), Some(130 | 1)), "{:?}", stopped.status);
    assert_eq!(klink.json(&["list"]).as_array().unwrap().len(), 1);
    assert_eq!(klink.json(&["verify"])["mode"], "read_write");
    // The control: nobody stops it.
    klink.ok(&["edit", "GitHub", "--note", "m"]);
    let done = json_of(&writing(&klink, &list).wait_with_output().unwrap());
    assert_eq!(done["counts"]["imported"], MANY);
    assert_eq!(klink.json(&["list"]).as_array().unwrap().len(), MANY + 1);
}

/// Runs a command whose passphrase comes from a pipe; once it waits there, it gets Ctrl-C, and then the passphrase.
fn through_a_pipe(klink: &Klink, arguments: &[&str], stop: bool) -> Output {
    let pipe = tempfile::tempdir().unwrap();
    let pipe = pipe.path().join("passphrase");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let child = spawn(klink, &[arguments, &["--passphrase-file", text(&pipe)]].concat());
    let (tell, told) = mpsc::channel();
    let end = pipe.clone();
    // This waits until klink has opened its end.
    std::thread::spawn(move || tell.send(OpenOptions::new().write(true).open(end).unwrap()));
    let mut end = told.recv_timeout(Duration::from_secs(100)).expect("klink asks for the passphrase");
    if stop {
        signal("INT", child.id());
        // The signal has to reach the thread that listens before the passphrase reaches the one that waits.
        std::thread::sleep(Duration::from_millis(300));
    }
    writeln!(end, "{PASSPHRASE}").unwrap();
    drop(end);
    child.wait_with_output().unwrap()
}

#[test]
fn whatever_is_stopped_before_its_last_step_leaves_everything_as_it_was() {
    let klink = Klink::new();
    klink.ok(&["add", TOTP]);
    let [backup, folder, plain, codes, sent, kept] =
        ["one.akb", "folder", "plain.txt", "codes", "sent", "kept.akb"].map(|name| klink.path(name));
    klink.ok(&["backup", text(&kept)]);
    klink.ok(&["edit", "GitHub", "--issuer", "renamed"]);
    let list = list(&klink, 3);
    let commands: [&[&str]; 7] = [
        &["import", text(&list)],
        &["backup", text(&backup)],
        &["backup", "--folder", text(&folder)],
        &["export", "--format", "uri-list", "--out", text(&plain), "--yes"],
        &["export", "--format", "qr", "--out", text(&codes), "--yes"],
        &["move", "--send", "--out", text(&sent)],
        &["restore", text(&kept), "--replace", "--yes"],
    ];
    let state = || (files(&klink), klink.json(&["list"]));
    for command in commands {
        let before = state();
        let stopped = through_a_pipe(&klink, command, true);
        assert_eq!(
            (stopped.status.code(), &json_of(&stopped)["error"]),
            (Some(1), &json!("stopped")),
            "{command:?}"
        );
        assert_eq!(state(), before, "{command:?}");
        // The control: the same, when nobody presses Ctrl-C.
        let done = through_a_pipe(&klink, command, false);
        assert!(done.status.success(), "{command:?}: {}", json_of(&done));
        assert_ne!(state(), before, "{command:?}");
    }
}

#[test]
fn a_move_that_is_killed_on_either_side_goes_on() {
    let (old, new) = (Klink::new(), Klink::new());
    old.ok(&["import", text(&list(&old, 120))]);
    // The old device, while it draws its codes.
    let folder = old.path("codes");
    let before = files(&old);
    let mut child = spawn(&old, &["move", "--send", "--out", text(&folder)]);
    wait_until("the first picture", || {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it was killed");
        files(&old).difference(&before).any(|path| path.extension().is_some_and(|end| end == "png"))
    });
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!folder.exists(), "no half of a folder");
    let sent = old.json(&["move", "--send", "--out", text(&folder)]);
    assert_eq!((&sent["goes_on"], &sent["accounts"]), (&json!(true), &json!(120)));
    let pictures: Vec<&str> =
        sent["pictures"].as_array().unwrap().iter().map(|path| path.as_str().unwrap()).collect();
    assert!(pictures.len() > 5, "{} codes", pictures.len());

    // The new device, after it has taken some of them.
    let taken = new.path("vault/moving/receiving");
    let size = || fs::metadata(&taken).map_or(0, |data| data.len());
    let mut child = spawn(&new, &[&["move", "--receive"], &pictures[..]].concat());
    let mut sizes = BTreeSet::new();
    wait_until("the third code", || {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it was killed");
        sizes.insert(size());
        sizes.len() > 3
    });
    child.kill().unwrap();
    child.wait().unwrap();
    let there = new.json(&["move", "--receive"])["taken"].as_u64().unwrap();
    assert!((2..pictures.len() as u64).contains(&there), "{there} of {}", pictures.len());
    let rest = new.json(&[&["move", "--receive"], &pictures[there as usize - 1..]].concat());
    assert_eq!((&rest["missing"], &rest["new"]), (&json!([]), &json!(120)), "what was taken is kept");

    // The new device, while it writes the accounts.
    let before = snapshots(&new);
    new.ok(&["add", TOTP]);
    let mut child = spawn(&new, &["move", "--receive", "--yes"]);
    wait_until("the snapshot before", || {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it was killed");
        snapshots(&new) > before
    });
    child.kill().unwrap();
    child.wait().unwrap();
    let here = new.json(&["list"]).as_array().unwrap().len();
    assert!([1, 121].contains(&here), "all or none, and not {here}");
    let received = new.json(&["move", "--receive", "--yes"]);
    assert_eq!((&received["arrived"], &received["of"]), (&json!(120), &json!(120)));
    assert_eq!(new.json(&["list"]).as_array().unwrap().len(), 121);
    assert_eq!(new.json(&["verify"])["mode"], "read_write");

    // The old device once more, by a receipt that comes after another start.
    let digits = received["receipt"].as_str().unwrap();
    assert_eq!(old.json(&["move", "--receipt", digits])["ended"], true);
    let anew = old.json(&["move", "--send", "--out", text(&old.path("anew"))]);
    assert_eq!(anew["goes_on"], false, "the control: what has ended does not go on");
}
