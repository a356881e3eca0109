//! Firebase Cloud Messaging, HTTP v1: `projects.messages.send` with a data message for Android.
//!
//! Error codes: <https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode>.

use authenticator_core::secret::SecretText;
use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::config::{self, RelayConfigError, read_file};
use super::oauth::ServiceAccount;
use super::vendor::{Delivery, Message};
use crate::outgoing::{self, Reach, Speaks};

/// Seconds to wait when Google asks for patience and names no time; its documents ask for a minute at least.
const PATIENCE_S: u32 = 60;

/// Google's service for one project.
pub(super) struct Fcm {
    client: reqwest::Client,
    send: Url,
    account: ServiceAccount,
}

/// An answer that is not 200.
#[derive(Default, Deserialize)]
struct Answer {
    #[serde(default)]
    error: Refusal,
}

#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(default)]
    status: String,
    #[serde(default)]
    details: Vec<Detail>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    #[serde(default)]
    error_code: Option<String>,
    #[serde(default)]
    field_violations: Vec<Violation>,
}

#[derive(Deserialize)]
struct Violation {
    #[serde(default)]
    field: String,
}

/// What is done about an answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Verdict {
    Done(Delivery),
    /// The access token is not taken: once more, with a new one.
    Renew,
}

impl Fcm {
    pub(super) fn new(config: &config::Fcm, authority: Option<&[u8]>) -> Result<Self, RelayConfigError> {
        let (account, project) =
            ServiceAccount::read(&read_file("fcm.service_account", &config.service_account)?)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_:.".contains(c);
        if project.is_empty() || !project.chars().all(plain) {
            return Err(RelayConfigError::ServiceAccount("project_id is not one"));
        }
        let send = config.api.join(&format!("/v1/projects/{project}/messages:send"));
        let send = send.map_err(|_| RelayConfigError::ServiceAccount("project_id is not one"))?;
        Ok(Self { client: outgoing::client(authority, Reach::Anywhere, Speaks::Either)?, send, account })
    }

    /// Carries a message to the app with this registration token.
    pub(super) async fn send(&self, token: &str, message: &Message, now: i64) -> Delivery {
        let mut android = json!({
            "priority": if message.urgent { "HIGH" } else { "NORMAL" },
            "ttl": format!("{}s", message.ttl_s),
        });
        if let Some(topic) = &message.topic {
            android["collapse_key"] = json!(topic);
        }
        let body = json!({"message": {"token": token, "data": {"wakeup": message.body}, "android": android}});
        let body = body.to_string();
        let access = match self.account.token(&self.client, now).await {
            Ok(access) => access,
            Err(delivery) => return delivery,
        };
        match self.post(&access, body.clone()).await {
            Verdict::Done(delivery) => delivery,
            Verdict::Renew => {
                self.account.forget(&access).await;
                let Ok(access) = self.account.token(&self.client, now).await else { return Delivery::Broken };
                match self.post(&access, body).await {
                    Verdict::Done(delivery) => delivery,
                    Verdict::Renew => Delivery::Broken,
                }
            }
        }
    }

    async fn post(&self, access: &SecretText, body: String) -> Verdict {
        let call = self
            .client
            .post(self.send.clone())
            .bearer_auth(access.expose())
            .header("Content-Type", "application/json; charset=utf-8")
            .body(body);
        let Ok(response) = call.send().await else { return Verdict::Done(Delivery::Busy(5)) };
        let status = response.status();
        let wait = outgoing::retry_after(response.headers());
        if status.is_success() {
            return Verdict::Done(Delivery::Sent);
        }
        let refusal =
            serde_json::from_slice::<Answer>(&outgoing::answer(response).await).unwrap_or_default().error;
        let verdict = verdict(status, &refusal, wait);
        if verdict == Verdict::Done(Delivery::Broken) {
            tracing::error!(status = status.as_u16(), code = code(&refusal), "Google refuses a message");
        }
        verdict
    }
}

/// The code of FCM itself where there is one, else that of Google's services in general.
fn code(refusal: &Refusal) -> &str {
    refusal.details.iter().find_map(|detail| detail.error_code.as_deref()).unwrap_or(&refusal.status)
}

fn verdict(status: StatusCode, refusal: &Refusal, wait: Option<u32>) -> Verdict {
    let violated = |test: fn(&str) -> bool| {
        refusal
            .details
            .iter()
            .flat_map(|detail| &detail.field_violations)
            .any(|violation| test(&violation.field))
    };
    let names_code = refusal.details.iter().any(|detail| detail.error_code.is_some());
    Verdict::Done(match (status.as_u16(), code(refusal)) {
        (404, "UNREGISTERED") | (403, "SENDER_ID_MISMATCH") => Delivery::Gone,
        // Both a spoilt token and a spoilt message are INVALID_ARGUMENT: a token's names no other field.
        (400, "INVALID_ARGUMENT") if violated(|field| field == "message.token") => Delivery::Gone,
        (400, "INVALID_ARGUMENT") if names_code && !violated(|_| true) => Delivery::Gone,
        (401, "THIRD_PARTY_AUTH_ERROR") => Delivery::Broken,
        (401, _) => return Verdict::Renew,
        (413, _) => Delivery::TooLarge,
        (429 | 500..=599, _) => Delivery::Busy(wait.unwrap_or(PATIENCE_S)),
        _ => Delivery::Broken,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: u16, body: &str, expected: Verdict) {
        let refusal = serde_json::from_str::<Answer>(body).unwrap_or_default().error;
        assert_eq!(verdict(StatusCode::from_u16(status).unwrap(), &refusal, None), expected, "{body}");
    }

    fn fcm_error(status: &str, code: &str) -> String {
        let kind = "type.googleapis.com/google.firebase.fcm.v1.FcmError";
        json!({"error": {"status": status, "message": "", "details": [{"@type": kind, "errorCode": code}]}})
            .to_string()
    }

    /// The codes of Google's reference, page `ErrorCode`.
    #[test]
    fn each_of_googles_errors_means_one_thing() {
        use Delivery::{Broken, Busy, Gone};
        for (status, outer, code, expected) in [
            (404, "NOT_FOUND", "UNREGISTERED", Gone),
            (403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH", Gone),
            (400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", Gone),
            (429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", Busy(60)),
            (503, "UNAVAILABLE", "UNAVAILABLE", Busy(60)),
            (500, "INTERNAL", "INTERNAL", Busy(60)),
            (401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR", Broken),
            (400, "INVALID_ARGUMENT", "UNSPECIFIED_ERROR", Broken),
        ] {
            check(status, &fcm_error(outer, code), Verdict::Done(expected));
        }
        check(401, r#"{"error":{"status":"UNAUTHENTICATED"}}"#, Verdict::Renew);
        check(403, r#"{"error":{"status":"PERMISSION_DENIED"}}"#, Verdict::Done(Broken));
        check(404, "<html>no such page</html>", Verdict::Done(Broken));
        check(404, r#"{"error":{"status":"NOT_FOUND"}}"#, Verdict::Done(Broken));
    }

    #[test]
    fn a_message_that_we_spoilt_costs_no_phone_its_subscription() {
        let violation = |field: &str| {
            let kind = "type.googleapis.com/google.rpc.BadRequest";
            let detail = json!({"@type": kind, "fieldViolations": [{"field": field, "description": ""}]});
            json!({"error": {"status": "INVALID_ARGUMENT", "details": [detail]}}).to_string()
        };
        check(400, &violation("message.data[0].value"), Verdict::Done(Delivery::Broken));
        check(400, &violation("message.token"), Verdict::Done(Delivery::Gone));
    }
}
