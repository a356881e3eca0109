//! The dialect of privacyIDEA and of eduMFA, its fork: `docs/interop.md` says what was observed, and of which version.
//!
//! One address, one key, no token. Signatures are over texts joined by `|`, in base32 with capitals and padding. A
//! request names no time: it lives from its receipt, or until a look does not list it any more.

mod link;
mod list;

pub(super) use link::Link;
pub(super) use list::{list, question};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded;

use super::super::json;
use super::super::matching::{GivenError, Rule};
use super::super::outcome::{AnswerKind, Decision, Number, Outcome};
use super::super::wire::PushAddress;
use super::{
    Answer, Answered, Disbelief, Draft, Known, Meaning, Message, Method, NewPhone, Question, Refusal,
    Sending, Signer, Taken,
};
use crate::base32;
use crate::crypto::rsa::RsaPublicKey;
use crate::secret::SecretText;
use crate::time::UnixTime;

/// How long a request lives from its receipt, in milliseconds; the servers' own default.
pub(super) const LIFE_MS: i64 = 120_000;
/// What stands for an address when nothing wakes this phone.
const NO_ADDRESS: &str = "no_firebase_token";
/// What this phone can do beyond the first version of the protocol.
const CAPABILITIES: (&str, &str) = ("capabilities", r#"["decline_reason"]"#);
/// Bytes of a reply: a request with the signatures of an RSA key of 4,096 bits has two thousand.
const CAP: usize = 64 * 1024;
const FORM: &str = "application/x-www-form-urlencoded";

type Fields = Vec<(&'static str, String)>;

/// The body that enrols. It is not signed: whoever sends the credential first owns the token.
pub(super) fn enrol(link: &Link, phone: &NewPhone) -> Draft {
    let key = STANDARD.encode(phone.device_key.spki());
    Draft::form(
        None,
        vec![
            ("enrollment_credential", link.credential().expose().to_owned()),
            ("serial", link.serial().to_owned()),
            ("fbtoken", address(&phone.push)),
            ("pubkey", key),
            (CAPABILITIES.0, CAPABILITIES.1.to_owned()),
        ],
    )
}

/// Reads the reply to it: the server's key, which is pinned from now on.
pub(super) fn enrolled(reply: &[u8], offer: &str) -> Result<Taken, Disbelief> {
    #[derive(serde::Deserialize)]
    struct Detail {
        public_key: String,
        rollout_state: String,
        serial: String,
    }
    let Reply { result, detail } = Reply::<serde::de::IgnoredAny, Detail>::read(reply)?;
    let link = Link::parse(offer).map_err(|_| Disbelief("the enrolment does not read"))?;
    let detail = detail.filter(|_| result.status).ok_or(NOT_OF_THE_FORM)?;
    if detail.serial != link.serial() {
        return Err(Disbelief("the enrolment is another one's"));
    }
    if detail.rollout_state != "enrolled" {
        return Err(Disbelief("the server has not enrolled this phone"));
    }
    let spaceless: String = detail.public_key.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let der = STANDARD.decode(spaceless).map_err(|_| Disbelief("the server's key is none"))?;
    let key = RsaPublicKey::from_pkcs1(&der).map_err(|_| Disbelief("the server's key is none"))?;
    Ok(Taken {
        credential: detail.serial,
        check_number: None,
        account: None,
        service_key: Some(key.pkcs1().to_vec()),
        works: true,
    })
}

/// A look for requests; its time stamp is the only thing fresh about it.
pub(super) fn poll(known: &Known<'_>, at: UnixTime) -> Draft {
    let (serial, timestamp) = (known.credential.to_owned(), timestamp(at));
    let signed = format!("{serial}|{timestamp}");
    let (name, value) = CAPABILITIES;
    let fields = vec![("serial", serial), ("timestamp", timestamp), (name, value.to_owned())];
    Draft::form(Some((Signer::Device, signed)), fields)
}

/// An approval is signed only after the gate was opened; a denial by the same key without it.
pub(super) fn answer(
    question: &Question,
    decision: &Decision,
    known: &Known<'_>,
) -> Result<Answer, GivenError> {
    let (nonce, serial) = (question.name.clone(), known.credential.to_owned());
    let mut signed = format!("{nonce}|{serial}");
    let mut fields: Fields = vec![("serial", serial), ("nonce", nonce)];
    let mut add = |name: Option<&'static str>, value: &str| {
        signed.push('|');
        signed.push_str(value);
        fields.extend(name.map(|name| (name, value.to_owned())));
    };
    let reason = match decision {
        Decision::Approve { number } => {
            match (&question.rule, number) {
                (Rule::Confirm, Number::Nothing) => {}
                (Rule::Pick { options }, Number::Typed(text)) if options.contains(text) => {
                    add(Some("presence_answer"), text);
                }
                (Rule::Pick { .. }, _) => return Err(GivenError::NotAnOption),
                (Rule::Confirm | Rule::Type { .. } | Rule::Scan, _) => return Err(GivenError::Kind),
            }
            let draft = Draft::form(Some((Signer::Gated, signed)), fields);
            return Ok(Answer { draft, exp: question.exp });
        }
        Decision::Deny { cancelled } => cancelled.then_some("cancelled"),
        Decision::Report { .. } => Some("unknown_trigger"),
    };
    add(None, "decline");
    if let Some(reason) = reason.filter(|_| question.takes_reasons) {
        add(Some("decline_reason"), reason);
    }
    fields.push(("decline", "1".to_owned()));
    Ok(Answer { draft: Draft::form(Some((Signer::Device, signed)), fields), exp: question.exp })
}

/// Reads what became of an answer. `false` is one word for wrong, late and answered elsewhere; a number that was sent
/// and not taken is taken for wrong, and is not tried again.
pub(super) fn answered(reply: &[u8], kind: AnswerKind, sent: &str) -> Result<Answered, Disbelief> {
    #[derive(serde::Deserialize)]
    struct Detail {
        #[serde(default)]
        display_code: Option<String>,
    }
    let Reply { result, detail } = Reply::<bool, Detail>::read(reply)?;
    let accepted = result.value.filter(|_| result.status).ok_or(NOT_OF_THE_FORM)?;
    let picked = form_urlencoded::parse(sent.as_bytes()).any(|(name, _)| name == "presence_answer");
    let outcome = match (accepted, picked) {
        (true, _) => kind.taken(),
        (false, true) => Outcome::WrongMatch,
        (false, false) => Outcome::Expired,
    };
    let shown = detail.and_then(|detail| detail.display_code).filter(|_| accepted);
    let fits =
        |code: &String| !code.is_empty() && code.len() <= 16 && code.chars().all(char::is_alphanumeric);
    Ok(Answered { outcome, display_code: shown.filter(fits).map(SecretText::new) })
}

/// Tells the server where its messages go from now on.
pub(super) fn change_address(push: &PushAddress, known: &Known<'_>, at: UnixTime) -> Draft {
    let (serial, timestamp, to) = (known.credential.to_owned(), timestamp(at), address(push));
    let signed = format!("{to}|{serial}|{timestamp}");
    let fields = vec![("new_fb_token", to), ("serial", serial), ("timestamp", timestamp)];
    Draft::form(Some((Signer::Device, signed)), fields)
}

/// Says what a refusal means: the texts are translated and may be hidden, the numbers are not.
pub(super) fn refusal(body: &[u8]) -> Refusal {
    let code = Reply::<serde::de::IgnoredAny, serde::de::IgnoredAny>::read(body)
        .ok()
        .and_then(|reply| reply.result.error)
        .map(|error| match error.code {
            905 => "missing_or_wrong".to_owned(),
            601 => "no_such_token".to_owned(),
            10 => "not_verified".to_owned(),
            303 => "polling_not_allowed".to_owned(),
            -500 => "server_fault".to_owned(),
            other => format!("code_{other}"),
        });
    Refusal { code: code.unwrap_or_default(), meaning: Meaning::Other }
}

/// All of it goes to the one address that came with the enrolment, whatever a request says.
pub(super) fn message(url: &str, what: &Sending<'_>, text: Vec<u8>) -> Option<Message> {
    Some(match what {
        Sending::Poll => {
            let mark = if url.contains('?') { '&' } else { '?' };
            let query = String::from_utf8(text).expect("a form is ASCII");
            Message { method: Method::Get, url: format!("{url}{mark}{query}"), body: None }
        }
        Sending::Enrol | Sending::Answer(_) | Sending::Address => {
            Message { method: Method::Post, url: url.to_owned(), body: Some((FORM, text)) }
        }
        Sending::NewKey => return None,
    })
}

/// Prints fields, with the signature where there is one.
pub(super) fn print(fields: &Fields, signature: Option<&[u8]>) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    if let Some(signature) = signature {
        form.append_pair("signature", &padded(signature));
    }
    form.finish()
}

