//! Ways in and keys, changed: nobody is shut out, old secrets open nothing new, and a failure changes nothing.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::fs;

use authenticator_core::secret::SecretBytes;
use authenticator_core::vault::{
    Key, LockedSnapshot, LockedVault, Mode, NewSlot, RecoveryCode, SlotKind, SnapshotState, Vault, VaultError,
};
use common::{NOW, Place, hotp, totp};

fn kinds(vault: &mut Vault) -> Vec<SlotKind> {
    vault.ways_in().unwrap().slots().iter().map(|slot| slot.kind).collect()
}

fn opens(place: &Place, key: Key<'_>) -> bool {
    let opened = LockedVault::open(&place.path()).unwrap().unlock(key, &place.anchor, NOW);
    match opened {
        Ok(opened) => opened.vault.mode() == Mode::ReadWrite,
        Err(VaultError::WrongKey | VaultError::NoSuchSlot) => false,
        Err(error) => panic!("{error}"),
    }
}

fn with_accounts() -> (Place, Vault) {
    let (place, mut vault) = Place::new();
    let items =
        (0..30).map(|n| if n % 3 == 0 { hotp(&n.to_string(), n) } else { totp(&n.to_string(), "", n) });
    vault.add_many(items.collect(), NOW).unwrap();
    vault.add_group("Work").unwrap();
    (place, vault)
}

fn check_accounts(vault: &mut Vault) {
    assert_eq!(vault.items().len(), 30);
    for item in vault.items().to_vec() {
        let seed: u8 = item.issuer.parse().unwrap();
        assert_eq!(vault.open_otp(item.id).unwrap().secret().expose(), [seed; 20]);
    }
    let health = vault.verify().unwrap();
    assert!(health.problems.is_empty() && health.damaged.is_empty(), "{health:?}");
}

#[test]
fn a_new_recovery_code_opens_and_the_old_one_no_longer_does() {
    let (place, mut vault) = with_accounts();
    let new = RecoveryCode::make().unwrap();
    let change =
        vault.ways_in().unwrap().replace(&Key::RecoveryCode(&place.code), &NewSlot::RecoveryCode(&new), NOW);
    assert!(opens(&place, Key::RecoveryCode(&place.code)), "until it is written");
    vault.put_ways_in(change.unwrap(), NOW).unwrap();
    check_accounts(&mut vault);
    vault.lock();
    assert!(opens(&place, Key::RecoveryCode(&new)) && !opens(&place, Key::RecoveryCode(&place.code)));
    // The newest snapshot opens with the new one; the copy of the slots beside the file is the new one too.
    let newest = authenticator_core::vault::snapshots_in(&place.path()).unwrap().pop().unwrap();
    let locked = LockedSnapshot::open(&newest.path).unwrap();
    assert!(locked.unlock(&Key::RecoveryCode(&new)).is_ok());
    assert!(matches!(locked.unlock(&Key::RecoveryCode(&place.code)), Err(VaultError::WrongKey)));
}

#[test]
fn a_wrong_key_prepares_nothing() {
    let (_place, mut vault) = with_accounts();
    let (wrong, new) = (RecoveryCode::make().unwrap(), RecoveryCode::make().unwrap());
    let ways = vault.ways_in().unwrap();
    let (wrong, slot) = (Key::RecoveryCode(&wrong), NewSlot::RecoveryCode(&new));
    assert!(matches!(ways.check(&wrong), Err(VaultError::WrongKey)));
    assert!(matches!(ways.add(&wrong, &slot, NOW).map(drop), Err(VaultError::WrongKey)));
    assert!(matches!(ways.replace(&wrong, &slot, NOW).map(drop), Err(VaultError::WrongKey)));
    assert!(matches!(ways.rotate_data_key(&wrong).map(drop), Err(VaultError::WrongKey)));
    assert!(matches!(ways.rotate_all(&wrong, &[slot], NOW).map(drop), Err(VaultError::WrongKey)));
}

#[test]
fn the_last_way_in_that_needs_no_device_cannot_be_taken_away() {
    let (place, mut vault) = with_accounts();
    let device = SecretBytes::new(vec![7; 32]);
    let key = || Key::RecoveryCode(&place.code);
    let change = vault.ways_in().unwrap().add(&key(), &NewSlot::Device(&device), NOW).unwrap();
    vault.put_ways_in(change, NOW).unwrap();
    assert_eq!(kinds(&mut vault).len(), 2);
    let ways = vault.ways_in().unwrap();
    let id = |kind| ways.slots().iter().find(|slot| slot.kind == kind).unwrap().id;
    let last = ways.remove(&Key::Device(&device), id(SlotKind::RecoveryCode)).map(drop);
    assert!(matches!(last, Err(VaultError::NoPortableSlot)));
    assert!(matches!(ways.remove(&key(), [9; 16]).map(drop), Err(VaultError::NoSuchSlot)));
    let change = ways.remove(&key(), id(SlotKind::Device)).unwrap();
    vault.put_ways_in(change, NOW).unwrap();
    assert_eq!(kinds(&mut vault), [SlotKind::RecoveryCode]);
    vault.lock();
    assert!(!opens(&place, Key::Device(&device)) && opens(&place, key()));
}

