//! What all calls have in common: tokens, proofs, headers; and the test that a phone asks for itself.

use authenticator_core::crypto::p256::PrivateKey;
use authenticator_core::push::clock::parse_date;
use authenticator_core::push::dpop::{self, Call};
use authenticator_core::push::ids::Id;
use authenticator_core::push::wire::TestReply;
use klink_service::accounts::Stage;
use klink_service::config::AndroidApp;

use crate::phone::Phone;
use crate::world::{ORIGIN, World};

const LIST: &str = "/push/v1/requests";

async fn with_phone() -> (World, Phone) {
    let world = World::new().await;
    let mut phone = world.active_phone(&world.sign_in().await).await;
    phone.list(&world).await;
    (world, phone)
}

#[tokio::test]
async fn a_call_without_a_good_token_is_refused() {
    let (world, mut phone) = with_phone().await;
    world.call("GET", LIST, &[], String::new()).await.refuses(401, "invalid_token");
    let token = phone.token.clone();
    let header = [("authorization", format!("Bearer {}", token.clone().unwrap()))];
    world.call("GET", LIST, &header, String::new()).await.refuses(401, "invalid_token");
    let wrong = phone.proven(&world, "GET", LIST, Some("x".repeat(43)), String::new()).await;
    wrong.refuses(401, "invalid_token");
    // Another key than the one that the token is bound to.
    let bound = std::mem::replace(&mut phone.dpop, PrivateKey::make().unwrap());
    phone.proven(&world, "GET", LIST, token.clone(), String::new()).await.refuses(401, "invalid_token");
    phone.dpop = bound;
    assert_eq!(phone.proven(&world, "GET", LIST, token.clone(), String::new()).await.status, 200);
    world.clock.advance(601);
    phone.proven(&world, "GET", LIST, token, String::new()).await.refuses(401, "invalid_token");
}

#[tokio::test]
async fn a_proof_is_for_one_call_of_this_service_and_good_once() {
    let (world, phone) = with_phone().await;
    let token = phone.token.clone().unwrap();
    let nonce = phone.nonce.as_deref();
    let send = async |proof: Option<String>| {
        let mut headers = vec![("authorization", format!("DPoP {token}"))];
        headers.extend(proof.map(|proof| ("dpop", proof)));
        world.call("GET", LIST, &headers, String::new()).await
    };
    let prove = |method: &str, url: &str, token: &str, nonce| {
        let call = Call { method, url, token: Some(token) };
        Some(dpop::prove(&phone.dpop, &call, phone.now(&world), nonce).unwrap())
    };
    let url = format!("{ORIGIN}{LIST}");
    send(None).await.refuses(401, "invalid_dpop_proof");
    send(Some("nonsense".to_owned())).await.refuses(401, "invalid_dpop_proof");
    send(prove("POST", &url, &token, nonce)).await.refuses(401, "invalid_dpop_proof");
    send(prove("GET", "https://other.test/push/v1/requests", &token, nonce))
        .await
        .refuses(401, "invalid_dpop_proof");
    send(prove("GET", &url, "another token", nonce)).await.refuses(401, "invalid_dpop_proof");
    send(prove("GET", &url, &token, None)).await.refuses(401, "use_dpop_nonce");
    send(prove("GET", &url, &token, Some("guessed"))).await.refuses(401, "use_dpop_nonce");
    let good = prove("GET", &url, &token, nonce);
    assert_eq!(send(good.clone()).await.status, 200);
    send(good).await.refuses(401, "invalid_dpop_proof");
}

#[tokio::test]
async fn a_phone_ten_minutes_off_is_served_with_a_nonce_and_eleven_is_not() {
    for (ahead_s, good) in [(590, true), (-590, true), (660, false), (-660, false)] {
        let (world, mut phone) = with_phone().await;
        phone.ahead_s = ahead_s;
        let token = phone.token.clone();
        let reply = phone.proven(&world, "GET", LIST, token, String::new()).await;
        assert_eq!(reply.status == 200, good, "{ahead_s}");
    }
}

