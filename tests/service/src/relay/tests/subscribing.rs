use super::*;
use axum::http::HeaderValue;

fn asked(kind: &str, token: &str, vapid: &str) -> Request<Body> {
    subscription(&json!({"kind": kind, "token": token, "vapid": vapid}))
}

fn some_key() -> String {
    B64.encode(PrivateKey::make().unwrap().public().sec1())
}

#[tokio::test]
async fn an_endpoint_is_of_this_relay_and_new_each_time() {
    let bench = Bench::new().await;
    let (a, b) = (bench.subscribe("fcm").await, bench.subscribe("fcm").await);
    assert!(
        a.starts_with("https://relay.example.org/p/") && a.len() == "https://relay.example.org/p/".len() + 22
    );
    assert_ne!(a, b, "two accounts of one phone must not be seen to be of one phone");
}

#[tokio::test]
async fn what_is_no_subscription_is_refused() {
    let bench = Bench::new().await;
    let key = some_key();
    for (request, expected) in [
        (asked("sms", FCM_TOKEN, &key), "unknown_kind"),
        (asked("fcm", "short", &key), "malformed"),
        (asked("fcm", &"x".repeat(1025), &key), "malformed"),
        (asked("fcm", "with a space in the middle", &key), "malformed"),
        (asked("apns", "../../../etc/passwd?aaaaaaaaaaaaaaaaaaaaa", &key), "malformed"),
        (asked("apns", &"a".repeat(63), &key), "malformed"),
        (asked("fcm", FCM_TOKEN, ""), "malformed"),
        (asked("fcm", FCM_TOKEN, &key[..86]), "malformed"),
        (asked("fcm", FCM_TOKEN, &B64.encode([4; 65])), "malformed"),
        (Request::post("/v1/subscriptions").body(Body::from("{")).unwrap(), "malformed"),
        (Request::post("/v1/subscriptions").body(Body::empty()).unwrap(), "malformed"),
    ] {
        assert_eq!(code_of(bench.call(request).await).await, (400, expected.to_owned()));
    }
    assert_eq!(bench.call(asked("fcm", FCM_TOKEN, &key)).await.status(), StatusCode::CREATED);
    assert_eq!(
        bench.call(asked("apns", &APNS_TOKEN.to_uppercase(), &key)).await.status(),
        StatusCode::CREATED
    );
}

#[tokio::test]
async fn a_kind_that_is_not_set_up_is_refused() {
    let bench = Bench::new().await;
    let mut config = bench.config.clone();
    config.apns = None;
    let router = open(&config, &bench.clock).router();
    let response = call(&router, asked("apns", APNS_TOKEN, &some_key()), "192.0.2.1:1").await;
    assert_eq!(code_of(response).await, (400, "unknown_kind".to_owned()));
    config.fcm = None;
    assert!(matches!(Relay::open(&config, || NOW), Err(RelayError::Config(RelayConfigError::NoVendor))));
}

