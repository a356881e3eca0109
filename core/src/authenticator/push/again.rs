//! Which services this phone must be enrolled with anew: keys do not move with a backup, accounts do.

use std::collections::BTreeSet;

use super::{Authenticator, EnrolmentInfo, EnrolmentState, NoSuch, PushError};
use crate::account::Account;
use crate::push::enrolment::Stage;
use crate::vault::push_db::EnrolmentRow;
use crate::vault::{ItemId, Renewal};

/// A service that approved on another phone, and does not know this one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EnrolAgain {
    /// The account for codes that came with the other phone's enrolment; its codes work until that is removed.
    pub account: ItemId,
    /// The service's host, punycode visible: its page has "add a phone".
    pub host: String,
    /// The organisation.
    pub service: String,
    /// The account's label there.
    pub account_name: String,
}

/// The parameter of an account that says which service it came from. A text of the account carries it along, and other
/// apps pass over what they do not know.
const PARAMETER: &str = "klink_push";

/// How far enrolling anew has come: "2 of 3". Services of this phone alone count as done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Reconnected {
    /// Services that know this phone.
    pub done: usize,
    /// Services whose accounts are here.
    pub of: usize,
}

impl Authenticator {
    /// Returns the services to enrol with anew, after a restore or a move: the accounts that came with an enrolment,
    /// and for which this phone has none.
    ///
    /// # Errors
    /// [`PushError::Locked`]; as [`Authenticator::enrolments`].
    pub async fn to_enrol_again(&self) -> Result<Vec<EnrolAgain>, PushError> {
        let came = self.came_with_an_enrolment().await?;
        Ok(came.into_iter().filter(|(_, known)| !known).map(|(again, _)| again).collect())
    }

    /// Says how many of the services of [`Authenticator::to_enrol_again`] are done. An account that enrolling anew brought
    /// stands for the same service as the one that came from the other phone.
    ///
    /// # Errors
    /// As [`Authenticator::to_enrol_again`].
    pub async fn reconnected(&self) -> Result<Reconnected, PushError> {
        let came = self.came_with_an_enrolment().await?;
        let count = |wanted: fn(bool) -> bool| {
            let rows = came.iter().filter(|(_, known)| wanted(*known));
            rows.map(|(again, _)| (&again.host, &again.account_name)).collect::<BTreeSet<_>>().len()
        };
        let of = count(|_| true);
        Ok(Reconnected { done: of - count(|known| !known), of })
    }

    /// Returns the accounts that came with an enrolment, and whether this phone has one for each.
    async fn came_with_an_enrolment(&self) -> Result<Vec<(EnrolAgain, bool)>, PushError> {
        let items = self.list()?;
        let known = match self.push_db(|db| db.enrolments()).await {
            Ok(all) => all.rows,
            Err(PushError::NoSuch(NoSuch::Enrolments)) => Vec::new(),
            Err(error) => return Err(error),
        };
        // The row's own account, or another of the same name: enrolling anew brings a new one.
        let stands_for = |row: &EnrolmentRow, again: &EnrolAgain| {
            let own = row.enrolment.item.as_ref().is_some_and(|item| item[..] == again.account.bytes()[..]);
            let same_name = row.names.as_ref().is_some_and(|names| names.account_name == again.account_name);
            row.stage != Stage::Failed && (own || row.enrolment.host() == again.host && same_name)
        };
        let came = items.into_iter().filter_map(|item| {
            let (_, host) = item.extra.iter().find(|(name, _)| name == PARAMETER)?;
            let (account, host, service, account_name) =
                (item.id, host.clone(), item.issuer, item.account_name);
            let again = EnrolAgain { account, host, service, account_name };
            let known = known.iter().any(|row| stands_for(row, &again));
            Some((again, known))
        });
        Ok(came.collect())
    }

    /// Returns the enrolments that another device has to make anew: for [`Authenticator::send_accounts`].
    ///
    /// # Errors
    /// As [`Authenticator::enrolments`].
    pub async fn renewals(&self) -> Result<Vec<Renewal>, PushError> {
        let enrolments = self.enrolments().await?;
        Ok(enrolments.into_iter().filter(|row| !row.state.has_ended()).map(Into::into).collect())
    }
}

impl EnrolmentState {
    /// Tells whether the service wants nothing more of it.
    fn has_ended(&self) -> bool {
        match self {
            Self::Revoked(_) | Self::Failed(_) => true,
            Self::Enrolling | Self::PendingTest | Self::Active | Self::NeedsApprovalKey | Self::Damaged => {
                false
            }
        }
    }
}

impl From<EnrolmentInfo> for Renewal {
    fn from(row: EnrolmentInfo) -> Self {
        let EnrolmentInfo { host, service, account_name, .. } = row;
        Self { host, service: service.unwrap_or_default(), account_name: account_name.unwrap_or_default() }
    }
}

/// Has an account remember which service it came from.
pub(super) fn remember(account: &mut Account, host: &str) {
    account.extra.retain(|(name, _)| name != PARAMETER);
    account.extra.push((PARAMETER.to_owned(), host.to_owned()));
}
