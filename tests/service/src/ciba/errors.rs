//! The error words of CIBA Core 1.0 sections 11 and 13 and of RFC 6749 section 5.2.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::Failure;

/// An error word.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Word {
    InvalidRequest,
    InvalidScope,
    InvalidClient,
    InvalidGrant,
    InvalidBindingMessage,
    UnknownUserId,
    UnsupportedGrantType,
    AccessDenied,
    AuthorizationPending,
    SlowDown,
    ExpiredToken,
    ServerError,
}

/// An answer of an OAuth endpoint that says no. The description is for the party's log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Error {
    pub(super) word: Word,
    status: StatusCode,
    description: &'static str,
    retry_s: Option<i64>,
    basic: bool,
}

impl Word {
    fn text(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidBindingMessage => "invalid_binding_message",
            Self::UnknownUserId => "unknown_user_id",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::AccessDenied => "access_denied",
            Self::AuthorizationPending => "authorization_pending",
            Self::SlowDown => "slow_down",
            Self::ExpiredToken => "expired_token",
            Self::ServerError => "temporarily_unavailable",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::InvalidClient => StatusCode::UNAUTHORIZED,
            Self::ServerError => StatusCode::SERVICE_UNAVAILABLE,
            Self::InvalidRequest
            | Self::InvalidScope
            | Self::InvalidGrant
            | Self::InvalidBindingMessage
            | Self::UnknownUserId
            | Self::UnsupportedGrantType
            | Self::AccessDenied
            | Self::AuthorizationPending
            | Self::SlowDown
            | Self::ExpiredToken => StatusCode::BAD_REQUEST,
        }
    }
}

impl Error {
    /// Says a word with the status that belongs to it.
    pub(super) fn new(word: Word, description: &'static str) -> Self {
        Self { word, status: word.status(), description, retry_s: None, basic: false }
    }

    /// Says `access_denied` as `/bc-authorize` does, with 403 (CIBA section 13).
    pub(super) fn denied(description: &'static str, retry_s: Option<i64>) -> Self {
        Self { status: StatusCode::FORBIDDEN, retry_s, ..Self::new(Word::AccessDenied, description) }
    }

    /// Says `invalid_client`; a client that used the Basic scheme is told so by it (RFC 6749 section 5.2).
    pub(super) fn client(description: &'static str, basic: bool) -> Self {
        Self { basic, ..Self::new(Word::InvalidClient, description) }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        tracing::error!(%failure, "cannot answer a relying party");
        Self { retry_s: Some(5), ..Self::new(Word::ServerError, "try again") }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let body = json!({"error": self.word.text(), "error_description": self.description}).to_string();
        let mut response = (self.status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.basic {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"token\""));
        }
        if let Some(wait) = self.retry_s {
            headers.insert(header::RETRY_AFTER, wait.into());
        }
        response
    }
}
