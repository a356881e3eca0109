//! Old copies, other branches and new phones: what the user can do next, and that nothing is overwritten silently.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::sync::Arc;

use authenticator_core::device::{Anchor, KeyStoreError, StoredAnchor};
use authenticator_core::vault::{
    Compared, ItemId, Key, LockedVault, Mode, NextStep, Reason, Snapshot, Vault, VaultError,
};
use common::{MemoryAnchor, NOW, Place, hotp, totp};

fn proposed(vault: &mut Vault, copy: &Snapshot) -> Vec<ItemId> {
    let rows = vault.compare(copy).unwrap().rows;
    rows.iter().filter(|row| row.status.is_proposed()).map(|row| row.item.id).collect()
}

/// Puts the files of another folder in the vault's place.
fn put_back(place: &Place, from: &std::path::Path) {
    for file in ["vault.db", "vault.db-wal", "vault.keys"] {
        let _ = std::fs::remove_file(place.path().join(file));
        if from.join(file).exists() {
            std::fs::copy(from.join(file), place.path().join(file)).unwrap();
        }
    }
}

#[test]
fn an_old_file_put_back_gets_everything_from_the_newer_snapshot() {
    let (place, mut vault) = Place::new();
    let kept = vault.add(totp("kept", "", 1), NOW).unwrap();
    let counts = vault.add(hotp("counts", 2), NOW).unwrap();
    vault.hotp_next(counts).unwrap();
    let old = place.copy("old");
    let group = vault.add_group("Work").unwrap();
    let mut item = totp("newer", "", 3);
    item.groups = vec![group];
    let newer = vault.add(item, NOW).unwrap();
    (0..4).for_each(|_| drop(vault.hotp_next(counts).unwrap()));
    let snapshot = vault.snapshot(NOW).unwrap();
    vault.lock();
    put_back(&place, &old);

    let mut vault = place.open().vault;
    assert_eq!(vault.mode(), Mode::ReadOnly(Reason::RolledBack));
    assert_eq!(vault.next_steps().unwrap(), [NextStep::AcceptAndMerge(1), NextStep::Accept]);
    let copy = vault.open_snapshot(&snapshot.path).unwrap();
    let comparison = vault.compare(&copy).unwrap();
    assert!(comparison.same_branch);
    let status = |id| comparison.rows.iter().find(|row| row.item.id == id).unwrap().status;
    assert_eq!(
        [status(kept), status(newer), status(counts)],
        [Compared::Same, Compared::Missing, Compared::NewerThere]
    );
    assert!(matches!(vault.merge(&copy, &[newer]), Err(VaultError::ReadOnly(_))), "not before consent");
    vault.accept().unwrap();
    let ids = proposed(&mut vault, &copy);
    assert_eq!(vault.merge(&copy, &ids).unwrap(), 2);
    assert_eq!(vault.hotp_next(counts).unwrap().counter, 5, "no code twice");
    assert_eq!(vault.groups()[0].id, group);
    assert_eq!(vault.items().len(), 3);
    assert!(vault.verify().unwrap().problems.is_empty());
    vault.lock();
    assert_eq!(place.open().vault.mode(), Mode::ReadWrite);
}

/// S25: one file lives on in two places; each comes back at the other's, with fewer, as many and more commits.
#[test]
fn a_file_that_lived_on_elsewhere_is_of_another_branch_and_its_forked_counter_is_named() {
    for commits_here in [1, 4, 9] {
        let (place, mut vault) = Place::new();
        let counts = vault.add(hotp("counts", 2), NOW).unwrap();
        vault.lock();
        let elsewhere = place.copy("elsewhere");
        let mut vault = place.open().vault;
        (0..commits_here).for_each(|_| drop(vault.hotp_next(counts).unwrap()));
        let mine = vault.add(totp("mine", "", 3), NOW).unwrap();
        vault.snapshot(NOW).unwrap();
        vault.lock();

        let other: Arc<dyn Anchor> = Arc::new(MemoryAnchor::default());
        let key = || Key::RecoveryCode(&place.code);
        let mut vault = LockedVault::open(&elsewhere).unwrap().unlock(key(), &other, NOW).unwrap().vault;
        vault.accept().unwrap();
        (0..4).for_each(|_| drop(vault.hotp_next(counts).unwrap()));
        let theirs = vault.add(totp("theirs", "", 4), NOW).unwrap();
        vault.lock();

        put_back(&place, &elsewhere);
        let before = std::fs::read(place.path().join("vault.db")).unwrap();
        let mut vault = place.open().vault;
        assert_eq!(vault.mode(), Mode::ReadOnly(Reason::OtherBranch), "{commits_here} commits here");
        assert!(matches!(vault.hotp_next(counts), Err(VaultError::ReadOnly(Reason::OtherBranch))));
        assert_eq!(std::fs::read(place.path().join("vault.db")).unwrap(), before, "nothing is overwritten");
        assert_eq!(vault.next_steps().unwrap()[0], NextStep::AcceptAndMerge(1));
        let copy = vault.open_snapshot(&place.path().join("snap/000001.akb")).unwrap();
        let comparison = vault.compare(&copy).unwrap();
        assert!(!comparison.same_branch && comparison.only_here == 1);
        let status = |id| comparison.rows.iter().find(|row| row.item.id == id).unwrap().status;
        let forked = Compared::CounterForked { here: 4, there: commits_here };
        assert_eq!(status(counts), if commits_here == 4 { Compared::Differs } else { forked });
        assert_eq!(status(mine), Compared::Missing);
        vault.accept().unwrap();
        let ids = proposed(&mut vault, &copy);
        vault.merge(&copy, &ids).unwrap();
        assert_eq!(vault.hotp_next(counts).unwrap().counter, commits_here.max(4), "the higher one goes on");
        assert!([mine, theirs].iter().all(|id| vault.open_otp(*id).is_ok()));
    }
}

