//! One visit to a page: who, in which language, with which session; and how its answer is made.

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use axum::response::{Html, IntoResponse, Redirect, Response};

use super::cookies::{Cookies, Name};
use super::frame::{Frame, Say};
use super::language::Language;
use super::words::{Words, words};
use super::{forms, times};
use crate::accounts::{Session, Stage, sessions};
use crate::http::Visitor;
use crate::{Failure, Service};

/// One visit.
pub(crate) struct Page {
    pub(crate) service: Service,
    pub(crate) visitor: Visitor,
    pub(crate) language: Language,
    pub(crate) session: Option<Session>,
    /// What browsers say of their languages, for the country that is chosen before the person does.
    pub(crate) accept_language: String,
    pub(crate) cookies: Cookies,
    path: String,
    query: Vec<(String, String)>,
}

/// Why a page is not shown.
pub(crate) enum Stop {
    /// It goes on elsewhere, at this path of ours.
    Go(String),
    /// The form was not ours, or too old.
    Form,
    /// There is no such page.
    Gone,
    /// The service is broken.
    Failure(Failure),
}

/// Makes what is said from the texts of the page's language.
pub(crate) type Saying = fn(&'static Words) -> Say;

/// What the layer around all pages prints in the visitor's language.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Trouble {
    Form,
    Gone,
    Unavailable,
}

impl Page {
    /// Reads a visit.
    pub(crate) async fn read(service: &Service, parts: &mut Parts) -> Result<Self, Failure> {
        let Ok(visitor) = Visitor::from_request_parts(parts, &()).await;
        let cookies = Cookies::read(&parts.headers, service.secure_cookies())?;
        let session = match cookies.get(Name::Session) {
            Some(token) => sessions::open(service, token)?,
            None => None,
        };
        let accept_language = text(&parts.headers, header::ACCEPT_LANGUAGE).to_owned();
        Ok(Self {
            service: service.clone(),
            visitor,
            language: language(&parts.headers, &cookies),
            session,
            accept_language,
            cookies,
            path: parts.uri.path().to_owned(),
            query: pairs(parts.uri.query().unwrap_or_default().as_bytes()),
        })
    }

    /// Returns the texts of the page's language.
    pub(crate) fn w(&self) -> &'static Words {
        words(self.language)
    }

    /// Returns the frame of this page with its heading.
    pub(crate) fn frame(&self, title: &str) -> Frame {
        let organisation = self.service.config().organisation.as_str();
        let mut frame = Frame::new(self.language, organisation, forms::token(&self.cookies), self.here());
        frame.has_session = self.session.is_some();
        frame.tail = self.link("");
        frame.titled(title)
    }

    /// Answers with a page.
    pub(crate) fn show(&self, page: &impl Template) -> Response {
        let html = page.render().expect("a String takes everything");
        self.with_cookies(Html(html).into_response())
    }

    /// Answers with a page that another visit led to: it is asked for at `path`, not where the form went.
    pub(crate) fn at(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self.query.retain(|(name, _)| name == NEXT);
        self
    }

    /// Goes on at a path of ours, and brings along where all this leads.
    pub(crate) fn go(&self, path: &str) -> Response {
        self.with_cookies(Redirect::to(&self.link(path)).into_response())
    }

    /// Returns a path of ours with what was asked for first behind it.
    pub(crate) fn link(&self, path: &str) -> String {
        match self.next() {
            Some(next) if path.is_empty() || !path.starts_with(next) => {
                let mark = if path.contains('?') { '&' } else { '?' };
                format!("{path}{mark}{NEXT}={next}")
            }
            Some(_) | None => path.to_owned(),
        }
    }

    /// Returns where this leads when it is done, when that was said: a path of the security pages.
    pub(crate) fn next(&self) -> Option<&str> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_');
        self.query(NEXT)
            .filter(|next| next.starts_with("/security") && !next.contains("//") && next.chars().all(plain))
    }

    /// Returns the path of this visit, without its query.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Returns a value of the query.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns the session of someone who is through the second step.
    pub(crate) fn signed_in(&self) -> Result<&Session, Stop> {
        self.at_stage(|stage| stage == Stage::SignedIn)
    }

    /// Returns the session of someone who may set something up: for the first time, or signed in.
    pub(crate) fn setting_up(&self) -> Result<&Session, Stop> {
        self.at_stage(|stage| matches!(stage, Stage::MustEnrol | Stage::SignedIn))
    }

    /// Returns the session of someone who proves a factor: to sign in, or to confirm a change.
    pub(crate) fn proving(&self) -> Result<&Session, Stop> {
        self.at_stage(|stage| matches!(stage, Stage::SecondFactor | Stage::SignedIn))
    }

    fn at_stage(&self, fits: impl Fn(Stage) -> bool) -> Result<&Session, Stop> {
        self.session.as_ref().filter(|session| fits(session.stage)).ok_or_else(|| Stop::Go("/".to_owned()))
    }

    /// Says how long `seconds` are.
    pub(crate) fn span(&self, seconds: i64) -> String {
        times::span(self.w(), seconds)
    }

    /// Returns now in Unix seconds.
    pub(crate) fn now(&self) -> i64 {
        self.service.clock().now()
    }

    /// Returns what the query says above the content, where the sentence needs nothing from this visit.
    pub(crate) fn said(&self, known: &[(&str, Saying)]) -> Option<Say> {
        let said = self.query("say")?;
        known.iter().find(|(name, _)| *name == said).map(|(_, say)| say(self.w()))
    }

    /// Answers with the cookies that this visit made or changed.
    pub(crate) fn with_cookies(&self, mut response: Response) -> Response {
        for cookie in self.cookies.print() {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }

    fn here(&self) -> String {
        let mut query: Vec<String> = Vec::new();
        for (name, value) in self.query.iter().filter(|(name, _)| name != "say") {
            let plain =
                |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_'));
            if plain(name) && plain(value) {
                query.push(format!("{name}={value}"));
            }
        }
        if query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, query.join("&")) }
    }
}

