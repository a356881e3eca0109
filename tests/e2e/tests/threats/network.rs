//! What the network may do: lead elsewhere, be slow, never end, pose as the service.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use authenticator_core::authenticator::PushError;
use authenticator_core::net::{LocalHosts, Net, NetConfig, NetError, Request, TlsRefusal, Trust, Verb};
use axum::http::{StatusCode, header};

use crate::between::Plan;
use crate::world::{TIMEOUT, World};

async fn problem_of_a_look(plan: fn() -> Plan) -> PushError {
    let (world, phone, _) = World::with_phone().await;
    world.between.plan(move |_, path, _| if path.ends_with("/requests") { plan() } else { Plan::Pass });
    let mut seen = phone.look().await;
    let (_, problem) = seen.problems.pop().expect("the look failed");
    world.between.pass();
    assert!(phone.look().await.problems.is_empty(), "the control: without it the look succeeds");
    problem
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (world, phone, _) = World::with_phone().await;
    let elsewhere = World::new().await;
    let to = format!("{}/push/v1/requests", elsewhere.between.origin());
    world.between.plan(move |_, path, _| {
        if !path.ends_with("/requests") {
            return Plan::Pass;
        }
        Plan::Answer(StatusCode::TEMPORARY_REDIRECT, vec![(header::LOCATION, to.clone())], String::new())
    });
    assert_eq!(phone.look().await.problems.len(), 1);
    assert!(elsewhere.between.seen("").is_empty());
}

#[tokio::test]
async fn an_endless_reply_is_cut_off() {
    let problem = problem_of_a_look(|| Plan::Endless).await;
    assert!(matches!(problem, PushError::Net(NetError::TooLarge { status: 200 })), "{problem:?}");
}

#[tokio::test]
async fn a_reply_that_never_comes_is_given_up() {
    let problem = problem_of_a_look(|| Plan::Silence).await;
    assert!(matches!(problem, PushError::Net(NetError::NoReply)), "{problem:?}");
}

/// The same service behind the certificate of an authority that the phone does not know.
#[tokio::test]
async fn a_service_with_an_unknown_authority_is_not_talked_to() {
    let world = World::new().await;
    let stranger = World::new().await;
    let session = world.sign_in().await;
    let offer = world.offer(&session).await;
    let phone = stranger.phone();
    let refused = phone.enrol(&offer.link).await.unwrap_err();
    let unknown = NetError::Tls(TlsRefusal::UnknownAuthority);
    assert!(matches!(refused, PushError::Net(error) if error == unknown), "{refused:?}");
    assert!(world.between.seen("").is_empty(), "nothing was sent");
}

/// Asks a service with such a weakness, whose authority the phone believes; returns why it is refused.
async fn refused(weak: &Weak) -> Option<NetError> {
    let folder = tempfile::tempdir().unwrap();
    let server = weak.serve(folder.path()).unwrap();
    let trust = Trust::DeviceAnd(std::fs::read(folder.path().join("weak.ca.pem")).unwrap());
    let net = Net::new(NetConfig { trust, local_hosts: LocalHosts::Allowed, timeout: TIMEOUT }).unwrap();
    let url = format!("https://127.0.0.1:{}/", server.port);
    let request = Request { method: Verb::Get, url: &url, headers: &[], body: None };
    net.send(request).await.err()
}

/// What is weak about a service.
struct Weak {
    /// Arguments of `openssl req` for the service's key.
    key: &'static [&'static str],
    /// The digest that its authority signs with.
    digest: &'static str,
    /// The only version it speaks.
    version: &'static str,
}

struct Server {
    child: std::process::Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Weak {
    /// Makes an authority and a certificate, and serves with it; none where there is no `openssl`.
    fn serve(&self, folder: &Path) -> Option<Server> {
        let openssl = |arguments: &[&str]| {
            let run = Command::new("openssl").current_dir(folder).args(arguments).output().ok()?;
            assert!(run.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&run.stderr));
            Some(())
        };
        let extensions = "basicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\n\
                          subjectAltName=IP:127.0.0.1\nauthorityKeyIdentifier=keyid\n";
        std::fs::write(folder.join("weak.ext"), extensions).unwrap();
        let subject = format!("/CN=weak {} {} {}", self.key[0], self.digest, self.version);
        openssl(&[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "30",
            "-keyout",
            "weak.ca.key",
            "-out",
            "weak.ca.pem",
            "-subj",
            &subject,
            "-addext",
            "keyUsage=critical,keyCertSign",
        ])?;
        let request =
            ["req", "-new", "-nodes", "-keyout", "weak.key", "-out", "weak.csr", "-subj", "/CN=weak"];
        openssl(&[&request[..], self.key].concat())?;
        openssl(&[
            "x509",
            "-req",
            "-in",
            "weak.csr",
            "-CA",
            "weak.ca.pem",
            "-CAkey",
            "weak.ca.key",
            "-days",
            "20",
            self.digest,
            "-extfile",
            "weak.ext",
            "-out",
            "weak.pem",
        ])?;
        let mut child = Command::new("openssl")
            .current_dir(folder)
            .args(["s_server", "-accept", "127.0.0.1:0", "-cert", "weak.pem", "-key", "weak.key", "-www"])
            .args(["-cipher", "ALL:@SECLEVEL=0", self.version])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("ACCEPT ")?.rsplit(':').next()?.parse().ok())
            .expect("openssl says where it listens");
        Some(Server { child, port })
    }
}

const GOOD: Weak = Weak { key: &["-newkey", "rsa:2048"], digest: "-sha256", version: "-tls1_2" };

/// Proof N01. The control is the same server with nothing weak about it: its page comes.
#[tokio::test]
async fn weak_certificates_and_old_tls_are_refused() {
    if Command::new("openssl").arg("version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "openssl is needed");
        println!("not run: no openssl");
        return;
    }
    assert_eq!(refused(&GOOD).await, None, "the control");
    let old = [Weak { version: "-tls1", ..GOOD }, Weak { version: "-tls1_1", ..GOOD }];
    for weak in &old {
        assert_eq!(refused(weak).await, Some(NetError::Tls(TlsRefusal::NoCommonTls)), "{}", weak.version);
    }
    let bad = [Weak { key: &["-newkey", "rsa:1024"], ..GOOD }, Weak { digest: "-sha1", ..GOOD }];
    for weak in &bad {
        let why = refused(weak).await;
        assert!(matches!(why, Some(NetError::Tls(_))), "{:?} {}: {why:?}", weak.key, weak.digest);
    }
}
