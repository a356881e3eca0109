//! The network client against servers that are wrong in one way each (proofs N01 to N03), over real TLS on loopback.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod tls_server;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use authenticator_core::net::{
    LocalHosts, MOST_BYTES, Net, NetConfig, NetError, Reply, Request, TIMEOUT, TlsRefusal, Trust, TrustError,
    Verb,
};
use tls_server::{Authority, Identity, Server, write};

const BODY: &[u8] = b"the body of a request, which nobody else may see";

fn net(trust: Trust, timeout: Duration) -> Net {
    Net::new(NetConfig { trust, local_hosts: LocalHosts::Allowed, timeout }).unwrap()
}

/// Sends one request with a body, on a runtime of its own.
fn send(net: &Net, url: &str) -> Result<Reply, NetError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let body = Some(("application/json", BODY.to_vec()));
    runtime.block_on(net.send(Request { method: Verb::Post, url, headers: &[], body }))
}

/// Shows `identity` to a client that believes `authority`, and returns what it says and how many requests came.
fn shown(authority: &Authority, identity: Identity) -> (Option<NetError>, usize) {
    let server = Server::start(identity, |stream| {
        write(stream, b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
    });
    let result = send(&net(Trust::DeviceAnd(authority.pem()), TIMEOUT), &server.url("/"));
    (result.err(), server.requests())
}

fn answering(
    authority: &Authority,
    answer: impl Fn(&mut tls_server::Stream) + Send + Sync + 'static,
) -> Server {
    Server::start(authority.identity("localhost", |_| {}), answer)
}

#[test]
fn a_good_certificate_of_an_added_authority_is_believed() {
    let authority = Authority::make();
    assert_eq!(shown(&authority, authority.identity("localhost", |_| {})), (None, 1));
}

#[test]
fn no_bad_certificate_is_believed_and_no_body_is_sent_to_its_owner() {
    let authority = Authority::named("Root");
    let expired = authority.identity("localhost", |params| {
        params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    });
    let early = authority.identity("localhost", |params| {
        params.not_before = rcgen::date_time_ymd(2090, 1, 1);
    });
    let not_for_servers = authority.identity("localhost", |params| {
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
    });
    for (what, identity, why) in [
        ("expired", expired, TlsRefusal::Expired),
        ("early", early, TlsRefusal::NotYetValid),
        ("another host", authority.identity("example.com", |_| {}), TlsRefusal::WrongHost),
        ("self-signed", Identity::self_signed("localhost"), TlsRefusal::UnknownAuthority),
        ("unknown", Authority::make().identity("localhost", |_| {}), TlsRefusal::UnknownAuthority),
        ("forged", Authority::named("Root").identity("localhost", |_| {}), TlsRefusal::BadCertificate),
        ("for clients", not_for_servers, TlsRefusal::BadCertificate),
    ] {
        assert_eq!(shown(&authority, identity), (Some(NetError::Tls(why)), 0), "{what}");
    }
}

#[test]
fn without_the_added_authority_the_same_certificate_is_refused() {
    // The control: only the list of authorities differs.
    let authority = Authority::make();
    let other = Authority::make();
    let identity = authority.identity("localhost", |_| {});
    assert_eq!(shown(&other, identity), (Some(NetError::Tls(TlsRefusal::UnknownAuthority)), 0));
}

#[test]
fn plain_http_is_refused_even_on_loopback_and_so_is_any_other_scheme() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let net = net(Trust::DeviceAnd(Authority::make().pem()), TIMEOUT);
    for url in [
        format!("http://localhost:{port}/"),
        format!("http://127.0.0.1:{port}/"),
        "file:///etc/hostname".to_owned(),
        format!("https://user:pass@localhost:{port}/"),
        format!("//localhost:{port}/"),
        "nonsense".to_owned(),
    ] {
        assert_eq!(send(&net, &url).err(), Some(NetError::NotHttps), "{url}");
    }
    assert!(listener.accept().is_err(), "nobody even connected");
}

