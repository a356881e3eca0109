//! Requests and answers: forged, altered, replayed, moved, expired, raced for.

use authenticator_core::authenticator::{Decision, NoSuch, Number, PushError};
use authenticator_core::device::KeyStoreError;
use authenticator_core::vault::Outcome;
use klink_service::requests::State;
use std::sync::atomic::Ordering;

use crate::between::Plan;
use crate::world::{World, other_number};

fn is_list(path: &str) -> bool {
    path.ends_with("/push/v1/requests")
}

/// Changes one character in the claims of every request of a list.
fn forge(list: &str) -> String {
    let Some((before, jws)) = list.split_once("\"ey") else { return list.to_owned() };
    let (header, rest) = jws.split_once('.').unwrap();
    let other = if rest.as_bytes()[40] == b'A' { "B" } else { "A" };
    format!("{before}\"ey{header}.{}{other}{}", &rest[..40], &rest[41..])
}

#[tokio::test]
async fn a_forged_request_is_not_shown() {
    let (world, phone, session) = World::with_phone().await;
    let asked = world.ask(&session).await;
    world.between.plan(|_, path, _| if is_list(path) { Plan::AlterReply(forge) } else { Plan::Pass });
    let seen = phone.look().await;
    assert!(seen.challenges.is_empty() && seen.problems.len() == 1, "{seen:?}");
    world.between.pass();
    assert!(phone.listed(&asked).await.is_some(), "the control: as it was signed it is shown");
}

