//! Every message and body of the protocol, as phone and service read and print it (`docs/push-protocol.md`).
//!
//! Reading is strict (see [`super::json`]); what a value means is for others to judge. Words that a later version
//! may add read as `Unknown` or `Other` with the word kept, so that a person can be told to update the app.

mod body;
mod enrolment;
mod error;
mod relay;
mod request;
mod upkeep;
mod value;

pub use body::{
    AnswerReply, By, EnrolBody, List, OfferBody, PROBLEM_TYPE, Renew, RequestState, RotateBody, RotateReply,
    ServiceKeys, State, TestReply, TokenForm, TokenReply,
};
pub use enrolment::{
    Attestation, AttestationWish, Dev, EnrolResponse, Enrolled, OFFER_AUDIENCE, Offer, OfferVersion,
    PushAddress,
};
pub use error::{Code, OauthCode, OauthError, Problem, RevokedReason};
pub use relay::{RelayKind, Subscribe, Subscribed};
pub use request::{
    Act, Answer, Context, Decision, DenyReason, How, MatchRule, MatchValue, Party, ReportReason, Request, Uv,
};
pub use upkeep::{Assertion, Rotate, ServiceKey, Update, WhichKey};
pub use value::{Json, Label, NumericDate, Origin, TextError};
