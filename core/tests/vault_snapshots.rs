//! Snapshots and backups: written, read back, pruned with care, opened by the passphrase of their time, restored.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::fs;
use std::sync::Arc;

use authenticator_core::device::{Anchor, StoredAnchor};
use authenticator_core::vault::{
    self, DUE_COMMITS, DUE_MS, Key, LockedSnapshot, Mode, Reason, RecoveryCode, SnapshotState, Vault,
    VaultError,
};
use common::{MemoryAnchor, NOW, Place, hotp, totp};

fn names(vault: &Vault) -> Vec<String> {
    vault.items().iter().map(|item| item.issuer.clone()).collect()
}

fn files(place: &Place) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(place.path().join("snap"))
        .map(|files| files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect())
        .unwrap_or_default();
    names.sort();
    names
}

#[test]
fn a_snapshot_is_due_after_twenty_commits_or_a_day_and_only_when_something_changed() {
    let (_place, mut vault) = Place::new();
    assert!(vault.snapshot_if_due(NOW).unwrap().is_some(), "the first");
    assert!(vault.snapshot_if_due(NOW.plus_ms(10 * DUE_MS)).unwrap().is_none(), "nothing changed");
    for n in 0..DUE_COMMITS {
        assert!(vault.snapshot_if_due(NOW).unwrap().is_none(), "{n} commits");
        vault.add(totp("x", &n.to_string(), n as u8), NOW).unwrap();
    }
    assert!(vault.snapshot_if_due(NOW).unwrap().is_some(), "twenty commits");
    vault.add(totp("x", "y", 99), NOW).unwrap();
    assert!(vault.snapshot_if_due(NOW.plus_ms(DUE_MS - 1)).unwrap().is_none());
    assert!(vault.snapshot_if_due(NOW.plus_ms(DUE_MS)).unwrap().is_some(), "a day");
}

#[test]
fn a_snapshot_says_what_it_holds_and_what_opens_it() {
    let (place, mut vault) = Place::new();
    vault.add(totp("a", "", 1), NOW).unwrap();
    let id = vault.add(totp("b", "", 2), NOW).unwrap();
    vault.delete(id, NOW).unwrap();
    let written = vault.snapshot(NOW).unwrap();
    let listed = vault.snapshots().unwrap();
    assert_eq!(listed, std::slice::from_ref(&written));
    let says = written.says.unwrap();
    assert_eq!((says.accounts, says.rows, says.seq), (1, 2, vault.seq()));
    assert_eq!((says.vault_id, says.created_at), (vault.vault_id(), NOW));
    assert_eq!(says.opens_with.len(), 1);
    assert_eq!(says.opens_with[0].created_at, Some(NOW));
    assert_eq!(fs::read(&written.path).unwrap().len() as u64, written.bytes);
    let copy = LockedSnapshot::open(&written.path).unwrap().unlock(&Key::RecoveryCode(&place.code)).unwrap();
    assert_eq!((copy.rows(), copy.accounts(), copy.seq()), (2, 1, vault.seq()));
    let other = RecoveryCode::make().unwrap();
    let tried = LockedSnapshot::open(&written.path).unwrap().unlock(&Key::RecoveryCode(&other));
    assert!(matches!(tried, Err(VaultError::WrongKey)));
}

