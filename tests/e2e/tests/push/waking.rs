//! A wake-up on its whole way: service, relay, a stand-in for the vendor, phone. No part knows more than it must, and what
//! nobody needs any more ends.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use authenticator_core::authenticator::{PushAddress, PushError, PushVendor};
use authenticator_core::net::NetError;
use axum::Router;
use axum::extract::Request;
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::{Next, from_fn};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use klink::phone::info;
use klink_service::relay::{Apns, Environment, Relay, RelayConfig};
use serde_json::Value;
use tokio::sync::{Mutex, mpsc};

use crate::world::{Lose, Phone, World};

const TOKEN: &str = "00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0";

/// A relay on loopback with a stand-in for Apple behind it.
struct Carried {
    world: World,
    origin: String,
    /// Path and payload of each message that the vendor was given.
    messages: mpsc::UnboundedReceiver<(String, Value)>,
    /// Path of each address that the relay was asked to end, and what it answered.
    ends: mpsc::UnboundedReceiver<(String, StatusCode)>,
    /// While somebody holds it the relay answers no such call.
    gate: Arc<Mutex<()>>,
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
        let (tell, ends) = mpsc::unbounded_channel();
        let gate = Arc::<Mutex<()>>::default();
        let shut = Arc::clone(&gate);
        let watched = from_fn(move |request: Request, next: Next| {
            let (tell, gate) = (tell.clone(), Arc::clone(&shut));
            async move {
                if request.method() != Method::DELETE {
                    return next.run(request).await;
                }
                let path = request.uri().path().to_owned();
                let _open = gate.lock().await;
                let response = next.run(request).await;
                // Nobody listens any more when the test has ended.
                let _ = tell.send((path, response.status()));
                response
            }
        });
        world.authority.serve(listener, relay.router().layer(watched));
        world.deliver();
        Self { world, origin, messages, ends, gate }
    }

    /// Subscribes for the one enrolment of a phone.
    async fn subscribed(&self, phone: &Phone) -> String {
        let push_key = phone.core.push_key(phone.id()).await.unwrap().unwrap();
        phone.core.subscribe(&self.origin, PushVendor::Apns, TOKEN, &push_key).await.unwrap()
    }

    /// Takes the next address that was ended.
    async fn ended(&mut self) -> String {
        let wait = Duration::from_secs(60);
        let (path, status) = tokio::time::timeout(wait, self.ends.recv()).await.unwrap().unwrap();
        assert_eq!(status, StatusCode::NO_CONTENT);
        format!("{}{path}", self.origin)
    }

    /// Takes the next message to the phone as its app gets it, for the core to open.
    async fn sealed(&mut self) -> Vec<u8> {
        let wait = Duration::from_secs(60);
        let (path, payload) = tokio::time::timeout(wait, self.messages.recv()).await.unwrap().unwrap();
        assert_eq!(path, format!("/3/device/{TOKEN}"));
        URL_SAFE_NO_PAD.decode(payload["wakeup"].as_str().unwrap()).unwrap()
    }
}

