//! Answers: what was seen, what waits to be sent, what became of it.
//!
//! An answer is stored before it is sent and its outcome before anything else happens, so that a kill at any point
//! leaves one answer and never two.

use hmac::{Hmac, KeyInit, Mac};
use minicbor::bytes::ByteVec;
use minicbor::{CborLen, Decode, Encode};
use rusqlite::Connection;
use sha2::Sha256;

use super::record;
use super::{EnrolmentId, PushDb, Sealed, Sealing, Table, make_id};
use crate::push::outcome::{AnswerKind, Outcome};
use crate::time::UnixTime;
use crate::vault::VaultError;

/// How long an answer stays in the history, in milliseconds: 90 days.
pub(crate) const HISTORY_MS: i64 = 90 * 24 * 60 * 60 * 1000;
/// How many answers stay in the history at most.
pub(crate) const HISTORY_MOST: usize = 1000;
/// How long after its end a request is known as seen, in milliseconds: 10 minutes.
pub(crate) const SEEN_MS: i64 = 10 * 60 * 1000;

/// An answer that is signed and not known to be taken.
#[derive(Clone)]
pub(crate) struct Pending {
    /// Its key in the table, from credential and request.
    pub(crate) key: [u8; 16],
    pub(crate) enrolment: ByteVec,
    pub(crate) request: String,
    pub(crate) kind: AnswerKind,
    /// What was signed, the same bytes each time it is sent: a JWS for our own dialect.
    pub(crate) text: String,
    /// Unix seconds by the service's clock at which it ends.
    pub(crate) exp: i64,
    pub(crate) told: Told,
}

/// What the request said of itself, for the history.
#[derive(Clone, Debug, Default, Decode, Encode, Eq, PartialEq, CborLen)]
#[cbor(map)]
pub(crate) struct Told {
    /// The application.
    #[n(0)]
    pub(crate) application: String,
    #[n(1)]
    pub(crate) place: String,
    #[n(2)]
    pub(crate) device: String,
    /// Unix ms.
    #[n(3)]
    pub(crate) asked_ms: i64,
}

/// One answer of the past.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct HistoryEntry {
    pub(crate) enrolment: EnrolmentId,
    pub(crate) request: String,
    pub(crate) kind: AnswerKind,
    pub(crate) outcome: Outcome,
    pub(crate) told: Told,
    pub(crate) answered_ms: i64,
}

#[derive(Decode, Encode, CborLen)]
#[cbor(map)]
struct OutboxBody {
    #[n(0)]
    enrolment: ByteVec,
    #[n(1)]
    request: String,
    #[n(2)]
    kind: u8,
    #[n(3)]
    text: String,
    #[n(4)]
    told: Told,
    /// Its end; the column beside it only sorts.
    #[n(5)]
    exp: Option<i64>,
}

#[derive(Decode, Encode, CborLen)]
#[cbor(map)]
struct HistoryBody {
    #[n(0)]
    enrolment: ByteVec,
    #[n(1)]
    request: String,
    #[n(2)]
    kind: u8,
    #[n(3)]
    outcome: u8,
    #[n(4)]
    told: Told,
    /// Unix ms; the column beside it only sorts and ends.
    #[n(5)]
    answered_ms: Option<i64>,
}

impl PushDb {
    /// Tells whether a request was answered on this phone, or seen to its end.
    ///
    /// # Errors
    /// Disk trouble.
    pub(crate) fn is_seen(&self, credential: &str, request: &str) -> Result<bool, VaultError> {
        is_seen(&self.db, seen_key(&self.sealing(), credential, request))
    }

    /// Notes that a request is done with, until `exp_ms` and ten minutes.
    ///
    /// # Errors
    /// Disk trouble.
    pub(crate) fn see(&mut self, credential: &str, request: &str, exp_ms: i64) -> Result<(), VaultError> {
        self.write(|db, sealing| insert_seen(db, seen_key(sealing, credential, request), exp_ms))
    }

