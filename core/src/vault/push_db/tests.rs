mod damage;

use super::*;
use crate::push::enrolment::{Event, Stage};
use crate::time::UnixTime;

const VAULT: VaultId = VaultId([3; 16]);
const AT: UnixTime = UnixTime::from_ms(1_800_000_000_000);

struct Place {
    folder: tempfile::TempDir,
    push: SecretBytes,
    names: SecretBytes,
}

impl Place {
    fn new() -> Self {
        let secret = || random::make_secret(32).unwrap();
        Self { folder: tempfile::tempdir().unwrap(), push: secret(), names: secret() }
    }

    fn keys(&self) -> PushKeys {
        PushKeys { epoch: 1, push: self.push.clone(), names: Some(self.names.clone()) }
    }

    fn open(&self) -> PushDb {
        PushDb::open_or_make(self.folder.path(), VAULT, self.keys()).unwrap()
    }

    fn raw(&self) -> Connection {
        Connection::open(self.folder.path().join("push.db")).unwrap()
    }

    fn bytes(&self) -> Vec<u8> {
        self.raw().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        std::fs::read(self.folder.path().join("push.db")).unwrap()
    }
}

fn enrolment() -> Enrolment {
    Enrolment {
        stage: number_of(Stage::Active),
        issuer: "https://login.example".to_owned(),
        credential: "AQEBAQEBAQEBAQEBAQEBAQ".to_owned(),
        device_alias: "klink.device.1".to_owned(),
        approval_alias: "klink.approval.1".to_owned(),
        device_key: vec![4; 65].into(),
        approval_key: vec![5; 65].into(),
        service_keys: vec![(vec![6; 65].into(), 0)],
        offset_ms: -1500,
        offer: None,
        body: None,
        offer_exp: 0,
        check_number: Some("012345".to_owned()),
        wake_up: Some(WakeUp {
            endpoint: "https://p.example/1".to_owned(),
            private: vec![7; 32],
            auth: vec![8; 16],
            relayed: None,
        }),
        item: None,
        created_ms: AT.ms(),
        polled_ms: None,
        woken_ms: None,
        reason: None,
        hardware: false,
        renew: false,
        rotation: None,
        dialect: 1,
        loose: None,
        leaving: None,
    }
}

fn names() -> Names {
    Names {
        service: "Organisation of Somewhere".to_owned(),
        account_name: "somebody@somewhere.example".to_owned(),
        own_name: None,
        logo: Some(vec![9; 64 * 1024].into()),
    }
}

fn answer(request: &str) -> Pending {
    Pending {
        key: [0; 16],
        enrolment: vec![1; 16].into(),
        request: request.to_owned(),
        kind: AnswerKind::Deny,
        text: format!("signed.for.{request}"),
        exp: 1_800_000_030,
        told: Told { application: "Mail".to_owned(), asked_ms: AT.ms(), ..Told::default() },
    }
}

fn with_one() -> (Place, EnrolmentId) {
    let place = Place::new();
    let id = EnrolmentId::make().unwrap();
    place.open().add_enrolment(id, &enrolment(), &names()).unwrap();
    (place, id)
}

#[test]
fn an_enrolment_reads_back_with_its_names_and_changes_in_place() {
    let (place, id) = with_one();
    let row = place.open().enrolment(id).unwrap();
    assert_eq!((row.stage, row.names), (Stage::Active, Some(names())));
    assert_eq!(row.enrolment.offset_ms, -1500);
    place.open().change_enrolment(id, |enrolment| enrolment.offset_ms = 7).unwrap();
    let other = Names { own_name: Some("work".to_owned()), ..names() };
    place.open().set_names(id, &other).unwrap();
    let row = place.open().enrolment(id).unwrap();
    assert_eq!((row.enrolment.offset_ms, row.names), (7, Some(other)));
    place.open().remove_enrolment(id).unwrap();
    assert!(matches!(place.open().enrolment(id), Err(VaultError::NoSuchItem)));
}

#[test]
fn an_event_that_cannot_happen_changes_nothing() {
    let (place, id) = with_one();
    place.open().happen(id, Event::Enrolled, |enrolment| enrolment.offset_ms = 7).unwrap();
    assert_eq!(place.open().enrolment(id).unwrap().enrolment.offset_ms, -1500);
    place.open().happen(id, Event::Revoked, |enrolment| enrolment.offset_ms = 7).unwrap();
    let row = place.open().enrolment(id).unwrap();
    assert_eq!((row.stage, row.enrolment.offset_ms), (Stage::Revoked, 7));
}

#[test]
fn no_name_and_no_address_stands_in_the_file_in_clear() {
    let (place, id) = with_one();
    place.open().store_answer("credential", AT.ms(), &answer("request")).unwrap();
    place.open().set_quiet(id, &Quiet { until_ms: 5, ..Quiet::default() }).unwrap();
    let bytes = place.bytes();
    let found = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    for text in
        ["Organisation", "somebody", "login.example", "klink.device", "p.example", "signed.for", "Mail"]
    {
        assert!(!found(text), "{text}");
    }
    // The control: the search finds what does stand there.
    assert!(found("CREATE TABLE enrolment"));
}

