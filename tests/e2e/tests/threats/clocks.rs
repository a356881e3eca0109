//! Clocks that are wrong by up to ten minutes, on either side.

use authenticator_core::authenticator::EnrolmentState;
use authenticator_core::vault::Outcome;

use crate::world::World;

/// The phone learns the difference from the service's `Date`, and neither enrolling nor approving fails.
#[tokio::test]
async fn a_phone_whose_clock_is_ten_minutes_off_enrols_and_approves() {
    // `Date` has whole seconds and the way takes some: what counts as suspect begins at 120.
    for ahead_s in [-600, -130, 130, 600] {
        let world = World::new().await;
        let session = world.sign_in().await;
        let phone = world.phone();
        phone.clock.set_ahead_s(ahead_s);
        let offer = world.offer(&session).await;
        let offered = phone.core.offer(&offer.link).unwrap();
        let asked = phone.core.check_offer(&offered).await.unwrap();
        assert!(asked.clock_is_suspect(), "{ahead_s}");
        phone.core.enrol(&asked, &klink::phone::info("a phone")).await.unwrap();
        world.confirm(&session, &offer).await;
        let credential = world.newest_credential();
        let test = world.start_test(&session, &credential).await;
        assert_eq!(phone.approve(&test).await.unwrap().outcome, Some(Outcome::Approved), "{ahead_s}");
        assert_eq!(phone.state().await, EnrolmentState::Active);
        assert!((phone.info().await.clock_offset_ms + ahead_s * 1000).abs() < 3000, "{ahead_s}");
    }
}

/// A clock that jumps between two looks: what was learnt before is wrong, and what is learnt next is right.
#[tokio::test]
async fn a_clock_that_jumps_is_learnt_anew() {
    let (world, phone, session) = World::with_phone().await;
    for ahead_s in [300, -300, 0] {
        phone.clock.set_ahead_s(ahead_s);
        phone.look().await;
        let asked = world.ask(&session).await;
        assert_eq!(phone.approve(&asked).await.unwrap().outcome, Some(Outcome::Approved), "{ahead_s}");
    }
}
