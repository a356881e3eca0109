//! `klink` as a person and a program use it: a process of its own, its output and its exit code.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod running;

use std::io::Write;
use std::process::Stdio;

use running::{HOTP, Klink, TOTP, draw};
use serde_json::{Value, json};

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
        "period": null, "counter": 0, "groups": [], "favorite": false,
        "asks_every_time": false, "note": "", "state": "ok",
    });
    assert_eq!(klink.json(&["list"]), json!([row]));
    assert_eq!(klink.json(&["search", "door"]), json!([row]));
    assert_eq!(klink.json(&["search", "window"]), json!([]));
    assert_eq!(klink.json(&["show", "door"]), row);
    let mut revealed = row;
    revealed["secret"] = json!("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    assert_eq!(klink.json(&["show", "door", "--reveal"]), revealed);
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
fn an_account_that_asks_every_time_shows_its_code_to_who_confirms() {
    let klink = Klink::new();
    klink.ok(&["add", TOTP]);
    klink.ok(&["add", HOTP]);
    for account in ["github", "door"] {
        assert_eq!(klink.json(&["edit", account, "--ask-every-time"])["asks_every_time"], true);
    }
    assert_eq!(klink.ok(&["list"]).matches("(asks every time)").count(), 2);
    let codes = klink.json(&["codes"]);
    assert!(codes.as_array().unwrap().iter().all(|row| row["code"].is_null() && row["next_code"].is_null()));
    assert!(klink.ok(&["codes"]).contains("klink show --code"));
    let shown = klink.json(&["show", "github", "--code"]);
    assert_eq!((shown[0]["code"].as_str().unwrap().len(), &shown[0]["next_code"]), (6, &Value::Null));
    assert_eq!(klink.json(&["next", "door"])["code"], "755224");
    assert_eq!(klink.json(&["next", "door", "--again"])["code"], "755224");
    // A lock that is off opens the vault, and confirms nothing.
    klink.ok(&["lock", "off"]);
    for refused in [["next", "door"].as_slice(), &["edit", "door", "--ask-every-time", "false"]] {
        let mut command = klink.command(&[refused, &["--json"]].concat());
        let output = command.env_remove("KLINK_PASSPHRASE").output().unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap()["error"], "no_passphrase");
    }
    let mut list = klink.command(&["list"]);
    assert!(list.env_remove("KLINK_PASSPHRASE").status().unwrap().success(), "the control: it opens");
    for account in ["github", "door"] {
        klink.ok(&["edit", account, "--ask-every-time", "false"]);
    }
    assert!(klink.json(&["codes", "github"])[0]["code"].is_string());
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
    assert_eq!(klink.refused(&["delete", "--restore", "door"])["error"], "no_such_account");
    klink.ok(&["delete", "--restore", "github"]);
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
    klink.ok(&["add", TOTP]);
    klink.ok(&["add", TOTP, "--name", "sam"]);
    let several = klink.refused(&["show", "github"]);
    assert_eq!(several["error"], "several_accounts");
    assert_eq!(several["detail"]["ids"].as_array().unwrap().len(), 2);
    assert_eq!(klink.refused(&["next", "alex"])["error"], "not_a_counter");
    assert_eq!(klink.refused(&["edit", "alex", "--no-group", "x"])["error"], "no_such_group");
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
fn a_picture_without_a_code_is_refused_and_the_others_are_taken() {
    let klink = Klink::new();
    let (empty, plain) = (klink.path("empty.png"), klink.path("plain.png"));
    image::GrayImage::from_pixel(100, 100, image::Luma([255])).save(&empty).unwrap();
    draw(&plain, TOTP);
    let (empty, plain) = (empty.to_str().unwrap(), plain.to_str().unwrap());
    assert_eq!(klink.refused(&["qr", empty])["error"], "no_code");
    let scanned = klink.refused(&["scan", empty, plain]);
    assert_eq!(
        (&scanned["error"], &scanned["detail"]["images"]),
        (&json!("unread_pictures"), &json!([empty]))
    );
    assert_eq!(scanned["detail"]["read"][0]["what"], "account");
    assert_eq!(klink.json(&["list"]).as_array().unwrap().len(), 1);
}

/// The shape of one row, whatever it is.
#[test]
fn every_scanned_code_has_the_six_fields_and_the_word_for_what_it_is() {
    let klink = Klink::new();
    let part = "otpauth-migration://offline?data=CgwKBUhlbGxvEgNhbm4QARgDIAE";
    for (text, what) in [
        (TOTP, "account"),
        (part, "migration"),
        ("pushenrol:#a.b.c", "enrolment"),
        ("oktaverify://ann@example.okta.com/?t=1&f=2&s=3", "vendor_push"),
        ("otpauth://totp/t:ann?enrollment_tx_id=1", "otpauth_without_secret"),
        ("WIFI:S:home;T:WPA;P:secret;;", "wifi"),
        ("https://example.org", "url"),
        ("FIDO:/0876543210", "passkey"),
        ("BEGIN:VCARD\nVERSION:3.0\nEND:VCARD", "contact"),
        ("hello", "text"),
    ] {
        let picture = klink.path("code.png");
        draw(&picture, text);
        let mut row = klink.json(&["scan", picture.to_str().unwrap()])[0].clone();
        assert_eq!(row["what"], what, "{text}");
        let fields: Vec<&String> = row.as_object().unwrap().keys().collect();
        assert_eq!(fields, ["added", "hint", "missing", "part", "parts", "what"]);
        let added = row["added"].take();
        let expected = usize::from(what == "account" || what == "migration");
        assert_eq!(added.as_array().unwrap().len(), expected, "{text}");
        if what == "migration" {
            assert_eq!(
                (&row["part"], &row["parts"], &row["missing"]),
                (&json!(2), &json!(3), &json!([1, 3]))
            );
        } else {
            assert_eq!(
                (&row["part"], &row["parts"], &row["missing"]),
                (&json!(null), &json!(null), &json!([]))
            );
        }
    }
    assert_eq!(klink.json(&["list"]).as_array().unwrap().len(), 2);
}

#[test]
fn a_whole_vault_verifies_with_the_four_fields() {
    let klink = Klink::new();
    klink.ok(&["add", TOTP]);
    let expected = json!({ "mode": "read_write", "accounts": 1, "damaged": [], "problems": [] });
    assert_eq!(klink.json(&["verify"]), expected);
}

#[test]
fn an_account_whose_secret_is_damaged_is_listed_with_the_others_and_named_by_verify() {
    let klink = Klink::new();
    let id = klink.json(&["add", HOTP])["id"].clone();
    klink.ok(&["add", TOTP]);
    let path = klink.path("vault/vault.db");
    let db = rusqlite::Connection::open(&path).unwrap();
    let id_of_row = [id.as_str().unwrap()];
    let secret = "SELECT secret FROM item WHERE hex(id) = upper(?)";
    let mut secret: Vec<u8> = db.query_row(secret, id_of_row, |row| row.get(0)).unwrap();
    // The middle of the blob: the digests cover nonce and tag, so only opening it can tell.
    secret[100] ^= 1;
    let damage = "UPDATE item SET secret = ? WHERE hex(id) = upper(?)";
    db.execute(damage, rusqlite::params![secret, id_of_row[0]]).unwrap();
    drop(db);
    assert_eq!(klink.json(&["list"]).as_array().unwrap().len(), 2);
    assert_eq!(klink.json(&["codes", "--at", "59"])[1]["code"], "287082");
    assert_eq!(klink.refused(&["next", "door"])["error"], "account_unreadable");
    assert_eq!(klink.json(&["verify"])["damaged"], json!([id]));
}

#[test]
fn the_passphrase_comes_from_a_file_or_is_said_to_be_missing() {
    let klink = Klink::new();
    let path = klink.path("passphrase");
    std::fs::write(&path, "a passphrase for tests\nand a second line\n").unwrap();
    let run = |arguments: &[&str]| {
        let mut command = klink.command(&[arguments, &["list", "--json"]].concat());
        let output = command.env_remove("KLINK_PASSPHRASE").output().unwrap();
        (output.status.code(), serde_json::from_slice::<Value>(&output.stdout).unwrap())
    };
    assert_eq!(run(&["--passphrase-file", path.to_str().unwrap()]), (Some(0), json!([])));
    let missing = run(&[]);
    assert_eq!((missing.0, &missing.1["error"]), (Some(1), &json!("no_passphrase")));
    assert_eq!(run(&["--passphrase-file", "no such file"]).1["error"], "file");
    std::fs::write(&path, "another").unwrap();
    assert_eq!(run(&["--passphrase-file", path.to_str().unwrap()]).1["error"], "wrong_passphrase");
}

#[test]
fn a_failure_in_json_is_a_code_and_details_and_nothing_on_standard_error() {
    let klink = Klink::new();
    let output = klink.run(&["show", "nothing", "--json"]);
    let expected = json!({ "error": "no_such_account", "detail": {} });
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap(), expected);
    assert!(output.stderr.is_empty());
    let output = klink.run(&["show", "nothing"]);
    assert!(output.stdout.is_empty() && output.stderr.starts_with(b"klink: No account"));
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
    // Shown and not typed back, it is no way in, and nothing is made.
    assert_eq!(klink.refused(&["init", "--recovery-code"])["error"], "not_typed_back");
    assert!(klink.typed_back(&["init", "--recovery-code"], |_| "0".repeat(28)).is_err());
    assert!(!klink.path("vault").exists());
    let code = klink.typed_back(&["init", "--recovery-code"], |code| code.to_owned()).unwrap();
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
    // A clock that is 10 s behind: the seconds left are counted by that clock.
    let text = klink.ok(&["codes", "--watch", "--offset-ms", "10000"]);
    let left = text.lines().last().unwrap().split_whitespace().rev().nth(3).unwrap().to_owned();
    assert!((0..=30).contains(&left.parse::<i64>().unwrap()), "{text}");
    for plain in [klink.ok(&["list"]), klink.ok(&["codes"]), klink.ok(&["show", "github"])] {
        assert!(!plain.contains('\u{1b}'), "{plain}");
    }
}
