//! Relying parties ask for sign-ins: CIBA Core 1.0, poll mode.

use axum::Router;

use crate::Service;

/// Returns the routes.
pub fn router() -> Router<Service> {
    Router::new()
}
