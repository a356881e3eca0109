//! Fresh confirmation before a secret leaves, and an app whose lock is off, which confirms nothing.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use authenticator_core::authenticator::{Authenticator, Confirmation, Error, Status};
use authenticator_core::device::{KeyStoreError, lock_off_alias, slot_alias};
use authenticator_core::secret::SecretBytes;
use authenticator_core::vault::{Key, Mode, NewSlot, RecoveryCode, SlotKind, VaultError, VaultId};
use common::key_store::{KeyStore, SIX};
use common::{NOW, Place, boot, confirmed, totp, unlocked};

fn vault_id(place: &Place) -> VaultId {
    place.anchor.list().unwrap()[0]
}

fn kinds(core: &Authenticator) -> Vec<SlotKind> {
    let mut kinds: Vec<_> = core.slots().unwrap().iter().map(|slot| slot.kind).collect();
    kinds.sort_by_key(|kind| format!("{kind:?}"));
    kinds
}

/// S19: every call that lets a secret out or makes something unreadable, with every confirmation that is none.
#[test]
fn nothing_is_revealed_or_erased_without_a_confirmation_made_just_now() {
    let (place, core) = unlocked();
    let id = core.add(totp("GitHub", "alex", 1), NOW).unwrap().id();
    let key = || Key::RecoveryCode(&place.code);
    let of_before_the_lock = confirmed(&core, &place);
    core.lock();
    core.unlock(key(), NOW).unwrap();
    let replaced = confirmed(&core, &place);
    let used = confirmed(&core, &place);
    core.reveal(id, &used, boot(59_999)).unwrap();
    let none =
        [("of before the lock", &of_before_the_lock, 1), ("replaced", &replaced, 1), ("used", &used, 1)];
    type Call<'a> = &'a dyn Fn(&Confirmation, u64) -> Option<Error>;
    let erase = |token: &Confirmation, at| {
        core.erase_for_good(token, &key(), &[NewSlot::RecoveryCode(&place.code)], NOW, boot(at)).err()
    };
    let reveal = |token: &Confirmation, at| core.reveal(id, token, boot(at)).err();
    let show_code = |token: &Confirmation, at| core.show_code(id, token, NOW, 0, boot(at)).err();
    let calls: [(&str, Call<'_>); 3] =
        [("reveal", &reveal), ("show_code", &show_code), ("erase_for_good", &erase)];
    for (call, call_it) in calls {
        for (why, token, at) in none {
            assert!(matches!(call_it(token, at), Some(Error::NotConfirmed)), "{call}, {why}");
        }
        let late = confirmed(&core, &place);
        assert!(matches!(call_it(&late, 60_000), Some(Error::NotConfirmed)), "{call}, a minute later");
        // The control: with one that was made just now it does what it is for.
        assert!(call_it(&confirmed(&core, &place), 59_999).is_none(), "{call}");
    }
}

/// The control of S19: below the flows nobody asks, and the secret is there.
#[test]
fn control_below_the_flows_nobody_asks_and_the_secret_is_there() {
    let (_place, mut vault) = Place::new();
    let id = vault.add(totp("GitHub", "alex", 1), NOW).unwrap();
    assert_eq!(vault.open_otp(id).unwrap().secret().expose(), [1; 20]);
}

#[test]
fn a_finger_confirms_and_none_of_the_six_errors_does() {
    let (place, core) = unlocked();
    let store = KeyStore::default();
    let id = core.add(totp("GitHub", "alex", 1), NOW).unwrap().id();
    let none = core.confirm_by_device(&store, boot(0));
    assert!(matches!(none, Err(Error::Vault(VaultError::NoSuchSlot))));
    assert_eq!(store.asked(), 0, "the device is not asked for what the vault has no slot for");
    core.renew_device_slot(&store, &Key::RecoveryCode(&place.code), NOW).unwrap();
    for error in SIX {
        store.fail(Some(error));
        let refused = core.confirm_by_device(&store, boot(0));
        assert!(matches!(refused, Err(Error::Vault(VaultError::KeyStore(kind))) if kind == error));
    }
    store.fail(None);
    let token = core.confirm_by_device(&store, boot(0)).unwrap();
    core.reveal(id, &token, boot(1)).unwrap();
    // A secret that is another confirms nothing, whatever the device says.
    store.kept.lock().unwrap().insert(slot_alias(vault_id(&place)), SecretBytes::new(vec![1; 32]));
    let wrong = core.confirm_by_device(&store, boot(0));
    assert!(matches!(wrong, Err(Error::Vault(VaultError::WrongKey))));
}

#[test]
fn with_the_lock_off_the_device_opens_the_vault_and_confirms_nothing() {
    let (place, core) = unlocked();
    let store = KeyStore::default();
    let key = || Key::RecoveryCode(&place.code);
    let id = core.add(totp("GitHub", "alex", 1), NOW).unwrap().id();
    assert!(matches!(core.unlock_with_lock_off(&store, NOW), Err(Error::Vault(VaultError::NoSuchSlot))));
    core.turn_lock_off(&store, &key(), NOW).unwrap();
    assert_eq!(kinds(&core), [SlotKind::DeviceAlone, SlotKind::RecoveryCode]);
    let due = core.duties(NOW).unwrap();
    core.lock();
    assert_eq!(core.unlock_with_lock_off(&store, NOW).unwrap().mode, Mode::ReadWrite);
    assert_eq!(core.list().unwrap()[0].id, id);
    assert_eq!(core.duties(NOW).unwrap(), due, "it was no way in that a person knows");
    let alone = store.kept.lock().unwrap()[&lock_off_alias(vault_id(&place))].clone();
    let (alone, code) = (|| Key::DeviceAlone(&alone), RecoveryCode::make().unwrap());
    let new = || NewSlot::RecoveryCode(&code);
    let refused = [
        ("confirm", core.confirm(&alone(), boot(0)).err()),
        ("replace_slot", core.replace_slot(&alone(), &new(), NOW).err()),
        ("add_slot", core.add_slot(&alone(), &new(), NOW).err()),
        ("remove_slot", core.remove_slot(&alone(), core.slots().unwrap()[0].id, NOW).err()),
        ("rotate_data_key", core.rotate_data_key(&alone(), NOW).err()),
        ("rotate_all", core.rotate_all(&alone(), &[new()], NOW).err()),
        ("renew_device_slot", core.renew_device_slot(&store, &alone(), NOW).err()),
        ("turn_lock_on", core.turn_lock_on(&store, &alone(), NOW).err()),
    ];
    for (call, error) in refused {
        assert!(matches!(error, Some(Error::NotConfirmed)), "{call}: {error:?}");
    }
    // The same secret does not open as if a finger had given it, and the slot stands in no backup.
    core.lock();
    assert!(core.unlock(Key::Device(&SecretBytes::new(vec![1; 32])), NOW).is_err());
    core.unlock(key(), NOW).unwrap();
    let written = core.write_backup(&place.folder.path().join("a.akb"), NOW).unwrap();
    let opens = written.says.unwrap().opens_with;
    assert_eq!(opens.iter().map(|slot| slot.kind).collect::<Vec<_>>(), [SlotKind::RecoveryCode]);
}

#[test]
fn turned_on_again_the_lock_leaves_no_slot_and_no_secret() {
    let (place, core) = unlocked();
    let store = KeyStore::default();
    let key = || Key::RecoveryCode(&place.code);
    core.turn_lock_off(&store, &key(), NOW).unwrap();
    for error in SIX {
        store.fail(Some(error));
        let refused = core.turn_lock_on(&store, &key(), NOW);
        assert!(matches!(refused, Err(Error::Vault(VaultError::KeyStore(kind))) if kind == error));
        assert_eq!(kinds(&core).len(), 2, "{error}");
    }
    store.fail(None);
    core.turn_lock_on(&store, &key(), NOW).unwrap();
    assert_eq!(kinds(&core), [SlotKind::RecoveryCode]);
    assert!(store.kept.lock().unwrap().is_empty());
    core.lock();
    assert!(matches!(core.unlock_with_lock_off(&store, NOW), Err(Error::Vault(VaultError::NoSuchSlot))));
    assert!(matches!(core.status().unwrap(), Status::Locked(slots) if slots.len() == 1));
}

/// With the lock off and the device's secret gone, the vault asks for what a person knows, and nothing is made.
#[test]
fn a_secret_that_the_device_lost_leaves_the_other_ways_in() {
    let (place, core) = unlocked();
    let store = KeyStore::default();
    core.turn_lock_off(&store, &Key::RecoveryCode(&place.code), NOW).unwrap();
    core.lock();
    store.kept.lock().unwrap().clear();
    let lost = core.unlock_with_lock_off(&store, NOW);
    assert!(matches!(lost, Err(Error::Vault(VaultError::KeyStore(KeyStoreError::Missing)))));
    assert!(store.kept.lock().unwrap().is_empty());
    core.unlock(Key::RecoveryCode(&place.code), NOW).unwrap();
    assert_eq!(kinds(&core), [SlotKind::DeviceAlone, SlotKind::RecoveryCode]);
}