#[tokio::test]
async fn one_address_makes_so_many_subscriptions_an_hour_and_no_more() {
    let limits = LimitsConfig { subscriptions_per_hour: 3, ..LimitsConfig::default() };
    let bench = Bench::with(limits, "https://relay.example.org").await;
    let key = some_key();
    let from = async |peer: &str| call(&bench.router, asked("fcm", FCM_TOKEN, &key), peer).await;
    for _ in 0..3 {
        assert_eq!(from("192.0.2.7:1").await.status(), StatusCode::CREATED);
    }
    let response = from("192.0.2.7:2").await;
    assert_eq!(response.headers()["retry-after"], "1200");
    assert_eq!(code_of(response).await, (429, "rate_limited".to_owned()));
    assert_eq!(from("192.0.2.8:1").await.status(), StatusCode::CREATED);
    bench.clock.fetch_add(1200, Ordering::SeqCst);
    assert_eq!(from("192.0.2.7:3").await.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn the_proxys_word_on_an_address_counts_only_where_there_is_a_proxy() {
    let limits = LimitsConfig { subscriptions_per_hour: 1, ..LimitsConfig::default() };
    let bench = Bench::with(limits, "https://relay.example.org").await;
    let key = some_key();
    let forwarded = |list: &str| {
        let mut request = asked("fcm", FCM_TOKEN, &key);
        request.headers_mut().insert("x-forwarded-for", HeaderValue::from_str(list).unwrap());
        request
    };
    assert_eq!(bench.call(forwarded("203.0.113.1")).await.status(), StatusCode::CREATED);
    assert_eq!(bench.call(forwarded("203.0.113.2")).await.status(), StatusCode::TOO_MANY_REQUESTS, "made up");
    let mut config = bench.config.clone();
    config.behind_proxy = true;
    let router = open(&config, &bench.clock).router();
    let through = async |list: &str| call(&router, forwarded(list), "127.0.0.1:1").await.status();
    assert_eq!(through("203.0.113.1").await, StatusCode::CREATED);
    assert_eq!(through("203.0.113.2").await, StatusCode::CREATED);
    assert_eq!(
        through("198.51.100.1, 203.0.113.2").await,
        StatusCode::TOO_MANY_REQUESTS,
        "only the last is the proxy's"
    );
}

#[tokio::test]
async fn one_token_has_so_many_subscriptions_and_no_more() {
    let limits = LimitsConfig { subscriptions_per_token: 2, ..LimitsConfig::default() };
    let bench = Bench::with(limits, "https://relay.example.org").await;
    let first = bench.subscribe("fcm").await;
    bench.subscribe("fcm").await;
    let key = some_key();
    let response = bench.call(asked("fcm", FCM_TOKEN, &key)).await;
    assert_eq!(code_of(response).await, (429, "too_many_subscriptions".to_owned()));
    let end = || Request::delete(&first).body(Body::empty()).unwrap();
    assert_eq!(bench.call(end()).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(bench.call(end()).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(bench.call(asked("fcm", FCM_TOKEN, &key)).await.status(), StatusCode::CREATED);
    assert_eq!(bench.call(bench.push(&first)).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_address_is_ended_by_whoever_knows_all_of_it_and_by_nobody_else() {
    let bench = Bench::new().await;
    let (ours, other) = (bench.subscribe("fcm").await, bench.subscribe("apns").await);
    let id = ours.rsplit('/').next().unwrap();
    let end = async |url: &str| bench.call(Request::delete(url).body(Body::empty()).unwrap()).await;
    let pushed = async |url: &str| bench.call(bench.push(url)).await.status();
    for guess in [
        &id[..21],
        &format!("{id}A"),
        &format!("{id}/"),
        &format!("{id}%00"),
        &B64.encode([0; 16]),
        // What a copy of the database has.
        &B64.encode(store::row(id)),
        "",
        "..",
        "%25",
        "%27%20OR%201=1%20--",
        &"A".repeat(4000),
    ] {
        let response = end(&format!("https://relay.example.org/p/{guess}")).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{guess}");
    }
    assert_eq!(
        end("https://relay.example.org/v1/subscriptions").await.status(),
        StatusCode::METHOD_NOT_ALLOWED
    );
    assert_eq!((pushed(&ours).await, pushed(&other).await), (StatusCode::CREATED, StatusCode::CREATED));
    assert_eq!(end(&ours).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(code_of(end(&ours).await).await, (404, "unknown_subscription".to_owned()));
    assert_eq!((pushed(&ours).await, pushed(&other).await), (StatusCode::NOT_FOUND, StatusCode::CREATED));
    let router = open(&bench.config, &bench.clock).router();
    assert_eq!(call(&router, bench.push(&ours), "192.0.2.1:1").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_service_that_pushes_too_much_is_slowed_and_nobody_else_can_use_up_its_room() {
    let limits = LimitsConfig { pushes_per_minute: 2, ..LimitsConfig::default() };
    let bench = Bench::with(limits, "https://relay.example.org").await;
    let endpoint = bench.subscribe("fcm").await;
    let stranger = PrivateKey::make().unwrap();
    for _ in 0..5 {
        let push = bench.push_of(&endpoint, vec![1; 100], &stranger);
        assert_eq!(bench.call(push).await.status(), StatusCode::FORBIDDEN);
    }
    for _ in 0..2 {
        assert_eq!(bench.call(bench.push(&endpoint)).await.status(), StatusCode::CREATED);
    }
    let response = bench.call(bench.push(&endpoint)).await;
    assert_eq!(response.headers()["retry-after"], "30");
    assert_eq!(code_of(response).await, (429, "rate_limited".to_owned()));
    assert_eq!(bench.google.seen.messages.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn after_a_restart_endpoints_work_as_before() {
    let bench = Bench::new().await;
    let endpoint = bench.subscribe("apns").await;
    let router = open(&bench.config, &bench.clock).router();
    assert_eq!(call(&router, bench.push(&endpoint), "192.0.2.1:1").await.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn ten_thousand_subscriptions_are_found_each() {
    let bench = Bench::new().await;
    let vapid = *bench.service.public().sec1();
    let many = move |db: &mut store::Database| {
        db.fill_without_waiting()?;
        for n in 0..10_000 {
            let token = format!("token-of-phone-number-{n}").as_str().into();
            assert!(db.add(&format!("id-{n}"), vendor::Kind::Fcm, &token, &vapid, 1, NOW)?);
        }
        Ok(())
    };
    bench.relay.0.store.run(many).await.unwrap();
    for n in [0, 1, 4_999, 9_999] {
        let push = bench.push(&format!("https://relay.example.org/p/id-{n}"));
        assert_eq!(bench.call(push).await.status(), StatusCode::CREATED);
        let token = bench.google.seen.messages.lock().unwrap().last().unwrap()["token"].clone();
        assert_eq!(token, format!("token-of-phone-number-{n}"));
    }
    let operators = bench.relay.operators_router();
    let metrics =
        call(&operators, Request::get("/metrics").body(Body::empty()).unwrap(), "127.0.0.1:1").await;
    let text = axum::body::to_bytes(metrics.into_body(), 64 * 1024).await.unwrap();
    let text = String::from_utf8(text.to_vec()).unwrap();
    assert!(text.contains("klink_relay_subscriptions 10000\n"), "{text}");
    assert!(text.contains("klink_relay_pushes_total{kind=\"fcm\",outcome=\"sent\"} 4\n"), "{text}");
    assert!(!text.contains("token-of-phone"));
    bench.clock.fetch_add(FORGOTTEN_AFTER_S + 24 * 3600, Ordering::SeqCst);
    assert_eq!(bench.relay.forget_unused().await.unwrap(), 10_000);
}

#[tokio::test]
async fn health_is_told_and_metrics_are_not_for_the_world() {
    let bench = Bench::new().await;
    let get = |path: &str| Request::get(path).body(Body::empty()).unwrap();
    assert_eq!(bench.call(get("/healthz")).await.status(), StatusCode::OK);
    assert_eq!(bench.call(get("/metrics")).await.status(), StatusCode::NOT_FOUND);
}
