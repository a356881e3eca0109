//! Flow: fetch what the services ask, verify it, and settle what an earlier answer left open.

use std::fmt;
use std::str::FromStr;

use super::calling::{Call, id_of, key_of, origin_of, read};
use super::{Authenticator, PushError};
use crate::crypto::p256::PublicKey;
use crate::net::Verb;
use crate::push::challenge::{self, ChallengeError};
use crate::push::ids::{Id, RequestDigest};
use crate::push::matching::Rule;
use crate::push::upkeep::Pin;
use crate::push::wire::{self, By, Code, Renew};
use crate::time::UnixTime;
use crate::vault::IdError;
use crate::vault::push_db::{Enrolment, EnrolmentId, EnrolmentRow, Enrolments, Names, Outcome, Told};

/// Names one request of one enrolment; prints as `<request>.<enrolment>`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ChallengeId {
    /// The request, as the service names it on all phones of the account.
    pub request: Id,
    /// The enrolment that was asked.
    pub enrolment: EnrolmentId,
}

/// A service's question, verified: what a person is shown before they answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Challenge {
    /// Names it.
    pub id: ChallengeId,
    /// The service's host, punycode visible.
    pub host: String,
    /// The organisation; `None` while the vault is locked.
    pub service: Option<String>,
    /// The account's label at the service; `None` while the vault is locked.
    pub account_name: Option<String>,
    /// Who wants to know.
    pub application: String,
    /// What an approval does.
    pub act: Act,
    /// The address it comes from.
    pub address: String,
    /// Where that is thought to be: city, country, or both.
    pub place: String,
    /// The browser and its system, in a person's words when the service has them.
    pub device: String,
    /// Whether this browser never signed in to this account before.
    pub new_device: bool,
    /// More words of who wants to know.
    pub message: Option<String>,
    /// What exactly is to be approved, as JSON (RFC 9396).
    pub details: Option<String>,
    /// When it was asked, by this phone's clock.
    pub asked_at: UnixTime,
    /// When it ends, by this phone's clock.
    pub expires_at: UnixTime,
    /// What the person carries over from the page.
    pub rule: Rule,
    /// Whether it should not be announced: it is shown only to a person who opens the app.
    pub quiet: bool,
}

/// What an approval does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Act {
    /// It signs in.
    Login,
    /// Nothing: it shows that push works.
    Test,
    /// It lets one transaction happen.
    Transaction,
}

/// A request that was shown and ended without an answer of this phone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Closed {
    /// Which.
    pub id: ChallengeId,
    /// How it ended.
    pub outcome: Outcome,
}

/// What a look at all services found.
#[derive(Debug, Default)]
pub struct Refreshed {
    /// Open requests, the newest first.
    pub challenges: Vec<Challenge>,
    /// Requests that were open at the last look and are not any more.
    pub closed: Vec<Closed>,
    /// When to look again, in milliseconds.
    pub again_ms: u64,
    /// Enrolments whose service could not be asked, and why; the others were.
    pub problems: Vec<(EnrolmentId, PushError)>,
}

/// A challenge with what answering it needs.
#[derive(Clone)]
pub(super) struct Open {
    pub(super) challenge: Challenge,
    pub(super) digest: RequestDigest,
    /// By the service's clock.
    pub(super) exp: UnixTime,
}

/// Asked when no service said otherwise.
const AGAIN_MS: u64 = 3_000;
/// What a service may ask for at most.
const LONGEST_AGAIN_MS: u64 = 10 * 60 * 1000;

impl Authenticator {
    /// Asks every service for its open requests, and settles answers whose outcome is not known yet.
    ///
    /// Works while the vault is locked; names are not shown then. One service that fails does not stop the others.
    ///
    /// # Errors
    /// [`PushError::NotEnrolled`], [`PushError::KeyStore`], [`PushError::Vault`]: nothing could be asked at all.
    pub async fn refresh_challenges(&self) -> Result<Refreshed, PushError> {
        let now = self.now().await?;
        self.keep_wrapped().await?;
        let Enrolments { rows, damaged: _ } = self
            .push_db(move |db| {
                db.prune(now)?;
                db.enrolments()
            })
            .await?;
        let mut refreshed = Refreshed { again_ms: LONGEST_AGAIN_MS, ..Refreshed::default() };
        let mut open = Vec::new();
        let asked: Vec<&EnrolmentRow> = rows.iter().filter(|row| row.stage.polls()).collect();
        let lists = futures_util::future::join_all(asked.iter().map(|row| self.look(row))).await;
        for (row, list) in asked.into_iter().zip(lists) {
            match list {
                Ok(found) => {
                    refreshed.again_ms = refreshed.again_ms.min(found.again_ms);
                    open.extend(found.open);
                    refreshed.problems.extend(found.problem.map(|problem| (row.id, problem)));
                }
                Err(error) => {
                    refreshed.again_ms = refreshed.again_ms.min(AGAIN_MS);
                    // What was open stays open until its service says otherwise.
                    let kept = self.push()?.state().open.clone();
                    open.extend(kept.into_iter().filter(|one| one.challenge.id.enrolment == row.id));
                    refreshed.problems.push((row.id, error));
                }
            }
        }
        open.retain(|one| now < one.challenge.expires_at);
        open.sort_by_key(|one| std::cmp::Reverse((one.challenge.asked_at, one.challenge.id)));
        open.dedup_by_key(|one| one.challenge.id);
        let before = std::mem::replace(&mut self.push()?.state().open, open.clone());
        for gone in before {
            let id = gone.challenge.id;
            if open.iter().all(|one| one.challenge.id != id)
                && let Some(row) = rows.iter().find(|row| row.id == id.enrolment)
                && let Some(outcome) = self.ended(row, &gone, now).await?
            {
                refreshed.closed.push(Closed { id, outcome });
            }
        }
        refreshed.challenges = open.into_iter().map(|one| one.challenge).collect();
        Ok(refreshed)
    }

