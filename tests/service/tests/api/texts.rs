//! Codes by text message, through a gateway that stands in on loopback.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use authenticator_core::secret::SecretText;
use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::post;
use klink_service::accounts::{Method, Session, Stage, numbers, users};
use klink_service::requests::{self, State};
use klink_service::texts::{self, Checked, GatewayConfig, NumberError, Sending};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::log::Log;
use crate::world::World;

const TYPED: &str = "06-12345678";

/// A service with a gateway, and what the gateway was given.
pub(crate) struct Texting {
    pub(crate) world: Arc<World>,
    messages: mpsc::UnboundedReceiver<Value>,
    status: Arc<AtomicU16>,
}

impl Texting {
    pub(crate) async fn new() -> Self {
        let (tell, messages) = mpsc::unbounded_channel();
        let status = Arc::new(AtomicU16::new(200));
        let answers = status.clone();
        let gateway = post(move |body: Bytes| async move {
            tell.send(serde_json::from_slice(&body).unwrap()).unwrap();
            StatusCode::from_u16(answers.load(Ordering::SeqCst)).unwrap()
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/send", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/send", gateway)).await });
        let world = World::with(|config| config.text_messages = Some(GatewayConfig::to(&url))).await;
        Self { world: Arc::new(world), messages, status }
    }

    /// A user whose number is confirmed, in a session that has proved nothing yet.
    async fn with_number() -> (Self, Session) {
        let mut texting = Self::new().await;
        let session = texting.world.sign_in().await;
        texting.add_and_confirm(&session).await;
        texting.world.clock.advance(3601);
        let session = texting.world.sign_in().await;
        assert_eq!(session.stage, Stage::SecondFactor);
        (texting, session)
    }

    /// Adds the number and types the code that comes to it.
    async fn add_and_confirm(&mut self, session: &Session) {
        self.add(session).await;
        let code = self.code().await;
        assert_eq!(self.check(session, &code).await, Checked::Right);
    }

    async fn add(&self, session: &Session) {
        let sending = texts::add_number(&self.world.service, session, "NL", TYPED).await.unwrap();
        assert_eq!(sending, Sending::Sent { to: "+31 6 12345678".to_owned(), resend_s: 30 });
    }

    async fn send(&self, session: &Session) -> Sending {
        texts::send_code(&self.world.service, session).await.unwrap()
    }

    async fn check(&self, session: &Session, code: &str) -> Checked {
        texts::check_code(&self.world.service, session, code).await.unwrap()
    }

    async fn message(&mut self) -> Value {
        let wait = std::time::Duration::from_secs(60);
        tokio::time::timeout(wait, self.messages.recv()).await.unwrap().unwrap()
    }

    /// The code in the next message.
    pub(crate) async fn code(&mut self) -> String {
        let message = self.message().await;
        assert_eq!(message["to"], "+31612345678");
        let text = message["text"].as_str().unwrap();
        assert!(text[..6].bytes().all(|b| b.is_ascii_digit()), "{text}");
        text[..6].to_owned()
    }
}

fn other(code: &str) -> String {
    let last = if code.ends_with('0') { '1' } else { '0' };
    format!("{}{last}", &code[..5])
}

fn sent(sending: &Sending) -> bool {
    matches!(sending, Sending::Sent { .. })
}

#[tokio::test]
async fn a_number_is_added_once_its_code_was_typed() {
    let mut texting = Texting::new().await;
    let session = texting.world.sign_in().await;
    texting.add(&session).await;
    let message = texting.message().await;
    let text = message["text"].as_str().unwrap().to_owned();
    let code = &text[..6];
    assert_eq!(
        text,
        format!(
            "{code} is your code for Klink reference service. Nobody will ask you for it.\n\n@service.test #{code}"
        )
    );
    let read = |texting: &Texting| {
        let service = texting.world.service.clone();
        service.store().read(|conn| numbers::get(conn, service.sealing(), &session.user.id)).unwrap()
    };
    assert_eq!(read(&texting), None);
    assert_eq!(texting.check(&session, &other(code)).await, Checked::Wrong { left: 4 });
    assert_eq!(texting.world.again(&session).unwrap().stage, Stage::MustEnrol);
    assert_eq!(texting.check(&session, &format!(" {} {} ", &code[..3], &code[3..])).await, Checked::Right);
    assert_eq!(read(&texting).unwrap().e164, SecretText::from("+31612345678"));
    let proved = texting.world.again(&session).unwrap();
    assert_eq!((proved.stage, proved.factor.unwrap().method), (Stage::SignedIn, Method::Text));
    assert_eq!(texting.check(&session, code).await, Checked::Expired, "a code is good once");
}

