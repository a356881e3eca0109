//! The flows as a shell uses them: one object, locked or unlocked, and what happens when both come at once.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;
#[allow(dead_code, reason = "drawing is enough here")]
mod qr_drawing;

use std::io::Cursor;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, Weak, mpsc};
use std::time::Duration;

use authenticator_core::authenticator::{
    Added, Authenticator, Error, NoCode, ScanOutcome, ScanSession, Status,
};
use authenticator_core::device::{Anchor, AnchorRecord, KeyStoreError, StoredAnchor, VaultId};
use authenticator_core::secret::SecretBytes;
use authenticator_core::time::UnixTime;
use authenticator_core::uri;
use authenticator_core::vault::{
    Change, KdfParams, Key, Mode, NewItem, NewSlot, Reason, RecoveryCode, VaultError,
};
use common::{MemoryAnchor, NOW, boot, confirmed, hotp, totp, unlocked};

#[test]
fn every_call_on_a_locked_vault_answers_locked() {
    let (place, core) = unlocked();
    let id = core.add(totp("GitHub", "alex", 1), NOW).unwrap().id();
    let group = core.add_group("Work").unwrap();
    let token = confirmed(&core, &place);
    core.lock();
    let answers = [
        ("mode", core.mode().err()),
        ("list", core.list().err()),
        ("trash", core.trash().err()),
        ("item", core.item(id).err()),
        ("groups", core.groups().err()),
        ("search", core.search("git").err()),
        ("search_trash", core.search_trash("git").err()),
        ("codes", core.codes(NOW, 0, &[id]).err()),
        ("next_code", core.next_code(id, NOW).err()),
        ("last_code", core.last_code(id, NOW).err()),
        ("counter", core.counter(id).err()),
        ("used", core.used(id, NOW).err()),
        ("add", core.add(totp("x", "", 2), NOW).err()),
        ("change", core.change(id, Change::default(), NOW).err()),
        ("delete", core.delete(id, NOW).err()),
        ("restore", core.restore(id).err()),
        ("purge_expired", core.purge_expired(NOW).err()),
        ("set_order", core.set_order(&[id]).err()),
        ("add_group", core.add_group("x").err()),
        ("rename_group", core.rename_group(group, "x").err()),
        ("delete_group", core.delete_group(group).err()),
        ("reveal", core.reveal(id, &token, boot(0)).err()),
        ("verify", core.verify().err()),
        ("accept", core.accept().err()),
    ];
    for (call, error) in answers {
        assert!(matches!(error, Some(Error::Locked)), "{call}: {error:?}");
    }
    core.lock();
    assert!(matches!(core.status(), Ok(Status::Locked(slots)) if slots.len() == 1));
}

#[test]
fn a_vault_is_made_locked_and_unlocked_in_three_ways_and_its_codes_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let anchor: Arc<dyn Anchor> = Arc::new(MemoryAnchor::default());
    let core = Authenticator::new(folder.path().join("vault"), anchor);
    assert_eq!(core.status().unwrap(), Status::NoVault);
    let code = RecoveryCode::make().unwrap();
    let device = SecretBytes::new(vec![5; 32]);
    let kdf = KdfParams::new(32 * 1024, 3, 1).unwrap();
    let slots = [
        NewSlot::Passphrase { passphrase: b"a passphrase", kdf },
        NewSlot::RecoveryCode(&code),
        NewSlot::Device(&device),
    ];
    core.create(&slots, NOW).unwrap();
    assert_eq!(core.status().unwrap(), Status::Unlocked(Mode::ReadWrite));
    assert!(matches!(core.create(&slots, NOW), Err(Error::Vault(VaultError::AlreadyExists))));
    let id = core.add(totp("GitHub", "alex", 1), NOW).unwrap().id();
    let codes = |core: &Authenticator| core.codes(NOW, 0, &[id]).unwrap().rows[0].code.clone().unwrap();
    let before = codes(&core);
    for key in [Key::Passphrase(b"a passphrase"), Key::RecoveryCode(&code), Key::Device(&device)] {
        core.lock();
        assert_eq!(core.unlock(key, NOW).unwrap().mode, Mode::ReadWrite);
        assert_eq!(codes(&core), before);
    }
    let again = core.unlock(Key::RecoveryCode(&code), NOW);
    assert!(matches!(again, Err(Error::AlreadyUnlocked)));
    core.lock();
    let wrong = core.unlock(Key::Device(&SecretBytes::new(vec![6; 32])), NOW);
    assert!(matches!(wrong, Err(Error::Vault(VaultError::WrongKey))));
    assert!(matches!(core.list(), Err(Error::Locked)));
}