    /// Returns the requests that were open at the last look and have not ended since.
    ///
    /// # Errors
    /// [`PushError::NoDevice`].
    pub async fn challenges(&self) -> Result<Vec<Challenge>, PushError> {
        let now = self.now().await?;
        let state = self.push()?.state();
        let open = state.open.iter().filter(|one| now < one.challenge.expires_at);
        Ok(open.map(|one| one.challenge.clone()).collect())
    }

    /// Asks one service.
    async fn look(&self, row: &EnrolmentRow) -> Result<Found, PushError> {
        self.settle(row).await?;
        let call = Call { verb: Verb::Get, path: "/push/v1/requests", body: None };
        let reply = self.call(row.id, &row.enrolment, call).await?;
        let list: wire::List = read(&reply)?;
        let now = self.now().await?;
        let (id, renew) = (row.id, list.renew == Some(Renew::Approval));
        self.keep_clock(id, &row.enrolment).await?;
        self.push_db(move |db| {
            db.change_enrolment(id, |enrolment| {
                enrolment.polled_ms = Some(now.ms());
                enrolment.renew = renew;
            })
        })
        .await?;
        let again_ms = u64::from(list.poll_s).saturating_mul(1000).clamp(1000, LONGEST_AGAIN_MS);
        let mut found = Found { open: Vec::new(), again_ms, problem: None };
        for text in &list.requests {
            match self.verified(row, text).await {
                Ok(open) => found.open.extend(open),
                // One that nobody vouches for is not shown, and does not hide the others.
                Err(error) => found.problem = Some(error),
            }
        }
        self.announce(row, &mut found, now).await?;
        Ok(found)
    }

    /// Verifies one request; `None` for one that was answered here, is past or is not for this phone.
    async fn verified(&self, row: &EnrolmentRow, text: &str) -> Result<Option<Open>, PushError> {
        let at = self.service_time(row.id, &row.enrolment).await?;
        let mut keys = pinned(&row.enrolment, at)?;
        let (credential, issuer) = (id_of(&row.enrolment.credential)?, origin_of(&row.enrolment)?);
        let verified = match challenge::verify(text, &keys, credential, &issuer, at) {
            Err(ChallengeError::UnknownKey) => {
                keys = self.follow_service_keys(row).await?;
                challenge::verify(text, &keys, credential, &issuer, at)
            }
            other => other,
        };
        let verified = match verified {
            Ok(verified) => verified,
            Err(ChallengeError::Expired) => return Ok(None),
            Err(ChallengeError::UpdateApp) => return Err(PushError::UpdateApp),
            Err(_) => return Err(PushError::BadReply("a request that nobody vouches for")),
        };
        let request = verified.request.jti;
        let text_of_credential = row.enrolment.credential.clone();
        let seen = self.push_db(move |db| db.is_seen(&text_of_credential, &request.to_string())).await?;
        let now = self.now().await?;
        let ahead = at.ms() - now.ms();
        Ok((!seen).then(|| Open {
            challenge: shown(row, &verified, ahead),
            digest: verified.digest,
            exp: verified.request.exp.time(),
        }))
    }

    /// Asks how a request ended that is not listed any more; `None` when it was answered here.
    async fn ended(
        &self,
        row: &EnrolmentRow,
        gone: &Open,
        now: UnixTime,
    ) -> Result<Option<Outcome>, PushError> {
        let request = gone.challenge.id.request.to_string();
        let credential = row.enrolment.credential.clone();
        let (asked, of) = (request.clone(), credential.clone());
        if self.push_db(move |db| db.is_seen(&of, &asked)).await? {
            return Ok(None);
        }
        let outcome = match self.state_of(row.id, &row.enrolment, &request).await {
            Ok(Some((outcome, _))) => outcome,
            Ok(None) => return Ok(None),
            Err(_) if gone.challenge.expires_at <= now => Outcome::Expired,
            Err(_) => return Ok(None),
        };
        let exp_ms = gone.challenge.expires_at.ms();
        self.push_db(move |db| db.see(&credential, &request, exp_ms)).await?;
        Ok(Some(outcome))
    }