#[tokio::test]
async fn numbers_that_are_none_get_nothing() {
    let texting = Texting::new().await;
    let session = texting.world.sign_in().await;
    for (typed, error) in
        [("0612", NumberError::Invalid), ("0900 1234567", NumberError::Kind), ("x", NumberError::NotANumber)]
    {
        let sending = texts::add_number(&texting.world.service, &session, "NL", typed).await.unwrap();
        assert_eq!(sending, Sending::Bad(error));
    }
    assert_eq!(texting.send(&session).await, Sending::NoNumber);
    assert_eq!(texts::resend(&texting.world.service, &session).await.unwrap(), Sending::NoNumber);
}

#[tokio::test]
async fn a_code_signs_in_and_the_user_is_written_to_in_dutch() {
    let (mut texting, session) = Texting::with_number().await;
    users::set_language(&texting.world.service, &session.user.id, "nl").await.unwrap();
    let session = texting.world.again(&session).unwrap();
    let sending = texting.send(&session).await;
    assert_eq!(
        sending,
        Sending::Sent { to: "•••• 78".to_owned(), resend_s: 30 },
        "a password shows no number"
    );
    let text = texting.message().await["text"].as_str().unwrap().to_owned();
    assert!(text.contains(" is uw code voor "), "{text}");
    assert_eq!(texting.check(&session, &text[..6]).await, Checked::Right);
    assert_eq!(texting.world.again(&session).unwrap().stage, Stage::SignedIn);
}

#[tokio::test]
async fn a_code_ends_after_ten_minutes_and_after_five_tries() {
    let (mut texting, session) = Texting::with_number().await;
    assert!(sent(&texting.send(&session).await));
    let code = texting.code().await;
    texting.world.clock.advance(600);
    assert_eq!(texting.check(&session, &code).await, Checked::Expired);
    assert!(sent(&texting.send(&session).await));
    let code = texting.code().await;
    texting.world.clock.advance(590);
    for left in [4, 3, 2, 1] {
        assert_eq!(texting.check(&session, &other(&code)).await, Checked::Wrong { left });
    }
    assert_eq!(texting.check(&session, &other(&code)).await, Checked::Expired);
    assert_eq!(texting.check(&session, &code).await, Checked::Expired, "the right one comes too late");
    assert_eq!(texting.world.again(&session).unwrap().stage, Stage::SecondFactor);
}

#[tokio::test]
async fn another_code_is_sent_after_thirty_seconds_and_the_first_holds_no_longer() {
    let (mut texting, session) = Texting::with_number().await;
    assert!(sent(&texting.send(&session).await));
    let first = texting.code().await;
    let resend = async |texting: &Texting| texts::resend(&texting.world.service, &session).await.unwrap();
    assert!(matches!(resend(&texting).await, Sending::Wait { retry_s: 1..=30 }));
    texting.world.clock.advance(30);
    assert!(sent(&resend(&texting).await));
    let second = texting.code().await;
    assert_ne!(first, second);
    assert!(matches!(texting.check(&session, &first).await, Checked::Wrong { .. }));
    assert_eq!(texting.check(&session, &second).await, Checked::Right);
}