/// R29: a removed slot's old copy is refused, although its secret is right.
#[test]
fn an_old_copy_of_a_removed_slot_opens_nothing() {
    let (place, mut vault) = with_accounts();
    let device = SecretBytes::new(vec![7; 32]);
    let key = || Key::RecoveryCode(&place.code);
    let change = vault.ways_in().unwrap().add(&key(), &NewSlot::Device(&device), NOW).unwrap();
    vault.put_ways_in(change, NOW).unwrap();
    let old_copy = fs::read(place.path().join("vault.keys")).unwrap();
    let ways = vault.ways_in().unwrap();
    let id = ways.slots().iter().find(|slot| slot.kind == SlotKind::Device).unwrap().id;
    let change = ways.remove(&key(), id).unwrap();
    vault.put_ways_in(change, NOW).unwrap();
    vault.lock();
    fs::write(place.path().join("vault.keys"), old_copy).unwrap();
    let tried = LockedVault::open(&place.path()).unwrap().unlock(Key::Device(&device), &place.anchor, NOW);
    assert!(matches!(tried.map(|_| ()), Err(VaultError::SlotDamaged)));
    assert!(opens(&place, key()));
}

#[test]
fn a_change_prepared_from_slots_that_changed_since_is_refused() {
    let (place, mut vault) = with_accounts();
    let key = || Key::RecoveryCode(&place.code);
    let device = SecretBytes::new(vec![7; 32]);
    let ways = vault.ways_in().unwrap();
    let first = ways.add(&key(), &NewSlot::Device(&device), NOW).unwrap();
    let second = ways.add(&key(), &NewSlot::Device(&device), NOW).unwrap();
    let third = ways.rotate_data_key(&key()).unwrap();
    vault.put_ways_in(first, NOW).unwrap();
    assert!(matches!(vault.put_ways_in(second, NOW), Err(VaultError::ChangedOutside)));
    assert!(matches!(vault.rotate(third, NOW), Err(VaultError::ChangedOutside)));
    assert_eq!(kinds(&mut vault).len(), 2);
    check_accounts(&mut vault);
}

#[test]
fn another_handle_takes_new_slots_over_and_goes_on() {
    let (place, mut first) = with_accounts();
    let mut second = place.open().vault;
    let device = SecretBytes::new(vec![7; 32]);
    let key = Key::RecoveryCode(&place.code);
    let change = first.ways_in().unwrap().add(&key, &NewSlot::Device(&device), NOW).unwrap();
    first.put_ways_in(change, NOW).unwrap();
    second.add_group("from the second").unwrap();
    assert_eq!(second.mode(), Mode::ReadWrite);
    assert_eq!(kinds(&mut second).len(), 2);
    first.lock();
    second.lock();
    assert!(opens(&place, Key::Device(&device)));
}

#[test]
fn a_new_data_key_seals_everything_anew_and_an_older_handle_writes_nothing() {
    let (place, mut vault) = with_accounts();
    let mut other = place.open().vault;
    let old = place.copy("old");
    let rotation = vault.ways_in().unwrap().rotate_data_key(&Key::RecoveryCode(&place.code)).unwrap();
    assert_eq!(vault.rotate(rotation, NOW).unwrap(), 30);
    check_accounts(&mut vault);
    let account = totp("1", "", 1).account;
    assert!(matches!(vault.find_duplicate(&account).unwrap(), authenticator_core::vault::Duplicate::Same(_)));
    assert!(matches!(other.add_group("late"), Err(VaultError::ChangedOutside)));
    vault.lock();
    check_accounts(&mut place.open().vault);
    // No sealed bytes of before are left in the file, and the old copy is known for what it is.
    let (before, after) =
        (fs::read(old.join("vault.db")).unwrap(), fs::read(place.path().join("vault.db")).unwrap());
    let epochs: i64 = place.sql().query_row("SELECT min(epoch) FROM item", [], |row| row.get(0)).unwrap();
    assert!(before != after && epochs == 2);
    let mut vault = place.open().vault;
    let states: Vec<SnapshotState> = vault.snapshots().unwrap().iter().map(|info| info.state).collect();
    assert_eq!(states, [SnapshotState::NeedsKey, SnapshotState::Whole], "one before, one after");
    let first = vault.snapshots().unwrap()[0].path.clone();
    let copy = LockedSnapshot::open(&first).unwrap().unlock(&Key::RecoveryCode(&place.code)).unwrap();
    assert_eq!(vault.compare(&copy).unwrap().rows.len(), 30, "the copy from before is still of use");
}

