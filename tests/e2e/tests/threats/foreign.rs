//! A server of somebody else's that answers with anything: a typed error, and nothing is changed by it.

use std::sync::{Arc, Mutex};

use authenticator_core::authenticator::{EnrolmentState, PushError};
use authenticator_core::net::Trust;
use axum::Router;
use axum::http::header;
use axum::routing::get;
use klink::phone::Folders;
use serde_json::Value;

use crate::world::{Phone, certificate};

/// What the server answers to every look.
type Says = Arc<Mutex<Vec<u8>>>;

/// Starts a server that enrols whoever comes, with the recorded key of a real one.
async fn server(folder: &std::path::Path, recorded: &Value) -> (Vec<u8>, u16, Says) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (authority, files) = certificate(folder, "127.0.0.1");
    let enrolled = serde_json::json!({
        "result": { "status": true, "value": true },
        "detail": {
            "public_key": recorded["server_public_key_pkcs1_b64"], "rollout_state": "enrolled",
            "serial": recorded["serial"],
        },
    });
    let (enrolled, says) = (enrolled.to_string(), Says::default());
    let json = || [(header::CONTENT_TYPE, "application/json")];
    let looked = Arc::clone(&says);
    let look = get(move || async move { (json(), looked.lock().unwrap().clone()) });
    let router = Router::new().route("/ttype/push", look.post(move || async move { (json(), enrolled) }));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let tls =
        axum_server::tls_rustls::RustlsConfig::from_pem_file(files.certificate, files.key).await.unwrap();
    tokio::spawn(axum_server::from_tcp_rustls(listener, tls).unwrap().serve(router.into_make_service()));
    (authority, port, says)
}

/// Five hundred from a fixed seed. The control: what the real server signed is shown, but for its address.
#[tokio::test]
async fn whatever_a_server_answers_nothing_is_shown_and_nothing_changes() {
    let recorded: Vec<Value> =
        serde_json::from_str(include_str!("../../../vectors/push/privacyidea.json")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (authority, port, says) = server(folder.path(), &recorded[0]).await;
    let phone = Phone::new(Folders::within(&folder.path().join("phone")), Trust::DeviceAnd(authority));
    let link = format!(
        "otpauth://pipush/alice?url=https%3A//127.0.0.1%3A{port}/ttype/push&issuer=X&v=1&serial={}\
         &enrollment_credential=fa0d364d313781db982648dfa96e750e77cde617",
        recorded[0]["serial"].as_str().unwrap()
    );
    phone.enrol(&link).await.unwrap();
    *says.lock().unwrap() = br#"{"result":{"status":true,"value":[]}}"#.to_vec();
    assert!(phone.look().await.problems.is_empty(), "an empty list is good");
    let before = phone.info().await;
    assert_eq!(before.state, EnrolmentState::Active);
    let good = format!(r#"{{"result":{{"status":true,"value":[{}]}}}}"#, recorded[0]["challenge"]);
    let mut random = fastrand::Rng::with_seed(0x006b_6c69_6e6b);
    for round in 0..500 {
        let mut body = good.clone().into_bytes();
        match round % 4 {
            0 => {
                let at = random.usize(..body.len());
                body[at] = random.u8(..);
            }
            1 => body.truncate(random.usize(..body.len())),
            2 => {
                let at = random.usize(..body.len());
                body.splice(at..at, (0..random.usize(1..200)).map(|_| random.u8(..)).collect::<Vec<_>>());
            }
            _ => body = (0..random.usize(..90_000)).map(|_| random.u8(..)).collect(),
        }
        *says.lock().unwrap() = body;
        let mut seen = phone.core.refresh_challenges().await.unwrap();
        assert!(seen.challenges.is_empty(), "{round}: {:?}", seen.challenges);
        let (_, why) = seen.problems.pop().expect("it is told");
        assert!(matches!(why, PushError::BadReply(_) | PushError::Net(_)), "{round}: {why:?}");
    }
    let after = phone.info().await;
    assert_eq!(
        (after.state, after.created_at, after.quiet_until),
        (before.state, before.created_at, before.quiet_until)
    );
    assert_eq!(phone.core.push_history().await.unwrap(), []);
    *says.lock().unwrap() = br#"{"result":{"status":true,"value":[]}}"#.to_vec();
    assert!(phone.look().await.problems.is_empty(), "and it goes on");
}
