//! `application/x-www-form-urlencoded` bodies, RFC 6749 appendix B: each parameter once.

use std::collections::HashMap;

use axum::body::Bytes;
use axum::http::{HeaderMap, header};

use super::errors::{Error, Word};

/// The parameters of a call. `Debug` is not derived: there are secrets among them.
pub(super) struct Form(HashMap<String, String>);

impl Form {
    /// Reads a body.
    pub(super) fn read(headers: &HeaderMap, body: &Bytes) -> Result<Self, Error> {
        let bad = |why| Error::new(Word::InvalidRequest, why);
        let kind =
            headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(bad("the body is not a form"));
        }
        let mut parameters = HashMap::new();
        for (name, value) in url::form_urlencoded::parse(body) {
            if parameters.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(bad("a parameter stands there twice"));
            }
        }
        // RFC 6749 section 3.1: a parameter without a value is one that is not there.
        parameters.retain(|_, value| !value.is_empty());
        Ok(Self(parameters))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}
