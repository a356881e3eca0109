//! How often an account may be asked, push-protocol.md section 3.4: limits are of the account, not of a request.

use rusqlite::{Connection, params};

use crate::Failure;
use crate::accounts::limits::{self, Limit};

/// Sign-in pushes within five minutes.
const BURST: Limit = Limit { most: 3, within_s: 300 };
/// Sign-in pushes within a day while none was approved.
const DAY: Limit = Limit { most: 10, within_s: 86_400 };
/// Tests of one active phone within a day.
const TESTS: Limit = Limit { most: 5, within_s: 86_400 };
/// Tests of one phone during its set-up; then a new QR code is needed.
pub const SET_UP_TESTS: u32 = 5;
/// Denials within [`MUTE_S`] that stop pushes for as long.
const DENIES: u32 = 2;
/// Seconds.
const MUTE_S: i64 = 900;
/// Failures in a row, whatever the numbers were (NIST SP 800-63B-4 section 3.1.3: at most 100).
pub const FAILURES: i64 = 100;
/// The first wait after three pushes in vain, seconds; it doubles.
const FIRST_WAIT_S: i64 = 30;
/// The longest wait, seconds.
const LONGEST_WAIT_S: i64 = 3600;

/// Whether an account may be asked now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum May {
    /// It may.
    Ask,
    /// Too many.
    Wait {
        /// Seconds until the next.
        retry_s: i64,
    },
    /// The user denied or reported.
    Muted {
        /// Until when; none: until another factor was proved.
        until: Option<i64>,
    },
}

