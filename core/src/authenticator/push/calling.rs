//! One call to a service: token, proof, nonce, clock, and what the reply means for the enrolment.

use std::sync::Arc;

use super::signing::dialect_of;
use super::{Authenticator, NoSuch, PushError};
use crate::crypto::p256::{PrivateKey, PublicKey};
use crate::net::{Reply, Request, Verb};
use crate::push::clock::Offset;
use crate::push::dialects::{Dialect, Meaning, Message, Method, Refusal, ours};
use crate::push::dpop;
use crate::push::enrolment::Event;
use crate::push::ids::Id;
use crate::push::json;
use crate::push::jws::Unsigned;
use crate::push::wire::{self, NumericDate, Origin};
use crate::time::UnixTime;
use crate::vault::push_db::{Enrolment, EnrolmentId};

/// What this process remembers of the calls of one enrolment.
#[derive(Default)]
pub(super) struct Calls {
    /// P-256, in memory alone, made at the first call.
    key: Option<Arc<PrivateKey>>,
    token: Option<Token>,
    nonce: Option<String>,
    /// What was learnt last of the service's clock.
    offset: Option<Offset>,
}

#[derive(Clone)]
struct Token {
    text: Arc<str>,
    /// By this phone's clock, a little before the service lets it end.
    until: UnixTime,
}

/// A token is renewed so many milliseconds before it ends.
const TOKEN_SLACK_MS: i64 = 30_000;
/// A service's clock that moved by less is not stored anew.
const OFFSET_STEP_MS: i64 = 2_000;

const FORM: &str = "application/x-www-form-urlencoded";

impl Authenticator {
    /// Calls, and returns the reply when its status is one of success.
    pub(super) async fn call(
        &self,
        id: EnrolmentId,
        enrolment: &Enrolment,
        message: Message,
    ) -> Result<Reply, PushError> {
        let reply = self.call_raw(id, enrolment, message).await?;
        if (200..300).contains(&reply.status) {
            return Ok(reply);
        }
        let refusal = refusal_of(dialect_of(enrolment)?, &reply);
        Err(self.refused(id, &reply, refusal).await)
    }

    /// Calls, with a token and a proof where the dialect has them, and returns the reply whatever its status is.
    ///
    /// A nonce or a token that has ended is renewed once and the call repeated; the service did nothing before.
    pub(super) async fn call_raw(
        &self,
        id: EnrolmentId,
        enrolment: &Enrolment,
        message: Message,
    ) -> Result<Reply, PushError> {
        let dialect = dialect_of(enrolment)?;
        if !dialect.proves() {
            return self.send(id, &message, &[]).await;
        }
        let (mut renewed_token, mut renewed_nonce) = (false, false);
        loop {
            let token = self.token(id, enrolment).await?;
            let reply = self.send_proven(id, enrolment, &message, Some(&token)).await?;
            if reply.status != 401 {
                return Ok(reply);
            }
            match refusal_of(dialect, &reply).meaning {
                Meaning::Nonce if !renewed_nonce => renewed_nonce = true,
                Meaning::Token if !renewed_token => {
                    renewed_token = true;
                    self.forget_token(id)?;
                }
                _ => return Ok(reply),
            }
        }
    }

    /// Calls without a token, as enrolling does: the first reply brings the nonce.
    pub(super) async fn call_without_token(
        &self,
        id: EnrolmentId,
        enrolment: &Enrolment,
        message: Message,
    ) -> Result<Reply, PushError> {
        let dialect = dialect_of(enrolment)?;
        if !dialect.proves() {
            return self.send(id, &message, &[]).await;
        }
        let mut renewed = false;
        loop {
            let reply = self.send_proven(id, enrolment, &message, None).await?;
            if reply.status >= 300 && !renewed && refusal_of(dialect, &reply).meaning == Meaning::Nonce {
                renewed = true;
                continue;
            }
            return Ok(reply);
        }
    }

    /// Returns what the service's clock shows now, as far as it is known.
    pub(super) async fn service_time(
        &self,
        id: EnrolmentId,
        enrolment: &Enrolment,
    ) -> Result<UnixTime, PushError> {
        let now = self.now().await?;
        let learnt = self.push()?.state().calls.get(&id).and_then(|calls| calls.offset);
        Ok(learnt.unwrap_or(Offset::from_ms(enrolment.offset_ms)).at_service(now))
    }

