//! Proofs R05-push and R07-push: `push.db` flipped and cut. What is shown is what was stored, and reading changes nothing.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::*;
use crate::vault::tests::scratch;

/// Every row that the file shows, as bytes that can be compared: with the vault's keys, or with the device's secret.
type Shown = BTreeSet<Vec<u8>>;

/// A whole file, and what it shows.
struct Bed {
    place: Place,
    secret: SecretBytes,
    whole: Vec<u8>,
    unlocked: Shown,
    locked: Shown,
}

#[derive(Debug, Default)]
struct Tally {
    cases: u64,
    refused: u64,
    /// What was shown and never stored.
    wrong: Vec<String>,
    touched: u64,
    panicked: u64,
}

impl Bed {
    fn make() -> Self {
        let place = Place { folder: scratch(), ..Place::new() };
        let secret = random::make_secret(32).unwrap();
        let mut db = place.open();
        let first = EnrolmentId::make().unwrap();
        let second = Enrolment { issuer: "https://other.example".to_owned(), ..enrolment() };
        let small = Names { logo: None, ..names() };
        db.add_enrolment(first, &enrolment(), &small).unwrap();
        db.add_enrolment(EnrolmentId::make().unwrap(), &second, &small).unwrap();
        db.set_quiet(first, &Quiet { until_ms: 5, ..Quiet::default() }).unwrap();
        for request in ["settled", "waiting"] {
            db.store_answer("credential", AT.ms(), &answer(request)).unwrap();
        }
        let waiting = db.outbox().unwrap();
        let settled = waiting.iter().find(|pending| pending.request == "settled").unwrap();
        db.finish_answer(settled, Outcome::Denied, AT).unwrap();
        db.wrap(&secret).unwrap();
        drop(db);
        place.raw().execute_batch("VACUUM").unwrap();
        let whole = place.bytes();
        let unlocked = place.shown().unwrap();
        let locked = show(&PushDb::open_locked(place.folder.path(), &secret).unwrap()).unwrap();
        assert_eq!(
            (unlocked.len(), locked.len()),
            (7, 5),
            "two enrolments, their names, one quiet, two answers"
        );
        Self { place, secret, whole, unlocked, locked }
    }

    /// Lays the file as `bytes` and looks at it both ways.
    fn judge(&self, bytes: &[u8], tally: &mut Tally) {
        tally.cases += 1;
        self.lay(bytes);
        let looks = catch_unwind(AssertUnwindSafe(|| {
            let locked = PushDb::open_locked(self.place.folder.path(), &self.secret);
            (self.place.shown(), locked.and_then(|db| show(&db)))
        }));
        let Ok((unlocked, locked)) = looks else {
            tally.panicked += 1;
            return;
        };
        tally.refused += u64::from(unlocked.is_err());
        for (seen, stored) in [(unlocked, &self.unlocked), (locked, &self.locked)] {
            let others = seen.map_or_else(|_| Shown::new(), |seen| &seen - stored);
            tally.wrong.extend(others.first().map(|first| String::from_utf8_lossy(first).into_owned()));
        }
        let path = self.place.folder.path().join(file::NAME);
        tally.touched += u64::from(std::fs::read(path).unwrap() != bytes);
    }

    fn lay(&self, bytes: &[u8]) {
        for log in ["push.db-wal", "push.db-shm"] {
            let _ = std::fs::remove_file(self.place.folder.path().join(log));
        }
        std::fs::write(self.place.folder.path().join(file::NAME), bytes).unwrap();
    }

    fn flipped(&self, at: usize) -> Vec<u8> {
        let mut bytes = self.whole.clone();
        bytes[at] ^= 1 << (at % 8);
        bytes
    }
}

impl Place {
    fn shown(&self) -> Result<Shown, VaultError> {
        let db = PushDb::open(self.folder.path(), VAULT, self.keys())?;
        db.map_or_else(|| Ok(Shown::new()), |db| show(&db))
    }
}

fn show(db: &PushDb) -> Result<Shown, VaultError> {
    let mut shown = Shown::new();
    for EnrolmentRow { id, enrolment, names, stage, .. } in db.enrolments()?.rows {
        let stored = (id.0, number_of(stage), minicbor::to_vec(&enrolment).unwrap());
        shown.insert(format!("{stored:?}").into_bytes());
        shown.extend(names.map(|names| format!("{id:?} {names:?}").into_bytes()));
        let quiet = db.quiet(id).unwrap_or_default();
        if quiet != Quiet::default() {
            shown.insert(format!("{id:?} {quiet:?}").into_bytes());
        }
    }
    for Pending { key, request, kind, text, exp, .. } in db.outbox()? {
        shown.insert(format!("{key:?} {request} {kind:?} {text} {exp}").into_bytes());
    }
    let (history, _) = db.history()?;
    shown.extend(history.iter().map(|entry| format!("{entry:?}").into_bytes()));
    Ok(shown)
}

fn every(commit: usize) -> usize {
    if std::env::var("KLINK_PROOFS").is_ok_and(|size| size == "full") { 1 } else { commit }
}

#[test]
fn a_flipped_byte_of_push_db_shows_nothing_that_was_not_stored() {
    let bed = Bed::make();
    let mut tally = Tally::default();
    for at in (0..bed.whole.len()).step_by(every(37)) {
        bed.judge(&bed.flipped(at), &mut tally);
    }
    assert!(tally.wrong.is_empty() && tally.touched + tally.panicked == 0, "{tally:?}");
    assert!(tally.refused > 0, "{tally:?}");
}

#[test]
fn a_push_db_cut_anywhere_shows_nothing_that_was_not_stored() {
    let bed = Bed::make();
    let mut tally = Tally::default();
    for length in (0..bed.whole.len()).step_by(every(64)) {
        bed.judge(&bed.whole[..length], &mut tally);
    }
    assert!(tally.wrong.is_empty() && tally.touched + tally.panicked == 0, "{tally:?}");
    assert!(tally.refused > 0, "{tally:?}");
}

/// Id, revision and body of an enrolment, as they stand in the file.
type RawRow = (Vec<u8>, i64, Vec<u8>);

/// The control of proofs R05-push and R07-push: SQLite alone reads other rows from the same files without an error.
#[test]
fn control_rows_of_a_flipped_push_db_read_without_their_seals_are_others() {
    let bed = Bed::make();
    let rows = || -> rusqlite::Result<Vec<RawRow>> {
        let db = bed.place.raw();
        let mut query = db.prepare("SELECT id, rev, body FROM enrolment ORDER BY id")?;
        query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
    };
    let whole = rows().unwrap();
    let fooled = (0..bed.whole.len()).step_by(97).filter(|at| {
        bed.lay(&bed.flipped(*at));
        rows().is_ok_and(|rows| rows != whole)
    });
    assert!(fooled.count() > 0);
}
