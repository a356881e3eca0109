//! What `klink` says about push: short, second person, no blame.

use authenticator_core::authenticator::{
    Act, Challenge, EnrolmentInfo, EnrolmentState, NoSuch, PastAnswer, PushError, ShellFault,
};
use authenticator_core::device::KeyStoreError;
use authenticator_core::net::{NetError, TlsRefusal};
use authenticator_core::push::matching::{GivenError, Rule};
use authenticator_core::time::UnixTime;
use authenticator_core::vault::{AnswerKind, Outcome};

use crate::refusal::Refusal;
use crate::tables::safe;

/// No enrolment.
pub const NO_ENROLMENT: &str = "This terminal approves for no service yet. Next: klink enrol PICTURE-OR-LINK";
/// No request.
pub const NO_REQUEST: &str = "Nobody is asking.";
/// No answer yet.
pub const NO_HISTORY: &str = "Nothing was answered yet.";

/// Returns the names of an enrolment as one line.
pub fn names(one: &EnrolmentInfo) -> String {
    let service = one.service.as_deref().unwrap_or(&one.host);
    match one.account_name.as_deref() {
        Some(account) => format!("{} ({})", safe(service), safe(account)),
        None => safe(service),
    }
}

/// Returns an enrolment for a list.
pub fn enrolment(one: &EnrolmentInfo) -> String {
    let state = match &one.state {
        EnrolmentState::Enrolling => "the service has not answered yet: klink enrolments resume".to_owned(),
        EnrolmentState::PendingTest => "set-up not finished: approve the test that the page sends".to_owned(),
        EnrolmentState::Active => "works".to_owned(),
        EnrolmentState::NeedsApprovalKey => {
            "needs a new approval key: ask for it on the service's page".to_owned()
        }
        EnrolmentState::Revoked(why) => format!("revoked by the service ({})", word(why)),
        EnrolmentState::Failed(why) => format!("refused by the service ({})", word(why)),
        EnrolmentState::Damaged => "its row is damaged and kept; enrol again".to_owned(),
    };
    let number =
        one.check_number.as_ref().map(|number| format!(", check number {number}")).unwrap_or_default();
    format!("{}  {} on {}: {state}{number}", &one.id.to_string()[..8], names(one), safe(&one.host))
}

/// Returns a request as a person reads it.
pub fn request(one: &Challenge, at: UnixTime) -> String {
    let what = match one.act {
        Act::Login => "Sign-in",
        Act::Test => "Test",
        Act::Transaction => "Transaction",
    };
    let who = match (&one.service, &one.account_name) {
        (Some(service), Some(account)) => format!("{}, {}", safe(service), safe(account)),
        (Some(service), None) => safe(service),
        (None, _) => safe(&one.host),
    };
    let left = (one.expires_at.ms() - at.ms()).max(0) / 1000;
    let mut lines = vec![
        format!("{what}: {}  [{}]", safe(&one.application), &one.id.to_string()[..8]),
        format!("  for    {who}"),
    ];
    let from: Vec<String> = [&one.place, &one.address]
        .into_iter()
        .filter(|text| !text.is_empty())
        .map(|text| safe(text))
        .collect();
    if !from.is_empty() {
        lines.push(format!("  from   {}", from.join(" · ")));
    }
    if !one.device.is_empty() {
        let new = if one.new_device { " (never seen before)" } else { "" };
        lines.push(format!("  with   {}{new}", safe(&one.device)));
    }
    lines.extend(one.message.as_deref().map(|message| format!("  says   {}", safe(message))));
    lines.extend(one.details.as_deref().map(|details| format!("  what   {}", safe(details))));
    lines.push(format!("  ends   in {left} s"));
    lines.join("\n")
}

/// Asks for the answer to a request.
pub fn question(one: &Challenge) -> String {
    match &one.rule {
        Rule::Type { digits } => {
            format!("Type the {digits} digits of the page to approve, n to deny, r if this was not you.")
        }
        Rule::Scan => {
            "Paste the text of the page's QR code to approve, n to deny, r if this was not you.".to_owned()
        }
        Rule::Pick { options } => format!(
            "Type the one of {} that the page shows to approve, n to deny, r if this was not you.",
            options.iter().map(|option| safe(option)).collect::<Vec<_>>().join(", ")
        ),
        Rule::Confirm => "Type y to approve, n to deny, r if this was not you.".to_owned(),
    }
}

/// Says what became of an answer, or of a request that was not answered here.
pub fn answered(outcome: Option<Outcome>) -> &'static str {
    match outcome {
        None => "Answered, and not confirmed yet: it is sent again by itself.",
        Some(Outcome::Approved) => "Approved.",
        Some(Outcome::Denied) => "Denied.",
        Some(Outcome::Reported) => "Reported. Further requests are not announced for a while.",
        Some(Outcome::WrongMatch) => {
            "That was not the number. The request is closed; begin again on the page."
        }
        Some(Outcome::Elsewhere) => "Answered elsewhere.",
        Some(Outcome::Expired) => "Too late: the request has ended.",
        Some(Outcome::Replaced) => "A newer request took its place.",
        Some(Outcome::Cancelled) => "The page does not ask any more.",
        Some(Outcome::Dropped) => "Your answer came too late and was not sent. It is not sent again.",
    }
}

/// Returns one past answer as a line.
pub fn past(one: &PastAnswer, at: UnixTime) -> String {
    let service = one.service.as_deref().unwrap_or("a service that is gone");
    let from = if one.place.is_empty() { String::new() } else { format!(" from {}", safe(&one.place)) };
    format!(
        "{}  {} ({}): {}{from}",
        ago(one.answered_at, at),
        safe(&one.application),
        safe(service),
        outcome_word(one.outcome),
    )
}