#[test]
fn codes_come_for_the_rows_asked_for_with_the_moment_of_the_next_change() {
    let (_place, core) = unlocked();
    let thirty = core.add(totp("thirty", "", 1), NOW).unwrap().id();
    let parse = |text: &str| NewItem::from(uri::parse(text).unwrap());
    let hour = core.add(parse("otpauth://totp/hour?secret=GEZDGNBVGY3TQOJQ&period=3600"), NOW).unwrap().id();
    let counts = core.add(hotp("counts", 3), NOW).unwrap().id();
    let no_pin = core.add(parse("motp://no-pin?secret=e3152afee62599c8"), NOW).unwrap().id();
    let at = UnixTime::from_seconds(61);
    let codes = core.codes(at, 0, &[hour, counts, no_pin, thirty]).unwrap();
    assert_eq!(codes.rows.iter().map(|row| row.id).collect::<Vec<_>>(), [hour, counts, no_pin, thirty]);
    assert_eq!(codes.next_change_at, Some(UnixTime::from_seconds(90)));
    assert_eq!(codes.rows[0].code.as_ref().unwrap().valid_until, UnixTime::from_seconds(3600));
    assert_eq!(codes.rows[1].code, Err(NoCode::Counts));
    assert_eq!(codes.rows[2].code, Err(NoCode::NeedsPin));
    assert_eq!(core.codes(at, 0, &[hour]).unwrap().next_change_at, Some(UnixTime::from_seconds(3600)));
    assert_eq!(core.codes(at, 0, &[counts]).unwrap().next_change_at, None);
    // The next code is the code of the next time step, and a clock that is behind gives it at once.
    let now = &codes.rows[3];
    let later = core.codes(UnixTime::from_seconds(90), 0, &[thirty]).unwrap();
    let behind = core.codes(at, 30_000, &[thirty]).unwrap();
    let next = now.next.as_ref().unwrap();
    assert_eq!(later.rows[0].code.as_ref().unwrap(), next);
    assert_eq!(behind.rows[0].code.as_ref().unwrap().text, next.text);
    assert_eq!(behind.rows[0].code.as_ref().unwrap().valid_until, UnixTime::from_seconds(90));
}

#[test]
fn a_kept_code_is_forgotten_when_its_account_changes() {
    let (_place, core) = unlocked();
    let text = "otpauth://yaotp/ann?secret=LA2V6KMCGYMWWVEW64RNP3JA3IAAAAAAHTSG4HRZPI&pin=7586";
    let id = core.add(NewItem::from(uri::parse(text).unwrap()), NOW).unwrap().id();
    let code = || core.codes(NOW, 0, &[id]).unwrap().rows[0].code.clone().unwrap().text;
    let before = code();
    assert_eq!(code(), before);
    core.change(id, Change { pin: Some("1234".into()), ..Change::default() }, NOW).unwrap();
    assert_ne!(code(), before);
}

