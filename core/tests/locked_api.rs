//! S20: every function of the core, called while the vault is locked and while it is read-only for each of the reasons.
//!
//! The list of functions is read from the sources: one that is new and stands in neither table fails this test.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use authenticator_core::authenticator::{
    Authenticator, Error, ImportPreview, ListOrder, LockLimits, PackPlan, PushError,
};
use authenticator_core::device::{
    AnchorRecord, DeviceKeys, KeyKind, KeyStoreError, MadeKey, Presence, Purpose, StoredAnchor,
};
use authenticator_core::export::ExportFormat;
use authenticator_core::import::{self, Imported, KdfBudget, Secrets, Source};
use authenticator_core::moving::{Sending, Way};
use authenticator_core::secret::SecretBytes;
use authenticator_core::time::BootTime;
use authenticator_core::vault::{
    Change, DiskFolder, EnrolmentId, Generations, GroupId, ItemId, Key, LockedSnapshot, Mode, NewSlot,
    Reason, RecoveryCode, Snapshot, VaultError,
};
use common::{NOW, Place, hotp, totp};

/// What a locked or read-only vault answers, as far as it matters here.
#[derive(Debug, Eq, PartialEq)]
enum Answer {
    Done,
    Locked,
    ReadOnly,
    Other(String),
}

/// What the calls are about.
struct World {
    place: Place,
    id: ItemId,
    group: GroupId,
    copy: Snapshot,
    code: RecoveryCode,
}

