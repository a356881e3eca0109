//! Offers: stolen, forged, replaced, taken twice.

use authenticator_core::authenticator::{EnrolmentState, PushError};
use authenticator_core::push::enrolment::OfferError;
use klink_service::push::offers::{self, ConfirmCheck, OfferState};

use crate::between::Plan;
use crate::world::World;

/// The control is the first phone, which enrols.
#[tokio::test]
async fn a_stolen_code_that_was_used_enrols_nobody_else() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let offer = world.offer(&session).await;
    let (own, thief) = (world.phone(), world.phone());
    own.enrol(&offer.link).await.unwrap();
    let refused = thief.enrol(&offer.link).await.unwrap_err();
    assert!(matches!(&refused, PushError::Service { code, .. } if code == "qr_used"), "{refused:?}");
    assert!(matches!(thief.state().await, EnrolmentState::Failed(_)));
    assert_eq!(own.state().await, EnrolmentState::PendingTest);
}

/// Who is first with a photographed code shows another number, and the person at the page says no.
#[tokio::test]
async fn a_thief_who_is_first_shows_another_check_number_than_the_owners_page_expects_to_see() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let offer = world.offer(&session).await;
    let (own, thief) = (world.phone(), world.phone());
    let stolen = thief.enrol(&offer.link).await.unwrap();
    own.enrol(&offer.link).await.unwrap_err();
    let state = offers::status(world.service(), &session, &offer.jti).unwrap().unwrap();
    let OfferState::Enrolled { check_number, .. } = state else { panic!("{state:?}") };
    // The owner's phone shows no number at all: what the page shows is the thief's.
    assert_eq!(Some(check_number), stolen.check_number);
    assert_eq!(own.info().await.check_number, None);
    let confirmed = offers::confirm(world.service(), &session, &offer.jti, false).await.unwrap();
    assert_eq!(confirmed, ConfirmCheck::Revoked);
    thief.look().await;
    let reason = Some("number_mismatch".to_owned());
    assert_eq!(thief.state().await, EnrolmentState::Revoked(reason));
}

#[tokio::test]
async fn both_sides_show_the_same_check_number() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let offer = world.offer(&session).await;
    let enrolled = world.phone().enrol(&offer.link).await.unwrap();
    let state = offers::status(world.service(), &session, &offer.jti).unwrap().unwrap();
    let OfferState::Enrolled { check_number, .. } = state else { panic!("{state:?}") };
    assert_eq!(Some(check_number), enrolled.check_number);
}

#[tokio::test]
async fn an_expired_code_enrols_nobody_whatever_the_phones_clock_says() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let offer = world.offer(&session).await;
    world.clock.advance(301);
    let phone = world.phone();
    phone.clock.set_ahead_s(-301);
    let refused = phone.enrol(&offer.link).await.unwrap_err();
    assert!(matches!(refused, PushError::Offer(OfferError::Expired)), "{refused:?}");
    assert!(world.between.seen("/push/v1/enrol").is_empty(), "nothing of the phone's was sent");
}

/// A code of one service in the name of another: the host is another, or its keys did not sign.
#[tokio::test]
async fn a_code_that_poses_as_another_service_is_refused_before_anything_is_sent() {
    let (world, other) = (World::new().await, World::new().await);
    let session = world.sign_in().await;
    let offer = world.offer(&session).await;
    let phone = world.phone();
    let posed = offer.link.replace(&world.between.origin(), &other.between.origin());
    let refused = phone.core.offer(&posed).unwrap_err();
    assert!(matches!(refused, PushError::Offer(OfferError::Host)), "{refused:?}");
    // The service's key set is another one's: a service that was taken over, or whose data is gone.
    let foreign = serde_json::to_string(&other.service().keys().jwks(other.clock.now())).unwrap();
    let json = (axum::http::header::CONTENT_TYPE, "application/json".to_owned());
    let date = (axum::http::header::DATE, world.between.date().await);
    world.between.once("/jwks.json", Plan::Answer(axum::http::StatusCode::OK, vec![json, date], foreign));
    let refused = phone.enrol(&offer.link).await.unwrap_err();
    assert!(matches!(refused, PushError::Offer(OfferError::Key)), "{refused:?}");
    assert!(world.between.seen("/push/v1/enrol").is_empty());
    // The control: the same phone and the same code with the right keys.
    world.between.pass();
    phone.enrol(&offer.link).await.unwrap();
}

/// The reply's claims become others on their way; the control is the same body, whose reply then comes as it is.
#[tokio::test]
async fn a_forged_reply_to_an_enrolment_is_not_believed() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let offer = world.offer(&session).await;
    let phone = world.phone();
    world.between.plan(|_, path, _| {
        if path.ends_with("/push/v1/enrol") {
            Plan::AlterReply(|jws| jws.replacen('.', ".e30", 1))
        } else {
            Plan::Pass
        }
    });
    let refused = phone.enrol(&offer.link).await.unwrap_err();
    assert!(matches!(refused, PushError::BadReply(_)), "{refused:?}");
    assert_eq!(phone.state().await, EnrolmentState::Enrolling);
    world.between.pass();
    let id = phone.id().await;
    phone.core.resume_enrolment(id).await.unwrap();
    assert_eq!(phone.state().await, EnrolmentState::PendingTest);
}

#[tokio::test]
async fn five_phones_are_taken_and_the_sixth_is_not() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let mut phones = Vec::new();
    for _ in 0..5 {
        phones.push(world.active_phone(&world.again(&session)).await);
    }
    let more = offers::make(world.service(), &world.again(&session)).await.unwrap();
    assert_eq!(more, offers::MakeOffer::TooManyPhones);
    // All five get the request; the first answer wins, the others are told.
    let second = world.sign_in().await;
    let asked = world.ask(&second).await;
    assert_eq!(asked.phones, 5);
    let mut shown = Vec::new();
    for phone in &phones {
        shown.push(phone.listed(&asked).await.unwrap().id);
    }
    use authenticator_core::authenticator::{Decision, Number};
    use authenticator_core::vault::Outcome;
    let mut outcomes = Vec::new();
    for (phone, id) in phones.iter().zip(shown) {
        let number = Number::Typed(asked.number.clone());
        outcomes.push(phone.core.answer(id, Decision::Approve { number }).await.unwrap().outcome);
    }
    assert_eq!(outcomes[0], Some(Outcome::Approved));
    assert!(outcomes[1..].iter().all(|outcome| *outcome == Some(Outcome::Elsewhere)), "{outcomes:?}");
}
