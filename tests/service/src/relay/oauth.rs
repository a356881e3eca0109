//! Access tokens of Google: a statement signed by the service account's key, RFC 7523, kept until shortly
//! before its end.

use std::fmt;

use authenticator_core::secret::SecretText;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Mutex;
use url::Url;

use super::config::RelayConfigError;
use super::vendor::Delivery;
use crate::outgoing;

/// What the token is for.
const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";
/// Seconds that the statement holds; Google allows an hour.
const LIFE_S: i64 = 3600;
/// Seconds before its end at which a token is not used any more.
const EARLY_S: i64 = 300;

/// A service account with its key.
pub(super) struct ServiceAccount {
    email: String,
    key_id: Option<String>,
    token_uri: Url,
    key: RsaKeyPair,
    kept: Mutex<Option<(SecretText, i64)>>,
}

/// The members of Google's file that matter here.
#[derive(Deserialize)]
struct File {
    #[serde(rename = "type")]
    kind: String,
    project_id: String,
    #[serde(default)]
    private_key_id: Option<String>,
    private_key: String,
    client_email: String,
    token_uri: Url,
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    expires_in: i64,
}

impl ServiceAccount {
    /// Reads the file of Google's console; returns the project's id beside the account.
    pub(super) fn read(text: &str) -> Result<(Self, String), RelayConfigError> {
        let wrong = RelayConfigError::ServiceAccount;
        let file: File = serde_json::from_str(text).map_err(|_| wrong("not the JSON of Google's console"))?;
        if file.kind != "service_account" {
            return Err(wrong("its type is not service_account"));
        }
        if file.token_uri.scheme() != "https" {
            return Err(wrong("token_uri is not https"));
        }
        let der = PrivatePkcs8KeyDer::from_pem_slice(file.private_key.as_bytes())
            .map_err(|_| wrong("private_key is not PKCS #8 in PEM"))?;
        let key = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der())
            .map_err(|_| wrong("private_key is not an RSA key"))?;
        let account = Self {
            email: file.client_email,
            key_id: file.private_key_id,
            token_uri: file.token_uri,
            key,
            kept: Mutex::new(None),
        };
        Ok((account, file.project_id))
    }

    /// Returns a token: the kept one, or a new one that whoever asks meanwhile waits for.
    pub(super) async fn token(&self, client: &reqwest::Client, now: i64) -> Result<SecretText, Delivery> {
        let mut kept = self.kept.lock().await;
        if let Some((token, until)) = &*kept
            && now < *until
        {
            return Ok(token.clone());
        }
        let assertion = self.assertion(now).ok_or(Delivery::Broken)?;
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("assertion", assertion.as_str()),
        ];
        let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let call = client
            .post(self.token_uri.clone())
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(body);
        let response = call.send().await.map_err(|_| Delivery::Busy(5))?;
        let status = response.status();
        let wait = outgoing::retry_after(response.headers());
        let body = outgoing::answer(response).await;
        if status.is_server_error() || status.as_u16() == 429 {
            return Err(Delivery::Busy(wait.unwrap_or(30)));
        }
        let answer: Option<Answer> = serde_json::from_slice(&body).ok().filter(|_| status.is_success());
        let Some(answer) = answer else {
            tracing::error!(
                status = status.as_u16(),
                "Google gives no access token for this service account"
            );
            return Err(Delivery::Broken);
        };
        let token = SecretText::new(answer.access_token);
        *kept = Some((token.clone(), now + answer.expires_in.clamp(0, LIFE_S) - EARLY_S));
        Ok(token)
    }

    /// Forgets a token that Google did not take.
    pub(super) async fn forget(&self, token: &SecretText) {
        let mut kept = self.kept.lock().await;
        if kept.as_ref().is_some_and(|(held, _)| held == token) {
            *kept = None;
        }
    }

    fn assertion(&self, now: i64) -> Option<String> {
        let mut header = json!({"alg": "RS256", "typ": "JWT"});
        if let Some(id) = &self.key_id {
            header["kid"] = json!(id);
        }
        let claims = json!({
            "iss": self.email, "scope": SCOPE, "aud": self.token_uri.as_str(), "iat": now, "exp": now + LIFE_S,
        });
        let input = format!("{}.{}", B64.encode(header.to_string()), B64.encode(claims.to_string()));
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), input.as_bytes(), &mut signature).ok()?;
        Some(format!("{input}.{}", B64.encode(signature)))
    }
}

impl fmt::Debug for ServiceAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceAccount").field("email", &self.email).finish_non_exhaustive()
    }
}
