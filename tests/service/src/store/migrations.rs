//! The steps from an empty file to today's tables. A step that was released is never edited.

use rusqlite::Connection;

use crate::{Failure, accounts, ciba, keys, push, requests, texts};

/// What each step executes; `user_version` counts those that were done.
const STEPS: &[&[&str]] =
    &[&[keys::TABLES, accounts::TABLES, push::TABLES, requests::TABLES, texts::TABLES, ciba::TABLES]];

/// Brings the tables up to date, in one transaction.
pub(super) fn run(conn: &mut Connection) -> Result<(), Failure> {
    let tx = conn.transaction()?;
    let done: u32 = tx.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let open = STEPS.get(done as usize..).ok_or(Failure::Stored("database version"))?;
    for tables in open.iter().flat_map(|step| step.iter()) {
        tx.execute_batch(tables)?;
    }
    let all = u32::try_from(STEPS.len()).expect("a handful");
    tx.pragma_update(None, "user_version", all)?;
    Ok(tx.commit()?)
}