/// A function, whether it changes the vault, and a call of it.
type Call = (&'static str, bool, fn(&Authenticator, &World) -> Answer);

const AT: BootTime = BootTime::from_ms(1_000);
const READS: bool = false;
const CHANGES: bool = true;

/// Functions that need the vault: locked they answer so, and those that change it refuse when it is read-only.
const CALLS: &[Call] = &[
    ("mode", READS, |core, _| answer(core.mode())),
    ("list", READS, |core, _| answer(core.list())),
    ("list_by", READS, |core, _| answer(core.list_by(ListOrder::Name))),
    ("trash", READS, |core, _| answer(core.trash())),
    ("item", READS, |core, w| answer(core.item(w.id))),
    ("groups", READS, |core, _| answer(core.groups())),
    ("search", READS, |core, _| answer(core.search("git"))),
    ("search_by", READS, |core, _| answer(core.search_by("git", ListOrder::Name))),
    ("search_trash", READS, |core, _| answer(core.search_trash("git"))),
    ("codes", READS, |core, w| answer(core.codes(NOW, 0, &[w.id]))),
    ("last_code", READS, |core, w| answer(core.last_code(w.id, NOW))),
    ("counter", READS, |core, w| answer(core.counter(w.id))),
    ("find_duplicate", READS, |core, _| {
        let account = authenticator_core::uri::parse("otpauth://totp/x?secret=JBSWY3DPEHPK3PXP");
        answer(core.find_duplicate(&account.unwrap()))
    }),
    ("verify", READS, |core, _| answer(core.verify())),
    ("next_steps", READS, |core, _| answer(core.next_steps())),
    ("reconnected", READS, |core, _| push(core.reconnected())),
    ("to_enrol_again", READS, |core, _| push(core.to_enrol_again())),
    ("open_copy", READS, |core, w| answer(core.open_copy(&w.backup(), None))),
    ("compare", READS, |core, w| answer(core.compare(&w.copy))),
    ("preview_import", READS, |core, _| answer(core.preview_import(imported()))),
    ("duties", READS, |core, _| answer(core.duties(NOW))),
    ("slots", READS, |core, _| answer(core.slots())),
    ("confirm", READS, |core, w| answer(core.confirm(&w.key(), AT))),
    ("pack_key", READS, |core, _| answer(core.pack_key())),
    ("write_pack", READS, |core, w| {
        let plan = PackPlan { ids: vec![w.id], length_ms: 60_000 };
        answer(core.write_pack(&w.place.folder.path().join("pack"), &plan, NOW))
    }),
    ("watch", READS, |core, _| answer(core.watch(LockLimits::default(), AT))),
    ("write_backup", READS, |core, w| answer(core.write_backup(&w.place.folder.path().join("again"), NOW))),
    ("back_up", READS, |core, w| answer(core.back_up(&w.folder(), Generations::DEFAULT, NOW))),
    ("back_up_if_due", READS, |core, w| answer(core.back_up_if_due(&w.folder(), Generations::DEFAULT, NOW))),
    ("backup_state", READS, |core, _| answer(core.backup_state())),
    ("export_report", READS, |core, _| answer(core.export_report(ExportFormat::Aegis, None))),
    ("is_sending", READS, |core, _| answer(core.is_sending())),
    ("handed_over", READS, |core, _| answer(core.handed_over("123456"))),
    ("stop_sending", READS, |core, _| answer(core.stop_sending())),
    ("incoming", READS, |core, _| answer(core.incoming())),
    ("take_move_code", READS, |core, _| {
        let sending = Sending::new(&SecretBytes::new(vec![1]), 0, 0, Way::Codes).unwrap();
        answer(core.take_move_code(sending.codes()[0].expose()))
    }),
    ("stop_receiving", READS, |core, _| answer(core.stop_receiving())),
    ("next_code", CHANGES, |core, w| answer(core.next_code(w.id, NOW))),
    ("add", CHANGES, |core, _| answer(core.add(totp("x", "", 2), NOW))),
    ("change", CHANGES, |core, w| {
        let change = Change { note: Some("another".into()), ..Change::default() };
        answer(core.change(w.id, change, NOW))
    }),
    ("delete", CHANGES, |core, w| answer(core.delete(w.id, NOW))),
    ("restore", CHANGES, |core, w| answer(core.restore(w.id))),
    ("set_order", CHANGES, |core, w| answer(core.set_order(&[w.id]))),
    ("add_group", CHANGES, |core, _| answer(core.add_group("x"))),
    ("rename_group", CHANGES, |core, w| answer(core.rename_group(w.group, "x"))),
    ("delete_group", CHANGES, |core, w| answer(core.delete_group(w.group))),
    ("snapshot", CHANGES, |core, _| answer(core.snapshot(NOW))),
    ("commit_import", CHANGES, |core, _| answer(core.commit_import(&ImportPreview::of(imported()), NOW))),
    ("commit_import_until", CHANGES, |core, _| {
        answer(core.commit_import_until(&ImportPreview::of(imported()), NOW, &|| false))
    }),
    ("merge", CHANGES, |core, w| answer(core.merge(&w.copy, &[w.id], NOW))),
    ("replace_by", CHANGES, |core, w| answer(core.replace_by(&w.copy, NOW))),
    ("change_passphrase", CHANGES, |core, w| {
        answer(core.change_passphrase(&w.key(), &NewSlot::RecoveryCode(&w.code), NOW))
    }),
    ("replace_slot", CHANGES, |core, w| {
        answer(core.replace_slot(&w.key(), &NewSlot::RecoveryCode(&w.code), NOW))
    }),
    ("renew_recovery_code", CHANGES, |core, w| {
        answer(core.renew_recovery_code(&w.key(), &w.code, w.code.print().expose(), NOW))
    }),
    ("add_slot", CHANGES, |core, w| answer(core.add_slot(&w.key(), &NewSlot::RecoveryCode(&w.code), NOW))),
    ("rotate_data_key", CHANGES, |core, w| answer(core.rotate_data_key(&w.key(), NOW))),
    ("rotate_all", CHANGES, |core, w| {
        answer(core.rotate_all(&w.key(), &[NewSlot::RecoveryCode(&w.code)], NOW))
    }),
    ("rename_enrolment", CHANGES, |core, _| push(core.rename_enrolment(enrolment(), "x"))),
    ("put_push_aside", CHANGES, |core, _| push(core.put_push_aside())),
];

/// Functions that answer something else while locked, and why they may.
const OTHERWISE: &[(&str, &str)] = &[
    ("status", "it says that the vault is locked, and which ways in there are"),
    ("create", "a folder with a vault refuses another"),
    ("unlock", "it ends the lock"),
    ("try_unlock", "it ends the lock"),
    ("unlock_by_device", "it ends the lock"),
    ("unlock_with_lock_off", "it ends the lock"),
    ("lock", "it is locked already"),
    ("suspend", "there is nothing to suspend"),
    ("resume", "there is nothing to resume"),
    ("report", "it tells whether to lock"),
    ("should_lock", "it tells whether to lock"),
    ("locks_at", "it tells when to lock"),
    ("lock_if_due", "it locks"),
    ("spend", "no confirmation outlives a lock: it is refused as not confirmed"),
    ("snapshots", "below: what the files say of themselves, dates and counts and no name"),
    ("archive_previous", "it acts on an anchor whose file is gone, and on nothing else"),
    ("salvage", "it asks for a way in itself"),
    ("commit_salvage", "it asks for a way in itself"),
    ("restore_backup", "it asks for a way in itself, and a folder with a vault refuses it"),
    ("accept", "below: locked it answers so; it is what a read-only vault is for"),
    ("show_code", "it takes a confirmation, which no locked vault gives"),
    ("reveal", "it takes a confirmation, which no locked vault gives"),
    ("used", "below: locked it answers so; a count that is only noted is no change of the file"),
    ("purge_expired", "below: locked it answers so; without anything expired it changes nothing"),
    ("snapshot_before", "below: locked it answers so; with a copy of this commit there it writes none"),
    ("drop_snapshot", "below: locked it answers so; a copy is no part of the vault"),
    ("check_way_in", "below: locked it answers so; that a way in is known is noted where it may be"),
    ("remove_slot", "below: locked it answers so; the only slot stays, whatever the mode"),
    ("renew_device_slot", "below: locked it answers so"),
    ("confirm_by_device", "below: locked it answers so"),
    ("turn_lock_off", "below: locked it answers so"),
    ("turn_lock_on", "below: locked it answers so"),
    ("self_check", "it says how things stand, and no name"),
    ("test_backup", "it asks for a way in itself, and looks at a file alone"),
    ("export", "it takes a confirmation, which no locked vault gives"),
    ("send_accounts", "it takes a confirmation, which no locked vault gives"),
    ("sending", "it takes a confirmation, which no locked vault gives"),
    ("take_move_file", "below: locked it answers so; without a code there is no file"),
    ("compare_move", "below: locked it answers so; without a move there is nothing to compare"),
    ("receive_accounts", "below: locked it answers so; without a move there is nothing to take"),
    ("erase_for_good", "it takes a confirmation, which no locked vault gives"),
    ("offer", "push.db alone, and no name: tests/e2e/tests/push/locked.rs"),
    ("offer_by_code", "push.db alone, and no name"),
    ("check_offer", "push.db alone, and no name"),
    ("enrol", "push.db alone; it answers that it is locked before anything is sent"),
    ("resume_enrolment", "push.db alone; it answers that it is locked before anything is sent"),
    ("refresh_challenges", "polling works while locked, without names: N16"),
    ("challenges", "polling works while locked, without names: N16"),
    ("answer", "denying and reporting work while locked, approving is refused: N16"),
    ("enrolments", "shown without names while locked: N16"),
    ("renewals", "the enrolments without names: a move itself takes a confirmation"),
    ("push_history", "shown without names while locked: N16"),
    ("wake_up", "a wake-up is only a reason to look: N16"),
    ("test_push", "upkeep works while locked"),
    ("change_push_address", "upkeep works while locked"),
    ("push_key", "upkeep works while locked"),
    ("subscribe", "nothing of any account is sent"),
    ("rotate_key", "upkeep works while locked"),
    ("unenrol", "upkeep works while locked"),
    ("remove_enrolment", "upkeep works while locked"),
    ("mute", "upkeep works while locked"),
];

impl World {
    fn make() -> (Self, Authenticator) {
        let (place, mut vault) = Place::new();
        let id = vault.add(hotp("GitHub", 1), NOW).unwrap();
        let group = vault.add_group("Work").unwrap();
        let backup = place.folder.path().join("backup.akb");
        vault.write_backup(&backup, NOW).unwrap();
        vault.lock();
        let copy = LockedSnapshot::open(&backup).unwrap().unlock(&Key::RecoveryCode(&place.code)).unwrap();
        let core = Authenticator::new(place.path(), place.anchor.clone());
        let code = RecoveryCode::make().unwrap();
        (Self { place, id, group, copy, code }, core)
    }

    fn key(&self) -> Key<'_> {
        Key::RecoveryCode(&self.place.code)
    }

    fn folder(&self) -> DiskFolder {
        DiskFolder::new(self.place.folder.path().join("backups"))
    }

    fn backup(&self) -> PathBuf {
        self.place.folder.path().join("backup.akb")
    }
}

