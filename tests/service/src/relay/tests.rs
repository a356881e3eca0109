mod apple;
mod google;
mod pushing;
mod subscribing;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use authenticator_core::crypto::p256::PrivateKey;
use authenticator_core::push::vapid;
use authenticator_core::push::wakeup::Receiver;
use authenticator_core::time::UnixTime;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::config::LimitsConfig;
use super::*;
use crate::stand_in::StandIn;

const NOW: i64 = 1_800_000_000;
const FCM_TOKEN: &str = "cXJ0b2tlbg:APA91bFtoken-of-a-phone_0123456789";
const APNS_TOKEN: &str = "00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0";

/// What a vendor answers: a status, a body and perhaps `Retry-After`; when the list is empty, 200.
type Answers = Arc<Mutex<VecDeque<(u16, Value, Option<&'static str>)>>>;

/// A relay between stand-ins of both vendors.
struct Bench {
    relay: Relay,
    router: axum::Router,
    google: google::Google,
    apple: apple::Apple,
    config: RelayConfig,
    clock: Arc<AtomicI64>,
    /// A service that sends pushes.
    service: PrivateKey,
    phone: Receiver,
    _folder: tempfile::TempDir,
}

impl Bench {
    async fn new() -> Self {
        Self::with(LimitsConfig::default(), "https://relay.example.org").await
    }

    async fn with(limits: LimitsConfig, origin: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(AtomicI64::new(NOW));
        let google = google::Google::start(clock.clone()).await;
        let apple = apple::Apple::start(clock.clone()).await;
        let file = |name: &str, text: &str| -> PathBuf {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let authorities = format!("{}{}", google.stand_in.authority, apple.stand_in.authority);
        let config = RelayConfig {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            operators_listen: None,
            public_url: origin.parse().unwrap(),
            data: folder.path().join("relay.db"),
            tls: None,
            behind_proxy: false,
            fcm: Some(Fcm {
                service_account: file("service-account.json", &google.service_account()),
                api: google.stand_in.origin.parse().unwrap(),
            }),
            apns: Some(Apns {
                key: file("AuthKey_ABCDE12345.p8", &apple.key_pem),
                key_id: "ABCDE12345".to_owned(),
                team_id: "FGHIJ67890".to_owned(),
                topic: "org.example.klink".to_owned(),
                environment: Environment::Production,
                api: Some(apple.stand_in.origin.parse().unwrap()),
            }),
            limits,
            outgoing_ca: Some(file("ca.pem", &authorities)),
        };
        let relay = open(&config, &clock);
        let router = relay.router();
        let (service, phone) = (PrivateKey::make().unwrap(), Receiver::make().unwrap());
        Self { relay, router, google, apple, config, clock, service, phone, _folder: folder }
    }

    async fn call(&self, request: Request<Body>) -> Response {
        call(&self.router, request, "192.0.2.7:1234").await
    }

    async fn subscribe(&self, kind: &str) -> String {
        let token = if kind == "fcm" { FCM_TOKEN } else { APNS_TOKEN };
        let asked = json!({"kind": kind, "token": token, "vapid": B64.encode(self.service.public().sec1())});
        let response = self.call(subscription(&asked)).await;
        assert_eq!(response.status(), StatusCode::CREATED);
        json_of(response).await["endpoint"].as_str().unwrap().to_owned()
    }

    /// A push as the service sends it, sealed for the phone.
    fn push(&self, endpoint: &str) -> Request<Body> {
        let body = self.phone.subscription().seal(b"two ids").unwrap();
        self.push_of(endpoint, body, &self.service)
    }

    fn push_of(&self, endpoint: &str, body: Vec<u8>, signer: &PrivateKey) -> Request<Body> {
        let origin = self.config.origin().unwrap();
        let authorization = signed(signer, &origin, self.clock.load(Ordering::SeqCst) + 3600);
        Request::post(endpoint)
            .header("Authorization", authorization)
            .header("TTL", "60")
            .header("Urgency", "high")
            .header("Topic", "dG9waWM")
            .header("Content-Encoding", "aes128gcm")
            .body(Body::from(body))
            .unwrap()
    }
}

fn open(config: &RelayConfig, clock: &Arc<AtomicI64>) -> Relay {
    let clock = clock.clone();
    Relay::open(config, move || clock.load(Ordering::SeqCst)).unwrap()
}

async fn call(router: &axum::Router, mut request: Request<Body>, from: &str) -> Response {
    request.extensions_mut().insert(ConnectInfo(from.parse::<SocketAddr>().unwrap()));
    router.clone().oneshot(request).await.unwrap()
}

fn signed(key: &PrivateKey, audience: &str, exp: i64) -> String {
    let claims =
        vapid::Vapid { aud: audience.to_owned(), exp: UnixTime::from_seconds(exp).into(), sub: None };
    vapid::authorization(&key.public(), &claims, |input| Ok::<_, ()>(key.sign(input))).unwrap()
}

fn subscription(asked: &Value) -> Request<Body> {
    Request::post("/v1/subscriptions").body(Body::from(asked.to_string())).unwrap()
}

async fn json_of(response: Response) -> Value {
    let bytes = axum::body::to_bytes(response.into_body(), 64 * 1024).await.unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

async fn code_of(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    (status, json_of(response).await["code"].as_str().unwrap().to_owned())
}

/// The parts of a compact JWS: header, claims, what is signed, signature.
fn jws(text: &str) -> (Value, Value, Vec<u8>, Vec<u8>) {
    let (input, signature) = text.rsplit_once('.').unwrap();
    let (header, claims) = input.split_once('.').unwrap();
    let read = |part: &str| serde_json::from_slice(&B64.decode(part).unwrap()).unwrap();
    (read(header), read(claims), input.as_bytes().to_vec(), B64.decode(signature).unwrap())
}
