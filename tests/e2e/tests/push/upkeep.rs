//! Keys in other keys' places, tests from the phone, and the end of an enrolment.

use authenticator_core::authenticator::{EnrolmentState, NoSuch, PushAddress, PushError, WhichKey};
use authenticator_core::device::{DeviceKeys, KeyStoreError};
use authenticator_core::push::ids::Id;
use authenticator_core::push::wakeup::Subscription;
use authenticator_core::push::wire;
use authenticator_core::vault::Outcome;
use klink_service::push::{credentials, devices};

use crate::world::{Lose, World, typed};

#[tokio::test(flavor = "multi_thread")]
async fn with_new_keys_sign_ins_are_approved_as_before() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let phone = world.active_phone(&session).await;
    for which in [WhichKey::Device, WhichKey::Approval] {
        phone.core.rotate_key(phone.id(), which).await.unwrap();
        assert_eq!(phone.enrolment().await.state, EnrolmentState::Active);
        let (browser, asked) = world.ask().await;
        let again = phone.again();
        assert_eq!(again.approve(&asked.number).await, Some(Outcome::Approved), "{which:?}");
        assert_eq!(world.state(&browser, &asked), "Approved");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_reply_to_a_new_key_is_found_out() {
    for (which, how) in [
        (WhichKey::Device, Lose::Reply),
        (WhichKey::Approval, Lose::Reply),
        (WhichKey::Device, Lose::Call),
        (WhichKey::Approval, Lose::Call),
    ] {
        let world = World::new().await;
        let session = world.sign_in().await;
        let phone = world.active_phone(&session).await;
        world.lose("POST", "/rotate", how, 1);
        assert!(phone.core.rotate_key(phone.id(), which).await.is_err());
        let again = phone.again();
        again.core.rotate_key(again.id(), which).await.unwrap();
        let (_, asked) = world.ask().await;
        assert_eq!(again.approve(&asked.number).await, Some(Outcome::Approved), "{which:?} {how:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wake_up_opens_for_its_phone_alone_and_the_address_can_be_changed() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let phone = world.active_phone(&session).await;
    let other = world.phone();
    let address = |endpoint: &str| PushAddress::WebPush { endpoint: endpoint.to_owned() };
    for endpoint in ["https://push.example.org/first", "https://push.example.org/second"] {
        phone.core.change_push_address(phone.id(), &address(endpoint)).await.unwrap();
        let kept = world.service.store().read(|conn| credentials::push_address(conn, &phone.credential));
        let Some(wire::PushAddress::Webpush { endpoint: known, p256dh, auth }) = kept.unwrap() else {
            panic!()
        };
        assert_eq!(known, endpoint);
        let subscription = Subscription::parse(&p256dh, &auth).unwrap();
        let credential: Id = phone.credential.parse().unwrap();
        let message = subscription.wake(credential, Id::make().unwrap()).unwrap();
        assert_eq!(phone.core.wake_up(&message).await.unwrap(), Some(phone.id()));
        assert!(phone.enrolment().await.last_push_received.is_some());
        // Changed on its way, or meant for another phone, it wakes nobody.
        let mut changed = message.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert_eq!(phone.core.wake_up(&changed).await.unwrap(), None);
        let stranger = subscription.wake(Id::make().unwrap(), Id::make().unwrap()).unwrap();
        assert_eq!(phone.core.wake_up(&stranger).await.unwrap(), None);
        assert!(matches!(other.core.wake_up(&message).await, Err(PushError::NoSuch(NoSuch::Enrolments))));
    }
    phone.core.change_push_address(phone.id(), &PushAddress::None).await.unwrap();
    let kept = world.service.store().read(|conn| credentials::push_address(conn, &phone.credential)).unwrap();
    assert!(!matches!(kept, Some(wire::PushAddress::Webpush { .. })), "{kept:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_service_key_is_followed_from_the_one_that_is_pinned() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let phone = world.active_phone(&session).await;
    world.service.rotate_service_key().await.unwrap();
    let (browser, asked) = world.ask().await;
    assert_eq!(phone.approve(&asked.number).await, Some(Outcome::Approved));
    assert_eq!(world.state(&browser, &asked), "Approved");
    assert_eq!(world.count("/service-keys"), 1);
    let (_, asked) = world.ask().await;
    assert_eq!(phone.again().approve(&asked.number).await, Some(Outcome::Approved));
    assert_eq!(world.count("/service-keys"), 1, "the new one is pinned");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_from_the_phone_comes_like_any_request() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let phone = world.active_phone(&session).await;
    let test = phone.core.test_push(phone.id()).await.unwrap();
    let one = phone.request().await;
    assert_eq!(one.id.request, test.request);
    let answered = phone.core.answer(one.id, typed(&test.number)).await.unwrap();
    assert_eq!(answered.outcome, Some(Outcome::Approved));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_approval_key_is_said_and_denying_goes_on() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let phone = world.active_phone(&session).await;
    phone.keys.delete(&phone.alias("approval")).unwrap();
    let (_, asked) = world.ask().await;
    let one = phone.request().await;
    let refused = phone.core.answer(one.id, typed(&asked.number)).await;
    assert!(matches!(refused, Err(PushError::KeyStore(KeyStoreError::Missing))), "{refused:?}");
    assert_eq!(phone.enrolment().await.state, EnrolmentState::NeedsApprovalKey);
    let deny = authenticator_core::authenticator::Decision::Deny { cancelled: false };
    assert_eq!(phone.core.answer(one.id, deny).await.unwrap().outcome, Some(Outcome::Denied));
    // Nobody allowed a new one yet: the control of the next step.
    let refused = phone.core.rotate_key(phone.id(), WhichKey::Approval).await;
    assert!(refused.is_err(), "{refused:?}");
    let fresh = world.again(&session);
    let change = devices::renew_approval_key(&world.service, &fresh, &phone.credential).await.unwrap();
    assert_eq!(format!("{change:?}"), "Done");
    phone.core.refresh_challenges().await.unwrap();
    assert!(phone.enrolment().await.may_renew_approval_key);
    phone.core.rotate_key(phone.id(), WhichKey::Approval).await.unwrap();
    assert_eq!(phone.enrolment().await.state, EnrolmentState::PendingTest);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_is_removed_on_the_page_shows_as_revoked_and_stays_until_its_user_removes_it() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let phone = world.active_phone(&session).await;
    let fresh = world.again(&session);
    let change = devices::remove(&world.service, &fresh, &phone.credential).await.unwrap();
    assert_eq!(format!("{change:?}"), "Done");
    let refreshed = phone.core.refresh_challenges().await.unwrap();
    assert!(matches!(refreshed.problems[..], [(_, PushError::Revoked)]), "{:?}", refreshed.problems);
    let row = phone.enrolment().await;
    assert!(
        matches!(row.state, EnrolmentState::Revoked(Some(ref why)) if why == "removed"),
        "{:?}",
        row.state
    );
    phone.core.remove_enrolment(row.id).await.unwrap();
    assert!(phone.core.enrolments().await.unwrap().is_empty());
    assert_eq!(phone.core.list().unwrap().len(), 1, "its account for codes stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn unenrolled_the_service_knows_the_phone_no_more_and_its_keys_are_gone() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let phone = world.active_phone(&session).await;
    assert!(phone.has_key("device") && phone.has_key("approval"));
    world.lose("DELETE", "/device", Lose::Call, 1);
    assert!(matches!(phone.core.unenrol(phone.id()).await, Err(PushError::Net(_))));
    assert_eq!(phone.enrolment().await.state, EnrolmentState::Active);
    phone.core.unenrol(phone.id()).await.unwrap();
    assert!(phone.core.enrolments().await.unwrap().is_empty());
    assert!(!phone.has_key("device") && !phone.has_key("approval"));
}