fn answer<T>(result: Result<T, Error>) -> Answer {
    match result {
        Ok(_) => Answer::Done,
        Err(Error::Locked) => Answer::Locked,
        Err(Error::Vault(VaultError::ReadOnly(_))) => Answer::ReadOnly,
        Err(error) => Answer::Other(format!("{error:?}")),
    }
}

fn push<T>(call: impl Future<Output = Result<T, PushError>>) -> Answer {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    match runtime.block_on(call) {
        Ok(_) => Answer::Done,
        Err(PushError::Locked) => Answer::Locked,
        Err(PushError::Vault(VaultError::ReadOnly(_))) => Answer::ReadOnly,
        Err(error) => Answer::Other(format!("{error:?}")),
    }
}

fn imported() -> Imported {
    let source = Source { name: "list.txt", bytes: b"otpauth://totp/ann?secret=JBSWY3DP" };
    import::open(&[source], &Secrets::default(), KdfBudget::PHONE, &|| false).unwrap()
}

fn enrolment() -> EnrolmentId {
    "00".repeat(16).parse().unwrap()
}

/// Returns the name of every public function of an `Authenticator`, as the sources have it.
fn functions(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.append(&mut functions(&path));
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        for block in source.split("\nimpl Authenticator {\n").skip(1) {
            let block = block.split("\n}").next().unwrap();
            for (at, _) in block.match_indices("    pub ") {
                let rest = block[at + 8..].trim_start_matches("async ");
                let Some(rest) = rest.strip_prefix("fn ") else { continue };
                let signature: String = rest.split('{').next().unwrap().split_whitespace().collect();
                let name = rest.split(['(', '<']).next().unwrap();
                // What makes an authenticator shows nothing of a vault.
                if signature.contains("&self") {
                    found.insert(name.to_owned());
                }
            }
        }
    }
    found
}