    /// Forgets token, nonce and proof key of an enrolment: one of its keys has changed, or it is gone.
    pub(super) fn forget_calls(&self, id: EnrolmentId) -> Result<(), PushError> {
        self.push()?.state().calls.remove(&id);
        Ok(())
    }

    fn forget_token(&self, id: EnrolmentId) -> Result<(), PushError> {
        if let Some(calls) = self.push()?.state().calls.get_mut(&id) {
            calls.token = None;
        }
        Ok(())
    }

    /// Returns a token that is good now; the device key signs for it, and nobody is asked.
    async fn token(&self, id: EnrolmentId, enrolment: &Enrolment) -> Result<Arc<str>, PushError> {
        let now = self.now().await?;
        if let Some(token) = self.push()?.state().calls.get(&id).and_then(|calls| calls.token.clone())
            && now < token.until
        {
            return Ok(token.text);
        }
        let credential: Id = id_of(&enrolment.credential)?;
        let at = self.service_time(id, enrolment).await?;
        let assertion = wire::Assertion {
            iss: credential,
            sub: credential,
            aud: origin_of(enrolment)?,
            jti: Id::make()?,
            iat: at.into(),
            exp: NumericDate::from(at).plus_s(60),
        };
        let unsigned = Unsigned::new(&key_of(&enrolment.device_key)?, &assertion);
        let client_assertion = self.sign_jws_by_device(enrolment, &unsigned).await?;
        let form = wire::TokenForm { client_assertion }.print();
        let message = Message {
            method: Method::Post,
            url: format!("{}{}", enrolment.issuer, ours::TOKEN),
            body: Some((FORM, form.into_bytes())),
        };
        let reply = self.call_without_token(id, enrolment, message).await?;
        if reply.status != 200 {
            let refusal = refusal_of(Dialect::Klink, &reply);
            return Err(self.refused(id, &reply, refusal).await);
        }
        let token: wire::TokenReply = read(&reply)?;
        if !token.token_type.eq_ignore_ascii_case("DPoP") {
            return Err(PushError::BadReply("the token is no DPoP token"));
        }
        let lives_ms = i64::from(token.expires_in) * 1000 - TOKEN_SLACK_MS;
        let token = Token { text: token.access_token.into(), until: now.plus_ms(lives_ms) };
        let text = Arc::clone(&token.text);
        self.push()?.state().calls.entry(id).or_default().token = Some(token);
        Ok(text)
    }

    /// Sends one request with its proof.
    async fn send_proven(
        &self,
        id: EnrolmentId,
        enrolment: &Enrolment,
        message: &Message,
        token: Option<&str>,
    ) -> Result<Reply, PushError> {
        let at = self.service_time(id, enrolment).await?;
        let proof = {
            let push = self.push()?;
            let mut state = push.state();
            let calls = state.calls.entry(id).or_default();
            let key = match &calls.key {
                Some(key) => Arc::clone(key),
                None => Arc::clone(calls.key.insert(Arc::new(PrivateKey::make()?))),
            };
            let call = dpop::Call { method: message.method.as_str(), url: &message.url, token };
            dpop::prove(&key, &call, at, calls.nonce.as_deref())?
        };
        let authorization = token.map(|token| format!("DPoP {token}"));
        let mut headers = vec![("dpop", proof.as_str())];
        headers.extend(authorization.as_deref().map(|value| ("authorization", value)));
        self.send(id, message, &headers).await
    }

    /// Sends one request, and keeps nonce and clock of the reply.
    async fn send(
        &self,
        id: EnrolmentId,
        message: &Message,
        headers: &[(&str, &str)],
    ) -> Result<Reply, PushError> {
        let reply = self.plain(message, headers).await?;
        let now = self.now().await?;
        let mut state = self.push()?.state();
        let calls = state.calls.entry(id).or_default();
        if let Some(nonce) = reply.header("dpop-nonce") {
            calls.nonce = Some(nonce.to_owned());
        }
        if let Some(offset) = reply.header("date").and_then(|date| Offset::learn(date, now)) {
            calls.offset = Some(offset);
        }
        Ok(reply)
    }

