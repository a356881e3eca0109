//! Replies that are lost, and processes that end, at every point: never two answers, never a contradicting one.

use std::future::Future;
use std::task::Poll;

use authenticator_core::authenticator::{Decision, EnrolmentState, NoSuch, Number, PushError};
use authenticator_core::vault::Outcome;
use klink_service::requests::State;

use crate::between::Plan;
use crate::world::World;

/// What was sent as an answer in this world, each once.
fn answers(world: &World) -> Vec<Vec<u8>> {
    let mut bodies: Vec<Vec<u8>> = world.between.seen("/answer").into_iter().map(|seen| seen.body).collect();
    bodies.dedup();
    bodies
}

#[tokio::test]
async fn a_lost_reply_to_an_enrolment_gets_the_same_reply_again() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let offer = world.offer(&session).await;
    let phone = world.phone();
    let mut lost = 0;
    world.between.plan(move |_, path, _| {
        if path.ends_with("/push/v1/enrol") && lost < 3 {
            lost += 1;
            return Plan::LoseReply;
        }
        Plan::Pass
    });
    if phone.enrol(&offer.link).await.is_err() {
        assert_eq!(phone.state().await, EnrolmentState::Enrolling);
        let id = phone.id().await;
        phone.core.resume_enrolment(id).await.unwrap();
    }
    assert_eq!(phone.state().await, EnrolmentState::PendingTest);
    let mut bodies: Vec<_> = world.between.seen("/push/v1/enrol").into_iter().map(|seen| seen.body).collect();
    assert!(bodies.len() > 3);
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "always the same bytes");
}

#[tokio::test]
async fn a_phone_that_ends_while_it_enrols_goes_on_with_the_same_body() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let offer = world.offer(&session).await;
    let phone = world.phone();
    world
        .between
        .plan(|_, path, _| if path.ends_with("/push/v1/enrol") { Plan::LoseReply } else { Plan::Pass });
    assert!(phone.enrol(&offer.link).await.is_err());
    let phone = phone.begin_again();
    world.between.pass();
    let id = phone.id().await;
    phone.core.resume_enrolment(id).await.unwrap();
    assert_eq!(phone.state().await, EnrolmentState::PendingTest);
    let mut bodies: Vec<_> = world.between.seen("/push/v1/enrol").into_iter().map(|seen| seen.body).collect();
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
}

/// Lost on the way there, on the way back, for a while or until the process ends: one answer, and it is the person's.
#[tokio::test]
async fn an_answer_lost_at_any_point_is_one_answer() {
    #[derive(Clone, Copy, Debug)]
    enum Lost {
        There,
        Back,
    }
    for lost in [Lost::There, Lost::Back] {
        for times in [1, 2, 9] {
            for ends in [false, true] {
                let (world, phone, session) = World::with_phone().await;
                let before = world.between.seen("/answer").len();
                let asked = world.ask(&session).await;
                let shown = phone.listed(&asked).await.unwrap();
                let mut left = times;
                world.between.plan(move |_, path, _| {
                    if path.ends_with("/answer") && left > 0 {
                        left -= 1;
                        return match lost {
                            Lost::There => Plan::LoseRequest,
                            Lost::Back => Plan::LoseReply,
                        };
                    }
                    Plan::Pass
                });
                let number = Number::Typed(asked.number.clone());
                let answered = phone.core.answer(shown.id, Decision::Approve { number }).await.unwrap();
                let phone = if ends { phone.begin_again() } else { phone };
                world.between.pass();
                let case = format!("{lost:?} {times} times, ends: {ends}");
                assert!(answered.outcome.is_none_or(|outcome| outcome == Outcome::Approved), "{case}");
                // The next look settles what is open, and the person is not asked again.
                let seen = phone.look().await;
                assert!(seen.challenges.is_empty() && seen.problems.is_empty(), "{case}: {seen:?}");
                assert_eq!(world.request_state(&session, &asked), State::Approved, "{case}");
                let history = phone.core.push_history().await.unwrap();
                assert_eq!(history[0].outcome, Outcome::Approved, "{case}");
                let mut bodies: Vec<_> = world
                    .between
                    .seen("/answer")
                    .split_off(before)
                    .into_iter()
                    .map(|seen| seen.body)
                    .collect();
                bodies.dedup();
                assert_eq!(bodies.len(), 1, "{case}: one answer, whatever was sent");
            }
        }
    }
}

