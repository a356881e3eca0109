//! Approvals per second over TLS, each on the disk before it is answered, beside what the disk itself can do;
//! and the memory of 10,000 sign-ins that wait.
//!
//! `cargo bench -p klink-service`. Answers and proofs are signed beforehand, so that the phones' work is not
//! measured; the service's work is all there: two ES256 signatures verified, the token, the nonce, one commit.

#![allow(clippy::unwrap_used, reason = "a benchmark stops when something is wrong")]

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use authenticator_core::crypto::p256::PrivateKey;
use authenticator_core::push::dpop::{self, Call};
use authenticator_core::push::ids::{Id, RequestDigest};
use authenticator_core::push::jws::{self, Unsigned};
use authenticator_core::push::wire::{
    Answer, Assertion, Decision, How, MatchValue, Request, TokenForm, TokenReply, Uv,
};
use klink_service::http::Visitor;
use klink_service::outgoing::{self, Reach, Speaks};
use klink_service::requests::{self, Start};
use klink_service::{Config, Running, Service};
use rusqlite::params;

/// Connections that approve at the same time.
const CONNECTIONS: usize = 64;
/// Approvals of each.
const EACH: usize = 100;
/// Sign-ins that wait.
const WAITING: usize = 10_000;

#[tokio::main]
async fn main() {
    // `cargo test` runs benches too, to see that they build.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let folder =
        tempfile::tempdir_in(std::env::var_os("KLINK_BENCH_DIR").unwrap_or_else(|| ".".into())).unwrap();
    let syncs = syncs_per_second(folder.path());
    let config =
        Config { data: folder.path().join("data"), listen: ([127, 0, 0, 1], 0).into(), ..Config::default() };
    let running = klink_service::start(config).await.unwrap();
    approvals(&running, syncs).await;
    waiting(running.service()).await;
    running.stop().await;
}

/// Counts how often 4 KiB can be brought to the disk one after the other.
fn syncs_per_second(folder: &Path) -> f64 {
    let mut file = std::fs::File::create(folder.join("sync")).unwrap();
    let (began, mut count) = (Instant::now(), 0u32);
    while began.elapsed() < Duration::from_secs(1) {
        file.write_all(&[0x5a; 4096]).unwrap();
        file.sync_data().unwrap();
        count += 1;
    }
    f64::from(count) / began.elapsed().as_secs_f64()
}

/// The keys of all phones: whose they are makes no difference to the work.
struct Keys {
    device: PrivateKey,
    approval: PrivateKey,
    dpop: PrivateKey,
}

async fn approvals(running: &Running, syncs: f64) {
    let service = running.service().clone();
    let keys = Arc::new(Keys {
        device: PrivateKey::make().unwrap(),
        approval: PrivateKey::make().unwrap(),
        dpop: PrivateKey::make().unwrap(),
    });
    let users = CONNECTIONS * EACH;
    let credentials = people(&service, &keys, "a", users).await;
    let authority = std::fs::read(running.authority().unwrap()).unwrap();
    let mut lanes = Vec::new();
    for lane in credentials.chunks(EACH) {
        let client = outgoing::client(Some(&authority), Reach::Anywhere, Speaks::Either).unwrap();
        lanes.push((client, lane.to_vec()));
    }
    let prepared = lanes.into_iter().map(|(client, lane)| {
        let (service, keys) = (service.clone(), keys.clone());
        tokio::spawn(async move {
            let mut calls = Vec::new();
            for (user, credential) in lane {
                calls.push(prepare(&service, &keys, &client, &user, credential).await);
            }
            (client, calls)
        })
    });
    let lanes = futures_util::future::join_all(prepared).await;
    let began = Instant::now();
    let running = lanes.into_iter().map(|lane| {
        let (client, calls) = lane.unwrap();
        tokio::spawn(async move {
            let mut took = Vec::with_capacity(calls.len());
            for call in calls {
                let began = Instant::now();
                let status = call.send(&client).await;
                assert_eq!(status, 200);
                took.push(began.elapsed());
            }
            took
        })
    });
    let mut took: Vec<Duration> =
        futures_util::future::join_all(running).await.into_iter().flat_map(Result::unwrap).collect();
    let all = began.elapsed();
    took.sort_unstable();
    let ms = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    let rate = took.len() as f64 / all.as_secs_f64();
    println!("approvals      {rate:8.0} per second, durable, {CONNECTIONS} connections, TLS");
    println!("               {:8.1} ms p50   {:.1} ms p99", ms(0.5), ms(0.99));
    println!("fsync limit    {syncs:8.0} per second, 4 KiB one after the other on the same disk");
}

/// One approval, signed and ready to be sent.
struct Prepared {
    url: String,
    token: String,
    proof: String,
    body: String,
}

impl Prepared {
    async fn send(self, client: &reqwest::Client) -> u16 {
        let request = client.post(self.url).header("authorization", format!("DPoP {}", self.token));
        let reply = request.header("dpop", self.proof).body(self.body).send().await.unwrap();
        let status = reply.status().as_u16();
        reply.bytes().await.unwrap();
        status
    }
}

