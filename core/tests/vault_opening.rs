//! What file and anchor say together when a vault opens: read-write, or read-only with the reason.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use authenticator_core::device::{AnchorRecord, KeyStoreError, StoredAnchor};
use authenticator_core::vault::{self, Mode, NewSlot, Reason, VaultError};
use common::{NOW, Place, totp};

/// S06: a whole file from k commits ago, for k = 1..=50.
#[test]
fn an_old_file_put_back_is_noticed_however_old() {
    let (place, mut vault) = Place::new();
    for n in 0..50u8 {
        place.copy(&format!("seq-{n}"));
        vault.add(totp("x", &n.to_string(), n), NOW).unwrap();
    }
    vault.lock();
    println!("cases 50");
    for n in 0..50 {
        let folder = place.folder.path().join(format!("seq-{n}"));
        let mut opened = place.try_open(&folder).unwrap();
        assert_eq!(opened.vault.mode(), Mode::ReadOnly(Reason::RolledBack), "{} commits back", 50 - n);
        assert!(matches!(
            opened.vault.add(totp("y", "", 9), NOW),
            Err(VaultError::ReadOnly(Reason::RolledBack))
        ));
        assert_eq!(opened.vault.items().len(), n);
    }
}

#[test]
fn an_accepted_old_file_is_a_new_branch_and_the_newer_one_is_then_of_another() {
    let (place, mut vault) = Place::new();
    let old = place.copy("old");
    vault.add(totp("x", "", 1), NOW).unwrap();
    vault.lock();
    let mut opened = place.try_open(&old).unwrap();
    opened.vault.accept().unwrap();
    assert_eq!(opened.vault.mode(), Mode::ReadWrite);
    opened.vault.add(totp("y", "", 2), NOW).unwrap();
    opened.vault.lock();
    assert_eq!(place.try_open(&old).unwrap().vault.mode(), Mode::ReadWrite);
    assert_eq!(place.open().vault.mode(), Mode::ReadOnly(Reason::OtherBranch));
}

#[test]
fn file_and_anchor_mean_what_the_format_says() {
    let (place, mut vault) = Place::new();
    vault.add(totp("x", "", 1), NOW).unwrap();
    let id = vault.vault_id();
    let StoredAnchor::Present(before) = place.memory.record(id) else { panic!("an anchor was stored") };
    vault.add(totp("y", "", 2), NOW).unwrap();
    vault.lock();
    let StoredAnchor::Present(now) = place.memory.record(id) else { panic!("an anchor was stored") };
    let wrong = |record: &AnchorRecord| AnchorRecord { root_mac: [1; 32], ..record.clone() };
    let branch = AnchorRecord { branch: [1; 16], ..now.clone() };
    let newer = AnchorRecord { seq: now.seq + 1, ..now.clone() };
    let far_back = AnchorRecord { seq: 1, ..wrong(&now) };
    let cases = [
        (StoredAnchor::Present(now.clone()), Mode::ReadWrite),
        (StoredAnchor::Present(before.clone()), Mode::ReadWrite),
        (StoredAnchor::Present(far_back), Mode::ReadWrite),
        (StoredAnchor::Present(wrong(&now)), Mode::ReadOnly(Reason::Tampered)),
        (StoredAnchor::Present(wrong(&before)), Mode::ReadOnly(Reason::Tampered)),
        (StoredAnchor::Present(newer), Mode::ReadOnly(Reason::RolledBack)),
        (StoredAnchor::Present(branch), Mode::ReadOnly(Reason::OtherBranch)),
        (StoredAnchor::Absent, Mode::ReadOnly(Reason::NoAnchor)),
        (StoredAnchor::Torn, Mode::ReadOnly(Reason::AnchorTorn)),
    ];
    for (stored, expected) in cases {
        place.memory.set(id, stored.clone());
        assert_eq!(place.open().vault.mode(), expected, "{stored:?}");
    }
}

