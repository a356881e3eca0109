//! Offer, enrolment, check number and activation.

use authenticator_core::push::check::{Agreed, check_number};
use authenticator_core::push::json;
use authenticator_core::push::jws;
use authenticator_core::push::wire::{EnrolBody, Enrolled, Offer as OfferClaims};
use authenticator_core::uri;
use klink_service::accounts::{Stage, factors};
use klink_service::config::Attestation;
use klink_service::push::credentials::CredentialState;
use klink_service::push::offers::{self, ConfirmCheck, MakeOffer, OfferState};
use klink_service::requests::{self, Start};

use crate::phone::{Phone, signed};
use crate::world::World;

#[tokio::test]
async fn an_offer_fits_a_qr_code_and_verifies_under_the_published_key() {
    let world = World::new().await;
    let offer = world.offer(&world.sign_in().await).await;
    assert!(offer.link.len() <= 700, "{} characters", offer.link.len());
    let (link, text) = offer.link.split_once('#').unwrap();
    assert_eq!(link, "https://service.test/push-enrol");
    let keys = world.call("GET", "/.well-known/jwks.json", &[], String::new()).await;
    let keys: authenticator_core::push::jwk::KeySet = serde_json::from_str(&keys.body).unwrap();
    let unverified = jws::parse::<OfferClaims>(text).unwrap();
    let named = unverified.claims_before_verifying().unwrap().jkt_s;
    let claims = unverified.verify(&keys.find(named).unwrap()).unwrap();
    assert_eq!(claims.exp, claims.iat.plus_s(300));
    assert_eq!((claims.svc.as_str(), claims.name.as_str()), ("Klink reference service", "tess"));
    assert!(keys.vapid().is_some());
}

#[tokio::test]
async fn one_scan_leaves_a_pending_phone_and_a_code_account() {
    let world = World::new().await;
    let session = world.sign_in().await;
    assert_eq!(session.stage, Stage::MustEnrol);
    let offer = world.offer(&session).await;
    let mut phone = Phone::new();
    let reply = phone.enrol(&world, &offer).await;
    assert_eq!((reply.status.as_u16(), reply.header("content-type")), (201, "application/push-enrolled+jwt"));
    let key = world.service.keys().current();
    let enrolled = jws::parse::<Enrolled>(&reply.body).unwrap().verify(&key).unwrap();
    let account = uri::parse(enrolled.account.expose()).unwrap();
    assert_eq!((account.account_name.as_str(), account.otp.secret().len()), ("tess", 20));

    let OfferState::Enrolled { check_number: shown, state, confirmed, .. } =
        world.offer_state(&session, &offer)
    else {
        panic!("not enrolled")
    };
    assert_eq!((state, confirmed), (CredentialState::Pending, false));
    let claims = phone.enrolment(&world, &offer);
    let expected = check_number(&Agreed {
        offer: claims.jti,
        nonce: claims.nonce,
        server_nonce: enrolled.snonce,
        device: enrolled.jkt_d,
        approval: enrolled.jkt_a,
        service: authenticator_core::push::jwk::Jwk(key).thumbprint(),
    });
    assert_eq!(shown, expected);
}

#[tokio::test]
async fn an_approved_test_makes_the_phone_active_and_signs_in() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let mut phone = world.pending_phone(&session).await;
    let asked = world.start_test(&session, &phone).await;
    assert_eq!(world.again(&session).unwrap().stage, Stage::MustEnrol);
    let reply = phone.approve(&world, &asked.id, &asked.number).await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, r#"{"state":"approved"}"#));
    assert_eq!(world.again(&session).unwrap().stage, Stage::SignedIn);
    let factors = factors::list(&world.service, &session.user.id).unwrap();
    assert_eq!(factors.phones[0].state, CredentialState::Active);
}

#[tokio::test]
async fn a_waiting_sign_in_of_a_thief_is_not_signed_in_by_the_owners_enrolment() {
    let world = World::new().await;
    let (owner, thief) = (world.sign_in().await, world.sign_in().await);
    world.active_phone(&owner).await;
    assert_eq!(world.again(&thief).unwrap().stage, Stage::SecondFactor);
    assert!(!world.again(&thief).unwrap().may_change(world.clock.now()));
}

