//! Approving, denying, reporting: one answer, whatever happens at the same time.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use authenticator_core::authenticator::{
    Act, ChallengeFeed, Decision, EnrolmentState, NoSuch, Number, PushError,
};
use authenticator_core::push::matching::{GivenError, Rule};
use authenticator_core::vault::{AnswerKind, Outcome};

use crate::world::{World, typed};

const DENY: Decision = Decision::Deny { cancelled: false };
const NOT_ME: Decision = Decision::Report { not_me: true, lock: false };

#[tokio::test(flavor = "multi_thread")]
async fn the_test_makes_it_work_and_a_sign_in_is_approved_with_its_number() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let phone = world.pending_phone(&session).await;
    assert_eq!(phone.enrolment().await.state, EnrolmentState::PendingTest);
    let asked = world.start_test(&session, &phone.credential).await;
    let one = phone.request().await;
    assert_eq!((one.act, &one.rule), (Act::Test, &Rule::Type { digits: 2 }));
    assert_eq!(phone.approve(&asked.number).await, Some(Outcome::Approved));
    let row = phone.enrolment().await;
    assert_eq!((row.state, row.check_number), (EnrolmentState::Active, None));
    assert!(row.last_poll_answered.is_some());

    let (browser, asked) = world.ask().await;
    let one = phone.request().await;
    assert_eq!(one.act, Act::Login);
    assert_eq!((one.address.as_str(), one.device.as_str()), ("192.0.2.1", "Firefox, Linux"));
    assert_eq!(one.service.as_deref(), Some("Example Organisation"));
    let answered = phone.core.answer(one.id, typed(&asked.number)).await.unwrap();
    assert_eq!(answered.outcome, Some(Outcome::Approved));
    assert_eq!(world.state(&browser, &asked), "Approved");
    let past = phone.core.push_history().await.unwrap();
    let kinds: Vec<_> = past.iter().map(|one| (one.kind, one.outcome)).collect();
    assert_eq!(kinds, [(AnswerKind::Approve, Outcome::Approved); 2]);
    // It is answered: it is not shown again, and cannot be answered again.
    assert!(phone.core.refresh_challenges().await.unwrap().challenges.is_empty());
    assert!(matches!(phone.core.answer(one.id, DENY).await, Err(PushError::NoSuch(NoSuch::Request))));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_wrong_number_closes_the_request_and_a_slip_is_not_sent() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let phone = world.active_phone(&session).await;
    let (browser, asked) = world.ask().await;
    let one = phone.request().await;
    let slip = phone.core.answer(one.id, typed("7")).await;
    assert!(matches!(slip, Err(PushError::Number(GivenError::Digits { digits: 2 }))));
    assert_eq!(world.state(&browser, &asked), "Open");
    let wrong = if asked.number == "00" { "01" } else { "00" };
    let answered = phone.core.answer(one.id, typed(wrong)).await.unwrap();
    assert_eq!(answered.outcome, Some(Outcome::WrongMatch));
    assert_eq!(world.state(&browser, &asked), "WrongMatch");
    assert!(matches!(
        phone.core.answer(one.id, typed(&asked.number)).await,
        Err(PushError::NoSuch(NoSuch::Request))
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scanned_code_approves_its_own_request_alone() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let phone = world.active_phone(&session).await;
    let (browser, asked) = world.ask().await;
    let one = phone.request().await;
    let scanned = |text: &str| Decision::Approve { number: Number::Scanned(text.to_owned()) };
    let other = asked.scan.replace(&asked.id, "AAAAAAAAAAAAAAAAAAAAAA");
    let refused = phone.core.answer(one.id, scanned(&other)).await;
    assert!(matches!(refused, Err(PushError::Number(GivenError::OtherRequest))), "{refused:?}");
    let answered = phone.core.answer(one.id, scanned(&asked.scan)).await.unwrap();
    assert_eq!(
        (answered.outcome, world.state(&browser, &asked).as_str()),
        (Some(Outcome::Approved), "Approved")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn not_me_is_reported_and_further_requests_are_not_announced() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let phone = world.active_phone(&session).await;
    let (browser, asked) = world.ask().await;
    let one = phone.request().await;
    assert!(!one.quiet);
    let answered = phone.core.answer(one.id, NOT_ME).await.unwrap();
    assert_eq!(
        (answered.outcome, world.state(&browser, &asked).as_str()),
        (Some(Outcome::Reported), "Reported")
    );
    assert!(phone.enrolment().await.quiet_until.is_some());
    // A test is announced at any time, and another start of the phone still knows that it is quiet.
    let again = phone.again();
    assert!(again.enrolment().await.quiet_until.is_some());
    again.core.mute(again.id(), klink::phone::now()).await.unwrap();
    assert!(again.enrolment().await.quiet_until.unwrap() <= klink::phone::now());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_phones_the_first_answer_counts_and_the_other_is_told() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let first = world.active_phone(&session).await;
    let session = world.again(&session);
    let second = world.active_phone(&session).await;
    let (browser, asked) = world.ask().await;
    let (on_first, on_second) = (first.request().await, second.request().await);
    assert_eq!(on_first.id.request, on_second.id.request);
    let answered = first.core.answer(on_first.id, typed(&asked.number)).await.unwrap();
    assert_eq!(answered.outcome, Some(Outcome::Approved));
    let late = second.core.answer(on_second.id, DENY).await.unwrap();
    assert_eq!(late.outcome, Some(Outcome::Elsewhere));
    assert_eq!(world.state(&browser, &asked), "Approved");
    // And one that only looks is told as well.
    let (_, asked) = world.ask().await;
    let (on_first, on_second) = (first.request().await, second.request().await);
    first.core.answer(on_first.id, typed(&asked.number)).await.unwrap();
    let closed = second.core.refresh_challenges().await.unwrap().closed;
    assert_eq!(
        closed.iter().map(|one| (one.id, one.outcome)).collect::<Vec<_>>(),
        [(on_second.id, Outcome::Elsewhere)]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_of_one_phone_make_one_answer() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let phone = world.active_phone(&session).await;
    let twin = phone.again();
    for _ in 0..3 {
        let (browser, asked) = world.ask().await;
        let (one, same) = (phone.request().await, twin.request().await);
        assert_eq!(one.id, same.id);
        let (approved, denied) =
            tokio::join!(phone.core.answer(one.id, typed(&asked.number)), twin.core.answer(same.id, DENY));
        // One that comes when the other's is settled is told that there is nothing to answer any more.
        let outcomes: Vec<Outcome> = [approved, denied]
            .into_iter()
            .filter_map(|answered| match answered {
                Ok(answered) => Some(answered.outcome.unwrap()),
                Err(PushError::NoSuch(NoSuch::Request)) => None,
                Err(other) => panic!("{other:?}"),
            })
            .collect();
        assert!(!outcomes.is_empty());
        let state = world.state(&browser, &asked);
        let told = if state == "Approved" { Outcome::Approved } else { Outcome::Denied };
        assert!(outcomes.iter().all(|outcome| *outcome == told), "{state} {outcomes:?}");
        let past = phone.core.push_history().await.unwrap();
        assert_eq!(past[0].outcome, told);
        // Two denials within a quarter of an hour mute.
        world.clock.advance(1_000);
        phone.ahead.fetch_add(1_000_000, Ordering::SeqCst);
    }
    assert_eq!(phone.core.push_history().await.unwrap().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_ten_minutes_off_changes_nothing() {
    for ahead_ms in [-600_000, 600_000] {
        let world = World::new().await;
        let session = world.sign_in().await;
        let phone = world.phone();
        phone.ahead.store(ahead_ms, Ordering::SeqCst);
        let offer = world.offer(&session).await;
        let asked = phone.core.check_offer(&phone.core.offer(&offer.link).unwrap()).await.unwrap();
        assert!(asked.clock_is_suspect());
        phone.core.enrol(&asked, &klink::phone::info("p")).await.unwrap();
        let credential = world.confirm(&session, &offer).await;
        let test = world.start_test(&session, &credential).await;
        assert_eq!(phone.approve(&test.number).await, Some(Outcome::Approved), "{ahead_ms}");
        let (browser, asked) = world.ask().await;
        let again = phone.again();
        assert_eq!(again.approve(&asked.number).await, Some(Outcome::Approved), "{ahead_ms}");
        assert_eq!(world.state(&browser, &asked), "Approved");
        let off = again.enrolment().await.clock_offset_ms + ahead_ms;
        assert!(off.abs() < 5_000, "{off}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_tells_of_a_request_and_ends_when_told() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let phone = world.active_phone(&session).await;
    let feed = Arc::new(ChallengeFeed::new(Arc::clone(&phone.core)));
    assert!(feed.next().await.unwrap().unwrap().challenges.is_empty());
    let (_, asked) = world.ask().await;
    let told = feed.next().await.unwrap().unwrap();
    assert_eq!(told.challenges[0].id.request.to_string(), asked.id);
    let waiting = Arc::clone(&feed);
    let waiting = tokio::spawn(async move { waiting.next().await });
    feed.end();
    assert!(waiting.await.unwrap().unwrap().is_none());
    assert!(feed.next().await.unwrap().is_none());
}