async fn goes_to(phone: &Phone, endpoint: &str) -> Result<(), PushError> {
    let to = PushAddress::WebPush { endpoint: endpoint.to_owned() };
    phone.core.change_push_address(phone.id(), &to).await
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
    assert_eq!(phone.enrolment().await.push_endpoint.as_ref(), Some(&endpoint));
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
    assert_eq!(carried.ended().await, endpoint);
    assert_eq!(phone.core.wake_up(&before).await.unwrap(), None);
    carried.world.ask().await;
    let locked = phone.restarted();
    assert_eq!(locked.core.wake_up(&carried.sealed().await).await.unwrap(), Some(phone.id()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_its_service_left_ends_at_the_relay_and_no_other_does() {
    let mut carried = Carried::new().await;
    let session = carried.world.sign_in().await;
    let phone = carried.world.active_phone(&session).await;
    let (first, second) = (carried.subscribed(&phone).await, carried.subscribed(&phone).await);
    let _unused = carried.subscribed(&phone).await;
    goes_to(&phone, &first).await.unwrap();
    // The same again, as after a reply that was lost: it is in use.
    goes_to(&phone, &first).await.unwrap();
    goes_to(&phone, &second).await.unwrap();
    assert_eq!(carried.ended().await, first);
    carried.world.ask().await;
    assert_eq!(phone.core.wake_up(&carried.sealed().await).await.unwrap(), Some(phone.id()));
    // The next start of the app knows whose address it was.
    let again = phone.again();
    again.core.change_push_address(again.id(), &PushAddress::None).await.unwrap();
    assert_eq!(carried.ended().await, second);
    assert!(carried.ends.try_recv().is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_addresses_that_are_told_at_once_the_service_has_the_phones_and_all_others_end() {
    let mut carried = Carried::new().await;
    let session = carried.world.sign_in().await;
    let phone = carried.world.active_phone(&session).await;
    let mut others = Vec::new();
    for _ in 0..3 {
        let (one, other) = (carried.subscribed(&phone).await, carried.subscribed(&phone).await);
        let told = tokio::join!(goes_to(&phone, &one), goes_to(&phone, &other));
        assert!(told.0.is_ok() && told.1.is_ok(), "{told:?}");
        others.extend([one, other]);
    }
    let kept = phone.enrolment().await.push_endpoint.unwrap();
    others.retain(|endpoint| *endpoint != kept);
    let mut ended = Vec::new();
    for _ in 0..others.len() {
        ended.push(carried.ended().await);
    }
    others.sort();
    ended.sort();
    assert_eq!(ended, others);
    carried.world.ask().await;
    assert_eq!(phone.core.wake_up(&carried.sealed().await).await.unwrap(), Some(phone.id()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_ends_only_once_the_service_knows_the_next() {
    for how in [Lose::Call, Lose::Reply] {
        let mut carried = Carried::new().await;
        let session = carried.world.sign_in().await;
        let phone = carried.world.active_phone(&session).await;
        let (first, second) = (carried.subscribed(&phone).await, carried.subscribed(&phone).await);
        goes_to(&phone, &first).await.unwrap();
        carried.world.lose("PUT", "/device/push", how, 1);
        assert!(goes_to(&phone, &second).await.is_err());
        // Whichever the service knows now is alive.
        carried.world.ask().await;
        carried.sealed().await;
        let again = phone.again();
        let third = carried.subscribed(&again).await;
        goes_to(&again, &third).await.unwrap();
        assert_eq!([carried.ended().await, carried.ended().await], [first, second], "{how:?}");
        assert!(carried.ends.try_recv().is_err());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_an_enrolment_its_address_ends_whether_the_service_is_told_or_not() {
    for told in [true, false] {
        let mut carried = Carried::new().await;
        let session = carried.world.sign_in().await;
        let phone = carried.world.active_phone(&session).await;
        let endpoint = carried.subscribed(&phone).await;
        goes_to(&phone, &endpoint).await.unwrap();
        if told {
            phone.core.unenrol(phone.id()).await.unwrap();
        } else {
            phone.core.remove_enrolment(phone.id()).await.unwrap();
        }
        assert_eq!(carried.ended().await, endpoint);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_does_not_answer_holds_nothing_up() {
    let mut carried = Carried::new().await;
    let session = carried.world.sign_in().await;
    let phone = carried.world.active_phone(&session).await;
    let (first, second) = (carried.subscribed(&phone).await, carried.subscribed(&phone).await);
    goes_to(&phone, &first).await.unwrap();
    let gate = Arc::clone(&carried.gate);
    let shut = gate.lock().await;
    goes_to(&phone, &second).await.unwrap();
    assert_eq!(phone.enrolment().await.push_endpoint.as_ref(), Some(&second));
    phone.core.unenrol(phone.id()).await.unwrap();
    assert!(phone.core.enrolments().await.unwrap().is_empty());
    // The calls were not given up for that: they wait at the relay until now.
    assert!(carried.ends.try_recv().is_err());
    drop(shut);
    let mut both = [carried.ended().await, carried.ended().await];
    both.sort();
    let mut expected = [first, second];
    expected.sort();
    assert_eq!(both, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_relay_gave_is_asked_for_nothing() {
    let mut carried = Carried::new().await;
    let session = carried.world.sign_in().await;
    let phone = carried.world.active_phone(&session).await;
    let (tell, mut called) = mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let elsewhere = format!("https://{}", listener.local_addr().unwrap());
    let asked = move |method: Method| async move {
        tell.send(method).unwrap();
        StatusCode::NO_CONTENT
    };
    carried.world.authority.serve(listener, Router::new().fallback(asked));
    // A relay that gives an address of somebody else's, for phones to end.
    let reply = serde_json::json!({ "endpoint": format!("{elsewhere}/made-up") }).to_string();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let liar = format!("https://{}", listener.local_addr().unwrap());
    let lies = move || async move { (StatusCode::CREATED, reply) };
    carried.world.authority.serve(listener, Router::new().fallback(lies));
    let made_up = phone.core.subscribe(&liar, PushVendor::Apns, TOKEN, "key").await.unwrap();
    let ours = carried.subscribed(&phone).await;
    // The first one is a distributor's.
    for endpoint in [&format!("{elsewhere}/up"), &made_up, &ours] {
        goes_to(&phone, endpoint).await.unwrap();
    }
    phone.core.change_push_address(phone.id(), &PushAddress::None).await.unwrap();
    assert_eq!(carried.ended().await, ours);
    assert!(called.try_recv().is_err());
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
