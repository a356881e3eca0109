//! Flow: fetch what the services ask, verify it, and settle what an earlier answer left open.

use std::fmt;
use std::str::FromStr;

use super::calling::{bare, key_of, refusal_of};
use super::signing::{dialect_of, known};
use super::{Authenticator, NoSuch, PushError};
use crate::device::Purpose;
use crate::net::Reply;
use crate::push::challenge::ChallengeError;
use crate::push::dialects::{Known, Meaning, Method, Question, Sending, ours};
use crate::push::ids::Id;
use crate::push::matching::Rule;
use crate::push::outcome::{Act, Outcome};
use crate::push::upkeep::Pin;
use crate::time::UnixTime;
use crate::vault::IdError;
use crate::vault::push_db::{Enrolment, EnrolmentId, EnrolmentRow, Enrolments, Names, Told};

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
    pub(super) question: Question,
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
    /// [`PushError::NoSuch`], [`PushError::KeyStore`], [`PushError::Vault`]: nothing could be asked at all.
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
    /// [`PushError::Shell`].
    pub async fn challenges(&self) -> Result<Vec<Challenge>, PushError> {
        let now = self.now().await?;
        let state = self.push()?.state();
        let open = state.open.iter().filter(|one| now < one.challenge.expires_at);
        Ok(open.map(|one| one.challenge.clone()).collect())
    }

    /// Asks one service.
    async fn look(&self, row: &EnrolmentRow) -> Result<Found, PushError> {
        self.settle(row).await?;
        let reply = self.poll(row.id, &row.enrolment).await?;
        let list = dialect_of(&row.enrolment)?.list(&reply.body)?;
        let now = self.now().await?;
        let (id, renew) = (row.id, list.renew);
        self.keep_clock(id, &row.enrolment).await?;
        self.push_db(move |db| {
            db.change_enrolment(id, |enrolment| {
                enrolment.polled_ms = Some(now.ms());
                enrolment.renew = renew;
            })
        })
        .await?;
        let again_ms = list.again_ms.clamp(1000, LONGEST_AGAIN_MS);
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

    /// Asks a service for its list.
    pub(super) async fn poll(&self, id: EnrolmentId, enrolment: &Enrolment) -> Result<Reply, PushError> {
        let at = self.service_time(id, enrolment).await?;
        let dialect = dialect_of(enrolment)?;
        let draft = dialect.poll(&known(enrolment, at), at);
        let text = self.sign(enrolment, draft, None, Purpose::Device, None).await?;
        let message = dialect.message(&enrolment.issuer, &Sending::Poll, text.into_bytes());
        self.call(id, enrolment, message.ok_or(NoSuch::Enrolment)?).await
    }

    /// Verifies one request; `None` for one that was answered here, is past or is not for this phone.
    async fn verified(&self, row: &EnrolmentRow, text: &str) -> Result<Option<Open>, PushError> {
        let at = self.service_time(row.id, &row.enrolment).await?;
        let (dialect, known) = (dialect_of(&row.enrolment)?, known(&row.enrolment, at));
        let verified = match dialect.question(text, &known, at) {
            Err(ChallengeError::UnknownKey) => {
                let found = self.follow_service_keys(row).await?;
                let service_keys = found.iter().map(|key| key.sec1().as_slice()).collect();
                dialect.question(text, &Known { service_keys, ..known }, at)
            }
            other => other,
        };
        let mut question = match verified {
            Ok(question) => question,
            Err(ChallengeError::Expired) => return Ok(None),
            Err(ChallengeError::UpdateApp) => return Err(PushError::UpdateApp),
            Err(_) => return Err(PushError::BadReply("a request that nobody vouches for")),
        };
        let (credential, name) = (row.enrolment.credential.clone(), question.name.clone());
        let seen = self.push_db(move |db| db.is_seen(&credential, &name)).await?;
        let now = self.now().await?;
        if !dialect.has_states()
            && let Some(before) = self.before(row.id, question.id)?
        {
            // Its time runs from when it was seen first.
            (question.asked, question.exp) = (before.question.asked, before.question.exp);
        }
        Ok((!seen).then(|| Open { challenge: shown(row, &question, at.ms() - now.ms()), question }))
    }

    /// Asks how a request ended that is not listed any more; `None` when it was answered here.
    async fn ended(
        &self,
        row: &EnrolmentRow,
        gone: &Open,
        now: UnixTime,
    ) -> Result<Option<Outcome>, PushError> {
        let request = gone.question.name.clone();
        let credential = row.enrolment.credential.clone();
        let (asked, of) = (request.clone(), credential.clone());
        if self.push_db(move |db| db.is_seen(&of, &asked)).await? {
            return Ok(None);
        }
        let states = dialect_of(&row.enrolment)?.has_states();
        let outcome = match self.standing(row, &request).await {
            Ok(Standing::Ended(outcome)) => outcome,
            Ok(Standing::Gone) if gone.challenge.expires_at <= now => Outcome::Expired,
            Ok(Standing::Gone) => Outcome::Elsewhere,
            // Its server may list it for longer; here its time is over.
            Ok(Standing::Open) if gone.challenge.expires_at <= now && !states => Outcome::Expired,
            Ok(Standing::Open) => return Ok(None),
            Err(_) if gone.challenge.expires_at <= now => Outcome::Expired,
            Err(_) => return Ok(None),
        };
        let exp_ms = gone.challenge.expires_at.ms();
        self.push_db(move |db| db.see(&credential, &request, exp_ms)).await?;
        Ok(Some(outcome))
    }

    /// Asks a service how a request stands.
    pub(super) async fn standing(&self, row: &EnrolmentRow, request: &str) -> Result<Standing, PushError> {
        let (id, enrolment) = (row.id, &row.enrolment);
        let dialect = dialect_of(enrolment)?;
        if !dialect.has_states() {
            let list = dialect.list(&self.poll(id, enrolment).await?.body)?;
            let at = self.service_time(id, enrolment).await?;
            let known = known(enrolment, at);
            let names = list.requests.iter().filter_map(|text| dialect.question(text, &known, at).ok());
            let listed = names.map(|question| question.name).any(|name| name == request);
            return Ok(if listed { Standing::Open } else { Standing::Gone });
        }
        let message = bare(enrolment, Method::Get, &format!("{}/{request}", ours::REQUESTS));
        let reply = self.call_raw(id, enrolment, message).await?;
        if reply.status == 200 {
            return Ok(ours::state(&reply.body)?.map_or(Standing::Open, Standing::Ended));
        }
        let refusal = refusal_of(dialect, &reply);
        match refusal.meaning {
            Meaning::Ended(outcome) => Ok(Standing::Ended(outcome)),
            Meaning::Nonce | Meaning::Token | Meaning::Revoked(_) | Meaning::Other => {
                Err(self.refused(id, &reply, refusal).await)
            }
        }
    }

    /// Returns a request as it was at the last look.
    fn before(&self, enrolment: EnrolmentId, request: Id) -> Result<Option<Open>, PushError> {
        let id = ChallengeId { request, enrolment };
        Ok(self.push()?.state().open.iter().find(|one| one.challenge.id == id).cloned())
    }
}