    /// Sends one request as it is, and keeps nothing.
    pub(super) async fn plain(
        &self,
        message: &Message,
        headers: &[(&str, &str)],
    ) -> Result<Reply, PushError> {
        let Message { method, url, body } = message.clone();
        let method = match method {
            Method::Get => Verb::Get,
            Method::Post => Verb::Post,
            Method::Put => Verb::Put,
            Method::Delete => Verb::Delete,
        };
        Ok(self.push()?.device.net.send(Request { method, url: &url, headers, body }).await?)
    }

    /// Says what a refusal means; a credential that is revoked is stored as such.
    pub(super) async fn refused(&self, id: EnrolmentId, reply: &Reply, refusal: Refusal) -> PushError {
        match refusal.meaning {
            Meaning::Revoked(reason) => self.revoked(id, reason).await,
            Meaning::Nonce | Meaning::Token | Meaning::Ended(_) | Meaning::Other => {
                service_error(reply, &refusal.code)
            }
        }
    }

    async fn revoked(&self, id: EnrolmentId, reason: Option<String>) -> PushError {
        let stored = self
            .push_db(move |db| {
                db.happen(id, Event::Revoked, |enrolment| {
                    enrolment.reason = reason;
                    enrolment.renew = false;
                })
            })
            .await;
        let forgotten = self.forget_calls(id);
        stored.and(forgotten).err().unwrap_or(PushError::Revoked)
    }

    /// Stores the service's clock when it has moved.
    pub(super) async fn keep_clock(&self, id: EnrolmentId, enrolment: &Enrolment) -> Result<(), PushError> {
        let Some(offset) = self.push()?.state().calls.get(&id).and_then(|calls| calls.offset) else {
            return Ok(());
        };
        if (offset.ms() - enrolment.offset_ms).abs() < OFFSET_STEP_MS {
            return Ok(());
        }
        self.push_db(move |db| db.change_enrolment(id, |kept| kept.offset_ms = offset.ms())).await
    }
}

/// A call of our own dialect without a body.
pub(super) fn bare(enrolment: &Enrolment, method: Method, path: &str) -> Message {
    Message { method, url: format!("{}{path}", enrolment.issuer), body: None }
}

/// Reads a reply's JSON.
pub(super) fn read<T: serde::de::DeserializeOwned>(reply: &Reply) -> Result<T, PushError> {
    json::read(&reply.body, json::LARGE_CAP)
        .map_err(|_| PushError::BadReply("not the JSON that was asked for"))
}

/// Reads a reply that is one signed message.
pub(super) fn text(reply: &Reply) -> Result<&str, PushError> {
    std::str::from_utf8(&reply.body).map_err(|_| PushError::BadReply("not text"))
}

/// Reads why a service refused.
pub(super) fn refusal_of(dialect: Dialect, reply: &Reply) -> Refusal {
    dialect.refusal(&reply.media_type(), &reply.body)
}

pub(super) fn service_error(reply: &Reply, code: &str) -> PushError {
    let retry_after_s = reply.header("retry-after").and_then(|seconds| seconds.parse().ok());
    PushError::Service { status: reply.status, code: code.to_owned(), retry_after_s }
}

fn id_of(text: &str) -> Result<Id, PushError> {
    text.parse().map_err(|_| NoSuch::Enrolment.into())
}

pub(super) fn origin_of(enrolment: &Enrolment) -> Result<Origin, PushError> {
    enrolment.issuer.parse().map_err(|_| NoSuch::Enrolment.into())
}

pub(super) fn key_of(point: &[u8]) -> Result<PublicKey, PushError> {
    PublicKey::from_sec1(point).map_err(|_| NoSuch::Enrolment.into())
}

/// Tells whether a call may have reached the service although it failed.
pub(super) fn may_have_arrived(error: &PushError) -> bool {
    match error {
        PushError::Net(error) => error.may_have_arrived(),
        PushError::Service { status, .. } => *status >= 500,
        _ => false,
    }
}
