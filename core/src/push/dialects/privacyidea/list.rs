//! What the server asks: verified over the bytes as they were received, and never split.

use sha2::{Digest, Sha256};

use super::super::super::challenge::ChallengeError;
use super::super::super::ids::{Id, RequestDigest};
use super::super::super::json;
use super::super::super::jws::JwsError;
use super::super::super::matching::Rule;
use super::super::super::outcome::Act;
use super::super::super::wire::{Json, Label};
use super::super::{Disbelief, Known, List, Question};
use super::{LIFE_MS, NOT_OF_THE_FORM, Reply};
use crate::base32;
use crate::crypto::rsa::RsaPublicKey;
use crate::time::UnixTime;

/// When to look again, in milliseconds: the vendor's app does so every three seconds while it is open.
const AGAIN_MS: u64 = 3000;
/// Requests of one list that are looked at.
const MOST: usize = 50;

/// One request, pushed or polled; every value is text.
#[derive(serde::Deserialize)]
struct Asked {
    nonce: String,
    url: String,
    serial: String,
    question: String,
    title: String,
    sslverify: String,
    signature: String,
    #[serde(default)]
    require_presence: Option<String>,
    #[serde(default)]
    capabilities: Option<String>,
    #[serde(default)]
    capabilities_signature: Option<String>,
}

pub(in super::super) fn list(reply: &[u8]) -> Result<List, Disbelief> {
    let Reply { result, detail: _ } = Reply::<Vec<Json>, serde::de::IgnoredAny>::read(reply)?;
    let requests = result.value.filter(|_| result.status).ok_or(NOT_OF_THE_FORM)?;
    let requests = requests.iter().rev().take(MOST).map(ToString::to_string).collect();
    Ok(List { requests, again_ms: AGAIN_MS, renew: false })
}

pub(in super::super) fn question(
    text: &str,
    known: &Known<'_>,
    at: UnixTime,
) -> Result<Question, ChallengeError> {
    let asked: Asked = json::read(text.as_bytes(), json::LARGE_CAP)
        .map_err(|error| ChallengeError::Jws(JwsError::Claims(error)))?;
    if asked.serial != known.credential {
        return Err(ChallengeError::Audience);
    }
    let key = known.service_keys.first().and_then(|der| RsaPublicKey::from_pkcs1(der).ok());
    let key = key.ok_or(ChallengeError::Jws(JwsError::Key))?;
    verify(&key, &asked.signed_text(), &asked.signature)?;
    // Signed or not, answers go where this phone was enrolled.
    if asked.url != known.service {
        return Err(ChallengeError::Issuer);
    }
    let nonce_fits =
        (8..=128).contains(&asked.nonce.len()) && asked.nonce.bytes().all(|b| b.is_ascii_alphanumeric());
    if !nonce_fits {
        return Err(ChallengeError::Life);
    }
    let takes_reasons = asked.takes_reasons(&key)?;
    let rule = match &asked.require_presence {
        None => Rule::Confirm,
        Some(options) => options_of(options)?,
    };
    let digest = Sha256::digest(format!("{}|{}", asked.serial, asked.nonce));
    Ok(Question {
        id: Id(digest[..16].try_into().expect("SHA-256 has 32 bytes")),
        name: asked.nonce,
        act: Act::Login,
        application: line(&asked.title),
        address: String::new(),
        place: String::new(),
        device: String::new(),
        new_device: false,
        message: Some(line(&asked.question)).filter(|text| !text.is_empty()),
        details: None,
        asked: at,
        exp: at.plus_ms(LIFE_MS),
        rule,
        digest: RequestDigest::of(text),
        takes_reasons,
    })
}

impl Asked {
    fn signed_text(&self) -> String {
        let Self { nonce, url, serial, question, title, sslverify, .. } = self;
        let text = format!("{nonce}|{url}|{serial}|{question}|{title}|{sslverify}");
        match &self.require_presence {
            Some(options) => format!("{text}|{options}"),
            None => text,
        }
    }

    /// Tells whether the server takes a reason with a denial; it signs so for each request. One without the other is
    /// an older server, or one whose message was cut: no reason is sent.
    fn takes_reasons(&self, key: &RsaPublicKey) -> Result<bool, ChallengeError> {
        let (Some(said), Some(signature)) = (&self.capabilities, &self.capabilities_signature) else {
            return Ok(false);
        };
        let said: Json = said.parse().map_err(|_| ChallengeError::Jws(JwsError::Header))?;
        // RFC 8785 of these values: members by name, no blanks.
        let canonical = format!(r#"{{"capabilities":{said},"nonce":"{}"}}"#, self.nonce);
        verify(key, &canonical, signature)?;
        Ok(said.flag("decline_reason"))
    }
}

fn verify(key: &RsaPublicKey, text: &str, signature: &str) -> Result<(), ChallengeError> {
    let signature = base32::decode(signature).map_err(|_| ChallengeError::Jws(JwsError::Form))?;
    if key.verifies(text.as_bytes(), signature.expose()) {
        Ok(())
    } else {
        Err(ChallengeError::Jws(JwsError::Signature))
    }
}

/// Two to ten options, each a short line, none twice.
fn options_of(text: &str) -> Result<Rule, ChallengeError> {
    let options: Vec<String> = text.split(',').map(str::to_owned).collect();
    let is_short = |option: &String| (1..=32).contains(&option.len()) && option.parse::<Label>().is_ok();
    let mut sorted = options.clone();
    sorted.sort();
    sorted.dedup();
    let fits = (2..=10).contains(&options.len()) && sorted.len() == options.len();
    if fits && options.iter().all(is_short) { Ok(Rule::Pick { options }) } else { Err(ChallengeError::Rule) }
}

/// Makes a line for people of what an administrator wrote: signs that break or turn a line become spaces.
fn line(text: &str) -> String {
    let cleaned = text.chars().map(|c| if c.to_string().parse::<Label>().is_ok() { c } else { ' ' });
    cleaned.take(512).collect::<String>().trim().to_owned()
}
