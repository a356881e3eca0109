//! Wake-ups from end to end: a sign-in asks, the phone's push service is called, the phone opens what came.

use authenticator_core::push::ids::Id;
use authenticator_core::push::wakeup::{Receiver, Wakeup};
use authenticator_core::push::wire::{PushAddress, Update};
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use tokio::sync::mpsc;

use crate::log::Log;
use crate::phone::{Phone, signed};
use crate::stand_in::StandIn;
use crate::world::{ORIGIN, Reply, World};

/// Names where a phone is woken, as the phone does.
async fn put(world: &World, phone: &mut Phone, push: PushAddress) -> Reply {
    let now = phone.now(world);
    let claims = Update {
        iss: phone.id().parse().unwrap(),
        aud: ORIGIN.parse().unwrap(),
        jti: Id::make().unwrap(),
        iat: now.into(),
        exp: now.plus_ms(60_000).into(),
        push,
    };
    let body = signed(&phone.device, &claims);
    phone.call(world, "PUT", "/push/v1/device/push", body).await
}

/// A service that may call loopback, and a push service that answers with `status`.
struct Waking {
    world: World,
    pushed: mpsc::UnboundedReceiver<(HeaderMap, Bytes)>,
    endpoint: String,
    _folder: tempfile::TempDir,
}

impl Waking {
    async fn new(status: u16) -> Self {
        let (tell, pushed) = mpsc::unbounded_channel();
        let push = post(move |headers: HeaderMap, body: Bytes| async move {
            tell.send((headers, body)).unwrap();
            StatusCode::from_u16(status).unwrap()
        });
        let stand_in = StandIn::serve(Router::new().route("/push/abc", push)).await;
        let folder = tempfile::tempdir().unwrap();
        let authority = folder.path().join("ca.pem");
        std::fs::write(&authority, &stand_in.authority).unwrap();
        let world = World::with(|config| {
            config.outgoing_ca = Some(authority);
            config.outgoing_private = true;
        })
        .await;
        Self { world, pushed, endpoint: format!("{}/push/abc", stand_in.origin), _folder: folder }
    }

    async fn pushed(&mut self) -> (HeaderMap, Bytes) {
        let wait = std::time::Duration::from_secs(60);
        tokio::time::timeout(wait, self.pushed.recv()).await.unwrap().unwrap()
    }

    fn address(&self, receiver: &Receiver) -> PushAddress {
        PushAddress::webpush(&self.endpoint, &receiver.subscription())
    }

    fn stored(&self, phone: &Phone) -> String {
        let sql = "SELECT push FROM credentials WHERE id = ?1";
        self.world
            .service
            .store()
            .read(|conn| Ok(conn.query_row(sql, [phone.id()], |row| row.get(0))?))
            .unwrap()
    }
}

#[tokio::test]
async fn a_sign_in_wakes_the_phone_and_says_two_ids() {
    let mut waking = Waking::new(201).await;
    let mut phone = waking.world.active_phone(&waking.world.sign_in().await).await;
    let receiver = Receiver::make().unwrap();
    let address = waking.address(&receiver);
    assert_eq!(put(&waking.world, &mut phone, address).await.status, StatusCode::NO_CONTENT);
    let session = waking.world.sign_in().await;
    let asked = waking.world.ask(&session).await;
    let (headers, body) = waking.pushed().await;
    let ids = Wakeup { v: 1, c: phone.id().parse::<Id>().unwrap(), r: asked.id.parse().unwrap() };
    assert_eq!(receiver.read(&body), Ok(ids));
    let ttl: u32 = headers["ttl"].to_str().unwrap().parse().unwrap();
    assert!((50..=60).contains(&ttl), "{ttl}");
    let vapid = waking.world.service.keys().jwks(0).vapid().unwrap();
    let authorization = headers["authorization"].to_str().unwrap();
    let origin = waking.endpoint.strip_suffix("/push/abc").unwrap();
    let now = waking.world.clock.time();
    let signer =
        authenticator_core::push::vapid::check(authorization, origin, now, |key, message, signature| {
            key.verifies(message, signature)
        });
    assert_eq!(signer, Ok(vapid), "the key in the key set with kid vapid");
}

/// Whoever looks for what became of a sign-in finds all of it by the request's id, and nothing that answers it.
#[tokio::test]
async fn one_id_leads_through_the_log_of_an_approval() {
    let log = Log::of_all();
    let mut waking = Waking::new(201).await;
    let mut phone = waking.world.active_phone(&waking.world.sign_in().await).await;
    let address = waking.address(&Receiver::make().unwrap());
    assert_eq!(put(&waking.world, &mut phone, address).await.status, StatusCode::NO_CONTENT);
    let session = waking.world.sign_in().await;
    let asked = waking.world.ask(&session).await;
    waking.pushed().await;
    assert_eq!(phone.approve(&waking.world, &asked.id, &asked.number).await.status, 200);
    let text = log.text();
    let about: Vec<&str> = text.lines().filter(|line| line.contains(&asked.id)).collect();
    // The wake-up itself is logged once its push service has answered, which may be later than all of this.
    for what in ["request made", "request ended", "/answer"] {
        assert!(about.iter().any(|line| line.contains(what)), "{what}: {about:#?}");
    }
    let answered = about.iter().any(|line| line.contains("answered") && line.contains("status=200"));
    assert!(answered, "{about:#?}");
    let (_, secret) = asked.scan.split_once('.').unwrap();
    assert!(!text.contains(secret), "the control is the id");
    assert!(about.iter().all(|line| !line.contains("Tess")), "{about:#?}");
}

#[tokio::test]
async fn an_address_that_is_gone_is_forgotten_and_a_newer_one_is_not() {
    let mut waking = Waking::new(410).await;
    let mut phone = waking.world.active_phone(&waking.world.sign_in().await).await;
    let receiver = Receiver::make().unwrap();
    let address = waking.address(&receiver);
    assert_eq!(put(&waking.world, &mut phone, address).await.status, StatusCode::NO_CONTENT);
    let session = waking.world.sign_in().await;
    let mut live = waking.world.service.live().watch(&session.user.id);
    waking.world.ask(&session).await;
    waking.pushed().await;
    let mut rounds = 0;
    while waking.stored(&phone).contains("webpush") {
        rounds += 1;
        assert!(rounds < 1000, "the address stays");
        let _ = tokio::time::timeout(std::time::Duration::from_millis(20), live.changed()).await;
    }
    assert!(waking.stored(&phone).contains("none"));
}

#[tokio::test]
async fn an_address_inside_this_network_is_refused() {
    let world = World::new().await;
    let mut phone = world.active_phone(&world.sign_in().await).await;
    let keys = Receiver::make().unwrap().subscription();
    for endpoint in [
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://169.254.169.254/x",
        "http://push.example.org/x",
    ] {
        let reply = put(&world, &mut phone, PushAddress::webpush(endpoint, &keys)).await;
        reply.refuses(400, "malformed");
    }
    let reply = put(&world, &mut phone, PushAddress::webpush("https://push.example.org/x", &keys)).await;
    assert_eq!(reply.status, StatusCode::NO_CONTENT);
}