/// RFC 4648 base32 with capitals and padding; the servers take nothing else.
fn padded(bytes: &[u8]) -> String {
    let mut text = base32::encode(bytes).expose().to_owned();
    while !text.len().is_multiple_of(8) {
        text.push('=');
    }
    text
}

fn address(push: &PushAddress) -> String {
    match push {
        PushAddress::None => NO_ADDRESS.to_owned(),
        PushAddress::Webpush { endpoint, .. } => endpoint.clone(),
    }
}

/// Prints `2026-11-26T00:18:26.000Z` (RFC 3339); days to a date by the proleptic Gregorian calendar, from March on.
fn timestamp(at: UnixTime) -> String {
    let (days, rest) = (at.ms().div_euclid(86_400_000), at.ms().rem_euclid(86_400_000));
    let z = days + 719_468;
    let (era, day) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let (d, m) = (of_year - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    let y = year + era * 400 + i64::from(m <= 2);
    let (h, min, s, ms) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60, rest % 1000);
    format!("{y:04}-{m:02}-{d:02}T{h:02}:{min:02}:{s:02}.{ms:03}Z")
}

/// What every reply is wrapped in.
#[derive(serde::Deserialize)]
struct Reply<V, D> {
    result: ReplyResult<V>,
    #[serde(default = "Option::default")]
    detail: Option<D>,
}

#[derive(serde::Deserialize)]
struct ReplyResult<V> {
    status: bool,
    #[serde(default = "Option::default")]
    value: Option<V>,
    #[serde(default)]
    error: Option<ReplyError>,
}

#[derive(serde::Deserialize)]
struct ReplyError {
    code: i64,
}

impl<V: serde::de::DeserializeOwned, D: serde::de::DeserializeOwned> Reply<V, D> {
    fn read(reply: &[u8]) -> Result<Self, Disbelief> {
        json::read(reply, CAP).map_err(|_| NOT_OF_THE_FORM)
    }
}

const NOT_OF_THE_FORM: Disbelief = Disbelief("not the JSON that was asked for");

#[cfg(test)]
mod tests;
