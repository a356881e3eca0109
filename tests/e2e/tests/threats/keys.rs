//! Keys that change: the service's, the device's, the approval key.

use authenticator_core::authenticator::{EnrolmentState, PushError, WhichKey};
use authenticator_core::vault::Outcome;
use klink_service::push::devices;

use crate::between::Plan;
use crate::world::World;

#[tokio::test]
async fn the_services_new_key_is_followed_from_the_pinned_one() {
    let (world, phone, session) = World::with_phone().await;
    for _ in 0..2 {
        world.service().rotate_service_key().await.unwrap();
        let asked = world.ask(&session).await;
        assert_eq!(phone.approve(&asked).await.unwrap().outcome, Some(Outcome::Approved));
    }
    assert!(!world.between.seen("/push/v1/service-keys").is_empty());
}

/// A service that signs with a key nobody vouched for: its requests are not shown.
#[tokio::test]
async fn a_service_key_that_the_old_one_did_not_sign_is_not_believed() {
    let (world, phone, session) = World::with_phone().await;
    world.service().rotate_service_key().await.unwrap();
    let asked = world.ask(&session).await;
    world.between.plan(|_, path, _| {
        if path.ends_with("/service-keys") {
            Plan::AlterReply(|_| r#"{"keys":[]}"#.to_owned())
        } else {
            Plan::Pass
        }
    });
    let seen = phone.look().await;
    assert!(seen.challenges.is_empty() && seen.problems.len() == 1, "{seen:?}");
    world.between.pass();
    assert!(phone.listed(&asked).await.is_some(), "the control: with the chain it is");
}

#[tokio::test]
async fn rotated_keys_work_and_the_old_ones_do_not() {
    let (world, phone, session) = World::with_phone().await;
    let id = phone.id().await;
    let token = world.between.seen("/push/v1/token").pop().unwrap();
    phone.core.rotate_key(id, WhichKey::Device).await.unwrap();
    phone.core.rotate_key(id, WhichKey::Approval).await.unwrap();
    assert_eq!(phone.state().await, EnrolmentState::Active);
    let asked = world.ask(&session).await;
    assert_eq!(phone.approve(&asked).await.unwrap().outcome, Some(Outcome::Approved));
    let (status, _) = world.between.replay(&token).await;
    assert_ne!(status, 200, "the old device key's assertion");
}

#[tokio::test]
async fn an_approval_key_that_is_gone_is_made_anew_only_with_leave_of_the_page() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let phone = world.active_phone(&session).await;
    let waiting = world.sign_in().await;
    let asked = world.ask(&waiting).await;
    phone.lose_approval_key().await;
    let refused = phone.approve(&asked).await;
    assert!(matches!(refused, Err(PushError::KeyStore(_))), "{refused:?}");
    assert_eq!(phone.state().await, EnrolmentState::NeedsApprovalKey);
    // Denying goes on.
    assert_eq!(phone.deny(&asked).await.unwrap().outcome, Some(Outcome::Denied));
    let id = phone.id().await;
    assert!(phone.core.rotate_key(id, WhichKey::Approval).await.is_err(), "without leave");
    let credential = world.newest_credential();
    let session = world.again(&session);
    let allowed = devices::renew_approval_key(world.service(), &session, &credential).await.unwrap();
    assert_eq!(allowed, klink_service::accounts::Change::Done);
    phone.look().await;
    phone.core.rotate_key(id, WhichKey::Approval).await.unwrap();
    assert_eq!(phone.state().await, EnrolmentState::PendingTest);
}

#[tokio::test]
async fn a_phone_that_was_removed_is_revoked_and_its_row_stays() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let phone = world.active_phone(&session).await;
    let credential = world.newest_credential();
    devices::remove(world.service(), &world.again(&session), &credential).await.unwrap();
    phone.look().await;
    assert_eq!(phone.state().await, EnrolmentState::Revoked(Some("removed".to_owned())));
    // Any other refusal is no revocation.
    let (world, phone, _) = World::with_phone().await;
    let forbidden = || {
        let problem = (axum::http::header::CONTENT_TYPE, "application/problem+json".to_owned());
        Plan::Answer(axum::http::StatusCode::UNAUTHORIZED, vec![problem], r#"{"code":"gone"}"#.to_owned())
    };
    world.between.plan(move |_, _, _| forbidden());
    phone.look().await;
    assert_eq!(phone.state().await, EnrolmentState::Active);
}
