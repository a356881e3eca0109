//! A stand-in for Google's token endpoint and for Firebase Cloud Messaging, as Google documents them.

use std::sync::atomic::AtomicUsize;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Uri};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;

use super::*;

const KEY: &str = include_str!("../../../../vectors/relay/service_account_key.pem");

pub(super) struct Google {
    pub(super) stand_in: StandIn,
    pub(super) seen: Arc<Seen>,
}

#[derive(Default)]
pub(super) struct Seen {
    /// Access tokens that were given out.
    pub(super) tokens: AtomicUsize,
    /// Messages in the order they came.
    pub(super) messages: Mutex<Vec<Value>>,
    pub(super) answers: Answers,
    /// When set, the token endpoint answers with this status alone.
    pub(super) no_token: Mutex<Option<u16>>,
}

impl Google {
    pub(super) async fn start(clock: Arc<AtomicI64>) -> Self {
        let seen = Arc::<Seen>::default();
        let answering = seen.clone();
        let stand_in = StandIn::serve_at(|origin| {
            let origin = origin.to_owned();
            Router::new().fallback(move |uri: Uri, headers: HeaderMap, body: Bytes| {
                let (origin, seen, now) = (origin.clone(), answering.clone(), clock.load(Ordering::SeqCst));
                async move {
                    match uri.path() {
                        "/token" => token(&seen, &origin, now, &headers, &body),
                        "/v1/projects/klink-test/messages:send" => message(&seen, &headers, &body),
                        _ => (StatusCode::NOT_FOUND, HeaderMap::new(), String::new()),
                    }
                }
            })
        })
        .await;
        Self { stand_in, seen }
    }

    /// The file that Google's console gives.
    pub(super) fn service_account(&self) -> String {
        json!({
            "type": "service_account",
            "project_id": "klink-test",
            "private_key_id": "0123456789abcdef",
            "private_key": KEY,
            "client_email": "relay@klink-test.iam.gserviceaccount.com",
            "client_id": "1",
            "token_uri": format!("{}/token", self.stand_in.origin),
        })
        .to_string()
    }
}

type Answer = (StatusCode, HeaderMap, String);

/// "Using OAuth 2.0 for server to server applications", the part on HTTP/REST.
fn token(seen: &Seen, origin: &str, now: i64, headers: &HeaderMap, body: &Bytes) -> Answer {
    if let Some(status) = *seen.no_token.lock().unwrap() {
        return (StatusCode::from_u16(status).unwrap(), HeaderMap::new(), String::new());
    }
    assert_eq!(headers["content-type"], "application/x-www-form-urlencoded");
    let form: std::collections::HashMap<_, _> = url::form_urlencoded::parse(body).into_owned().collect();
    assert_eq!(form["grant_type"], "urn:ietf:params:oauth:grant-type:jwt-bearer");
    let (header, claims, input, signature) = jws(&form["assertion"]);
    assert_eq!(header, json!({"alg": "RS256", "typ": "JWT", "kid": "0123456789abcdef"}));
    assert_eq!(claims["iss"], "relay@klink-test.iam.gserviceaccount.com");
    assert_eq!(claims["scope"], "https://www.googleapis.com/auth/firebase.messaging");
    assert_eq!(claims["aud"], format!("{origin}/token"));
    let (iat, exp) = (claims["iat"].as_i64().unwrap(), claims["exp"].as_i64().unwrap());
    assert!(iat <= now && now < exp && exp - iat <= 3600, "{iat} {now} {exp}");
    let der = PrivatePkcs8KeyDer::from_pem_slice(KEY.as_bytes()).unwrap();
    let pair = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).unwrap();
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public());
    key.verify(&input, &signature).expect("the assertion's signature");
    let n = seen.tokens.fetch_add(1, Ordering::SeqCst) + 1;
    let answer =
        json!({"access_token": format!("ya29.{n}"), "scope": "", "token_type": "Bearer", "expires_in": 3599});
    (StatusCode::OK, HeaderMap::new(), answer.to_string())
}

/// Reference of the REST API, `projects.messages.send` and `Message`.
fn message(seen: &Seen, headers: &HeaderMap, body: &Bytes) -> Answer {
    let newest = format!("Bearer ya29.{}", seen.tokens.load(Ordering::SeqCst));
    assert_eq!(headers["authorization"], newest);
    assert!(headers["content-type"].to_str().unwrap().starts_with("application/json"));
    let sent: Value = serde_json::from_slice(body).unwrap();
    let members = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(members(&sent), ["message"]);
    let message = &sent["message"];
    assert_eq!(members(message), ["android", "data", "token"]);
    assert!(message["data"].as_object().unwrap().values().all(Value::is_string), "data is a map of texts");
    let data: usize = message["data"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| name.len() + value.as_str().unwrap().len())
        .sum();
    assert!(data <= 4096, "{data} bytes of data");
    let android = &message["android"];
    assert!(members(android).iter().all(|name| ["collapse_key", "priority", "ttl"].contains(&name.as_str())));
    assert!(["HIGH", "NORMAL"].contains(&android["priority"].as_str().unwrap()));
    let ttl = android["ttl"].as_str().unwrap().strip_suffix('s').unwrap();
    assert!(ttl.parse::<u32>().unwrap() <= 28 * 24 * 3600);
    seen.messages.lock().unwrap().push(message.clone());
    answer(&seen.answers, json!({"name": "projects/klink-test/messages/0:1"}))
}

/// Takes the next answer of a list.
pub(super) fn answer(answers: &Answers, usual: Value) -> Answer {
    let (status, body, wait) = answers.lock().unwrap().pop_front().unwrap_or((200, usual, None));
    let mut headers = HeaderMap::new();
    if let Some(wait) = wait {
        headers.insert("Retry-After", wait.parse().unwrap());
    }
    let body = if body.is_null() { String::new() } else { body.to_string() };
    (StatusCode::from_u16(status).unwrap(), headers, body)
}