#[test]
fn a_picture_becomes_an_account_that_is_revealed_as_it_was_scanned() {
    let (place, core) = unlocked();
    let text =
        "otpauth://totp/ACME:ann?secret=JBSWY3DPEHPK3PXP&issuer=ACME&algorithm=SHA256&digits=8&period=60";
    let mut png = Vec::new();
    qr_drawing::draw(text, 4).write_to(&mut Cursor::new(&mut png), image::ImageFormat::Png).unwrap();
    let outcomes = ScanSession::new().take_image(&png, &|| false).unwrap();
    let [ScanOutcome::Account(account)] = outcomes.as_slice() else { panic!("{outcomes:?}") };
    let added = core.add(NewItem::from((**account).clone()), NOW).unwrap();
    assert!(matches!(added, Added::New(_)));
    assert_eq!(core.add(NewItem::from((**account).clone()), NOW).unwrap(), Added::AlreadyThere(added.id()));
    let revealed = core.reveal(added.id(), &confirmed(&core, &place), boot(0)).unwrap();
    assert_eq!(revealed.secret.expose(), "JBSWY3DPEHPK3PXP");
    assert_eq!(uri::parse(revealed.uri.expose()).unwrap(), **account);
    assert!(!format!("{revealed:?}").contains("JBSW"));
}

#[test]
fn a_scan_says_what_each_text_is_and_which_parts_are_missing() {
    let accounts: Vec<_> =
        (0..23).map(|n| uri::parse(&format!("otpauth://totp/a{n}?secret=JBSWY3DP")).unwrap()).collect();
    let parts = uri::migration::print(&accounts, 7).parts;
    let mut session = ScanSession::new();
    let mut seen = Vec::new();
    for part in [2, 0, 2, 1] {
        let ScanOutcome::Migration(part) = session.take_text(parts[part].expose()) else { panic!() };
        seen.push((part.part, part.parts, part.missing, part.accounts.len(), part.seen_before));
    }
    let expected = [
        (3, 3, vec![1, 2], 3, false),
        (1, 3, vec![2], 10, false),
        (3, 3, vec![2], 0, true),
        (2, 3, vec![], 10, false),
    ];
    assert_eq!(seen, expected);
    assert!(matches!(session.take_text("WIFI:S:x;;"), ScanOutcome::Other(uri::Text::Wifi)));
}

#[test]
fn names_notes_groups_and_the_trash_are_searched_apart() {
    let (_place, core) = unlocked();
    let cafe = core.add(totp("Café", "zoë", 1), NOW).unwrap().id();
    let bank = core.add(totp("Bank", "zoë", 2), NOW).unwrap().id();
    let group = core.add_group("Travel").unwrap();
    let change = Change { note: Some("old phone".into()), groups: Some(vec![group]), ..Change::default() };
    core.change(bank, change, NOW).unwrap();
    let found = |query: &str| core.search(query).unwrap().iter().map(|item| item.id).collect::<Vec<_>>();
    assert_eq!(found("cafe"), [cafe]);
    assert_eq!(found("ZOE"), [cafe, bank]);
    assert_eq!(found("zoe phone"), [bank]);
    assert_eq!(found("travel"), [bank]);
    assert_eq!(found(""), [cafe, bank]);
    core.delete(bank, NOW).unwrap();
    assert_eq!(found("zoe"), [cafe]);
    assert_eq!(core.search_trash("zoe").unwrap().len(), 1);
    assert!(core.search_trash("cafe").unwrap().is_empty());
}

#[test]
fn an_icon_is_kept_and_a_code_taken_is_counted() {
    let (place, core) = unlocked();
    let id = core.add(hotp("Door", 1), NOW).unwrap().id();
    core.change(id, Change { icon: Some(Some("bundled/door".into())), ..Change::default() }, NOW).unwrap();
    core.next_code(id, NOW).unwrap();
    core.used(id, NOW.plus_ms(5)).unwrap();
    core.lock();
    core.unlock(Key::RecoveryCode(&place.code), NOW).unwrap();
    let item = core.item(id).unwrap();
    assert_eq!((item.usage_count, item.last_used_at), (2, Some(NOW.plus_ms(5))));
    assert_eq!(item.icon.as_deref(), Some("bundled/door"));
    core.change(id, Change { icon: Some(None), ..Change::default() }, NOW).unwrap();
    assert_eq!(core.item(id).unwrap().icon, None);
}

