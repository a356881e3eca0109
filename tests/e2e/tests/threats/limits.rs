//! Push bombing, and the way around push.

use authenticator_core::vault::Outcome;
use klink_service::accounts::totp;
use klink_service::requests::{self, Start, State};

use crate::world::World;

/// 200 wishes in a minute by somebody with the password: three reach the phone.
#[tokio::test]
async fn two_hundred_pushes_a_minute_are_three() {
    let (world, phone, session) = World::with_phone().await;
    let (mut made, mut refused, mut announced) = (0, 0, 0);
    for _ in 0..200 {
        match world.start_login(&session).await {
            Start::Made(asked) => {
                made += 1;
                announced += usize::from(phone.listed(&asked).await.is_some_and(|shown| !shown.quiet));
            }
            Start::Limited { retry_s } => {
                refused += 1;
                assert!(retry_s > 0);
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((made, refused), (3, 197));
    assert!((1..=3).contains(&announced), "{announced}");
    assert_eq!(phone.look().await.challenges.len(), 1, "one is open, the others were replaced");
}

/// The phone's own limit, for a service that has none: the fourth within its window is not announced.
#[tokio::test]
async fn a_service_without_limits_is_quiet_on_the_phone() {
    let (world, phone, session) = World::with_phone().await;
    let mut quiet = Vec::new();
    for _ in 0..5 {
        let forget = |tx: &klink_service::store::Tx<'_>| Ok(tx.execute("DELETE FROM attempts", [])?);
        world.service().store().write(forget).await.unwrap();
        let asked = world.ask(&session).await;
        quiet.push(phone.listed(&asked).await.unwrap().quiet);
    }
    assert_eq!(quiet, [false, false, false, true, true]);
}

#[tokio::test]
async fn after_not_me_nothing_is_asked_until_another_factor_was_proved() {
    let (world, phone, session) = World::with_phone().await;
    let asked = world.ask(&session).await;
    assert_eq!(phone.report(&asked).await.unwrap().outcome, Some(Outcome::Reported));
    let other = world.sign_in().await;
    assert_eq!(world.start_login(&other).await, Start::Muted { until: None });
    assert!(phone.info().await.quiet_until.is_some(), "the phone is quiet as well");
}

#[tokio::test]
async fn two_denials_mute_for_a_quarter_of_an_hour() {
    let (world, phone, session) = World::with_phone().await;
    for _ in 0..2 {
        let asked = world.ask(&session).await;
        phone.deny(&asked).await.unwrap();
    }
    assert!(matches!(world.start_login(&session).await, Start::Muted { until: Some(_) }));
    world.clock.advance(901);
    phone.clock.set_ahead_s(901);
    world.ask(&session).await;
}

/// After a denial the text message is no way around; the code of the app stays one, because it is the user's own.
#[tokio::test]
async fn after_a_denial_there_is_no_text_message_in_this_sign_in() {
    let (world, phone, session) = World::with_phone().await;
    let fresh = world.sign_in().await;
    let allowed = |session: &klink_service::accounts::Session| {
        world.service().store().read(|conn| requests::text_allowed(conn, &session.key)).unwrap()
    };
    assert!(allowed(&session) && allowed(&fresh), "the control");
    let asked = world.ask(&session).await;
    phone.deny(&asked).await.unwrap();
    assert_eq!(world.request_state(&session, &asked), State::Denied);
    assert!(!allowed(&session));
    let verified = totp::verify(world.service(), &session, "000000").await.unwrap();
    assert!(matches!(verified, klink_service::accounts::Verify::Wrong { .. }), "{verified:?}");
}
