use std::sync::atomic::AtomicI64;

use authenticator_core::crypto::p256::PublicKey;
use authenticator_core::push::vapid;
use authenticator_core::push::wakeup::{Receiver, Wakeup};
use authenticator_core::time::UnixTime;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode as Status, Uri};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use tokio::sync::mpsc;

use super::*;
use crate::outgoing::{Reach, Speaks};
use crate::stand_in::StandIn;

const NOW: i64 = 1_800_000_000;

/// What a push service received.
struct Pushed {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

/// A push service: answers the n-th push with the n-th of its answers, the last one for ever.
#[derive(Clone)]
struct PushService {
    answers: Arc<Vec<(u16, Option<&'static str>)>>,
    count: Arc<AtomicUsize>,
    tell: mpsc::UnboundedSender<Pushed>,
}

async fn push(
    State(service): State<PushService>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (Status, HeaderMap) {
    service.tell.send(Pushed { method, uri, headers, body }).unwrap();
    let n = service.count.fetch_add(1, Ordering::SeqCst).min(service.answers.len() - 1);
    let (status, wait) = service.answers[n];
    let mut headers = HeaderMap::new();
    if let Some(wait) = wait {
        headers.insert("Retry-After", wait.parse().unwrap());
    }
    if status == 307 {
        headers.insert("Location", "/elsewhere".parse().unwrap());
    }
    (Status::from_u16(status).unwrap(), headers)
}

#[derive(Default)]
struct Dropped(Mutex<Vec<(Id, String)>>);

impl Addresses for Dropped {
    fn drop_address<'a>(&'a self, credential: Id, endpoint: &'a str) -> BoxFuture<'a, ()> {
        self.0.lock().unwrap().push((credential, endpoint.to_owned()));
        Box::pin(async {})
    }
}

/// A push service, a phone with its keys, and the sender under test.
struct Bench {
    stand_in: StandIn,
    pushed: mpsc::UnboundedReceiver<Pushed>,
    outcomes: mpsc::UnboundedReceiver<Outcome>,
    dropped: Arc<Dropped>,
    phone: Receiver,
    sender: Sender,
    clock: Arc<AtomicI64>,
}

impl Bench {
    async fn new(answers: &[(u16, Option<&'static str>)]) -> Self {
        let (tell, pushed) = mpsc::unbounded_channel();
        let service = PushService { answers: Arc::new(answers.to_vec()), count: Arc::default(), tell };
        let stand_in = StandIn::serve(Router::new().fallback(push).with_state(service)).await;
        let key =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        let vapid = Vapid::from_pkcs8(key.as_ref(), "mailto:admin@example.org").unwrap();
        let dropped = Arc::new(Dropped::default());
        let (tell, outcomes) = mpsc::unbounded_channel();
        let clock = Arc::new(AtomicI64::new(NOW));
        let reads = clock.clone();
        let sender = Sender::new(
            outgoing::client(Some(stand_in.authority.as_bytes()), Reach::Anywhere, Speaks::Either).unwrap(),
            vapid,
            dropped.clone(),
            move || reads.load(Ordering::SeqCst),
            Pace { first: Duration::from_millis(1), longest: Duration::from_millis(4) },
            move |outcome| {
                let _ = tell.send(outcome);
            },
        );
        Self { stand_in, pushed, outcomes, dropped, phone: Receiver::make().unwrap(), sender, clock }
    }

    fn wake_up(&self, origin: &str) -> WakeUp {
        let keys = self.phone.subscription();
        let endpoint = format!("{origin}/push/abc?d=1");
        WakeUp {
            address: PushAddress::check(&endpoint, &keys.p256dh(), &keys.auth(), Reach::Anywhere).unwrap(),
            account: "account-1".to_owned(),
            credential: Id([1; 16]),
            request: Id([2; 16]),
            expires_at: NOW + 60,
        }
    }

    async fn outcome(&mut self) -> Outcome {
        self.sender.wake(self.wake_up(&self.stand_in.origin.clone()));
        tokio::time::timeout(Duration::from_secs(60), self.outcomes.recv()).await.unwrap().unwrap()
    }

    fn tries(&mut self) -> usize {
        std::iter::from_fn(|| self.pushed.try_recv().ok()).count()
    }
}

#[tokio::test]
async fn a_wake_up_is_what_the_rfcs_say_and_opens_on_the_phone_to_two_ids() {
    let mut bench = Bench::new(&[(201, None)]).await;
    bench.clock.store(NOW + 13, Ordering::SeqCst);
    assert_eq!(bench.outcome().await, Outcome::Delivered);
    let Pushed { method, uri, headers, body } = bench.pushed.recv().await.unwrap();
    assert_eq!((method, uri.path(), uri.query()), (Method::POST, "/push/abc", Some("d=1")));
    assert_eq!(headers["ttl"], "47");
    assert_eq!(headers["urgency"], "high");
    assert_eq!(headers["content-encoding"], "aes128gcm");
    assert_eq!(headers["content-type"], "application/octet-stream");
    let topic = headers["topic"].to_str().unwrap();
    assert!(topic.len() <= 32 && B64.decode(topic).is_ok(), "{topic}");
    assert!(!headers.contains_key("cookie"));

    let authorization = headers["authorization"].to_str().unwrap();
    let at = UnixTime::from_seconds(NOW + 13);
    let signer = vapid::check(authorization, &bench.stand_in.origin, at, PublicKey::verifies).unwrap();
    assert_eq!(B64.encode(signer.sec1()), bench.sender.public_key());
    assert!(vapid::check(authorization, "https://other.example", at, PublicKey::verifies).is_err());

    let said = Wakeup { v: 1, c: Id([1; 16]), r: Id([2; 16]) };
    assert_eq!(bench.phone.read(&body), Ok(said));
    assert!(Receiver::make().unwrap().read(&body).is_err());
    assert!(body.len() < 300, "{} bytes", body.len());
}

#[tokio::test]
async fn an_address_that_is_gone_is_dropped_and_no_other() {
    for status in [404, 410] {
        let mut bench = Bench::new(&[(status, None)]).await;
        assert_eq!(bench.outcome().await, Outcome::Gone);
        let endpoint = format!("{}/push/abc?d=1", bench.stand_in.origin);
        assert_eq!(*bench.dropped.0.lock().unwrap(), [(Id([1; 16]), endpoint)]);
        assert_eq!(bench.tries(), 1);
    }
    for status in [201, 307, 400, 401, 403, 413] {
        let mut bench = Bench::new(&[(status, None)]).await;
        let expected = if status == 201 { Outcome::Delivered } else { Outcome::Refused(status) };
        assert_eq!(bench.outcome().await, expected);
        assert!(bench.dropped.0.lock().unwrap().is_empty());
        assert_eq!(bench.tries(), 1, "{status}: a redirect is not followed, a refusal not repeated");
    }
}

#[tokio::test]
async fn a_push_service_in_trouble_is_asked_again_and_each_try_is_sealed_anew() {
    let mut bench = Bench::new(&[(503, None), (429, None), (500, None), (201, None)]).await;
    assert_eq!(bench.outcome().await, Outcome::Delivered);
    let bodies: Vec<Bytes> = std::iter::from_fn(|| bench.pushed.try_recv().ok()).map(|p| p.body).collect();
    assert_eq!(bodies.len(), 4);
    assert!(bodies.iter().all(|body| bench.phone.read(body).is_ok()));
    assert!(bodies.windows(2).all(|pair| pair[0] != pair[1]));
}

#[tokio::test]
async fn nothing_is_sent_for_a_request_that_has_ended() {
    let mut bench = Bench::new(&[(503, Some("3600"))]).await;
    assert_eq!(
        bench.outcome().await,
        Outcome::TooLate,
        "the push service asks for longer than the request lives"
    );
    assert_eq!(bench.tries(), 1);
    bench.clock.store(NOW + 60, Ordering::SeqCst);
    assert_eq!(bench.outcome().await, Outcome::TooLate);
    assert_eq!(bench.tries(), 0);
}

#[tokio::test]
async fn a_push_service_that_never_answers_holds_up_nobody() {
    let mut bench = Bench::new(&[(201, None)]).await;
    // Takes connections and says nothing; the sender's patience with it is 10 s.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("https://localhost:{}", silent.local_addr().unwrap().port());
    for _ in 0..500 {
        bench.sender.wake(bench.wake_up(&origin));
    }
    assert_eq!(bench.sender.waiting(), 500);
    assert_eq!(bench.outcome().await, Outcome::Delivered, "beside 500 that wait");
    assert!(bench.sender.waiting() > 0, "they waited meanwhile");
}

#[tokio::test]
async fn what_finds_no_room_is_dropped_and_counted() {
    let mut bench = Bench::new(&[(201, None)]).await;
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let wake_up = bench.wake_up(&format!("https://localhost:{}", silent.local_addr().unwrap().port()));
    for _ in 0..MOST_WAITING {
        bench.sender.wake(wake_up.clone());
    }
    assert_eq!(bench.outcome().await, Outcome::Full);
    assert_eq!(bench.sender.waiting(), MOST_WAITING);
}

#[tokio::test]
async fn pushes_of_one_account_to_one_phone_share_a_topic_that_no_other_phone_has() {
    let bench = Bench::new(&[(201, None)]).await;
    let wake_up = bench.wake_up(&bench.stand_in.origin);
    let again = WakeUp { request: Id([3; 16]), ..wake_up.clone() };
    let other_phone = WakeUp { credential: Id([4; 16]), ..wake_up.clone() };
    let other_account = WakeUp { account: "account-2".to_owned(), ..wake_up.clone() };
    assert_eq!(topic(&wake_up), topic(&again));
    assert_ne!(topic(&wake_up), topic(&other_phone));
    assert_ne!(topic(&wake_up), topic(&other_account));
}