/// How a request stands at its service.
pub(super) enum Standing {
    /// Nobody has answered yet.
    Open,
    /// It ended so.
    Ended(Outcome),
    /// It is not listed any more, and the server does not say why.
    Gone,
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

/// Puts together what a person is shown. `ahead` is how many milliseconds the service's clock is ahead.
fn shown(row: &EnrolmentRow, question: &Question, ahead: i64) -> Challenge {
    let question = question.clone();
    let names = row.names.as_ref();
    Challenge {
        id: ChallengeId { request: question.id, enrolment: row.id },
        host: row.enrolment.host().to_owned(),
        service: names.map(|names| Names::shown(names).to_owned()),
        account_name: names.map(|names| names.account_name.clone()),
        application: question.application,
        act: question.act,
        address: question.address,
        place: question.place,
        device: question.device,
        new_device: question.new_device,
        message: question.message,
        details: question.details,
        asked_at: question.asked.plus_ms(-ahead),
        expires_at: question.exp.plus_ms(-ahead),
        rule: question.rule,
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

impl Enrolment {
    /// Returns the service's host, punycode visible.
    pub(super) fn host(&self) -> &str {
        let rest = self.issuer.strip_prefix("https://").unwrap_or(&self.issuer);
        rest.split('/').next().unwrap_or(rest)
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
