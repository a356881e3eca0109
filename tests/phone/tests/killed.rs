//! `klink` killed by SIGKILL while it approves: at any byte on either way there is one answer, or none and the person
//! is asked again.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod running;

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use authenticator_core::secret::SecretText;
use klink_service::accounts::{Session, SignIn, sessions, users};
use klink_service::http::Visitor;
use klink_service::push::offers::{self, MakeOffer, OfferState};
use klink_service::requests::{self, Asked, Start, State};
use klink_service::{Config, Running, Service, start};
use running::Klink;
use serde_json::{Value, json};

/// A wire that lets so many bytes pass on each way, and then holds still.
#[derive(Clone)]
struct Wire {
    up: Arc<AtomicI64>,
    down: Arc<AtomicI64>,
    held: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Wire {
    fn lay(outside: TcpListener, to: Arc<Mutex<Option<SocketAddr>>>) -> Self {
        let (up, down) = (Arc::new(AtomicI64::new(i64::MAX)), Arc::new(AtomicI64::new(i64::MAX)));
        let wire = Self { up, down, held: Arc::default(), open: Arc::default() };
        let laid = wire.clone();
        std::thread::spawn(move || {
            for client in outside.incoming().map_while(Result::ok) {
                let Ok(service) = TcpStream::connect(to.lock().unwrap().unwrap()) else { continue };
                let mut open = laid.open.lock().unwrap();
                open.extend([client.try_clone().unwrap(), service.try_clone().unwrap()]);
                let (up, down, held) = (laid.up.clone(), laid.down.clone(), laid.held.clone());
                let (from, back) = (client.try_clone().unwrap(), service.try_clone().unwrap());
                let also = held.clone();
                std::thread::spawn(move || pass(from, service, &up, &held));
                std::thread::spawn(move || pass(back, client, &down, &also));
            }
        });
        wire
    }

    fn hold_after(&self, up: i64, down: i64) {
        self.held.store(false, Ordering::SeqCst);
        self.up.store(up, Ordering::SeqCst);
        self.down.store(down, Ordering::SeqCst);
    }

    /// Returns how many bytes have passed on each way since [`Wire::hold_after`] gave these.
    fn passed(&self, up: i64, down: i64) -> (i64, i64) {
        (up - self.up.load(Ordering::SeqCst), down - self.down.load(Ordering::SeqCst))
    }

    /// Ends what is held, and lets everything pass from now on.
    fn mend(&self) {
        for one in self.open.lock().unwrap().drain(..) {
            let _ = one.shutdown(Shutdown::Both);
        }
        self.hold_after(i64::MAX, i64::MAX);
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, left: &AtomicI64, held: &AtomicBool) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        let before = left.fetch_sub(count as i64, Ordering::SeqCst);
        let may = usize::try_from(before).unwrap_or(0).min(count);
        if to.write_all(&buffer[..may]).is_err() {
            break;
        }
        if may < count {
            held.store(true, Ordering::SeqCst);
            return;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

struct World {
    klink: Klink,
    running: Running,
    wire: Wire,
    _data: tempfile::TempDir,
}

fn visitor() -> Visitor {
    Visitor { address: "192.0.2.1".to_owned(), agent: "Firefox/140 Linux".to_owned() }
}

impl World {
    async fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let outside = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("https://{}", outside.local_addr().unwrap());
        let to = Arc::new(Mutex::new(None));
        let wire = Wire::lay(outside, Arc::clone(&to));
        let config = Config {
            listen: "127.0.0.1:0".parse().unwrap(),
            data: data.path().join("data"),
            public_url: Some(origin.parse().unwrap()),
            ..Config::default()
        };
        let running = start(config).await.unwrap();
        *to.lock().unwrap() = Some(running.address());
        users::add(running.service(), "tess", "Tess", SecretText::from("correct horse")).await.unwrap();
        let world = Self { klink: Klink::new(), running, wire, _data: data };
        world.enrol().await;
        world
    }

    fn service(&self) -> &Service {
        self.running.service()
    }

    fn spawn(&self, arguments: &[&str]) -> Child {
        let authority = self.running.authority().unwrap().to_str().unwrap().to_owned();
        let all = [arguments, &["--ca-file", &authority, "--json"]].concat();
        let mut command = self.klink.command(&all);
        command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
    }

    #[track_caller]
    fn ok(&self, arguments: &[&str]) -> Value {
        let output = tokio::task::block_in_place(|| self.spawn(arguments).wait_with_output().unwrap());
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{arguments:?}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    async fn sign_in(&self) -> Session {
        let right = SecretText::from("correct horse");
        match sessions::sign_in(self.service(), &visitor(), "tess", right).await.unwrap() {
            SignIn::Done { session, .. } => *session,
            other => panic!("{other:?}"),
        }
    }

    async fn enrol(&self) {
        let session = self.sign_in().await;
        let MakeOffer::Made(offer) = offers::make(self.service(), &session).await.unwrap() else { panic!() };
        self.ok(&["enrol", "--yes", &offer.link]);
        offers::confirm(self.service(), &session, &offer.jti, true).await.unwrap();
        let OfferState::Enrolled { credential, .. } =
            offers::status(self.service(), &session, &offer.jti).unwrap().unwrap()
        else {
            panic!()
        };
        let start = requests::start_test(self.service(), &session, &visitor(), &credential).await.unwrap();
        let Start::Made(asked) = start else { panic!() };
        assert_eq!(self.ok(&["approve", "--yes", "-", &asked.number])["outcome"], "approved");
    }

    /// Asks for a sign-in, however many there were before.
    async fn ask(&self) -> (Session, Asked) {
        let forget = |tx: &klink_service::store::Tx<'_>| {
            tx.execute("DELETE FROM attempts", [])?;
            Ok(tx.execute("UPDATE users SET muted_until = 0", [])?)
        };
        self.service().store().write(forget).await.unwrap();
        let session = self.sign_in().await;
        match requests::start_login(self.service(), &session, &visitor()).await.unwrap() {
            Start::Made(asked) => (session, asked),
            other => panic!("{other:?}"),
        }
    }

    fn state(&self, session: &Session, asked: &Asked) -> State {
        requests::watch(self.service(), session, &asked.id).unwrap().unwrap().state
    }

    /// Counts the answers to a request that the service took or refused for good.
    fn answers(&self, asked: &Asked) -> i64 {
        let sql = "SELECT count(*) FROM answers WHERE request = ?1";
        self.service().store().read(|conn| Ok(conn.query_row(sql, [&asked.id], |row| row.get(0))?)).unwrap()
    }
}

/// Waits until the wire holds, then kills; returns whether it was killed before it had ended by itself.
fn kill_when_held(mut klink: Child, wire: &Wire) -> bool {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        if klink.try_wait().unwrap().is_some() {
            return false;
        }
        if wire.held.load(Ordering::SeqCst) {
            klink.kill().unwrap();
            klink.wait().unwrap();
            return true;
        }
        assert!(Instant::now() < until, "the wire neither holds nor ends");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_byte_of_an_approval_there_is_one_answer_or_the_person_is_asked_again() {
    const ALL: i64 = 1 << 40;
    let world = World::new().await;
    // An approval that nobody disturbs, to know how many bytes there are.
    let (session, asked) = world.ask().await;
    world.wire.hold_after(ALL, ALL);
    world.ok(&["approve", "--yes", "-", &asked.number]);
    let (up, down) = world.wire.passed(ALL, ALL);
    assert_eq!(world.state(&session, &asked), State::Approved);
    let (mut killed, mut before_stored, mut after_stored) = (0, 0, 0);
    let ups = (1..=6).map(|n| (up * n / 7, ALL));
    // The last bytes upwards are the answer itself, the last downwards its reply.
    let last = [(up - 600, ALL), (up - 60, ALL), (ALL, down - 40), (ALL, down - 200)];
    for (up, down) in ups.chain(last) {
        let (session, asked) = world.ask().await;
        world.wire.hold_after(up, down);
        let klink = world.spawn(&["approve", "--yes", "-", &asked.number]);
        killed += u32::from(tokio::task::block_in_place(|| kill_when_held(klink, &world.wire)));
        world.wire.mend();
        let open = world.ok(&["requests"]);
        if open == json!([]) {
            after_stored += 1;
            assert_eq!(world.state(&session, &asked), State::Approved, "{up} {down}");
        } else {
            before_stored += 1;
            assert_eq!(world.state(&session, &asked), State::Open, "{up} {down}");
            assert_eq!(world.ok(&["deny", "-"])["outcome"], "denied", "{up} {down}");
            assert_eq!(world.state(&session, &asked), State::Denied, "{up} {down}");
        }
        assert_eq!(world.answers(&asked), 1, "{up} {down}");
        let outcome = world.ok(&["history"])[0]["outcome"].clone();
        assert_eq!(outcome, if open == json!([]) { "approved" } else { "denied" }, "{up} {down}");
    }
    assert!(
        killed >= 8 && before_stored >= 2 && after_stored >= 2,
        "{killed} {before_stored} {after_stored}"
    );
}
