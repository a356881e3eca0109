//! Bodies that are JSON, or a form, around the signed messages.

use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use super::super::ids::{Id, Thumbprint};
use super::value::{NumericDate, words};

/// `Content-Type` of an error body.
pub const PROBLEM_TYPE: &str = "application/problem+json";

/// Sent to `POST /push/v1/offer`: the code that a person types when they cannot scan.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct OfferBody {
    /// 12 characters of Crockford's base32.
    pub code: String,
}

/// Sent to `POST /push/v1/enrol`: two `push-enrol-resp+jwt`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct EnrolBody {
    /// Signed by the device key.
    pub device: String,
    /// Signed by the approval key.
    pub approval: String,
}

/// Sent to `POST /push/v1/token` as a form, RFC 7523.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TokenForm {
    /// A `push-assertion+jwt`.
    pub client_assertion: String,
}

impl TokenForm {
    const GRANT: &'static str = "client_credentials";
    const ASSERTION: &'static str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    /// Prints the form, `application/x-www-form-urlencoded`.
    pub fn print(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", Self::GRANT)
            .append_pair("client_assertion_type", Self::ASSERTION)
            .append_pair("client_assertion", &self.client_assertion)
            .finish()
    }

    /// Reads the form; none when a member is missing, stands there twice or says something else. Others are
    /// ignored.
    pub fn parse(form: &str) -> Option<Self> {
        let (mut grant, mut kind, mut assertion) = (None, None, None);
        for (name, value) in form_urlencoded::parse(form.as_bytes()) {
            let place = match name.as_ref() {
                "grant_type" => &mut grant,
                "client_assertion_type" => &mut kind,
                "client_assertion" => &mut assertion,
                _ => continue,
            };
            if place.replace(value.into_owned()).is_some() {
                return None;
            }
        }
        if grant? != Self::GRANT || kind? != Self::ASSERTION {
            return None;
        }
        Some(Self { client_assertion: assertion? })
    }
}

/// The answer to it.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct TokenReply {
    /// Opaque, bound to the DPoP key.
    pub access_token: String,
    /// `DPoP`.
    pub token_type: String,
    /// Seconds.
    pub expires_in: u32,
}

impl std::fmt::Debug for TokenReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TokenReply(expires_in: {})", self.expires_in)
    }
}

/// The answer to `GET /push/v1/requests`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct List {
    /// `push-req+jwt`, newest first, the same bytes each time.
    pub requests: Vec<String>,
    /// How many are open beside the first.
    pub n_open: u32,
    /// When to ask again, in seconds.
    pub poll_s: u32,
    /// A key that the phone may make anew now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renew: Option<Renew>,
}

words!(
    /// A key that a phone may make anew without the old one.
    Renew,
    /// Another key, of a later version.
    Unknown,
    {
        /// The approval key.
        Approval = "approval",
    }
);

/// The answer to `GET /push/v1/requests/{jti}`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RequestState {
    /// The request.
    pub jti: Id,
    /// How it stands.
    pub state: State,
    /// Who answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<NumericDate>,
}

words!(
    /// How a request stands at the service; all but `open` are final.
    State,
    /// A state of a later version.
    Unknown,
    {
        /// Nobody answered yet.
        Open = "open",
        /// Approved.
        Approved = "approved",
        /// Denied.
        Denied = "denied",
        /// Reported.
        Reported = "reported",
        /// Somebody gave a wrong number.
        WrongMatch = "wrong_match",
        /// Nobody answered in time.
        Expired = "expired",
        /// A newer request took its place.
        Replaced = "replaced",
        /// The page does not ask any more.
        Cancelled = "cancelled",
    }
);

words!(
    /// Which phone answered.
    By,
    /// Somebody else, of a later version.
    Unknown,
    {
        /// The one that asks.
        This = "this",
        /// Another one of the account.
        Other = "other",
    }
);

/// The answer to `POST /push/v1/requests/{jti}/answer`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AnswerReply {
    /// How the request stands now.
    pub state: State,
}

/// The answer to `POST /push/v1/test`: the phone itself asked for a test.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct TestReply {
    /// The request that will come.
    pub jti: Id,
    /// The number to give.
    #[serde(rename = "match")]
    pub matching: String,
}

/// Sent to `POST /push/v1/device/rotate`: two `push-rotate+jwt`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RotateBody {
    /// Signed by the old key, or by the device key while `renew` stands.
    pub old: String,
    /// Signed by the new key.
    pub new: String,
}

/// The answer to it: the keys that count from now on.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RotateReply {
    /// Thumbprint of the device key.
    pub jkt_d: Thumbprint,
    /// Thumbprint of the approval key.
    pub jkt_a: Thumbprint,
}

/// The answer to `GET /push/v1/service-keys`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ServiceKeys {
    /// `push-svc-key+jwt`, oldest first.
    pub keys: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::super::super::json;
    use super::*;

    #[test]
    fn a_token_is_asked_for_with_a_form() {
        let form = TokenForm { client_assertion: "a.b-_.c".to_owned() };
        let text = form.print();
        assert_eq!(
            text,
            "grant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3A\
             client-assertion-type%3Ajwt-bearer&client_assertion=a.b-_.c"
        );
        assert_eq!(TokenForm::parse(&format!("{text}&scope=x")), Some(form));
        for bad in [
            text.replace("client_credentials", "password"),
            text.replace("jwt-bearer", "saml2-bearer"),
            format!("{text}&client_assertion=x"),
            "grant_type=client_credentials".to_owned(),
            String::new(),
        ] {
            assert_eq!(TokenForm::parse(&bad), None, "{bad}");
        }
    }

    #[test]
    fn a_token_is_not_printed_by_accident() {
        let text = r#"{"access_token":"hunter2","token_type":"DPoP","expires_in":600}"#;
        let reply: TokenReply = json::read(text.as_bytes(), json::CAP).unwrap();
        assert_eq!(format!("{reply:?}"), "TokenReply(expires_in: 600)");
        assert_eq!(json::print(&reply), text);
    }

    #[test]
    fn a_list_may_offer_a_new_approval_key() {
        let text = r#"{"requests":["a.b.c"],"n_open":2,"poll_s":3,"renew":"approval"}"#;
        let list: List = json::read(text.as_bytes(), json::LARGE_CAP).unwrap();
        assert_eq!((list.renew.clone(), list.n_open), (Some(Renew::Approval), 2));
        assert_eq!(json::print(&list), text);
    }
}
