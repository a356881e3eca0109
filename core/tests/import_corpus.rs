//! Files that the apps themselves wrote, compared entry by entry with what an independent decoder says of them.
//!
//! They are not ours to pass on: `KLINK_CORPUS` names the folder where they lie. `KLINK_CORPUS=… cargo test -p
//! authenticator-core --test import_corpus -- --nocapture` prints the line that `docs/importers.md` repeats.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod reading;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use authenticator_core::account::Kind;
use authenticator_core::base32;
use authenticator_core::import::{Entry, ImportError, Imported, Needs, Source, detect};
use reading::open_bytes;
use serde_json::{Value, json};

/// 43 million rounds of AES, most of a minute where nothing is optimised: so it is opened once, beside the others.
const DEAR: &str = "stratum/keepass.kdbx3.kdbx";

#[test]
fn every_file_of_the_corpus_gives_what_is_expected() {
    let Some(corpus) = std::env::var_os("KLINK_CORPUS") else {
        println!("not run: no corpus");
        return;
    };
    let folder = Path::new(&corpus).join("import");
    let expected: Value = serde_json::from_slice(&fs::read(folder.join("expected.json")).unwrap()).unwrap();
    let files = expected["files"].as_array().unwrap();
    let read = |file: &Value| fs::read(folder.join(file["file"].as_str().unwrap())).unwrap();
    let mut formats = BTreeSet::new();
    for file in files {
        let name = file["file"].as_str().unwrap();
        formats.extend(detect(&Source { name, bytes: &read(file) }).map(|format| format.name()));
    }
    let wrong = Mutex::new(Vec::new());
    let compare_some = |dear: bool| {
        for file in files.iter().filter(|file| (file["file"] == DEAR) == dear) {
            let name = file["file"].as_str().unwrap();
            if let Err(difference) = compare(name, &read(file), file) {
                wrong.lock().unwrap().push(format!("{name}: {difference}"));
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| compare_some(true));
        compare_some(false);
    });
    let wrong = wrong.into_inner().unwrap();
    let equal = files.len() - wrong.len();
    println!("formats {}, corpus files {equal} of {} equal", formats.len(), files.len());
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The control: an expectation that says something else is noticed.
#[test]
fn an_expectation_that_is_wrong_is_noticed() {
    let list = b"otpauth://totp/ACME:ann?secret=JBSWY3DPEHPK3PXP&issuer=ACME";
    let entry = json!({"issuer": "ACME", "name": "ann", "secret": "JBSWY3DPEHPK3PXP", "type": "totp", "algo": "SHA1",
        "digits": 6, "period": 30, "counter": null});
    assert_eq!(compare("list.txt", list, &json!({"entries": [entry]})), Ok(()));
    for (field, value) in
        [("issuer", json!("ACNE")), ("digits", json!(8)), ("secret", json!("JBSWY3DPEHPK3PXQ"))]
    {
        let mut other = entry.clone();
        other[field] = value;
        assert!(compare("list.txt", list, &json!({"entries": [other]})).is_err());
    }
    assert!(compare("list.txt", list, &json!({"entries": []})).is_err());
    assert!(compare("list.txt", list, &json!({"entries": null, "expected_error": "none"})).is_err());
}

/// Compares one file with its expectation; the difference has no secret of the file in it.
fn compare(name: &str, bytes: &[u8], expected: &Value) -> Result<(), String> {
    let open = |password: Option<&str>| open_bytes(&[(name, bytes)], password, None);
    let password = expected["password"].as_str();
    if let Some(wrong) = expected["wrong_password"].as_str().filter(|_| name != DEAR) {
        match open(Some(wrong)) {
            Err(ImportError::WrongPassword(_)) => {}
            other => return Err(format!("a wrong password gave {}", outcome(&other))),
        }
    }
    if !expected["expected_error"].is_null() || expected["entries"].is_null() {
        return match open(password) {
            Err(_) => Ok(()),
            Ok(_) => Err("opened, and should not".to_owned()),
        };
    }
    if password.is_some() {
        match open(None) {
            Err(ImportError::NeedsPassword(_, Needs::Password)) => {}
            other => return Err(format!("without a password: {}", outcome(&other))),
        }
    }
    let imported = open(password).map_err(|error| format!("{error:?}"))?;
    let expected = expected["entries"].as_array().unwrap();
    let mut left: Vec<_> = imported.entries.iter().collect();
    for (n, entry) in expected.iter().enumerate() {
        match left.iter().position(|found| differences(found, &imported, entry).is_empty()) {
            Some(at) => drop(left.remove(at)),
            None => {
                let nearest =
                    left.iter().map(|found| differences(found, &imported, entry)).min_by_key(Vec::len);
                let names = format!("{} · {}", entry["issuer"], entry["name"]);
                return Err(format!("entry {n}, {names}: differs in {nearest:?}; {:?}", imported.problems));
            }
        }
    }
    if left.is_empty() { Ok(()) } else { Err(format!("{} entries too many", left.len())) }
}

fn outcome(result: &Result<Imported, ImportError>) -> String {
    match result {
        Ok(imported) => format!("{} entries", imported.entries.len()),
        Err(error) => format!("{error:?}"),
    }
}

/// Returns the names of the fields in which an entry is not as expected.
fn differences(entry: &Entry, imported: &Imported, expected: &Value) -> Vec<&'static str> {
    let otp = &entry.account.otp;
    let groups: Vec<&str> = entry.groups.iter().map(|group| imported.groups[*group].as_str()).collect();
    let mut found = vec![
        ("issuer", json!(entry.account.issuer)),
        ("name", json!(entry.account.account_name)),
        ("secret", json!(base32::encode(otp.secret().expose()).expose())),
        ("type", json!(otp.kind().name())),
        ("digits", json!(otp.digits())),
        ("period", json!(otp.period().map(|period| period.seconds()))),
        ("counter", json!(otp.counter())),
    ];
    // Steam, mOTP and Yandex leave no choice; files and decoders fill the field in differently.
    found.extend(otp.algorithm().map(|algorithm| ("algo", json!(algorithm.name()))));
    // These stand in an expectation only where the file says something.
    let said = [
        ("note", json!(entry.note)),
        ("favorite", json!(entry.favorite)),
        ("groups", json!(groups)),
        ("has_icon", json!(entry.icon.is_some())),
        ("pin", json!(otp.pin().map(|pin| pin.expose()))),
    ];
    found.extend(said.into_iter().filter(|(name, _)| !expected[name].is_null()));
    // The root of a KeePass database and the default category are no groups.
    for (name, none) in [("group", "Root"), ("category", "All Accounts")] {
        if expected[name].as_str().is_some_and(|group| group != none) {
            found.push((name, json!(groups.first())));
        }
    }
    let same = |name: &str, value: &Value| match name {
        // Independent decoders keep the last bits that fill no byte; bytes are what counts.
        "secret" => match base32::decode(expected[name].as_str().unwrap()) {
            Ok(bytes) => bytes == *otp.secret(),
            // One secret of Mobile-OTP is a text of other letters.
            Err(_) => expected[name] == entry.account.secret_text().expose(),
        },
        // KeePassXC writes Steam's letters as `totp` with `encoder=steam`; the expectation has the word alone.
        "type" if otp.kind() == Kind::Steam && expected["issuer"] == "Steam" => {
            expected[name] == "steam" || (expected[name] == "totp" && expected["digits"] == 5)
        }
        _ => expected[name] == *value,
    };
    found.iter().filter(|(name, value)| !same(name, value)).map(|(name, _)| *name).collect()
}