#[test]
fn a_server_that_speaks_no_tls_gets_no_request() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = std::thread::spawn(move || {
        use std::io::{Read, Write};
        let (mut socket, _) = listener.accept().unwrap();
        let mut first = [0; 2048];
        let n = socket.read(&mut first).unwrap();
        socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").unwrap();
        String::from_utf8_lossy(&first[..n]).into_owned()
    });
    let result =
        send(&net(Trust::DeviceAnd(Authority::make().pem()), TIMEOUT), &format!("https://localhost:{port}/"));
    assert_eq!(result.err(), Some(NetError::Tls(TlsRefusal::NoCommonTls)));
    assert!(!seen.join().unwrap().contains("the body of a request"));
}

#[test]
fn nobody_at_the_port_means_that_nothing_was_sent() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error =
        send(&net(Trust::DeviceAnd(Authority::make().pem()), TIMEOUT), &format!("https://localhost:{port}/"))
            .unwrap_err();
    assert_eq!(error, NetError::NoConnection);
    assert!(!error.may_have_arrived());
}

#[test]
fn redirects_are_answers_and_are_not_followed() {
    let authority = Authority::make();
    let elsewhere = Arc::new(AtomicUsize::new(0));
    for (status, to) in [
        (301, "https://localhost/loop"),
        (302, "http://localhost/plain"),
        (307, "https://example.com/other"),
        (308, "/relative"),
    ] {
        let count = Arc::clone(&elsewhere);
        let server = answering(&authority, move |stream| {
            count.fetch_add(1, Ordering::SeqCst);
            let head = format!("HTTP/1.1 {status} Go\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n");
            write(stream, head.as_bytes());
        });
        let reply = send(&net(Trust::DeviceAnd(authority.pem()), TIMEOUT), &server.url("/")).unwrap();
        assert_eq!((reply.status, server.requests()), (status, 1));
    }
    assert_eq!(elsewhere.load(Ordering::SeqCst), 4);
}

#[test]
fn an_endless_body_is_cut_off_at_the_cap() {
    let authority = Authority::make();
    let written = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&written);
    let server = answering(&authority, move |stream| {
        write(stream, b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
        let chunk = [b"4000\r\n".as_slice(), &[b'x'; 0x4000], b"\r\n"].concat();
        while write(stream, &chunk) {
            count.fetch_add(chunk.len(), Ordering::SeqCst);
        }
    });
    let error = send(&net(Trust::DeviceAnd(authority.pem()), TIMEOUT), &server.url("/")).unwrap_err();
    assert_eq!(error, NetError::TooLarge { status: 200 });
    assert!(error.may_have_arrived());
    // What the sockets on both sides hold counts as well; without the cap it would go on until the timeout.
    assert!(written.load(Ordering::SeqCst) <= 16 * 1024 * 1024);
}

#[test]
fn a_huge_content_length_is_refused_before_the_body_is_read() {
    let authority = Authority::make();
    let server = answering(&authority, |stream| {
        write(stream, b"HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n");
    });
    let result = send(&net(Trust::DeviceAnd(authority.pem()), TIMEOUT), &server.url("/"));
    assert_eq!(result.err(), Some(NetError::TooLarge { status: 200 }));
}

