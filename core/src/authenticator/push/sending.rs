//! Delivering a stored answer: the same bytes until the service has said what became of it.

use super::answering::Answered;
use super::calling::{may_have_arrived, refusal_of};
use super::challenges::Standing;
use super::signing::dialect_of;
use super::{Authenticator, NoSuch, PushError};
use crate::net::NetError;
use crate::push::dialects::{Meaning, Sending};
use crate::push::enrolment::{Event, Stage};
use crate::push::outcome::{AnswerKind, Outcome};
use crate::secret::SecretText;
use crate::vault::push_db::{EnrolmentRow, Pending};

/// Pauses before the same bytes are sent again, in milliseconds.
const PAUSES_MS: [u64; 3] = [500, 1_000, 2_000];

/// What one sending came to.
enum Sent {
    /// The service has said what became of it.
    Done(Outcome),
    /// The same, with what the person types on the page now.
    Shown(Outcome, SecretText),
    /// The service refuses the answer itself: it is over, and this is why.
    Refused(PushError),
    /// Not now: nothing arrived, or nobody knows.
    Later,
}

impl Authenticator {
    /// Sends a stored answer, and stores what became of it. When the service cannot be reached it stays stored, and one
    /// of the next looks goes on.
    pub(super) async fn deliver(&self, row: &EnrolmentRow, pending: &Pending) -> Result<Answered, PushError> {
        for pause in PAUSES_MS.into_iter().map(Some).chain([None]) {
            match self.send_once(row, pending).await? {
                Sent::Done(outcome) => return self.finish(row, pending, outcome).await,
                Sent::Shown(outcome, code) => {
                    let answered = self.finish(row, pending, outcome).await?;
                    return Ok(Answered { display_code: Some(code), ..answered });
                }
                Sent::Refused(error) => {
                    self.finish(row, pending, Outcome::Dropped).await?;
                    return Err(error);
                }
                Sent::Later => {}
            }
            let Some(ms) = pause else { break };
            self.push()?.device.wait.wait(ms).await;
        }
        Ok(Answered { outcome: None, display_code: None })
    }

    /// Settles the answers of one enrolment that an earlier call or an earlier process left open.
    pub(super) async fn settle(&self, row: &EnrolmentRow) -> Result<(), PushError> {
        let waiting = self.push_db(|db| db.outbox()).await?;
        for pending in waiting.iter().filter(|pending| pending.enrolment[..] == row.id.0) {
            let sent = match self.ended_as(row, pending).await? {
                Some(outcome) => Sent::Done(outcome),
                None => self.send_once(row, pending).await?,
            };
            match sent {
                Sent::Done(outcome) | Sent::Shown(outcome, _) => {
                    self.finish(row, pending, outcome).await?;
                }
                Sent::Refused(_) => {
                    self.finish(row, pending, Outcome::Dropped).await?;
                }
                Sent::Later => {}
            }
        }
        Ok(())
    }

    /// Asks what became of the request of a stored answer; `None` while it is open.
    async fn ended_as(&self, row: &EnrolmentRow, pending: &Pending) -> Result<Option<Outcome>, PushError> {
        Ok(match self.standing(row, &pending.request).await? {
            Standing::Open => None,
            Standing::Ended(outcome) => Some(outcome),
            // The server does not say why it lists it no more. In its time that is most likely this answer; after it
            // nobody can tell (decision 0028).
            Standing::Gone => {
                let at = self.service_time(row.id, &row.enrolment).await?;
                Some(if at.seconds() < pending.exp { pending.kind.taken() } else { Outcome::Expired })
            }
        })
    }

    /// Sends the bytes once; past their end they are not sent, and the service is asked what it knows.
    async fn send_once(&self, row: &EnrolmentRow, pending: &Pending) -> Result<Sent, PushError> {
        let at = self.service_time(row.id, &row.enrolment).await?;
        if at.seconds() >= pending.exp {
            return Ok(match self.ended_as(row, pending).await {
                Ok(Some(outcome)) => Sent::Done(outcome),
                // Still open, and what was signed is past: it was never taken and cannot be any more.
                Ok(None) => Sent::Done(Outcome::Dropped),
                Err(error) if passes(&error) => Sent::Later,
                Err(error) => Sent::Refused(error),
            });
        }
        match self.call_for_answer(row, pending).await {
            Ok(sent) => Ok(sent),
            Err(error) if may_have_arrived(&error) => {
                // The reply was lost: what the service knows decides, else the same bytes go again.
                Ok(match self.ended_as(row, pending).await {
                    Ok(Some(outcome)) => Sent::Done(outcome),
                    Ok(None) | Err(_) => Sent::Later,
                })
            }
            Err(error) if passes(&error) => Ok(Sent::Later),
            // A copy of the answer may have been taken, and this is the refusal of another copy.
            Err(error) => Ok(match self.ended_as(row, pending).await {
                Ok(Some(outcome)) => Sent::Done(outcome),
                Ok(None) | Err(_) => Sent::Refused(error),
            }),
        }
    }

    /// Makes the call, and reads those refusals that say what became of the request.
    async fn call_for_answer(&self, row: &EnrolmentRow, pending: &Pending) -> Result<Sent, PushError> {
        let dialect = dialect_of(&row.enrolment)?;
        let (what, text) = (Sending::Answer(&pending.request), pending.text.clone().into_bytes());
        let message = dialect.message(&row.enrolment.issuer, &what, text).ok_or(NoSuch::Request)?;
        let reply = self.call_raw(row.id, &row.enrolment, message).await?;
        if reply.status == 200 {
            let answered = dialect.answered(&reply.body, pending.kind, &pending.text)?;
            return Ok(match answered.display_code {
                Some(code) => Sent::Shown(answered.outcome, code),
                None => Sent::Done(answered.outcome),
            });
        }
        let refusal = refusal_of(dialect, &reply);
        match refusal.meaning {
            Meaning::Ended(outcome) => Ok(Sent::Done(outcome)),
            Meaning::Nonce | Meaning::Token | Meaning::Revoked(_) | Meaning::Other => {
                Err(self.refused(row.id, &reply, refusal).await)
            }
        }
    }

    /// Stores the outcome, and what it means for the enrolment.
    async fn finish(
        &self,
        row: &EnrolmentRow,
        pending: &Pending,
        outcome: Outcome,
    ) -> Result<Answered, PushError> {
        let (now, answer) = (self.now().await?, pending.clone());
        let activates = pending.kind == AnswerKind::Approve && outcome == Outcome::Approved;
        let (id, pending_test) = (row.id, row.stage == Stage::PendingTest);
        self.push_db(move |db| {
            db.finish_answer(&answer, outcome, now)?;
            if activates && pending_test {
                db.happen(id, Event::TestApproved, |enrolment| enrolment.check_number = None)?;
            }
            Ok(())
        })
        .await?;
        Ok(Answered { outcome: Some(outcome), display_code: None })
    }
}

/// Tells whether the same may work later.
fn passes(error: &PushError) -> bool {
    match error {
        PushError::Net(NetError::Tls(_)) => true,
        other => other.is_passing(),
    }
}