/// R26 and S16 at commit size: bytes of a backup flipped, cut, and a byte appended.
#[test]
fn no_change_to_a_backup_goes_unnoticed() {
    let (place, mut vault) = Place::new();
    vault.add(totp("a", "", 1), NOW).unwrap();
    let path = vault.snapshot(NOW).unwrap().path;
    let whole = fs::read(&path).unwrap();
    let opens = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        let listed = vault.snapshots().unwrap().remove(0).state;
        let copy = LockedSnapshot::open(&path)
            .and_then(|locked| locked.unlock(&Key::RecoveryCode(&place.code)))
            .is_ok();
        assert!(!copy || listed == SnapshotState::Whole);
        copy || listed == SnapshotState::Whole
    };
    assert!(opens(&whole), "the control: the same bytes written again open");
    // Every byte of the header, and every fifth of the sealed body; at full size all of them.
    let full = std::env::var("KLINK_PROOFS").is_ok_and(|size| size == "full");
    println!("cases {}", if full { whole.len() } else { 600 + (whole.len() - 600) / 5 });
    for byte in (0..whole.len()).filter(|byte| full || *byte < 600 || byte % 5 == 0) {
        let mut flipped = whole.clone();
        flipped[byte] ^= 1 << (byte % 8);
        assert!(!opens(&flipped), "byte {byte}");
    }
    for length in (0..whole.len()).step_by(61) {
        assert!(!opens(&whole[..length]), "cut to {length}");
    }
    assert!(!opens(&[whole.as_slice(), &[0]].concat()), "a byte appended");
}

#[test]
fn ten_are_kept_and_the_oldest_goes_first() {
    let (place, mut vault) = Place::new();
    for n in 0..14u8 {
        vault.add(totp("x", &n.to_string(), n), NOW).unwrap();
        vault.snapshot(NOW).unwrap();
    }
    assert_eq!(files(&place).len(), 10);
    assert_eq!(files(&place).first().map(String::as_str), Some("000005.akb"));
    vault.drop_snapshot(5).unwrap();
    assert_eq!(files(&place).len(), 9);
    assert!(matches!(vault.drop_snapshot(5), Err(VaultError::NotFound)));
}

#[test]
fn a_snapshot_that_holds_more_than_the_newest_or_cannot_be_read_is_never_pruned() {
    let (place, mut vault) = Place::new();
    let ids = vault.add_many((0..5).map(|n| totp("x", &n.to_string(), n)).collect(), NOW).unwrap();
    vault.snapshot(NOW).unwrap();
    vault.snapshot(NOW).unwrap();
    fs::write(place.path().join("snap/000002.akb"), b"AKB1\nnot whole").unwrap();
    ids.iter().for_each(|id| vault.delete(*id, NOW).unwrap());
    vault.purge_expired(NOW.plus_ms(vault::TRASH_MS)).unwrap();
    for _ in 0..15 {
        vault.add_group("g").unwrap();
        vault.snapshot(NOW).unwrap();
    }
    let kept = files(&place);
    assert!(kept.contains(&"000001.akb".to_owned()), "it holds five accounts more than the newest: {kept:?}");
    assert!(kept.contains(&"000002.akb".to_owned()), "it cannot be read: {kept:?}");
    assert_eq!(vault.snapshots().unwrap()[1].state, SnapshotState::Damaged);
}

#[test]
fn three_that_can_be_read_stay_however_many_cannot() {
    let (place, mut vault) = Place::new();
    for n in 0..14u8 {
        vault.add_group("g").unwrap();
        vault.snapshot(NOW).unwrap();
        // What came last cannot be read any more: as many as would fill the shelf.
        if n >= 5 {
            let newest = files(&place).pop().unwrap();
            fs::write(place.path().join("snap").join(newest), b"AKB1\nnot whole").unwrap();
        }
    }
    vault.add_group("g").unwrap();
    vault.snapshot(NOW).unwrap();
    let whole = |state| vault.snapshots().unwrap().iter().filter(|info| info.state == state).count();
    assert_eq!((whole(SnapshotState::Whole), whole(SnapshotState::Damaged)), (3, 9));
}