fn ago(then: UnixTime, at: UnixTime) -> String {
    let seconds = (at.ms() - then.ms()).max(0) / 1000;
    match seconds {
        0..60 => format!("{seconds} s ago"),
        60..3600 => format!("{} min ago", seconds / 60),
        3600..86_400 => format!("{} h ago", seconds / 3600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

/// Returns the stable word for what became of a request.
pub fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Approved => "approved",
        Outcome::Denied => "denied",
        Outcome::Reported => "reported",
        Outcome::WrongMatch => "wrong_match",
        Outcome::Elsewhere => "elsewhere",
        Outcome::Expired => "expired",
        Outcome::Replaced => "replaced",
        Outcome::Cancelled => "cancelled",
        Outcome::Dropped => "dropped",
    }
}

/// Returns the stable word for an answer.
pub fn kind_word(kind: AnswerKind) -> &'static str {
    match kind {
        AnswerKind::Approve => "approve",
        AnswerKind::Deny => "deny",
        AnswerKind::Report => "report",
    }
}

/// Returns the stable word for what an approval does.
pub fn act_word(act: Act) -> &'static str {
    match act {
        Act::Login => "login",
        Act::Test => "test",
        Act::Transaction => "transaction",
    }
}

/// Returns the stable word for how far an enrolment has come.
pub fn state_word(state: &EnrolmentState) -> &'static str {
    match state {
        EnrolmentState::Enrolling => "enrolling",
        EnrolmentState::PendingTest => "pending_test",
        EnrolmentState::Active => "active",
        EnrolmentState::NeedsApprovalKey => "needs_approval_key",
        EnrolmentState::Revoked(_) => "revoked",
        EnrolmentState::Failed(_) => "failed",
        EnrolmentState::Damaged => "damaged",
    }
}

/// Says why push did not do what was asked.
pub fn why(error: &PushError) -> String {
    match error {
        PushError::Net(error) => net(*error).to_owned(),
        PushError::Revoked => "the service has taken this enrolment back".to_owned(),
        PushError::Service { status, code, .. } => format!("it refused ({status} {})", safe(code)),
        other => other.to_string(),
    }
}

fn net(error: NetError) -> &'static str {
    match error {
        NetError::NotHttps => "that is no https address",
        NetError::LocalHost => "that address is this machine",
        NetError::BadHeader => "the service sent something that cannot be sent back",
        NetError::NoConnection => "no connection",
        NetError::NoReply => "no reply",
        NetError::TooLarge { .. } => "a reply that is too large",
        NetError::Tls(TlsRefusal::Expired) => "its certificate has expired, or this machine's clock is wrong",
        NetError::Tls(TlsRefusal::NotYetValid) => {
            "its certificate is not valid yet, or this machine's clock is wrong"
        }
        NetError::Tls(TlsRefusal::WrongHost) => "its certificate is for another host",
        NetError::Tls(TlsRefusal::UnknownAuthority) => {
            "its certificate is from an authority that is not known here (see --ca-file)"
        }
        NetError::Tls(TlsRefusal::Revoked) => "its certificate was revoked",
        NetError::Tls(TlsRefusal::BadCertificate) => "its certificate is not acceptable",
        NetError::Tls(TlsRefusal::NoCommonTls) => "it speaks no TLS that is good enough",
    }
}

impl From<PushError> for Refusal {
    fn from(error: PushError) -> Self {
        match error {
            PushError::Locked => Self::new("locked", "The vault is locked. Approving needs it open."),
            PushError::NoSuch(NoSuch::Enrolments) => Self::new("not_enrolled", NO_ENROLMENT),
            PushError::NoSuch(NoSuch::Enrolment) => {
                Self::new("no_such_enrolment", "There is no such enrolment, or it is not ready for that.")
            }
            PushError::NoSuch(NoSuch::Request) => Self::new(
                "no_such_request",
                "That request was answered, or it has ended. See: klink requests",
            ),
            PushError::Offer(why) => Self::new("bad_offer", format!("This code cannot be taken: {why}.")),
            PushError::UpdateApp => {
                Self::new("update_app", "The service asks for something that a newer Klink knows. Update it.")
            }
            PushError::Number(GivenError::Digits { digits }) => {
                Self::new("not_the_number", format!("The number has {digits} digits. Nothing was sent."))
                    .with("digits", digits)
            }
            PushError::Number(why) => {
                Self::new("not_the_number", format!("That cannot be the number: {why}. Nothing was sent."))
            }
            PushError::Net(error) => {
                Self::new("network", format!("The service was not reached: {}.", net(error)))
                    .with("may_have_arrived", error.may_have_arrived())
            }
            PushError::Service { status, ref code, retry_after_s } => {
                let refusal = Self::new("service", format!("The service refused ({status} {}).", safe(code)));
                refusal
                    .with("status", status)
                    .with("code", code.as_str())
                    .with("retry_after_s", retry_after_s)
            }
            PushError::BadReply(why) => {
                Self::new("bad_reply", format!("The service is not believed: {why}."))
            }
            PushError::Revoked => {
                Self::new("revoked", "The service has taken this enrolment back. See: klink enrolments")
            }
            PushError::KeyStore(KeyStoreError::Cancelled) => {
                Self::new("cancelled", "Nothing was signed. The request is still open.")
            }
            PushError::KeyStore(why) => Self::new("key_store", format!("The keys did not answer: {why}.")),
            PushError::Vault(error) => error.into(),
            PushError::Shell(ShellFault::NoDevice | ShellFault::Stopped) => {
                Self::new("internal", "A fault of Klink's own. Please report it.")
            }
        }
    }
}

fn word(why: &Option<String>) -> String {
    why.as_deref().map_or_else(|| "no reason given".to_owned(), safe)
}
