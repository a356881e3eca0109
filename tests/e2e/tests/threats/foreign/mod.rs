//! A server of somebody else's, in the protocol of privacyIDEA: it signs what it asks, and says what a test has it say.

mod errors;
mod hostile;
mod keys;
mod requests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use authenticator_core::base32;
use authenticator_core::crypto::rsa::RsaPublicKey;
use authenticator_core::device::{DeviceKeys, KeyKind, Presence, Purpose};
use authenticator_core::net::Trust;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use klink::phone::Folders;
use klink::soft_keys::SoftKeys;
use serde_json::{Value, json};

use crate::world::{Phone, PhoneClock, certificate};

pub(crate) const SERIAL: &str = "PIPU00080D42";
const CREDENTIAL: &str = "fa0d364d313781db982648dfa96e750e77cde617";

/// What the server says next to one kind of call: a status, and a body.
#[derive(Clone)]
pub(crate) struct Says(pub(crate) u16, pub(crate) Vec<u8>);

/// The kinds of call.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub(crate) enum Kind {
    Enrol,
    Look,
    Answer,
    Address,
}

/// The fields of a form, by name.
pub(crate) type Form = HashMap<String, String>;

#[derive(Default)]
struct Talk {
    says: HashMap<Kind, Says>,
    clock: PhoneClock,
    heard: Vec<(Kind, Form)>,
}

/// A server that runs, and one phone that trusts its certificate.
pub(crate) struct Foreign {
    pub(crate) phone: Phone,
    pub(crate) url: String,
    /// What the server's own clock shows: it stands in every reply.
    pub(crate) clock: PhoneClock,
    key: Arc<SoftKeys>,
    talk: Arc<Mutex<Talk>>,
    _folder: tempfile::TempDir,
}

impl Foreign {
    /// Starts a server that takes everything and asks nothing.
    pub(crate) async fn new() -> Self {
        Self::with(Phone::new).await
    }

