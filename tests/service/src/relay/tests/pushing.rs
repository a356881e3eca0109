use super::*;
use crate::outgoing::{self, Reach, Speaks};
use crate::webpush::{Addresses, Outcome, Pace, PushAddress, Sender, Vapid, WakeUp};
use authenticator_core::push::ids::Id;
use authenticator_core::push::wakeup::Wakeup;
use std::time::Duration;

fn opened(bench: &Bench, carried: &Value) -> Vec<u8> {
    let body = B64.decode(carried.as_str().unwrap()).unwrap();
    bench.phone.open(&body).unwrap().expose().to_vec()
}

#[tokio::test]
async fn a_push_reaches_googles_service_sealed_as_it_came() {
    let bench = Bench::new().await;
    let endpoint = bench.subscribe("fcm").await;
    let response = bench.call(bench.push(&endpoint)).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    assert_eq!(response.headers()["ttl"], "60");
    assert!(response.headers()["location"].to_str().unwrap().starts_with("https://relay.example.org/m/"));
    let messages = bench.google.seen.messages.lock().unwrap();
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0]["token"], FCM_TOKEN);
    assert_eq!(messages[0]["android"], json!({"priority": "HIGH", "ttl": "60s", "collapse_key": "dG9waWM"}));
    assert_eq!(opened(&bench, &messages[0]["data"]["wakeup"]), b"two ids");
}

#[tokio::test]
async fn a_push_reaches_apples_service_sealed_as_it_came() {
    let bench = Bench::new().await;
    let endpoint = bench.subscribe("apns").await;
    assert_eq!(bench.call(bench.push(&endpoint)).await.status(), StatusCode::CREATED);
    let messages = bench.apple.seen.messages.lock().unwrap();
    let (path, headers, payload) = &messages[0];
    assert_eq!(*path, format!("/3/device/{APNS_TOKEN}"));
    assert_eq!(headers["apns-priority"], "10");
    assert_eq!(headers["apns-expiration"], (NOW + 60).to_string());
    assert_eq!(headers["apns-collapse-id"], "dG9waWM");
    assert_eq!(opened(&bench, &payload["wakeup"]), b"two ids");
}

