//! Bodies with a cap that is checked while they are read, and an end to waiting for them.

use std::time::Duration;

use authenticator_core::push::wire::Code;
use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, Request};

use super::Refusal;

/// How long a body may take to arrive.
const SLOWEST: Duration = Duration::from_secs(10);

/// A body of at most `CAP` bytes.
#[derive(Debug)]
pub struct Capped<const CAP: usize>(pub Bytes);

impl<S: Sync, const CAP: usize> FromRequest<S> for Capped<CAP> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let body = tokio::time::timeout(SLOWEST, to_bytes(request.into_body(), CAP)).await;
        let body = body.map_err(|_| Refusal::too_slow())?;
        body.map(Self).map_err(|_| Refusal::new(Code::TooLarge))
    }
}

impl<const CAP: usize> Capped<CAP> {
    /// Returns the body as text.
    ///
    /// # Errors
    /// `malformed` when it is not UTF-8.
    pub fn text(&self) -> Result<&str, Refusal> {
        std::str::from_utf8(&self.0).map_err(|_| Refusal::new(Code::Malformed))
    }
}
