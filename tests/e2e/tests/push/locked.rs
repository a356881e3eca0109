//! Proof N16: what works while the vault is locked, and what does not.

use authenticator_core::authenticator::{Decision, EnrolmentState, Error, PushError};
use authenticator_core::device::{DeviceKeys, KeyStoreError, push_alias};
use authenticator_core::vault::{Outcome, VaultError};

use crate::world::{World, anchors, typed};

#[tokio::test(flavor = "multi_thread")]
async fn locked_and_without_its_file_the_phone_polls_denies_and_reports_and_shows_no_name() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let phone = world.active_phone(&session).await;
    let before = anchors(&phone.folders);
    assert!(!before.is_empty());
    // A new start that never saw the keys, with the vault's file out of reach.
    let locked = phone.restarted();
    let (file, aside) = (phone.folders.vault.join("vault.db"), world.folder.path().join("aside.db"));
    phone.core.lock();
    std::fs::rename(&file, &aside).unwrap();

    let (browser, asked) = world.ask().await;
    let one = locked.request().await;
    assert_eq!((&one.service, &one.account_name), (&None, &None));
    let row = locked.enrolment().await;
    assert_eq!((row.service, row.account_name, row.logo), (None, None, None));
    assert!(matches!(locked.core.list(), Err(Error::Locked)));
    let approved = locked.core.answer(one.id, typed(&asked.number)).await;
    assert!(matches!(approved, Err(PushError::Locked)), "{approved:?}");
    assert_eq!(world.state(&browser, &asked), "Open");
    let denied = locked.core.answer(one.id, Decision::Deny { cancelled: false }).await.unwrap();
    assert_eq!((denied.outcome, world.state(&browser, &asked).as_str()), (Some(Outcome::Denied), "Denied"));

    let (browser, asked) = world.ask().await;
    let one = locked.request().await;
    let report = Decision::Report { not_me: true, lock: false };
    let reported = locked.core.answer(one.id, report).await.unwrap();
    assert_eq!(
        (reported.outcome, world.state(&browser, &asked).as_str()),
        (Some(Outcome::Reported), "Reported")
    );
    assert_eq!(locked.core.push_history().await.unwrap().len(), 3);
    assert_eq!(anchors(&phone.folders), before, "nothing of this is in the vault");

    std::fs::rename(&aside, &file).unwrap();
    locked.unlock();
    assert_eq!(locked.enrolment().await.service.as_deref(), Some("Example Organisation"));
}

/// Until the next look while it is unlocked, nothing is wrapped for the device; a phone then said that it had no vault.
#[tokio::test(flavor = "multi_thread")]
async fn after_its_keys_were_changed_a_locked_phone_asks_to_be_unlocked_once() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let phone = world.active_phone(&session).await;
    phone.rotate_vault();
    phone.core.lock();
    let refused = phone.core.refresh_challenges().await;
    assert!(matches!(refused, Err(PushError::Locked)), "{refused:?}");
    phone.unlock();
    phone.core.refresh_challenges().await.unwrap();
    phone.core.lock();
    assert!(phone.core.refresh_challenges().await.is_ok());
}

/// The control: with `k_push` under the vault's key alone, none of it would work.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_devices_secret_nothing_of_it_works_while_locked() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let phone = world.active_phone(&session).await;
    let locked = phone.restarted();
    assert!(locked.core.refresh_challenges().await.is_ok());
    phone.keys.delete(&push_alias(phone.vault)).unwrap();
    let refused = locked.core.refresh_challenges().await;
    assert!(matches!(refused, Err(PushError::KeyStore(KeyStoreError::Missing))), "{refused:?}");
    // One look while it is unlocked, and it works again.
    locked.unlock();
    assert!(locked.core.refresh_challenges().await.is_ok());
    locked.core.lock();
    assert!(locked.core.refresh_challenges().await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_while_the_person_is_asked_throws_the_signature_away() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let phone = world.active_phone(&session).await;
    let (browser, asked) = world.ask().await;
    let one = phone.request().await;
    // The finger comes, and the vault is locked before it does.
    let core = std::sync::Arc::clone(&phone.core);
    phone.when_asked(move || core.lock());
    let refused = phone.core.answer(one.id, typed(&asked.number)).await;
    assert!(matches!(refused, Err(PushError::Locked)), "{refused:?}");
    assert_eq!(world.state(&browser, &asked), "Open");
    phone.when_asked(|| ());
    phone.unlock();
    // The control: asked again, with nobody locking, it is approved.
    assert_eq!(phone.approve(&asked.number).await, Some(Outcome::Approved));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_db_that_is_no_database_stops_neither_vault_nor_codes() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let phone = world.active_phone(&session).await;
    let path = phone.folders.vault.join("push.db");
    std::fs::write(&path, [0x55; 4096]).unwrap();
    let again = phone.again();
    let ids: Vec<_> = again.core.list().unwrap().iter().map(|item| item.id).collect();
    assert!(again.core.codes(klink::phone::now(), 0, &ids).unwrap().rows[0].code.is_ok());
    let refused = again.core.refresh_challenges().await;
    assert!(matches!(refused, Err(PushError::Vault(VaultError::FileDamaged))), "{refused:?}");
    assert_eq!(std::fs::read(&path).unwrap(), [0x55; 4096]);
    // The user starts anew: the old file is kept.
    let name = again.core.put_push_aside().await.unwrap();
    assert_eq!(std::fs::read(phone.folders.vault.join("quarantine").join(name)).unwrap(), [0x55; 4096]);
    assert!(again.core.enrolments().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn new_keys_of_the_vault_take_everything_along() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let phone = world.active_phone(&session).await;
    phone.rotate_vault();
    assert_eq!(phone.enrolment().await.service.as_deref(), Some("Example Organisation"));
    let (browser, asked) = world.ask().await;
    assert_eq!(phone.approve(&asked.number).await, Some(Outcome::Approved));
    assert_eq!(world.state(&browser, &asked), "Approved");
    assert_eq!(phone.core.push_history().await.unwrap().len(), 2);
    // That look wrapped the new key for the device.
    assert!(phone.restarted().core.refresh_challenges().await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_new_keys_and_sealing_again_all_but_the_names_is_saved() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let phone = world.active_phone(&session).await;
    let files = ["push.db", "push.db-wal"].map(|name| phone.folders.vault.join(name));
    let before = files.clone().map(|path| std::fs::read(path).unwrap_or_default());
    phone.rotate_vault();
    // As it was before: sealed under the key that is gone, and wrapped for the device.
    for (path, bytes) in files.iter().zip(before) {
        std::fs::write(path, bytes).unwrap();
    }
    let again = phone.again();
    assert_eq!(again.enrolment().await.state, EnrolmentState::Damaged);
    again.core.refresh_challenges().await.unwrap();
    let row = again.enrolment().await;
    assert_eq!((row.state, row.service), (EnrolmentState::Active, None));
    let (_, asked) = world.ask().await;
    assert_eq!(again.approve(&asked.number).await, Some(Outcome::Approved));
}
