//! A browser without a screen: real requests, cookies, forms, redirects and server-sent events over TLS.

mod failed;
pub mod html;
pub mod picture;

use std::sync::Arc;
use std::time::{Duration, Instant};

use cookie::{Cookie, CookieJar};
use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, COOKIE, LOCATION, ORIGIN, SET_COOKIE, USER_AGENT};
use reqwest::{Client, Method, RequestBuilder, Response};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use url::Url;

pub use failed::{Failed, check, failed};
use html::{Document, Part};

/// One browser on one page.
pub struct Browser {
    client: Client,
    at: Url,
    language: &'static str,
    cookies: CookieJar,
    page: Document,
}

/// A page that waits: its events, and the state that it shows.
pub struct Waiting {
    events: Response,
    heard: String,
    state: String,
}

/// What the service says to phones and pages in words: a browser that people know.
const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const TIMEOUT: Duration = Duration::from_secs(10);
/// How often a page may send a browser on.
const REDIRECTS: usize = 10;
/// What people find out about a second after it happened is live.
const LIVE: Duration = Duration::from_secs(1);

impl Browser {
    /// Opens a browser that trusts the authorities in `authority` (PEM, may be empty) alone, on no page yet.
    ///
    /// # Errors
    /// TLS cannot be set up, or the authority is no PEM.
    pub fn new(origin: &str, authority: &[u8], language: &'static str) -> Result<Self, Failed> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(authority) {
            roots.add(certificate.map_err(|_| failed("the authority is no PEM"))?)?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        let (at, cookies, page) = (Url::parse(origin)?, CookieJar::new(), Document::default());
        Ok(Self { client, at, language, cookies, page })
    }

    /// Returns the page that is shown.
    pub fn page(&self) -> &Document {
        &self.page
    }

    /// Returns the address of the page.
    pub fn at(&self) -> &Url {
        &self.at
    }

    /// Goes to a path of the same service.
    ///
    /// # Errors
    /// No answer, or none that is a page.
    pub async fn open(&mut self, path: &str) -> Result<(), Failed> {
        self.go(Method::GET, self.at.join(path)?, None).await
    }

    /// Follows the link on this page that leads to `path`, whatever its query.
    ///
    /// # Errors
    /// There is no such link; or as [`Browser::open`].
    pub async fn follow(&mut self, path: &str) -> Result<(), Failed> {
        self.follow_named(path, "").await
    }

    /// Follows the link whose path ends with `path` and whose spoken name has `name`.
    ///
    /// # Errors
    /// There is no such link; or as [`Browser::open`].
    pub async fn follow_named(&mut self, path: &str, name: &str) -> Result<(), Failed> {
        let found = self.page.parts.iter().find_map(|part| match part {
            Part::Link { to, name: spoken, .. }
                if without_query(to).ends_with(path) && spoken.contains(name) =>
            {
                Some(to.clone())
            }
            _ => None,
        });
        match found {
            Some(to) => self.open(&to).await,
            None => Err(failed(format!("the page {} has no link to {path}", self.at.path()))),
        }
    }

    /// Fills in the form of this page that goes to `path` and sends it.
    ///
    /// # Errors
    /// The page has no such form, field or button; or as [`Browser::open`].
    pub async fn send(&mut self, path: &str, given: &[(&str, &str)]) -> Result<(), Failed> {
        let here = self.at.path().to_owned();
        let form = self.page.forms.iter().find(|form| without_query(&form.action) == path);
        let form = form.ok_or_else(|| failed(format!("the page {here} has no form that goes to {path}")))?;
        let mut fields = form.fields.clone();
        for (name, value) in given {
            let field = fields.iter_mut().find(|(known, _)| known == name);
            let is_button = form.buttons.iter().any(|(known, sent)| known == name && sent == value);
            match field {
                Some((_, old)) => (*value).clone_into(old),
                None if is_button => fields.push(((*name).to_owned(), (*value).to_owned())),
                None => return Err(failed(format!("the form to {path} has no field {name}"))),
            }
        }
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.go(Method::POST, self.at.join(&form.action)?, Some(body)).await
    }

    /// Listens to what this page waits for.
    ///
    /// # Errors
    /// The page waits for nothing, or its events cannot be had.
    pub async fn listen(&self) -> Result<Waiting, Failed> {
        let (path, state) =
            self.page.live.clone().ok_or_else(|| failed(format!("{} does not wait", self.at.path())))?;
        let call = self.call(Method::GET, self.at.join(&path)?).header(ACCEPT, "text/event-stream");
        let events = call.send().await?.error_for_status()?;
        Ok(Waiting { events, heard: String::new(), state })
    }

