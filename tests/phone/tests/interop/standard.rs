//! privacyIDEA: enrolment, a plain yes or no, and what surrounds it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use authenticator_core::authenticator::{Decision, EnrolmentState, NoSuch, PushAddress, PushError};
use authenticator_core::device::KeyStoreError;
use authenticator_core::net::{NetError, TlsRefusal, Trust};
use authenticator_core::push::matching::Rule;
use authenticator_core::vault::Outcome;
use reqwest::Method;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};

use crate::bed::Bed;
use crate::phone::{DENY, Phone, link, yes};

pub(crate) async fn a_code_enrols_and_the_phone_works_at_once(bed: Arc<Bed>) {
    let (phone, token) = (Phone::new(&bed), bed.token("alice", "push").await);
    let offered = phone.core.offer(link(&token)).unwrap();
    assert_eq!(format!("https://{}", offered.host()), bed.text("base"));
    let asked = phone.core.check_offer(&offered).await.unwrap();
    assert_eq!((asked.service(), asked.account_name()), ("PI Test Bed", "alice@testrealm"));
    let enrolled = phone.core.enrol(&asked, &klink::phone::info("a phone")).await.unwrap();
    assert_eq!((enrolled.check_number, enrolled.account), (None, None));
    let row = phone.enrolment().await;
    assert_eq!((row.state, row.service.as_deref()), (EnrolmentState::Active, Some("PI Test Bed")));
    assert!(phone.look().await.is_empty());
    bed.delete(token["serial"].as_str().unwrap()).await;
}

pub(crate) async fn an_approval_signs_in_once(bed: Arc<Bed>) {
    let (phone, serial) = Phone::enrolled(&bed, "alice").await;
    let started = bed.start("alice").await;
    assert_eq!(bed.status(&started).await, "pending");
    assert_eq!(bed.finish("alice", &started, "").await, "REJECT");
    let one = phone.request().await;
    assert_eq!((&one.rule, one.application.as_str()), (&Rule::Confirm, "PI Test Bed"));
    assert_eq!(one.message.as_deref(), Some("Sign in as Alice from 127.0.0.1?"));
    assert_eq!(phone.answer(&one, yes()).await.outcome, Some(Outcome::Approved));
    assert_eq!(bed.status(&started).await, "accept");
    assert_eq!(bed.finish("alice", &started, "").await, "ACCEPT");
    assert_eq!(bed.finish("alice", &started, "").await, "REJECT");
    assert!(phone.look().await.is_empty());
    assert_eq!(phone.core.push_history().await.unwrap()[0].outcome, Outcome::Approved);
    bed.delete(&serial).await;
}

pub(crate) async fn a_denial_is_a_denial(bed: Arc<Bed>) {
    refused(&bed, DENY, Outcome::Denied, "declined").await;
}

pub(crate) async fn not_me_is_a_denial_with_a_reason(bed: Arc<Bed>) {
    refused(&bed, Decision::Report { not_me: true, lock: false }, Outcome::Reported, "declined").await;
}

pub(crate) async fn a_change_of_mind_is_told(bed: Arc<Bed>) {
    refused(&bed, Decision::Deny { cancelled: true }, Outcome::Denied, "cancelled").await;
}

async fn refused(bed: &Bed, decision: Decision, outcome: Outcome, status: &str) {
    let (phone, serial) = Phone::enrolled(bed, "alice").await;
    let started = bed.start("alice").await;
    let one = phone.request().await;
    // Nobody needs to be there, and the vault may be locked.
    phone.present.store(false, Ordering::SeqCst);
    phone.core.lock();
    assert_eq!(phone.answer(&one, decision).await.outcome, Some(outcome));
    assert_eq!(bed.status(&started).await, status);
    assert_eq!(bed.finish("alice", &started, "").await, "REJECT");
    assert!(phone.look().await.is_empty());
    bed.delete(&serial).await;
}

