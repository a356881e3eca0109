//! Requests and their answers: what is signed, what is refused, who wins.

use std::sync::Arc;

use authenticator_core::push::ids::{Id, RequestDigest};
use authenticator_core::push::wire::{By, Decision, DenyReason, How, MatchValue, State as WireState, Uv};
use klink_service::accounts::{Method, Stage};
use klink_service::requests::{self, State};

use crate::phone::{Phone, other, signed, typed};
use crate::world::World;

/// A user with an active phone, and a second sign-in that waits for its factor.
async fn asked() -> (World, Phone, klink_service::accounts::Session, requests::Asked) {
    let world = World::new().await;
    let phone = world.active_phone(&world.sign_in().await).await;
    let session = world.sign_in().await;
    let asked = world.ask(&session).await;
    (world, phone, session, asked)
}

fn state(world: &World, session: &klink_service::accounts::Session, id: &str) -> State {
    requests::watch(&world.service, session, id).unwrap().unwrap().state
}

#[tokio::test]
async fn the_right_number_signs_in_the_session_that_asked() {
    let (world, mut phone, session, asked) = asked().await;
    let live = world.service.live().watch(&session.user.id);
    assert_eq!(phone.approve(&world, &asked.id, &asked.number).await.status, 200);
    let again = world.again(&session).unwrap();
    assert_eq!((again.stage, again.factor.unwrap().method), (Stage::SignedIn, Method::Push));
    let watched = requests::watch(&world.service, &session, &asked.id).unwrap().unwrap();
    assert_eq!((watched.state, watched.by.as_deref()), (State::Approved, Some("Tess' phone")));
    drop(live);
}

#[tokio::test]
async fn the_request_says_who_asks_and_never_the_number() {
    let (world, mut phone, _, asked) = asked().await;
    let (text, claims) = phone.listed(&world, &asked.id).await;
    assert_eq!(
        (claims.ctx.ip.as_str(), claims.ctx.device.as_ref().unwrap().as_str()),
        ("192.0.2.1", "Firefox, Linux")
    );
    assert_eq!((claims.rp.name.as_str(), claims.exp), ("Klink reference service", claims.iat.plus_s(60)));
    assert_eq!((claims.matching.how, claims.matching.len), (How::Type, Some(2)));
    let payload = text.split('.').nth(1).unwrap();
    let secret = asked.scan.split_once('.').unwrap().1;
    assert!(!text.contains(secret) && !payload.contains(&asked.scan));
    assert_eq!(phone.listed(&world, &asked.id).await.0, text, "every list has the same bytes");
}

#[tokio::test]
async fn the_second_request_of_a_known_browser_is_of_no_new_device() {
    let (world, mut phone, session, asked) = asked().await;
    assert!(phone.listed(&world, &asked.id).await.1.ctx.new_device);
    phone.approve(&world, &asked.id, &asked.number).await;
    let second = world.ask(&session).await;
    assert!(!phone.listed(&world, &second.id).await.1.ctx.new_device);
}

#[tokio::test]
async fn the_scanned_value_does_as_well_as_the_number() {
    let (world, mut phone, session, asked) = asked().await;
    let value = asked.scan.split_once('.').unwrap().1.to_owned();
    let dec = Decision::Approve { matching: MatchValue { how: How::Scan, value }, uv: Uv::Biometric };
    let answer = phone.answer_to(&world, &asked.id, dec).await;
    let body = phone.sign(&answer);
    assert_eq!(phone.send(&world, &asked.id, body).await.status, 200);
    assert_eq!(state(&world, &session, &asked.id), State::Approved);
}

