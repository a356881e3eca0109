//! Flow: a person's answer. Sign, commit, send, commit what became of it.

use super::calling::{id_of, key_of, origin_of};
use super::challenges::{Act, ChallengeId, Open};
use super::{Authenticator, PushError};
use crate::device::{KeyStoreError, Purpose};
use crate::push::enrolment::{Event, Stage};
use crate::push::ids::Id;
use crate::push::jws::Unsigned;
use crate::push::matching::Given;
use crate::push::wire::{self, DenyReason, NumericDate, ReportReason, Uv};
use crate::time::UnixTime;
use crate::vault::push_db::{AnswerKind, EnrolmentRow, Outcome, Pending};

/// What a person answers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Decision {
    /// Let them in. The vault must be unlocked, and the device asks for presence.
    Approve {
        /// What the page shows.
        number: Number,
    },
    /// Do not.
    Deny {
        /// The person began the sign-in and changed their mind.
        cancelled: bool,
    },
    /// It was not me, or something looks wrong.
    Report {
        /// It was not me.
        not_me: bool,
        /// Nobody may sign in until another factor says so.
        lock: bool,
    },
}

/// What a person carries from the page to the phone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Number {
    /// Typed digits, as they are; "07" is not "7".
    Typed(String),
    /// The text of the QR code that the app's own camera read while this request was open.
    Scanned(String),
}

/// What became of an answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Answered {
    /// `None`: it is signed and stored, and whether the service has it is not known yet. It is settled by itself at one
    /// of the next looks; the person is never asked twice.
    pub outcome: Option<Outcome>,
}

/// How long an answer is good, in seconds.
const ANSWER_S: i64 = 30;

impl Authenticator {
    /// Answers one request. What was signed is on the disk before it is sent, and is never signed again.
    ///
    /// # Errors
    /// [`PushError::NoSuchRequest`]; [`PushError::Number`]: nothing was sent; [`PushError::Locked`]: approving needs
    /// the vault unlocked until it is signed; [`PushError::KeyStore`]: nothing was signed, the request is still open;
    /// [`PushError::Vault`]; [`PushError::Revoked`]; [`PushError::Service`] when the service refuses the answer itself.
    pub async fn answer(&self, id: ChallengeId, decision: Decision) -> Result<Answered, PushError> {
        let open = self.open(id)?;
        let row = self.push_db(move |db| db.enrolment(id.enrolment)).await?;
        let pending = match &decision {
            Decision::Approve { number } => self.approval(&open, &row, number).await?,
            Decision::Deny { cancelled } => {
                let why = if *cancelled { DenyReason::Cancelled } else { DenyReason::Unspecified };
                self.refusal(&open, &row, AnswerKind::Deny, wire::Decision::Deny { why }).await?
            }
            Decision::Report { not_me, lock } => {
                let why = if *not_me { ReportReason::NotMe } else { ReportReason::Suspicious };
                let report = wire::Decision::Report { why, lock: *lock };
                self.refusal(&open, &row, AnswerKind::Report, report).await?
            }
        };
        let (credential, exp_ms) = (row.enrolment.credential.clone(), open.challenge.expires_at.ms());
        // An answer that another process stored first is the answer; ours is thrown away unsent.
        let stored = self.push_db(move |db| db.store_answer(&credential, exp_ms, &pending)).await?;
        self.push()?.state().open.retain(|one| one.challenge.id != id);
        let pending = stored.ok_or(PushError::NoSuchRequest)?;
        if open.challenge.act != Act::Test {
            self.quieten(&row, pending.kind).await?;
        }
        self.deliver(&row, &pending).await
    }

    fn open(&self, id: ChallengeId) -> Result<Open, PushError> {
        let state = self.push()?.state();
        state.open.iter().find(|one| one.challenge.id == id).cloned().ok_or(PushError::NoSuchRequest)
    }

