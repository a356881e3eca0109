//! The offer in a QR code, the phone's answer to it, and the service's.

use serde::{Deserialize, Serialize};

use super::super::ids::{Id, Thumbprint};
use super::super::json;
use super::super::jwk::Jwk;
use super::super::jws::{Claims, Names};
use super::super::wakeup::Subscription;
use super::value::{Label, NumericDate, Origin, secret_text, words};
use crate::secret::SecretText;

/// `aud` of an offer.
pub const OFFER_AUDIENCE: &str = "push-enrol";

/// `push-enrol+jwt`: an offer to enrol, signed by the service key; its header names no key.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Offer {
    /// The version of the protocol, 1.
    pub v: u32,
    /// The service.
    pub iss: Origin,
    /// [`OFFER_AUDIENCE`].
    pub aud: String,
    /// Of this offer; good once.
    pub jti: Id,
    /// When it was made.
    pub iat: NumericDate,
    /// At most 300 s later.
    pub exp: NumericDate,
    /// The account, to the service.
    pub sub: String,
    /// The account, to people.
    pub name: Label,
    /// The organisation.
    pub svc: Label,
    /// Where its picture is: a path on `iss`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
    /// Binds the phone's answer to this offer.
    pub nonce: Id,
    /// Whether the service wants to know about the phone's hardware.
    pub att: AttestationWish,
    /// Thumbprint of the service key, which the phone pins.
    pub jkt_s: Thumbprint,
}

impl Claims for Offer {
    const TYP: &'static str = "push-enrol+jwt";
    const NAMES: Names = Names::Nothing;
}

/// The version alone, read before the rest: what follows may have another shape.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct OfferVersion {
    /// The version of the protocol.
    pub v: u32,
}

impl Claims for OfferVersion {
    const TYP: &'static str = "push-enrol+jwt";
    const NAMES: Names = Names::Nothing;
}

words!(
    /// Whether a service wants to know about the phone's hardware.
    AttestationWish,
    /// A word of a later version.
    Unknown,
    {
        /// It does not ask.
        None = "none",
        /// It takes what it gets.
        Wanted = "wanted",
        /// It refuses phones that cannot say.
        Required = "required",
    }
);

/// `push-enrol-resp+jwt`: the phone enrols. Two of them, payloads equal byte for byte: one signed by the device
/// key, one by the approval key.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct EnrolResponse {
    /// The service.
    pub aud: Origin,
    /// `jti` of the offer.
    pub jti: Id,
    /// `nonce` of the offer.
    pub nonce: Id,
    /// The phone.
    pub dev: Dev,
    /// Where wake-ups go.
    pub push: PushAddress,
    /// What the keys' hardware says of itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub att: Option<Attestation>,
    /// When it was made, by the service's clock.
    pub iat: NumericDate,
    /// That of the offer.
    pub exp: NumericDate,
}

impl Claims for EnrolResponse {
    const TYP: &'static str = "push-enrol-resp+jwt";
    // An attestation is a chain of certificates.
    const CAP: usize = json::LARGE_CAP / 2;
}

/// A phone and its two keys.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Dev {
    /// The key without a prompt.
    pub device_jwk: Jwk,
    /// The key that asks for presence.
    pub approval_jwk: Jwk,
    /// What its user calls it.
    pub name: Label,
    /// `android 15`, `ios 19.1`.
    pub os: Label,
    /// `klink 0.1.0`.
    pub app: Label,
    /// Whether both keys are held in hardware, as far as the phone knows.
    pub hw: bool,
}

/// What the keys' hardware says of itself, as its platform returned it for SHA-256 of `jti` and `nonce`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Attestation {
    /// Whose form it is.
    pub fmt: String,
    /// Of the device key, base64url.
    pub device: String,
    /// Of the approval key, base64url.
    pub approval: String,
}

/// Where wake-ups go.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum PushAddress {
    /// Nowhere: the phone asks while the app is open.
    None,
    /// Web Push, RFC 8030 and RFC 8291.
    Webpush {
        /// The address, https.
        endpoint: String,
        /// The phone's public key, 65 bytes.
        p256dh: String,
        /// 16 bytes that only phone and service know.
        auth: String,
    },
}

impl PushAddress {
    /// Names an endpoint together with the half of the phone's keys that seals to it.
    pub fn webpush(endpoint: &str, subscription: &Subscription) -> Self {
        Self::Webpush {
            endpoint: endpoint.to_owned(),
            p256dh: subscription.p256dh(),
            auth: subscription.auth(),
        }
    }
}

/// `push-enrolled+jwt`: the service has enrolled the phone.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Enrolled {
    /// The service.
    pub iss: Origin,
    /// The new credential.
    pub aud: Id,
    /// `jti` of the offer.
    pub jti: Id,
    /// Thumbprint of the device key.
    pub jkt_d: Thumbprint,
    /// Thumbprint of the approval key.
    pub jkt_a: Thumbprint,
    /// Fresh; goes into the check number.
    pub snonce: Id,
    /// When.
    pub iat: NumericDate,
    /// `otpauth:` text with a secret of 160 bits: codes for when push does not work.
    #[serde(with = "secret_text")]
    pub account: SecretText,
}

impl Claims for Enrolled {
    const TYP: &'static str = "push-enrolled+jwt";
}

#[cfg(test)]
mod tests {
    use super::super::super::json;
    use super::*;

    #[test]
    fn an_address_has_one_of_two_kinds() {
        assert_eq!(json::print(&PushAddress::None), r#"{"kind":"none"}"#);
        let text = r#"{"kind":"webpush","endpoint":"https://p.example/1","p256dh":"BA","auth":"AA"}"#;
        let read: PushAddress = json::read(text.as_bytes(), json::CAP).unwrap();
        assert_eq!(json::print(&read), text);
        assert!(json::read::<PushAddress>(br#"{"kind":"fcm"}"#, json::CAP).is_err());
        assert!(json::read::<PushAddress>(br#"{"kind":"webpush"}"#, json::CAP).is_err());
    }

    #[test]
    fn the_secret_of_an_enrolment_is_not_printed_by_accident() {
        let text = r#"{"iss":"https://a.example","aud":"AQEBAQEBAQEBAQEBAQEBAQ","jti":"AQEBAQEBAQEBAQEBAQEBAQ",
            "jkt_d":"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE","jkt_a":"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE",
            "snonce":"AQEBAQEBAQEBAQEBAQEBAQ","iat":1,"account":"otpauth://totp/a?secret=HUNTERTWO"}"#;
        let read: Enrolled = json::read(text.as_bytes(), json::CAP).unwrap();
        assert!(!format!("{read:?}").contains("HUNTER"));
        assert!(json::print(&read).contains("HUNTER"));
    }
}