pub(crate) async fn each_request_is_answered_once_and_by_a_person(bed: Arc<Bed>) {
    let (phone, serial) = Phone::enrolled(&bed, "alice").await;
    let started = bed.start("alice").await;
    let one = phone.request().await;
    phone.present.store(false, Ordering::SeqCst);
    let nobody = phone.core.answer(one.id, yes()).await;
    assert!(matches!(nobody, Err(PushError::KeyStore(KeyStoreError::Cancelled))), "{nobody:?}");
    assert_eq!(bed.status(&started).await, "pending", "nothing was sent");
    phone.present.store(true, Ordering::SeqCst);
    assert_eq!(phone.answer(&one, yes()).await.outcome, Some(Outcome::Approved));
    let again = phone.core.answer(one.id, DENY).await;
    assert!(matches!(again, Err(PushError::NoSuch(NoSuch::Request))), "{again:?}");
    let second = bed.start("alice").await;
    assert_eq!(bed.status(&second).await, "pending", "the first answer is none to the second request");
    phone.approve().await;
    for started in [&started, &second] {
        assert_eq!(bed.finish("alice", started, "").await, "ACCEPT");
    }
    bed.delete(&serial).await;
}

/// Somebody in between leads the phone elsewhere: what the server signs names its own address.
pub(crate) async fn a_request_for_another_address_is_not_shown(bed: Arc<Bed>) {
    let token = bed.token("alice", "push").await;
    let (own, other) = (bed.text("base").rsplit(':').next().unwrap(), forward(bed.text("base")).await);
    let elsewhere = link(&token).replace(&format!("%3A{own}"), &format!("%3A{other}"));
    assert_ne!(elsewhere, link(&token));
    let phone = Phone::new(&bed);
    phone.enrol(&elsewhere).await.unwrap();
    bed.start("alice").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let seen = phone.core.refresh_challenges().await.unwrap();
    assert!(seen.challenges.is_empty());
    assert!(matches!(seen.problems[..], [(_, PushError::BadReply(_))]), "{:?}", seen.problems);
    bed.delete(token["serial"].as_str().unwrap()).await;
}

/// Passes bytes on to the server under a port of its own; returns the port.
async fn forward(base: &str) -> u16 {
    let to = base.trim_start_matches("https://").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let to = to.clone();
            tokio::spawn(async move {
                let mut server = TcpStream::connect(to).await?;
                tokio::io::copy_bidirectional(&mut client, &mut server).await
            });
        }
    });
    port
}

/// The server takes a minute and no more; its own clock stands in every reply.
pub(crate) async fn a_wrong_clock_is_learnt_from_the_refusal(bed: Arc<Bed>) {
    let token = bed.token("alice", "push").await;
    for ahead_ms in [600_000, -600_000] {
        let phone = Phone::with(Trust::DeviceAnd(bed.authority()), ahead_ms);
        let token = bed.token("alice", "push").await;
        phone.enrol(link(&token)).await.unwrap();
        assert!(phone.look().await.is_empty(), "{ahead_ms}");
        let started = bed.start("alice").await;
        phone.approve().await;
        assert_eq!(bed.finish("alice", &started, "").await, "ACCEPT", "{ahead_ms}");
        bed.delete(token["serial"].as_str().unwrap()).await;
    }
    bed.delete(token["serial"].as_str().unwrap()).await;
}

pub(crate) async fn a_wrong_credential_serial_or_second_use_is_refused(bed: Arc<Bed>) {
    let token = bed.token("alice", "push").await;
    let serial = token["serial"].as_str().unwrap();
    let refused = async |link: &str, status: u16, word: &str| {
        let why = Phone::new(&bed).enrol(link).await.unwrap_err();
        let fits = matches!(&why, PushError::Service { status: s, code, .. } if *s == status && code == word);
        assert!(fits, "{why:?}");
    };
    let wrong = link(&token).replace("enrollment_credential=", "enrollment_credential=00");
    refused(&wrong, 400, "missing_or_wrong").await;
    refused(&link(&token).replace(serial, "PIPU00000000"), 404, "no_such_token").await;
    Phone::new(&bed).enrol(link(&token)).await.unwrap();
    refused(link(&token), 404, "no_such_token").await;
    bed.delete(serial).await;
}

