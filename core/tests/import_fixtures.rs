//! Every format's own fixtures: found again entry by entry, and damaged in many places without a panic.
//!
//! `KLINK_PROOFS=full` damages those whose password costs much in as many places as the others.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod damaging;
mod reading;

use std::collections::BTreeSet;

use authenticator_core::import::{ImportError, Imported, Needs, Reason, Source, detect};
use damaging::damage;
use fixtures::Fixture;
use reading::{WRONG, borrowed, open_bytes, open_fixture, said};

/// Formats that are lines or rows: a cut one is a shorter one, and nobody can tell.
const LINES: [&str; 7] =
    ["uri-list", "google-migration", "html", "winauth", "ente", "bitwarden", "privacyidea"];

/// Formats of which at least a part has no seal: a changed byte is another name or secret, and nobody can tell.
const UNSEALED: [&str; 21] = [
    "uri-list",
    "google-migration",
    "html",
    "winauth",
    "steam",
    "authy",
    "duo",
    "battle-net",
    "freeotp-1",
    "freeotp-2",
    "freeotp-plus",
    "raivo",
    "andotp",
    "microsoft-authenticator",
    "google-database",
    "lastpass",
    "cxf",
    "stratum",
    "aegis",
    "2fas",
    "totp-authenticator",
];

#[test]
fn every_fixture_is_found_again_entry_by_entry() {
    let all = fixtures::all();
    for fixture in &all {
        let imported = open_fixture(fixture).unwrap_or_else(|error| panic!("{}: {error:?}", fixture.name));
        check(fixture, &imported);
    }
    let formats: BTreeSet<_> = all.iter().map(|fixture| fixture.format).collect();
    println!("own fixtures {} of {} equal, {} formats", all.len(), all.len(), formats.len());
}

#[track_caller]
fn check(fixture: &Fixture, imported: &Imported) {
    let name = fixture.name;
    assert_eq!(imported.format.name(), fixture.format, "{name}");
    for (n, (entry, expected)) in imported.entries.iter().zip(&fixture.entries).enumerate() {
        assert_eq!(&said(entry, &imported.groups), expected, "{name}: entry {n}");
    }
    assert_eq!(imported.entries.len(), fixture.entries.len(), "{name}: {:?}", imported.problems);
    assert_eq!(imported.problems.len(), fixture.problems, "{name}: {:?}", imported.problems);
    assert_eq!(imported.total(), fixture.entries.len() + fixture.problems, "{name}");
}

/// The control of the comparison above: an entry that is changed anywhere is not equal.
#[test]
fn a_fixture_that_says_something_else_is_noticed() {
    let fixture = fixtures::all().into_iter().find(|fixture| fixture.password.is_none()).unwrap();
    let imported = open_fixture(&fixture).unwrap();
    for change in [
        |said: &mut fixtures::Said| said.secret[0] ^= 1,
        |said: &mut fixtures::Said| said.issuer.push(' '),
        |said: &mut fixtures::Said| said.period += 1,
        |said: &mut fixtures::Said| said.favorite ^= true,
    ] {
        let mut other = fixture.clone();
        change(other.entries.last_mut().unwrap());
        assert!(std::panic::catch_unwind(|| check(&other, &imported)).is_err());
    }
}

#[test]
fn every_fixture_says_what_it_is_by_its_content() {
    for fixture in fixtures::all() {
        let known = fixture.sources.iter().find_map(|(_, bytes)| detect(&Source { name: "", bytes }));
        let named = fixture.sources.iter().find_map(|(name, bytes)| detect(&Source { name, bytes }));
        assert_eq!(named.map(|format| format.name()), Some(fixture.format), "{}", fixture.name);
        // A sealed file without a mark may need its name to be told from another such file.
        if let Some(known) = known {
            assert_eq!(known.name(), fixture.format, "{}", fixture.name);
        }
    }
}

#[test]
fn a_wrong_password_is_told_from_damage_and_a_missing_one_is_asked_for() {
    for fixture in fixtures::all() {
        let name = fixture.name;
        if fixture.password.is_none() && fixture.key_file.is_none() {
            continue;
        }
        let sources = borrowed(&fixture);
        let missing = open_bytes(&sources, None, None);
        assert!(
            matches!(missing, Err(ImportError::NeedsPassword(_, Needs::Password | Needs::KeyFile))),
            "{name}: {:?}",
            missing.map(|imported| imported.entries.len()),
        );
        let wrong = open_bytes(&sources, Some(WRONG), fixture.key_file.as_deref());
        assert!(
            matches!(wrong, Err(ImportError::WrongPassword(_))),
            "{name}: {:?}",
            wrong.map(|imported| imported.entries.len()),
        );
    }
}

/// Each file cut at every 97th byte: an error with a type, or problems that say what is missing.
#[test]
fn a_file_that_is_cut_anywhere_says_so() {
    let (opened, refused) = damage(
        97,
        |bytes, at| bytes.truncate(at),
        |fixture, imported, place| {
            account_for(fixture, imported);
            let less = imported.entries.len() < fixture.entries.len();
            // The log of a database counts up to its last whole commit, as it does for SQLite itself.
            let may = LINES.contains(&fixture.format) || fixture.sources.len() > 1;
            assert!(
                !less || may || !imported.problems.is_empty(),
                "{}: cut at {place} loses entries",
                fixture.name
            );
        },
    );
    println!("cut files: {opened} opened with problems named, {refused} refused");
    assert!(refused > 0);
}

/// Each file with every 101st byte flipped.
#[test]
fn a_file_that_is_changed_anywhere_is_no_reason_to_panic() {
    let flip = |bytes: &mut Vec<u8>, at: usize| bytes[at] ^= 0xff;
    let (opened, refused) = damage(101, flip, |fixture, imported, place| {
        account_for(fixture, imported);
        let whole = imported.problems.len() <= fixture.problems;
        let equal = imported.entries.len() == fixture.entries.len()
            && imported
                .entries
                .iter()
                .zip(&fixture.entries)
                .all(|(entry, expected)| &said(entry, &imported.groups) == expected);
        let sealed = fixture.password.is_some() && !UNSEALED.contains(&fixture.format);
        assert!(equal || !whole || !sealed, "{}: byte {place} was changed and nobody said so", fixture.name);
    });
    println!("changed files: {opened} opened, {refused} refused");
    assert!(refused > 0);
}

/// No problem stands for nothing, and none for more than there can be.
#[track_caller]
fn account_for(fixture: &Fixture, imported: &Imported) {
    let beyond = imported.problems.iter().filter(|problem| matches!(problem.reason, Reason::TooMany(_)));
    assert_eq!(beyond.count(), 0, "{}", fixture.name);
    assert_eq!(imported.total(), imported.entries.len() + imported.problems.len(), "{}", fixture.name);
}