#[test]
fn a_lost_file_is_a_previous_vault_until_somebody_starts_new() {
    let (place, core) = unlocked();
    core.lock();
    std::fs::remove_dir_all(place.path()).unwrap();
    let Ok(Status::PreviousVault(id)) = core.status() else { panic!("{:?}", core.status()) };
    let slots = [NewSlot::RecoveryCode(&place.code)];
    let made = core.create(&slots, NOW);
    assert!(matches!(made, Err(Error::Vault(VaultError::PreviousVault(previous))) if previous == id));
    core.archive_previous().unwrap();
    assert_eq!(core.status().unwrap(), Status::NoVault);
    core.create(&slots, NOW).unwrap();
}

#[test]
fn read_only_still_shows_codes_and_refuses_what_changes() {
    let (place, core) = unlocked();
    let id = core.add(totp("GitHub", "alex", 1), NOW).unwrap().id();
    let counts = core.add(hotp("Door", 2), NOW).unwrap().id();
    core.lock();
    place.memory.set(place.anchor.list().unwrap()[0], StoredAnchor::Torn);
    let mode = core.unlock(Key::RecoveryCode(&place.code), NOW).unwrap().mode;
    assert_eq!(mode, Mode::ReadOnly(Reason::AnchorTorn));
    assert_eq!(core.list().unwrap().len(), 2);
    assert!(core.codes(NOW, 0, &[id]).unwrap().rows[0].code.is_ok());
    assert!(core.reveal(id, &confirmed(&core, &place), boot(0)).is_ok());
    let refused = |error: Option<Error>| {
        assert!(matches!(error, Some(Error::Vault(VaultError::ReadOnly(Reason::AnchorTorn)))), "{error:?}");
    };
    refused(core.next_code(counts, NOW).err());
    refused(core.delete(id, NOW).err());
    refused(core.add(totp("x", "", 3), NOW).err());
    core.accept().unwrap();
    assert_eq!(core.next_code(counts, NOW).unwrap().counter, 0);
}

/// What the key store does while the core waits for it: set by each test.
type Meanwhile = fn(&Authenticator);

/// A key store that calls back: a shell's may, when its answer makes a screen redraw.
#[derive(Default)]
struct CallingBack {
    inner: MemoryAnchor,
    core: OnceLock<Weak<Authenticator>>,
    at_load: Mutex<Option<Meanwhile>>,
    at_store: Mutex<Option<Meanwhile>>,
}

impl CallingBack {
    fn call(&self, which: &Mutex<Option<Meanwhile>>) {
        let act = which.lock().unwrap().take();
        if let (Some(act), Some(core)) = (act, self.core.get().and_then(Weak::upgrade)) {
            act(&core);
        }
    }
}

impl Anchor for CallingBack {
    fn load(&self, vault: VaultId) -> Result<StoredAnchor, KeyStoreError> {
        self.call(&self.at_load);
        self.inner.load(vault)
    }

    fn store(&self, vault: VaultId, record: &AnchorRecord) -> Result<(), KeyStoreError> {
        self.call(&self.at_store);
        self.inner.store(vault, record)
    }

    fn list(&self) -> Result<Vec<VaultId>, KeyStoreError> {
        self.inner.list()
    }

    fn archive(&self, vault: VaultId) -> Result<(), KeyStoreError> {
        self.inner.archive(vault)
    }
}

fn calling_back(folder: PathBuf) -> (Arc<CallingBack>, Arc<Authenticator>, RecoveryCode) {
    let anchor = Arc::new(CallingBack::default());
    let core = Arc::new(Authenticator::new(folder, anchor.clone()));
    assert!(anchor.core.set(Arc::downgrade(&core)).is_ok());
    let code = RecoveryCode::make().unwrap();
    core.create(&[NewSlot::RecoveryCode(&code)], NOW).unwrap();
    (anchor, core, code)
}

