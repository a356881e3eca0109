//! The service's HTTP: one router, and what every answer has in common.

pub mod body;
mod layer;
pub mod problem;
mod upkeep;
mod visitor;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

pub use problem::Refusal;
pub use visitor::Visitor;

pub(crate) use upkeep::upkeep;

use crate::{Failure, Service, ciba, pages, push};

/// Bytes of the largest body that anything reads; most read less.
const LARGEST_BODY: usize = 64 * 1024;

/// Returns all routes.
pub fn router(service: Service) -> Router {
    Router::new()
        .merge(push::router())
        .merge(pages::router(service.clone()))
        .merge(ciba::router())
        .route("/healthz", get(health))
        .route("/metrics", get(metrics))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(middleware::from_fn_with_state(service.clone(), layer::every_answer))
        .with_state(service)
}

/// `GET /healthz`: 200 when the database can be read, else 503.
async fn health(State(service): State<Service>) -> Result<&'static str, Refusal> {
    service.store().read(|conn| Ok(conn.query_row("SELECT 1", [], |_| Ok(()))?))?;
    Ok("ok\n")
}

/// `GET /metrics`: the counters, for callers on this machine alone.
async fn metrics(State(service): State<Service>, visitor: Visitor) -> Result<Response, Refusal> {
    if !visitor.is_local() {
        return Err(Refusal::not_found());
    }
    let text = service.metrics().print();
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        tracing::error!(%failure, "cannot answer");
        Self::unavailable()
    }
}
