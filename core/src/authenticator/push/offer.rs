//! What the flow of enrolling shows, asks for and returns.

use crate::push::clock::Offset;
use crate::push::dialects::{Believed, Offer};
use crate::push::vapid;
use crate::vault::ItemId;
use crate::vault::push_db::EnrolmentId;

/// An offer whose host alone is shown; nothing was sent yet.
#[derive(Clone, Debug)]
pub struct Offered {
    pub(super) offer: Offer,
}

/// An offer that its service vouches for; nothing of ours was sent yet.
#[derive(Clone, Debug)]
pub struct Asked {
    pub(super) offer: Offer,
    pub(super) believed: Believed,
    pub(super) offset: Offset,
}

/// What the service is told of this phone.
#[derive(Clone, Debug)]
pub struct PhoneInfo {
    /// What its user calls it.
    pub name: String,
    /// `android 15`, `ios 19.1`, `linux`.
    pub os: String,
    /// `klink 0.1.0`.
    pub app: String,
    /// Where wake-ups go.
    pub push: PushAddress,
}

/// Where wake-ups go.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PushAddress {
    /// Nowhere: the phone asks while the app is open.
    None,
    /// Web Push (RFC 8030): the endpoint that a distributor or the relay gave.
    WebPush {
        /// An https address.
        endpoint: String,
    },
}

/// A new enrolment. It works for tests until the first of them is approved.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Enrolled {
    /// Names it.
    pub id: EnrolmentId,
    /// Six digits; the page asks whether they are the same there. `None` when the service has no such number.
    pub check_number: Option<String>,
    /// The account for codes that came with it; `None` when none did.
    pub account: Option<ItemId>,
}

impl Offered {
    /// Returns the service's host, with its port when that is not 443; punycode stays visible.
    pub fn host(&self) -> &str {
        self.offer.origin().host()
    }
}

impl Asked {
    /// Returns the service's host.
    pub fn host(&self) -> &str {
        self.offer.origin().host()
    }

    /// Returns the organisation, as the service calls itself.
    pub fn service(&self) -> &str {
        self.believed.service()
    }

    /// Returns the account's label at the service.
    pub fn account_name(&self) -> &str {
        self.believed.account_name()
    }

    /// Returns the key by which the service's wake-ups are known (VAPID, RFC 8292), base64url of its 65 bytes: what a
    /// distributor or a relay asks for before it gives an endpoint. `None` when the service sends no wake-ups.
    pub fn push_key(&self) -> Option<String> {
        self.believed.push_key().map(vapid::print_key)
    }

    /// Tells whether this phone's clock is more than two minutes off, as the service sees it.
    pub fn clock_is_suspect(&self) -> bool {
        self.offset.is_suspect()
    }
}