/// Tells whether a sign-in may be asked for; counts it when so.
///
/// # Errors
/// [`Failure`].
pub fn login(conn: &Connection, user: &str, now: i64) -> Result<May, Failure> {
    let mut query = conn.prepare_cached("SELECT muted_until, reported, failures FROM users WHERE id = ?1")?;
    let (muted_until, reported, failures): (i64, i64, i64) =
        query.query_row([user], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    if reported > 0 || failures >= FAILURES {
        return Ok(May::Muted { until: None });
    }
    if muted_until > now {
        return Ok(May::Muted { until: Some(muted_until) });
    }
    let waits = [
        limits::wait(conn, "push", user, now, BURST)?,
        limits::wait(conn, "push_in_vain", user, now, DAY)?,
        back_off(conn, user, now)?,
    ];
    if let Some(retry_s) = waits.into_iter().flatten().max() {
        return Ok(May::Wait { retry_s });
    }
    limits::note(conn, "push", user, now)?;
    limits::note(conn, "push_in_vain", user, now)?;
    Ok(May::Ask)
}

/// Tells whether an active phone may be tested; counts it when so.
///
/// # Errors
/// [`Failure`].
pub fn test(conn: &Connection, credential: &str, now: i64) -> Result<May, Failure> {
    Ok(match limits::hit(conn, "test", credential, now, TESTS)? {
        Some(retry_s) => May::Wait { retry_s },
        None => May::Ask,
    })
}

/// A sign-in was approved: what was in vain is forgotten.
pub(super) fn approved(conn: &Connection, user: &str) -> Result<(), Failure> {
    for what in ["push_in_vain", "denied"] {
        limits::clear(conn, what, user)?;
    }
    conn.prepare_cached("UPDATE users SET failures = 0 WHERE id = ?1 AND failures > 0")?.execute([user])?;
    Ok(())
}

/// A sign-in was denied, reported, or approved with a wrong number.
pub(super) fn failed(conn: &Connection, user: &str) -> Result<(), Failure> {
    conn.execute("UPDATE users SET failures = failures + 1 WHERE id = ?1", [user])?;
    Ok(())
}

/// A sign-in was denied: the second one mutes.
pub(super) fn denied(conn: &Connection, user: &str, now: i64) -> Result<(), Failure> {
    limits::note(conn, "denied", user, now)?;
    if limits::count(conn, "denied", user, now - MUTE_S)? >= DENIES {
        conn.execute("UPDATE users SET muted_until = ?2 WHERE id = ?1", params![user, now + MUTE_S])?;
    }
    Ok(())
}

/// A sign-in was reported: no pushes until another factor; with `lock`, no text messages either.
pub(super) fn reported(conn: &Connection, user: &str, lock: bool) -> Result<(), Failure> {
    let reported = if lock { 2 } else { 1 };
    conn.execute("UPDATE users SET reported = max(reported, ?2) WHERE id = ?1", params![user, reported])?;
    Ok(())
}

/// Tells whether the next request is shown only to someone who opens the app: one failed within the hour.
pub(super) fn is_quiet(conn: &Connection, user: &str, now: i64) -> Result<bool, Failure> {
    let mut query = conn.prepare_cached(
        "SELECT 1 FROM requests WHERE user = ?1 AND made_at > ?2 AND act = 'login'
         AND state IN ('denied', 'wrong_match', 'reported')",
    )?;
    Ok(query.exists(params![user, now - 3600])?)
}

fn back_off(conn: &Connection, user: &str, now: i64) -> Result<Option<i64>, Failure> {
    let in_vain = limits::count(conn, "push_in_vain", user, now - DAY.within_s)?;
    let Some(doubled) = in_vain.checked_sub(BURST.most) else { return Ok(None) };
    let wait = FIRST_WAIT_S.saturating_mul(1 << doubled.min(10)).min(LONGEST_WAIT_S);
    limits::wait(conn, "push_in_vain", user, now, Limit { most: 1, within_s: wait })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conn() -> Connection {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(crate::accounts::TABLES).unwrap();
        conn.execute(
            "INSERT INTO users (id, name, display, password, created_at) VALUES ('u', 'u', 'U', x'00', 0)",
            [],
        )
        .unwrap();
        conn
    }

    /// Asks every second for `seconds`; returns when it was allowed.
    fn flood(conn: &Connection, from: i64, seconds: i64) -> Vec<i64> {
        (from..from + seconds).filter(|now| login(conn, "u", *now).unwrap() == May::Ask).collect()
    }

    #[test]
    fn two_hundred_a_minute_become_three() {
        assert_eq!(flood(&conn(), 1000, 60), [1000, 1001, 1002]);
    }

    #[test]
    fn a_day_of_asking_in_vain_is_ten_pushes_further_and_further_apart() {
        let allowed = flood(&conn(), 1000, 86_000);
        assert_eq!(allowed.len(), 10);
        let gaps: Vec<i64> = allowed.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(gaps[8] >= 1920 && gaps[8] > gaps[5], "{gaps:?}");
    }

    #[test]
    fn an_approval_forgets_what_was_in_vain() {
        let conn = conn();
        flood(&conn, 1000, 3);
        approved(&conn, "u").unwrap();
        assert_eq!(flood(&conn, 1301, 3), [1301, 1302, 1303]);
    }

    #[test]
    fn the_second_denial_mutes_for_a_quarter_of_an_hour() {
        let conn = conn();
        denied(&conn, "u", 1000).unwrap();
        assert_eq!(login(&conn, "u", 1000).unwrap(), May::Ask);
        denied(&conn, "u", 1100).unwrap();
        assert_eq!(login(&conn, "u", 1101).unwrap(), May::Muted { until: Some(2000) });
        assert_eq!(login(&conn, "u", 2000).unwrap(), May::Ask);
    }

    #[test]
    fn a_report_or_a_hundred_failures_stop_pushes_until_another_factor() {
        for stop in [0, 1] {
            let conn = conn();
            if stop == 0 {
                reported(&conn, "u", false).unwrap();
            } else {
                for _ in 0..FAILURES {
                    assert!(!matches!(login(&conn, "u", 0).unwrap(), May::Muted { .. }));
                    limits::clear(&conn, "push", "u").unwrap();
                    limits::clear(&conn, "push_in_vain", "u").unwrap();
                    failed(&conn, "u").unwrap();
                }
            }
            assert_eq!(login(&conn, "u", 1 << 40).unwrap(), May::Muted { until: None });
        }
    }

    #[test]
    fn a_phone_is_tested_five_times_a_day() {
        let conn = conn();
        let allowed = (0..10).filter(|n| test(&conn, "c", 1000 + n).unwrap() == May::Ask).count();
        assert_eq!(allowed, 5);
        assert_eq!(test(&conn, "c", 1000 + 86_401).unwrap(), May::Ask);
    }
}