/// Runs `test` on a thread of its own and gives up when it waits for itself.
fn within_a_minute(test: impl FnOnce() + Send + 'static) {
    let (done, ended) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        test();
        let _ = done.send(());
    });
    match ended.recv_timeout(Duration::from_secs(60)) {
        Ok(()) => {}
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("two locks wait for each other"),
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        }
    }
}

#[test]
fn no_lock_is_held_while_the_key_store_is_asked() {
    within_a_minute(|| {
        let folder = tempfile::tempdir().unwrap();
        let (anchor, core, _) = calling_back(folder.path().join("vault"));
        *anchor.at_store.lock().unwrap() = Some(|core| {
            // The commit has ended: what was added is there to be seen and used.
            let ids: Vec<_> = core.list().unwrap().iter().map(|item| item.id).collect();
            core.codes(NOW, 0, &ids).unwrap();
            core.add(totp("from within", "", 9), NOW).unwrap();
        });
        core.add(totp("GitHub", "alex", 1), NOW).unwrap();
        assert_eq!(core.list().unwrap().len(), 2);
        assert!(core.verify().unwrap().problems.is_empty());
    });
}

#[test]
fn an_unlock_that_ends_after_a_lock_leaves_nothing_unlocked() {
    within_a_minute(|| {
        let folder = tempfile::tempdir().unwrap();
        let (anchor, core, code) = calling_back(folder.path().join("vault"));
        core.lock();
        *anchor.at_load.lock().unwrap() = Some(|core| core.lock());
        assert!(matches!(core.unlock(Key::RecoveryCode(&code), NOW), Err(Error::Locked)));
        assert!(matches!(core.list(), Err(Error::Locked)));
        core.unlock(Key::RecoveryCode(&code), NOW).unwrap();
    });
}

#[test]
fn a_write_that_ends_after_a_lock_is_kept_and_its_result_is_dropped() {
    within_a_minute(|| {
        let folder = tempfile::tempdir().unwrap();
        let (anchor, core, code) = calling_back(folder.path().join("vault"));
        *anchor.at_store.lock().unwrap() = Some(|core| core.lock());
        assert!(matches!(core.add(totp("GitHub", "alex", 1), NOW), Err(Error::Locked)));
        let unlocked = core.unlock(Key::RecoveryCode(&code), NOW).unwrap();
        assert_eq!((unlocked.mode, unlocked.report.ahead), (Mode::ReadWrite, 0));
        assert_eq!(core.list().unwrap().len(), 1);
    });
}

#[test]
fn writers_at_once_leave_the_newest_anchor() {
    let (place, core) = unlocked();
    std::thread::scope(|scope| {
        for writer in 0..4u8 {
            let core = &core;
            scope.spawn(move || {
                for n in 0..10 {
                    core.add(totp(&format!("{writer} {n}"), "", writer), NOW).unwrap();
                }
            });
        }
    });
    core.lock();
    let opened = place.open();
    assert_eq!((opened.vault.mode(), opened.report.ahead), (Mode::ReadWrite, 0));
    assert_eq!(opened.vault.items().len(), 40);
}

#[test]
fn an_anchor_that_cannot_be_stored_is_told_and_the_account_is_there() {
    let (place, core) = unlocked();
    *place.memory.failing.lock().unwrap() = Some(KeyStoreError::Unavailable);
    core.add(totp("GitHub", "alex", 1), NOW).unwrap();
    let problems = core.verify().unwrap().problems;
    assert!(problems.iter().any(|found| found.to_string().contains("anchor")), "{problems:?}");
    *place.memory.failing.lock().unwrap() = None;
    core.add(totp("GitLab", "alex", 2), NOW).unwrap();
    assert!(core.verify().unwrap().problems.is_empty());
}