    /// Stores a signed answer and marks its request as seen, in one transaction; returns the answer that is stored. The
    /// first one stays: when one waits already it is returned and the new one is thrown away, and when one was sent
    /// and settled, or the request was seen to its end, there is nothing to send: `None`.
    ///
    /// # Errors
    /// [`VaultError::TooLarge`]; disk trouble.
    pub(crate) fn store_answer(
        &mut self,
        credential: &str,
        request_exp_ms: i64,
        answer: &Pending,
    ) -> Result<Option<Pending>, VaultError> {
        let Pending { key: _, enrolment, request, kind, text, exp, told } = answer.clone();
        let body = record::padded(&OutboxBody {
            enrolment,
            request,
            kind: kind.number(),
            text,
            told,
            exp: Some(exp),
        })?;
        self.write(|db, sealing| {
            let key = seen_key(sealing, credential, &answer.request);
            if let Some(first) = outbox(db, sealing)?.into_iter().find(|pending| pending.key == key) {
                return Ok(Some(first));
            }
            if is_seen(db, key)? {
                return Ok(None);
            }
            let body = sealing.body(Table::Outbox, key, 1, &body)?;
            db.execute(
                "INSERT INTO outbox (id, rev, epoch, exp, body) VALUES (?, 1, ?, ?, ?)",
                (key, sealing.keys.epoch, exp, body),
            )?;
            insert_seen(db, key, request_exp_ms)?;
            Ok(Some(Pending { key, ..answer.clone() }))
        })
    }

    /// Returns the answers that wait, whatever their age; those that do not open are left where they are.
    ///
    /// # Errors
    /// Disk trouble.
    pub(crate) fn outbox(&self) -> Result<Vec<Pending>, VaultError> {
        outbox(&self.db, &self.sealing())
    }

    /// Stores what became of an answer: it leaves the outbox and enters the history, in one transaction.
    ///
    /// # Errors
    /// Disk trouble.
    pub(crate) fn finish_answer(
        &mut self,
        answer: &Pending,
        outcome: Outcome,
        at: UnixTime,
    ) -> Result<(), VaultError> {
        let body = record::padded(&HistoryBody {
            enrolment: answer.enrolment.clone(),
            request: answer.request.clone(),
            kind: answer.kind.number(),
            outcome: outcome.number(),
            told: answer.told.clone(),
            answered_ms: Some(at.ms()),
        })?;
        let id = make_id()?;
        self.write(|db, sealing| {
            if db.execute("DELETE FROM outbox WHERE id = ?", [answer.key])? == 0 {
                // Another process was faster, and has written the history too.
                return Ok(());
            }
            let body = sealing.body(Table::History, id, 1, &body)?;
            db.execute(
                "INSERT INTO history (id, rev, epoch, at, body) VALUES (?, 1, ?, ?, ?)",
                (id, sealing.keys.epoch, at.ms(), body),
            )?;
            prune(db, at)
        })
    }

    /// Returns the answers of the past, the newest first, and how many do not open.
    ///
    /// # Errors
    /// Disk trouble.
    pub(crate) fn history(&self) -> Result<(Vec<HistoryEntry>, usize), VaultError> {
        let mut query =
            self.db.prepare_cached("SELECT id, rev, epoch, at, body FROM history ORDER BY at DESC, id")?;
        let mut found = query.query([])?;
        let (mut entries, mut damaged) = (Vec::new(), 0);
        while let Some(row) = found.next()? {
            let at = row.get(3)?;
            let opened = self.sealing().open(Table::History, &Sealed::of(row, [0, 1, 2, 4])?);
            match opened.and_then(|body| HistoryEntry::of(body, at)) {
                Some(entry) => entries.push(entry),
                None => damaged += 1,
            }
        }
        entries.sort_by_key(|entry: &HistoryEntry| std::cmp::Reverse(entry.answered_ms));
        Ok((entries, damaged))
    }

    /// Forgets what is too old: seen requests, and answers beyond 90 days or 1,000.
    ///
    /// # Errors
    /// Disk trouble.
    pub(crate) fn prune(&mut self, at: UnixTime) -> Result<(), VaultError> {
        self.write(|db, _| prune(db, at))
    }
}