fn at(name: &str) -> PushAddress {
    PushAddress::WebPush { endpoint: format!("https://push.example/{name}") }
}

fn endpoint(name: &str) -> String {
    format!("https://push.example/{name}")
}

pub(crate) async fn a_gateway_gets_the_address_and_its_change(bed: Arc<Bed>) {
    let (phone, token) = (Phone::new(&bed), bed.token("erin", "push").await);
    phone.enrol_at(link(&token), at("one")).await.unwrap();
    let started = bed.start("erin").await;
    assert_eq!(bed.messages("push", &endpoint("one"), 10).await.len(), 1);
    phone.approve().await;
    assert_eq!(bed.finish("erin", &started, "").await, "ACCEPT");
    phone.core.change_push_address(phone.enrolment().await.id, &at("two")).await.unwrap();
    bed.start("erin").await;
    assert_eq!(bed.messages("push", &endpoint("two"), 10).await.len(), 1);
    assert!(bed.messages("push", &endpoint("one"), 0).await.is_empty());
    phone.approve().await;
    bed.delete(token["serial"].as_str().unwrap()).await;
}

pub(crate) async fn a_gateway_that_fails_leaves_the_request_in_the_list(bed: Arc<Bed>) {
    let (phone, token) = (Phone::new(&bed), bed.token("erin", "push").await);
    phone.enrol_at(link(&token), at("three")).await.unwrap();
    bed.gateway_fails_once().await;
    let started = bed.start("erin").await;
    phone.approve().await;
    assert_eq!(bed.finish("erin", &started, "").await, "ACCEPT");
    bed.delete(token["serial"].as_str().unwrap()).await;
}

pub(crate) async fn what_is_pushed_is_what_is_listed(bed: Arc<Bed>) {
    let (phone, token) = (Phone::new(&bed), bed.token("erin", "push").await);
    phone.enrol_at(link(&token), at("four")).await.unwrap();
    let started = bed.start("erin").await;
    let pushed = bed.messages("push", &endpoint("four"), 10).await;
    let one = phone.request().await;
    assert_eq!(one.message.as_deref(), pushed[0]["data"]["question"].as_str());
    assert_eq!(phone.answer(&one, DENY).await.outcome, Some(Outcome::Denied));
    assert_eq!(bed.status(&started).await, "declined", "of both there was one");
    bed.delete(token["serial"].as_str().unwrap()).await;
}

pub(crate) async fn a_text_message_closes_the_request(bed: Arc<Bed>) {
    let (phone, serial) = Phone::enrolled(&bed, "dave").await;
    let to = "+15550100003";
    let wish = json!({ "type": "sms", "genkey": 1, "user": "dave", "realm": bed.text("realm"), "phone": to });
    let text = bed.ok(Method::POST, "/token/init", Some(wish)).await;
    bed.messages("sms", to, 0).await;
    let started = bed.start("dave").await;
    phone.request().await;
    let code = bed.messages("sms", to, 10).await[0]["text"].to_string().replace('"', "");
    assert_eq!(bed.finish("dave", &started, "000000x").await, "REJECT");
    assert_eq!(bed.finish("dave", &started, &code).await, "ACCEPT");
    let seen = phone.core.refresh_challenges().await.unwrap();
    assert!(seen.challenges.is_empty());
    assert_eq!(seen.closed.iter().map(|one| one.outcome).collect::<Vec<_>>(), [Outcome::Elsewhere]);
    bed.delete(&serial).await;
    bed.delete(text["detail"]["serial"].as_str().unwrap()).await;
}

