//! The shapes that `--json` prints of push; a program may rely on them.

use authenticator_core::authenticator::{Challenge, EnrolmentInfo, EnrolmentState, PastAnswer};
use authenticator_core::push::matching::Rule;
use serde::Serialize;
use serde_json::Value;

use crate::push_words;

/// One row of `klink requests`.
#[derive(Serialize)]
pub struct RequestJson {
    id: String,
    service: Option<String>,
    account_name: Option<String>,
    application: String,
    place: String,
    device: String,
    asked_at_ms: i64,
    expires_at_ms: i64,
    #[serde(rename = "match")]
    matching: MatchJson,
    host: String,
    act: &'static str,
    address: String,
    new_device: bool,
    message: Option<String>,
    /// What exactly is to be approved, as its service wrote it (RFC 9396).
    authorization_details: Option<Value>,
    quiet: bool,
}

/// What the page shows: `type` with so many digits, `scan`, `pick` with options, or `confirm`: nothing.
#[derive(Serialize)]
struct MatchJson {
    how: &'static str,
    length: Option<u8>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    options: Vec<String>,
}

/// One row of `klink enrolments`.
#[derive(Serialize)]
pub struct EnrolmentJson {
    id: String,
    state: &'static str,
    reason: Option<String>,
    host: String,
    service: Option<String>,
    account_name: Option<String>,
    check_number: Option<String>,
    created_at_ms: i64,
    last_poll_ms: Option<i64>,
    last_push_ms: Option<i64>,
    hardware: bool,
    may_renew_approval_key: bool,
    logo_bytes: Option<usize>,
    clock_offset_ms: i64,
    quiet_until_ms: Option<i64>,
}

/// One row of `klink history`.
#[derive(Serialize)]
pub struct PastJson {
    enrolment: String,
    service: Option<String>,
    account_name: Option<String>,
    answer: &'static str,
    outcome: &'static str,
    application: String,
    place: String,
    device: String,
    asked_at_ms: i64,
    answered_at_ms: i64,
}

impl From<&Challenge> for RequestJson {
    fn from(one: &Challenge) -> Self {
        let how = |how| MatchJson { how, length: None, options: Vec::new() };
        let matching = match &one.rule {
            Rule::Type { digits } => MatchJson { length: Some(*digits), ..how("type") },
            Rule::Scan => how("scan"),
            Rule::Pick { options } => MatchJson { options: options.clone(), ..how("pick") },
            Rule::Confirm => how("confirm"),
        };
        Self {
            id: one.id.to_string(),
            service: one.service.clone(),
            account_name: one.account_name.clone(),
            application: one.application.clone(),
            place: one.place.clone(),
            device: one.device.clone(),
            asked_at_ms: one.asked_at.ms(),
            expires_at_ms: one.expires_at.ms(),
            matching,
            host: one.host.clone(),
            act: push_words::act_word(one.act),
            address: one.address.clone(),
            new_device: one.new_device,
            message: one.message.clone(),
            authorization_details: one.details.as_deref().map(json_of),
            quiet: one.quiet,
        }
    }
}

/// Returns the JSON that a text is; one that is none stays the text.
fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

impl From<&EnrolmentInfo> for EnrolmentJson {
    fn from(one: &EnrolmentInfo) -> Self {
        let reason = match &one.state {
            EnrolmentState::Revoked(reason) | EnrolmentState::Failed(reason) => reason.clone(),
            EnrolmentState::Enrolling
            | EnrolmentState::PendingTest
            | EnrolmentState::Active
            | EnrolmentState::NeedsApprovalKey
            | EnrolmentState::Damaged => None,
        };
        Self {
            id: one.id.to_string(),
            state: push_words::state_word(&one.state),
            reason,
            host: one.host.clone(),
            service: one.service.clone(),
            account_name: one.account_name.clone(),
            check_number: one.check_number.clone(),
            created_at_ms: one.created_at.ms(),
            last_poll_ms: one.last_poll_answered.map(|at| at.ms()),
            last_push_ms: one.last_push_received.map(|at| at.ms()),
            hardware: one.hardware,
            may_renew_approval_key: one.may_renew_approval_key,
            logo_bytes: one.logo.as_ref().map(Vec::len),
            clock_offset_ms: one.clock_offset_ms,
            quiet_until_ms: one.quiet_until.map(|at| at.ms()),
        }
    }
}

impl From<&PastAnswer> for PastJson {
    fn from(one: &PastAnswer) -> Self {
        Self {
            enrolment: one.enrolment.to_string(),
            service: one.service.clone(),
            account_name: one.account_name.clone(),
            answer: push_words::kind_word(one.kind),
            outcome: push_words::outcome_word(one.outcome),
            application: one.application.clone(),
            place: one.place.clone(),
            device: one.device.clone(),
            asked_at_ms: one.asked_at.ms(),
            answered_at_ms: one.answered_at.ms(),
        }
    }
}