    /// Signs an approval with the approval key, while a person is asked.
    async fn approval(&self, open: &Open, row: &EnrolmentRow, number: &Number) -> Result<Pending, PushError> {
        let generation = self.unlocked()?;
        match row.stage {
            Stage::Active => {}
            Stage::PendingTest if open.challenge.act == Act::Test => {}
            Stage::NeedsApprovalKey => return Err(KeyStoreError::Missing.into()),
            Stage::PendingTest | Stage::Enrolling | Stage::Failed => return Err(PushError::NoSuchEnrolment),
            Stage::Revoked => return Err(PushError::Revoked),
        }
        let given = match number {
            Number::Typed(text) => Given::Typed(text),
            Number::Scanned(text) => Given::Scanned(text),
        };
        let matching = open.challenge.rule.value(open.challenge.id.request, given)?;
        let uv = if row.enrolment.hardware { Uv::Any } else { Uv::Software };
        let claims = self.claims(open, row, wire::Decision::Approve { matching, uv }).await?;
        let key = key_of(&row.enrolment.approval_key)?;
        let at = self.service_time(row.id, &row.enrolment).await?;
        let left = claims.exp.time().ms().min(open.exp.ms()) - at.ms();
        let left = u64::try_from(left).map_err(|_| PushError::NoSuchRequest)?;
        let alias = row.enrolment.approval_alias.clone();
        let unsigned = Unsigned::new(&key, &claims);
        let signed = self.push()?.device.sign_until(alias, &key, &unsigned, Purpose::Approve, left).await;
        if let Err(KeyStoreError::Invalidated | KeyStoreError::Missing) = signed {
            let id = row.id;
            self.push_db(move |db| db.happen(id, Event::ApprovalKeyLost, |_| {})).await?;
        }
        let jws = signed?;
        // Lock wins: a signature that comes back to a locked vault is thrown away.
        if self.unlocked()? != generation {
            return Err(PushError::Locked);
        }
        Ok(pending(open, row, AnswerKind::Approve, jws, claims.exp.time()))
    }

    /// Signs a denial or a report with the device key; nobody is asked, and the vault may be locked.
    async fn refusal(
        &self,
        open: &Open,
        row: &EnrolmentRow,
        kind: AnswerKind,
        decision: wire::Decision,
    ) -> Result<Pending, PushError> {
        let claims = self.claims(open, row, decision).await?;
        let jws = self.sign_by_device(&row.enrolment, &claims).await?;
        Ok(pending(open, row, kind, jws, claims.exp.time()))
    }

    async fn claims(
        &self,
        open: &Open,
        row: &EnrolmentRow,
        dec: wire::Decision,
    ) -> Result<wire::Answer, PushError> {
        let at = self.service_time(row.id, &row.enrolment).await?;
        if at >= open.exp {
            return Err(PushError::NoSuchRequest);
        }
        Ok(wire::Answer {
            iss: id_of(&row.enrolment.credential)?,
            aud: origin_of(&row.enrolment)?,
            jti: Id::make()?,
            req: open.challenge.id.request,
            rdig: open.digest,
            iat: at.into(),
            exp: NumericDate::from(at).plus_s(ANSWER_S),
            dec,
        })
    }

    /// After "not me", or a second "no", further requests of this service are not announced for a while.
    async fn quieten(&self, row: &EnrolmentRow, kind: AnswerKind) -> Result<(), PushError> {
        let (id, now) = (row.id, self.now().await?);
        self.push_db(move |db| {
            let mut quiet = db.quiet(id)?;
            match kind {
                AnswerKind::Approve => quiet.denials_ms.clear(),
                AnswerKind::Deny => quiet.denied(now),
                AnswerKind::Report => quiet.reported(now),
            }
            db.set_quiet(id, &quiet)
        })
        .await
    }
}

fn pending(open: &Open, row: &EnrolmentRow, kind: AnswerKind, jws: String, exp: UnixTime) -> Pending {
    Pending {
        key: [0; 16],
        enrolment: row.id.0.to_vec().into(),
        request: open.challenge.id.request.to_string(),
        kind,
        jws,
        exp: exp.seconds(),
        told: open.challenge.told(),
    }
}
