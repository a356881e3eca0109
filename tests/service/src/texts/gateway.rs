//! The door to text messages: a POST to the gateway of an operator, as the configuration words it.
//!
//! The body is a JSON template. Its placeholders stand inside texts and are filled after the template was
//! read, so that nothing in a message can change the form of the body.

use std::collections::BTreeMap;
use std::time::Duration;

use authenticator_core::secret::SecretText;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::numbers::PhoneNumber;
use crate::outgoing::{self, ClientError, Reach, Speaks};

/// What the configuration says about the gateway.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewayConfig {
    /// Where messages are posted to: https, or http on this machine.
    pub url: String,
    /// Headers of each call, such as `Authorization`: their values are secrets.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body: JSON with `{to}` (E.164), `{text}` and `{id}` (new for each message) inside its texts.
    #[serde(default = "usual_template")]
    pub template: String,
}

impl GatewayConfig {
    /// A gateway that takes the usual template and asks for nothing else.
    pub fn to(url: &str) -> Self {
        Self { url: url.to_owned(), headers: BTreeMap::new(), template: usual_template() }
    }
}

impl std::fmt::Debug for GatewayConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&String> = self.headers.keys().collect();
        f.debug_struct("GatewayConfig").field("headers", &names).finish_non_exhaustive()
    }
}

/// Why a gateway cannot be used as it is configured.
#[derive(Debug, thiserror::Error)]
pub enum GatewayConfigError {
    /// The URL is neither https nor http on this machine.
    #[error("the gateway's address must be https, or http on this machine")]
    Url,
    /// A header has a name or value that no header can have.
    #[error("header {0:?} of the gateway cannot be sent")]
    Header(String),
    /// The template is no JSON.
    #[error("the gateway's template is not JSON: {0}")]
    Template(serde_json::Error),
    /// The template names a placeholder that there is not, or lacks `{to}` or `{text}`.
    #[error("the gateway's template: {0}")]
    Placeholder(&'static str),
    /// There is no client.
    #[error(transparent)]
    Client(#[from] ClientError),
}

/// Why a message did not go out. Nothing of it is in the error.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum GatewayError {
    /// The gateway was not reached, or its certificate is not trusted.
    #[error("the gateway was not reached")]
    Unreachable,
    /// No answer came in time; the message may have gone out.
    #[error("the gateway did not answer in time")]
    Slow,
    /// The gateway refused.
    #[error("the gateway answered {0}")]
    Refused(u16),
}

/// A gateway that is ready to send.
#[derive(Clone)]
pub struct Gateway {
    client: reqwest::Client,
    url: Url,
    headers: HeaderMap,
    template: Value,
    timeout: Duration,
}

impl Gateway {
    /// Makes a gateway of its configuration; the authorities in `extra_pem` are trusted as well.
    ///
    /// # Errors
    /// [`GatewayConfigError`].
    pub fn new(config: &GatewayConfig, extra_pem: Option<&[u8]>) -> Result<Self, GatewayConfigError> {
        let url = Url::parse(&config.url).map_err(|_| GatewayConfigError::Url)?;
        let here = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
        if !(url.scheme() == "https" || url.scheme() == "http" && here) {
            return Err(GatewayConfigError::Url);
        }
        let mut headers = HeaderMap::new();
        for (name, value) in &config.headers {
            let bad = || GatewayConfigError::Header(name.clone());
            let mut value = HeaderValue::from_str(value).map_err(|_| bad())?;
            value.set_sensitive(true);
            headers.insert(HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad())?, value);
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let template: Value = serde_json::from_str(&config.template).map_err(GatewayConfigError::Template)?;
        let mut used = Vec::new();
        fill(&template, &mut |name| {
            used.push(name.to_owned());
            ["to", "text", "id"].contains(&name).then(String::new)
        })
        .map_err(GatewayConfigError::Placeholder)?;
        if !["to", "text"].iter().all(|needed| used.iter().any(|name| name == needed)) {
            return Err(GatewayConfigError::Placeholder("{to} and {text} must both be in it"));
        }
        let client = outgoing::client(extra_pem, Reach::Anywhere, Speaks::Either)?;
        Ok(Self { client, url, headers, template, timeout: outgoing::TIMEOUT })
    }

    /// Waits at most `timeout` for an answer, instead of [`outgoing::TIMEOUT`].
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sends `text` to a number; `id` is the message's own, for gateways that refuse doubles.
    ///
    /// Any answer of 200 to 299 counts as sent, whatever its body says: bodies differ per operator.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn send(&self, to: &PhoneNumber, text: &SecretText, id: &str) -> Result<(), GatewayError> {
        let body = fill(&self.template, &mut |name| match name {
            "to" => Some(to.e164().to_owned()),
            "text" => Some(text.expose().to_owned()),
            "id" => Some(id.to_owned()),
            _ => None,
        })
        .expect("the template's placeholders were looked at when it was read");
        let call = self.client.post(self.url.clone()).headers(self.headers.clone()).timeout(self.timeout);
        let response = call.body(body.to_string()).send().await.map_err(|error| {
            if error.is_timeout() && !error.is_connect() {
                GatewayError::Slow
            } else {
                GatewayError::Unreachable
            }
        })?;
        match response.status() {
            status if status.is_success() => Ok(()),
            status => Err(GatewayError::Refused(status.as_u16())),
        }
    }
}

fn usual_template() -> String {
    r#"{"to": "{to}", "text": "{text}", "id": "{id}"}"#.to_owned()
}

/// Returns `template` with the placeholders in its texts replaced, each once: what a value brings along is
/// not looked at again. `{{` and `}}` stand for the braces themselves.
fn fill(template: &Value, value: &mut impl FnMut(&str) -> Option<String>) -> Result<Value, &'static str> {
    Ok(match template {
        Value::Null | Value::Bool(_) | Value::Number(_) => template.clone(),
        Value::String(text) => Value::String(fill_text(text, value)?),
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| fill(item, value)).collect::<Result<_, _>>()?)
        }
        Value::Object(members) => {
            let filled = members.iter().map(|(name, item)| Ok((name.clone(), fill(item, value)?)));
            Value::Object(filled.collect::<Result<_, &'static str>>()?)
        }
    })
}

fn fill_text(text: &str, value: &mut impl FnMut(&str) -> Option<String>) -> Result<String, &'static str> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(['{', '}']) {
        filled.push_str(&rest[..start]);
        let brace = &rest[start..=start];
        let after = &rest[start + 1..];
        if let Some(doubled) = after.strip_prefix(brace) {
            filled.push_str(brace);
            rest = doubled;
        } else if brace == "{" {
            let (name, behind) = after.split_once('}').ok_or("a brace is not closed")?;
            filled.push_str(&value(name).ok_or("a placeholder is none of {to}, {text} and {id}")?);
            rest = behind;
        } else {
            return Err("a brace is closed that was not opened");
        }
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests;