#[tokio::test]
async fn only_the_service_that_the_endpoint_was_made_for_is_taken() {
    let bench = Bench::new().await;
    let endpoint = bench.subscribe("fcm").await;
    let origin = "https://relay.example.org";
    let other = PrivateKey::make().unwrap();
    let good = signed(&bench.service, origin, NOW + 3600);
    let (token, _) = good.split_once(", k=").unwrap();
    let others_name = format!("{token}, k={}", B64.encode(other.public().sec1()));
    for (authorization, expected) in [
        (None, (401, "vapid_missing")),
        (Some("Bearer abc".to_owned()), (401, "vapid_malformed")),
        (Some(token.to_owned()), (401, "vapid_malformed")),
        (Some(others_name), (403, "vapid_signature")),
        (Some(signed(&other, origin, NOW + 3600)), (403, "vapid_other_key")),
        (Some(signed(&bench.service, "https://other.example", NOW + 3600)), (403, "vapid_audience")),
        (Some(signed(&bench.service, origin, NOW)), (403, "vapid_expired")),
        (Some(signed(&bench.service, origin, NOW + 24 * 3600 + 1)), (403, "vapid_expired")),
    ] {
        let mut request = bench.push(&endpoint);
        request.headers_mut().remove("authorization");
        if let Some(authorization) = &authorization {
            request.headers_mut().insert("authorization", authorization.parse().unwrap());
        }
        let response = bench.call(request).await;
        let asks = response.headers().get("www-authenticate").is_some_and(|value| value == "vapid");
        assert_eq!(asks, expected.0 == 401);
        assert_eq!(code_of(response).await, (expected.0, expected.1.to_owned()), "{authorization:?}");
    }
    assert!(bench.google.seen.messages.lock().unwrap().is_empty());
    // The control: the service itself.
    assert_eq!(bench.call(bench.push(&endpoint)).await.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn pushes_of_another_form_are_refused() {
    let bench = Bench::new().await;
    let endpoint = bench.subscribe("fcm").await;
    for (name, value, expected) in [
        ("ttl", None, (400, "ttl_missing")),
        ("ttl", Some("soon"), (400, "ttl")),
        ("ttl", Some("-1"), (400, "ttl")),
        ("content-encoding", None, (415, "content_encoding")),
        ("content-encoding", Some("aesgcm"), (415, "content_encoding")),
        ("urgency", Some("now"), (400, "urgency")),
        ("topic", Some(""), (400, "topic")),
        ("topic", Some("a b"), (400, "topic")),
        ("topic", Some("123456789012345678901234567890123"), (400, "topic")),
    ] {
        let mut request = bench.push(&endpoint);
        request.headers_mut().remove(name);
        if let Some(value) = value {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        assert_eq!(
            code_of(bench.call(request).await).await,
            (expected.0, expected.1.to_owned()),
            "{name} {value:?}"
        );
    }
    let empty = bench.push_of(&endpoint, Vec::new(), &bench.service);
    assert_eq!(code_of(bench.call(empty).await).await.1, "empty");
    let large = bench.push_of(&endpoint, vec![7; MOST_BODY + 1], &bench.service);
    assert_eq!(bench.call(large).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let unknown = bench.push("https://relay.example.org/p/AAAAAAAAAAAAAAAAAAAAAA");
    assert_eq!(code_of(bench.call(unknown).await).await, (404, "unknown_subscription".to_owned()));
    assert!(bench.google.seen.messages.lock().unwrap().is_empty());
}

/// The stand-ins assert the vendors' 4096 bytes.
#[tokio::test]
async fn the_largest_body_fits_into_what_both_vendors_take() {
    let bench = Bench::new().await;
    for kind in ["fcm", "apns"] {
        let endpoint = bench.subscribe(kind).await;
        let push = bench.push_of(&endpoint, vec![0xff; MOST_BODY], &bench.service);
        assert_eq!(bench.call(push).await.status(), StatusCode::CREATED);
    }
    // As much larger as one more step of base64 no longer fits Apple's payload.
    let around = bench.apple.seen.messages.lock().unwrap()[0].2.to_string().len();
    assert!(around > 4096 - 350, "{around}: the cap could be higher");
}

#[tokio::test]
async fn what_a_vendor_answers_becomes_what_web_push_says() {
    let fcm = |status: u16, code: &str| {
        let kind = "type.googleapis.com/google.firebase.fcm.v1.FcmError";
        (status, json!({"error": {"code": status, "details": [{"@type": kind, "errorCode": code}]}}), None)
    };
    let apns = |status: u16, reason: &str| (status, json!({"reason": reason}), None);
    for (kind, answer, expected, kept) in [
        ("fcm", fcm(404, "UNREGISTERED"), (410, "unsubscribed"), false),
        ("fcm", fcm(403, "SENDER_ID_MISMATCH"), (410, "unsubscribed"), false),
        ("fcm", fcm(503, "UNAVAILABLE"), (503, "vendor_busy"), true),
        ("fcm", fcm(429, "QUOTA_EXCEEDED"), (503, "vendor_busy"), true),
        (
            "fcm",
            (403, json!({"error": {"status": "PERMISSION_DENIED"}}), None),
            (502, "vendor_refused"),
            true,
        ),
        ("fcm", (200, json!("rubbish"), None), (201, ""), true),
        ("fcm", (302, json!("rubbish"), None), (502, "vendor_refused"), true),
        ("apns", apns(410, "Unregistered"), (410, "unsubscribed"), false),
        ("apns", apns(400, "BadDeviceToken"), (410, "unsubscribed"), false),
        ("apns", apns(413, "PayloadTooLarge"), (413, "too_large"), true),
        ("apns", apns(429, "TooManyRequests"), (503, "vendor_busy"), true),
        ("apns", apns(503, "Shutdown"), (503, "vendor_busy"), true),
        ("apns", apns(403, "InvalidProviderToken"), (502, "vendor_refused"), true),
        ("apns", (400, json!("rubbish"), None), (502, "vendor_refused"), true),
    ] {
        let bench = Bench::new().await;
        let endpoint = bench.subscribe(kind).await;
        let answers = if kind == "fcm" { &bench.google.seen.answers } else { &bench.apple.seen.answers };
        answers.lock().unwrap().push_back(answer.clone());
        let response = bench.call(bench.push(&endpoint)).await;
        if expected.0 == 201 {
            assert_eq!(response.status(), StatusCode::CREATED);
        } else {
            assert_eq!(response.headers().contains_key("retry-after"), expected.0 == 503);
            assert_eq!(code_of(response).await, (expected.0, expected.1.to_owned()), "{answer:?}");
        }
        let again = bench.call(bench.push(&endpoint)).await.status();
        assert_eq!(again, if kept { StatusCode::CREATED } else { StatusCode::NOT_FOUND }, "{answer:?}");
    }
}

#[tokio::test]
async fn the_time_that_google_asks_for_is_passed_on() {
    let bench = Bench::new().await;
    let endpoint = bench.subscribe("fcm").await;
    bench.google.seen.answers.lock().unwrap().push_back((503, json!({}), Some("17")));
    assert_eq!(bench.call(bench.push(&endpoint)).await.headers()["retry-after"], "17");
}

#[tokio::test]
async fn googles_access_token_is_kept_renewed_in_time_and_renewed_when_refused() {
    let bench = Bench::new().await;
    let endpoint = bench.subscribe("fcm").await;
    let tokens = || bench.google.seen.tokens.load(Ordering::SeqCst);
    for (passed, given_out) in [(0, 1), (3290, 1), (10, 2), (1000, 2)] {
        bench.clock.fetch_add(passed, Ordering::SeqCst);
        assert_eq!(bench.call(bench.push(&endpoint)).await.status(), StatusCode::CREATED);
        assert_eq!(tokens(), given_out, "after {passed} s more");
    }
    let refused = (401, json!({"error": {"status": "UNAUTHENTICATED"}}), None);
    bench.google.seen.answers.lock().unwrap().push_back(refused.clone());
    assert_eq!(bench.call(bench.push(&endpoint)).await.status(), StatusCode::CREATED);
    assert_eq!(tokens(), 3);
    bench.google.seen.answers.lock().unwrap().extend([refused.clone(), refused]);
    assert_eq!(code_of(bench.call(bench.push(&endpoint)).await).await, (502, "vendor_refused".to_owned()));
}

#[tokio::test]
async fn without_an_access_token_nothing_is_sent_and_nobody_is_dropped() {
    let bench = Bench::new().await;
    let endpoint = bench.subscribe("fcm").await;
    for (status, expected) in [(400, (502, "vendor_refused")), (503, (503, "vendor_busy"))] {
        *bench.google.seen.no_token.lock().unwrap() = Some(status);
        assert_eq!(
            code_of(bench.call(bench.push(&endpoint)).await).await,
            (expected.0, expected.1.to_owned())
        );
    }
    assert!(bench.google.seen.messages.lock().unwrap().is_empty());
    *bench.google.seen.no_token.lock().unwrap() = None;
    assert_eq!(bench.call(bench.push(&endpoint)).await.status(), StatusCode::CREATED);
}

/// The stand-in asserts that tokens are younger than an hour and change at most every 20 minutes.
#[tokio::test]
async fn apples_provider_token_is_neither_too_old_nor_changed_too_often() {
    let bench = Bench::new().await;
    let endpoint = bench.subscribe("apns").await;
    for _ in 0..20 {
        bench.clock.fetch_add(10 * 60, Ordering::SeqCst);
        assert_eq!(bench.call(bench.push(&endpoint)).await.status(), StatusCode::CREATED);
    }
    assert_eq!(bench.apple.seen.tokens.lock().unwrap().len(), 4, "200 minutes, a token per 50");
    let expired = (403, json!({"reason": "ExpiredProviderToken"}), None);
    bench.apple.seen.answers.lock().unwrap().push_back(expired.clone());
    bench.clock.fetch_add(25 * 60, Ordering::SeqCst);
    assert_eq!(bench.call(bench.push(&endpoint)).await.status(), StatusCode::CREATED);
    // One that was just made is not made anew.
    bench.apple.seen.answers.lock().unwrap().extend([expired.clone(), expired]);
    assert_eq!(bench.call(bench.push(&endpoint)).await.status(), StatusCode::BAD_GATEWAY);
}

struct Kept;

impl Addresses for Kept {
    fn drop_address<'a>(&'a self, _: Id, _: &'a str) -> futures_util::future::BoxFuture<'a, ()> {
        Box::pin(async {})
    }
}

/// The service's own sender, the relay over https, both vendors: a wake-up from end to end.
#[tokio::test]
async fn a_wake_up_of_the_service_reaches_the_phone_through_the_relay() {
    let slot = Arc::new(Mutex::new(None::<axum::Router>));
    let serving = slot.clone();
    let front = StandIn::serve(axum::Router::new().fallback(move |request: Request<Body>| {
        let router = serving.lock().unwrap().clone().unwrap();
        async move { router.oneshot(request).await.unwrap() }
    }))
    .await;
    let bench = Bench::with(LimitsConfig::default(), &front.origin).await;
    *slot.lock().unwrap() = Some(bench.router.clone());

    let key = ring::signature::EcdsaKeyPair::generate_pkcs8(
        &ring::signature::ECDSA_P256_SHA256_FIXED_SIGNING,
        &ring::rand::SystemRandom::new(),
    )
    .unwrap();
    let vapid = Vapid::from_pkcs8(key.as_ref(), "mailto:admin@example.org").unwrap();
    let (tell, mut outcomes) = tokio::sync::mpsc::unbounded_channel();
    let tell = move |outcome| tell.send(outcome).unwrap();
    let client = outgoing::client(Some(front.authority.as_bytes()), Reach::Anywhere, Speaks::Either).unwrap();
    let sender = Sender::new(client, vapid, Arc::new(Kept), || NOW, Pace::default(), tell);
    for (kind, token) in [("fcm", FCM_TOKEN), ("apns", APNS_TOKEN)] {
        let asked = json!({"kind": kind, "token": token, "vapid": sender.public_key()});
        let endpoint =
            json_of(bench.call(subscription(&asked)).await).await["endpoint"].as_str().unwrap().to_owned();
        let keys = bench.phone.subscription();
        let address = PushAddress::check(&endpoint, &keys.p256dh(), &keys.auth(), Reach::Anywhere).unwrap();
        let account = "account".to_owned();
        sender.wake(WakeUp {
            address,
            account,
            credential: Id([1; 16]),
            request: Id([2; 16]),
            expires_at: NOW + 60,
        });
        let outcome = tokio::time::timeout(Duration::from_secs(60), outcomes.recv()).await.unwrap();
        assert_eq!(outcome, Some(Outcome::Delivered));
    }
    let carried = [
        bench.google.seen.messages.lock().unwrap()[0]["data"]["wakeup"].clone(),
        bench.apple.seen.messages.lock().unwrap()[0].2["wakeup"].clone(),
    ];
    for body in carried {
        let read = bench.phone.read(&B64.decode(body.as_str().unwrap()).unwrap());
        assert_eq!(read, Ok(Wakeup { v: 1, c: Id([1; 16]), r: Id([2; 16]) }));
    }
}