#[tokio::test]
async fn a_typed_code_gives_the_same_offer() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let offer = world.offer(&session).await;
    let body = serde_json::json!({"code": offer.code.to_lowercase()}).to_string();
    let found = world.call("POST", "/push/v1/offer", &[], body.clone()).await;
    assert_eq!((found.status.as_u16(), found.header("content-type")), (200, "application/push-enrol+jwt"));
    assert_eq!(found.body, offer.link.split_once('#').unwrap().1);
    world.call("POST", "/push/v1/offer", &[], "{}".to_owned()).await.refuses(400, "malformed");
    let wrong = serde_json::json!({"code": "0000-0000-0000"}).to_string();
    world.call("POST", "/push/v1/offer", &[], wrong.clone()).await.refuses(404, "unknown_code");
    world.clock.advance(300);
    world.call("POST", "/push/v1/offer", &[], body).await.refuses(404, "unknown_code");
    for _ in 0..19 {
        world.call("POST", "/push/v1/offer", &[], wrong.clone()).await;
    }
    let limited = world.call("POST", "/push/v1/offer", &[], wrong).await;
    limited.refuses(429, "rate_limited");
    assert!(limited.header("retry-after").parse::<u32>().unwrap() > 0);
}

#[tokio::test]
async fn the_same_body_gets_the_same_reply_until_the_first_call_and_no_other_body_does() {
    let world = World::new().await;
    let offer = world.offer(&world.sign_in().await).await;
    let mut phone = Phone::new();
    let body = phone.enrol_body(&phone.enrolment(&world, &offer));
    let first = phone.post_enrolment(&world, body.clone()).await;
    let again = phone.post_enrolment(&world, body.clone()).await;
    assert_eq!((first.status.as_u16(), &first.body), (201, &again.body));

    // Signed anew, the bytes are others though the claims are the same.
    let mut thief = Phone::new();
    thief.enrol(&world, &offer).await.refuses(409, "qr_used");

    let enrolled = jws::parse::<Enrolled>(&first.body).unwrap().claims_before_verifying().unwrap();
    phone.credential = Some(enrolled.aud);
    phone.list(&world).await;
    phone.post_enrolment(&world, body).await.refuses(409, "qr_used");
    let kept: i64 = world
        .service
        .store()
        .read(|conn| {
            Ok(conn.query_row("SELECT count(*) FROM offers WHERE reply IS NOT NULL", [], |row| row.get(0))?)
        })
        .unwrap();
    assert_eq!(kept, 0, "the secret in the reply is wiped");
}

/// A copy of the database gives nobody codes, also one of the seconds between enrolment and first call.
#[tokio::test]
async fn no_file_of_the_service_shows_the_secret_of_an_enrolment() {
    let world = World::new().await;
    let offer = world.offer(&world.sign_in().await).await;
    let mut phone = Phone::new();
    let body = phone.enrol_body(&phone.enrolment(&world, &offer));
    let reply = phone.post_enrolment(&world, body.clone()).await;
    let enrolled = jws::parse::<Enrolled>(&reply.body).unwrap().claims_before_verifying().unwrap();
    let account = uri::parse(enrolled.account.expose()).unwrap();
    let payload = reply.body.split('.').nth(1).unwrap().as_bytes();
    let text = account.secret_text();
    let forms = [account.otp.secret().expose(), text.expose().as_bytes(), payload];
    let mut clear = 0;
    for file in std::fs::read_dir(&world.service.config().data).unwrap() {
        let Ok(bytes) = std::fs::read(file.unwrap().path()) else { continue };
        let has = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
        assert!(!forms.iter().any(|form| has(form)));
        // The control: what is not sealed is seen.
        clear += usize::from(has(offer.jti.as_bytes()));
    }
    assert!(clear > 0);
    assert_eq!(phone.post_enrolment(&world, body).await.body, reply.body, "it comes again from there");
}

#[tokio::test]
async fn an_offer_that_is_past_or_replaced_is_refused() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let (old, offer) = (world.offer(&session).await, world.offer(&session).await);
    Phone::new().enrol(&world, &old).await.refuses(410, "qr_expired");
    assert_eq!(world.offer_state(&session, &old), OfferState::Expired);
    world.clock.advance(300);
    Phone::new().enrol(&world, &offer).await.refuses(410, "qr_expired");
    assert_eq!(world.offer_state(&session, &offer), OfferState::Expired);
}