/// The name of what was asked for first, in a query.
const NEXT: &str = "next";

/// Reads `application/x-www-form-urlencoded`.
pub(crate) fn pairs(text: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text).into_owned().collect()
}

/// Returns the language that a visitor chose, or that their browser asks for.
pub(crate) fn language(headers: &HeaderMap, cookies: &Cookies) -> Language {
    let chosen = cookies.get(Name::Language).and_then(Language::of_tag);
    chosen.unwrap_or_else(|| Language::accepted(text(headers, header::ACCEPT_LANGUAGE)))
}

/// Returns a header's text; empty when there is none.
pub(crate) fn text(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Returns `path` when it is one of ours and nothing else, for going back to.
pub(crate) fn own_path(path: &str) -> Option<&str> {
    let uri: Uri = path.parse().ok()?;
    let plain = uri.authority().is_none() && uri.scheme().is_none();
    (plain && path.starts_with('/') && !path.starts_with("//") && !path.contains('\\')).then_some(path)
}

impl FromRequestParts<Service> for Page {
    type Rejection = Stop;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Stop> {
        let page = Self::read(service, parts).await?;
        if let Some(session) = &page.session {
            sessions::touch(service, session).await?;
        }
        Ok(page)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl IntoResponse for Stop {
    fn into_response(self) -> Response {
        let (status, trouble) = match self {
            Self::Go(path) => return Redirect::to(&path).into_response(),
            Self::Form => (axum::http::StatusCode::FORBIDDEN, Trouble::Form),
            Self::Gone => (axum::http::StatusCode::NOT_FOUND, Trouble::Gone),
            Self::Failure(failure) => {
                tracing::error!(%failure, "a page cannot be shown");
                (axum::http::StatusCode::SERVICE_UNAVAILABLE, Trouble::Unavailable)
            }
        };
        let mut response = status.into_response();
        response.extensions_mut().insert(trouble);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_ours_is_gone_back_to() {
        for path in ["/", "/setup/scan", "/approve?as=qr&next=/security"] {
            assert_eq!(own_path(path), Some(path));
        }
        for path in
            ["", "setup", "//evil.example", "https://evil.example/", "/\\evil.example", "/a b", "\\\\evil"]
        {
            assert_eq!(own_path(path), None, "{path}");
        }
    }
}