async fn prepare(
    service: &Service,
    keys: &Keys,
    client: &reqwest::Client,
    user: &str,
    credential: Id,
) -> Prepared {
    let (clock, origin) = (service.clock().time(), service.origin().clone());
    let url = origin.address("/push/v1/token");
    let assertion = Assertion {
        iss: credential,
        sub: credential,
        aud: origin.clone(),
        jti: Id::make().unwrap(),
        iat: clock.into(),
        exp: clock.plus_ms(60_000).into(),
    };
    let client_assertion = Unsigned::new(&keys.device.public(), &assertion).sign(&keys.device);
    let nonce = client.get(origin.address("/push/v1/service-keys")).send().await.unwrap();
    let nonce = nonce.headers()["dpop-nonce"].to_str().unwrap().to_owned();
    let proof = |url: &str, token: Option<&str>| {
        let call = Call { method: "POST", url, token };
        dpop::prove(&keys.dpop, &call, service.clock().time(), Some(&nonce)).unwrap()
    };
    let reply = client
        .post(&url)
        .header("dpop", proof(&url, None))
        .body(TokenForm { client_assertion }.print())
        .send()
        .await
        .unwrap();
    let reply: TokenReply = serde_json::from_slice(&reply.bytes().await.unwrap()).unwrap();
    let asked = ask(service, user).await;
    let sql = "SELECT jws FROM request_copies WHERE request = ?1";
    let text: String =
        service.store().read(|conn| Ok(conn.query_row(sql, [&asked.id], |row| row.get(0))?)).unwrap();
    let claims = jws::parse::<Request>(&text).unwrap().claims_before_verifying().unwrap();
    let now = service.clock().time();
    let answer = Answer {
        iss: credential,
        aud: origin.clone(),
        jti: Id::make().unwrap(),
        req: claims.jti,
        rdig: RequestDigest::of(&text),
        // Ahead, so that preparing all of them may take a while.
        iat: now.plus_ms(60_000).into(),
        exp: now.plus_ms(90_000).into(),
        dec: Decision::Approve {
            matching: MatchValue { how: How::Type, value: asked.number },
            uv: Uv::Software,
        },
    };
    let url = origin.address(&format!("/push/v1/requests/{}/answer", asked.id));
    let token = reply.access_token;
    let proof = proof(&url, Some(&token));
    let body = Unsigned::new(&keys.approval.public(), &answer).sign(&keys.approval);
    Prepared { url, token, proof, body }
}

/// Adds users with a session and an active phone each.
async fn people(service: &Service, keys: &Keys, prefix: &str, count: usize) -> Vec<(String, Id)> {
    let (device, approval) = (keys.device.public(), keys.approval.public());
    let (prefix, now) = (prefix.to_owned(), service.clock().now());
    let add = move |tx: &klink_service::store::Tx<'_>| {
        let mut added = Vec::new();
        for n in 0..count {
            let (user, id) = (format!("{prefix}{n}"), Id::make()?);
            tx.execute(
                "INSERT INTO users (id, name, display, password, created_at) VALUES (?1, ?1, ?1, x'00', 0)",
                [&user],
            )?;
            tx.execute(
                "INSERT INTO sessions (key, user, created_at, seen_at, address, agent) VALUES (?1, ?1, ?2, ?2, '', '')",
                params![user, now],
            )?;
            tx.execute(
                "INSERT INTO credentials (id, user, name, os, app, hardware, device_key, approval_key, push, state,
                                          made_at, activated_at, seen_at)
                 VALUES (?1, ?2, 'p', 'o', 'a', 0, ?3, ?4, '{\"kind\":\"none\"}', 'active', 0, 0, ?5)",
                params![id.to_string(), user, device.sec1(), approval.sec1(), now],
            )?;
            added.push((user, id));
        }
        Ok(added)
    };
    service.store().write(add).await.unwrap()
}

async fn ask(service: &Service, user: &str) -> requests::Asked {
    let session = klink_service::accounts::sessions::by_key(service, user).unwrap().unwrap();
    let visitor = Visitor { address: "192.0.2.1".to_owned(), agent: "bench".to_owned() };
    match requests::start_login(service, &session, &visitor).await.unwrap() {
        Start::Made(asked) => asked,
        other => panic!("{other:?}"),
    }
}

/// Opens many sign-ins that all wait for their phones, and looks at the memory.
async fn waiting(service: &Service) {
    let keys = Keys {
        device: PrivateKey::make().unwrap(),
        approval: PrivateKey::make().unwrap(),
        dpop: PrivateKey::make().unwrap(),
    };
    let before = resident_mib();
    let users = people(service, &keys, "w", WAITING).await;
    let mut open = Vec::new();
    for lane in users.chunks(WAITING / CONNECTIONS) {
        let (service, lane) = (service.clone(), lane.to_vec());
        open.push(tokio::spawn(async move {
            let mut watched = Vec::new();
            for (user, _) in lane {
                let asked = ask(&service, &user).await;
                watched.push((service.live().watch(&user), asked));
            }
            watched
        }));
    }
    let open: Vec<_> =
        futures_util::future::join_all(open).await.into_iter().flat_map(Result::unwrap).collect();
    assert_eq!(open.len(), WAITING);
    println!("waiting        {WAITING:8} sign-ins open: {} MiB resident, {before} before", resident_mib());
}

fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|text| text.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) / 1024
}
