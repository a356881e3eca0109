//! Which hosts are this device or its link: never a service, unless the shell says so.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::Host;

/// Whether loopback and link-local hosts may be talked to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LocalHosts {
    /// No, neither by number nor by a name that leads there: the apps.
    Refused,
    /// Yes: `klink`, the desktop, the tests.
    Allowed,
}

/// Tells whether a host, as an address names it, is this device or on its link.
pub(super) fn is_local(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            // RFC 6761 section 6.3, RFC 6762 section 3.
            name == "localhost" || name.ends_with(".localhost") || name.ends_with(".local")
        }
        Host::Ipv4(ip) => is_local_ip(IpAddr::V4(*ip)),
        Host::Ipv6(ip) => is_local_ip(IpAddr::V6(*ip)),
    }
}

/// Tells whether an address is loopback, link-local or nowhere.
fn is_local_ip(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_link_local() || ip.octets()[0] == 0 || ip.is_broadcast(),
        IpAddr::V6(ip) => {
            let within = embedded(ip).is_some_and(|v4| is_local_ip(IpAddr::V4(v4)));
            within || ip.is_loopback() || ip.is_unspecified() || ip.is_unicast_link_local()
        }
    }
}

/// Returns the IPv4 address in one of the forms that wrap it: `::ffff:a.b.c.d` and `64:ff9b::a.b.c.d`.
fn embedded(ip: Ipv6Addr) -> Option<std::net::Ipv4Addr> {
    let [a, b, c, d] = [12, 13, 14, 15].map(|n| ip.octets()[n]);
    let nat64 = ip.segments()[..6] == [0x64, 0xff9b, 0, 0, 0, 0];
    ip.to_ipv4_mapped().or_else(|| nat64.then(|| std::net::Ipv4Addr::new(a, b, c, d)))
}

/// Looks names up, and forgets the answers that are this device or its link: a name may lead anywhere.
pub(super) struct OutsideOnly;

impl Resolve for OutsideOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let outside: Vec<SocketAddr> = found.filter(|at| !is_local_ip(at.ip())).collect();
            if outside.is_empty() {
                return Err("no address outside this device".into());
            }
            Ok(Box::new(outside.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, local: bool) {
        let url = url::Url::parse(url).unwrap();
        assert_eq!(is_local(&url.host().unwrap()), local, "{url}");
    }

    #[test]
    fn every_spelling_of_this_device_is_known() {
        for host in [
            "localhost",
            "LOCALHOST.",
            "a.localhost",
            "printer.local",
            "127.0.0.1",
            "127.8.9.10",
            "2130706433",
            "0x7f.1",
            "0.0.0.0",
            "169.254.169.254",
            "255.255.255.255",
            "[::1]",
            "[::]",
            "[fe80::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:a9fe:1]",
            "[64:ff9b::7f00:1]",
        ] {
            check(&format!("https://{host}:8443/x"), true);
        }
    }

    #[test]
    fn hosts_elsewhere_are_not_local() {
        for host in
            ["example.com", "localhost.example.com", "10.0.0.1", "192.168.1.2", "[2001:db8::1]", "[fd00::1]"]
        {
            check(&format!("https://{host}/"), false);
        }
    }

    /// Some host files give names to this device; the control is the system's own look-up, which finds it.
    #[tokio::test]
    async fn a_name_that_leads_to_this_device_has_no_address() {
        let found: Vec<SocketAddr> = tokio::net::lookup_host(("localhost", 0)).await.unwrap().collect();
        assert!(!found.is_empty() && found.iter().all(|at| is_local_ip(at.ip())));
        assert!(OutsideOnly.resolve("localhost".parse().unwrap()).await.is_err());
    }
}
