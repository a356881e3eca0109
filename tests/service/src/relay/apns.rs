//! Apple Push Notification service by provider token, HTTP/2.
//!
//! The alert is neutral: two keys whose words are in the app. The extension of the app opens the sealed body,
//! which is why the content is mutable. Reasons: Apple's "Handling notification responses from APNs".

use std::sync::{Mutex, PoisonError};

use authenticator_core::secret::SecretText;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use reqwest::StatusCode;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::config::{self, Environment, RelayConfigError, read_file};
use super::vendor::{Delivery, Message};
use crate::outgoing::{self, Reach, Speaks};

/// Seconds after which a provider token is made anew: Apple wants it between 20 and 60 minutes old at most.
const RENEWED_AFTER_S: i64 = 40 * 60;
/// Apple refuses a new token within 20 minutes of the last one.
const NOT_BEFORE_S: i64 = 20 * 60;

/// Apple's service for one app.
pub(super) struct Apns {
    client: reqwest::Client,
    api: Url,
    topic: String,
    key: EcdsaKeyPair,
    key_id: String,
    team_id: String,
    kept: Mutex<Option<(SecretText, i64)>>,
}

#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(default)]
    reason: String,
}

/// What is done about an answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Verdict {
    Done(Delivery),
    /// The provider token is too old for Apple's clock: once more, with a new one.
    Renew,
}

impl Apns {
    pub(super) fn new(config: &config::Apns, authority: Option<&[u8]>) -> Result<Self, RelayConfigError> {
        let wrong = RelayConfigError::ApnsKey;
        let pem = read_file("apns.key", &config.key)?;
        let der =
            PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| wrong("not PKCS #8 in PEM"))?;
        let der = der.secret_pkcs8_der();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der, &SystemRandom::new());
        for id in [&config.key_id, &config.team_id] {
            if id.len() != 10 || !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
                return Err(wrong("key_id and team_id have 10 letters and digits"));
            }
        }
        let host = match config.environment {
            Environment::Production => "https://api.push.apple.com",
            Environment::Sandbox => "https://api.sandbox.push.apple.com",
        };
        let api = config.api.clone().unwrap_or_else(|| Url::parse(host).expect("a constant that is a URL"));
        Ok(Self {
            client: outgoing::client(authority, Reach::Anywhere, Speaks::Http2)?,
            api,
            topic: config.topic.clone(),
            key: key.map_err(|_| wrong("not a P-256 key"))?,
            key_id: config.key_id.clone(),
            team_id: config.team_id.clone(),
            kept: Mutex::new(None),
        })
    }

    /// Carries a message to the phone with this device token, lower-case hex.
    pub(super) async fn send(&self, token: &str, message: &Message, now: i64) -> Delivery {
        match self.post(token, message, now).await {
            Verdict::Done(delivery) => delivery,
            Verdict::Renew => {
                self.forget(now);
                match self.post(token, message, now).await {
                    Verdict::Done(delivery) => delivery,
                    Verdict::Renew => Delivery::Broken,
                }
            }
        }
    }

    async fn post(&self, token: &str, message: &Message, now: i64) -> Verdict {
        let broken = Verdict::Done(Delivery::Broken);
        let (Some(provider), Ok(url)) =
            (self.provider_token(now), self.api.join(&format!("/3/device/{token}")))
        else {
            return broken;
        };
        let body = json!({
            "aps": {
                "alert": {"title-loc-key": "wakeup_title", "loc-key": "wakeup_body"},
                "sound": "default",
                "mutable-content": 1,
                "interruption-level": "time-sensitive",
            },
            "wakeup": message.body,
        });
        let until = if message.ttl_s == 0 { 0 } else { now + i64::from(message.ttl_s) };
        let mut call = self
            .client
            .post(url)
            .bearer_auth(provider.expose())
            .header("apns-topic", &self.topic)
            .header("apns-push-type", "alert")
            .header("apns-priority", if message.urgent { "10" } else { "5" })
            .header("apns-expiration", until.to_string());
        if let Some(topic) = &message.topic {
            call = call.header("apns-collapse-id", topic);
        }
        let Ok(response) = call.body(body.to_string()).send().await else {
            return Verdict::Done(Delivery::Busy(5));
        };
        let status = response.status();
        if status.is_success() {
            return Verdict::Done(Delivery::Sent);
        }
        let wait = outgoing::retry_after(response.headers());
        let refusal: Refusal = serde_json::from_slice(&outgoing::answer(response).await).unwrap_or_default();
        let verdict = verdict(status, &refusal.reason, wait);
        if verdict == broken {
            tracing::error!(
                status = status.as_u16(),
                reason = known(&refusal.reason),
                "Apple refuses a message"
            );
        }
        verdict
    }

    fn provider_token(&self, now: i64) -> Option<SecretText> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((token, made)) = &*kept
            && (now - RENEWED_AFTER_S..=now).contains(made)
        {
            return Some(token.clone());
        }
        let header = json!({"alg": "ES256", "kid": self.key_id});
        let claims = json!({"iss": self.team_id, "iat": now});
        let input = format!("{}.{}", B64.encode(header.to_string()), B64.encode(claims.to_string()));
        let signature = self.key.sign(&SystemRandom::new(), input.as_bytes()).ok()?;
        let token = SecretText::new(format!("{input}.{}", B64.encode(signature)));
        *kept = Some((token.clone(), now));
        Some(token)
    }

    /// Forgets a token that Apple calls expired, unless it is so new that Apple would refuse another.
    fn forget(&self, now: i64) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_some_and(|(_, made)| now - made >= NOT_BEFORE_S) {
            *kept = None;
        }
    }
}