#[tokio::test]
async fn an_account_and_a_number_get_five_messages_an_hour_and_ten_a_day() {
    let (texting, session) = Texting::with_number().await;
    // One was sent an hour ago, when the number was added.
    for n in 0..5 {
        assert!(sent(&texting.send(&session).await), "{n}");
        texting.world.clock.advance(31);
    }
    assert!(matches!(texting.send(&session).await, Sending::Wait { retry_s: 3300..=3600 }));
    // Another account with the same number: the number's own limit holds.
    let password = SecretText::from(crate::world::PASSWORD);
    users::add(&texting.world.service, "uma", "Uma", password.clone()).await.unwrap();
    let visitor = World::visitor();
    let uma =
        klink_service::accounts::sessions::sign_in(&texting.world.service, &visitor, "uma", password).await;
    let klink_service::accounts::SignIn::Done { session: uma, .. } = uma.unwrap() else { panic!() };
    let sending = texts::add_number(&texting.world.service, &uma, "NL", TYPED).await.unwrap();
    assert!(matches!(sending, Sending::Wait { .. }), "{sending:?}");
    let sending = texts::add_number(&texting.world.service, &uma, "NL", "0612345679").await.unwrap();
    assert!(sent(&sending), "another number is not limited");
    texting.world.clock.advance(3600);
    let session = texting.world.sign_in().await;
    for n in 0..4 {
        assert!(sent(&texting.send(&session).await), "{n}");
        texting.world.clock.advance(31);
    }
    assert!(
        matches!(texting.send(&session).await, Sending::Wait { retry_s: 70_000.. }),
        "the day's ten are used"
    );
}

#[tokio::test]
async fn a_hundred_wrong_codes_in_a_row_end_text_messages_whatever_the_codes_were() {
    let (mut texting, session) = Texting::with_number().await;
    assert!(sent(&texting.send(&session).await));
    let code = texting.code().await;
    let user = session.user.id.clone();
    let fill = "INSERT INTO text_failures (user, in_a_row) VALUES (?1, 99)";
    texting.world.service.store().write(move |tx| Ok(tx.execute(fill, [user])?)).await.unwrap();
    assert_eq!(texting.check(&session, &other(&code)).await, Checked::Wrong { left: 4 });
    assert_eq!(texting.check(&session, &code).await, Checked::Locked);
    texting.world.clock.advance(31);
    assert_eq!(texting.send(&session).await, Sending::Locked);
}

#[tokio::test]
async fn after_a_denial_or_a_report_nothing_is_sent_and_nothing_is_taken_in_that_sign_in() {
    for report in [false, true] {
        let mut texting = Texting::new().await;
        let first = texting.world.sign_in().await;
        let mut phone = texting.world.active_phone(&first).await;
        let first = texting.world.again(&first).unwrap();
        texting.add_and_confirm(&first).await;
        texting.world.clock.advance(60);
        let session = texting.world.sign_in().await;
        assert!(sent(&texting.send(&session).await));
        let code = loop {
            // Notices of the phone come in between.
            let message = texting.message().await;
            let text = message["text"].as_str().unwrap();
            if text.contains("is your code") {
                break text[..6].to_owned();
            }
        };
        let asked = texting.world.ask(&session).await;
        let reply = if report {
            phone.report(&texting.world, &asked.id, false).await
        } else {
            phone.deny(&texting.world, &asked.id).await
        };
        assert_eq!(reply.status, StatusCode::OK);
        texting.world.clock.advance(60);
        assert_eq!(texting.send(&session).await, Sending::AfterRefusal);
        assert_eq!(
            texting.check(&session, &code).await,
            Checked::AfterRefusal,
            "not even one that was sent before"
        );
        // The control: another sign-in of the same user.
        let session = texting.world.sign_in().await;
        assert!(sent(&texting.send(&session).await));
    }
}

#[tokio::test]
async fn sending_a_code_closes_the_push_request_of_that_sign_in() {
    let mut texting = Texting::new().await;
    let first = texting.world.sign_in().await;
    let mut phone = texting.world.active_phone(&first).await;
    let first = texting.world.again(&first).unwrap();
    texting.add_and_confirm(&first).await;
    texting.world.clock.advance(60);
    let session = texting.world.sign_in().await;
    let asked = texting.world.ask(&session).await;
    assert!(sent(&texting.send(&session).await));
    let watched = requests::watch(&texting.world.service, &session, &asked.id).unwrap().unwrap();
    assert_eq!(watched.state, State::Cancelled);
    assert!(phone.list(&texting.world).await.requests.is_empty());
}