    pub(crate) async fn with(phone: impl FnOnce(Folders, Trust) -> Phone) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let (authority, files) = certificate(folder.path(), "127.0.0.1");
        let clock = PhoneClock::default();
        let talk = Arc::new(Mutex::new(Talk { clock: clock.clone(), ..Talk::default() }));
        let router = Router::new().route("/ttype/push", get(look).post(told)).with_state(Arc::clone(&talk));
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let tls =
            axum_server::tls_rustls::RustlsConfig::from_pem_file(files.certificate, files.key).await.unwrap();
        tokio::spawn(axum_server::from_tcp_rustls(listener, tls).unwrap().serve(router.into_make_service()));
        let key = Arc::new(SoftKeys::new(folder.path().join("server"), Box::new(|_| Ok(()))));
        let made = key.make("server", KeyKind::Rsa2048, Presence::None, None).unwrap();
        let public = RsaPublicKey::from_spki(&made.spki).unwrap();
        let foreign = Self {
            phone: phone(Folders::within(&folder.path().join("phone")), Trust::DeviceAnd(authority)),
            url: format!("https://127.0.0.1:{port}/ttype/push"),
            clock,
            key,
            talk,
            _folder: folder,
        };
        foreign.says(Kind::Enrol, &json!({
            "result": { "status": true, "value": true },
            "detail": {
                "public_key": STANDARD.encode(public.pkcs1()), "rollout_state": "enrolled", "serial": SERIAL,
            },
        }));
        foreign.lists(&[]);
        foreign.says(Kind::Answer, &taken(true));
        foreign.says(Kind::Address, &taken(true));
        foreign
    }

    /// The same, and its phone is enrolled.
    pub(crate) async fn enrolled() -> Self {
        let foreign = Self::new().await;
        foreign.phone.enrol(&foreign.link()).await.unwrap();
        foreign
    }

    /// Returns what a set-up page of this server would show.
    pub(crate) fn link(&self) -> String {
        let url = self.url.replace(':', "%3A");
        format!(
            "otpauth://pipush/alice?url={url}&issuer=X&v=1&serial={SERIAL}&enrollment_credential={CREDENTIAL}&ttl=10"
        )
    }

    /// Has the server say this to one kind of call from now on.
    pub(crate) fn says(&self, kind: Kind, body: &Value) {
        self.says_bytes(kind, 200, body.to_string().into_bytes());
    }

    pub(crate) fn says_bytes(&self, kind: Kind, status: u16, body: Vec<u8>) {
        self.talk.lock().unwrap().says.insert(kind, Says(status, body));
    }

    /// Returns what the server says to one kind of call now.
    pub(crate) fn said(&self, kind: Kind) -> Value {
        serde_json::from_slice(&self.talk.lock().unwrap().says[&kind].1).unwrap()
    }

    /// Has the server list these requests.
    pub(crate) fn lists(&self, requests: &[Value]) {
        self.says(Kind::Look, &json!({ "result": { "status": true, "value": requests } }));
    }

    /// Has the server refuse one kind of call, as it does: an HTTP status, and a code of its own.
    pub(crate) fn refuses(&self, kind: Kind, status: u16, code: i64) {
        let error = json!({ "code": code, "message": "ein Text, den niemand liest" });
        let body = json!({ "result": { "status": false, "error": error }, "version": "x" });
        self.says_bytes(kind, status, body.to_string().into_bytes());
    }

    /// Returns the forms of all calls of one kind, the oldest first.
    pub(crate) fn heard(&self, kind: Kind) -> Vec<Form> {
        let talk = self.talk.lock().unwrap();
        talk.heard.iter().filter(|(heard, _)| *heard == kind).map(|(_, form)| form.clone()).collect()
    }

    /// A request that the server signs; `options` are those of a number.
    pub(crate) fn asks(&self, nonce: &str, options: Option<&str>) -> Value {
        self.asks_for(&self.url, nonce, options)
    }

    /// The same, with the address that answers are to go to.
    pub(crate) fn asks_for(&self, url: &str, nonce: &str, options: Option<&str>) -> Value {
        let text = format!("{nonce}|{url}|{SERIAL}|Sign in?|X|1");
        let text = options.map_or(text.clone(), |options| format!("{text}|{options}"));
        let mut asked = json!({
            "nonce": nonce, "url": url, "serial": SERIAL, "question": "Sign in?", "title": "X", "sslverify": "1",
            "signature": self.signed(&text),
        });
        if let Some(options) = options {
            asked["require_presence"] = options.into();
        }
        asked
    }

    fn signed(&self, text: &str) -> String {
        let signature = self.key.sign("server", text.as_bytes(), Purpose::Device).unwrap();
        base32::encode(&signature).expose().to_owned()
    }

    /// Has the clocks of both stand still.
    pub(crate) fn stop_clocks(&self) {
        self.clock.stop();
        self.phone.clock.stop();
    }

    /// Sets the clocks of both so many seconds ahead.
    pub(crate) fn set_ahead_s(&self, seconds: i64) {
        self.clock.set_ahead_s(seconds);
        self.phone.clock.set_ahead_s(seconds);
    }

    /// Returns everything that the phone knows and its vault's files, for comparing; the clocks have to stand.
    pub(crate) async fn state(&self) -> (String, [Vec<u8>; 2]) {
        let core = &self.phone.core;
        let known = format!(
            "{:?} {:?} {:?} {:?}",
            core.enrolments().await.unwrap(),
            core.push_history().await.unwrap(),
            core.challenges().await.unwrap(),
            core.list().unwrap(),
        );
        let file = |name: &str| std::fs::read(self.phone.folders.vault.join(name)).unwrap();
        (known, [file("vault.db"), file("vault.keys")])
    }
}

/// What the server says of an answer or an address.
pub(crate) fn taken(value: bool) -> Value {
    json!({ "result": { "status": true, "value": value } })
}

type Shared = State<Arc<Mutex<Talk>>>;

async fn look(State(talk): Shared, RawQuery(query): RawQuery) -> impl IntoResponse {
    reply(&talk, Kind::Look, query.unwrap_or_default().as_bytes())
}

async fn told(State(talk): Shared, body: Bytes) -> impl IntoResponse {
    let fields = form(&body);
    let kind = if fields.contains_key("enrollment_credential") {
        Kind::Enrol
    } else if fields.contains_key("new_fb_token") {
        Kind::Address
    } else {
        Kind::Answer
    };
    reply(&talk, kind, &body)
}

fn reply(talk: &Mutex<Talk>, kind: Kind, sent: &[u8]) -> impl IntoResponse + use<> {
    let mut talk = talk.lock().unwrap();
    talk.heard.push((kind, form(sent)));
    let Says(status, body) = talk.says[&kind].clone();
    let date = Timestamp::from_millisecond(talk.clock.now().ms()).unwrap();
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&date).unwrap();
    let headers = [(header::CONTENT_TYPE, "application/json".to_owned()), (header::DATE, date)];
    (StatusCode::from_u16(status).unwrap(), headers, body)
}

fn form(bytes: &[u8]) -> Form {
    url::form_urlencoded::parse(bytes).into_owned().collect()
}