    /// Waits until the page has news, and brings it up to date as its script does; fails when that takes more than a
    /// second from `since`. Returns how long it took.
    ///
    /// # Errors
    /// No news in time; or as [`Browser::open`].
    pub async fn renew(&mut self, waiting: Waiting, since: Instant) -> Result<Duration, Failed> {
        let news = tokio::time::timeout(LIVE, waiting.news()).await;
        news.map_err(|_| failed("the page did not learn it within a second"))??;
        let took = since.elapsed();
        self.open(&without_say(&self.at)).await?;
        Ok(took)
    }

    async fn go(&mut self, method: Method, to: Url, body: Option<String>) -> Result<(), Failed> {
        let mut call = self.call(method, to.clone()).timeout(TIMEOUT).header(ACCEPT, "text/html");
        if let Some(body) = body {
            let origin = to.origin().ascii_serialization();
            call = call.header(ORIGIN, origin).header("content-type", "application/x-www-form-urlencoded");
            call = call.body(body);
        }
        let (mut at, mut response) = (to, call.send().await?);
        for _ in 0..REDIRECTS {
            self.keep_cookies(&response)?;
            let Some(next) = response.headers().get(LOCATION) else {
                let status = response.status();
                if !status.is_success() {
                    return Err(failed(format!("{} answered {status}", at.path())));
                }
                self.page = Document::parse(&response.text().await?);
                self.at = at;
                return Ok(());
            };
            at = at.join(next.to_str()?)?;
            response = self
                .call(Method::GET, at.clone())
                .timeout(TIMEOUT)
                .header(ACCEPT, "text/html")
                .send()
                .await?;
        }
        Err(failed("the pages lead in a circle"))
    }

    fn call(&self, method: Method, to: Url) -> RequestBuilder {
        let call = self.client.request(method, to);
        let call = call.header(USER_AGENT, AGENT).header(ACCEPT_LANGUAGE, self.language);
        let cookies: Vec<String> =
            self.cookies.iter().map(|cookie| format!("{}={}", cookie.name(), cookie.value())).collect();
        if cookies.is_empty() { call } else { call.header(COOKIE, cookies.join("; ")) }
    }

    fn keep_cookies(&mut self, response: &Response) -> Result<(), Failed> {
        for line in response.headers().get_all(SET_COOKIE) {
            let cookie = Cookie::parse(line.to_str()?.to_owned())?;
            // RFC 6265bis section 4.1.3.2: a browser takes such a name in no other way.
            let for_host =
                cookie.secure() == Some(true) && cookie.path() == Some("/") && cookie.domain().is_none();
            let is_named = cookie.name().starts_with("__Host-");
            if (self.at.scheme() == "https" && !(is_named && for_host)) || cookie.http_only() != Some(true) {
                return Err(failed(format!("the cookie {} is not for this host alone", cookie.name())));
            }
            if cookie.max_age().is_some_and(|age| age.is_zero()) {
                self.cookies.force_remove(cookie.name());
            } else {
                self.cookies.add_original(cookie);
            }
        }
        Ok(())
    }
}

impl Waiting {
    /// Resolves when the service tells another state than the page shows.
    async fn news(mut self) -> Result<(), Failed> {
        loop {
            while let Some((line, rest)) = self.heard.split_once('\n') {
                let told = line.trim_end().strip_prefix("data:").map(|state| state.trim().to_owned());
                self.heard = rest.to_owned();
                if told.is_some_and(|told| told != self.state) {
                    return Ok(());
                }
            }
            let chunk = self.events.chunk().await?.ok_or_else(|| failed("the page's events ended"))?;
            self.heard.push_str(&String::from_utf8_lossy(&chunk));
        }
    }
}

fn without_query(path: &str) -> &str {
    path.split('?').next().unwrap_or(path)
}

/// Returns the address without what was said once.
fn without_say(at: &Url) -> String {
    let mut to = at.clone();
    let kept: Vec<(String, String)> =
        at.query_pairs().into_owned().filter(|(name, _)| name != "say").collect();
    to.set_query(None);
    if !kept.is_empty() {
        to.query_pairs_mut().extend_pairs(kept);
    }
    to.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_renewed_without_what_it_said_once() {
        let at = |text: &str| without_say(&Url::parse(text).unwrap());
        assert_eq!(at("https://a.example/b?say=x"), "https://a.example/b");
        assert_eq!(at("https://a.example/b?say=x&next=c"), "https://a.example/b?next=c");
    }
}
