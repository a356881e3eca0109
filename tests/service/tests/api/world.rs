//! A service without sockets, its user, and the calls of a browser's session.

use authenticator_core::push::wire::Problem;
use authenticator_core::secret::SecretText;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use klink_service::accounts::{Session, SignIn, sessions, users};
use klink_service::clock::Clock;
use klink_service::http::Visitor;
use klink_service::push::offers::{self, ConfirmCheck, MakeOffer, Offer, OfferState};
use klink_service::requests::{self, Asked, Start};
use klink_service::{Config, Service};
use tower::ServiceExt;

use crate::phone::Phone;

pub(crate) const ORIGIN: &str = "https://service.test";
pub(crate) const PASSWORD: &str = "correct horse";

pub(crate) struct World {
    pub(crate) service: Service,
    pub(crate) clock: Clock,
    router: Router,
    _folder: tempfile::TempDir,
}

pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config { data: folder.path().join("data"), ..Config::default() };
        change(&mut config);
        let clock = Clock::standing_at(1_800_000_000);
        let opened = Service::open(config, ORIGIN, ORIGIN.to_owned(), clock.clone());
        let (service, effects) = opened.unwrap();
        tokio::spawn(service.clone().deliver(effects));
        let password = SecretText::from(PASSWORD);
        assert_eq!(users::add(&service, "tess", "Tess", password).await.unwrap(), users::Add::Added);
        let router = klink_service::http::router(service.clone());
        Self { service, clock, router, _folder: folder }
    }

    pub(crate) fn visitor() -> Visitor {
        Visitor { address: "192.0.2.1".to_owned(), agent: "Firefox/140 Linux".to_owned() }
    }

    /// Types the right password.
    pub(crate) async fn sign_in(&self) -> Session {
        let right = SecretText::from(PASSWORD);
        match sessions::sign_in(&self.service, &Self::visitor(), "Tess", right).await.unwrap() {
            SignIn::Done { session, token: _ } => *session,
            other => panic!("{other:?}"),
        }
    }

    /// Reads a session again.
    pub(crate) fn again(&self, session: &Session) -> Option<Session> {
        sessions::again(&self.service, session).unwrap()
    }

    pub(crate) async fn offer(&self, session: &Session) -> Offer {
        match offers::make(&self.service, session).await.unwrap() {
            MakeOffer::Made(offer) => offer,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn offer_state(&self, session: &Session, offer: &Offer) -> OfferState {
        offers::status(&self.service, session, &offer.jti).unwrap().unwrap()
    }

    /// Enrols a phone and has its test approved, in a session that may.
    pub(crate) async fn active_phone(&self, session: &Session) -> Phone {
        let mut phone = self.pending_phone(session).await;
        let asked = self.start_test(session, &phone).await;
        assert_eq!(phone.approve(self, &asked.id, &asked.number).await.status, StatusCode::OK);
        phone
    }

    /// Enrols a phone and confirms its check number.
    pub(crate) async fn pending_phone(&self, session: &Session) -> Phone {
        let offer = self.offer(session).await;
        let mut phone = Phone::new();
        let reply = phone.enrol(self, &offer).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
        let confirmed = offers::confirm(&self.service, session, &offer.jti, true).await.unwrap();
        assert_eq!(confirmed, ConfirmCheck::Confirmed);
        phone
    }

    pub(crate) async fn start_test(&self, session: &Session, phone: &Phone) -> Asked {
        let start =
            requests::start_test(&self.service, session, &Self::visitor(), &phone.id()).await.unwrap();
        match start {
            Start::Made(asked) => asked,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn start_login(&self, session: &Session) -> Start {
        requests::start_login(&self.service, session, &Self::visitor()).await.unwrap()
    }

    /// Asks for a sign-in that the limits allow.
    pub(crate) async fn ask(&self, session: &Session) -> Asked {
        match self.start_login(session).await {
            Start::Made(asked) => asked,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, String)],
        body: String,
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request.body(Body::from(body)).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        Reply { status, headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }
}

impl Reply {
    /// Returns a header's value, empty when it is not there.
    pub(crate) fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn problem(&self) -> Problem {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// Checks status and code of a refusal, and that it is of the form it should be.
    #[track_caller]
    pub(crate) fn refuses(&self, status: u16, code: &str) {
        assert_eq!((self.status.as_u16(), self.problem().code.as_str()), (status, code), "{}", self.body);
        assert_eq!(self.header(header::CONTENT_TYPE), "application/problem+json");
        if status == 401 {
            assert_eq!(
                self.header(header::WWW_AUTHENTICATE),
                format!("DPoP error=\"{code}\", algs=\"ES256\"")
            );
        }
    }
}
