//! `klink-relay`: turns Web Push into the messages of Google's and Apple's services, for whoever publishes the app.
//!
//! A phone tells the relay its vendor's token and the key of one service; it gets an endpoint. A push to that
//! endpoint is taken from that service alone and carried on as it is: sealed for the phone, so that neither
//! the relay nor the vendor reads it. Only the relay holds the vendors' credentials. What it sees: docs/relay.md.

mod apns;
mod config;
mod fcm;
mod limits;
mod metrics;
mod oauth;
mod push;
mod store;
mod subscribe;
mod vendor;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::routing::{get, post};

pub use config::{Apns, Environment, Fcm, RelayConfig, RelayConfigError, TlsFiles};
pub use store::StoreError;

use limits::Limits;
use metrics::Metrics;
use store::Store;
use vendor::Vendors;

/// The longest body that is taken: as base64url and with what stands around it, it fits into the 4096 bytes
/// that either vendor allows. A wake-up has fewer than 300.
pub const MOST_BODY: usize = 2816;
/// The longest life of a push in seconds; longer ones are cut to it, as RFC 8030 section 5.2 allows.
const MOST_TTL_S: u32 = 24 * 3600;
/// Subscriptions without a push for so long are forgotten, in seconds: the app asks anew when it is used.
const FORGOTTEN_AFTER_S: i64 = 400 * 24 * 3600;

/// Everything the relay's handlers share; clones are the same relay.
#[derive(Clone)]
pub struct Relay(Arc<Inner>);

struct Inner {
    origin: String,
    behind_proxy: bool,
    store: Store,
    vendors: Vendors,
    limits: Limits,
    metrics: Metrics,
    now: Box<dyn Fn() -> i64 + Send + Sync>,
}

/// Why a relay cannot start.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The settings do not work.
    #[error(transparent)]
    Config(#[from] RelayConfigError),
    /// The database cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Relay {
    /// Opens the database and reads the vendors' credentials; `now` gives Unix seconds.
    ///
    /// # Errors
    /// [`RelayError`].
    pub fn open(
        config: &RelayConfig,
        now: impl Fn() -> i64 + Send + Sync + 'static,
    ) -> Result<Self, RelayError> {
        Ok(Self(Arc::new(Inner {
            origin: config.origin()?,
            behind_proxy: config.behind_proxy,
            store: Store::open(&config.data)?,
            vendors: Vendors::new(config)?,
            limits: Limits::new(&config.limits),
            metrics: Metrics::new(),
            now: Box::new(now),
        })))
    }

    /// Returns what phones and services call.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/v1/subscriptions", post(subscribe::subscribe))
            .route("/p/{id}", post(push::push).delete(subscribe::unsubscribe))
            .layer(DefaultBodyLimit::max(MOST_BODY))
            .route("/healthz", get(health))
            .with_state(self.clone())
    }

    /// Returns what operators look at; it belongs on an address that the world does not reach.
    pub fn operators_router(&self) -> Router {
        Router::new()
            .route("/healthz", get(health))
            .route("/metrics", get(print_metrics))
            .with_state(self.clone())
    }

    /// Forgets subscriptions that had no push for 400 days; returns how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_unused(&self) -> Result<usize, StoreError> {
        let before = self.now() - FORGOTTEN_AFTER_S;
        self.0.store.run(move |db| db.forget_before(before)).await
    }

    fn now(&self) -> i64 {
        (self.0.now)()
    }
}

async fn health(State(relay): State<Relay>) -> (StatusCode, &'static str) {
    match relay.0.store.run(|db| db.alive()).await {
        Ok(()) => (StatusCode::OK, "ok\n"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n"),
    }
}

async fn print_metrics(State(relay): State<Relay>) -> Result<String, StatusCode> {
    let count = relay.0.store.run(|db| db.count()).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(relay.0.metrics.print(count))
}

#[cfg(test)]
mod tests;
