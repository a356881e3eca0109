//! A server that answers with anything: a typed error, and nothing is changed by it. The same at every run.

use authenticator_core::authenticator::{Decision, PushError};
use authenticator_core::vault::Outcome;
use serde_json::{Value, json};

use super::{Foreign, Kind, taken};

const SEED: u64 = 0x006b_6c69_6e6b;
const ROUNDS: usize = 500;

/// Values that no member of these replies has.
const ODD: [&str; 10] =
    ["null", "17", "-1", "1e400", "[]", "{}", "\"\"", "\"\\u0000\"", "[[[[[[]]]]]]", "\"other\""];

/// Spoils a reply: a byte, cut off, something put in, a value of another type, or nothing of it left.
fn spoil(random: &mut fastrand::Rng, round: usize, good: &Value, members: &[&str]) -> Vec<u8> {
    let mut body = good.to_string().into_bytes();
    match round % 4 {
        0 => body.truncate(random.usize(..body.len())),
        1 => {
            let at = random.usize(..body.len());
            body.splice(at..at, (0..random.usize(1..200)).map(|_| random.u8(128..)).collect::<Vec<_>>());
        }
        2 => {
            let member = members[random.usize(..members.len())];
            let whole = good.pointer(member).expect("it is there").to_string();
            let text = String::from_utf8(body).expect("it is JSON");
            body = text.replacen(&whole, ODD[random.usize(..ODD.len())], 1).into_bytes();
        }
        _ => body = (0..random.usize(..90_000)).map(|_| random.u8(..)).collect(),
    }
    body
}

/// A look may also be altered in one byte: all of a request is signed. What it leads to is another address, so that
/// not even a whole one is shown. The control: one that the server meant is.
#[tokio::test]
async fn whatever_a_look_brings_nothing_is_shown_and_nothing_changes() {
    let foreign = Foreign::enrolled().await;
    foreign.stop_clocks();
    assert!(foreign.phone.look().await.problems.is_empty(), "an empty list is good");
    let before = foreign.state().await;
    let elsewhere = foreign.asks_for("https://other.example/ttype/push", "abcdefgh01", None);
    let good = json!({ "result": { "status": true, "value": [elsewhere] } });
    let mut random = fastrand::Rng::with_seed(SEED);
    for round in 0..ROUNDS {
        let body = if round % 5 == 4 {
            let mut body = good.to_string().into_bytes();
            let at = random.usize(..body.len());
            body[at] ^= 1 << random.u8(..8);
            body
        } else {
            let members = ["/result/status", "/result/value", "/result/value/0", "/result/value/0/nonce"];
            spoil(&mut random, round, &good, &members)
        };
        // A list that was emptied on the way asks nothing, and says so truly as far as anybody can tell.
        let empty =
            serde_json::from_slice::<Value>(&body).is_ok_and(|body| body["result"]["value"] == json!([]));
        foreign.says_bytes(Kind::Look, 200, body);
        let mut seen = foreign.phone.look().await;
        assert!(seen.challenges.is_empty() && seen.closed.is_empty(), "{round}: {seen:?}");
        match seen.problems.pop() {
            Some((_, PushError::BadReply(_) | PushError::Net(_))) => {}
            None if empty => {}
            other => panic!("{round}: {other:?}"),
        }
        assert!(foreign.state().await == before, "{round}: the state has changed");
    }
    foreign.lists(&[foreign.asks("abcdefgh01", None)]);
    assert_eq!(foreign.phone.look().await.challenges.len(), 1);
    assert!(foreign.state().await != before, "the control: a request that is shown is seen in the state");
}

/// The control: the reply that was meant enrols.
#[tokio::test]
async fn whatever_enrolling_brings_the_phone_waits_as_before() {
    let foreign = Foreign::new().await;
    foreign.stop_clocks();
    let good = foreign.said(Kind::Enrol);
    foreign.says_bytes(Kind::Enrol, 503, Vec::new());
    let lost = foreign.phone.enrol(&foreign.link()).await.unwrap_err();
    assert!(matches!(lost, PushError::Service { status: 503, .. }), "{lost:?}");
    let (id, before) = (foreign.phone.id().await, foreign.state().await);
    let members = [
        "/result",
        "/result/status",
        "/detail",
        "/detail/public_key",
        "/detail/rollout_state",
        "/detail/serial",
    ];
    let mut random = fastrand::Rng::with_seed(SEED);
    for round in 0..ROUNDS {
        foreign.says_bytes(Kind::Enrol, 200 + (round % 2) as u16, spoil(&mut random, round, &good, &members));
        let refused = foreign.phone.core.resume_enrolment(id).await;
        let typed = matches!(refused, Err(PushError::BadReply(_) | PushError::Net(_)));
        assert!(typed, "{round}: {refused:?}");
        assert!(foreign.state().await == before, "{round}: the state has changed");
    }
    foreign.says(Kind::Enrol, &good);
    foreign.phone.core.resume_enrolment(id).await.unwrap();
}

/// An answer is given by then; what the server says of it counts only when it can be read.
#[tokio::test]
async fn whatever_comes_back_to_an_answer_it_is_not_taken_for_a_yes() {
    let foreign = Foreign::enrolled().await;
    let mut random = fastrand::Rng::with_seed(SEED);
    for round in 0..60 {
        foreign.lists(&[foreign.asks(&format!("abcdefgh{round}"), None)]);
        let one = foreign.phone.look().await.challenges.remove(0);
        let members = ["/result", "/result/status", "/result/value"];
        let mut body = spoil(&mut random, round, &taken(true), &members);
        // A longer one is not read at all: then it is a reply that was lost.
        body.truncate(50_000);
        foreign.says_bytes(Kind::Answer, 200, body);
        let refused = foreign.phone.core.answer(one.id, Decision::Deny { cancelled: false }).await;
        assert!(matches!(refused, Err(PushError::BadReply(_))), "{round}: {refused:?}");
        let newest = &foreign.phone.core.push_history().await.unwrap()[0];
        assert_eq!(newest.outcome, Outcome::Dropped, "{round}");
    }
}
