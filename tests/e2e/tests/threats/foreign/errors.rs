//! What such a server refuses, by HTTP status and code: each is a typed error, and says which it is.

use authenticator_core::authenticator::{Decision, EnrolmentState, PushAddress, PushError};

use super::{Foreign, Kind};

#[track_caller]
fn is(why: &PushError, expected: (u16, &str)) {
    let PushError::Service { status, code, retry_after_s: None } = why else { panic!("{why:?}") };
    assert_eq!((*status, code.as_str()), expected);
}

/// The server refuses to enrol; the enrolment has failed.
async fn enrolling(status: u16, code: i64, word: &str) {
    let foreign = Foreign::new().await;
    foreign.refuses(Kind::Enrol, status, code);
    is(&foreign.phone.enrol(&foreign.link()).await.unwrap_err(), (status, word));
    let state = foreign.phone.state().await;
    assert!(matches!(&state, EnrolmentState::Failed(why) if why.as_deref() == Some(word)), "{state:?}");
}

/// The server refuses a look; the enrolment goes on, and what was open stays open.
async fn looking(status: u16, code: i64, word: &str) {
    let foreign = Foreign::enrolled().await;
    foreign.lists(&[foreign.asks("abcdefgh01", None)]);
    assert_eq!(foreign.phone.look().await.challenges.len(), 1);
    foreign.refuses(Kind::Look, status, code);
    let seen = foreign.phone.look().await;
    is(&seen.problems[0].1, (status, word));
    assert_eq!(seen.challenges.len(), 1);
    assert_eq!(foreign.phone.state().await, EnrolmentState::Active);
    foreign.lists(&[]);
    assert!(foreign.phone.look().await.problems.is_empty(), "and it goes on");
}

#[tokio::test]
async fn a_wrong_enrolment_credential_is_400_905() {
    enrolling(400, 905, "missing_or_wrong").await;
}

#[tokio::test]
async fn an_unknown_or_used_serial_is_404_601() {
    enrolling(404, 601, "no_such_token").await;
}

#[tokio::test]
async fn a_look_that_is_not_verified_is_400_10() {
    looking(400, 10, "not_verified").await;
}

/// The server's own clock stands in its refusal, and the next look uses it.
#[tokio::test]
async fn a_time_stamp_outside_its_minute_is_400_10_and_the_next_one_is_inside() {
    let foreign = Foreign::enrolled().await;
    foreign.phone.look().await;
    foreign.phone.clock.set_ahead_s(600);
    let foreign = Foreign { phone: foreign.phone.begin_again(), ..foreign };
    foreign.refuses(Kind::Look, 400, 10);
    is(&foreign.phone.look().await.problems[0].1, (400, "not_verified"));
    foreign.lists(&[]);
    assert!(foreign.phone.look().await.problems.is_empty());
    let stamps: Vec<String> =
        foreign.heard(Kind::Look).iter().map(|form| form["timestamp"].clone()).collect();
    let [_, wrong, right] = &stamps[..] else { panic!("{stamps:?}") };
    // ISO 8601 sorts by time, and ten minutes are more than the test takes.
    assert!(wrong > right, "{stamps:?}");
}

#[tokio::test]
async fn a_missing_field_is_400_905() {
    let foreign = Foreign::enrolled().await;
    foreign.refuses(Kind::Address, 400, 905);
    let to = PushAddress::WebPush { endpoint: "https://push.example/1".to_owned() };
    let id = foreign.phone.id().await;
    is(&foreign.phone.core.change_push_address(id, &to).await.unwrap_err(), (400, "missing_or_wrong"));
}

#[tokio::test]
async fn an_answer_for_an_unknown_serial_is_404_601() {
    let foreign = Foreign::enrolled().await;
    foreign.lists(&[foreign.asks("abcdefgh01", None)]);
    let one = foreign.phone.look().await.challenges.remove(0);
    foreign.refuses(Kind::Answer, 404, 601);
    let refused = foreign.phone.core.answer(one.id, Decision::Deny { cancelled: false }).await;
    is(&refused.unwrap_err(), (404, "no_such_token"));
}

/// What the server could not read it may read later: nothing is decided, and the same answer goes again.
#[tokio::test]
async fn an_answer_that_the_server_cannot_read_is_500_and_goes_again() {
    let foreign = Foreign::enrolled().await;
    foreign.lists(&[foreign.asks("abcdefgh01", None)]);
    let one = foreign.phone.look().await.challenges.remove(0);
    foreign.refuses(Kind::Answer, 500, -500);
    let answered = foreign.phone.core.answer(one.id, Decision::Deny { cancelled: false }).await.unwrap();
    assert_eq!(answered.outcome, None);
    foreign.says(Kind::Answer, &super::taken(true));
    foreign.phone.look().await;
    let heard = foreign.heard(Kind::Answer);
    assert!(heard.len() > 1 && heard.iter().all(|form| *form == heard[0]), "the same bytes");
    assert_eq!(foreign.phone.core.push_history().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_key_that_the_server_cannot_use_is_500() {
    looking(500, -500, "server_fault").await;
}

#[tokio::test]
async fn polling_that_is_switched_off_is_403_303() {
    looking(403, 303, "polling_not_allowed").await;
}