#[tokio::test]
async fn a_nonce_is_good_for_ten_minutes() {
    let (world, mut phone) = with_phone().await;
    let nonce = phone.nonce.clone();
    world.clock.advance(601);
    let call = Call { method: "POST", url: "https://service.test/push/v1/token", token: None };
    let proof = dpop::prove(&phone.dpop, &call, phone.now(&world), nonce.as_deref()).unwrap();
    let reply = world.call("POST", "/push/v1/token", &[("dpop", proof)], String::new()).await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (400, r#"{"error":"use_dpop_nonce"}"#));
    phone.token = None;
    phone.list(&world).await;
}

#[tokio::test]
async fn an_assertion_is_good_once_in_its_time_for_this_service_by_the_device_key() {
    let (world, mut phone) = with_phone().await;
    let good = phone.assertion(&world);
    assert_eq!(phone.post_assertion(&world, &good).await.status, 200);
    let invalid = r#"{"error":"invalid_client"}"#;
    let mut wrong = vec![good.clone()];
    let mut change = |to: &dyn Fn(&mut authenticator_core::push::wire::Assertion)| {
        let mut claims = phone.assertion(&world);
        to(&mut claims);
        wrong.push(claims);
    };
    change(&|claims| claims.aud = "https://other.test".parse().unwrap());
    change(&|claims| claims.sub = Id([7; 16]));
    change(&|claims| claims.iss = Id([7; 16]));
    change(&|claims| claims.exp = claims.iat.plus_s(61));
    change(&|claims| (claims.iat, claims.exp) = (claims.iat.plus_s(-200), claims.exp.plus_s(-200)));
    change(&|claims| (claims.iat, claims.exp) = (claims.iat.plus_s(200), claims.exp.plus_s(200)));
    for claims in &wrong {
        let reply = phone.post_assertion(&world, claims).await;
        assert_eq!((reply.status.as_u16(), reply.body.as_str()), (401, invalid));
    }
    let device = std::mem::replace(&mut phone.device, PrivateKey::make().unwrap());
    let claims = phone.assertion(&world);
    assert_eq!(phone.post_assertion(&world, &claims).await.body, invalid);
    phone.device = device;
    let reply = phone.post_form(&world, "grant_type=password".to_owned()).await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (400, r#"{"error":"invalid_request"}"#));
    let reply = phone.post_form(&world, "x".repeat(9000)).await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (413, r#"{"error":"invalid_request"}"#));
    let reply = world.call("POST", "/push/v1/token", &[], String::new()).await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (400, r#"{"error":"invalid_dpop_proof"}"#));
}

#[tokio::test]
async fn every_answer_tells_the_services_time_and_is_not_kept() {
    let world = World::new().await;
    world.clock.advance(7200);
    for path in ["/healthz", LIST, "/.well-known/jwks.json", "/nowhere"] {
        let reply = world.call("GET", path, &[], String::new()).await;
        let told = parse_date(reply.header("date")).unwrap_or_else(|| panic!("{path}")).seconds();
        assert!((world.clock.now() - told).abs() <= 2, "{path}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
    }
    let reply = world.call("GET", LIST, &[], String::new()).await;
    assert_eq!(reply.header("cache-control"), "no-store");
}

#[tokio::test]
async fn the_account_screens_test_brings_its_number_and_activates_nothing() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let mut phone = world.pending_phone(&session).await;
    for n in 0..5 {
        let reply = phone.call(&world, "POST", "/push/v1/test", String::new()).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        let test: TestReply = serde_json::from_str(&reply.body).unwrap();
        if n == 0 {
            assert_eq!(phone.approve(&world, &test.jti.to_string(), &test.matching).await.status, 200);
        }
    }
    assert_eq!(world.again(&session).unwrap().stage, Stage::MustEnrol);
    let limited = phone.call(&world, "POST", "/push/v1/test", String::new()).await;
    limited.refuses(429, "rate_limited");
    assert!(limited.header("retry-after").parse::<i64>().unwrap() > 80_000);
}

#[tokio::test]
async fn an_unknown_request_is_not_found_and_another_phones_neither() {
    let (world, mut phone) = with_phone().await;
    let unknown = format!("{LIST}/{}", Id::make().unwrap());
    phone.call(&world, "GET", &unknown, String::new()).await.refuses(404, "unknown_request");
    let session = world.sign_in().await;
    let asked = world.ask(&session).await;
    phone.state(&world, &asked.id).await;
}

#[tokio::test]
async fn health_and_metrics_answer_and_links_are_configured() {
    let world = World::with(|config| {
        config.apps.apple = vec!["TEAM.org.example.app".to_owned()];
        let fingerprints = vec!["AB:CD".to_owned()];
        config.apps.android = vec![AndroidApp { package: "org.example".to_owned(), fingerprints }];
    })
    .await;
    assert_eq!(world.call("GET", "/healthz", &[], String::new()).await.body, "ok\n");
    // The test's calls have no address, so they are not from this machine.
    assert_eq!(world.call("GET", "/metrics", &[], String::new()).await.status, 404);
    assert!(world.service.metrics().print().contains("klink_http_answers_total"));
    let apple = world.call("GET", "/.well-known/apple-app-site-association", &[], String::new()).await;
    assert!(
        apple.body.contains("TEAM.org.example.app") && apple.header("content-type") == "application/json"
    );
    let android = world.call("GET", "/.well-known/assetlinks.json", &[], String::new()).await;
    assert!(android.body.contains("AB:CD"));
    let none = World::new().await;
    for path in ["/.well-known/assetlinks.json", "/.well-known/apple-app-site-association", "/push/v1/logo"] {
        assert_eq!(none.call("GET", path, &[], String::new()).await.status, 404);
    }
}
