//! A service's question and a phone's answer.

use serde::{Deserialize, Serialize};

use super::super::ids::{Id, RequestDigest};
use super::super::jws::Claims;
use super::value::{Json, Label, NumericDate, Origin, words};

/// `push-req+jwt`: a question to one phone, signed by the service key.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Request {
    /// The service.
    pub iss: Origin,
    /// The credential of the phone that is asked.
    pub aud: Id,
    /// Of the request: the same on all phones of the account.
    pub jti: Id,
    /// When it was asked.
    pub iat: NumericDate,
    /// Usually 60 s later, never more than 300.
    pub exp: NumericDate,
    /// What an approval does.
    pub act: Act,
    /// Who wants to know.
    pub rp: Party,
    /// Where the question comes from.
    pub ctx: Context,
    /// More words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub msg: Option<Label>,
    /// What exactly is to be approved, RFC 9396.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_details: Option<Json>,
    /// What the person carries from the page to the phone.
    #[serde(rename = "match")]
    pub matching: MatchRule,
}

impl Claims for Request {
    const TYP: &'static str = "push-req+jwt";
}

words!(
    /// What an approval does.
    Act,
    /// Something that only a later version knows: update the app.
    Unknown,
    {
        /// It signs in.
        Login = "login",
        /// Nothing: it shows that push works.
        Test = "test",
        /// It lets one transaction happen.
        Txn = "txn",
    }
);

/// The application or organisation that wants to know.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Party {
    /// To the service.
    pub id: String,
    /// To people.
    pub name: Label,
}

/// Where a question comes from.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Context {
    /// The address.
    pub ip: Label,
    /// Where that address is thought to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<Label>,
    /// The country of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<Label>,
    /// The browser's own words.
    pub ua: Label,
    /// The same, in a person's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<Label>,
    /// When the sign-in began.
    pub time: NumericDate,
    /// Whether this browser never signed in to this account before.
    pub new_device: bool,
}

/// What the person carries from the page to the phone.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct MatchRule {
    /// By typing or scanning.
    pub how: How,
    /// How many digits are typed, 2 to 8; absent when it must be scanned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub len: Option<u8>,
}

words!(
    /// How a value gets from the page to the phone.
    How,
    /// In a way that only a later version knows: update the app.
    Unknown,
    {
        /// The person types a number, or scans the code that the page offers instead.
        Type = "type",
        /// The person scans a code.
        Scan = "scan",
    }
);

/// `push-ans+jwt`: the answer. An approval is signed by the approval key, the others by the device key.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Answer {
    /// The credential that answers.
    pub iss: Id,
    /// The service.
    pub aud: Origin,
    /// Of this answer.
    pub jti: Id,
    /// `jti` of the request.
    pub req: Id,
    /// Digest of the request as received: what was shown is what is signed.
    pub rdig: RequestDigest,
    /// When, by the service's clock.
    pub iat: NumericDate,
    /// 30 s later.
    pub exp: NumericDate,
    /// The answer itself.
    #[serde(flatten)]
    pub dec: Decision,
}

impl Claims for Answer {
    const TYP: &'static str = "push-ans+jwt";
}

/// The three answers.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "dec", rename_all = "lowercase")]
pub enum Decision {
    /// Yes.
    Approve {
        /// What the person carried over.
        #[serde(rename = "match")]
        matching: MatchValue,
        /// How the person was recognised.
        uv: Uv,
    },
    /// No.
    Deny {
        /// Why.
        why: DenyReason,
    },
    /// No, and something is wrong.
    Report {
        /// What.
        why: ReportReason,
        /// Whether nobody may sign in until another factor says so.
        lock: bool,
    },
}

/// What the person carried over.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct MatchValue {
    /// How.
    pub how: How,
    /// The digits, or the text behind the dot of a scanned code.
    pub value: String,
}

words!(
    /// How the phone recognised the person.
    Uv,
    /// In a way that only a later version knows.
    Unknown,
    {
        /// Finger or face.
        Biometric = "biometric",
        /// The device's PIN, pattern or password.
        Pin = "pin",
        /// One of the two; the system does not say which.
        Any = "any",
        /// Keys without hardware: a terminal, a test.
        Software = "software",
    }
);

words!(
    /// Why a person said no.
    DenyReason,
    /// A later version's reason.
    Unknown,
    {
        /// They began a sign-in and changed their mind.
        Cancelled = "cancelled",
        /// They did not say.
        Unspecified = "unspecified",
    }
);

words!(
    /// What is wrong.
    ReportReason,
    /// A later version's reason.
    Unknown,
    {
        /// "This was not me."
        NotMe = "not_me",
        /// Something looks wrong.
        Suspicious = "suspicious",
    }
);

#[cfg(test)]
mod tests {
    use super::super::super::json;
    use super::*;

    fn answer(dec: Decision) -> String {
        let answer = Answer {
            iss: Id([1; 16]),
            aud: "https://a.example".parse().unwrap(),
            jti: Id([2; 16]),
            req: Id([3; 16]),
            rdig: RequestDigest([4; 32]),
            iat: crate::time::UnixTime::from_seconds(100).into(),
            exp: crate::time::UnixTime::from_seconds(130).into(),
            dec,
        };
        let text = json::print(&answer);
        assert_eq!(json::read::<Answer>(text.as_bytes(), json::CAP), Ok(answer));
        text.split_once("\"exp\":130,").unwrap().1.to_owned()
    }

    #[test]
    fn the_three_answers_have_their_own_members() {
        let matching = MatchValue { how: How::Type, value: "07".to_owned() };
        let approve = answer(Decision::Approve { matching, uv: Uv::Biometric });
        assert_eq!(approve, r#""dec":"approve","match":{"how":"type","value":"07"},"uv":"biometric"}"#);
        let deny = answer(Decision::Deny { why: DenyReason::Cancelled });
        assert_eq!(deny, r#""dec":"deny","why":"cancelled"}"#);
        let report = answer(Decision::Report { why: ReportReason::NotMe, lock: true });
        assert_eq!(report, r#""dec":"report","why":"not_me","lock":true}"#);
    }

    #[test]
    fn an_answer_without_what_it_needs_is_none() {
        let good = r#"{"iss":"AQEBAQEBAQEBAQEBAQEBAQ","aud":"https://a.example","jti":"AQEBAQEBAQEBAQEBAQEBAQ",
            "req":"AQEBAQEBAQEBAQEBAQEBAQ","rdig":"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE","iat":1,"exp":2,
            "dec":"approve","match":{"how":"type","value":"07"},"uv":"pin"}"#;
        assert!(json::read::<Answer>(good.as_bytes(), json::CAP).is_ok());
        for (from, to) in [
            ("\"approve\"", "\"allow\""),
            ("\"approve\"", "null"),
            ("\"match\"", "\"watch\""),
            ("\"07\"", "7"),
            ("\"uv\"", "\"vu\""),
            ("\"exp\":2", "\"exp\":2.5"),
        ] {
            assert!(json::read::<Answer>(good.replace(from, to).as_bytes(), json::CAP).is_err(), "{from}");
        }
    }

    #[test]
    fn a_word_of_a_later_version_is_kept() {
        let rule: MatchRule = json::read(br#"{"how":"hum","len":3}"#, json::CAP).unwrap();
        assert_eq!(rule.how, How::Unknown("hum".to_owned()));
        assert_eq!(json::print(&rule), r#"{"how":"hum","len":3}"#);
    }
}
