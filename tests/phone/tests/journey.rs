//! `klink` and the reference service: a person's commands, each a process of its own, over real TLS.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod running;

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use authenticator_core::push::wire;
use authenticator_core::secret::SecretText;
use klink_service::accounts::{Session, SignIn, sessions, users};
use klink_service::http::Visitor;
use klink_service::push::offers::{self, MakeOffer, OfferState};
use klink_service::requests::{self, Asked, Party, Start};
use klink_service::{Config, Running, Service, start};
use running::{Klink, Trusting, draw};
use serde_json::{Value, json};

struct World {
    klink: Klink,
    running: Running,
    _data: tempfile::TempDir,
}

fn visitor() -> Visitor {
    Visitor { address: "192.0.2.1".to_owned(), agent: "Firefox/140 Linux".to_owned() }
}

impl World {
    async fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let config = Config {
            listen: "127.0.0.1:0".parse().unwrap(),
            data: data.path().join("data"),
            organisation: "Example Organisation".to_owned(),
            ..Config::default()
        };
        let running = start(config).await.unwrap();
        let password = SecretText::from("correct horse");
        users::add(running.service(), "tess", "Tess", password).await.unwrap();
        Self { klink: Klink::new(), running, _data: data }
    }

    fn service(&self) -> &Service {
        self.running.service()
    }

    #[track_caller]
    fn ok(&self, arguments: &[&str]) -> Value {
        Trusting { klink: &self.klink, authority: &self.authority() }.ok(arguments)
    }

    #[track_caller]
    fn refused(&self, arguments: &[&str]) -> Value {
        Trusting { klink: &self.klink, authority: &self.authority() }.refused(arguments)
    }

    fn authority(&self) -> String {
        self.running.authority().unwrap().to_str().unwrap().to_owned()
    }

    async fn sign_in(&self) -> Session {
        let right = SecretText::from("correct horse");
        match sessions::sign_in(self.service(), &visitor(), "tess", right).await.unwrap() {
            SignIn::Done { session, .. } => *session,
            other => panic!("{other:?}"),
        }
    }

    /// Asks for a sign-in.
    async fn ask(&self) -> Asked {
        let session = self.sign_in().await;
        match requests::start_login(self.service(), &session, &visitor()).await.unwrap() {
            Start::Made(asked) => asked,
            other => panic!("{other:?}"),
        }
    }

    /// Enrols by a picture of the page, confirms the number, and approves the test.
    async fn enrolled(&self) -> Session {
        let session = self.sign_in().await;
        let MakeOffer::Made(offer) = offers::make(self.service(), &session).await.unwrap() else { panic!() };
        let picture = self.klink.path("page.png");
        draw(&picture, &offer.link);
        let enrolled = self.ok(&["enrol", "--yes", picture.to_str().unwrap()]);
        assert_eq!(enrolled["enrolment"]["service"], "Example Organisation");
        assert_eq!(enrolled["enrolment"]["state"], "pending_test");
        offers::confirm(self.service(), &session, &offer.jti, true).await.unwrap();
        let OfferState::Enrolled { credential, check_number, .. } =
            offers::status(self.service(), &session, &offer.jti).unwrap().unwrap()
        else {
            panic!()
        };
        assert_eq!(enrolled["check_number"], check_number);
        let start = requests::start_test(self.service(), &session, &visitor(), &credential).await.unwrap();
        let Start::Made(asked) = start else { panic!() };
        let answered = self.ok(&["approve", "--yes", "-", &asked.number]);
        assert_eq!(answered["outcome"], "approved");
        assert_eq!(self.ok(&["enrolments"])[0]["state"], "active");
        session
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_enrols_approves_denies_reports_and_reads_the_history() {
    let world = World::new().await;
    world.enrolled().await;
    assert_eq!(world.ok(&["requests"]), json!([]));

    let asked = world.ask().await;
    let request = world.ok(&["requests"])[0].clone();
    assert_eq!(request["service"], "Example Organisation");
    assert_eq!(request["match"], json!({ "how": "type", "length": 2 }));
    assert_eq!(request["device"], "Firefox, Linux");
    let id = request["id"].as_str().unwrap().to_owned();
    assert!(id.starts_with(&asked.id));
    assert_eq!(world.refused(&["approve", "--yes", &id, "7"])["error"], "not_the_number");
    assert_eq!(world.refused(&["approve", &id, &asked.number])["error"], "cancelled", "nobody is there");
    assert_eq!(world.ok(&["approve", "--yes", &id[..8], &asked.number])["outcome"], "approved");
    assert_eq!(world.refused(&["deny", &id])["error"], "no_such_request");

    let asked = world.ask().await;
    // Locked: no name, and a denial without the vault.
    let locked = world.ok(&["requests", "--locked"])[0].clone();
    assert_eq!((&locked["service"], &locked["account_name"]), (&Value::Null, &Value::Null));
    assert_eq!(world.ok(&["deny", &asked.id])["outcome"], "denied");

    world.ask().await;
    assert_eq!(world.ok(&["report", "-"])["outcome"], "reported");
    let history = world.ok(&["history"]);
    let outcomes: Vec<&str> =
        history.as_array().unwrap().iter().map(|one| one["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["reported", "denied", "approved", "approved"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_exactly_is_to_be_approved_is_printed_as_its_party_wrote_it() {
    let world = World::new().await;
    let user = world.enrolled().await.user.id;
    let payment = json!([{
        "type": "payment_initiation",
        "instructedAmount": {"amount": "12.50", "currency": "EUR"},
        "creditorName": "Café de Maas",
    }]);
    for details in [Value::Null, payment, json!({"more": [1, null, true]})] {
        let wish = Party {
            user: user.clone(),
            party: wire::Party { id: "shop".to_owned(), name: "Shop".parse().unwrap() },
            context: wire::Context {
                ip: "198.51.100.7".parse().unwrap(),
                city: None,
                country: None,
                ua: "Firefox".parse().unwrap(),
                device: None,
                time: klink::phone::now().into(),
                new_device: false,
            },
            message: None,
            details: (!details.is_null()).then(|| details.to_string().parse().unwrap()),
            life_s: 60,
        };
        let start = requests::start_for_party(world.service(), wish).await.unwrap();
        let Start::Made(asked) = start else { panic!("{start:?}") };
        let request = world.ok(&["requests"])[0].clone();
        assert_eq!(request["application"], "Shop");
        assert_eq!(request.get("authorization_details"), Some(&details));
        let id = request["id"].as_str().unwrap();
        assert_eq!(world.ok(&["approve", "--yes", id, &asked.number])["outcome"], "approved");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_not_trusted_gets_nothing() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let MakeOffer::Made(offer) = offers::make(world.service(), &session).await.unwrap() else { panic!() };
    let refused = tokio::task::block_in_place(|| world.klink.refused(&["enrol", "--yes", &offer.link]));
    assert_eq!(refused["error"], "network");
    assert_eq!(refused["detail"]["may_have_arrived"], false);
    let waiting = offers::status(world.service(), &session, &offer.jti).unwrap().unwrap();
    assert!(matches!(waiting, OfferState::Waiting(_)));
    // The control: trusted, the same offer is taken.
    assert_eq!(world.ok(&["enrol", "--yes", &offer.link])["enrolment"]["state"], "pending_test");
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_shows_a_request_takes_its_number_and_prints_text_messages() {
    let world = World::new().await;
    world.enrolled().await;
    let authority = world.authority();
    let mut watching = world
        .klink
        .command(&["watch", "--json", "--sms-listen", "127.0.0.1:0", "--ca-file", &authority])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(watching.stdout.take().unwrap()).lines();
    let mut next = move || -> Value {
        let line = tokio::task::block_in_place(|| lines.next()).unwrap().unwrap();
        serde_json::from_str(&line).unwrap()
    };
    let listening = next();
    assert_eq!(listening["event"], "listening");
    let address = listening["address"].as_str().unwrap().to_owned();
    let asked = world.ask().await;
    let shown = next();
    assert_eq!(shown["event"], "request");
    assert!(shown["request"]["id"].as_str().unwrap().starts_with(&asked.id));
    let mut typing = watching.stdin.take().unwrap();
    writeln!(typing, "{}", asked.number).unwrap();
    assert_eq!(next()["outcome"], "approved");
    let body = r#"{"to":"+31612345678","text":"Your code is 123456"}"#;
    let mut gateway = std::net::TcpStream::connect(&address).unwrap();
    write!(gateway, "POST /send HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}", body.len())
        .unwrap();
    let text = next();
    assert_eq!((&text["to"], &text["text"]), (&json!("+31612345678"), &json!("Your code is 123456")));
    watching.kill().unwrap();
    watching.wait().unwrap();
}
