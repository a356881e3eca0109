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

/// More bytes than an approval has.
const ALL: i64 = 1 << 40;

/// What the phone knows after a kill.
#[derive(Debug, Eq, PartialEq)]
enum Knows {
    /// The answer was stored before it was sent: it is given.
    Answered,
    /// Nothing was: the person is asked again, and denies.
    AskedAgain,
}

impl World {
    /// Measures an approval that nobody disturbs: how many bytes pass on each way.
    async fn whole(&self) -> (i64, i64) {
        let (session, asked) = self.ask().await;
        self.wire.hold_after(ALL, ALL);
        self.ok(&["approve", "--yes", "-", &asked.number]);
        assert_eq!(self.state(&session, &asked), State::Approved);
        self.wire.passed(ALL, ALL)
    }

    /// Approves and kills when so many bytes have passed; tells whether it was killed before it had ended by itself.
    fn approve_and_kill(&self, asked: &Asked, up: i64, down: i64) -> bool {
        self.wire.hold_after(up, down);
        let klink = self.spawn(&["approve", "--yes", "-", &asked.number]);
        let killed = tokio::task::block_in_place(|| kill_when_held(klink, &self.wire));
        self.wire.mend();
        killed
    }

    fn history(&self) -> Vec<Value> {
        self.ok(&["history"]).as_array().unwrap().clone()
    }

    /// Looks at both sides; an error says how phone and service differ.
    fn judge(&self, session: &Session, asked: &Asked, before: usize) -> Result<Knows, String> {
        let must = |right: bool, what: &str| if right { Ok(()) } else { Err(what.to_owned()) };
        let (knows, state, outcome) = if self.ok(&["requests"]) == json!([]) {
            (Knows::Answered, State::Approved, "approved")
        } else {
            must(
                self.state(session, asked) == State::Open,
                "the person is asked again for what is answered",
            )?;
            must(self.ok(&["deny", "-"])["outcome"] == "denied", "asked again, the person cannot answer")?;
            (Knows::AskedAgain, State::Denied, "denied")
        };
        must(self.state(session, asked) == state, "the service has another answer")?;
        must(self.answers(asked) == 1, "there is not one answer")?;
        let history = self.history();
        must(history.len() == before + 1, "the phone does not know what it answered")?;
        must(history[0]["outcome"] == outcome, "the phone remembers another answer")?;
        Ok(knows)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_byte_of_an_approval_there_is_one_answer_or_the_person_is_asked_again() {
    let world = World::new().await;
    let (up, down) = world.whole().await;
    let (mut killed, mut before_stored, mut after_stored) = (0, 0, 0);
    let ups = (1..=6).map(|n| (up * n / 7, ALL));
    // The last bytes upwards are the answer itself, the last downwards its reply.
    let last = [(up - 600, ALL), (up - 60, ALL), (ALL, down - 40), (ALL, down - 200)];
    for (up, down) in ups.chain(last) {
        let (session, asked) = world.ask().await;
        let before = world.history().len();
        killed += u32::from(world.approve_and_kill(&asked, up, down));
        match world.judge(&session, &asked, before) {
            Ok(Knows::Answered) => after_stored += 1,
            Ok(Knows::AskedAgain) => before_stored += 1,
            Err(why) => panic!("killed after {up} and {down} bytes: {why}"),
        }
    }
    assert!(
        killed >= 8 && before_stored >= 2 && after_stored >= 2,
        "{killed} {before_stored} {after_stored}"
    );
}

/// The control: the same kill, and a phone that had not stored its answer before it sent it.
#[tokio::test(flavor = "multi_thread")]
async fn control_a_phone_that_stores_nothing_before_it_sends_does_not_know_what_it_answered() {
    let world = World::new().await;
    let (_, down) = world.whole().await;
    let (session, asked) = world.ask().await;
    let before = world.history().len();
    let vault = world.klink.path("vault");
    let files = ["push.db", "push.db-wal", "push.db-shm"].map(|name| vault.join(name));
    let stored: Vec<_> = files.iter().map(|path| std::fs::read(path).ok()).collect();
    assert!(world.approve_and_kill(&asked, ALL, down - 40), "the reply is cut");
    for (path, bytes) in files.iter().zip(stored) {
        match bytes {
            Some(bytes) => std::fs::write(path, bytes).unwrap(),
            None => drop(std::fs::remove_file(path)),
        }
    }
    assert_eq!(world.state(&session, &asked), State::Approved, "the service has the answer");
    assert!(world.judge(&session, &asked, before).is_err());
}
