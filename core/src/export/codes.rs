//! Texts of QR codes: one an account, or Google's parts of at most ten.

use super::ExportError;
use super::record::Record;
use crate::account::Account;
use crate::crypto::random;
use crate::secret::SecretText;
use crate::uri::{self, migration};

pub(super) fn single(records: &[Record]) -> Vec<SecretText> {
    records.iter().map(|record| uri::print(&record.account)).collect()
}

pub(super) fn migration(records: &[Record]) -> Result<Vec<SecretText>, ExportError> {
    let accounts: Vec<Account> = records.iter().map(|record| record.account.clone()).collect();
    // Google's own ids are positive, and 0 is what older versions left out.
    let id = i32::from_be_bytes(random::make_array()?) & i32::MAX;
    Ok(migration::print(&accounts, id.max(1)).parts)
}
