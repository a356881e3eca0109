//! What an import would add, before it does.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use authenticator_core::account::Account;
use authenticator_core::authenticator::Added;
use authenticator_core::vault::Duplicate;

use crate::authenticator::Authenticator;
use crate::error::ImportError;
use crate::records::{ImportProblem, ImportReport, PreviewRow, PreviewStatus, at, count, small};
use crate::scan::{Migrated, ScanSession};

/// Everything that an import found, how each account stands to the vault, and what is ticked. Nothing is added before
/// `commit`, and a preview that is dropped has added nothing.
#[derive(uniffi::Object)]
pub struct ImportPreview {
    own: Arc<Authenticator>,
    found: Mutex<Found>,
}

struct Found {
    rows: Vec<Row>,
    problems: Vec<ImportProblem>,
    committed: bool,
}

struct Row {
    account: Account,
    status: PreviewStatus,
    ticked: bool,
}

#[uniffi::export]
impl Authenticator {
    /// Previews the exports of Google Authenticator that a session has collected, complete or not.
    pub async fn preview_scanned(
        self: Arc<Self>,
        session: Arc<ScanSession>,
    ) -> Result<Arc<ImportPreview>, ImportError> {
        self.write(move |own| {
            let Migrated { accounts, problems } = session.migrated();
            if accounts.is_empty() && problems.is_empty() {
                return Err(ImportError::NothingFound);
            }
            let rows = compared(own, accounts)?;
            let problems = problems.into_iter().map(|(part, place, why)| ImportProblem {
                place: format!("{part}.{place}"),
                report: why.to_string(),
            });
            let found = Found { rows, problems: problems.collect(), committed: false };
            Ok(found)
        })
        .await
        .map(|found| Arc::new(ImportPreview { own: self, found: Mutex::new(found) }))
    }
}

#[uniffi::export]
impl ImportPreview {
    /// Returns the rows, in the order of the export. Any thread; at once.
    pub fn rows(&self) -> Vec<PreviewRow> {
        let row = |(number, row): (usize, &Row)| {
            let Row { account, status, ticked } = row;
            let Account { issuer, account_name, otp, extra: _ } = account;
            PreviewRow {
                number: small(number),
                issuer: issuer.clone(),
                account_name: account_name.clone(),
                kind: otp.kind(),
                status: status.clone(),
                ticked: *ticked,
            }
        };
        self.found().rows.iter().enumerate().map(row).collect()
    }

    /// Returns the entries that cannot be used, and why. Any thread; at once.
    pub fn problems(&self) -> Vec<ImportProblem> {
        self.found().problems.clone()
    }

    /// Ticks a row or takes its tick away; a duplicate cannot be ticked, and a row that is not there is left alone.
    /// Any thread; at once.
    pub fn set_ticked(&self, number: i32, ticked: bool) {
        let mut found = self.found();
        if let Some(row) = usize::try_from(number).ok().and_then(|number| found.rows.get_mut(number)) {
            row.ticked = ticked && row.status != PreviewStatus::Duplicate;
        }
    }

    /// Adds what is ticked, after a snapshot, and says what the import came to. Once.
    pub async fn commit(self: Arc<Self>, at_ms: i64) -> Result<ImportReport, ImportError> {
        let own = Arc::clone(&self.own);
        own.write(move |own| {
            let (ticked, mut report) = self.begin()?;
            let added = own.core.snapshot_before(at(at_ms)).map_err(ImportError::from).and_then(|()| {
                ticked.into_iter().try_for_each(|account| {
                    // The vault may have changed since the preview: it says the last word.
                    match own.core.add(account.into(), at(at_ms))? {
                        Added::AlreadyThere(_) => report.duplicates += 1,
                        Added::New(_)
                        | Added::SameSecretOtherName { .. }
                        | Added::SameNameOtherSecret { .. } => {
                            report.imported += 1;
                        }
                    }
                    Ok(())
                })
            });
            if added.is_err() {
                self.found().committed = false;
            }
            added.map(|()| report)
        })
        .await
    }
}

impl ImportPreview {
    /// Returns the accounts that are ticked, and what is known of the rest; from here on it is committed.
    fn begin(&self) -> Result<(Vec<Account>, ImportReport), ImportError> {
        let mut found = self.found();
        if std::mem::replace(&mut found.committed, true) {
            return Err(ImportError::Committed);
        }
        let is_duplicate = |row: &&Row| row.status == PreviewStatus::Duplicate;
        let ticked: Vec<Account> =
            found.rows.iter().filter(|row| row.ticked).map(|row| row.account.clone()).collect();
        let duplicates = found.rows.iter().filter(is_duplicate).count();
        let report = ImportReport {
            total: count(found.rows.len() + found.problems.len()),
            imported: 0,
            duplicates: count(duplicates),
            damaged: count(found.problems.len()),
            skipped: count(found.rows.len() - duplicates - ticked.len()),
        };
        Ok((ticked, report))
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says how each account stands to the vault, and to those before it.
fn compared(own: &Authenticator, accounts: Vec<Account>) -> Result<Vec<Row>, ImportError> {
    let mut rows: Vec<Row> = Vec::with_capacity(accounts.len());
    for account in accounts {
        let twice =
            rows.iter().any(|row| row.account.same_credential(&account) && row.account.same_names(&account));
        let status = match (own.core.find_duplicate(&account)?, twice) {
            (Duplicate::Same(_), _) | (_, true) => PreviewStatus::Duplicate,
            (Duplicate::None, false) => PreviewStatus::New,
            (Duplicate::SameSecretOtherName(id), false) => {
                PreviewStatus::SameSecretOtherName { id: id.to_string() }
            }
            (Duplicate::SameNameOtherSecret(id), false) => {
                PreviewStatus::SameNameOtherSecret { id: id.to_string() }
            }
        };
        let ticked = status != PreviewStatus::Duplicate;
        rows.push(Row { account, status, ticked });
    }
    Ok(rows)
}
