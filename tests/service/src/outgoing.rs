//! The client of every call that the service and the relay make to others: gateways, push services, vendors.
//!
//! TLS is rustls with ring and the system's trust, plus an authority of one's own. Redirects are not
//! followed: a body meant for one address must not reach another.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;
use url::{Host, Url};

/// How long one call may take, connecting included.
pub const TIMEOUT: Duration = Duration::from_secs(10);
/// How many bytes of an answer are read.
pub const MOST_ANSWER: usize = 16 * 1024;

/// Which addresses a call may go to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reach {
    /// Only what is routed on the open Internet: for addresses that strangers choose.
    Public,
    /// Anywhere: for addresses that the configuration names.
    Anywhere,
}

/// Which versions of HTTP a call may use.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Speaks {
    /// HTTP/2 where the server offers it, else HTTP/1.1.
    Either,
    /// HTTP/2 alone, as Apple's service demands.
    Http2,
}

/// The client could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The file of an authority holds no certificate in PEM.
    #[error("the authority's file holds no certificate in PEM")]
    Authority,
    /// TLS could not be set up.
    #[error("no client for TLS: {0}")]
    Tls(String),
}

/// Makes a client that trusts what the system trusts and the authorities in `extra_pem`.
///
/// # Errors
/// [`ClientError`].
pub fn client(
    extra_pem: Option<&[u8]>,
    reach: Reach,
    speaks: Speaks,
) -> Result<reqwest::Client, ClientError> {
    let roots = match extra_pem {
        Some(pem) => authorities(pem)?,
        None => Vec::new(),
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = |error: &dyn std::fmt::Display| ClientError::Tls(error.to_string());
    let verifier = Verifier::new_with_extra_roots(roots, provider.clone()).map_err(|e| tls(&e))?;
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| tls(&e))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = match speaks {
        Speaks::Either => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        Speaks::Http2 => vec![b"h2".to_vec()],
    };
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(config)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(TIMEOUT)
        .user_agent("klink-service");
    if speaks == Speaks::Http2 {
        builder = builder.http2_prior_knowledge();
    }
    if reach == Reach::Public {
        builder = builder.dns_resolver(PublicOnly);
    }
    builder.build().map_err(|e| tls(&e))
}

/// Reads the body of an answer, at most [`MOST_ANSWER`] bytes of it; what breaks off is what came.
pub async fn answer(mut response: reqwest::Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = MOST_ANSWER - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == MOST_ANSWER {
            break;
        }
    }
    body
}

/// Returns the seconds that an answer asks to wait: `Retry-After` in its form of seconds, at most an hour.
pub fn retry_after(headers: &reqwest::header::HeaderMap) -> Option<u32> {
    let text = headers.get(reqwest::header::RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse::<u32>().ok().map(|seconds| seconds.min(3600))
}

/// Tells whether the host of a URL may be reached; names are judged again when they are resolved.
pub fn reaches(url: &Url, reach: Reach) -> bool {
    match (reach, url.host()) {
        (_, None) => false,
        (Reach::Anywhere, Some(_)) => true,
        (Reach::Public, Some(Host::Ipv4(address))) => is_public(IpAddr::V4(address)),
        (Reach::Public, Some(Host::Ipv6(address))) => is_public(IpAddr::V6(address)),
        (Reach::Public, Some(Host::Domain(name))) => {
            let name = name.trim_end_matches('.');
            name.contains('.') && !name.ends_with(".localhost") && !name.ends_with(".local")
        }
    }
}

/// Tells whether an address is routed on the open Internet, by the registries of RFC 6890.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (18..20).contains(&b)))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(v4) = address.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    let s = address.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match s[0] {
        0x2002 => embedded(s[1], s[2]),
        0x0064 if s[1] == 0xff9b => s[2..6].iter().all(|part| *part == 0) && embedded(s[6], s[7]),
        0x2001 if s[1] == 0x0db8 || s[1] < 0x0200 => false,
        first => first & 0xe000 == 0x2000,
    }
}

fn authorities(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, ClientError> {
    let found: Vec<_> =
        CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(|_| ClientError::Authority)?;
    if found.is_empty() { Err(ClientError::Authority) } else { Ok(found) }
}

/// Resolves names as the system does and leaves out what is not public, so that a name that a stranger
/// chose cannot lead inside.
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let all = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = all.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err("no public address".into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(address: &str, public: bool) {
        assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
    }

    #[test]
    fn addresses_inside_are_told_from_those_outside() {
        for inside in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2001:db8::1",
            "2002:a00:1::",
            "fc00::1",
            "fe80::1",
            "ff02::1",
        ] {
            check(inside, false);
        }
        for outside in
            ["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "64:ff9b::101:101", "2a00::1"]
        {
            check(outside, true);
        }
    }

    #[test]
    fn a_host_that_names_the_inside_is_not_reached() {
        let at = |host: &str, reach| reaches(&Url::parse(&format!("https://{host}/x")).unwrap(), reach);
        for host in ["localhost", "10.0.0.1", "[::1]", "printer.local", "0x7f.1", "2130706433", "intranet"] {
            assert!(!at(host, Reach::Public), "{host}");
            assert!(at(host, Reach::Anywhere), "{host}");
        }
        assert!(at("push.example.org", Reach::Public));
    }

    #[tokio::test]
    async fn a_name_that_resolves_to_the_inside_is_not_reached() {
        let public = client(None, Reach::Public, Speaks::Either).unwrap();
        let anywhere = client(None, Reach::Anywhere, Speaks::Either).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
        assert!(public.get(&url).send().await.is_err());
        let refused = tokio::time::timeout(Duration::ZERO, listener.accept()).await;
        assert!(refused.is_err(), "a connection was made");
        // The control: the same name without the rule reaches the listener.
        let (_, reached) = tokio::join!(
            tokio::time::timeout(
                Duration::from_secs(5),
                anywhere.get(&url).timeout(Duration::from_secs(1)).send()
            ),
            tokio::time::timeout(Duration::from_secs(5), listener.accept()),
        );
        assert!(reached.is_ok());
    }
}
