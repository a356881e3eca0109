//! Offers and enrolments.

use authenticator_core::authenticator as flows;
pub use authenticator_core::authenticator::{PushVendor, WhichKey};
pub use authenticator_core::net::TlsRefusal;

use super::ms;

/// One of this phone's two keys at a service.
#[uniffi::remote(Enum)]
pub enum WhichKey {
    /// The key without a prompt.
    Device,
    /// The key that asks for presence.
    Approval,
}

/// A vendor that carries what a relay gives it.
#[uniffi::remote(Enum)]
pub enum PushVendor {
    /// Firebase Cloud Messaging, Google.
    Fcm,
    /// Apple Push Notification service.
    Apns,
}

/// Why the other side's certificate was refused.
#[uniffi::remote(Enum)]
pub enum TlsRefusal {
    /// It is out of date: so is the service's certificate, or this device's clock.
    Expired,
    /// It is not valid yet: check this device's clock.
    NotYetValid,
    /// It is for another host.
    WrongHost,
    /// Nobody whom this device trusts has signed it.
    UnknownAuthority,
    /// Its authority has taken it back.
    Revoked,
    /// It is not made as certificates must be, or too weak.
    BadCertificate,
    /// The other side speaks no TLS that is good enough, or none at all.
    NoCommonTls,
}

/// An offer whose host alone is known; nothing was sent. Show the host, and ask.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct Offer {
    /// Names it, until the next offer.
    pub id: String,
    /// The service's host, with its port when that is not 443; punycode stays visible.
    pub host: String,
}

/// An offer that its service vouches for; nothing of ours was sent. Show it, and ask again.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct CheckedOffer {
    /// Names it, until the next offer.
    pub id: String,
    /// The service's host.
    pub host: String,
    /// The organisation, as the service calls itself.
    pub service: String,
    /// The account's label at the service.
    pub account_name: String,
    /// This phone's clock is more than two minutes off, as the service sees it: say so.
    pub clock_is_suspect: bool,
    /// The key by which the service's wake-ups are known, base64url of 65 bytes: give it to the distributor or to
    /// `subscribe` before `enrol`. Nothing: it sends none.
    #[uniffi(default = None)]
    pub push_key: Option<String>,
}

/// What the service is told of this phone.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct PhoneInfo {
    /// What its user calls it.
    pub name: String,
    /// `android 15`, `ios 19.1`, `linux`.
    pub os: String,
    /// `klink 0.1.0`.
    pub app: String,
    /// Where wake-ups go: the https address of a Web Push endpoint. Nothing: the phone asks while the app is open.
    pub push_endpoint: Option<String>,
}

/// A new enrolment. It works for tests until the first of them is approved.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct Enrolled {
    /// Names it.
    pub id: String,
    /// Six digits; the page asks whether they are the same there. Nothing when the service has no such number.
    pub check_number: Option<String>,
    /// The account for codes that came with it; nothing when none did.
    pub account_id: Option<String>,
}

/// One enrolment, as a list shows it.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct Enrolment {
    /// Names it.
    pub id: String,
    /// How far it has come.
    pub state: EnrolmentState,
    /// The service's host, punycode visible.
    pub host: String,
    /// The user's own name for it, or the organisation's; nothing while the vault is locked.
    pub service: Option<String>,
    /// The account's label; nothing while the vault is locked.
    pub account_name: Option<String>,
    /// PNG or JPEG; nothing without one and while the vault is locked.
    pub logo: Option<Vec<u8>>,
    /// Six digits to compare with the page, until a test was approved.
    pub check_number: Option<String>,
    /// When it was made.
    pub created_at_ms: i64,
    /// When the service last answered a look.
    pub last_poll_answered_ms: Option<i64>,
    /// When a wake-up last arrived.
    pub last_push_received_ms: Option<i64>,
    /// Whether hardware holds both keys.
    pub hardware: bool,
    /// Whether the service lets this phone make a new approval key now.
    pub may_renew_approval_key: bool,
    /// Milliseconds that the service's clock is ahead of this phone's.
    pub clock_offset_ms: i64,
    /// Until when its requests are not announced.
    pub quiet_until_ms: Option<i64>,
    /// Where its wake-ups go; nothing: the phone asks while the app is open.
    #[uniffi(default = None)]
    pub push_endpoint: Option<String>,
    /// The account for codes that came with it; it may be gone.
    #[uniffi(default = None)]
    pub account_id: Option<String>,
}