/// The process ends after it stored and before it sent; then the answer's time passes. It is dropped, and shown so.
#[tokio::test]
async fn an_answer_that_could_not_be_sent_in_time_is_dropped_and_never_signed_again() {
    let (world, phone, session) = World::with_phone().await;
    let asked = world.ask(&session).await;
    let shown = phone.listed(&asked).await.unwrap();
    let before = answers(&world).len();
    world.between.plan(|_, path, _| if path.contains("/requests/") { Plan::LoseRequest } else { Plan::Pass });
    let number = Number::Typed(asked.number.clone());
    let answered = phone.core.answer(shown.id, Decision::Approve { number }).await.unwrap();
    assert_eq!(answered.outcome, None);
    let phone = phone.begin_again();
    world.between.pass();
    world.clock.advance(35);
    phone.clock.set_ahead_s(35);
    let seen = phone.look().await;
    assert!(seen.challenges.is_empty(), "the person is not asked twice");
    assert_eq!(world.request_state(&session, &asked), State::Open);
    assert_eq!(phone.core.push_history().await.unwrap()[0].outcome, Outcome::Dropped);
    assert_eq!(answers(&world).len(), before + 1);
}

#[tokio::test]
async fn a_person_who_answered_cannot_answer_otherwise() {
    let (world, phone, session) = World::with_phone().await;
    let asked = world.ask(&session).await;
    let shown = phone.listed(&asked).await.unwrap();
    world.between.plan(|_, path, _| if path.contains("/requests/") { Plan::LoseRequest } else { Plan::Pass });
    phone.core.answer(shown.id, Decision::Deny { cancelled: false }).await.unwrap();
    let number = Number::Typed(asked.number.clone());
    let second = phone.core.answer(shown.id, Decision::Approve { number }).await;
    assert!(matches!(second, Err(PushError::NoSuch(NoSuch::Request))), "{second:?}");
    world.between.pass();
    phone.look().await;
    assert_eq!(world.request_state(&session, &asked), State::Denied);
}

/// Runs a future for so many steps and then drops it, as the end of the process does; none when it was dropped.
async fn cut_after<T>(steps: usize, work: impl Future<Output = T>) -> Option<T> {
    let mut work = std::pin::pin!(work);
    let mut left = steps;
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        work.as_mut().poll(context).map(Some)
    })
    .await
}

/// The process ends at every step of an approval, one after the other. Either nothing of it was stored, and the
/// person may answer; or it was, and that answer and no other arrives.
#[tokio::test]
async fn a_process_that_ends_at_any_step_of_an_answer_leaves_one_answer() {
    let (world, mut phone, session) = World::with_phone().await;
    let (mut unstored, mut stored) = (0, 0);
    for steps in 0..200 {
        let forget = |tx: &klink_service::store::Tx<'_>| Ok(tx.execute("DELETE FROM attempts", [])?);
        world.service().store().write(forget).await.unwrap();
        let asked = world.ask(&session).await;
        let shown = phone.listed(&asked).await.unwrap();
        let number = Number::Typed(asked.number.clone());
        let finished = cut_after(steps, phone.core.answer(shown.id, Decision::Approve { number })).await;
        phone = phone.begin_again();
        // What a worker had begun ends by itself; then the next look settles what is open.
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        if let Some(still_open) = phone.listed(&asked).await {
            unstored += 1;
            let denied = phone.core.answer(still_open.id, Decision::Deny { cancelled: true }).await.unwrap();
            assert_eq!(denied.outcome, Some(Outcome::Denied), "step {steps}");
            assert_eq!(world.request_state(&session, &asked), State::Denied, "step {steps}");
            let cleared =
                |tx: &klink_service::store::Tx<'_>| Ok(tx.execute("UPDATE users SET muted_until = 0", [])?);
            world.service().store().write(cleared).await.unwrap();
        } else {
            stored += 1;
            phone.look().await;
            assert_eq!(world.request_state(&session, &asked), State::Approved, "step {steps}");
        }
        assert_eq!(world.answers(&asked), 1, "step {steps}");
        if finished.is_some() {
            break;
        }
    }
    assert!(unstored > 1 && stored > 1, "{unstored} {stored}");
}
