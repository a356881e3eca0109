//! The vault's everyday life: what is written is there again, in order, and nothing else is.

mod common;

use authenticator_core::otp::Otp;
use authenticator_core::secret::SecretBytes;
use authenticator_core::time::UnixTime;
use authenticator_core::vault::{
    self, Change, Duplicate, KdfParams, Key, LockedVault, Mode, NewSlot, TRASH_MS, VaultError,
};
use common::{NOW, Place, hotp, totp};

#[test]
fn accounts_come_back_as_they_were_after_lock_and_unlock() {
    let (place, mut vault) = Place::new();
    let a = vault.add(totp("GitHub", "alex", 1), NOW).unwrap();
    let b = vault.add(totp("", "Zoë 🙂", 2), NOW).unwrap();
    let before = vault.items().to_vec();
    let secret = vault.open_otp(a).unwrap();
    vault.lock();
    let mut vault = place.open().vault;
    assert_eq!(vault.mode(), Mode::ReadWrite);
    assert_eq!(vault.items(), before);
    assert_eq!(vault.items().iter().map(|item| item.id).collect::<Vec<_>>(), [a, b]);
    assert_eq!(vault.open_otp(a).unwrap(), secret);
}

#[test]
fn all_three_ways_in_open_the_same_vault() {
    let folder = tempfile::tempdir().unwrap();
    let anchor: std::sync::Arc<dyn authenticator_core::device::Anchor> =
        std::sync::Arc::new(common::MemoryAnchor::default());
    let code = vault::RecoveryCode::make().unwrap();
    let device = SecretBytes::new(vec![5; 32]);
    let kdf = KdfParams::new(32 * 1024, 3, 1).unwrap();
    let slots = [
        NewSlot::Passphrase { passphrase: "caf\u{e9}".as_bytes(), kdf },
        NewSlot::RecoveryCode(&code),
        NewSlot::Device(&device),
    ];
    let id = vault::create(folder.path(), &anchor, &slots, NOW).unwrap().vault_id();
    for key in [Key::Passphrase("cafe\u{301}".as_bytes()), Key::RecoveryCode(&code), Key::Device(&device)] {
        let opened = LockedVault::open(folder.path()).unwrap().unlock(key, &anchor, NOW).unwrap();
        assert_eq!((opened.vault.vault_id(), opened.vault.mode()), (id, Mode::ReadWrite));
    }
    let wrong = LockedVault::open(folder.path()).unwrap().unlock(Key::Passphrase(b"cafe"), &anchor, NOW);
    assert!(matches!(wrong, Err(VaultError::WrongKey)));
}

