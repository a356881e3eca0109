//! Refusals: RFC 9457 with a stable code for phones, RFC 6749 at the OAuth endpoints.

use authenticator_core::push::json;
use authenticator_core::push::wire::{Code, OauthCode, OauthError, PROBLEM_TYPE, Problem, RevokedReason};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// An answer that says no.
#[derive(Clone, Debug)]
pub struct Refusal {
    body: Body,
    status: StatusCode,
    retry_s: Option<i64>,
}

#[derive(Clone, Debug)]
enum Body {
    Problem(Box<Problem>),
    Oauth(Box<OauthError>),
    Nothing,
}

impl Refusal {
    /// Says a code, with the status that belongs to it.
    pub fn new(code: Code) -> Self {
        Problem::new(code).into()
    }

    /// Says `rate_limited` with `Retry-After`.
    pub fn limited(retry_s: i64) -> Self {
        Self { retry_s: Some(retry_s), ..Self::new(Code::RateLimited) }
    }

    /// Says `unavailable` with `Retry-After`.
    pub fn unavailable() -> Self {
        Self { retry_s: Some(5), ..Self::new(Code::Unavailable) }
    }

    /// Says `credential_revoked` with its reason.
    pub fn revoked(reason: RevokedReason) -> Self {
        Problem { reason: Some(reason), ..Problem::new(Code::CredentialRevoked) }.into()
    }

    /// Says 404 and nothing else.
    pub fn not_found() -> Self {
        Self { body: Body::Nothing, status: StatusCode::NOT_FOUND, retry_s: None }
    }

    /// Says 408: the body did not arrive in time.
    pub fn too_slow() -> Self {
        Self { body: Body::Nothing, status: StatusCode::REQUEST_TIMEOUT, retry_s: None }
    }

    /// Says an error of an OAuth endpoint.
    pub fn oauth(status: StatusCode, error: OauthError) -> Self {
        Self { body: Body::Oauth(Box::new(error)), status, retry_s: None }
    }

    /// Turns what was refused on its way into an OAuth endpoint into its form.
    pub fn into_oauth(self) -> Self {
        let Body::Problem(problem) = &self.body else { return self };
        let error = match problem.code {
            Code::UseDpopNonce => OauthCode::UseDpopNonce,
            Code::InvalidDpopProof => OauthCode::InvalidDpopProof,
            Code::Malformed | Code::TooLarge => OauthCode::InvalidRequest,
            _ => return self,
        };
        let status =
            if self.status == StatusCode::PAYLOAD_TOO_LARGE { self.status } else { StatusCode::BAD_REQUEST };
        Self::oauth(status, OauthError::new(error))
    }

    /// Returns the status.
    pub fn status(&self) -> StatusCode {
        self.status
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        let status = status_of(&problem.code);
        let problem = Problem { status: Some(status.as_u16()), ..problem };
        Self { body: Body::Problem(Box::new(problem)), status, retry_s: None }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (kind, text, challenge) = match &self.body {
            Body::Problem(problem) => (PROBLEM_TYPE, json::print(problem), Some(problem.code.as_str())),
            Body::Oauth(error) => ("application/json", json::print(error), None),
            Body::Nothing => return self.status.into_response(),
        };
        let mut response = (self.status, text).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(code) = challenge.filter(|_| self.status == StatusCode::UNAUTHORIZED) {
            let value = format!("DPoP error=\"{code}\", algs=\"ES256\"");
            insert(&mut response, header::WWW_AUTHENTICATE, &value);
        }
        if let Some(seconds) = self.retry_s {
            insert(&mut response, header::RETRY_AFTER, &seconds.to_string());
        }
        response
    }
}

fn insert(response: &mut Response, name: HeaderName, value: &str) {
    let value = HeaderValue::from_str(value).expect("codes and numbers are ASCII");
    response.headers_mut().insert(name, value);
}

fn status_of(code: &Code) -> StatusCode {
    match code {
        Code::Malformed
        | Code::BadSignature
        | Code::PayloadMismatch
        | Code::DigestMismatch
        | Code::AnswerExpired => StatusCode::BAD_REQUEST,
        Code::AttestationRequired | Code::WrongMatch | Code::ApprovalKeyRequired | Code::NotPermitted => {
            StatusCode::FORBIDDEN
        }
        Code::QrUsed | Code::TooManyPhones | Code::AlreadyAnswered | Code::JtiReused => StatusCode::CONFLICT,
        Code::QrExpired | Code::RequestClosed => StatusCode::GONE,
        Code::UnknownCode | Code::UnknownRequest => StatusCode::NOT_FOUND,
        Code::UseDpopNonce | Code::InvalidToken | Code::InvalidDpopProof | Code::CredentialRevoked => {
            StatusCode::UNAUTHORIZED
        }
        Code::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        Code::Unavailable | Code::Other(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