#[tokio::test]
async fn one_wrong_number_closes_the_request() {
    let (world, mut phone, session, asked) = asked().await;
    phone.approve(&world, &asked.id, &other(&asked.number)).await.refuses(403, "wrong_match");
    assert_eq!(state(&world, &session, &asked.id), State::WrongMatch);
    assert!(phone.list(&world).await.requests.is_empty());
    assert_eq!(world.again(&session).unwrap().stage, Stage::SecondFactor);
    // "7" is not "07", and the number does not pass as a scanned value.
    for (how, value) in [(How::Type, "7"), (How::Scan, "07"), (How::Unknown("wink".to_owned()), "07")] {
        let (world, mut phone, _, asked) = self::asked().await;
        let set = asked.id.clone();
        let sql = "UPDATE requests SET number = '07' WHERE id = ?1";
        world.service.store().write(move |tx| Ok(tx.execute(sql, [set])?)).await.unwrap();
        let dec = Decision::Approve { matching: MatchValue { how, value: value.to_owned() }, uv: Uv::Pin };
        let answer = phone.answer_to(&world, &asked.id, dec).await;
        let body = phone.sign(&answer);
        phone.send(&world, &asked.id, body).await.refuses(403, "wrong_match");
    }
}

#[tokio::test]
async fn deny_and_report_need_the_device_key_alone() {
    let (world, mut phone, session, asked) = asked().await;
    assert_eq!(phone.deny(&world, &asked.id).await.body, r#"{"state":"denied"}"#);
    assert_eq!(state(&world, &session, &asked.id), State::Denied);
    let session = world.sign_in().await;
    let asked = world.ask(&session).await;
    assert_eq!(phone.report(&world, &asked.id, false).await.body, r#"{"state":"reported"}"#);
    assert_eq!(state(&world, &session, &asked.id), State::Reported);
}

#[tokio::test]
async fn the_device_key_cannot_approve_and_the_approval_key_cannot_deny() {
    let (world, mut phone, _, asked) = asked().await;
    let approve = phone.answer_to(&world, &asked.id, typed(&asked.number)).await;
    let by_device = signed(&phone.device, &approve);
    phone.send(&world, &asked.id, by_device).await.refuses(403, "approval_key_required");
    let deny = Decision::Deny { why: DenyReason::Unspecified };
    let deny = phone.answer_to(&world, &asked.id, deny).await;
    let by_approval = signed(&phone.approval, &deny);
    phone.send(&world, &asked.id, by_approval).await.refuses(400, "bad_signature");
    let stranger = Phone::new();
    let by_stranger = signed(&stranger.approval, &approve);
    phone.send(&world, &asked.id, by_stranger).await.refuses(400, "bad_signature");
    // Control: nothing of this closed the request.
    assert_eq!(phone.approve(&world, &asked.id, &asked.number).await.status, 200);
}

#[tokio::test]
async fn an_answer_is_for_the_bytes_that_were_shown() {
    let (world, mut phone, _, asked) = asked().await;
    let mut answer = phone.answer_to(&world, &asked.id, typed(&asked.number)).await;
    answer.rdig = RequestDigest::of("something else");
    let body = phone.sign(&answer);
    phone.send(&world, &asked.id, body).await.refuses(400, "digest_mismatch");
}

#[tokio::test]
async fn an_answer_moved_elsewhere_is_refused() {
    let (world, mut phone, session, first) = asked().await;
    let answer = phone.answer_to(&world, &first.id, typed(&first.number)).await;
    let second = world.ask(&session).await;
    let body = phone.sign(&answer);
    phone.send(&world, &second.id, body).await.refuses(400, "malformed");
    let mut moved = answer.clone();
    moved.req = second.id.parse().unwrap();
    let body = phone.sign(&moved);
    phone.send(&world, &second.id, body).await.refuses(400, "digest_mismatch");
    let mut foreign = phone.answer_to(&world, &second.id, typed(&second.number)).await;
    foreign.aud = "https://other.test".parse().unwrap();
    let body = phone.sign(&foreign);
    phone.send(&world, &second.id, body).await.refuses(400, "malformed");
    let mut other_phone = phone.answer_to(&world, &second.id, typed(&second.number)).await;
    other_phone.iss = Id::make().unwrap();
    let body = phone.sign(&other_phone);
    phone.send(&world, &second.id, body).await.refuses(400, "malformed");
    phone.send(&world, &second.id, "a.b.c".to_owned()).await.refuses(400, "malformed");
    phone.send(&world, &second.id, "x".repeat(9000)).await.refuses(413, "too_large");
    let unknown = Id::make().unwrap().to_string();
    let mut nowhere = answer;
    nowhere.req = unknown.parse().unwrap();
    let body = phone.sign(&nowhere);
    phone.send(&world, &unknown, body).await.refuses(404, "unknown_request");
}

#[tokio::test]
async fn an_answer_past_its_time_is_refused_and_the_request_stays_open() {
    let (world, mut phone, session, asked) = asked().await;
    let mut answer = phone.answer_to(&world, &asked.id, typed(&asked.number)).await;
    (answer.iat, answer.exp) = (answer.iat.plus_s(-31), answer.iat.plus_s(-1));
    let body = phone.sign(&answer);
    phone.send(&world, &asked.id, body).await.refuses(400, "answer_expired");
    answer.iat = phone.now(&world).into();
    answer.exp = answer.iat.plus_s(31);
    let body = phone.sign(&answer);
    phone.send(&world, &asked.id, body).await.refuses(400, "malformed");
    assert_eq!(state(&world, &session, &asked.id), State::Open);
}

#[tokio::test]
async fn a_clock_within_two_minutes_answers_and_beyond_it_does_not() {
    for (ahead_s, good) in [(-20, true), (119, true), (125, false)] {
        let (world, mut phone, _, asked) = asked().await;
        phone.ahead_s = ahead_s;
        let reply = phone.approve(&world, &asked.id, &asked.number).await;
        assert_eq!(reply.status == 200, good, "{ahead_s}: {}", reply.body);
    }
}

#[tokio::test]
async fn the_same_answer_gets_the_same_outcome_even_after_its_time() {
    let (world, mut phone, _, asked) = asked().await;
    let answer = phone.answer_to(&world, &asked.id, typed(&asked.number)).await;
    let body = phone.sign(&answer);
    let first = phone.send(&world, &asked.id, body.clone()).await;
    world.clock.advance(300);
    let again = phone.send(&world, &asked.id, body).await;
    assert_eq!((first.status, first.body), (again.status, again.body));
    let mut reused = answer;
    reused.exp = reused.exp.plus_s(-1);
    let body = phone.sign(&reused);
    phone.send(&world, &asked.id, body).await.refuses(409, "jti_reused");
}

#[tokio::test]
async fn the_same_wrong_answer_gets_the_same_refusal() {
    let (world, mut phone, _, asked) = asked().await;
    let answer = phone.answer_to(&world, &asked.id, typed(&other(&asked.number))).await;
    let body = phone.sign(&answer);
    for _ in 0..2 {
        phone.send(&world, &asked.id, body.clone()).await.refuses(403, "wrong_match");
    }
}

#[tokio::test]
async fn an_answered_request_says_by_whom() {
    let world = World::new().await;
    let setting_up = world.sign_in().await;
    let (mut one, mut two) = (world.active_phone(&setting_up).await, world.active_phone(&setting_up).await);
    let session = world.sign_in().await;
    let asked = world.ask(&session).await;
    assert_eq!(asked.phones, 2);
    let late = two.answer_to(&world, &asked.id, Decision::Deny { why: DenyReason::Cancelled }).await;
    one.approve(&world, &asked.id, &asked.number).await;
    let body = two.sign(&late);
    let refused = two.send(&world, &asked.id, body).await;
    refused.refuses(409, "already_answered");
    let problem = refused.problem();
    assert_eq!((problem.state, problem.by), (Some(WireState::Approved), Some(By::Other)));
    let seen = (one.state(&world, &asked.id).await.by, two.state(&world, &asked.id).await.by);
    assert_eq!(seen, (Some(By::This), Some(By::Other)));
    assert_eq!(state(&world, &session, &asked.id), State::Approved);
}

#[tokio::test]
async fn a_closed_request_says_how_it_was_closed() {
    for (end, expected) in [
        ("expired", WireState::Expired),
        ("replaced", WireState::Replaced),
        ("cancelled", WireState::Cancelled),
    ] {
        let (world, mut phone, session, asked) = asked().await;
        let mut answer = phone.answer_to(&world, &asked.id, typed(&asked.number)).await;
        match end {
            "expired" => world.clock.advance(60),
            "replaced" => drop(world.ask(&session).await),
            _ => requests::cancel(&world.service, &session, &asked.id).await.unwrap(),
        }
        (answer.iat, answer.exp) = (phone.now(&world).into(), phone.now(&world).plus_ms(30_000).into());
        let body = phone.sign(&answer);
        let refused = phone.send(&world, &asked.id, body).await;
        refused.refuses(410, "request_closed");
        assert_eq!(refused.problem().state, Some(expected.clone()), "{end}");
        assert_eq!(phone.state(&world, &asked.id).await.state, expected);
    }
}

#[tokio::test]
async fn sixty_four_answers_at_once_leave_one_winner() {
    let world = World::new().await;
    let setting_up = world.sign_in().await;
    let mut phones = Vec::new();
    for _ in 0..4 {
        phones.push(world.active_phone(&setting_up).await);
    }
    let session = world.sign_in().await;
    let asked = world.ask(&session).await;
    let mut calls = Vec::new();
    let world = Arc::new(world);
    for phone in &mut phones {
        for n in 0..16 {
            let dec = match n % 3 {
                0 => typed(&asked.number),
                1 => typed(&other(&asked.number)),
                _ => Decision::Deny { why: DenyReason::Cancelled },
            };
            let answer = phone.answer_to(&world, &asked.id, dec).await;
            let body = phone.sign(&answer);
            let mut copy = Phone::new();
            copy.dpop =
                authenticator_core::crypto::p256::PrivateKey::from_bytes(&phone.dpop.to_bytes()).unwrap();
            (copy.credential, copy.token, copy.nonce) =
                (phone.credential, phone.token.clone(), phone.nonce.clone());
            let (world, id) = (world.clone(), asked.id.clone());
            calls.push(tokio::spawn(async move { copy.send(&world, &id, body).await }));
        }
    }
    assert_eq!(calls.len(), 64);
    let mut decided = 0;
    for call in calls {
        let reply = call.await.unwrap();
        // A wrong number decides as well: it closes the request.
        match reply.status.as_u16() {
            200 | 403 => decided += 1,
            _ => reply.refuses(409, "already_answered"),
        }
    }
    assert_eq!(decided, 1);
    assert_ne!(state(&world, &session, &asked.id), State::Open);
}

#[tokio::test]
async fn only_the_session_that_asked_sees_the_number() {
    let (world, _, session, asked) = asked().await;
    assert_eq!(requests::shown(&world.service, &session, &asked.id).unwrap().unwrap(), asked);
    let other = world.sign_in().await;
    assert!(requests::shown(&world.service, &other, &asked.id).unwrap().is_none());
    assert!(requests::watch(&world.service, &other, &asked.id).unwrap().is_none());
}

#[tokio::test]
async fn a_phone_in_set_up_gets_no_sign_ins() {
    let world = World::new().await;
    let setting_up = world.sign_in().await;
    world.active_phone(&setting_up).await;
    let mut pending = world.pending_phone(&setting_up).await;
    let asked = world.ask(&world.sign_in().await).await;
    assert_eq!(asked.phones, 1);
    assert!(pending.list(&world).await.requests.is_empty());
    let reply = pending.call(&world, "GET", &format!("/push/v1/requests/{}", asked.id), String::new()).await;
    reply.refuses(404, "unknown_request");
}
