//! The network: the only module that opens a socket.
//!
//! HTTPS alone, loopback included; no redirects, no cookies, no compression, no retries of its own; ten seconds to
//! connect and ten for the whole call; a reply holds at most 64 KiB and is cut off while it streams. Nothing that
//! was sent or received stands in an error. What a reply means is not judged here.

mod hosts;
mod refusal;
mod trust;

pub use hosts::LocalHosts;
pub use refusal::{NetError, TlsRefusal};
pub use trust::{Trust, TrustError};

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, Url};

/// The most bytes of a reply.
pub const MOST_BYTES: usize = 64 * 1024;

const USER_AGENT: &str = concat!("klink/", env!("CARGO_PKG_VERSION"));

/// How the network is used; given once, when the app starts.
#[derive(Clone, Debug)]
pub struct NetConfig {
    /// Which certificates are believed.
    pub trust: Trust,
    /// Whether this device itself and its link may be talked to.
    pub local_hosts: LocalHosts,
    /// How long connecting may take, and how long a whole call may take.
    pub timeout: Duration,
}

/// Ten seconds: what every app gives [`NetConfig::timeout`].
pub const TIMEOUT: Duration = Duration::from_secs(10);

/// The one client of HTTPS; clones share it.
#[derive(Clone)]
pub struct Net {
    client: Client,
    local_hosts: LocalHosts,
}

/// What to send.
pub struct Request<'a> {
    /// GET, POST, PUT or DELETE.
    pub method: Verb,
    /// The whole address.
    pub url: &'a str,
    /// Names and values, beside those of HTTP itself.
    pub headers: &'a [(&'a str, &'a str)],
    /// Media type and bytes.
    pub body: Option<(&'a str, Vec<u8>)>,
}

/// A method of HTTP.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verb {
    /// Reads.
    Get,
    /// Sends.
    Post,
    /// Replaces.
    Put,
    /// Removes.
    Delete,
}

/// What came back: any status, redirects included, which are not followed.
pub struct Reply {
    /// The status code, 100 to 599.
    pub status: u16,
    headers: HeaderMap,
    /// At most [`MOST_BYTES`].
    pub body: Vec<u8>,
}

impl Net {
    /// Makes the client. No connection is opened.
    ///
    /// # Errors
    /// [`TrustError`] when there is no certificate to believe.
    pub fn new(config: NetConfig) -> Result<Self, TrustError> {
        let NetConfig { trust, local_hosts, timeout } = config;
        let mut builder = Client::builder()
            .tls_backend_preconfigured(trust.client_config()?)
            .https_only(true)
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .user_agent(USER_AGENT)
            .connect_timeout(timeout)
            .timeout(timeout);
        if local_hosts == LocalHosts::Refused {
            builder = builder.dns_resolver(Arc::new(hosts::OutsideOnly));
        }
        let client = builder.build().map_err(|_| TrustError::NoTls)?;
        Ok(Self { client, local_hosts })
    }

    /// Tells whether `url` may be talked to at all, before anything is asked of anybody.
    ///
    /// # Errors
    /// [`NetError::NotHttps`], [`NetError::LocalHost`].
    pub fn check(&self, url: &str) -> Result<(), NetError> {
        self.parsed(url).map(drop)
    }

    /// Sends one request and reads its reply.
    ///
    /// # Errors
    /// [`NetError`]: each variant says whether the request may have arrived.
    pub async fn send(&self, request: Request<'_>) -> Result<Reply, NetError> {
        let Request { method, url, headers, body } = request;
        let mut out = self.client.request(method.name(), self.parsed(url)?);
        for (name, value) in headers {
            out = out.header(header_name(name), header_value(value)?);
        }
        if let Some((media_type, bytes)) = body {
            out = out.header(CONTENT_TYPE, header_value(media_type)?).body(bytes);
        }
        let mut response = out.send().await.map_err(|error| refusal::of(&error))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        if response.content_length().is_some_and(|length| length > MOST_BYTES as u64) {
            return Err(NetError::TooLarge { status });
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| NetError::NoReply)? {
            if body.len() + chunk.len() > MOST_BYTES {
                return Err(NetError::TooLarge { status });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply { status, headers, body })
    }

    fn parsed(&self, url: &str) -> Result<Url, NetError> {
        let url = Url::parse(url).map_err(|_| NetError::NotHttps)?;
        let plain = url.username().is_empty() && url.password().is_none();
        if url.scheme() != "https" || !plain {
            return Err(NetError::NotHttps);
        }
        let host = url.host().ok_or(NetError::NotHttps)?;
        if self.local_hosts == LocalHosts::Refused && hosts::is_local(&host) {
            return Err(NetError::LocalHost);
        }
        Ok(url)
    }
}

impl Verb {
    fn name(self) -> Method {
        match self {
            Self::Get => Method::GET,
            Self::Post => Method::POST,
            Self::Put => Method::PUT,
            Self::Delete => Method::DELETE,
        }
    }
}

impl Reply {
    /// Returns the first header of that name, when it is visible ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns the media type without its parameters, in lower case; empty when there is none.
    pub fn media_type(&self) -> String {
        let full = self.header("content-type").unwrap_or_default();
        full.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }
}

impl fmt::Debug for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Net").field("local_hosts", &self.local_hosts).finish_non_exhaustive()
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({}, {} bytes)", self.status, self.body.len())
    }
}

fn header_name(name: &str) -> HeaderName {
    HeaderName::from_bytes(name.as_bytes()).expect("the names of headers are ours")
}

/// What came from a service may stand in a header, a nonce for one; it must not begin a header of its own.
fn header_value(value: &str) -> Result<HeaderValue, NetError> {
    HeaderValue::from_str(value).map_err(|_| NetError::BadHeader)
}