#[tokio::test]
async fn an_enrolment_without_proof_of_both_keys_is_refused() {
    let world = World::new().await;
    let offer = world.offer(&world.sign_in().await).await;
    let (mut phone, thief) = (Phone::new(), Phone::new());
    let claims = phone.enrolment(&world, &offer);
    let by_device = signed(&phone.device, &claims);
    let by_approval = signed(&phone.approval, &claims);

    let body = |device: &str, approval: &str| {
        json::print(&EnrolBody { device: device.to_owned(), approval: approval.to_owned() })
    };
    phone.post_enrolment(&world, body(&by_device, &by_device)).await.refuses(400, "bad_signature");
    phone.post_enrolment(&world, body(&by_approval, &by_device)).await.refuses(400, "bad_signature");
    let stolen = signed(&thief.approval, &claims);
    phone.post_enrolment(&world, body(&by_device, &stolen)).await.refuses(400, "bad_signature");
    let mut other = claims.clone();
    other.dev.name = "another name".parse().unwrap();
    let differs = signed(&phone.approval, &other);
    phone.post_enrolment(&world, body(&by_device, &differs)).await.refuses(400, "payload_mismatch");
    phone.post_enrolment(&world, "{}".to_owned()).await.refuses(400, "malformed");
    phone.post_enrolment(&world, "x".repeat(33 * 1024)).await.refuses(413, "too_large");

    let mut one_key = claims.clone();
    one_key.dev.approval_jwk = one_key.dev.device_jwk;
    let twice = signed(&phone.device, &one_key);
    phone.post_enrolment(&world, body(&twice, &twice)).await.refuses(400, "malformed");
    let mut elsewhere = claims.clone();
    elsewhere.aud = "https://other.test".parse().unwrap();
    let elsewhere = phone.enrol_body(&elsewhere);
    phone.post_enrolment(&world, elsewhere).await.refuses(400, "malformed");
    let mut guessed = claims.clone();
    guessed.nonce.0[0] ^= 1;
    let guessed = phone.enrol_body(&guessed);
    phone.post_enrolment(&world, guessed).await.refuses(400, "malformed");

    // Control: the same claims, rightly signed.
    assert_eq!(phone.enrol(&world, &offer).await.status, 201);
}

#[tokio::test]
async fn the_sixth_phone_is_refused_also_with_an_offer_of_before() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let early = world.offer(&session).await;
    for _ in 0..5 {
        world.active_phone(&session).await;
    }
    assert_eq!(offers::make(&world.service, &session).await.unwrap(), MakeOffer::TooManyPhones);
    // The early offer was void; made good again, the count itself must refuse.
    let revive = "UPDATE offers SET cancelled = 0";
    world.service.store().write(move |tx| Ok(tx.execute(revive, [])?)).await.unwrap();
    Phone::new().enrol(&world, &early).await.refuses(409, "too_many_phones");
}

#[tokio::test]
async fn a_phone_without_attestation_is_refused_where_it_is_required() {
    let world = World::with(|config| config.attestation = Attestation::Required).await;
    let offer = world.offer(&world.sign_in().await).await;
    Phone::new().enrol(&world, &offer).await.refuses(403, "attestation_required");
}

#[tokio::test]
async fn another_check_number_revokes_the_phone() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let offer = world.offer(&session).await;
    let mut phone = Phone::new();
    phone.enrol(&world, &offer).await;
    phone.list(&world).await;
    let no = offers::confirm(&world.service, &session, &offer.jti, false).await.unwrap();
    assert_eq!(no, ConfirmCheck::Revoked);
    let reply = phone.call(&world, "GET", "/push/v1/requests", String::new()).await;
    reply.refuses(401, "credential_revoked");
    assert_eq!(reply.problem().reason.unwrap().as_str(), "number_mismatch");
}

#[tokio::test]
async fn a_phone_whose_number_was_not_confirmed_is_not_tested() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let offer = world.offer(&session).await;
    let mut phone = Phone::new();
    phone.enrol(&world, &offer).await;
    let start = requests::start_test(&world.service, &session, &World::visitor(), &phone.id()).await;
    assert_eq!(start.unwrap(), Start::NotConfirmed);
}

#[tokio::test]
async fn a_set_up_that_takes_too_long_is_revoked() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let mut phone = world.pending_phone(&session).await;
    world.clock.advance(600);
    let claims = phone.assertion(&world);
    let reply = phone.post_assertion(&world, &claims).await;
    assert_eq!(reply.status, 401);
    assert_eq!(
        reply.body,
        r#"{"error":"invalid_client","code":"credential_revoked","reason":"setup_expired"}"#
    );
    assert!(factors::list(&world.service, &session.user.id).unwrap().phones.is_empty());
}

#[tokio::test]
async fn after_five_tests_in_vain_a_new_qr_code_is_needed() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let phone = world.pending_phone(&session).await;
    for _ in 0..5 {
        world.start_test(&session, &phone).await;
    }
    let start = requests::start_test(&world.service, &session, &World::visitor(), &phone.id()).await;
    assert_eq!(start.unwrap(), Start::SetUpAgain);
}
