//! What stands in `push.db`: enrolments and past answers, as a screen shows them.

use super::{Authenticator, NoSuch, PushError};
use crate::push::enrolment::Stage;
use crate::time::UnixTime;
use crate::vault::ItemId;
use crate::vault::push_db::{AnswerKind, EnrolmentId, EnrolmentRow, Enrolments, Outcome};

/// One enrolment, as a list shows it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EnrolmentInfo {
    /// Names it.
    pub id: EnrolmentId,
    /// How far it has come.
    pub state: EnrolmentState,
    /// The service's host, punycode visible.
    pub host: String,
    /// The user's own name for it, or the organisation's; `None` while the vault is locked.
    pub service: Option<String>,
    /// The account's label; `None` while the vault is locked.
    pub account_name: Option<String>,
    /// PNG or JPEG; `None` without one and while the vault is locked.
    pub logo: Option<Vec<u8>>,
    /// Six digits to compare with the page, until a test was approved.
    pub check_number: Option<String>,
    /// When it was made.
    pub created_at: UnixTime,
    /// When the service last answered a look.
    pub last_poll_answered: Option<UnixTime>,
    /// When a wake-up last arrived.
    pub last_push_received: Option<UnixTime>,
    /// Whether hardware holds both keys.
    pub hardware: bool,
    /// Whether the service lets this phone make a new approval key now.
    pub may_renew_approval_key: bool,
    /// Milliseconds that the service's clock is ahead of this phone's.
    pub clock_offset_ms: i64,
    /// Until when its requests are not announced.
    pub quiet_until: Option<UnixTime>,
    /// Where its wake-ups go; `None`: nowhere, the phone asks while the app is open.
    pub push_endpoint: Option<String>,
    /// The account for codes that came with it; it may be gone.
    pub account: Option<ItemId>,
}

/// How far an enrolment has come.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum EnrolmentState {
    /// The service's reply is not known: resume it while the offer lasts.
    Enrolling,
    /// Set-up is not finished: approve the test that the page sends.
    PendingTest,
    /// It works.
    Active,
    /// The approval key is gone: make a new one from the service's page.
    NeedsApprovalKey,
    /// The service has taken it back, with its word for why.
    Revoked(Option<String>),
    /// The service refused it, with its word for why.
    Failed(Option<String>),
    /// Its row does not open, and is kept as it is: enrol again.
    Damaged,
}

impl EnrolmentState {
    /// Tells whether the service is asked for requests.
    pub fn works(&self) -> bool {
        match self {
            Self::PendingTest | Self::Active | Self::NeedsApprovalKey => true,
            Self::Enrolling | Self::Revoked(_) | Self::Failed(_) | Self::Damaged => false,
        }
    }
}

/// One answer of the past.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PastAnswer {
    /// Which enrolment answered; it may be gone.
    pub enrolment: EnrolmentId,
    /// The organisation; `None` while the vault is locked and when the enrolment is gone.
    pub service: Option<String>,
    /// The account's label, likewise.
    pub account_name: Option<String>,
    /// What the user answered.
    pub kind: AnswerKind,
    /// What became of it.
    pub outcome: Outcome,
    /// Who asked.
    pub application: String,
    /// From where.
    pub place: String,
    /// With what.
    pub device: String,
    /// When it was asked.
    pub asked_at: UnixTime,
    /// When its outcome was known.
    pub answered_at: UnixTime,
}

