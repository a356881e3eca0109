//! What the network may do: lead elsewhere, be slow, never end, pose as the service.

use authenticator_core::authenticator::PushError;
use authenticator_core::net::{NetError, TlsRefusal};
use axum::http::{StatusCode, header};

use crate::between::Plan;
use crate::world::World;

async fn problem_of_a_look(plan: fn() -> Plan) -> PushError {
    let (world, phone, _) = World::with_phone().await;
    world.between.plan(move |_, path, _| if path.ends_with("/requests") { plan() } else { Plan::Pass });
    let mut seen = phone.look().await;
    let (_, problem) = seen.problems.pop().expect("the look failed");
    world.between.pass();
    assert!(phone.look().await.problems.is_empty(), "the control: without it the look succeeds");
    problem
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (world, phone, _) = World::with_phone().await;
    let elsewhere = World::new().await;
    let to = format!("{}/push/v1/requests", elsewhere.between.origin());
    world.between.plan(move |_, path, _| {
        if !path.ends_with("/requests") {
            return Plan::Pass;
        }
        Plan::Answer(StatusCode::TEMPORARY_REDIRECT, vec![(header::LOCATION, to.clone())], String::new())
    });
    assert_eq!(phone.look().await.problems.len(), 1);
    assert!(elsewhere.between.seen("").is_empty());
}

#[tokio::test]
async fn an_endless_reply_is_cut_off() {
    let problem = problem_of_a_look(|| Plan::Endless).await;
    assert!(matches!(problem, PushError::Net(NetError::TooLarge { status: 200 })), "{problem:?}");
}

#[tokio::test]
async fn a_reply_that_never_comes_is_given_up() {
    let problem = problem_of_a_look(|| Plan::Silence).await;
    assert!(matches!(problem, PushError::Net(NetError::NoReply)), "{problem:?}");
}

/// The same service behind the certificate of an authority that the phone does not know.
#[tokio::test]
async fn a_service_with_an_unknown_authority_is_not_talked_to() {
    let world = World::new().await;
    let stranger = World::new().await;
    let session = world.sign_in().await;
    let offer = world.offer(&session).await;
    let phone = stranger.phone();
    let refused = phone.enrol(&offer.link).await.unwrap_err();
    let unknown = NetError::Tls(TlsRefusal::UnknownAuthority);
    assert!(matches!(refused, PushError::Net(error) if error == unknown), "{refused:?}");
    assert!(world.between.seen("").is_empty(), "nothing was sent");
}