pub(crate) async fn a_page_that_waits_goes_on_with_the_answer(bed: Arc<Bed>) {
    let (phone, serial) = Phone::enrolled(&bed, "frank").await;
    for (decision, expected) in [(yes(), "ACCEPT"), (DENY, "DECLINED")] {
        let page = Arc::clone(&bed);
        let waiting = tokio::spawn(async move { page.login("frank").await });
        let one = phone.request().await;
        phone.answer(&one, decision).await;
        assert_eq!(waiting.await.unwrap()["result"]["authentication"], expected);
    }
    bed.delete(&serial).await;
}

pub(crate) async fn the_first_sign_in_enrols_and_the_next_is_asked(bed: Arc<Bed>) {
    let started = bed.start("grace").await;
    assert_eq!(bed.status(&started).await, "pending");
    let phone = Phone::new(&bed);
    phone.enrol(started["link"].as_str().unwrap()).await.unwrap();
    assert_eq!(bed.status(&started).await, "accept");
    assert_eq!(bed.finish("grace", &started, "").await, "ACCEPT");
    let started = bed.start("grace").await;
    phone.approve().await;
    assert_eq!(bed.finish("grace", &started, "").await, "ACCEPT");
    let tokens = bed.ok(Method::GET, "/token/?user=grace", None).await;
    for token in tokens["result"]["value"]["tokens"].as_array().unwrap() {
        bed.delete(token["serial"].as_str().unwrap()).await;
    }
}

pub(crate) async fn the_first_of_two_phones_answers(bed: Arc<Bed>) {
    let (first, one) = Phone::enrolled(&bed, "alice").await;
    let (second, two) = Phone::enrolled(&bed, "alice").await;
    let started = bed.start("alice").await;
    let (mine, theirs) = (first.request().await, second.request().await);
    assert_ne!(mine.id.request, theirs.id.request, "each phone has its own");
    assert_eq!(second.answer(&theirs, yes()).await.outcome, Some(Outcome::Approved));
    assert_eq!(bed.finish("alice", &started, "").await, "ACCEPT");
    let late = first.core.answer(mine.id, yes()).await;
    assert!(matches!(late, Err(PushError::NoSuch(NoSuch::Request))), "{late:?}");
    bed.delete(&one).await;
    bed.delete(&two).await;
}

pub(crate) async fn a_request_ends_with_its_time(bed: Arc<Bed>) {
    let (phone, serial) = Phone::enrolled(&bed, "alice").await;
    bed.configure("PushChallengeValidityTime", "3").await;
    let started = bed.start("alice").await;
    let one = phone.request().await;
    tokio::time::sleep(Duration::from_millis(3_500)).await;
    let late = phone.core.answer(one.id, yes()).await;
    bed.configure("PushChallengeValidityTime", "120").await;
    assert!(matches!(late, Err(PushError::NoSuch(NoSuch::Request))), "{late:?}");
    assert!(phone.look().await.is_empty());
    assert_eq!(bed.finish("alice", &started, "").await, "REJECT");
    bed.delete(&serial).await;
}

pub(crate) async fn a_server_of_an_unknown_authority_gets_nothing(bed: Arc<Bed>) {
    let token = bed.token("alice", "push").await;
    // A code that asks for unchecked certificates changes nothing.
    let unchecked = link(&token).replace("sslverify=1", "sslverify=0");
    let refused = Phone::with(Trust::Device, 0).enrol(&unchecked).await.unwrap_err();
    let unknown = NetError::Tls(TlsRefusal::UnknownAuthority);
    assert!(matches!(refused, PushError::Net(error) if error == unknown), "{refused:?}");
    // The control: a phone that knows the authority takes the same code.
    Phone::new(&bed).enrol(&unchecked).await.unwrap();
    bed.delete(token["serial"].as_str().unwrap()).await;
}