/// The control of S25: by its number alone the file would be taken for a newer one.
#[test]
fn control_a_reader_that_compares_numbers_alone_takes_the_other_branch_for_its_own() {
    let (place, mut vault) = Place::new();
    vault.add(totp("a", "", 1), NOW).unwrap();
    let id = vault.vault_id();
    vault.lock();
    let StoredAnchor::Present(anchor) = place.memory.record(id) else { panic!("an anchor was stored") };
    let other: Arc<dyn Anchor> = Arc::new(MemoryAnchor::default());
    let key = Key::RecoveryCode(&place.code);
    let mut vault =
        LockedVault::open(&place.copy("elsewhere")).unwrap().unlock(key, &other, NOW).unwrap().vault;
    vault.accept().unwrap();
    assert!(vault.seq() >= anchor.seq, "its number says nothing against it");
}

#[test]
fn every_state_has_a_next_step() {
    let (place, mut vault) = Place::new();
    vault.add(totp("a", "", 1), NOW).unwrap();
    let id = vault.vault_id();
    assert_eq!(vault.next_steps().unwrap(), []);
    vault.lock();
    let steps = |place: &Place| place.open().vault.next_steps().unwrap();
    place.memory.set(id, StoredAnchor::Absent);
    assert_eq!(steps(&place), [NextStep::Accept]);
    place.memory.set(id, StoredAnchor::Torn);
    assert_eq!(steps(&place), [NextStep::Accept]);
    *place.memory.failing.lock().unwrap() = Some(KeyStoreError::Unavailable);
    assert_eq!(steps(&place), [NextStep::TryAgain]);
    *place.memory.failing.lock().unwrap() = None;
    place.sql().execute_batch("PRAGMA user_version = 9").unwrap();
    assert_eq!(steps(&place), [NextStep::UpdateApp, NextStep::BackUp]);
    place.sql().execute_batch("PRAGMA user_version = 1; UPDATE root SET mac = zeroblob(32)").unwrap();
    assert_eq!(steps(&place), [NextStep::Salvage]);
}

#[test]
fn another_vaults_copy_is_compared_by_credential_and_merged_as_accounts_of_its_own() {
    let (place, mut vault) = Place::new();
    let there = vault.add(totp("a", "alex", 1), NOW).unwrap();
    let (other, mut mine) = Place::new();
    mine.add(totp("a", "alex", 1), NOW).unwrap();
    let lone = mine.add(totp("b", "", 2), NOW).unwrap();
    mine.lock();
    let copy = Snapshot::of_folder(&other.path(), &Key::RecoveryCode(&other.code)).unwrap();
    let rows = vault.compare(&copy).unwrap().rows;
    let mut statuses: Vec<Compared> = rows.iter().map(|row| row.status).collect();
    statuses.sort_by_key(|status| *status != Compared::Missing);
    assert_eq!(statuses, [Compared::Missing, Compared::SameCredential(there)]);
    let ids = proposed(&mut vault, &copy);
    assert_eq!(ids, [lone]);
    vault.merge(&copy, &ids).unwrap();
    let account = totp("b", "", 2).account;
    assert_eq!(
        vault.find_duplicate(&account).unwrap(),
        authenticator_core::vault::Duplicate::Same(lone),
        "its index was made anew"
    );
    vault.lock();
    assert_eq!(place.open().vault.mode(), Mode::ReadWrite);
}
