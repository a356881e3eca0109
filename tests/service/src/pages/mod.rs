//! The set-up and sign-in pages.

use axum::Router;

use crate::Service;

/// Returns the routes.
pub fn router(_: Service) -> Router<Service> {
    Router::new()
}
