use super::super::ids::Id;
use super::super::json;
use super::super::jwk::SetKey;
use super::super::jws::Unsigned;
use super::super::wire::AttestationWish;
use super::*;
use crate::crypto::p256::PrivateKey;
use crate::secret::{SecretBytes, SecretText};

const AT: UnixTime = UnixTime::from_seconds(1_800_000_000);

fn key(seed: u8) -> PrivateKey {
    PrivateKey::from_bytes(&SecretBytes::new(vec![seed; 32])).unwrap()
}

fn offer() -> Offer {
    Offer {
        v: 1,
        iss: "https://klink.example".parse().unwrap(),
        aud: OFFER_AUDIENCE.to_owned(),
        jti: Id([1; 16]),
        iat: AT.into(),
        exp: AT.plus_ms(300_000).into(),
        sub: "u1".to_owned(),
        name: "mila@example.org".parse().unwrap(),
        svc: "Example University".parse().unwrap(),
        logo: Some("/logo.png".to_owned()),
        nonce: Id([2; 16]),
        att: AttestationWish::None,
        jkt_s: Jwk(key(7).public()).thumbprint(),
    }
}

fn signed(offer: &Offer) -> String {
    Unsigned::new(&key(7).public(), offer).sign(&key(7))
}

fn keys() -> KeySet {
    let entry = |seed| SetKey::P256 { key: key(seed).public(), kid: None };
    KeySet { keys: vec![entry(8), SetKey::Other, entry(7)] }
}

fn link(offer: &Offer) -> String {
    format!("https://klink.example/push-enrol#{}", signed(offer))
}

#[track_caller]
fn check(text: &str, at: UnixTime, expected: Result<(), OfferError>) {
    let verified = Scanned::parse(text).and_then(|scanned| scanned.verify(&keys(), at));
    assert_eq!(verified.map(|(_, found)| assert_eq!(found, key(7).public())), expected);
}

#[track_caller]
fn check_changed(change: impl FnOnce(&mut Offer), expected: Result<(), OfferError>) {
    let mut changed = offer();
    change(&mut changed);
    check(&link(&changed), AT, expected);
}

#[test]
fn both_forms_of_the_link_are_read() {
    check(&link(&offer()), AT, Ok(()));
    check(&format!(" pushenrol:#{}\n", signed(&offer())), AT, Ok(()));
    check(&format!("PUSHENROL:#{}", signed(&offer())), AT, Ok(()));
    assert!(link(&offer()).len() <= 700, "{}", link(&offer()).len());
    assert_eq!(Scanned::parse(&link(&offer())).unwrap().origin().host(), "klink.example");
}

#[test]
fn the_link_must_be_the_host_that_signed() {
    for host in ["https://other.example", "https://klink.example:444", "https://xn--klnk-upa.example"] {
        check(&format!("{host}/push-enrol#{}", signed(&offer())), AT, Err(OfferError::Host));
    }
    for page in [
        "http://klink.example/push-enrol",
        "https://klink.example/push-enrol/",
        "https://klink.example/a/push-enrol",
        "https://klink.example@other.example/push-enrol",
        "https://KLINK.example/push-enrol",
        "pushenrol://klink.example",
        "",
    ] {
        check(&format!("{page}#{}", signed(&offer())), AT, Err(OfferError::Link));
    }
    check("https://klink.example/push-enrol", AT, Err(OfferError::Link));
    check(&format!("pushenrol:#{}", "a".repeat(LINK_CAP)), AT, Err(OfferError::Link));
}

