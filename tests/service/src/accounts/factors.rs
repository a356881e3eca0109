//! All second factors of a user, as the security page lists them.

use rusqlite::{Connection, OptionalExtension};

use super::{Change, Session, notices, numbers, recovery, totp};
use crate::push::credentials::{self, Phone};
use crate::{Failure, Service};

/// What a user can prove a sign-in with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Factors {
    /// Phones, those in set-up included.
    pub phones: Vec<Phone>,
    /// Other authenticator apps.
    pub apps: Vec<App>,
    /// Whether any code from an app is taken: another app's, or that of a phone that came with one.
    pub codes: bool,
    /// The number for text messages.
    pub number: Option<numbers::Number>,
    /// Recovery codes that are left.
    pub recovery_left: u32,
}

/// Another authenticator app that gives codes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct App {
    /// Its id.
    pub id: String,
    /// When it was added, Unix seconds.
    pub created_at: i64,
    /// When a code of it was last right, Unix seconds.
    pub last_used_at: Option<i64>,
}

/// Tells whether there is any second factor: a phone that was active, an app or a number. Recovery codes are
/// none by themselves. A phone whose approval key is made anew still is one: else a password alone would be
/// enough to enrol while it waits for its test.
pub(crate) fn any(conn: &Connection, user: &str) -> Result<bool, Failure> {
    let mut query = conn.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM credentials
                        WHERE user = ?1 AND activated_at IS NOT NULL AND state <> 'revoked')
             OR EXISTS (SELECT 1 FROM totp WHERE user = ?1 AND credential IS NULL AND confirmed_at IS NOT NULL)
             OR EXISTS (SELECT 1 FROM numbers WHERE user = ?1)",
    )?;
    Ok(query.query_row([user], |row| row.get(0))?)
}

/// Lists a user's factors.
///
/// # Errors
/// [`Failure`].
pub fn list(service: &Service, user: &str) -> Result<Factors, Failure> {
    let now = service.clock().now();
    service.store().read(|conn| {
        let mut query = conn.prepare_cached(
            "SELECT id, created_at, last_used_at FROM totp
             WHERE user = ?1 AND credential IS NULL AND confirmed_at IS NOT NULL ORDER BY created_at",
        )?;
        let apps = query.query_map([user], |row| {
            Ok(App { id: row.get(0)?, created_at: row.get(1)?, last_used_at: row.get(2)? })
        })?;
        let apps = apps.collect::<Result<Vec<_>, _>>()?;
        Ok(Factors {
            phones: credentials::of_user(conn, user, now)?,
            apps,
            codes: totp::any(conn, user)?,
            number: numbers::get(conn, service.sealing(), user)?,
            recovery_left: recovery::left(conn, user)?,
        })
    })
}

/// Removes another authenticator app.
///
/// # Errors
/// [`Failure`].
pub async fn remove_app(service: &Service, session: &Session, id: &str) -> Result<Change, Failure> {
    let (session, id, now) = (session.clone(), id.to_owned(), service.clock().now());
    if !session.may_change(now) {
        return Ok(Change::NotFresh);
    }
    service
        .store()
        .write(move |tx| {
            let gone = tx
                .query_row(
                    "DELETE FROM totp WHERE id = ?1 AND user = ?2 AND credential IS NULL RETURNING confirmed_at",
                    [&id, &session.user.id],
                    |row| row.get::<_, Option<i64>>(0),
                )
                .optional()?;
            let Some(confirmed_at) = gone else { return Ok(Change::Unknown) };
            if confirmed_at.is_some() {
                notices::add(tx, &session.user.id, notices::Kind::AppRemoved, "", now)?;
            }
            tx.changed(&session.user.id);
            Ok(Change::Done)
        })
        .await
}
