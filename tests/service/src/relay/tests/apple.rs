//! A stand-in for Apple Push Notification service, as Apple documents it.

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Uri, Version};
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, UnparsedPublicKey,
};

use super::*;

pub(super) struct Apple {
    pub(super) stand_in: StandIn,
    pub(super) seen: Arc<Seen>,
    pub(super) key_pem: String,
}

pub(super) struct Seen {
    key: Vec<u8>,
    /// Provider tokens in the order they came.
    pub(super) tokens: Mutex<Vec<String>>,
    /// Path, headers and payload of each message.
    pub(super) messages: Mutex<Vec<(String, HeaderMap, Value)>>,
    pub(super) answers: Answers,
}

impl Apple {
    pub(super) async fn start(clock: Arc<AtomicI64>) -> Self {
        let random = SystemRandom::new();
        let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.as_ref(), &random).unwrap();
        let key_pem =
            format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der));
        let key = pair.public_key().as_ref().to_vec();
        let seen = Arc::new(Seen {
            key,
            tokens: Mutex::default(),
            messages: Mutex::default(),
            answers: Answers::default(),
        });
        let answering = seen.clone();
        let router = Router::new().fallback(
            move |method: Method, version: Version, uri: Uri, headers: HeaderMap, body: Bytes| {
                let (seen, now) = (answering.clone(), clock.load(Ordering::SeqCst));
                async move {
                    assert_eq!((method, version), (Method::POST, Version::HTTP_2));
                    message(&seen, now, uri.path(), headers, &body)
                }
            },
        );
        Self { stand_in: StandIn::serve(router).await, seen, key_pem }
    }
}

/// "Sending notification requests to APNs" and "Establishing a token-based connection to APNs".
fn message(
    seen: &Seen,
    now: i64,
    path: &str,
    headers: HeaderMap,
    body: &Bytes,
) -> (StatusCode, HeaderMap, String) {
    let token = path.strip_prefix("/3/device/").expect("the path of a device");
    assert!(
        !token.is_empty() && token.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase()),
        "{token}"
    );
    let text = |name: &str| headers[name].to_str().unwrap();
    let provider =
        text("authorization").strip_prefix("bearer ").or(text("authorization").strip_prefix("Bearer "));
    let provider = provider.unwrap().to_owned();
    let (header, claims, input, signature) = jws(&provider);
    assert_eq!(header, json!({"alg": "ES256", "kid": "ABCDE12345"}));
    assert_eq!(claims["iss"], "FGHIJ67890");
    let age = now - claims["iat"].as_i64().unwrap();
    assert!((0..3600).contains(&age), "a provider token of {age} seconds");
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &seen.key);
    key.verify(&input, &signature).expect("the provider token's signature");
    {
        // Apple answers TooManyProviderTokenUpdates when tokens change more than once in 20 minutes.
        let mut tokens = seen.tokens.lock().unwrap();
        if tokens.last() != Some(&provider) {
            if let Some(last) = tokens.last() {
                let made = jws(last).1["iat"].as_i64().unwrap();
                assert!(claims["iat"].as_i64().unwrap() - made >= 20 * 60, "tokens change too often");
            }
            tokens.push(provider);
        }
    }
    assert_eq!((text("apns-topic"), text("apns-push-type")), ("org.example.klink", "alert"));
    assert!(["5", "10"].contains(&text("apns-priority")));
    let until: i64 = text("apns-expiration").parse().unwrap();
    assert!(until == 0 || until >= now);
    if let Some(id) = headers.get("apns-collapse-id") {
        assert!(id.len() <= 64);
    }
    assert!(body.len() <= 4096, "a payload of {} bytes", body.len());
    let payload: Value = serde_json::from_slice(body).unwrap();
    assert_eq!(payload["aps"]["mutable-content"], 1);
    // Words belong to the app: the alert has none.
    let alert = payload["aps"]["alert"].as_object().unwrap();
    assert!(alert.keys().all(|name| name.ends_with("loc-key")), "{alert:?}");
    seen.messages.lock().unwrap().push((path.to_owned(), headers.clone(), payload));
    google::answer(&seen.answers, Value::Null)
}
