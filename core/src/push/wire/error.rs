//! What a service answers when it refuses: RFC 9457 everywhere, RFC 6749 at the OAuth endpoints.

use serde::{Deserialize, Serialize};

use super::body::{By, State};
use super::value::words;

/// `application/problem+json`. The phone decides on `code` and the members behind it; texts are for logs.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Problem {
    /// What happened.
    pub code: Code,
    /// In a few words, for logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The HTTP status once more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How the request stands: with `already_answered` and `request_closed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// Who answered: with `already_answered`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
    /// Why: with `credential_revoked`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<RevokedReason>,
}

impl Problem {
    /// Makes one that says its code alone.
    pub fn new(code: Code) -> Self {
        Self { code, title: None, status: None, state: None, by: None, reason: None }
    }
}

words!(
    /// The stable codes.
    Code,
    /// A code of a later version: the status decides.
    Other,
    {
        /// 400: the body is not what it should be.
        Malformed = "malformed",
        /// 400: a signature does not hold.
        BadSignature = "bad_signature",
        /// 400: the two messages of an enrolment are not equal.
        PayloadMismatch = "payload_mismatch",
        /// 403: only phones that can say what holds their keys.
        AttestationRequired = "attestation_required",
        /// 409: the offer was taken already.
        QrUsed = "qr_used",
        /// 409: the account has five phones.
        TooManyPhones = "too_many_phones",
        /// 410: the offer is past.
        QrExpired = "qr_expired",
        /// 404: nobody was offered this code, or it is past.
        UnknownCode = "unknown_code",
        /// 404: there is no such request.
        UnknownRequest = "unknown_request",
        /// 400: the answer is about other bytes than the service signed.
        DigestMismatch = "digest_mismatch",
        /// 400: the answer is past.
        AnswerExpired = "answer_expired",
        /// 403: a wrong number; the request is closed.
        WrongMatch = "wrong_match",
        /// 403: the device key cannot approve.
        ApprovalKeyRequired = "approval_key_required",
        /// 409: somebody answered before.
        AlreadyAnswered = "already_answered",
        /// 409: another answer had this `jti`.
        JtiReused = "jti_reused",
        /// 410: the request is closed.
        RequestClosed = "request_closed",
        /// 403: nobody allowed a new key.
        NotPermitted = "not_permitted",
        /// 401: repeat with the nonce of this answer.
        UseDpopNonce = "use_dpop_nonce",
        /// 401: get a new token and repeat.
        InvalidToken = "invalid_token",
        /// 401: the proof does not hold.
        InvalidDpopProof = "invalid_dpop_proof",
        /// 401: the phone was removed.
        CredentialRevoked = "credential_revoked",
        /// 413: the body is too large.
        TooLarge = "too_large",
        /// 429: later.
        RateLimited = "rate_limited",
        /// 503: later.
        Unavailable = "unavailable",
    }
);

words!(
    /// Why a phone was removed.
    RevokedReason,
    /// A reason of a later version.
    Other,
    {
        /// Its user removed it.
        Removed = "removed",
        /// The person said that the check numbers differ.
        NumberMismatch = "number_mismatch",
        /// The test was not approved in time.
        SetupExpired = "setup_expired",
        /// An administrator began anew for this account.
        Reset = "reset",
    }
);

/// An error of an OAuth endpoint, RFC 6749 section 5.2.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct OauthError {
    /// What happened.
    pub error: OauthCode,
    /// In a few words, for logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_description: Option<String>,
    /// `credential_revoked`, said to valid assertions alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// Why: with `credential_revoked`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<RevokedReason>,
}

impl OauthError {
    /// Makes one that says its code alone.
    pub fn new(error: OauthCode) -> Self {
        Self { error, error_description: None, code: None, reason: None }
    }
}

words!(
    /// The codes of RFC 6749, RFC 9449 and CIBA that are used here.
    OauthCode,
    /// Another one.
    Other,
    {
        /// The request is not of the form.
        InvalidRequest = "invalid_request",
        /// Who asks is not known, or did not prove it.
        InvalidClient = "invalid_client",
        /// The grant does not hold.
        InvalidGrant = "invalid_grant",
        /// Another grant type is needed.
        UnsupportedGrantType = "unsupported_grant_type",
        /// This client may not.
        UnauthorizedClient = "unauthorized_client",
        /// The scope is not one of ours.
        InvalidScope = "invalid_scope",
        /// Repeat with the nonce of this answer.
        UseDpopNonce = "use_dpop_nonce",
        /// The proof does not hold.
        InvalidDpopProof = "invalid_dpop_proof",
        /// CIBA: nobody is known by this hint.
        UnknownUserId = "unknown_user_id",
        /// CIBA: not answered yet.
        AuthorizationPending = "authorization_pending",
        /// CIBA: asked too often.
        SlowDown = "slow_down",
        /// CIBA: past.
        ExpiredToken = "expired_token",
        /// CIBA: denied.
        AccessDenied = "access_denied",
    }
);

#[cfg(test)]
mod tests {
    use super::super::super::json;
    use super::*;

    #[test]
    fn a_problem_reads_with_its_members_and_without() {
        let text = br#"{"type":"about:blank","title":"x","code":"already_answered","state":"approved","by":"other"}"#;
        let problem: Problem = json::read(text, json::CAP).unwrap();
        assert_eq!(problem.code, Code::AlreadyAnswered);
        assert_eq!((problem.state, problem.by), (Some(State::Approved), Some(By::Other)));
        assert_eq!(json::print(&Problem::new(Code::QrUsed)), r#"{"code":"qr_used"}"#);
    }

    #[test]
    fn a_code_of_a_later_version_is_kept() {
        let problem: Problem = json::read(br#"{"code":"on_fire"}"#, json::CAP).unwrap();
        assert_eq!(problem.code, Code::Other("on_fire".to_owned()));
        let error: OauthError = json::read(
            br#"{"error":"invalid_client","code":"credential_revoked","reason":"reset"}"#,
            json::CAP,
        )
        .unwrap();
        assert_eq!((error.code, error.reason), (Some(Code::CredentialRevoked), Some(RevokedReason::Reset)));
    }
}
