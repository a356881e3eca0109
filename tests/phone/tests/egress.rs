//! Proof N15: the phone talks to the enrolled host and to nobody else. `strace` watches a process of its own.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod running;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::process::{Command, Stdio};

use authenticator_core::secret::SecretText;
use klink_service::accounts::{SignIn, sessions, users};
use klink_service::http::Visitor;
use klink_service::push::offers::{self, MakeOffer, OfferState};
use klink_service::requests::{self, Start};
use klink_service::{Config, Running, start};
use running::Klink;

/// Runs `klink` under `strace`, and returns every address on a network that it connects or sends to.
fn watched(klink: &Klink, running: &Running, arguments: &[&str]) -> BTreeSet<SocketAddr> {
    let log = klink.path("strace.log");
    let authority = running.authority().unwrap().to_str().unwrap().to_owned();
    let inner = klink.command(&[arguments, &["--ca-file", &authority]].concat());
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o"]).arg(&log);
    command.arg(inner.get_program()).args(inner.get_args());
    command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.code().is_some_and(|code| code < 2), "{output:?}");
    let text = std::fs::read_to_string(log).unwrap();
    text.lines().filter_map(address).collect()
}

/// Reads the address of one call; none for a socket that leads to no network.
fn address(line: &str) -> Option<SocketAddr> {
    let between = |from: &str, to: &str| Some(line.split_once(from)?.1.split_once(to)?.0.to_owned());
    let v4 = || {
        let (port, ip) = (between("sin_port=htons(", ")")?, between("inet_addr(\"", "\")")?);
        format!("{ip}:{port}").parse().ok()
    };
    let v6 = || {
        let (port, ip) = (between("sin6_port=htons(", ")")?, between("inet_pton(AF_INET6, \"", "\"")?);
        format!("[{ip}]:{port}").parse().ok()
    };
    v4().or_else(v6)
}

#[test]
fn an_address_is_read_from_what_strace_prints() {
    let v4 =
        r#"7 connect(9, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.7")}, 16) = 0"#;
    assert_eq!(address(v4), Some("192.0.2.7:443".parse().unwrap()));
    let v6 = r#"7 connect(9, {sa_family=AF_INET6, sin6_port=htons(53), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "::1", &sin6_addr), sin6_scope_id=0}, 28) = 0"#;
    assert_eq!(address(v6), Some("[::1]:53".parse().unwrap()));
    assert_eq!(address(r#"7 connect(3, {sa_family=AF_UNIX, sun_path="/run/x"}, 110) = -1"#), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_phone_talks_to_the_enrolled_host_alone() {
    if Command::new("strace").arg("-V").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "strace is needed");
        println!("not run: no strace");
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let config = Config {
        listen: "127.0.0.1:0".parse().unwrap(),
        data: data.path().join("data"),
        ..Config::default()
    };
    let running = start(config).await.unwrap();
    let (service, own) = (running.service(), BTreeSet::from([running.address()]));
    users::add(service, "tess", "Tess", SecretText::from("correct horse")).await.unwrap();
    let visitor = Visitor { address: "192.0.2.1".to_owned(), agent: "Firefox/140 Linux".to_owned() };
    let right = SecretText::from("correct horse");
    let SignIn::Done { session, .. } = sessions::sign_in(service, &visitor, "tess", right).await.unwrap()
    else {
        panic!()
    };
    let MakeOffer::Made(offer) = offers::make(service, &session).await.unwrap() else { panic!() };
    let klink = Klink::new();
    let watch = |arguments: &[&str]| tokio::task::block_in_place(|| watched(&klink, &running, arguments));
    assert_eq!(watch(&["enrol", "--yes", &offer.link]), own);
    offers::confirm(service, &session, &offer.jti, true).await.unwrap();
    let OfferState::Enrolled { credential, .. } =
        offers::status(service, &session, &offer.jti).unwrap().unwrap()
    else {
        panic!()
    };
    let Start::Made(asked) = requests::start_test(service, &session, &visitor, &credential).await.unwrap()
    else {
        panic!()
    };
    for arguments in [
        &["requests"][..],
        &["approve", "--yes", "-", &asked.number],
        &["enrolments"],
        &["check"],
        &["history"],
        &["enrolments", "remove", "tess"],
    ] {
        let seen = watch(arguments);
        assert!(seen.is_subset(&own), "{arguments:?}: {seen:?}");
    }
    // The control: another host that the person names is seen.
    let elsewhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let seen = watch(&["enrol", "--yes", "--code", &elsewhere.to_string(), "ABCDEFGHJKMN"]);
    assert_eq!(seen, BTreeSet::from([elsewhere]));
}
