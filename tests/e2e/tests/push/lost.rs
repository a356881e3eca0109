//! Replies that are lost at every point, and a phone that is killed there: one answer, and never a contradicting one.

use std::sync::atomic::Ordering;

use authenticator_core::authenticator::{Decision, NoSuch, PushError};
use authenticator_core::vault::Outcome;

use crate::world::{Lose, World, typed};

const DENY: Decision = Decision::Deny { cancelled: false };

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_reply_or_call_ends_as_if_it_had_come() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let phone = world.active_phone(&session).await;
    for (how, times) in [(Lose::Reply, 1), (Lose::Call, 1), (Lose::Call, 2)] {
        world.lose("POST", "/answer", how, times);
        let (browser, asked) = world.ask().await;
        assert_eq!(phone.approve(&asked.number).await, Some(Outcome::Approved), "{how:?}");
        assert_eq!(world.state(&browser, &asked), "Approved");
        world.clock.advance(600);
        phone.ahead.fetch_add(600_000, Ordering::SeqCst);
    }
    assert_eq!(phone.core.push_history().await.unwrap().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_it_was_stored_the_next_start_sends_the_same_answer() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let phone = world.active_phone(&session).await;
    let (browser, asked) = world.ask().await;
    let one = phone.request().await;
    world.lose("POST", "/answer", Lose::Call, usize::MAX);
    let answered = phone.core.answer(one.id, typed(&asked.number)).await.unwrap();
    assert_eq!((answered.outcome, world.state(&browser, &asked).as_str()), (None, "Open"));
    world.lose_nothing();
    let again = phone.again();
    // It is not asked a second time, and cannot be answered otherwise.
    assert!(again.core.refresh_challenges().await.unwrap().challenges.is_empty());
    assert!(matches!(again.core.answer(one.id, DENY).await, Err(PushError::NoSuch(NoSuch::Request))));
    assert_eq!(world.state(&browser, &asked), "Approved");
    assert_eq!(again.core.push_history().await.unwrap()[0].outcome, Outcome::Approved);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_the_service_took_it_the_next_start_learns_the_outcome() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let phone = world.active_phone(&session).await;
    let (browser, asked) = world.ask().await;
    let one = phone.request().await;
    world.lose("POST", "/answer", Lose::Reply, usize::MAX);
    world.lose("GET", asked.id.clone().leak(), Lose::Call, usize::MAX);
    let answered = phone.core.answer(one.id, DENY).await.unwrap();
    assert_eq!((answered.outcome, world.state(&browser, &asked).as_str()), (None, "Denied"));
    let sent = world.count("/answer");
    world.lose_nothing();
    let again = phone.again();
    again.core.refresh_challenges().await.unwrap();
    assert_eq!(again.core.push_history().await.unwrap()[0].outcome, Outcome::Denied);
    assert_eq!(world.count("/answer"), sent, "it asked, and did not send again");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_past_before_it_could_be_sent_is_dropped_and_not_signed_again() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let phone = world.active_phone(&session).await;
    let (browser, asked) = world.ask().await;
    let one = phone.request().await;
    world.lose("POST", "/answer", Lose::Call, usize::MAX);
    let answered = phone.core.answer(one.id, typed(&asked.number)).await.unwrap();
    assert_eq!(answered.outcome, None);
    world.lose_nothing();
    let sent = world.count("/answer");
    // 31 s later the answer is past and the request is not.
    world.clock.advance(31);
    phone.ahead.fetch_add(31_000, Ordering::SeqCst);
    assert!(phone.core.refresh_challenges().await.unwrap().challenges.is_empty());
    assert_eq!(phone.core.push_history().await.unwrap()[0].outcome, Outcome::Dropped);
    assert_eq!((world.count("/answer"), world.state(&browser, &asked).as_str()), (sent, "Open"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_nobody_answers_ends_and_is_told() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let phone = world.active_phone(&session).await;
    let _asked = world.ask().await;
    let one = phone.request().await;
    world.clock.advance(61);
    phone.ahead.fetch_add(61_000, Ordering::SeqCst);
    assert!(matches!(phone.core.answer(one.id, DENY).await, Err(PushError::NoSuch(NoSuch::Request))));
    let closed = phone.core.refresh_challenges().await.unwrap().closed;
    assert_eq!(closed.iter().map(|one| one.outcome).collect::<Vec<_>>(), [Outcome::Expired]);
}

/// Proof N04: a cut at any byte of the answer's call, on either way, under TLS as it is.
#[tokio::test(flavor = "multi_thread")]
async fn cut_at_any_byte_there_is_one_answer_and_both_sides_know_the_same() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let phone = world.active_phone(&session).await;
    let (mut cut, mut answers) = (0, 1);
    let ups = (1..1_300).step_by(32).map(|at| (at, i64::MAX));
    let downs = (1..400).step_by(24).map(|at| (i64::MAX, at));
    for (up, down) in ups.chain(downs) {
        let (browser, asked) = world.ask().await;
        let one = phone.request().await;
        world.wire.cut_up(up);
        world.wire.cut_down(down);
        let answered = phone.core.answer(one.id, typed(&asked.number)).await.unwrap();
        cut += usize::from(world.wire.is_cut());
        world.wire.mend();
        answers += 1;
        // Another process goes on where this one stopped, as after a kill.
        let again = phone.again();
        assert!(again.core.refresh_challenges().await.unwrap().challenges.is_empty(), "{up} {down}");
        let past = again.core.push_history().await.unwrap();
        assert_eq!((past.len(), past[0].outcome), (answers, Outcome::Approved), "{up} {down}");
        assert!(answered.outcome.is_none_or(|outcome| outcome == Outcome::Approved));
        assert_eq!(world.state(&browser, &asked), "Approved", "{up} {down}");
        world.clock.advance(600);
        phone.ahead.fetch_add(600_000, Ordering::SeqCst);
    }
    assert!(cut >= 50, "{cut} calls were cut");
}