#[test]
fn a_device_alone_is_no_way_in() {
    let folder = tempfile::tempdir().unwrap();
    let anchor: std::sync::Arc<dyn authenticator_core::device::Anchor> =
        std::sync::Arc::new(common::MemoryAnchor::default());
    let device = SecretBytes::new(vec![5; 32]);
    let made = vault::create(folder.path(), &anchor, &[NewSlot::Device(&device)], NOW);
    assert!(matches!(made, Err(VaultError::NoPortableSlot)));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_counter_moves_before_its_code_is_given_and_the_last_code_can_be_seen_again() {
    let (place, mut vault) = Place::new();
    let id = vault.add(hotp("Door", 7), NOW).unwrap();
    assert_eq!(vault.peek_last(id).unwrap(), None);
    let codes: Vec<_> = (0..5).map(|_| vault.hotp_next(id).unwrap()).collect();
    assert_eq!(codes.iter().map(|code| code.counter).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    vault.lock();
    let mut vault = place.open().vault;
    assert_eq!(vault.peek_last(id).unwrap().as_ref(), codes.last());
    assert_eq!(vault.counter(id).unwrap(), Some(5));
}

#[test]
fn the_end_of_a_counter_is_an_error_and_not_a_repeat() {
    let (_place, mut vault) = Place::new();
    let mut item = hotp("Door", 7);
    if let Otp::Hotp(otp) = &mut item.account.otp {
        otp.counter = u64::MAX - 1;
    }
    let id = vault.add(item, NOW).unwrap();
    assert_eq!(vault.hotp_next(id).unwrap().counter, u64::MAX - 1);
    assert!(matches!(vault.hotp_next(id), Err(VaultError::CounterAtEnd)));
    assert!(matches!(vault.hotp_next(id), Err(VaultError::CounterAtEnd)));
}

#[test]
fn duplicates_are_found_by_credential_and_names_and_the_trash_does_not_count() {
    let (_place, mut vault) = Place::new();
    let id = vault.add(totp("GitHub", "alex", 1), NOW).unwrap();
    let find = |vault: &mut vault::Vault, issuer: &str, seed| {
        vault.find_duplicate(&totp(issuer, "alex", seed).account).unwrap()
    };
    assert_eq!(find(&mut vault, "GitHub", 1), Duplicate::Same(id));
    assert_eq!(find(&mut vault, "GitLab", 1), Duplicate::SameSecretOtherName(id));
    assert_eq!(find(&mut vault, "GitHub", 2), Duplicate::SameNameOtherSecret(id));
    assert_eq!(find(&mut vault, "GitLab", 2), Duplicate::None);
    vault.delete(id, NOW).unwrap();
    assert_eq!(find(&mut vault, "GitHub", 1), Duplicate::None);
}

#[test]
fn a_counter_is_no_part_of_a_credential() {
    let (_place, mut vault) = Place::new();
    let id = vault.add(hotp("Door", 1), NOW).unwrap();
    vault.hotp_next(id).unwrap();
    assert_eq!(vault.find_duplicate(&hotp("Door", 1).account).unwrap(), Duplicate::Same(id));
}

#[test]
fn the_trash_keeps_an_account_for_thirty_days_to_the_millisecond() {
    let (_place, mut vault) = Place::new();
    let id = vault.add(totp("GitHub", "alex", 1), NOW).unwrap();
    vault.delete(id, NOW).unwrap();
    assert_eq!(vault.purge_expired(NOW.plus_ms(TRASH_MS - 1)).unwrap(), 0);
    vault.restore(id).unwrap();
    assert_eq!(vault.purge_expired(NOW.plus_ms(TRASH_MS)).unwrap(), 0);
    vault.delete(id, NOW).unwrap();
    assert_eq!(vault.purge_expired(NOW.plus_ms(TRASH_MS)).unwrap(), 1);
    assert!(vault.items().is_empty());
}

#[test]
fn a_change_touches_only_what_it_names() {
    let (place, mut vault) = Place::new();
    let id = vault.add(totp("GitHub", "alex", 1), NOW).unwrap();
    let before = vault.items()[0].clone();
    let group = vault.add_group("Work").unwrap();
    let change = Change {
        note: Some("old phone".into()),
        groups: Some(vec![group]),
        favorite: Some(true),
        ..Change::default()
    };
    vault.change(id, change, NOW).unwrap();
    vault.lock();
    let vault = place.open().vault;
    let after = vault.items()[0].clone();
    assert_eq!(
        (after.note.as_str(), after.favorite, after.groups.as_slice()),
        ("old phone", true, [group].as_slice())
    );
    assert_eq!((after.issuer, after.created_at), (before.issuer, before.created_at));
}

#[test]
fn order_groups_and_usage_survive() {
    let (place, mut vault) = Place::new();
    let ids: Vec<_> = (0..4).map(|n| vault.add(totp("x", &n.to_string(), n), NOW).unwrap()).collect();
    vault.set_order(&[ids[2], ids[0]]).unwrap();
    let group = vault.add_group("Work").unwrap();
    vault.rename_group(group, "Home").unwrap();
    vault.used(ids[1], NOW);
    vault.lock();
    let mut vault = place.open().vault;
    assert_eq!(
        vault.items().iter().map(|item| item.id).collect::<Vec<_>>(),
        [ids[2], ids[0], ids[1], ids[3]]
    );
    assert_eq!(vault.groups()[0].name, "Home");
    let used = vault.items().iter().find(|item| item.id == ids[1]).unwrap();
    assert_eq!((used.usage_count, used.last_used_at), (1, Some(NOW)));
    vault.delete_group(group).unwrap();
    assert!(vault.groups().is_empty());
    assert!(matches!(vault.rename_group(group, "x"), Err(VaultError::NoSuchGroup)));
}

#[test]
fn a_second_vault_is_refused_and_the_first_stays() {
    let (place, mut vault) = Place::new();
    vault.add(totp("GitHub", "alex", 1), NOW).unwrap();
    vault.lock();
    let slots = [NewSlot::RecoveryCode(&place.code)];
    assert!(matches!(
        vault::create(&place.path(), &place.anchor, &slots, NOW),
        Err(VaultError::AlreadyExists)
    ));
    assert_eq!(place.open().vault.items().len(), 1);
}

#[test]
fn an_anchor_without_its_file_is_a_previous_vault() {
    let (place, vault) = Place::new();
    let id = vault.vault_id();
    vault.lock();
    std::fs::remove_dir_all(place.path()).unwrap();
    assert_eq!(vault::previous(&place.path(), &*place.anchor).unwrap(), Some(id));
    let slots = [NewSlot::RecoveryCode(&place.code)];
    let made = vault::create(&place.path(), &place.anchor, &slots, NOW);
    assert!(matches!(made, Err(VaultError::PreviousVault(previous)) if previous == id));
    place.anchor.archive(id).unwrap();
    assert!(vault::create(&place.path(), &place.anchor, &slots, NOW).is_ok());
}

#[test]
fn two_handles_see_each_others_writes() {
    let (place, mut first) = Place::new();
    let mut second = place.open().vault;
    let id = first.add(hotp("Door", 1), NOW).unwrap();
    assert_eq!(second.hotp_next(id).unwrap().counter, 0);
    assert_eq!(first.hotp_next(id).unwrap().counter, 1);
    second.delete(id, UnixTime::from_ms(5)).unwrap();
    assert!(first.verify().unwrap().problems.is_empty());
    assert!(first.items()[0].trashed_at.is_some());
}

#[test]
fn eight_handles_never_give_one_counter_twice() {
    let (place, mut vault) = Place::new();
    let id = vault.add(hotp("Door", 1), NOW).unwrap();
    vault.lock();
    let counters = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let mut vault = place.open().vault;
                    (0..25).map(|_| vault.hotp_next(id).unwrap().counter).collect::<Vec<_>>()
                })
            })
            .collect();
        handles
            .into_iter()
            .flat_map(|handle| handle.join().unwrap())
            .collect::<std::collections::BTreeSet<_>>()
    });
    assert_eq!(counters.len(), 200);
    assert_eq!(counters.last(), Some(&199));
}

#[test]
fn a_group_that_does_not_exist_is_refused_and_nothing_is_written() {
    let (_place, mut vault) = Place::new();
    let group = vault.add_group("gone").unwrap();
    vault.delete_group(group).unwrap();
    let seq = vault.seq();
    let mut item = totp("x", "y", 1);
    item.groups = vec![group];
    assert!(matches!(vault.add(item, NOW), Err(VaultError::NoSuchGroup)));
    assert_eq!((vault.seq(), vault.items().len()), (seq, 0));
    assert_eq!(vault.mode(), Mode::ReadWrite);
}

#[test]
fn a_note_beyond_the_limit_is_refused_and_nothing_is_written() {
    let (_place, mut vault) = Place::new();
    let mut item = totp("x", "y", 1);
    item.note = "n".repeat(70_000);
    assert!(matches!(vault.add(item, NOW), Err(VaultError::TooLarge)));
    assert!(vault.items().is_empty());
    assert!(vault.add(totp("x", "y", 1), NOW).is_ok());
}
