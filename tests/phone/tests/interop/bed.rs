//! The other side of a real server: its administrator, a page that signs in, and the gateway for its messages.

use std::path::Path;
use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

/// One running server, as its starter described it.
pub(crate) struct Bed {
    env: Value,
    client: Client,
    administrator: OnceCell<String>,
}

impl Bed {
    /// Reads the description, and takes away what an earlier run left.
    pub(crate) async fn new(env: &Path) -> Self {
        let env: Value = serde_json::from_slice(&std::fs::read(env).unwrap()).unwrap();
        let authority = std::fs::read(env["ca"].as_str().unwrap()).unwrap();
        let authority = reqwest::Certificate::from_pem(&authority).unwrap();
        let client =
            Client::builder().tls_certs_only([authority]).timeout(Duration::from_secs(60)).build().unwrap();
        let bed = Self { env, client, administrator: OnceCell::new() };
        let tokens = bed.ok(Method::GET, "/token/?pagesize=500", None).await;
        for token in tokens["result"]["value"]["tokens"].as_array().unwrap() {
            bed.delete(token["serial"].as_str().unwrap()).await;
        }
        bed
    }

    /// Returns the server's authority, in PEM.
    pub(crate) fn authority(&self) -> Vec<u8> {
        std::fs::read(self.env["ca"].as_str().unwrap()).unwrap()
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        self.env[name].as_str().unwrap()
    }

    /// Calls as anybody.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        token: Option<&str>,
    ) -> Value {
        let mut request = self.client.request(method, format!("{}{path}", self.text("base")));
        if let Some(token) = token {
            request = request.header("authorization", token);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let bytes = request.send().await.unwrap().bytes().await.unwrap();
        serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| panic!("{path}: {}", String::from_utf8_lossy(&bytes)))
    }

    /// Calls as the administrator; the server must do it.
    pub(crate) async fn ok(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let token = self.administrator.get_or_init(|| async {
            let who = json!({ "username": self.text("admin"), "password": self.text("admin_password") });
            let reply = self.call(Method::POST, "/auth", Some(who), None).await;
            reply["result"]["value"]["token"].as_str().unwrap().to_owned()
        });
        let token = token.await.clone();
        let reply = self.call(method, path, body, Some(&token)).await;
        assert_eq!(reply["result"]["status"], true, "{path}: {reply}");
        reply
    }

    pub(crate) async fn delete(&self, serial: &str) {
        self.ok(Method::DELETE, &format!("/token/{serial}"), None).await;
    }

    /// Makes a token that waits for its phone; returns the reply's details.
    pub(crate) async fn token(&self, user: &str, kind: &str) -> Value {
        let wish = json!({ "type": kind, "genkey": 1, "user": user, "realm": self.text("realm") });
        self.ok(Method::POST, "/token/init", Some(wish)).await["detail"].clone()
    }

    /// Types the password; returns the whole reply.
    pub(crate) async fn login(&self, user: &str) -> Value {
        let form = json!({ "user": user, "pass": format!("{user}-pw") });
        self.call(Method::POST, "/validate/check", Some(form), None).await
    }

    /// Types the password of a user whose second factor is asked for; returns the details.
    pub(crate) async fn start(&self, user: &str) -> Value {
        let reply = self.login(user).await;
        assert!(reply["detail"]["transaction_id"].is_string(), "{reply}");
        reply["detail"].clone()
    }

    /// Returns how a sign-in stands: pending, accept, declined, cancelled.
    pub(crate) async fn status(&self, started: &Value) -> String {
        let path = format!("/validate/polltransaction/{}", started["transaction_id"].as_str().unwrap());
        let reply = self.call(Method::GET, &path, None, None).await;
        reply["detail"]["challenge_status"].as_str().unwrap_or_default().to_owned()
    }

    /// Finishes a sign-in with what was typed; returns ACCEPT or REJECT.
    pub(crate) async fn finish(&self, user: &str, started: &Value, typed: &str) -> String {
        let form = json!({ "user": user, "pass": typed, "transaction_id": started["transaction_id"] });
        let reply = self.call(Method::POST, "/validate/check", Some(form), None).await;
        reply["result"]["authentication"].as_str().unwrap().to_owned()
    }

    /// Returns the messages that the gateway was given for an address, and waits for the first.
    pub(crate) async fn messages(&self, kind: &str, to: &str, wait_s: u32) -> Vec<Value> {
        let to: String = to.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let url = format!("{}/messages/{kind}/{to}?wait={wait_s}", self.text("gateway"));
        let bytes = self.client.get(url).send().await.unwrap().bytes().await.unwrap();
        let reply: Value = serde_json::from_slice(&bytes).unwrap();
        reply["messages"].as_array().unwrap().clone()
    }

    /// Has the gateway fail at its next message.
    pub(crate) async fn gateway_fails_once(&self) {
        let url = format!("{}/fail", self.text("gateway"));
        self.client.post(url).body(r#"{"count":1}"#).send().await.unwrap();
    }

    /// Sets one value of the server's configuration.
    pub(crate) async fn configure(&self, name: &str, value: &str) {
        self.ok(Method::POST, "/system/setConfig", Some(json!({ name: value }))).await;
    }
}