#[test]
fn every_function_stands_in_one_of_the_tables() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/authenticator");
    let there = functions(&sources);
    println!("cases {}", there.len());
    assert!(there.len() > 60, "{} functions were found", there.len());
    let called: BTreeSet<String> = CALLS.iter().map(|(name, ..)| (*name).to_owned()).collect();
    let otherwise: BTreeSet<String> = OTHERWISE.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert!(called.is_disjoint(&otherwise));
    let known: BTreeSet<String> = called.union(&otherwise).cloned().collect();
    let new: Vec<&String> = there.difference(&known).collect();
    assert!(new.is_empty(), "say what these answer while locked: {new:?}");
    let gone: Vec<&String> = known.difference(&there).collect();
    assert!(gone.is_empty(), "these are no functions any more: {gone:?}");
}

#[test]
fn whatever_needs_the_vault_answers_that_it_is_locked() {
    let (world, core) = World::make();
    core.unlock(world.key(), NOW).unwrap();
    core.lock();
    println!("cases {}", CALLS.len());
    check_all(CALLS.iter().map(|(name, _, call)| (*name, call(&core, &world))), &Answer::Locked);
    let others = [
        ("accept", answer(core.accept())),
        ("used", answer(core.used(world.id, NOW))),
        ("purge_expired", answer(core.purge_expired(NOW))),
        ("snapshot_before", answer(core.snapshot_before(NOW))),
        ("drop_snapshot", answer(core.drop_snapshot(1))),
        ("check_way_in", answer(core.check_way_in(&world.key(), NOW, AT))),
        ("remove_slot", answer(core.remove_slot(&world.key(), [0; 16], NOW))),
        ("take_move_file", answer(core.take_move_file(b"x"))),
        ("compare_move", answer(core.compare_move())),
        ("receive_accounts", answer(core.receive_accounts(None, NOW))),
        ("renew_device_slot", answer(core.renew_device_slot(&NoKeys, &world.key(), NOW))),
        ("confirm_by_device", answer(core.confirm_by_device(&NoKeys, AT))),
        ("turn_lock_off", answer(core.turn_lock_off(&NoKeys, &world.key(), NOW))),
        ("turn_lock_on", answer(core.turn_lock_on(&NoKeys, &world.key(), NOW))),
    ];
    check_all(others.into_iter(), &Answer::Locked);
    let listed = format!("{:?}", core.snapshots().unwrap());
    assert!(!listed.contains("GitHub") && !listed.contains("Work"), "{listed}");
}

