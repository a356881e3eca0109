//! Backups: when one is due, how many are kept, what a folder may do wrong, "test this backup", and putting one in the
//! place of everything.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::collections::BTreeMap;
use std::sync::Mutex;

use authenticator_core::device::StoredAnchor;
use authenticator_core::time::UnixTime;
use authenticator_core::vault::{
    BackedUp, BackupError, BackupFailure, BackupFolder, BackupTrouble, Change, Compared, DUE_MS, DiskFolder,
    FolderError, Generations, Key, LockedSnapshot, Mode, OLD_MS, RecoveryCode, SnapshotState, StoredFile,
    Vault, VaultError,
};
use common::{NOW, Place, hotp, totp};

const HOUR_MS: i64 = 60 * 60 * 1000;

/// A folder in memory that can be made to fail, like a document provider of a phone.
#[derive(Default)]
struct Fake {
    files: Mutex<BTreeMap<String, Vec<u8>>>,
    /// Fails these calls by this error.
    fails: Mutex<Option<(&'static str, FolderError)>>,
    /// Writes only so many bytes and says that it wrote all.
    loses: Mutex<Option<usize>>,
}

impl Fake {
    fn names(&self) -> Vec<String> {
        self.files.lock().unwrap().keys().cloned().collect()
    }

    fn may(&self, call: &str) -> Result<(), FolderError> {
        match *self.fails.lock().unwrap() {
            Some((name, error)) if name == call => Err(error),
            _ => Ok(()),
        }
    }
}

impl BackupFolder for Fake {
    fn list(&self) -> Result<Vec<StoredFile>, FolderError> {
        self.may("list")?;
        let files = self.files.lock().unwrap();
        Ok(files
            .iter()
            .map(|(name, file)| StoredFile { name: name.clone(), bytes: file.len() as u64 })
            .collect())
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, FolderError> {
        self.may("read")?;
        self.files.lock().unwrap().get(name).cloned().ok_or(FolderError::NotFound)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
        let kept = self.loses.lock().unwrap().unwrap_or(bytes.len()).min(bytes.len());
        let mut files = self.files.lock().unwrap();
        assert!(!files.contains_key(name), "{name} would be written over");
        // A provider leaves half a file when it fails.
        let half = if self.may("write").is_err() { kept / 2 } else { kept };
        files.insert(name.to_owned(), bytes[..half].to_vec());
        self.may("write")
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), FolderError> {
        self.may("rename")?;
        let mut files = self.files.lock().unwrap();
        assert!(!files.contains_key(to), "{to} would be written over");
        let file = files.remove(from).ok_or(FolderError::NotFound)?;
        files.insert(to.to_owned(), file);
        Ok(())
    }

    fn delete(&self, name: &str) -> Result<(), FolderError> {
        self.may("delete")?;
        self.files.lock().unwrap().remove(name).map(drop).ok_or(FolderError::NotFound)
    }
}

fn later(ms: i64) -> UnixTime {
    NOW.plus_ms(ms)
}

#[track_caller]
fn written(vault: &mut Vault, folder: &dyn BackupFolder, at: UnixTime) -> bool {
    match vault.back_up_if_due(folder, Generations::DEFAULT, at).unwrap() {
        BackedUp::Written(_) => true,
        BackedUp::NotDue(_) => false,
    }
}

/// Opens every backup of the folder with the recovery code; returns how many accounts each has.
fn opened(folder: &Fake, code: &RecoveryCode) -> Vec<usize> {
    let files = folder.files.lock().unwrap();
    let open = |bytes: &Vec<u8>| {
        LockedSnapshot::parse(bytes, "x".as_ref()).and_then(|locked| locked.test(&Key::RecoveryCode(code)))
    };
    files.values().filter_map(|bytes| open(bytes).ok()).map(|test| test.accounts).collect()
}

#[test]
fn a_backup_is_due_after_a_change_and_not_without() {
    let (_place, mut vault) = Place::new();
    let folder = Fake::default();
    assert!(written(&mut vault, &folder, NOW), "the first");
    assert!(!written(&mut vault, &folder, later(10 * DUE_MS)), "nothing changed");
    let id = vault.add(totp("a", "", 1), NOW).unwrap();
    assert!(written(&mut vault, &folder, NOW), "an account");
    assert!(!written(&mut vault, &folder, NOW));
    vault.add_group("Work").unwrap();
    assert!(written(&mut vault, &folder, NOW), "a group");
    vault.used(id, NOW);
    vault.flush_usage().unwrap();
    assert!(!written(&mut vault, &folder, later(HOUR_MS)), "a code was taken: not at once");
    assert!(written(&mut vault, &folder, later(DUE_MS)), "but after a day");
    assert!(!written(&mut vault, &folder, later(2 * DUE_MS)));
    folder.files.lock().unwrap().clear();
    assert!(written(&mut vault, &folder, later(2 * DUE_MS)), "somebody deleted them");
}

#[test]
fn the_daily_look_proves_the_newest_and_writes_another_when_it_is_damaged() {
    let (_place, mut vault) = Place::new();
    vault.add(totp("a", "", 1), NOW).unwrap();
    let folder = Fake::default();
    assert!(written(&mut vault, &folder, NOW));
    let damaged = folder.names().remove(0);
    folder.files.lock().unwrap().get_mut(&damaged).unwrap()[900] ^= 1;
    assert!(written(&mut vault, &folder, later(DUE_MS)));
    assert_eq!(folder.names().len(), 2, "the damaged one is the user's to judge");
}

#[test]
fn generations_are_kept_and_the_last_of_each_day_the_longest() {
    let (place, mut vault) = Place::new();
    let folder = Fake::default();
    // Five changes a day for ten days.
    for n in 0..50_u8 {
        vault.add(totp("x", &n.to_string(), n), NOW).unwrap();
        assert!(written(&mut vault, &folder, later(i64::from(n / 5) * DUE_MS + i64::from(n % 5) * HOUR_MS)));
    }
    let counts = opened(&folder, &place.code);
    assert_eq!(
        counts,
        [15, 20, 25, 30, 35, 40, 45, 48, 49, 50],
        "the last three, and one of each day before"
    );
}

#[test]
fn no_pruning_goes_below_three_nor_to_what_is_another_s_or_holds_more() {
    assert_eq!(Generations::new(2), None);
    let (place, mut vault) = Place::new();
    let (_other, mut another) = Place::new();
    let folder = Fake::default();
    another.back_up(&folder, Generations::DEFAULT, NOW).unwrap();
    let theirs = folder.names().remove(0);
    let ids = vault.add_many((0..5).map(|n| totp("x", &n.to_string(), n)).collect(), NOW).unwrap();
    vault.back_up(&folder, Generations::DEFAULT, NOW).unwrap();
    ids.iter().for_each(|id| vault.delete(*id, NOW).unwrap());
    vault.purge_expired(later(31 * DUE_MS)).unwrap();
    let three = Generations::new(3).unwrap();
    for n in 0..9 {
        vault.back_up(&folder, three, later(n)).unwrap();
    }
    assert!(folder.names().contains(&theirs));
    assert_eq!(
        opened(&folder, &place.code),
        [5, 0, 0, 0],
        "the one that holds five accounts more, and three"
    );
}

/// R24 for folders that fail: each call by each error. What was there is there still, and the failure is loud.
#[test]
fn a_folder_that_fails_costs_no_backup_and_is_never_silent() {
    let errors = [FolderError::Unavailable, FolderError::Full, FolderError::Io(std::io::ErrorKind::Other)];
    for error in errors {
        for call in ["list", "read", "write", "rename"] {
            let (place, mut vault) = Place::new();
            let folder = Fake::default();
            vault.add(totp("a", "", 1), NOW).unwrap();
            assert!(written(&mut vault, &folder, NOW));
            let good = vault.backup_state().last_good.unwrap();
            vault.add(totp("b", "", 2), NOW).unwrap();
            *folder.fails.lock().unwrap() = Some((call, error));
            let at = later(DUE_MS);
            let refused = vault.back_up_if_due(&folder, Generations::DEFAULT, at);
            assert!(matches!(refused, Err(BackupError::Folder(said)) if said == error), "{call}");
            assert_eq!(opened(&folder, &place.code), [1], "{call} {error}");
            let state = vault.backup_state();
            assert_eq!(state.last_good, Some(good), "the last good one is named with its date");
            let Some(BackupTrouble::Failing(failing)) = state.trouble(at) else { panic!("it is said") };
            assert_eq!((failing.since, failing.at), (at, at));
            assert!(matches!(failing.why, BackupFailure::Folder(_)));
            *folder.fails.lock().unwrap() = None;
            assert!(written(&mut vault, &folder, at));
            assert_eq!(vault.backup_state().trouble(at), None);
            assert_eq!(folder.names().iter().filter(|name| name.ends_with(".part")).count(), 0);
            // What is remembered is remembered after a restart too.
            vault.lock();
            assert_eq!(place.open().vault.backup_state().last_good.unwrap().accounts, 2);
        }
    }
}

#[test]
fn a_folder_that_cannot_rename_still_gets_whole_backups_alone() {
    let (place, mut vault) = Place::new();
    let folder = Fake::default();
    *folder.fails.lock().unwrap() = Some(("rename", FolderError::Unsupported));
    vault.add(totp("a", "", 1), NOW).unwrap();
    assert!(written(&mut vault, &folder, NOW));
    assert_eq!((opened(&folder, &place.code), folder.names().len()), (vec![1], 1));
}

#[test]
fn a_folder_that_loses_bytes_is_found_out() {
    let (place, mut vault) = Place::new();
    let folder = Fake::default();
    vault.add(totp("a", "", 1), NOW).unwrap();
    assert!(written(&mut vault, &folder, NOW));
    vault.add(totp("b", "", 2), NOW).unwrap();
    for kept in [0, 8, 600, 4_000] {
        *folder.loses.lock().unwrap() = Some(kept);
        let refused = vault.back_up_if_due(&folder, Generations::DEFAULT, NOW);
        assert!(matches!(refused, Err(BackupError::Folder(FolderError::NotWhole))), "{kept} bytes");
        assert_eq!((opened(&folder, &place.code), folder.names().len()), (vec![1], 1));
    }
}

#[test]
fn a_killed_writer_leaves_a_part_that_the_next_one_removes() {
    let (place, mut vault) = Place::new();
    let folder = Fake::default();
    vault.add(totp("a", "", 1), NOW).unwrap();
    *folder.fails.lock().unwrap() = Some(("delete", FolderError::Unavailable));
    *folder.loses.lock().unwrap() = Some(100);
    assert!(vault.back_up(&folder, Generations::DEFAULT, NOW).is_err());
    assert_eq!(folder.names().len(), 1, "half a file under a name that does not count");
    (*folder.fails.lock().unwrap(), *folder.loses.lock().unwrap()) = (None, None);
    assert!(written(&mut vault, &folder, NOW));
    assert_eq!((opened(&folder, &place.code), folder.names().len()), (vec![1], 1));
}

#[test]
fn backups_that_are_old_or_were_never_made_are_said() {
    let (_place, mut vault) = Place::new();
    assert_eq!(vault.backup_state().trouble(NOW), Some(BackupTrouble::Never));
    assert!(written(&mut vault, &Fake::default(), NOW));
    assert_eq!(vault.backup_state().trouble(later(OLD_MS - 1)), None);
    assert_eq!(vault.backup_state().trouble(later(OLD_MS)), Some(BackupTrouble::Old(OLD_MS)));
}

#[cfg(unix)]
#[test]
fn a_folder_on_this_disk_keeps_files_for_the_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (place, mut vault) = Place::new();
    vault.add(totp("a", "", 1), NOW).unwrap();
    let path = place.folder.path().join("backups");
    let folder = DiskFolder::new(path.clone());
    assert!(written(&mut vault, &folder, NOW));
    let BackedUp::Written(file) = vault.back_up(&folder, Generations::DEFAULT, later(1000)).unwrap() else {
        panic!("written")
    };
    assert_eq!(file.name, format!("klink-20270115T080001Z-{:06}.akb", file.seq));
    let data = std::fs::metadata(path.join(&file.name)).unwrap();
    assert_eq!((data.permissions().mode() & 0o777, data.len()), (0o600, file.bytes));
    assert!(matches!(folder.read("../vault/vault.db"), Err(FolderError::Io(_))), "it stays inside");
    assert_eq!(vault.open_snapshot(&path.join(file.name)).unwrap().rows(), 1);
}

#[test]
fn a_test_opens_everything_counts_and_names_the_key_by_its_date() {
    let (place, mut vault) = Place::new();
    vault.add(totp("a", "", 1), NOW).unwrap();
    let gone = vault.add(totp("b", "", 2), NOW).unwrap();
    vault.delete(gone, NOW).unwrap();
    let path = place.folder.path().join("b.akb");
    vault.write_backup(&path, later(DUE_MS)).unwrap();
    let locked = LockedSnapshot::open(&path).unwrap();
    let test = locked.test(&Key::RecoveryCode(&place.code)).unwrap();
    assert_eq!((test.accounts, test.trashed, test.unknown, test.damaged.len()), (1, 1, 0, 0));
    assert_eq!((test.created_at, test.vault_id), (later(DUE_MS), vault.vault_id()));
    assert_eq!((test.opened_by.created_at, &test.opens_with), (Some(NOW), &vec![test.opened_by.clone()]));
    let other = RecoveryCode::make().unwrap();
    assert!(matches!(locked.test(&Key::RecoveryCode(&other)), Err(VaultError::WrongKey)));
    assert!(matches!(locked.test(&Key::Passphrase(b"x")), Err(VaultError::NoSuchSlot)));
}

#[test]
fn a_backup_in_the_place_of_everything_loses_nothing() {
    let (place, mut vault) = Place::new();
    let ids = vault.add_many((0..3).map(|n| totp("x", &n.to_string(), n)).collect(), NOW).unwrap();
    let counts = vault.add(hotp("counts", 9), NOW).unwrap();
    let group = vault.add_group("then").unwrap();
    vault.set_order(&[ids[2], counts, ids[0], ids[1]]).unwrap();
    vault.used(ids[1], NOW);
    vault.flush_usage().unwrap();
    let path = place.folder.path().join("b.akb");
    vault.write_backup(&path, NOW).unwrap();
    // Since then: renamed, deleted for good, counted on, added, moved.
    let renamed = Change { issuer: Some("renamed".into()), ..Change::default() };
    vault.change(ids[0], renamed, NOW).unwrap();
    vault.delete(ids[1], NOW).unwrap();
    vault.purge_expired(later(31 * DUE_MS)).unwrap();
    vault.hotp_next(counts).unwrap();
    let added = vault.add(totp("only here", "", 7), NOW).unwrap();
    vault.delete_group(group).unwrap();
    vault.set_order(&[added, ids[0]]).unwrap();
    let copy = vault.open_snapshot(&path).unwrap();
    let compared = vault.compare(&copy).unwrap();
    let of = |id| compared.rows.iter().find(|row| row.item.id == id).unwrap().status;
    assert_eq!(
        (of(ids[0]), of(ids[1]), of(ids[2])),
        (Compared::OlderThere, Compared::Missing, Compared::Same)
    );
    assert_eq!(compared.only_here, 1);
    let snapshots = vault.snapshots().unwrap().len();
    let StoredAnchor::Present(before) = place.memory.record(vault.vault_id()) else { panic!("an anchor") };

    let replaced = vault.replace_by(&copy, NOW).unwrap();
    assert_eq!((replaced.taken, replaced.trashed, replaced.damaged.len()), (4, 1, 0));
    let list: Vec<_> = vault.items().iter().filter(|item| item.trashed_at.is_none()).collect();
    assert_eq!(list.iter().map(|item| item.id).collect::<Vec<_>>(), [ids[2], counts, ids[0], ids[1]]);
    assert_eq!((list[2].issuer.as_str(), list[3].usage_count), ("x", 1));
    assert_eq!(vault.groups()[0].id, group);
    assert!(vault.items().iter().any(|item| item.id == added && item.trashed_at == Some(NOW)));
    assert_eq!(vault.hotp_next(counts).unwrap().counter, 1, "no code is given twice");
    assert_eq!(vault.snapshots().unwrap().len(), snapshots + 1, "what was there is in a snapshot");
    let StoredAnchor::Present(after) = place.memory.record(vault.vault_id()) else { panic!("an anchor") };
    assert!(after.branch != before.branch && after.seq > before.seq, "a branch of its own");
    assert!(vault.verify().unwrap().problems.is_empty());
    vault.lock();
    let mut again = place.open().vault;
    assert_eq!(again.mode(), Mode::ReadWrite);
    assert!(again.verify().unwrap().snapshots.iter().all(|info| info.state == SnapshotState::Whole));
}

#[test]
fn accounts_that_are_taken_over_keep_their_order_and_their_usage() {
    let (old_phone, mut old) = Place::new();
    let ids = old.add_many((0..4).map(|n| totp("x", &n.to_string(), n)).collect(), NOW).unwrap();
    let order = [ids[3], ids[0], ids[2], ids[1]];
    old.set_order(&order).unwrap();
    old.used(ids[0], NOW);
    old.flush_usage().unwrap();
    let path = old_phone.folder.path().join("b.akb");
    old.write_backup(&path, NOW).unwrap();
    let (_new_phone, mut new) = Place::new();
    let first = new.add(totp("was here", "", 9), NOW).unwrap();
    let copy = LockedSnapshot::open(&path).unwrap().unlock(&Key::RecoveryCode(&old_phone.code)).unwrap();
    assert_eq!(new.merge(&copy, &ids).unwrap(), 4);
    let list: Vec<_> = new.items().iter().map(|item| item.id).collect();
    assert_eq!(list, [[first].as_slice(), &order].concat());
    assert_eq!(new.items()[2].usage_count, 1);
}

/// R26: every bit of a backup, at full size of one with 1,000 accounts. Nothing is opened that was not written.
#[test]
fn every_bit_of_a_backup_is_under_a_seal() {
    let full = std::env::var("KLINK_PROOFS").is_ok_and(|size| size == "full");
    let (place, mut vault) = Place::new();
    let accounts = if full { 1_000 } else { 8 };
    vault.add_many((0..accounts).map(|n| totp("x", &n.to_string(), n as u8)).collect(), NOW).unwrap();
    let path = place.folder.path().join("b.akb");
    vault.write_backup(&path, NOW).unwrap();
    let whole = std::fs::read(&path).unwrap();
    let opens = |bytes: &[u8]| {
        LockedSnapshot::parse(bytes, &path)
            .and_then(|copy| copy.unlock(&Key::RecoveryCode(&place.code)))
            .is_ok()
    };
    assert!(opens(&whole), "the control");
    // At the size of a commit every bit before the body, and of the body one in 61.
    let body = 9 + u32::from_be_bytes(whole[5..9].try_into().unwrap()) as usize;
    let tried = |bit: usize| full || bit < body * 8 || bit.is_multiple_of(61);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let seen = std::thread::scope(|scope| {
        let work = (0..threads).map(|thread| {
            let (whole, opens) = (&whole, &opens);
            scope.spawn(move || {
                let mut bytes = whole.clone();
                let mut count = 0_u64;
                for bit in (thread..whole.len() * 8).step_by(threads).filter(|bit| tried(*bit)) {
                    bytes[bit / 8] ^= 1 << (bit % 8);
                    assert!(!opens(&bytes), "bit {bit}");
                    bytes[bit / 8] ^= 1 << (bit % 8);
                    count += 1;
                }
                assert!(opens(&bytes), "the control, afterwards");
                count
            })
        });
        let running: Vec<_> = work.collect();
        running.into_iter().map(|thread| thread.join().unwrap()).sum::<u64>()
    });
    println!("R26: {seen} of {} bits flipped, all detected", whole.len() * 8);
    assert!(seen > 3_000);
}
