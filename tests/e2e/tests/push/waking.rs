//! A wake-up on its whole way: service, relay, a stand-in for the vendor, phone. No part knows more than it must.

use std::net::TcpListener;

use authenticator_core::authenticator::{PushAddress, PushError, PushVendor};
use authenticator_core::net::NetError;
use axum::Router;
use axum::http::Uri;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use klink::phone::info;
use klink_service::relay::{Apns, Environment, Relay, RelayConfig};
use serde_json::Value;
use tokio::sync::mpsc;

use crate::world::World;

const TOKEN: &str = "00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0";

/// A relay on loopback with a stand-in for Apple behind it.
struct Carried {
    world: World,
    origin: String,
    /// Path and payload of each message that the vendor was given.
    messages: mpsc::UnboundedReceiver<(String, Value)>,
}

impl Carried {
    async fn new() -> Self {
        let world = World::with(|config, authority| {
            config.outgoing_ca = Some(authority);
            config.outgoing_private = true;
        })
        .await;
        let (tell, messages) = mpsc::unbounded_channel();
        let apple = TcpListener::bind("127.0.0.1:0").unwrap();
        let api = format!("https://{}", apple.local_addr().unwrap());
        let told = move |uri: Uri, body: String| async move {
            tell.send((uri.path().to_owned(), serde_json::from_str(&body).unwrap())).unwrap();
        };
        world.authority.serve(apple, Router::new().fallback(told));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("https://{}", listener.local_addr().unwrap());
        let key = world.folder.path().join("apns.p8");
        std::fs::write(&key, rcgen::KeyPair::generate().unwrap().serialize_pem()).unwrap();
        let config = RelayConfig {
            listen: listener.local_addr().unwrap(),
            operators_listen: None,
            public_url: origin.parse().unwrap(),
            data: world.folder.path().join("relay.db"),
            tls: None,
            behind_proxy: false,
            fcm: None,
            apns: Some(Apns {
                key,
                key_id: "ABCDE12345".to_owned(),
                team_id: "FGHIJ67890".to_owned(),
                topic: "org.example.klink".to_owned(),
                environment: Environment::Production,
                api: Some(api.parse().unwrap()),
            }),
            limits: Default::default(),
            outgoing_ca: Some(world.folder.path().join("authority.pem")),
        };
        let relay = Relay::open(&config, || klink::phone::now().seconds()).unwrap();
        world.authority.serve(listener, relay.router());
        world.deliver();
        Self { world, origin, messages }
    }

    /// Takes the next message to the phone as its app gets it, for the core to open.
    async fn sealed(&mut self) -> Vec<u8> {
        let wait = std::time::Duration::from_secs(60);
        let (path, payload) = tokio::time::timeout(wait, self.messages.recv()).await.unwrap().unwrap();
        assert_eq!(path, format!("/3/device/{TOKEN}"));
        URL_SAFE_NO_PAD.decode(payload["wakeup"].as_str().unwrap()).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_wakes_the_phone_that_subscribed_before_it_enrolled() {
    let mut carried = Carried::new().await;
    let session = carried.world.sign_in().await;
    let mut phone = carried.world.phone();
    let offer = carried.world.offer(&session).await;
    let asked = phone.core.check_offer(&phone.core.offer(&offer.link).unwrap()).await.unwrap();
    let push_key = asked.push_key().unwrap();
    let endpoint = phone.core.subscribe(&carried.origin, PushVendor::Apns, TOKEN, &push_key).await.unwrap();
    let push = PushAddress::WebPush { endpoint: endpoint.clone() };
    let told = authenticator_core::authenticator::PhoneInfo { push, ..info("a phone for tests") };
    phone.core.enrol(&asked, &told).await.unwrap();
    phone.found().await;
    phone.credential = carried.world.confirm(&session, &offer).await;
    assert_eq!(phone.enrolment().await.push_endpoint, Some(endpoint));
    let test = carried.world.start_test(&session, &phone.credential).await;
    assert_eq!(phone.core.wake_up(&carried.sealed().await).await.unwrap(), Some(phone.id()));
    phone.approve(&test.number).await.unwrap();

    // A new token of the vendor: another endpoint, and what is sealed to the old keys opens no more.
    let (_, first) = carried.world.ask().await;
    let before = carried.sealed().await;
    phone.core.answer(phone.request().await.id, crate::world::typed(&first.number)).await.unwrap();
    let push_key = phone.core.push_key(phone.id()).await.unwrap().unwrap();
    let again = phone.core.subscribe(&carried.origin, PushVendor::Apns, TOKEN, &push_key).await.unwrap();
    assert_ne!(Some(&again), phone.enrolment().await.push_endpoint.as_ref());
    phone
        .core
        .change_push_address(phone.id(), &PushAddress::WebPush { endpoint: again.clone() })
        .await
        .unwrap();
    assert_eq!(phone.enrolment().await.push_endpoint, Some(again));
    assert_eq!(phone.core.wake_up(&before).await.unwrap(), None);
    carried.world.ask().await;
    let locked = phone.restarted();
    assert_eq!(locked.core.wake_up(&carried.sealed().await).await.unwrap(), Some(phone.id()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_relay_refuses_is_said() {
    let carried = Carried::new().await;
    let session = carried.world.sign_in().await;
    let phone = carried.world.active_phone(&session).await;
    let push_key = phone.core.push_key(phone.id()).await.unwrap().unwrap();
    assert_eq!(URL_SAFE_NO_PAD.decode(&push_key).unwrap().len(), 65);
    let (relay, vendor) = (carried.origin.as_str(), PushVendor::Apns);
    let cases = [
        (phone.core.subscribe(relay, PushVendor::Fcm, TOKEN, &push_key).await, "unknown_kind"),
        (phone.core.subscribe(relay, vendor, "no token", &push_key).await, "malformed"),
        (phone.core.subscribe(relay, vendor, TOKEN, "no key").await, "malformed"),
    ];
    for (answer, expected) in cases {
        let Err(PushError::Service { status: 400, code, .. }) = answer else { panic!("{answer:?}") };
        assert_eq!(code, expected);
    }
    let plain = phone.core.subscribe("http://127.0.0.1:1", vendor, TOKEN, &push_key).await;
    assert!(matches!(plain, Err(PushError::Net(NetError::NotHttps))), "{plain:?}");
    // What is no relay does not become one: this is the service.
    let other = phone.core.subscribe(&carried.world.origin, vendor, TOKEN, &push_key).await;
    assert!(matches!(other, Err(PushError::Service { .. })), "{other:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_gives_no_https_address_is_not_believed() {
    for (endpoint, believed) in
        [("http://127.0.0.1/p/1", false), ("https://127.0.0.1/p/1", true), ("p/1", false)]
    {
        let world = World::new().await;
        let reply = serde_json::json!({ "endpoint": endpoint }).to_string();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("https://{}", listener.local_addr().unwrap());
        let liar = move || async move { (axum::http::StatusCode::CREATED, reply) };
        world.authority.serve(listener, Router::new().fallback(liar));
        let answer = world.phone().core.subscribe(&origin, PushVendor::Fcm, TOKEN, "key").await;
        match answer {
            Ok(given) => assert!(believed && given == endpoint, "{given}"),
            Err(PushError::BadReply(_)) => assert!(!believed),
            Err(other) => panic!("{other:?}"),
        }
    }
}
