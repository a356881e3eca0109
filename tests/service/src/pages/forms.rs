//! Forms: only what our own page sent is looked at.
//!
//! A form's token is a digest of two cookies that scripts cannot read and other hosts cannot set. Nothing is
//! stored, a sign-in makes all older tokens worthless, and a browser that says where a form came from is believed
//! when it says "elsewhere".

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use subtle::ConstantTimeEq;

use super::cookies::{Cookies, Name};
use super::page::{self, Page, Stop};
use crate::{Service, ids};

/// A form that our page sent.
pub(crate) struct Posted {
    /// The visit that sent it.
    pub(crate) page: Page,
    fields: Vec<(String, String)>,
}

/// Bytes of the longest form; ours have a few hundred.
const LONGEST: usize = 16 * 1024;

impl Posted {
    /// Returns what a field holds; empty when it is not there.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }

    /// Returns a code as it was meant: without spaces and hyphens.
    pub(crate) fn code(&self) -> String {
        self.text("code").chars().filter(|c| !c.is_whitespace() && *c != '-').collect()
    }
}

/// Returns the token of every form that these cookies are sent along with.
pub(crate) fn token(cookies: &Cookies) -> String {
    let form = cookies.get(Name::Form).unwrap_or_default();
    let session = cookies.get(Name::Session).unwrap_or_default();
    ids::digest(&format!("klink-form-1 {form} {session}"))
}

impl FromRequest<Service> for Posted {
    type Rejection = Stop;

    async fn from_request(request: Request, service: &Service) -> Result<Self, Stop> {
        let (mut parts, body) = request.into_parts();
        let page = Page::read(service, &mut parts).await?;
        let body: Bytes = to_bytes(body, LONGEST).await.map_err(|_| Stop::Form)?;
        let fields = page::pairs(&body);
        let posted = Self { page, fields };
        let sent = posted.text("form").as_bytes();
        let right = bool::from(token(&posted.page.cookies).as_bytes().ct_eq(sent));
        if right && is_from_here(&parts.headers) { Ok(posted) } else { Err(Stop::Form) }
    }
}

/// Tells whether the browser, if it says anything of that, says that a page of this host sent the form.
fn is_from_here(headers: &HeaderMap) -> bool {
    match page::text(headers, header::HeaderName::from_static("sec-fetch-site")) {
        "" => {}
        site => return matches!(site, "same-origin" | "none"),
    }
    let (origin, host) = (page::text(headers, header::ORIGIN), page::text(headers, header::HOST));
    origin.is_empty() || host.is_empty() || origin.split_once("://").is_some_and(|(_, from)| from == host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (header::HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn a_form_from_elsewhere_is_refused_whatever_its_token() {
        assert!(is_from_here(&headers(&[])));
        assert!(is_from_here(&headers(&[("sec-fetch-site", "same-origin")])));
        assert!(is_from_here(&headers(&[("origin", "https://a.example:8443"), ("host", "a.example:8443")])));
        for elsewhere in [
            [("sec-fetch-site", "cross-site"), ("host", "a.example")],
            [("sec-fetch-site", "same-site"), ("host", "a.example")],
            [("origin", "https://b.example"), ("host", "a.example")],
            [("origin", "null"), ("host", "a.example")],
        ] {
            assert!(!is_from_here(&headers(&elsewhere)), "{elsewhere:?}");
        }
    }

    #[test]
    fn a_token_changes_with_each_of_its_cookies() {
        let with = |line: &str| {
            let line = format!("__Host-klink-form={}{line}", "f".repeat(43));
            token(&Cookies::read(&headers(&[("cookie", &line)]), true).unwrap())
        };
        let (before, after) = (with(""), with("; __Host-klink-session=s"));
        assert_eq!(before, with(""));
        assert_ne!(before, after);
        let none = || token(&Cookies::read(&HeaderMap::new(), true).unwrap());
        assert_ne!(none(), none());
    }
}