#[test]
fn the_largest_body_that_is_allowed_arrives_whole_and_one_byte_more_does_not() {
    let authority = Authority::make();
    for (length, fits) in [(MOST_BYTES, true), (MOST_BYTES + 1, false)] {
        let server = answering(&authority, move |stream| {
            write(stream, b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
            write(stream, &vec![b'x'; length]);
        });
        let result = send(&net(Trust::DeviceAnd(authority.pem()), TIMEOUT), &server.url("/"));
        assert_eq!(result.as_ref().map(|reply| reply.body.len()).ok(), fits.then_some(length));
    }
}

#[test]
fn a_compressed_body_is_not_unpacked() {
    let authority = Authority::make();
    let server = answering(&authority, |stream| {
        write(
            stream,
            b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n\x1f\x8b\x08\x00",
        );
    });
    let reply = send(&net(Trust::DeviceAnd(authority.pem()), TIMEOUT), &server.url("/")).unwrap();
    assert_eq!(reply.body, b"\x1f\x8b\x08\x00");
    assert!(!server.heads()[0].to_ascii_lowercase().contains("accept-encoding"));
}

#[test]
fn a_server_that_drips_ends_by_the_timeout_and_leaves_the_state_unknown() {
    let authority = Authority::make();
    for head in [b"HTTP/1.1 200 OK\r\nx: ".as_slice(), b"HTTP/1.1 200 OK\r\ncontent-length: 60000\r\n\r\n"] {
        let server = answering(&authority, move |stream| {
            write(stream, head);
            while write(stream, b"x") {
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        let short = net(Trust::DeviceAnd(authority.pem()), Duration::from_millis(700));
        let error = send(&short, &server.url("/")).unwrap_err();
        assert_eq!(error, NetError::NoReply);
        assert!(error.may_have_arrived());
    }
}

#[test]
fn a_connection_cut_after_the_request_leaves_the_state_unknown_and_is_not_tried_again() {
    let authority = Authority::make();
    for part in [b"".as_slice(), b"HTTP/1.1 2", b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf"] {
        let server = answering(&authority, move |stream| {
            write(stream, part);
        });
        let result = send(&net(Trust::DeviceAnd(authority.pem()), TIMEOUT), &server.url("/"));
        assert_eq!((result.err(), server.requests()), (Some(NetError::NoReply), 1));
    }
}

#[test]
fn nothing_of_ours_but_what_was_asked_for_is_in_a_request() {
    let authority = Authority::make();
    let server = answering(&authority, |stream| {
        write(
            stream,
            b"HTTP/1.1 200 OK\r\nset-cookie: a=b\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        );
    });
    let net = net(Trust::DeviceAnd(authority.pem()), TIMEOUT);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for _ in 0..2 {
        let request = Request {
            method: Verb::Get,
            url: &server.url("/.well-known/jwks.json"),
            headers: &[],
            body: None,
        };
        runtime.block_on(net.send(request)).unwrap();
    }
    for head in server.heads() {
        let mut names: Vec<&str> =
            head.lines().skip(1).filter_map(|line| line.split_once(':')).map(|(name, _)| name).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "host", "user-agent"]);
    }
}

#[test]
fn an_app_does_not_talk_to_its_own_device() {
    let authority = Authority::make();
    let server = answering(&authority, |stream| {
        write(stream, b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    });
    let config = NetConfig {
        trust: Trust::DeviceAnd(authority.pem()),
        local_hosts: LocalHosts::Refused,
        timeout: TIMEOUT,
    };
    let refusing = Net::new(config).unwrap();
    assert_eq!(send(&refusing, &server.url("/")).err(), Some(NetError::LocalHost));
    assert_eq!(refusing.check(&format!("https://127.0.0.1:{}/", server.port)), Err(NetError::LocalHost));
    assert_eq!(server.requests(), 0);
    // The control: the same request by a client that may.
    assert!(send(&net(Trust::DeviceAnd(authority.pem()), TIMEOUT), &server.url("/")).is_ok());
}

#[test]
fn a_pem_without_a_certificate_is_refused() {
    for pem in
        [b"".as_slice(), b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
    {
        let config = NetConfig {
            trust: Trust::DeviceAnd(pem.to_vec()),
            local_hosts: LocalHosts::Allowed,
            timeout: TIMEOUT,
        };
        assert_eq!(Net::new(config).err(), Some(TrustError::BadPem));
    }
}

#[test]
fn no_error_and_no_reply_prints_what_was_sent_or_received() {
    let authority = Authority::make();
    let server = answering(&authority, |stream| {
        write(stream, b"HTTP/1.1 500 Oops\r\ncontent-length: 6\r\n\r\nsecret");
    });
    let reply = send(&net(Trust::DeviceAnd(authority.pem()), TIMEOUT), &server.url("/")).unwrap();
    assert_eq!(format!("{reply:?}"), "Reply(500, 6 bytes)");
}
