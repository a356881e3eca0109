//! What a phone and the relay of its app tell each other (`docs/relay.md`).

use serde::{Deserialize, Serialize};

/// Which vendor carries wake-ups to the phone.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RelayKind {
    /// Firebase Cloud Messaging.
    Fcm,
    /// Apple Push Notification service.
    Apns,
}

/// Asks for an endpoint. It is no `Debug`, because who has the token can send to the phone's app.
#[derive(Deserialize, Serialize)]
pub struct Subscribe {
    /// The vendor.
    pub kind: RelayKind,
    /// What the vendor gave the app.
    pub token: String,
    /// The key of the one service whose pushes are taken: base64url of the uncompressed point.
    pub vapid: String,
}

/// The endpoint, a new one each time.
#[derive(Deserialize, Serialize)]
pub struct Subscribed {
    /// An https address.
    pub endpoint: String,
}