#[test]
fn a_new_phone_reads_at_once_and_writes_after_consent() {
    let (place, mut vault) = Place::new();
    let id = vault.add(totp("x", "", 1), NOW).unwrap();
    let vault_id = vault.vault_id();
    vault.lock();
    place.memory.set(vault_id, StoredAnchor::Absent);
    let mut vault = place.open().vault;
    assert!(vault.open_otp(id).unwrap().code_at(NOW, 0).is_ok());
    assert!(matches!(vault.delete(id, NOW), Err(VaultError::ReadOnly(Reason::NoAnchor))));
    vault.accept().unwrap();
    vault.delete(id, NOW).unwrap();
    vault.lock();
    assert_eq!(place.open().vault.mode(), Mode::ReadWrite);
}

/// R20, as far as anchors go: none of the six errors makes anything, and a write succeeds all the same.
#[test]
fn a_key_store_that_fails_never_makes_or_unmakes_anything() {
    for error in [
        KeyStoreError::Unavailable,
        KeyStoreError::Cancelled,
        KeyStoreError::LockedOut,
        KeyStoreError::Invalidated,
        KeyStoreError::Missing,
        KeyStoreError::HardwareFault,
    ] {
        let (place, mut vault) = Place::new();
        *place.memory.failing.lock().unwrap() = Some(error);
        vault.add(totp("x", "", 1), NOW).unwrap();
        assert_eq!(vault.report().anchor_stale, Some(error));
        vault.lock();
        let opened = place.open();
        assert_eq!(opened.vault.mode(), Mode::ReadOnly(Reason::AnchorUnavailable));
        assert_eq!(opened.vault.items().len(), 1);
        opened.vault.lock();
        let empty = tempfile::tempdir().unwrap();
        let slots = [NewSlot::RecoveryCode(&place.code)];
        let made = vault::create(empty.path(), &place.anchor, &slots, NOW);
        assert!(matches!(made, Err(VaultError::KeyStore(kind)) if kind == error));
        assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0);
        *place.memory.failing.lock().unwrap() = None;
        let opened = place.open();
        assert_eq!((opened.vault.mode(), opened.report.ahead), (Mode::ReadWrite, 1));
    }
}

#[test]
fn a_newer_format_is_shown_and_not_touched() {
    let (place, mut vault) = Place::new();
    vault.add(totp("x", "", 1), NOW).unwrap();
    vault.lock();
    place.sql().execute_batch("PRAGMA user_version = 2").unwrap();
    let before = std::fs::read(place.path().join("vault.db")).unwrap();
    let mut vault = place.open().vault;
    assert_eq!(vault.mode(), Mode::ReadOnly(Reason::NewerFormat));
    assert_eq!(vault.items().len(), 1);
    assert!(vault.add(totp("y", "", 2), NOW).is_err());
    assert!(vault.accept().is_err());
    vault.lock();
    assert_eq!(std::fs::read(place.path().join("vault.db")).unwrap(), before);
}

/// The writer of the file says that versions before 2 would not understand it.
#[test]
fn a_format_that_is_not_ours_to_read_is_left_alone() {
    let (place, mut vault) = Place::new();
    vault.add(totp("x", "", 1), NOW).unwrap();
    vault.lock();
    place
        .sql()
        .execute_batch(
            "PRAGMA user_version = 2; UPDATE meta SET v = x'00000002' WHERE k = 'min_reader';
             ALTER TABLE item RENAME TO account; DROP TABLE root;",
        )
        .unwrap();
    let before = std::fs::read(place.path().join("vault.db")).unwrap();
    let mut vault = place.open().vault;
    assert_eq!((vault.mode(), vault.items().len()), (Mode::ReadOnly(Reason::NewerFormat), 0));
    assert!(matches!(vault.add(totp("y", "", 2), NOW), Err(VaultError::ReadOnly(Reason::NewerFormat))));
    assert!(vault.accept().is_err());
    vault.lock();
    assert_eq!(std::fs::read(place.path().join("vault.db")).unwrap(), before);
}