/// A service that approved sign-ins on another phone, and does not know this one.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct EnrolAgain {
    /// The account for codes that came with the other phone's enrolment; its codes work until that is removed.
    pub account_id: String,
    /// The service's host, punycode visible: its page has "add a phone".
    pub host: String,
    /// The organisation.
    pub service: String,
    /// The account's label there.
    pub account_name: String,
}

/// How far an enrolment has come.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum EnrolmentState {
    /// The service's reply is not known: `resume_enrolment` while the offer lasts.
    Enrolling,
    /// Set-up is not finished: approve the test that the page sends.
    PendingTest,
    /// It works.
    Active,
    /// The approval key is gone: make a new one from the service's page.
    NeedsApprovalKey,
    /// The service has taken it back.
    Revoked {
        /// Its word for why.
        reason: Option<String>,
    },
    /// The service refused it.
    Failed {
        /// Its word for why.
        reason: Option<String>,
    },
    /// Its row does not open, and is kept as it is: enrol again.
    Damaged,
}

impl From<PhoneInfo> for flows::PhoneInfo {
    fn from(phone: PhoneInfo) -> Self {
        let PhoneInfo { name, os, app, push_endpoint } = phone;
        Self { name, os, app, push: address(push_endpoint) }
    }
}

/// Returns where wake-ups go.
pub(crate) fn address(endpoint: Option<String>) -> flows::PushAddress {
    endpoint.map_or(flows::PushAddress::None, |endpoint| flows::PushAddress::WebPush { endpoint })
}

impl From<flows::Enrolled> for Enrolled {
    fn from(enrolled: flows::Enrolled) -> Self {
        let flows::Enrolled { id, check_number, account } = enrolled;
        Self { id: id.to_string(), check_number, account_id: account.map(|id| id.to_string()) }
    }
}

impl From<flows::EnrolmentInfo> for Enrolment {
    fn from(info: flows::EnrolmentInfo) -> Self {
        let flows::EnrolmentInfo {
            id,
            state,
            host,
            service,
            account_name,
            logo,
            check_number,
            created_at,
            last_poll_answered,
            last_push_received,
            hardware,
            may_renew_approval_key,
            clock_offset_ms,
            quiet_until,
            push_endpoint,
            account,
        } = info;
        Self {
            id: id.to_string(),
            state: state.into(),
            host,
            service,
            account_name,
            logo,
            check_number,
            created_at_ms: ms(created_at),
            last_poll_answered_ms: last_poll_answered.map(ms),
            last_push_received_ms: last_push_received.map(ms),
            hardware,
            may_renew_approval_key,
            clock_offset_ms,
            quiet_until_ms: quiet_until.map(ms),
            push_endpoint,
            account_id: account.map(|id| id.to_string()),
        }
    }
}

impl From<flows::EnrolAgain> for EnrolAgain {
    fn from(again: flows::EnrolAgain) -> Self {
        let flows::EnrolAgain { account, host, service, account_name } = again;
        Self { account_id: account.to_string(), host, service, account_name }
    }
}

impl From<flows::EnrolmentState> for EnrolmentState {
    fn from(state: flows::EnrolmentState) -> Self {
        match state {
            flows::EnrolmentState::Enrolling => Self::Enrolling,
            flows::EnrolmentState::PendingTest => Self::PendingTest,
            flows::EnrolmentState::Active => Self::Active,
            flows::EnrolmentState::NeedsApprovalKey => Self::NeedsApprovalKey,
            flows::EnrolmentState::Revoked(reason) => Self::Revoked { reason },
            flows::EnrolmentState::Failed(reason) => Self::Failed { reason },
            flows::EnrolmentState::Damaged => Self::Damaged,
        }
    }
}