#[test]
fn a_device_secret_opens_everything_but_names() {
    let (place, id) = with_one();
    let secret = random::make_secret(32).unwrap();
    place.open().wrap(&secret).unwrap();
    assert!(place.open().is_wrapped(&secret).unwrap());
    let mut locked = PushDb::open_locked(place.folder.path(), &secret).unwrap();
    let row = locked.enrolment(id).unwrap();
    assert_eq!((row.stage, row.names), (Stage::Active, None));
    locked.store_answer("credential", AT.ms(), &answer("request")).unwrap();
    assert!(matches!(locked.set_names(id, &names()), Err(VaultError::WrongKey)));
    assert_eq!(place.open().outbox().unwrap().len(), 1);
    let other = random::make_secret(32).unwrap();
    assert!(matches!(PushDb::open_locked(place.folder.path(), &other), Err(VaultError::WrongKey)));
    assert!(!place.open().is_wrapped(&other).unwrap());
}

/// The control of proof N16: were `k_push` only in the vault, nothing would open while the vault is locked.
#[test]
fn without_the_wrap_nothing_opens_while_the_vault_is_locked() {
    let (place, _) = with_one();
    let secret = random::make_secret(32).unwrap();
    assert!(matches!(PushDb::open_locked(place.folder.path(), &secret), Err(VaultError::NotFound)));
    place.open().wrap(&secret).unwrap();
    assert!(PushDb::open_locked(place.folder.path(), &secret).is_ok());
}

#[test]
fn every_moved_or_changed_row_stays_shut_is_named_and_stops_no_other() {
    let (place, first) = with_one();
    let second = EnrolmentId::make().unwrap();
    place.open().add_enrolment(second, &enrolment(), &names()).unwrap();
    // A row under another id, with another revision, and with one bit changed.
    for spoil in [
        "UPDATE enrolment SET body = (SELECT body FROM enrolment WHERE id = ?1) WHERE id <> ?1",
        "UPDATE enrolment SET rev = rev + 1 WHERE id <> ?1",
        "UPDATE enrolment SET body = CAST(substr(body, 1, length(body) - 1) || x'00' AS BLOB) WHERE id <> ?1",
        "UPDATE enrolment SET body = x'' WHERE id <> ?1",
    ] {
        let db = place.raw();
        let kept: (i64, Vec<u8>) = db
            .query_row("SELECT rev, body FROM enrolment WHERE id = ?", [second.0], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .unwrap();
        db.execute(spoil, [first.0]).unwrap();
        let all = place.open().enrolments().unwrap();
        assert_eq!(all.damaged, [second], "{spoil}");
        assert_eq!(all.rows.iter().map(|row| row.id).collect::<Vec<_>>(), [first]);
        assert!(matches!(place.open().enrolment(second), Err(VaultError::ItemUnreadable)));
        db.execute("UPDATE enrolment SET rev = ?, body = ? WHERE id = ?", (kept.0, kept.1, second.0))
            .unwrap();
        // The control: put back, it opens.
        assert_eq!(place.open().enrolments().unwrap().rows.len(), 2);
    }
}

#[test]
fn the_first_answer_to_a_request_is_the_answer() {
    let (place, _) = with_one();
    let mut db = place.open();
    db.store_answer("credential", AT.ms(), &answer("request")).unwrap();
    let second = Pending { text: "another".to_owned(), kind: AnswerKind::Approve, ..answer("request") };
    let first = db.store_answer("credential", AT.ms(), &second).unwrap().unwrap();
    assert_eq!((first.text.as_str(), first.kind), ("signed.for.request", AnswerKind::Deny));
    assert!(db.is_seen("credential", "request").unwrap());
    assert!(!db.is_seen("credential", "other").unwrap());
    assert!(!db.is_seen("other", "request").unwrap());
    // Another credential may be asked the same: it has an answer of its own.
    assert_eq!(db.store_answer("other", AT.ms(), &second).unwrap().unwrap().text, "another");
}

#[test]
fn an_outcome_moves_the_answer_to_the_history_once() {
    let (place, _) = with_one();
    let mut db = place.open();
    let waiting = db.store_answer("credential", AT.ms(), &answer("request")).unwrap().unwrap();
    db.finish_answer(&waiting, Outcome::Denied, AT).unwrap();
    // Settled, the request takes no second answer.
    let late = Pending { kind: AnswerKind::Approve, ..answer("request") };
    assert!(db.store_answer("credential", AT.ms(), &late).unwrap().is_none());
    db.finish_answer(&waiting, Outcome::Elsewhere, AT).unwrap();
    assert!(db.outbox().unwrap().is_empty());
    let (entries, damaged) = db.history().unwrap();
    assert_eq!((entries.len(), damaged), (1, 0));
    assert_eq!((entries[0].outcome, entries[0].told.application.as_str()), (Outcome::Denied, "Mail"));
    assert!(db.is_seen("credential", "request").unwrap());
}

#[test]
fn history_ends_at_90_days_and_at_1000_answers_and_seen_ten_minutes_after_the_end() {
    let (place, _) = with_one();
    let mut db = place.open();
    for n in 0..3 {
        db.store_answer("credential", AT.ms(), &answer(&format!("request {n}"))).unwrap();
    }
    for (n, waiting) in db.outbox().unwrap().iter().enumerate() {
        db.finish_answer(waiting, Outcome::Denied, AT.plus_ms(n as i64)).unwrap();
    }
    db.prune(AT.plus_ms(answers::HISTORY_MS)).unwrap();
    assert_eq!(db.history().unwrap().0.len(), 3);
    db.prune(AT.plus_ms(answers::HISTORY_MS + 2)).unwrap();
    assert_eq!(db.history().unwrap().0.len(), 1);
    db.see("credential", "late", AT.ms()).unwrap();
    db.prune(AT.plus_ms(answers::SEEN_MS)).unwrap();
    assert!(db.is_seen("credential", "late").unwrap());
    db.prune(AT.plus_ms(answers::SEEN_MS + 1)).unwrap();
    assert!(!db.is_seen("credential", "late").unwrap());
    let most = answers::HISTORY_MOST as i64;
    let raw = place.raw();
    raw.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= ?1)
         INSERT INTO history (id, rev, epoch, at, body) SELECT unhex(printf('%032x', i)), 1, 1, ?2 + i, x'00' FROM n",
        (most, AT.ms()),
    )
    .unwrap();
    drop(raw);
    db.prune(AT).unwrap();
    let (entries, damaged) = db.history().unwrap();
    assert_eq!(entries.len() + damaged, answers::HISTORY_MOST);
    assert!(damaged > 900, "rows that do not open are counted and kept");
}