impl Authenticator {
    /// Returns the enrolments in the order they were made, those that do not open last. None is no error.
    ///
    /// # Errors
    /// [`PushError::KeyStore`], [`PushError::Vault`].
    pub async fn enrolments(&self) -> Result<Vec<EnrolmentInfo>, PushError> {
        let read = self.push_db(|db| {
            let Enrolments { rows, damaged } = db.enrolments()?;
            let rows = rows.into_iter().map(|row| db.quiet(row.id).map(|quiet| (row, quiet.until_ms)));
            Ok((rows.collect::<Result<Vec<_>, _>>()?, damaged))
        });
        let (rows, damaged) = match read.await {
            Ok(read) => read,
            Err(PushError::NoSuch(NoSuch::Enrolments)) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let damaged = damaged.into_iter().map(EnrolmentInfo::damaged);
        Ok(rows.into_iter().map(|(row, quiet)| EnrolmentInfo::of(row, quiet)).chain(damaged).collect())
    }

    /// Returns the answers of the past 90 days, at most 1,000, the newest first.
    ///
    /// # Errors
    /// [`PushError::KeyStore`], [`PushError::Vault`].
    pub async fn push_history(&self) -> Result<Vec<PastAnswer>, PushError> {
        let read = self.push_db(|db| Ok((db.history()?, db.enrolments()?.rows)));
        let ((entries, _), rows) = match read.await {
            Ok(read) => read,
            Err(PushError::NoSuch(NoSuch::Enrolments)) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let past = entries.into_iter().map(|entry| {
            let names = rows.iter().find(|row| row.id == entry.enrolment).and_then(|row| row.names.as_ref());
            PastAnswer {
                enrolment: entry.enrolment,
                service: names.map(|names| names.shown().to_owned()),
                account_name: names.map(|names| names.account_name.clone()),
                kind: entry.kind,
                outcome: entry.outcome,
                application: entry.told.application,
                place: entry.told.place,
                device: entry.told.device,
                asked_at: UnixTime::from_ms(entry.told.asked_ms),
                answered_at: UnixTime::from_ms(entry.answered_ms),
            }
        });
        Ok(past.collect())
    }
}

impl EnrolmentInfo {
    fn of(row: EnrolmentRow, quiet_until_ms: i64) -> Self {
        let EnrolmentRow { id, stage, enrolment, names } = row;
        Self {
            id,
            state: match stage {
                Stage::Enrolling => EnrolmentState::Enrolling,
                Stage::PendingTest => EnrolmentState::PendingTest,
                Stage::Active => EnrolmentState::Active,
                Stage::NeedsApprovalKey => EnrolmentState::NeedsApprovalKey,
                Stage::Revoked => EnrolmentState::Revoked(enrolment.reason.clone()),
                Stage::Failed => EnrolmentState::Failed(enrolment.reason.clone()),
            },
            host: enrolment.host().to_owned(),
            service: names.as_ref().map(|names| names.shown().to_owned()),
            account_name: names.as_ref().map(|names| names.account_name.clone()),
            logo: names.and_then(|names| names.logo.map(Into::into)),
            check_number: enrolment.check_number.clone(),
            created_at: UnixTime::from_ms(enrolment.created_ms),
            last_poll_answered: enrolment.polled_ms.map(UnixTime::from_ms),
            last_push_received: enrolment.woken_ms.map(UnixTime::from_ms),
            hardware: enrolment.hardware,
            may_renew_approval_key: enrolment.renew,
            clock_offset_ms: enrolment.offset_ms,
            quiet_until: (quiet_until_ms != 0).then(|| UnixTime::from_ms(quiet_until_ms)),
            push_endpoint: enrolment.wake_up.as_ref().map(|wake_up| wake_up.endpoint.clone()),
            account: enrolment.item.as_ref().and_then(|item| ItemId::from_bytes(item)),
        }
    }

    fn damaged(id: EnrolmentId) -> Self {
        Self {
            id,
            state: EnrolmentState::Damaged,
            host: String::new(),
            service: None,
            account_name: None,
            logo: None,
            check_number: None,
            created_at: UnixTime::from_ms(0),
            last_poll_answered: None,
            last_push_received: None,
            hardware: false,
            may_renew_approval_key: false,
            clock_offset_ms: 0,
            quiet_until: None,
            push_endpoint: None,
            account: None,
        }
    }
}