#[test]
fn with_every_key_new_the_old_file_and_its_secret_open_nothing_new() {
    let (place, mut vault) = with_accounts();
    let new = RecoveryCode::make().unwrap();
    let ways = vault.ways_in().unwrap();
    let none = ways.rotate_all(&Key::RecoveryCode(&place.code), &[], NOW).map(drop);
    assert!(matches!(none, Err(VaultError::NoPortableSlot)));
    let slots = [NewSlot::RecoveryCode(&new)];
    let rotation = ways.rotate_all(&Key::RecoveryCode(&place.code), &slots, NOW).unwrap();
    vault.rotate(rotation, NOW).unwrap();
    check_accounts(&mut vault);
    vault.lock();
    assert!(opens(&place, Key::RecoveryCode(&new)) && !opens(&place, Key::RecoveryCode(&place.code)));
}

#[test]
fn a_row_that_does_not_open_stops_a_rotation_and_nothing_has_changed() {
    let (place, vault) = with_accounts();
    vault.lock();
    let spoil = "UPDATE item SET secret = CAST(substr(secret, 1, 60) || x'00' || substr(secret, 62) AS BLOB) \
                 WHERE id = (SELECT max(id) FROM item)";
    place.sql().execute_batch(spoil).unwrap();
    let mut vault = place.open().vault;
    let seq = vault.seq();
    let rotation = vault.ways_in().unwrap().rotate_data_key(&Key::RecoveryCode(&place.code)).unwrap();
    assert!(matches!(vault.rotate(rotation, NOW), Err(VaultError::ItemUnreadable)));
    assert_eq!((vault.mode(), vault.seq()), (Mode::ReadWrite, seq));
    vault.add_group("goes on").unwrap();
    vault.lock();
    assert_eq!(place.open().vault.mode(), Mode::ReadWrite);
}

#[test]
fn what_was_erased_is_in_no_snapshot_and_no_old_way_in_opens_anything() {
    let (place, mut vault) = with_accounts();
    let gone = vault.items()[4].id;
    vault.snapshot(NOW).unwrap();
    vault.delete(gone, NOW).unwrap();
    vault.snapshot(NOW).unwrap();
    let new = RecoveryCode::make().unwrap();
    let slots = [NewSlot::RecoveryCode(&new)];
    let rotation = vault.ways_in().unwrap().rotate_all(&Key::RecoveryCode(&place.code), &slots, NOW).unwrap();
    let erased = vault.erase_for_good(rotation, NOW).unwrap();
    assert_eq!((erased.accounts, erased.remains.len()), (1, 0));
    assert!(erased.snapshots >= 2);
    let left = vault.snapshots().unwrap();
    assert_eq!((left.len(), left[0].state), (1, SnapshotState::Whole));
    assert_eq!(left[0].says.as_ref().unwrap().rows, 29);
    let old =
        LockedSnapshot::open(&left[0].path).unwrap().unlock(&Key::RecoveryCode(&place.code)).map(|_| ());
    assert!(matches!(old, Err(VaultError::WrongKey)));
}

#[test]
fn a_used_recovery_code_is_to_be_renewed_and_a_passphrase_is_asked_for_after_30_60_and_90_days() {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let (_place, mut vault) = Place::new();
    let due = |vault: &Vault, day: i64| vault.duties(NOW.plus_ms(day * DAY)).check_passphrase;
    assert!(!due(&vault, 29) && due(&vault, 30), "from when the way in was made");
    let mut day = 30;
    for next in [60, 90, 90] {
        vault.way_in_was_known(SlotKind::Passphrase, NOW.plus_ms(day * DAY)).unwrap();
        assert!(!due(&vault, day + next - 1) && due(&vault, day + next));
        day += next;
    }
    vault.way_in_was_forgotten().unwrap();
    vault.way_in_was_known(SlotKind::Passphrase, NOW.plus_ms(day * DAY)).unwrap();
    assert!(due(&vault, day + 60), "it begins anew");
    assert!(!vault.duties(NOW).renew_recovery_code);
    vault.way_in_was_known(SlotKind::RecoveryCode, NOW).unwrap();
    assert!(vault.duties(NOW).renew_recovery_code);
    vault.recovery_code_was_renewed().unwrap();
    assert!(!vault.duties(NOW).renew_recovery_code);
}