#[test]
fn a_later_version_says_so_whatever_else_it_holds() {
    check_changed(|offer| offer.v = 2, Err(OfferError::UpdateApp));
    let later = super::super::b64::encode(br#"{"v":7,"new":true}"#);
    let text = signed(&offer());
    let parts: Vec<&str> = text.split('.').collect();
    check(&format!("pushenrol:#{}.{later}.{}", parts[0], parts[2]), AT, Err(OfferError::UpdateApp));
}

#[test]
fn only_the_key_with_the_thumbprint_of_the_offer_vouches_for_it() {
    check_changed(|offer| offer.jkt_s = Jwk(key(9).public()).thumbprint(), Err(OfferError::Key));
    // Another key of the same service signs: the set has it, the offer does not name it.
    let text = Unsigned::new(&key(8).public(), &offer()).sign(&key(8));
    check(&format!("pushenrol:#{text}"), AT, Err(OfferError::Signature));
}

#[test]
fn claims_that_are_not_an_offers_are_refused() {
    check_changed(|offer| offer.aud = "push".to_owned(), Err(OfferError::Claims));
    check_changed(|offer| offer.exp = AT.plus_ms(301_000).into(), Err(OfferError::Claims));
    check_changed(|offer| offer.exp = offer.iat, Err(OfferError::Claims));
    check_changed(|offer| offer.logo = None, Ok(()));
    for logo in ["//other.example/x.png", "https://other.example", "", "logo.png", "/\\other.example", "/a b"]
    {
        check_changed(|offer| offer.logo = Some(logo.to_owned()), Err(OfferError::Claims));
    }
}

/// The phone's own clock plays no part: `at` is what the service's `Date` said.
#[test]
fn an_offer_ends_when_the_services_clock_says_so() {
    check(&link(&offer()), AT.plus_ms(299_999), Ok(()));
    check(&link(&offer()), AT.plus_ms(300_000), Err(OfferError::Expired));
    check(&link(&offer()), AT.plus_ms(-120_000), Ok(()));
    check(&link(&offer()), AT.plus_ms(-120_001), Err(OfferError::Claims));
}

#[test]
fn the_reply_is_believed_under_the_pinned_key_for_this_phones_keys_alone() {
    let (device, approval) = (Thumbprint([0x11; 32]), Thumbprint([0x22; 32]));
    let enrolled = Enrolled {
        iss: offer().iss,
        aud: Id([4; 16]),
        jti: offer().jti,
        jkt_d: device,
        jkt_a: approval,
        snonce: Id([3; 16]),
        iat: AT.into(),
        account: SecretText::from("otpauth://totp/a:b?secret=GEZDGNBV"),
    };
    let read = |enrolled: &Enrolled, seed| {
        let text = Unsigned::new(&key(seed).public(), enrolled).sign(&key(seed));
        check_enrolled(&text, &offer(), &key(7).public(), device, approval).map(|(_, number)| number)
    };
    assert_eq!(read(&enrolled, 7).unwrap().len(), 6);
    assert_eq!(read(&enrolled, 8), Err(EnrolledError::Jws(JwsError::Key)));
    let changed = |change: fn(&mut Enrolled)| {
        let mut changed = enrolled.clone();
        change(&mut changed);
        read(&changed, 7)
    };
    assert_eq!(changed(|enrolled| enrolled.jti = Id([9; 16])), Err(EnrolledError::Offer));
    let elsewhere = changed(|enrolled| enrolled.iss = "https://other.example".parse().unwrap());
    assert_eq!(elsewhere, Err(EnrolledError::Offer));
    assert_eq!(changed(|enrolled| enrolled.jkt_d.0[0] ^= 1), Err(EnrolledError::Keys));
    assert_eq!(changed(|enrolled| enrolled.jkt_a.0[0] ^= 1), Err(EnrolledError::Keys));
    let other_nonce = changed(|enrolled| enrolled.snonce = Id([9; 16]));
    assert_ne!(other_nonce, read(&enrolled, 7));
}

const STAGES: [Stage; 6] = [
    Stage::Enrolling,
    Stage::PendingTest,
    Stage::Active,
    Stage::NeedsApprovalKey,
    Stage::Revoked,
    Stage::Failed,
];

#[test]
fn an_enrolment_becomes_active_by_a_test_alone() {
    let events = [
        Event::Enrolled,
        Event::Refused,
        Event::TestApproved,
        Event::ApprovalKeyLost,
        Event::ApprovalKeyMade,
        Event::Revoked,
    ];
    for stage in STAGES {
        for event in events {
            let leads = stage.after(event);
            if leads == Ok(Stage::Active) {
                assert_eq!(event, Event::TestApproved, "{stage:?}");
            }
            if leads.is_err() {
                assert_eq!(leads, Err(StageError { stage, event }));
            }
        }
        assert_eq!(
            stage.polls(),
            stage.after(Event::TestApproved).is_ok() || stage == Stage::NeedsApprovalKey
        );
    }
}

#[test]
fn nothing_brings_a_revoked_or_failed_enrolment_back() {
    for stage in [Stage::Revoked, Stage::Failed] {
        for event in [Event::Enrolled, Event::TestApproved, Event::ApprovalKeyMade, Event::ApprovalKeyLost] {
            assert!(stage.after(event).is_err(), "{stage:?} {event:?}");
        }
    }
    assert_eq!(Stage::NeedsApprovalKey.after(Event::ApprovalKeyMade), Ok(Stage::PendingTest));
}

#[test]
fn an_offer_prints_the_members_of_the_document_in_their_order() {
    let text = json::print(&offer());
    assert!(
        text.starts_with(r#"{"v":1,"iss":"https://klink.example","aud":"push-enrol","jti":"AQEB"#),
        "{text}"
    );
}
