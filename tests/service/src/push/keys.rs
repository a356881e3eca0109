//! The service's public keys, open to all, and the organisation's picture.

use authenticator_core::push::jwk::KeySet;
use authenticator_core::push::wire::ServiceKeys;
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::Service;
use crate::http::Refusal;

/// `GET /.well-known/jwks.json`.
pub(super) async fn jwks(State(service): State<Service>) -> Json<KeySet> {
    Json(service.keys().jwks(service.clock().now()))
}

/// `GET /push/v1/service-keys`.
pub(super) async fn service_keys(State(service): State<Service>) -> Json<ServiceKeys> {
    Json(ServiceKeys { keys: service.keys().chain() })
}

/// `GET /push/v1/logo`.
pub(super) async fn logo(State(service): State<Service>) -> Result<Response, Refusal> {
    let logo = service.logo().ok_or(Refusal::not_found())?;
    let headers = [(header::CONTENT_TYPE, logo.media_type), (header::CACHE_CONTROL, "max-age=3600")];
    Ok((headers, logo.bytes.clone()).into_response())
}