/// Names all that answer something else, and not the first alone.
#[track_caller]
fn check_all(answers: impl Iterator<Item = (&'static str, Answer)>, expected: &Answer) {
    let others: Vec<_> = answers.filter(|(_, answer)| answer != expected).collect();
    assert!(others.is_empty(), "{others:?}");
}

/// The control: the same calls, unlocked, are answered; so the table cannot pass by calling wrongly.
#[test]
fn control_unlocked_every_call_is_answered() {
    for (name, _, call) in CALLS {
        let (world, core) = World::make();
        core.unlock(world.key(), NOW).unwrap();
        let answer = call(&core, &world);
        let not_enrolled = Answer::Other("NoSuch(Enrolments)".into());
        assert!(answer == Answer::Done || answer == not_enrolled, "{name}: {answer:?}");
    }
}

/// What makes a vault read-only.
type Spoil = fn(&World);

#[test]
fn whatever_changes_the_vault_is_refused_in_every_read_only_mode() {
    let reasons: [(Reason, Spoil); 7] = [
        (Reason::NoAnchor, |w| w.set_anchor(StoredAnchor::Absent)),
        (Reason::AnchorTorn, |w| w.set_anchor(StoredAnchor::Torn)),
        (Reason::AnchorUnavailable, |w| {
            *w.place.memory.failing.lock().unwrap() = Some(KeyStoreError::Unavailable);
        }),
        (Reason::RolledBack, |w| w.change_anchor(|record| record.seq += 1)),
        (Reason::OtherBranch, |w| w.change_anchor(|record| record.branch = [1; 16])),
        (Reason::Tampered, |w| w.sql("UPDATE root SET seq = seq + 1")),
        (Reason::DamagedRows, |w| {
            w.sql("INSERT INTO item SELECT randomblob(16), 1, 1, randomblob(300), randomblob(300)")
        }),
    ];
    println!("cases {}", reasons.len() * CALLS.len());
    for (reason, spoil) in reasons {
        for (name, changes, call) in CALLS {
            let (world, core) = World::make();
            spoil(&world);
            let unlocked = core.unlock(world.key(), NOW).unwrap();
            assert_eq!(unlocked.mode, Mode::ReadOnly(reason));
            let before = fs::read(world.place.path().join("vault.db")).unwrap();
            let answer = call(&core, &world);
            if *changes {
                assert_eq!(answer, Answer::ReadOnly, "{name} with {reason:?}");
            }
            assert_ne!(answer, Answer::Locked, "{name} with {reason:?}");
            let after = fs::read(world.place.path().join("vault.db")).unwrap();
            assert!(before == after, "{name} with {reason:?} changed the file");
        }
    }
}

/// A device that keeps nothing.
struct NoKeys;

impl DeviceKeys for NoKeys {
    fn kinds(&self) -> Vec<KeyKind> {
        Vec::new()
    }

    fn make(&self, _: &str, _: KeyKind, _: Presence, _: Option<&[u8]>) -> Result<MadeKey, KeyStoreError> {
        Err(KeyStoreError::Unavailable)
    }

    fn sign(&self, _: &str, _: &[u8], _: Purpose) -> Result<Vec<u8>, KeyStoreError> {
        Err(KeyStoreError::Missing)
    }

    fn put(&self, _: &str, _: &SecretBytes, _: Presence) -> Result<(), KeyStoreError> {
        Err(KeyStoreError::Unavailable)
    }

    fn get(&self, _: &str, _: Purpose) -> Result<SecretBytes, KeyStoreError> {
        Err(KeyStoreError::Missing)
    }

    fn delete(&self, _: &str) -> Result<(), KeyStoreError> {
        Ok(())
    }

    fn cancel(&self, _: &str) {}
}

impl World {
    fn set_anchor(&self, stored: StoredAnchor) {
        let id = self.copy.vault_id();
        self.place.memory.set(id, stored);
    }

    fn change_anchor(&self, change: fn(&mut AnchorRecord)) {
        let id = self.copy.vault_id();
        let StoredAnchor::Present(mut record) = self.place.memory.record(id) else { panic!("an anchor") };
        change(&mut record);
        self.place.memory.set(id, StoredAnchor::Present(record));
    }

    fn sql(&self, text: &str) {
        fs::remove_file(self.place.path().join("vault.keys")).unwrap();
        self.place.sql().execute_batch(text).unwrap();
    }
}
