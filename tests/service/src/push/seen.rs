//! Ids of messages that are good once: assertions, updates, rotations.

use rusqlite::params;

use crate::Failure;
use crate::store::Tx;

/// Notes an id; false when it came before.
pub(super) fn first_time(tx: &Tx<'_>, jti: &str, until: i64) -> Result<bool, Failure> {
    let mut query =
        tx.prepare_cached("INSERT INTO seen (jti, until) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?;
    Ok(query.execute(params![jti, until])? == 1)
}

/// Forgets ids of messages that are no longer good by their own dates.
pub(crate) fn forget(tx: &Tx<'_>, now: i64) -> Result<(), Failure> {
    tx.execute("DELETE FROM seen WHERE until < ?1", [now])?;
    tx.execute("DELETE FROM rotations WHERE until < ?1", [now])?;
    Ok(())
}