#[tokio::test]
async fn a_request_of_another_service_or_user_is_not_shown() {
    let (world, phone, session) = World::with_phone().await;
    let (other, _other_phone, other_session) = World::with_phone().await;
    world.ask(&session).await;
    other.ask(&other_session).await;
    let sql = "SELECT jws FROM request_copies JOIN requests ON id = request WHERE act = 'login'";
    let jws: String =
        other.service().store().read(|conn| Ok(conn.query_row(sql, [], |row| row.get(0))?)).unwrap();
    let list = format!(r#"{{"requests":["{jws}"],"n_open":0,"poll_s":3}}"#);
    world.between.plan(move |_, path, _| {
        if !is_list(path) {
            return Plan::Pass;
        }
        let json = (axum::http::header::CONTENT_TYPE, "application/json".to_owned());
        Plan::Answer(axum::http::StatusCode::OK, vec![json], list.clone())
    });
    let seen = phone.look().await;
    assert!(seen.challenges.is_empty() && !seen.problems.is_empty(), "{seen:?}");
}

#[tokio::test]
async fn an_altered_answer_is_refused_and_the_request_stays_open() {
    let (world, phone, session) = World::with_phone().await;
    let asked = world.ask(&session).await;
    world.between.plan(|_, path, body| {
        if path.ends_with("/answer") {
            let mut other = body.to_vec();
            let place = other.len() / 2;
            other[place] = if other[place] == b'A' { b'B' } else { b'A' };
            return Plan::Alter(other);
        }
        Plan::Pass
    });
    let refused = phone.approve(&asked).await;
    assert!(refused.is_err(), "{refused:?}");
    assert_eq!(world.request_state(&session, &asked), State::Open);
}

/// The second time its proof was used already; whichever reply the phone gets, it knows what became of its answer.
#[tokio::test]
async fn an_answer_that_arrives_twice_counts_once() {
    let (world, phone, session) = World::with_phone().await;
    for plan in [Plan::Repeat, Plan::RepeatForSecond] {
        let asked = world.ask(&session).await;
        world.between.once("/answer", plan);
        assert_eq!(phone.approve(&asked).await.unwrap().outcome, Some(Outcome::Approved));
        assert_eq!(world.request_state(&session, &asked), State::Approved);
        assert_eq!(phone.core.push_history().await.unwrap()[0].outcome, Outcome::Approved);
        assert_eq!(world.answers(&asked), 1);
    }
}

/// Who recorded a call cannot make it again: the proof was used. The control is the phone, whose next call works.
#[tokio::test]
async fn a_replayed_call_is_refused() {
    let (world, phone, session) = World::with_phone().await;
    let asked = world.ask(&session).await;
    phone.deny(&asked).await.unwrap();
    for end in ["/push/v1/requests", "/answer", "/push/v1/token"] {
        let seen = world.between.seen(end);
        let good = seen.iter().rev().find(|call| call.status == 200).unwrap();
        let (status, body) = world.between.replay(good).await;
        assert!(status == 401 || status == 400, "{end}: {status} {body}");
    }
    assert!(phone.look().await.problems.is_empty());
}

#[tokio::test]
async fn an_answer_moved_to_another_request_is_refused() {
    let (world, phone, session) = World::with_phone().await;
    let first = world.ask(&session).await;
    world.between.once("/answer", Plan::LoseRequest);
    let shown = phone.listed(&first).await.unwrap();
    let second = world.ask(&session).await;
    // The answer to the first goes to the second's address.
    let number = Number::Typed(first.number.clone());
    let _ = phone.core.answer(shown.id, Decision::Approve { number }).await;
    let recorded = world.between.seen("/answer").remove(0);
    let mut moved = recorded.clone();
    moved.path = moved.path.replace(&first.id, &second.id);
    let (status, _) = world.between.replay(&moved).await;
    assert!((400..500).contains(&status), "{status}");
    assert_eq!(world.request_state(&session, &second), State::Open);
}

#[tokio::test]
async fn an_expired_request_is_neither_shown_nor_answered() {
    let (world, phone, session) = World::with_phone().await;
    let asked = world.ask(&session).await;
    let shown = phone.listed(&asked).await.unwrap();
    world.clock.advance(61);
    phone.clock.set_ahead_s(61);
    let number = Number::Typed(asked.number.clone());
    let late = phone.core.answer(shown.id, Decision::Approve { number }).await;
    assert!(matches!(late, Err(PushError::NoSuch(NoSuch::Request))), "{late:?}");
    assert!(phone.listed(&asked).await.is_none());
    assert_eq!(world.request_state(&session, &asked), State::Expired);
}

#[tokio::test]
async fn one_wrong_number_closes_the_request() {
    let (world, phone, session) = World::with_phone().await;
    let asked = world.ask(&session).await;
    let number = Number::Typed(other_number(&asked));
    let wrong = phone.answer(&asked, Decision::Approve { number }).await.unwrap();
    assert_eq!(wrong.outcome, Some(Outcome::WrongMatch));
    assert_eq!(world.request_state(&session, &asked), State::WrongMatch);
    assert!(phone.listed(&asked).await.is_none(), "there is no second try");
}

#[tokio::test]
async fn a_scanned_code_does_and_that_of_another_request_does_not() {
    let (world, phone, session) = World::with_phone().await;
    let first = world.ask(&session).await;
    let second = world.ask(&session).await;
    let number = Number::Scanned(first.scan.clone());
    let refused = phone.answer(&second, Decision::Approve { number }).await;
    assert!(matches!(refused, Err(PushError::Number(_))), "{refused:?}");
    let number = Number::Scanned(second.scan.clone());
    let approved = phone.answer(&second, Decision::Approve { number }).await.unwrap();
    assert_eq!(approved.outcome, Some(Outcome::Approved));
}

#[tokio::test]
async fn the_second_of_two_phones_is_told_that_it_was_answered_elsewhere() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let one = world.active_phone(&session).await;
    let two = world.active_phone(&world.again(&session)).await;
    let waiting = world.sign_in().await;
    let asked = world.ask(&waiting).await;
    let (shown_one, shown_two) = (one.listed(&asked).await.unwrap(), two.listed(&asked).await.unwrap());
    let number = || Number::Typed(asked.number.clone());
    let (approved, denied) = tokio::join!(
        one.core.answer(shown_one.id, Decision::Approve { number: number() }),
        two.core.answer(shown_two.id, Decision::Deny { cancelled: false }),
    );
    let outcomes = [approved.unwrap().outcome.unwrap(), denied.unwrap().outcome.unwrap()];
    let state = world.request_state(&waiting, &asked);
    match state {
        State::Approved => assert_eq!(outcomes, [Outcome::Approved, Outcome::Elsewhere]),
        State::Denied => assert_eq!(outcomes, [Outcome::Elsewhere, Outcome::Denied]),
        other => panic!("{other:?}"),
    }
}

/// Nobody's finger, no approval; a denial needs none.
#[tokio::test]
async fn a_stolen_unlocked_phone_denies_and_never_approves() {
    let (world, phone, session) = World::with_phone().await;
    let asked = world.ask(&session).await;
    phone.present.store(false, Ordering::SeqCst);
    let refused = phone.approve(&asked).await;
    assert!(matches!(refused, Err(PushError::KeyStore(KeyStoreError::Cancelled))), "{refused:?}");
    assert_eq!(world.request_state(&session, &asked), State::Open);
    assert_eq!(phone.deny(&asked).await.unwrap().outcome, Some(Outcome::Denied));
}

#[tokio::test]
async fn a_locked_vault_denies_and_never_approves() {
    let (world, phone, session) = World::with_phone().await;
    let asked = world.ask(&session).await;
    phone.core.lock();
    let shown = phone.listed(&asked).await.expect("requests are read while the vault is locked");
    assert_eq!((shown.service, shown.account_name), (None, None), "names are not");
    let refused = phone.approve(&asked).await;
    assert!(matches!(refused, Err(PushError::Locked)), "{refused:?}");
    assert_eq!(phone.report(&asked).await.unwrap().outcome, Some(Outcome::Reported));
}
