//! The number that text messages go to: one an account, E.164, sealed.

use authenticator_core::secret::SecretText;
use rusqlite::{Connection, OptionalExtension, params};

use super::{Change, Method, Session, notices, sessions};
use crate::sealing::Sealing;
use crate::store::Tx;
use crate::{Failure, Service};

/// A confirmed number.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Number {
    /// E.164, `+31612345678`.
    pub e164: SecretText,
    /// When it was confirmed, Unix seconds.
    pub confirmed_at: i64,
    /// When a code to it was last right, Unix seconds.
    pub last_used_at: Option<i64>,
}

/// Returns the user's number.
///
/// # Errors
/// [`Failure`].
pub fn get(conn: &Connection, sealing: &Sealing, user: &str) -> Result<Option<Number>, Failure> {
    let mut query =
        conn.prepare_cached("SELECT number, confirmed_at, last_used_at FROM numbers WHERE user = ?1")?;
    let found = query
        .query_row([user], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((sealed, confirmed_at, last_used_at)) = found else { return Ok(None) };
    Ok(Some(Number { e164: open(sealing, user, &sealed)?, confirmed_at, last_used_at }))
}

/// Opens a sealed number.
pub(crate) fn open(sealing: &Sealing, user: &str, sealed: &[u8]) -> Result<SecretText, Failure> {
    let bytes = sealing.open("numbers", user, sealed)?;
    let text = std::str::from_utf8(bytes.expose()).map_err(|_| Failure::Stored("number"))?;
    Ok(SecretText::from(text))
}

/// Records a number that a code confirmed, and that the session proved it. A changed number is a new factor:
/// the old one is told.
///
/// # Errors
/// [`Failure`].
pub fn confirm(
    tx: &Tx<'_>,
    sealing: &Sealing,
    session: &Session,
    e164: &str,
    now: i64,
) -> Result<(), Failure> {
    let user = &session.user.id;
    notices::add(tx, user, notices::Kind::NumberAdded, "", now)?;
    let sealed = sealing.seal("numbers", user, e164.as_bytes())?;
    tx.execute(
        "INSERT INTO numbers (user, number, confirmed_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (user) DO UPDATE SET number = ?2, confirmed_at = ?3, last_used_at = NULL",
        params![user, sealed, now],
    )?;
    if session.factor.is_none() {
        sessions::prove(tx, &session.key, user, Method::Text, now)?;
    }
    tx.changed(user);
    Ok(())
}

/// Records that a code to the number was right at a sign-in.
///
/// # Errors
/// [`Failure`].
pub fn used(tx: &Tx<'_>, session: &Session, now: i64) -> Result<(), Failure> {
    tx.execute("UPDATE numbers SET last_used_at = ?2 WHERE user = ?1", params![session.user.id, now])?;
    sessions::prove(tx, &session.key, &session.user.id, Method::Text, now)
}

/// Removes the number.
///
/// # Errors
/// [`Failure`].
pub async fn remove(service: &Service, session: &Session) -> Result<Change, Failure> {
    let (session, now) = (session.clone(), service.clock().now());
    if !session.may_change(now) {
        return Ok(Change::NotFresh);
    }
    service
        .store()
        .write(move |tx| {
            let user = &session.user.id;
            if !tx.prepare_cached("SELECT 1 FROM numbers WHERE user = ?1")?.exists([user])? {
                return Ok(Change::Unknown);
            }
            notices::add(tx, user, notices::Kind::NumberRemoved, "", now)?;
            tx.execute("DELETE FROM numbers WHERE user = ?1", [user])?;
            tx.changed(user);
            Ok(Change::Done)
        })
        .await
}
