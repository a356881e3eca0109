//! Limits: so many events of a kind by someone within a time.

use rusqlite::{Connection, params};

use crate::Failure;

/// At most `most` events within `within_s` seconds.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Events.
    pub most: u32,
    /// Seconds.
    pub within_s: i64,
}

/// Wrong passwords for one account from one address.
pub const PASSWORD: Limit = Limit { most: 10, within_s: 900 };
/// Wrong passwords for one account from anywhere: higher, so that a stranger cannot lock someone out cheaply.
pub const PASSWORD_ANYWHERE: Limit = Limit { most: 100, within_s: 900 };
/// Wrong passwords from one address for any account.
pub const ADDRESS: Limit = Limit { most: 50, within_s: 900 };
/// Wrong codes of one account: from an app, recovery codes and one-time passes together.
pub const CODES: Limit = Limit { most: 5, within_s: 900 };

/// Returns how many events there were.
///
/// # Errors
/// [`Failure::Store`].
pub fn count(conn: &Connection, what: &str, who: &str, since: i64) -> Result<u32, Failure> {
    let mut query =
        conn.prepare_cached("SELECT count(*) FROM attempts WHERE what = ?1 AND who = ?2 AND at > ?3")?;
    Ok(query.query_row(params![what, who, since], |row| row.get(0))?)
}

/// Returns how many seconds to wait before the next event, when there were too many.
///
/// # Errors
/// [`Failure::Store`].
pub fn wait(
    conn: &Connection,
    what: &str,
    who: &str,
    now: i64,
    limit: Limit,
) -> Result<Option<i64>, Failure> {
    let mut query = conn.prepare_cached(
        "SELECT at FROM attempts WHERE what = ?1 AND who = ?2 AND at > ?3 ORDER BY at DESC LIMIT 1 OFFSET ?4",
    )?;
    let mut rows =
        query.query(params![what, who, now - limit.within_s, i64::from(limit.most.saturating_sub(1))])?;
    match rows.next()? {
        Some(row) => Ok(Some((row.get::<_, i64>(0)? + limit.within_s - now).max(1))),
        None => Ok(None),
    }
}

/// Records an event.
///
/// # Errors
/// [`Failure::Store`].
pub fn note(conn: &Connection, what: &str, who: &str, now: i64) -> Result<(), Failure> {
    conn.prepare_cached("INSERT INTO attempts (what, who, at) VALUES (?1, ?2, ?3)")?
        .execute(params![what, who, now])?;
    Ok(())
}

/// Records an event unless there were too many; then returns the seconds to wait.
///
/// # Errors
/// [`Failure::Store`].
pub fn hit(conn: &Connection, what: &str, who: &str, now: i64, limit: Limit) -> Result<Option<i64>, Failure> {
    let waiting = wait(conn, what, who, now, limit)?;
    if waiting.is_none() {
        note(conn, what, who, now)?;
    }
    Ok(waiting)
}

/// Forgets someone's events of a kind.
///
/// # Errors
/// [`Failure::Store`].
pub fn clear(conn: &Connection, what: &str, who: &str) -> Result<(), Failure> {
    conn.prepare_cached("DELETE FROM attempts WHERE what = ?1 AND who = ?2")?.execute(params![what, who])?;
    Ok(())
}

/// Forgets all events older than two days: no limit looks further back.
///
/// # Errors
/// [`Failure::Store`].
pub fn forget_old(conn: &Connection, now: i64) -> Result<(), Failure> {
    conn.execute("DELETE FROM attempts WHERE at < ?1", [now - 2 * 86_400])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit { most: 3, within_s: 100 };

    fn conn() -> Connection {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(crate::accounts::TABLES).unwrap();
        conn
    }

    #[test]
    fn the_fourth_within_the_time_waits_until_the_first_is_old() {
        let conn = conn();
        for at in [10, 20, 30] {
            assert_eq!(hit(&conn, "x", "a", at, LIMIT).unwrap(), None);
        }
        assert_eq!(hit(&conn, "x", "a", 40, LIMIT).unwrap(), Some(70));
        assert_eq!(hit(&conn, "x", "b", 40, LIMIT).unwrap(), None);
        assert_eq!(hit(&conn, "y", "a", 40, LIMIT).unwrap(), None);
        assert_eq!(hit(&conn, "x", "a", 110, LIMIT).unwrap(), None);
    }

    #[test]
    fn success_forgets_the_failures() {
        let conn = conn();
        for at in [10, 20, 30] {
            note(&conn, "x", "a", at).unwrap();
        }
        clear(&conn, "x", "a").unwrap();
        assert_eq!(wait(&conn, "x", "a", 40, LIMIT).unwrap(), None);
    }
}
