use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::any;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::*;

fn config(url: &str, template: &str) -> GatewayConfig {
    let headers = BTreeMap::from([("Authorization".to_owned(), "Bearer of-the-operator".to_owned())]);
    GatewayConfig { url: url.to_owned(), headers, template: template.to_owned() }
}

#[track_caller]
fn check(template: &str, expected: Result<Value, &str>) {
    let template = serde_json::from_str(template).unwrap();
    let filled = fill(&template, &mut |name| match name {
        "to" => Some("+31612345678".to_owned()),
        "text" => Some("\"}, {to} {{ \\ \u{2028}".to_owned()),
        _ => None,
    });
    assert_eq!(filled, expected);
}

#[test]
fn a_message_cannot_change_the_form_of_the_body() {
    let text = "\"}, {to} {{ \\ \u{2028}";
    check(
        r#"{"to": ["{to}"], "m": {"text": "<{text}>", "{to}": 1, "n": null}}"#,
        Ok(
            serde_json::json!({"to": ["+31612345678"], "m": {"text": format!("<{text}>"), "{to}": 1, "n": null}}),
        ),
    );
    check(r#""{{to}} {to}""#, Ok(Value::from("{to} +31612345678")));
    check(r#""{to""#, Err("a brace is not closed"));
    check(r#""to}""#, Err("a brace is closed that was not opened"));
    check(r#""{code}""#, Err("a placeholder is none of {to}, {text} and {id}"));
}

#[test]
fn a_gateway_that_cannot_work_is_refused_at_the_start() {
    let made = |url: &str, template: &str| Gateway::new(&config(url, template), None).map(|_| ());
    let usual = usual_template();
    assert!(made("https://gateway.example/send", &usual).is_ok());
    assert!(made("http://127.0.0.1:9/send", &usual).is_ok());
    for url in ["http://gateway.example/send", "ftp://127.0.0.1/", "gateway", ""] {
        assert!(matches!(made(url, &usual), Err(GatewayConfigError::Url)), "{url}");
    }
    assert!(matches!(made("https://g.example/", "{"), Err(GatewayConfigError::Template(_))));
    for template in [r#"{"to":"{to}"}"#, r#"{"text":"{text}"}"#, r#"{"x":"{to}{text}{secret}"}"#] {
        assert!(
            matches!(made("https://g.example/", template), Err(GatewayConfigError::Placeholder(_))),
            "{template}"
        );
    }
    let mut odd = config("https://g.example/", &usual);
    odd.headers.insert("a b".to_owned(), "c".to_owned());
    assert!(matches!(Gateway::new(&odd, None), Err(GatewayConfigError::Header(_))));
    assert!(!format!("{odd:?}").contains("of-the-operator"));
}

/// A gateway that answers every call with `status` and `body`, and tells what it got.
async fn stand_in(status: u16, body: Vec<u8>) -> (String, mpsc::UnboundedReceiver<(HeaderMap, Value)>) {
    let (tell, told) = mpsc::unbounded_channel();
    let body = Arc::new(body);
    let router = Router::new().route(
        "/send",
        any(move |headers: HeaderMap, sent: Bytes| async move {
            tell.send((headers, serde_json::from_slice(&sent).unwrap())).unwrap();
            (StatusCode::from_u16(status).unwrap(), [("Location", "http://127.0.0.1:9/")], body.to_vec())
        }),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/send", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, told)
}

async fn send(gateway: &Gateway) -> Result<(), GatewayError> {
    let to = PhoneNumber::parse("NL", "0612345678").unwrap();
    gateway.send(&to, &SecretText::from("123456 is your code"), "id-1").await
}

#[tokio::test]
async fn a_message_is_posted_as_the_template_says() {
    let (url, mut told) = stand_in(202, b"queued".to_vec()).await;
    let gateway =
        Gateway::new(&config(&url, r#"{"to":["{to}"],"body":"{text}","ref":"{id}"}"#), None).unwrap();
    assert_eq!(send(&gateway).await, Ok(()));
    let (headers, body) = told.recv().await.unwrap();
    assert_eq!(headers["authorization"], "Bearer of-the-operator");
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(
        body,
        serde_json::json!({"to": ["+31612345678"], "body": "123456 is your code", "ref": "id-1"})
    );
}

#[tokio::test]
async fn a_gateway_that_refuses_or_talks_rubbish_is_told_apart() {
    for (status, body, expected) in [
        (200, b"\xff\xfe<html>".to_vec(), Ok(())),
        (200, vec![b'x'; 1_000_000], Ok(())),
        (307, Vec::new(), Err(GatewayError::Refused(307))),
        (401, b"{}".to_vec(), Err(GatewayError::Refused(401))),
        (503, Vec::new(), Err(GatewayError::Refused(503))),
    ] {
        let (url, _told) = stand_in(status, body).await;
        assert_eq!(
            send(&Gateway::new(&config(&url, &usual_template()), None).unwrap()).await,
            expected,
            "{status}"
        );
    }
}

#[tokio::test]
async fn a_gateway_that_is_down_or_never_answers_is_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/send", listener.local_addr().unwrap());
    let slow = Gateway::new(&config(&url, &usual_template()), None)
        .unwrap()
        .with_timeout(Duration::from_millis(300));
    assert_eq!(send(&slow).await, Err(GatewayError::Slow));
    drop(listener);
    let down = Gateway::new(&config(&url, &usual_template()), None).unwrap();
    assert_eq!(send(&down).await, Err(GatewayError::Unreachable));
}
