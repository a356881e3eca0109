//! The service as it runs: sockets, TLS, restarts, and the administrator's commands.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use authenticator_core::secret::SecretText;
use klink_service::accounts::{SignIn, Stage, sessions};
use klink_service::http::Visitor;
use klink_service::outgoing::{self, Reach, Speaks};
use klink_service::{Config, Running};

fn config(folder: &Path) -> Config {
    Config {
        data: folder.join("data"),
        listen: ([127, 0, 0, 1], 0).into(),
        page_url: Some("http://127.0.0.1:0".parse().unwrap()),
        ..Config::default()
    }
}

fn client(running: &Running) -> reqwest::Client {
    let authority = std::fs::read(running.authority().unwrap()).unwrap();
    outgoing::client(Some(&authority), Reach::Anywhere, Speaks::Either).unwrap()
}

#[tokio::test]
async fn it_answers_those_who_trust_its_authority_and_stops() {
    let folder = tempfile::tempdir().unwrap();
    let running = klink_service::start(config(folder.path())).await.unwrap();
    let health = format!("https://{}/healthz", running.address());
    let reply = client(&running).get(&health).send().await.unwrap();
    assert_eq!(reply.text().await.unwrap(), "ok\n");
    let stranger = outgoing::client(None, Reach::Anywhere, Speaks::Either).unwrap();
    assert!(stranger.get(&health).send().await.is_err());

    let pages = running.service().page_origin().to_owned();
    assert!(pages.starts_with("http://127.0.0.1:") && !running.service().secure_cookies());
    let metrics = stranger.get(format!("{pages}/metrics")).send().await.unwrap();
    assert!(
        metrics
            .text()
            .await
            .unwrap()
            .contains("klink_http_answers_total{route=\"/healthz\",status=\"200\"} 1")
    );

    let address = running.address();
    running.stop().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn it_stops_though_a_page_waits_for_changes() {
    let folder = tempfile::tempdir().unwrap();
    let running = klink_service::start(config(folder.path())).await.unwrap();
    let mut waiting = running.service().live().watch("someone");
    let ended = tokio::spawn(async move { waiting.changed().await.is_err() });
    running.stop().await;
    assert!(ended.await.unwrap(), "who waits is told that there is nothing to wait for");
}

#[tokio::test]
async fn keys_and_authority_outlive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut seen = Vec::new();
    for _ in 0..2 {
        let running = klink_service::start(config(folder.path())).await.unwrap();
        let authority = std::fs::read(running.authority().unwrap()).unwrap();
        seen.push((running.service().keys().current(), authority));
        running.stop().await;
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn another_sealing_key_opens_nothing() {
    let folder = tempfile::tempdir().unwrap();
    klink_service::start(config(folder.path())).await.unwrap().stop().await;
    std::fs::remove_file(folder.path().join("data.sealing.key")).unwrap();
    assert!(klink_service::start(config(folder.path())).await.is_err());
}

fn run(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_klink-service"))
        .arg("--data")
        .arg(folder.join("data"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[tokio::test]
async fn the_administrator_adds_and_resets_users_while_the_service_runs() {
    let folder = tempfile::tempdir().unwrap();
    let running = klink_service::start(config(folder.path())).await.unwrap();
    let add = |name: &str, password: &str| run(folder.path(), &["user", "add", name], password);
    assert!(add("tess", "correct horse\n").status.success());
    for (name, password) in [("Tess", "correct horse\n"), ("max", "short\n"), ("", "correct horse\n")] {
        let refused = add(name, password);
        assert_eq!(refused.status.code(), Some(1));
        assert!(!refused.stderr.is_empty() && !String::from_utf8_lossy(&refused.stderr).contains("horse"));
    }
    let sign_in = async || {
        let visitor = Visitor { address: "192.0.2.1".to_owned(), agent: String::new() };
        let password = SecretText::from("correct horse");
        match sessions::sign_in(running.service(), &visitor, "tess", password).await.unwrap() {
            SignIn::Done { session, token: _ } => session.stage,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(sign_in().await, Stage::MustEnrol);
    let reset = run(folder.path(), &["user", "reset", "tess"], "");
    assert_eq!(String::from_utf8(reset.stdout).unwrap().trim().len(), 14);
    assert_eq!(sign_in().await, Stage::NeedsPass);
    assert_eq!(run(folder.path(), &["user", "reset", "nobody"], "").status.code(), Some(1));
    assert!(run(folder.path(), &["rotate-key"], "").status.success());
    running.stop().await;
}
