//! Who calls: an address, and what the browser says of itself. Neither is believed, both are shown.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::header;
use axum::http::request::Parts;

use crate::Service;

/// Bytes of the browser's words that are kept.
const LONGEST: usize = 300;

/// A browser.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Visitor {
    /// The IP address of the connection. Headers of proxies are not believed.
    pub address: String,
    /// `User-Agent`, shortened.
    pub agent: String,
}

impl Visitor {
    /// Tells whether the call comes from this machine.
    pub fn is_local(&self) -> bool {
        self.address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// Returns browser and system in words that people know, as far as they can be told.
    pub fn device(&self) -> Option<String> {
        let find = |table: &[(&str, &'static str)]| {
            table.iter().find(|(mark, _)| self.agent.contains(mark)).map(|(_, name)| *name)
        };
        // The order matters: most browsers name others as well.
        let browser = find(&[
            ("Edg", "Edge"),
            ("OPR/", "Opera"),
            ("Firefox/", "Firefox"),
            ("FxiOS/", "Firefox"),
            ("Chrome/", "Chrome"),
            ("CriOS/", "Chrome"),
            ("Safari/", "Safari"),
        ]);
        let system = find(&[
            ("Windows", "Windows"),
            ("Android", "Android"),
            ("iPhone", "iPhone"),
            ("iPad", "iPad"),
            ("Mac OS X", "macOS"),
            ("CrOS", "ChromeOS"),
            ("Linux", "Linux"),
        ]);
        match (browser, system) {
            (Some(browser), Some(system)) => Some(format!("{browser}, {system}")),
            (one, other) => one.or(other).map(str::to_owned),
        }
    }

    /// Returns a keyed digest of the browser's words, to know it again for this user.
    pub(crate) fn mark(&self, service: &Service, user: &str) -> Vec<u8> {
        service.sealing().mark("browser", &format!("{user}/{}", self.agent))
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let address = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        Ok(Self {
            address: address.map_or_else(|| "unknown".to_owned(), |ConnectInfo(at)| at.ip().to_string()),
            agent: agent.unwrap_or_default().chars().take(LONGEST).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(agent: &str, expected: Option<&str>) {
        let visitor = Visitor { address: String::new(), agent: agent.to_owned() };
        assert_eq!(visitor.device().as_deref(), expected);
    }

    #[test]
    fn browsers_that_name_others_are_told_apart() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
        check(chrome, Some("Chrome, Linux"));
        check(&format!("{chrome} Edg/140.0.0.0"), Some("Edge, Linux"));
        check(
            "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0",
            Some("Firefox, Windows"),
        );
        check("curl/8.0", None);
    }
}
