//! Flow: a person's answer. Sign, commit, send, commit what became of it.

use super::challenges::{ChallengeId, Open, Standing};
use super::signing::{dialect_of, known};
use super::{Authenticator, NoSuch, PushError};
use crate::device::{KeyStoreError, Purpose};
use crate::push::dialects::Answer;
use crate::push::enrolment::{Event, Stage};
use crate::push::ids::Id;
use crate::push::outcome::{Act, AnswerKind, Decision, Outcome};
use crate::secret::SecretText;
use crate::vault::push_db::{EnrolmentRow, Pending};

/// What became of an answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answered {
    /// `None`: it is signed and stored, and whether the service has it is not known yet. It is settled by itself at one
    /// of the next looks; the person is never asked twice.
    pub outcome: Option<Outcome>,
    /// What the person types on the page now, where the server hands the number to the phone. Show it to nobody who
    /// has not unlocked the device, and keep it nowhere.
    pub display_code: Option<SecretText>,
}

impl Authenticator {
    /// Answers one request. What was signed is on the disk before it is sent, and is never signed again.
    ///
    /// # Errors
    /// [`PushError::NoSuch`]; [`PushError::Number`]: nothing was sent; [`PushError::Locked`]: approving needs the vault
    /// unlocked until it is signed; [`PushError::KeyStore`]: nothing was signed, the request is still open;
    /// [`PushError::Vault`]; [`PushError::Revoked`]; [`PushError::Service`] when the service refuses the answer itself.
    pub async fn answer(&self, id: ChallengeId, decision: Decision) -> Result<Answered, PushError> {
        let open = self.open(id)?;
        let row = self.push_db(move |db| db.enrolment(id.enrolment)).await?;
        let pending = match decision.kind() {
            AnswerKind::Approve => self.approval(&open, &row, &decision).await?,
            AnswerKind::Deny | AnswerKind::Report => {
                let answer = self.draft(&open, &row, &decision).await?;
                self.pending(&open, &row, &decision, answer, Purpose::Device, None).await?
            }
        };
        let (credential, exp_ms) = (row.enrolment.credential.clone(), open.challenge.expires_at.ms());
        // An answer that another process stored first is the answer; ours is thrown away unsent.
        let stored = self.push_db(move |db| db.store_answer(&credential, exp_ms, &pending)).await?;
        self.push()?.state().open.retain(|one| one.challenge.id != id);
        let pending = stored.ok_or(NoSuch::Request)?;
        if open.challenge.act != Act::Test {
            self.quieten(&row, pending.kind).await?;
        }
        self.deliver(&row, &pending).await
    }

    fn open(&self, id: ChallengeId) -> Result<Open, PushError> {
        let state = self.push()?.state();
        let open = state.open.iter().find(|one| one.challenge.id == id).cloned();
        open.ok_or(NoSuch::Request.into())
    }

    /// Signs an approval with the approval key, while a person is asked.
    async fn approval(
        &self,
        open: &Open,
        row: &EnrolmentRow,
        decision: &Decision,
    ) -> Result<Pending, PushError> {
        let generation = self.unlocked()?;
        match row.stage {
            Stage::Active => {}
            Stage::PendingTest if open.challenge.act == Act::Test => {}
            Stage::NeedsApprovalKey => return Err(KeyStoreError::Missing.into()),
            Stage::PendingTest | Stage::Enrolling | Stage::Failed => return Err(NoSuch::Enrolment.into()),
            Stage::Revoked => return Err(PushError::Revoked),
        }
        self.still_listed(open, row).await?;
        let answer = self.draft(open, row, decision).await?;
        let at = self.service_time(row.id, &row.enrolment).await?;
        let left = answer.exp.ms().min(open.question.exp.ms()) - at.ms();
        let left = u64::try_from(left).map_err(|_| NoSuch::Request)?;
        let signed = self.pending(open, row, decision, answer, Purpose::Approve, Some(left)).await;
        if let Err(PushError::KeyStore(KeyStoreError::Invalidated | KeyStoreError::Missing)) = signed {
            let id = row.id;
            self.push_db(move |db| db.happen(id, Event::ApprovalKeyLost, |_| {})).await?;
        }
        let pending = signed?;
        // Lock wins: a signature that comes back to a locked vault is thrown away.
        if self.unlocked()? == generation { Ok(pending) } else { Err(PushError::Locked) }
    }

    /// Looks once more where nothing else tells whether a request still stands.
    async fn still_listed(&self, open: &Open, row: &EnrolmentRow) -> Result<(), PushError> {
        if dialect_of(&row.enrolment)?.has_states() {
            return Ok(());
        }
        match self.standing(row, &open.question.name).await? {
            Standing::Open => Ok(()),
            Standing::Ended(_) | Standing::Gone => Err(NoSuch::Request.into()),
        }
    }

    /// Prints an answer for the keys to sign.
    async fn draft(&self, open: &Open, row: &EnrolmentRow, decision: &Decision) -> Result<Answer, PushError> {
        let at = self.service_time(row.id, &row.enrolment).await?;
        if at >= open.question.exp {
            return Err(NoSuch::Request.into());
        }
        let (dialect, known) = (dialect_of(&row.enrolment)?, known(&row.enrolment, at));
        Ok(dialect.answer(&open.question, decision, &known, at, Id::make()?)?)
    }

    /// Has an answer signed, and returns what is stored of it.
    async fn pending(
        &self,
        open: &Open,
        row: &EnrolmentRow,
        decision: &Decision,
        answer: Answer,
        purpose: Purpose,
        ms: Option<u64>,
    ) -> Result<Pending, PushError> {
        let Answer { draft, exp } = answer;
        Ok(Pending {
            key: [0; 16],
            enrolment: row.id.0.to_vec().into(),
            request: open.question.name.clone(),
            kind: decision.kind(),
            text: self.sign(&row.enrolment, draft, None, purpose, ms).await?,
            exp: exp.seconds(),
            told: open.challenge.told(),
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