/// Apple's reasons that matter here; what else an answer says is not logged.
fn known(reason: &str) -> &'static str {
    const KNOWN: &[&str] = &[
        "BadCollapseId",
        "BadExpirationDate",
        "BadPriority",
        "BadTopic",
        "InvalidProviderToken",
        "InvalidPushType",
        "MissingProviderToken",
        "MissingTopic",
        "TopicDisallowed",
        "BadCertificateEnvironment",
        "Forbidden",
        "ExpiredProviderToken",
        "UnrelatedKeyIdInToken",
        "BadEnvironmentKeyIdInToken",
        "BadMessageId",
        "BadPath",
        "MethodNotAllowed",
        "PayloadEmpty",
        "DuplicateHeaders",
    ];
    KNOWN.iter().find(|known| **known == reason).copied().unwrap_or("another")
}

fn verdict(status: StatusCode, reason: &str, wait: Option<u32>) -> Verdict {
    Verdict::Done(match (status.as_u16(), reason) {
        (410, _) | (400, "BadDeviceToken" | "DeviceTokenNotForTopic") => Delivery::Gone,
        (403, "ExpiredProviderToken") => return Verdict::Renew,
        (413, _) => Delivery::TooLarge,
        (429, _) => Delivery::Busy(wait.unwrap_or(60)),
        (500..=599, _) => Delivery::Busy(wait.unwrap_or(15)),
        _ => Delivery::Broken,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: u16, reason: &str, expected: Verdict) {
        assert_eq!(
            verdict(StatusCode::from_u16(status).unwrap(), reason, None),
            expected,
            "{status} {reason}"
        );
    }

    /// The table of Apple's "Handling notification responses from APNs".
    #[test]
    fn each_of_apples_reasons_means_one_thing() {
        use Delivery::{Broken, Busy, Gone, TooLarge};
        for (status, reason, expected) in [
            (400, "BadDeviceToken", Gone),
            (400, "DeviceTokenNotForTopic", Gone),
            (410, "Unregistered", Gone),
            (410, "ExpiredToken", Gone),
            (413, "PayloadTooLarge", TooLarge),
            (429, "TooManyRequests", Busy(60)),
            (429, "TooManyProviderTokenUpdates", Busy(60)),
            (500, "InternalServerError", Busy(15)),
            (503, "ServiceUnavailable", Busy(15)),
            (503, "Shutdown", Busy(15)),
            (400, "BadTopic", Broken),
            (400, "TopicDisallowed", Broken),
            (400, "PayloadEmpty", Broken),
            (403, "InvalidProviderToken", Broken),
            (403, "MissingProviderToken", Broken),
            (404, "BadPath", Broken),
            (405, "MethodNotAllowed", Broken),
            (400, "<html>", Broken),
        ] {
            check(status, reason, Verdict::Done(expected));
        }
        check(403, "ExpiredProviderToken", Verdict::Renew);
    }
}