#[tokio::test]
async fn a_gateway_in_trouble_costs_no_wait_and_the_code_that_came_late_still_counts() {
    let (mut texting, session) = Texting::with_number().await;
    texting.status.store(503, Ordering::SeqCst);
    assert_eq!(texting.send(&session).await, Sending::NoGateway);
    let late = texting.code().await;
    texting.status.store(200, Ordering::SeqCst);
    assert!(sent(&texting.send(&session).await), "at once");
    let code = texting.code().await;
    assert!(matches!(texting.check(&session, &late).await, Checked::Wrong { .. }));
    assert_eq!(texting.check(&session, &code).await, Checked::Right);
    let world = World::new().await;
    let session = world.sign_in().await;
    let sending = texts::add_number(&world.service, &session, "NL", TYPED).await.unwrap();
    assert_eq!(sending, Sending::NoGateway, "there is none");
}

#[tokio::test]
async fn the_database_shows_neither_code_nor_number() {
    let (mut texting, session) = Texting::with_number().await;
    assert!(sent(&texting.send(&session).await));
    let code = texting.code().await;
    let folder = texting.world.service.config().data.clone();
    let mut seen = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let has = |text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
        assert!(!has("612345678"), "{}", path.display());
        // Six digits can stand anywhere by chance: the code is looked for as a whole text.
        assert!(!has(&format!("\"{code}\"")) && !has(&format!(" {code} ")), "{}", path.display());
        // The control: what is not sealed is seen.
        seen += usize::from(has(&session.user.name));
    }
    assert!(seen > 0);
    let row = "SELECT code FROM text_codes WHERE session = ?1";
    let sealed: Vec<u8> = texting
        .world
        .service
        .store()
        .read(|conn| Ok(conn.query_row(row, [&session.key], |row| row.get(0))?))
        .unwrap();
    assert!(!sealed.windows(6).any(|part| part == code.as_bytes()));
}

#[tokio::test]
async fn the_old_number_is_told_of_a_new_one() {
    let (mut texting, session) = Texting::with_number().await;
    assert!(sent(&texting.send(&session).await));
    let code = texting.code().await;
    assert_eq!(texting.check(&session, &code).await, Checked::Right);
    let session = texting.world.again(&session).unwrap();
    texting.world.clock.advance(60);
    let sending = texts::add_number(&texting.world.service, &session, "BE", "0470 12 34 56").await.unwrap();
    assert!(sent(&sending));
    let text = texting.message().await["text"].as_str().unwrap()[..6].to_owned();
    assert_eq!(texting.check(&session, &text).await, Checked::Right);
    let notice = texting.message().await;
    assert_eq!(notice["to"], "+31612345678", "the number that was confirmed before");
    let text = notice["text"].as_str().unwrap();
    assert!(text.contains("a new phone number gets your codes"), "{text}");
}

#[tokio::test]
async fn the_log_at_its_most_talkative_has_neither_code_nor_number() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.subscriber(tracing::Level::TRACE));
    let (mut texting, session) = Texting::with_number().await;
    texting.status.store(503, Ordering::SeqCst);
    assert_eq!(texting.send(&session).await, Sending::NoGateway);
    let code = texting.code().await;
    assert!(matches!(texting.check(&session, &other(&code)).await, Checked::Wrong { .. }));
    assert_eq!(texting.check(&session, &code).await, Checked::Right);
    let text = log.text();
    // The control: the failed call itself was logged.
    assert!(
        text.contains("a text message was not sent") && text.contains("the gateway answered 503"),
        "{text}"
    );
    for secret in [code.as_str(), "612345678", "is your code"] {
        assert!(!text.contains(secret), "{secret}");
    }
}