#[test]
fn sealed_again_under_a_new_key_all_is_there_and_the_old_key_opens_nothing() {
    let (place, id) = with_one();
    let (old_secret, new_secret) = (random::make_secret(32).unwrap(), random::make_secret(32).unwrap());
    let mut db = place.open();
    db.wrap(&old_secret).unwrap();
    db.store_answer("credential", AT.ms(), &answer("request")).unwrap();
    db.set_quiet(id, &Quiet { until_ms: 5, ..Quiet::default() }).unwrap();
    let (push, of_names) = (random::make_secret(32).unwrap(), random::make_secret(32).unwrap());
    let new = || PushKeys { epoch: 2, push: push.clone(), names: Some(of_names.clone()) };
    // Body and names of the enrolment, the quiet and the answer.
    assert_eq!(db.reseal(new(), Some(&new_secret)).unwrap(), 4);
    drop(db);
    let again = PushDb::open(place.folder.path(), VAULT, new()).unwrap().unwrap();
    assert_eq!(again.enrolment(id).unwrap().names, Some(names()));
    assert_eq!(again.quiet(id).unwrap().until_ms, 5);
    assert_eq!(again.outbox().unwrap()[0].text, "signed.for.request");
    assert!(PushDb::open_locked(place.folder.path(), &new_secret).is_ok());
    assert!(PushDb::open_locked(place.folder.path(), &old_secret).is_err());
    let old = place.open();
    assert_eq!(old.enrolments().unwrap().damaged, [id]);
    assert!(old.outbox().unwrap().is_empty());
}

#[test]
fn a_file_that_is_no_database_is_an_error_and_stays_as_it_is() {
    for bytes in [vec![0x55; 4096], vec![0x55; 40], b"SQLite format 3\0 and then nothing of it".to_vec()] {
        let place = Place::new();
        let path = place.folder.path().join("push.db");
        std::fs::write(&path, &bytes).unwrap();
        let opened = PushDb::open(place.folder.path(), VAULT, place.keys());
        assert!(matches!(opened.err(), Some(VaultError::FileDamaged)));
        let made = PushDb::open_or_make(place.folder.path(), VAULT, place.keys());
        assert!(matches!(made.err(), Some(VaultError::FileDamaged)));
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
        // Put aside because somebody asked for it, it is kept, and a new one begins.
        for expected in ["push-1.db", "push-2.db"] {
            assert_eq!(PushDb::put_aside(place.folder.path()).unwrap().as_deref(), Some(expected));
            assert!(place.open().enrolments().unwrap().rows.is_empty());
        }
        assert_eq!(std::fs::read(place.folder.path().join("quarantine/push-1.db")).unwrap(), bytes);
    }
}

#[test]
fn a_file_of_another_vault_is_refused() {
    let (place, _) = with_one();
    let opened = PushDb::open(place.folder.path(), VaultId([4; 16]), place.keys());
    assert!(matches!(opened.err(), Some(VaultError::FileDamaged)));
    assert_eq!(PushDb::vault_of(place.folder.path()).unwrap(), Some(VAULT));
}

#[test]
fn a_file_that_was_only_just_begun_is_made_whole() {
    let place = Place::new();
    std::fs::write(place.folder.path().join("push.db"), b"").unwrap();
    assert_eq!(PushDb::vault_of(place.folder.path()).unwrap(), None);
    assert!(PushDb::open(place.folder.path(), VAULT, place.keys()).unwrap().is_none());
    assert!(place.open().enrolments().unwrap().rows.is_empty());
}
