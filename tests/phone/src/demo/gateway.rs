//! The operator's end of text messages: a small HTTP server on loopback that the service posts to.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{self, UnboundedReceiver};

use super::stage::{Failed, failed};

/// A text message as the gateway got it.
#[derive(Debug, Deserialize)]
pub struct Message {
    /// The number, E.164.
    pub to: String,
    /// What it says.
    pub text: String,
}

/// The gateway, and the telephone behind it.
pub struct Gateway {
    /// Where the service posts to.
    pub address: SocketAddr,
    messages: UnboundedReceiver<Message>,
}

const TIMEOUT: Duration = Duration::from_secs(10);

impl Gateway {
    /// Listens on a free port of loopback.
    ///
    /// # Errors
    /// No port is free.
    pub async fn start() -> Result<Self, Failed> {
        let (tell, messages) = mpsc::unbounded_channel();
        let take = move |Json(message): Json<Message>| async move {
            match tell.send(message) {
                Ok(()) => StatusCode::ACCEPTED,
                Err(_) => StatusCode::GONE,
            }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/", post(take))).await });
        Ok(Self { address, messages })
    }

    /// Waits for the next message with a code; notices that come before it are passed to `notice`.
    ///
    /// # Errors
    /// None comes within ten seconds.
    pub async fn code(&mut self, mut notice: impl FnMut(&Message)) -> Result<Message, Failed> {
        loop {
            let message = tokio::time::timeout(TIMEOUT, self.messages.recv()).await;
            let message = message.ok().flatten().ok_or_else(|| failed("no text message came"))?;
            if message.code().is_ok() {
                return Ok(message);
            }
            notice(&message);
        }
    }
}

impl Message {
    /// Returns the code in it: its one word of six digits.
    ///
    /// # Errors
    /// There is none.
    pub fn code(&self) -> Result<&str, Failed> {
        let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
        let mut words = self.text.split(|c: char| !c.is_alphanumeric());
        words.find(is_code).ok_or_else(|| failed("the text message has no code of six digits"))
    }
}