/// R22: a backup on a new phone. Everything is there, and the anchor is made anew after consent, on a new branch.
#[test]
fn a_backup_opens_on_a_new_phone_with_all_accounts() {
    let (place, mut vault) = Place::new();
    vault.add(totp("a", "", 1), NOW).unwrap();
    let counts = vault.add(hotp("b", 2), NOW).unwrap();
    vault.hotp_next(counts).unwrap();
    let group = vault.add_group("Work").unwrap();
    let backup = place.folder.path().join("mine.akb");
    let written = vault.write_backup(&backup, NOW).unwrap();
    assert_eq!(written.says.as_ref().map(|says| says.accounts), Some(2));
    let before = names(&vault);
    let (id, seq) = (vault.vault_id(), vault.seq());
    vault.lock();

    let phone = tempfile::tempdir().unwrap();
    let memory = Arc::new(MemoryAnchor::default());
    let anchor: Arc<dyn Anchor> = memory.clone();
    let locked = LockedSnapshot::open(&backup).unwrap();
    let key = || Key::RecoveryCode(&place.code);
    let mut opened = vault::restore(phone.path(), &locked, key(), &anchor, NOW).unwrap();
    assert_eq!(opened.vault.mode(), Mode::ReadOnly(Reason::NoAnchor));
    assert_eq!((opened.vault.vault_id(), names(&opened.vault)), (id, before));
    assert_eq!(opened.vault.groups()[0].id, group);
    assert!(matches!(opened.vault.hotp_next(counts), Err(VaultError::ReadOnly(_))));
    opened.vault.accept().unwrap();
    assert_eq!(opened.vault.hotp_next(counts).unwrap().counter, 1);
    assert!(opened.vault.verify().unwrap().problems.is_empty());
    let StoredAnchor::Present(new) = memory.record(id) else { panic!("an anchor was made") };
    let StoredAnchor::Present(old) = place.memory.record(id) else { panic!("there was one") };
    assert!(new.branch != old.branch && new.seq > seq, "a branch of its own, above the old one");
    let again = vault::restore(phone.path(), &locked, key(), &anchor, NOW);
    assert!(matches!(again, Err(VaultError::AlreadyExists)));
}

/// R28: the file is gone, the anchor and the snapshots are left.
#[test]
fn a_vault_whose_file_is_gone_comes_back_from_its_snapshot() {
    let (place, mut vault) = Place::new();
    vault.add(totp("a", "", 1), NOW).unwrap();
    let snapshot = vault.snapshot(NOW).unwrap();
    vault.add(totp("lost with the file", "", 2), NOW).unwrap();
    let id = vault.vault_id();
    vault.lock();
    fs::remove_file(place.path().join("vault.db")).unwrap();
    assert_eq!(vault::previous(&place.path(), &*place.anchor).unwrap(), Some(id));
    let slots = [vault::NewSlot::RecoveryCode(&place.code)];
    assert!(
        vault::create(&place.path(), &place.anchor, &slots, NOW).is_err(),
        "nothing is made anew over it"
    );
    let locked = LockedSnapshot::open(&snapshot.path).unwrap();
    let key = Key::RecoveryCode(&place.code);
    let mut opened = vault::restore(&place.path(), &locked, key, &place.anchor, NOW).unwrap();
    assert_eq!(opened.vault.mode(), Mode::ReadOnly(Reason::RolledBack));
    opened.vault.accept().unwrap();
    assert_eq!(names(&opened.vault), ["a"]);
    assert_eq!(vault::quarantined(&place.path()).unwrap().len(), 1, "the old copy of the slots is kept");
}

#[test]
fn a_vault_that_is_read_only_for_damage_writes_no_snapshot_over_good_ones() {
    let (place, mut vault) = Place::new();
    vault.add(totp("a", "", 1), NOW).unwrap();
    vault.snapshot(NOW).unwrap();
    vault.lock();
    place.sql().execute_batch("DELETE FROM item").unwrap();
    let mut vault = place.open().vault;
    assert_eq!(vault.mode(), Mode::ReadOnly(Reason::Tampered));
    assert!(matches!(vault.snapshot(NOW), Err(VaultError::ReadOnly(Reason::Tampered))));
    assert_eq!(vault.snapshot_if_due(NOW.plus_ms(10 * DUE_MS)).unwrap(), None);
    let backup = place.folder.path().join("b.akb");
    assert!(matches!(vault.write_backup(&backup, NOW), Err(VaultError::ReadOnly(Reason::Tampered))));
    assert!(!backup.exists());
}
