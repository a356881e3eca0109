//! One scan, and what it leaves on both sides.

use authenticator_core::account::Kind;
use authenticator_core::authenticator::{EnrolmentState, NoSuch, PushError, Reconnected};
use authenticator_core::device::KeyKind;
use authenticator_core::push::enrolment::OfferError;
use authenticator_core::push::ids::RequestDigest;
use authenticator_core::push::jws;
use authenticator_core::push::wire::{Attestation, Offer};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use klink_service::config::Attestation as Wish;
use klink_service::push::offers::{self, OfferState};

use crate::world::{LOGO, Lose, World};

#[tokio::test(flavor = "multi_thread")]
async fn one_scan_leaves_push_an_account_for_codes_names_and_the_same_number_on_both_sides() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let offer = world.offer(&session).await;
    let phone = world.phone();
    let offered = phone.core.offer(&offer.link).unwrap();
    assert_eq!(format!("https://{}", offered.host()), world.origin);
    assert_eq!(world.count(""), 0, "the host is shown before anything is sent");
    let asked = phone.core.check_offer(&offered).await.unwrap();
    assert_eq!((asked.service(), asked.account_name()), ("Example Organisation", "tess"));
    assert_eq!(world.count(""), 1, "the key set, and nothing else");
    let enrolled = phone.core.enrol(&asked, &klink::phone::info("my phone")).await.unwrap();
    match offers::status(&world.service, &session, &offer.jti).unwrap().unwrap() {
        OfferState::Enrolled { check_number, name, .. } => {
            assert_eq!((check_number, name.as_str()), (enrolled.check_number.clone().unwrap(), "my phone"));
        }
        other => panic!("{other:?}"),
    }
    let [account] = &phone.core.list().unwrap()[..] else { panic!("one account") };
    assert_eq!((account.id, account.kind), (enrolled.account.unwrap(), Kind::Totp));
    let row = phone.enrolment().await;
    assert_eq!(row.account, Some(account.id), "and it goes on saying so");
    assert_eq!((row.state, row.check_number), (EnrolmentState::PendingTest, enrolled.check_number));
    assert_eq!(row.service.as_deref(), Some("Example Organisation"));
    assert_eq!(row.account_name.as_deref(), Some("tess"));
    assert_eq!(row.logo.as_deref(), Some(LOGO));
    assert!(!row.hardware);
    // The wrong number of the page is no number of the phone: the control is the same offer by another phone.
    let other = world.phone();
    let refused = other.enrol(&offer.link).await;
    assert!(
        matches!(refused, Err(PushError::Service { status: 409, ref code, .. }) if code == "qr_used"),
        "{refused:?}"
    );
    assert!(
        matches!(other.enrolment().await.state, EnrolmentState::Failed(Some(ref why)) if why == "qr_used")
    );
    assert!(other.core.list().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_that_is_typed_leads_to_the_same_offer() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let offer = world.offer(&session).await;
    let phone = world.phone();
    let offered = phone.core.offer_by_code(&offer.host, &offer.code).await.unwrap();
    let asked = phone.core.check_offer(&offered).await.unwrap();
    assert_eq!(asked.account_name(), "tess");
    let unknown = phone.core.offer_by_code(&offer.host, "0000-0000-0000").await;
    assert!(
        matches!(unknown, Err(PushError::Service { status: 404, ref code, .. }) if code == "unknown_code")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_vault_takes_no_enrolment_and_nothing_is_sent() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let offer = world.offer(&session).await;
    let phone = world.phone();
    let asked = phone.core.check_offer(&phone.core.offer(&offer.link).unwrap()).await.unwrap();
    phone.core.lock();
    assert!(matches!(phone.core.enrol(&asked, &klink::phone::info("p")).await, Err(PushError::Locked)));
    assert_eq!(world.count("/enrol"), 0);
    phone.unlock();
    assert!(phone.core.enrol(&asked, &klink::phone::info("p")).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_is_past_is_refused_by_the_services_clock() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let offer = world.offer(&session).await;
    let phone = world.phone();
    // This phone is ten minutes slow: by its own clock the offer is good still.
    phone.ahead.store(-600_000, std::sync::atomic::Ordering::SeqCst);
    world.clock.advance(301);
    let refused = phone.enrol(&offer.link).await;
    assert!(matches!(refused, Err(PushError::Offer(OfferError::Expired))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_reply_gets_the_same_reply_again_and_leaves_one_phone_and_one_account() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let offer = world.offer(&session).await;
    let phone = world.phone();
    world.lose("POST", "/enrol", Lose::Reply, 1);
    let enrolled = phone.enrol(&offer.link).await.unwrap();
    assert!(world.count("/enrol") >= 2, "it was sent again");
    assert_eq!(phone.core.list().unwrap().len(), 1);
    match offers::status(&world.service, &session, &offer.jti).unwrap().unwrap() {
        OfferState::Enrolled { check_number, .. } => assert_eq!(Some(check_number), enrolled.check_number),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_the_service_knew_the_phone_the_next_start_takes_the_enrolment_in() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let offer = world.offer(&session).await;
    let phone = world.phone();
    world.lose("POST", "/enrol", Lose::Reply, usize::MAX);
    assert!(matches!(phone.enrol(&offer.link).await, Err(PushError::Net(error)) if error.may_have_arrived()));
    let row = phone.enrolment().await;
    assert_eq!(row.state, EnrolmentState::Enrolling);
    world.lose_nothing();
    let phone = phone.again();
    let enrolled = phone.core.resume_enrolment(row.id).await.unwrap();
    assert_eq!(phone.enrolment().await.state, EnrolmentState::PendingTest);
    assert_eq!(phone.core.list().unwrap().len(), 1);
    match offers::status(&world.service, &session, &offer.jti).unwrap().unwrap() {
        OfferState::Enrolled { check_number, .. } => assert_eq!(Some(check_number), enrolled.check_number),
        other => panic!("{other:?}"),
    }
    assert!(matches!(phone.core.resume_enrolment(row.id).await, Err(PushError::NoSuch(NoSuch::Enrolment))));
}

/// Codes move with a backup, keys do not: the new phone says where it is not known yet.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_restore_the_services_to_enrol_with_again_are_named() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let old = world.active_phone(&session).await;
    assert_eq!(old.core.to_enrol_again().await.unwrap(), []);
    let new = world.restored(&old);
    assert_eq!(new.core.reconnected().await.unwrap(), Reconnected { done: 0, of: 1 });
    let [again] = &new.core.to_enrol_again().await.unwrap()[..] else { panic!("one service") };
    assert_eq!(format!("https://{}", again.host), world.origin);
    assert_eq!((again.service.as_str(), again.account_name.as_str()), ("Example Organisation", "tess"));
    // Locked it does not say; and enrolled again there is nothing to say any more.
    new.core.lock();
    assert!(matches!(new.core.to_enrol_again().await, Err(PushError::Locked)));
    new.unlock();
    let offer = world.offer(&session).await;
    new.enrol(&offer.link).await.unwrap();
    assert_eq!(new.core.to_enrol_again().await.unwrap(), []);
    assert_eq!(new.core.reconnected().await.unwrap(), Reconnected { done: 1, of: 1 });
}

/// privacyIDEA takes RSA alone. A device without it says so before a person is asked, and nothing is made or sent.
#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_takes_no_key_of_this_device_is_refused() {
    let world = World::new().await;
    let link = |scheme: &str| {
        format!(
            "{scheme}?url=https%3A//127.0.0.1%3A1/ttype/push&ttl=10&issuer=PI%20Test%20Bed&v=1&serial=PIPU00080D42\
            &enrollment_credential=fa0d364d313781db982648dfa96e750e77cde617&sslverify=1&poll_only=True"
        )
    };
    let session = world.sign_in().await;
    let offers = [
        (link("otpauth://pipush/alice"), KeyKind::Rsa2048),
        (link("edumfa-push://edumfa/alice"), KeyKind::P256),
        (world.offer(&session).await.link, KeyKind::P256),
    ];
    let phone = world.phone();
    for (text, needs) in offers {
        for holds in [KeyKind::P256, KeyKind::Rsa2048] {
            phone.faults.hold(&[holds]);
            let checked = phone.core.check_offer(&phone.core.offer(&text).unwrap()).await.map(drop);
            match checked {
                Ok(()) => assert_eq!(holds, needs, "{text}"),
                Err(PushError::Offer(OfferError::KeyKind)) => assert_ne!(holds, needs, "{text}"),
                Err(other) => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(phone.core.enrolments().await.unwrap(), []);
}

/// What the device says of both keys reaches the service as it is, bound to the offer, where the service asks for it.
#[tokio::test(flavor = "multi_thread")]
async fn an_attestation_is_asked_for_this_offer_and_kept_as_it_came() {
    for wish in [Wish::None, Wish::Wanted, Wish::Required] {
        let world = World::with(|config, _| config.attestation = wish).await;
        let session = world.sign_in().await;
        let offer = world.offer(&session).await;
        let mut phone = world.phone();
        phone.faults.attest();
        phone.enrol(&offer.link).await.unwrap();
        phone.found().await;
        let sql = "SELECT attestation FROM credentials";
        let kept = world
            .service
            .store()
            .read(|conn| Ok(conn.query_row(sql, [], |row| row.get::<_, Option<String>>(0))?));
        let Some(kept) = kept.unwrap() else {
            assert_eq!(wish, Wish::None);
            continue;
        };
        assert_ne!(wish, Wish::None);
        let kept: Attestation = serde_json::from_str(&kept).unwrap();
        let (_, text) = offer.link.split_once('#').unwrap();
        let claims = jws::parse::<Offer>(text).unwrap().claims_before_verifying().unwrap();
        let challenge = RequestDigest::of(&format!("{}{}", claims.jti, claims.nonce)).0;
        for (said, key) in [(&kept.device, "device"), (&kept.approval, "approval")] {
            let expected = [challenge.as_slice(), phone.alias(key).as_bytes()].concat();
            assert_eq!((kept.fmt.as_str(), URL_SAFE_NO_PAD.decode(said).unwrap()), ("test", expected));
        }
    }
}

/// The control of it: a device that says nothing is as good, but where the service asks for no other.
#[tokio::test(flavor = "multi_thread")]
async fn a_phone_without_attestation_is_refused_only_where_one_is_required() {
    for wish in [Wish::Wanted, Wish::Required] {
        let world = World::with(|config, _| config.attestation = wish).await;
        let session = world.sign_in().await;
        let phone = world.phone();
        match phone.enrol(&world.offer(&session).await.link).await {
            Ok(_) => assert_eq!(wish, Wish::Wanted),
            Err(PushError::Service { status: 403, code, .. }) => {
                assert_eq!((wish, code.as_str()), (Wish::Required, "attestation_required"));
                let reason = Some("attestation_required".to_owned());
                assert_eq!(phone.enrolment().await.state, EnrolmentState::Failed(reason));
            }
            Err(other) => panic!("{other:?}"),
        }
    }
}