    /// Asks a service how a request stands; `None` while it is open. Also tells whether this phone answered it.
    pub(super) async fn state_of(
        &self,
        id: EnrolmentId,
        enrolment: &Enrolment,
        request: &str,
    ) -> Result<Option<(Outcome, bool)>, PushError> {
        let path = format!("/push/v1/requests/{request}");
        let call = Call { verb: Verb::Get, path: &path, body: None };
        match self.call(id, enrolment, call).await {
            Ok(reply) => {
                let state: wire::RequestState = read(&reply)?;
                Ok(outcome(&state.state, state.by.as_ref()))
            }
            Err(PushError::Service { status: 404, code, .. }) if code == Code::UnknownRequest.as_str() => {
                Ok(Some((Outcome::Expired, false)))
            }
            Err(error) => Err(error),
        }
    }
}

/// What one service asks.
pub(super) struct Found {
    pub(super) open: Vec<Open>,
    again_ms: u64,
    /// Why the last of those that are not shown is not.
    problem: Option<PushError>,
}

/// Returns the service's keys that are pinned, each with its end.
pub(super) fn pins(enrolment: &Enrolment) -> Result<Vec<Pin>, PushError> {
    enrolment.service_keys.iter().map(|(point, ends)| key_of(point).map(|key| (key, *ends))).collect()
}

/// Returns the service's keys that may sign now.
fn pinned(enrolment: &Enrolment, at: UnixTime) -> Result<Vec<PublicKey>, PushError> {
    let counts = |(_, ends): &Pin| *ends == 0 || at.seconds() < *ends;
    Ok(pins(enrolment)?.into_iter().filter(counts).map(|(key, _)| key).collect())
}

/// Says how a request ended, and whether this phone answered it; `None` while it is open.
pub(super) fn outcome(state: &wire::State, by: Option<&By>) -> Option<(Outcome, bool)> {
    let here = by == Some(&By::This);
    Some(match state {
        wire::State::Open => return None,
        wire::State::Approved | wire::State::Denied | wire::State::Reported if !here => {
            (Outcome::Elsewhere, false)
        }
        wire::State::Approved => (Outcome::Approved, true),
        wire::State::Denied => (Outcome::Denied, true),
        wire::State::Reported => (Outcome::Reported, true),
        wire::State::WrongMatch => (Outcome::WrongMatch, here),
        wire::State::Expired => (Outcome::Expired, false),
        wire::State::Replaced => (Outcome::Replaced, false),
        // A state of a later version is an end at any rate.
        wire::State::Cancelled | wire::State::Unknown(_) => (Outcome::Cancelled, false),
    })
}

/// Puts together what a person is shown. `ahead` is how many milliseconds the service's clock is ahead.
fn shown(row: &EnrolmentRow, verified: &challenge::Challenge, ahead: i64) -> Challenge {
    let wire::Request { iss, aud: _, jti, iat, exp, act, rp, ctx, msg, authorization_details, matching: _ } =
        &verified.request;
    let names = row.names.as_ref();
    let place: Vec<&str> = [&ctx.city, &ctx.country].into_iter().flatten().map(wire::Label::as_str).collect();
    Challenge {
        id: ChallengeId { request: *jti, enrolment: row.id },
        host: iss.host().to_owned(),
        service: names.map(|names| Names::shown(names).to_owned()),
        account_name: names.map(|names| names.account_name.clone()),
        application: rp.name.as_str().to_owned(),
        act: match act {
            wire::Act::Login => Act::Login,
            wire::Act::Test => Act::Test,
            // Others were refused when the request was verified.
            wire::Act::Txn | wire::Act::Unknown(_) => Act::Transaction,
        },
        address: ctx.ip.as_str().to_owned(),
        place: place.join(", "),
        device: ctx.device.as_ref().unwrap_or(&ctx.ua).as_str().to_owned(),
        new_device: ctx.new_device,
        message: msg.as_ref().map(|text| text.as_str().to_owned()),
        details: authorization_details.as_ref().map(ToString::to_string),
        asked_at: iat.time().plus_ms(-ahead),
        expires_at: exp.time().plus_ms(-ahead),
        rule: verified.rule,
        quiet: false,
    }
}

impl Challenge {
    /// Returns what the history keeps of it.
    pub(super) fn told(&self) -> Told {
        Told {
            application: self.application.clone(),
            place: self.place.clone(),
            device: self.device.clone(),
            asked_ms: self.asked_at.ms(),
        }
    }
}

impl Names {
    /// Returns the user's own name for the enrolment, or the organisation's.
    pub(super) fn shown(&self) -> &str {
        self.own_name.as_deref().unwrap_or(&self.service)
    }
}

impl fmt::Display for ChallengeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.request, self.enrolment)
    }
}

impl FromStr for ChallengeId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let (request, enrolment) = text.split_once('.').ok_or(IdError)?;
        Ok(Self { request: request.parse().map_err(|_| IdError)?, enrolment: enrolment.parse()? })
    }
}