fn prune(db: &Connection, at: UnixTime) -> Result<(), VaultError> {
    db.execute("DELETE FROM seen WHERE exp < ?", [at.ms()])?;
    db.execute("DELETE FROM history WHERE at < ?", [at.ms().saturating_sub(HISTORY_MS)])?;
    db.execute(
        "DELETE FROM history WHERE id NOT IN (SELECT id FROM history ORDER BY at DESC, id LIMIT ?)",
        [HISTORY_MOST as i64],
    )?;
    Ok(())
}

fn is_seen(db: &Connection, key: [u8; 16]) -> Result<bool, VaultError> {
    let count: i64 = db.query_row("SELECT count(*) FROM seen WHERE id = ?", [key], |row| row.get(0))?;
    Ok(count > 0)
}

fn insert_seen(db: &Connection, key: [u8; 16], exp_ms: i64) -> Result<(), VaultError> {
    db.execute("INSERT OR REPLACE INTO seen (id, exp) VALUES (?, ?)", (key, exp_ms.saturating_add(SEEN_MS)))?;
    Ok(())
}

fn outbox(db: &Connection, sealing: &Sealing<'_>) -> Result<Vec<Pending>, VaultError> {
    let mut query = db.prepare_cached("SELECT id, rev, epoch, exp, body FROM outbox ORDER BY exp, id")?;
    let mut found = query.query([])?;
    let mut waiting = Vec::new();
    while let Some(row) = found.next()? {
        let unsealed = row.get(3)?;
        let sealed = Sealed::of(row, [0, 1, 2, 4])?;
        let opened = sealing.open(Table::Outbox, &sealed);
        let Some(OutboxBody { enrolment, request, kind, text, told, exp }) = opened else { continue };
        let Some(kind) = AnswerKind::of(kind) else { continue };
        let exp = exp.unwrap_or(unsealed);
        waiting.push(Pending { key: sealed.id, enrolment, request, kind, text, exp, told });
    }
    Ok(waiting)
}

/// Names a request of a credential without saying which.
fn seen_key(sealing: &Sealing<'_>, credential: &str, request: &str) -> [u8; 16] {
    let mut mac = Hmac::<Sha256>::new_from_slice(sealing.keys.push.expose()).expect("HMAC takes any key");
    mac.update(&(credential.len() as u64).to_be_bytes());
    mac.update(credential.as_bytes());
    mac.update(request.as_bytes());
    mac.finalize().into_bytes()[..16].try_into().expect("SHA-256 has 32 bytes")
}

impl HistoryEntry {
    fn of(body: HistoryBody, unsealed: i64) -> Option<Self> {
        let HistoryBody { enrolment, request, kind, outcome, told, answered_ms } = body;
        Some(Self {
            enrolment: EnrolmentId(enrolment[..].try_into().ok()?),
            request,
            kind: AnswerKind::of(kind)?,
            outcome: Outcome::of(outcome)?,
            told,
            answered_ms: answered_ms.unwrap_or(unsealed),
        })
    }
}

impl AnswerKind {
    fn number(self) -> u8 {
        match self {
            Self::Approve => 1,
            Self::Deny => 2,
            Self::Report => 3,
        }
    }

    fn of(number: u8) -> Option<Self> {
        [Self::Approve, Self::Deny, Self::Report].into_iter().find(|kind| kind.number() == number)
    }
}

impl Outcome {
    const ALL: [Self; 9] = [
        Self::Approved,
        Self::Denied,
        Self::Reported,
        Self::WrongMatch,
        Self::Elsewhere,
        Self::Expired,
        Self::Replaced,
        Self::Cancelled,
        Self::Dropped,
    ];

    fn number(self) -> u8 {
        match self {
            Self::Approved => 1,
            Self::Denied => 2,
            Self::Reported => 3,
            Self::WrongMatch => 4,
            Self::Elsewhere => 5,
            Self::Expired => 6,
            Self::Replaced => 7,
            Self::Cancelled => 8,
            Self::Dropped => 9,
        }
    }

    fn of(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.number() == number)
    }
}
