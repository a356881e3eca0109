//! R25: every one-time password of a file is in one of five counts, which add up to what the file holds. What a file holds is
//! said by its generator, and not by the importer that is counted.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;
mod damaging;
mod reading;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use authenticator_core::authenticator::{ImportCounts, ImportPreview};
use authenticator_core::import::Imported;
use common::{NOW, rounds, unlocked};
use damaging::damage;
use fixtures::Fixture;
use reading::{identity, open_fixture};

/// What a file must come to, told from the generator's own list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Expected {
    entries: usize,
    /// Entries that repeat one before them, names and all.
    repeats: usize,
    problems: usize,
}

impl Expected {
    fn of(fixture: &Fixture) -> Self {
        let mut seen = BTreeSet::new();
        let repeats = fixture.entries.iter().filter(|said| !seen.insert(identity(said))).count();
        Self { entries: fixture.entries.len(), repeats, problems: fixture.problems }
    }
}

#[track_caller]
fn check(name: &str, counts: ImportCounts, expected: Expected, skipped: usize) {
    let Expected { entries, repeats, problems } = expected;
    let sum = counts.imported + counts.duplicates + counts.unsupported + counts.damaged + counts.skipped;
    assert_eq!((counts.total, sum), (entries + problems, entries + problems), "{name}: {counts:?}");
    assert_eq!(counts.imported, entries - repeats - skipped, "{name}: {counts:?}");
    assert_eq!((counts.duplicates, counts.skipped), (repeats, skipped), "{name}: {counts:?}");
    assert_eq!(counts.unsupported + counts.damaged, problems, "{name}: {counts:?}");
}

#[test]
fn every_entry_of_every_fixture_is_in_one_count() {
    let all = fixtures::all();
    let mut entries = 0;
    for fixture in &all {
        let (name, expected) = (fixture.name, Expected::of(fixture));
        let (_place, core) = unlocked();
        let imported = open_fixture(fixture).unwrap();
        let preview = core.preview_import(imported.clone()).unwrap();
        check(name, preview.counts(), expected, 0);
        // Every third that may be picked is left out.
        let left_out = (0..expected.entries).step_by(3).filter(|row| preview.pick(*row, false)).count();
        let done = core.commit_import(&preview, NOW).unwrap();
        check(name, done.counts, expected, left_out);
        let here = core.list().unwrap().len() + core.trash().unwrap().len();
        assert_eq!((done.ids.len(), here), (done.counts.imported, done.counts.imported), "{name}");
        // The same file again: what is here is there already, and what was left out is new still.
        let again = core.preview_import(imported).unwrap().counts();
        let there = expected.entries - left_out;
        assert_eq!((again.imported, again.duplicates), (left_out, there), "{name}: {again:?}");
        assert_eq!(again.total, expected.entries + expected.problems, "{name}: {again:?}");
        entries += again.total;
    }
    println!("cases {entries}");
    assert!(all.len() > 50, "{} fixtures", all.len());
}

/// Each file cut and flipped: whatever is left of it adds up, and damage makes no account that was not there.
#[test]
fn files_that_are_cut_and_flipped_add_up_as_well() {
    let cases = AtomicUsize::new(0);
    let adds_up = |fixture: &Fixture, imported: &Imported, at: usize| {
        let whole = fixture.entries.len() + fixture.problems;
        let counts = ImportPreview::of(imported.clone()).counts();
        let sum = counts.imported + counts.duplicates + counts.unsupported + counts.damaged + counts.skipped;
        assert_eq!((counts.total, sum), (imported.total(), imported.total()), "{}: {at}", fixture.name);
        assert_eq!(counts.imported + counts.duplicates, imported.entries.len(), "{}: {at}", fixture.name);
        assert!(counts.total <= whole, "{}: {at}: {} of {whole}", fixture.name, counts.total);
        cases.fetch_add(1, Ordering::Relaxed);
    };
    // Other places than those of `import_fixtures`, and fewer: what opens them is the same.
    let step = rounds(997, 97) as usize;
    damage(step, |bytes, at| bytes.truncate(at), adds_up);
    damage(step + 4, |bytes, at| bytes[at] ^= 0xff, adds_up);
    println!("cases {}", cases.load(Ordering::Relaxed));
    assert!(cases.into_inner() > 100);
}

/// The control: an entry or a problem that an importer drops without a word is seen.
#[test]
fn control_an_entry_that_is_dropped_without_a_word_is_seen() {
    let seen = |fixture: &Fixture, lose: fn(&mut Imported)| {
        let mut imported = open_fixture(fixture).unwrap();
        lose(&mut imported);
        let counts = ImportPreview::of(imported).counts();
        std::panic::catch_unwind(|| check(fixture.name, counts, Expected::of(fixture), 0)).is_err()
    };
    let mut with_problems = 0;
    for fixture in fixtures::all().iter().filter(|fixture| !fixture.dear) {
        assert!(!seen(fixture, |_| {}), "{}: nothing is lost", fixture.name);
        let pop: fn(&mut Imported) = |imported| drop(imported.entries.pop());
        assert!(fixture.entries.is_empty() || seen(fixture, pop), "{}", fixture.name);
        if fixture.problems > 0 {
            assert!(seen(fixture, |imported| drop(imported.problems.pop())), "{}", fixture.name);
            with_problems += 1;
        }
    }
    assert!(with_problems > 5);
}
