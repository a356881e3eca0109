//! Credentials: one for each phone of an account, with its two public keys.

use authenticator_core::crypto::p256::PublicKey;
use authenticator_core::push::wire::PushAddress;
pub use authenticator_core::push::wire::RevokedReason as Reason;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::Failure;
use crate::accounts::notices::{self, Kind};
use crate::store::Tx;

/// Phones of an account at most, those in set-up included.
pub const MOST: usize = 5;
/// How long set-up may take from the enrolment on, seconds.
pub const SET_UP_S: i64 = 600;
/// How long a new approval key may be made after the page allowed it, seconds.
pub const RENEW_S: i64 = 600;

/// Where a credential stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum CredentialState {
    /// Good for tests only.
    Pending,
    /// It approves sign-ins.
    Active,
    /// It is good for nothing any more.
    Revoked(Reason),
}

/// A phone as the service knows it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Credential {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub user: String,
    /// Where it stands at the time it was loaded for.
    pub state: CredentialState,
    /// The key without a prompt.
    pub device: PublicKey,
    /// The key that asks for presence.
    pub approval: PublicKey,
    /// Whether the check numbers are the same.
    pub confirmed: bool,
    /// Until when the device key may stand in for the approval key at a rotation, Unix seconds.
    pub renew_until: i64,
    /// When it called last, Unix seconds.
    pub seen_at: Option<i64>,
}

/// A phone as pages list it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Phone {
    /// Its id.
    pub id: String,
    /// What its user calls it.
    pub name: String,
    /// Its system, as it says itself.
    pub os: String,
    /// The app, as it says itself.
    pub app: String,
    /// Whether it says that hardware holds its keys.
    pub hardware: bool,
    /// Where it stands.
    pub state: CredentialState,
    /// Whether the check numbers are the same.
    pub confirmed: bool,
    /// Whether a new approval key may be made now.
    pub may_renew: bool,
    /// When it was enrolled, Unix seconds.
    pub created_at: i64,
    /// When it approved last, Unix seconds.
    pub last_used_at: Option<i64>,
}

/// Loads a credential as it stands at `now`.
///
/// # Errors
/// [`Failure`].
pub fn load(conn: &Connection, id: &str, now: i64) -> Result<Option<Credential>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM credentials WHERE id = ?1");
    let mut query = conn.prepare_cached(&sql)?;
    query.query_row([id], |row| Ok(from_row(row, now))).optional()?.transpose()
}

/// Loads the active phones of a user.
pub(crate) fn active_of(conn: &Connection, user: &str, now: i64) -> Result<Vec<Credential>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM credentials WHERE user = ?1 AND state = 'active'");
    let mut query = conn.prepare_cached(&sql)?;
    let rows = query.query_map([user], |row| Ok(from_row(row, now)))?;
    rows.map(|row| row?).collect()
}

/// Lists the phones of a user that are not revoked, for pages.
pub(crate) fn of_user(conn: &Connection, user: &str, now: i64) -> Result<Vec<Phone>, Failure> {
    let mut query = conn.prepare_cached(
        "SELECT id, name, os, app, hardware, state, reason, pending_until, confirmed, renew_until, made_at, used_at
         FROM credentials WHERE user = ?1 AND state <> 'revoked' ORDER BY made_at, id",
    )?;
    let rows = query.query_map([user], |row| {
        let state = state(row.get(5)?, row.get(6)?, row.get(7)?, now);
        Ok((
            state,
            Phone {
                id: row.get(0)?,
                name: row.get(1)?,
                os: row.get(2)?,
                app: row.get(3)?,
                hardware: row.get(4)?,
                state: CredentialState::Pending,
                confirmed: row.get(8)?,
                may_renew: row.get::<_, i64>(9)? > now,
                created_at: row.get(10)?,
                last_used_at: row.get(11)?,
            },
        ))
    })?;
    let mut phones = Vec::new();
    for row in rows {
        let (state, phone) = row?;
        let state = state?;
        if !matches!(state, CredentialState::Revoked(_)) {
            phones.push(Phone { state, ..phone });
        }
    }
    Ok(phones)
}

/// Counts the phones of a user that are not revoked.
pub(super) fn count(conn: &Connection, user: &str, now: i64) -> Result<usize, Failure> {
    Ok(of_user(conn, user, now)?.len())
}

/// A phone approved a test: it is active. Tells whether it was in set-up.
pub(crate) fn activate(tx: &Tx<'_>, id: &str, now: i64) -> Result<bool, Failure> {
    let mut query = tx.prepare_cached(
        "SELECT user, name, activated_at IS NOT NULL FROM credentials WHERE id = ?1 AND state = 'pending'",
    )?;
    let pending = query
        .query_row([id], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get(2)?)))
        .optional()?;
    let Some((user, name, was_active)) = pending else { return Ok(false) };
    tx.execute(
        "UPDATE credentials SET state = 'active', pending_until = NULL, activated_at = ?2, tests = 0 WHERE id = ?1",
        params![id, now],
    )?;
    let kind = if was_active { Kind::PhoneRenewed } else { Kind::PhoneAdded };
    notices::add(tx, &user, kind, &name, now)?;
    Ok(true)
}

/// Counts a test of a phone in set-up; false when there were as many as may be.
pub(crate) fn count_set_up_test(tx: &Tx<'_>, id: &str, most: u32) -> Result<bool, Failure> {
    let sql = "UPDATE credentials SET tests = tests + 1 WHERE id = ?1 AND tests < ?2";
    Ok(tx.execute(sql, params![id, most])? == 1)
}

/// Notes that a phone approved.
pub(crate) fn used(tx: &Tx<'_>, id: &str, now: i64) -> Result<(), Failure> {
    tx.prepare_cached("UPDATE credentials SET used_at = ?2 WHERE id = ?1")?.execute(params![id, now])?;
    Ok(())
}

/// Revokes a credential: its codes go with it. Tells whether it was good until now.
pub(crate) fn revoke(tx: &Tx<'_>, id: &str, reason: Reason, now: i64) -> Result<bool, Failure> {
    let mut query = tx.prepare_cached(
        "UPDATE credentials SET state = 'revoked', reason = ?2, revoked_at = ?3, push = '{\"kind\":\"none\"}'
         WHERE id = ?1 AND state <> 'revoked' RETURNING user, name, activated_at IS NOT NULL",
    )?;
    let gone = query
        .query_row(params![id, reason.as_str(), now], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, bool>(2)?))
        })
        .optional()?;
    let Some((user, name, was_active)) = gone else { return Ok(false) };
    if was_active {
        notices::add(tx, &user, Kind::PhoneRemoved, &name, now)?;
    }
    tx.execute("DELETE FROM totp WHERE credential = ?1", [id])?;
    tx.execute("DELETE FROM request_copies WHERE credential = ?1", [id])?;
    tx.execute("UPDATE offers SET reply = NULL WHERE credential = ?1", [id])?;
    tracing::info!(credential = id, reason = reason.as_str(), "credential revoked");
    tx.changed(&user);
    Ok(true)
}

/// Revokes all credentials of a user.
pub(crate) fn revoke_all(tx: &Tx<'_>, user: &str, reason: Reason, now: i64) -> Result<(), Failure> {
    let mut query = tx.prepare("SELECT id FROM credentials WHERE user = ?1 AND state <> 'revoked'")?;
    let ids = query.query_map([user], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    for id in ids {
        revoke(tx, &id, reason.clone(), now)?;
    }
    Ok(())
}

/// Revokes the phones whose set-up took too long.
pub(crate) fn expire_set_ups(tx: &Tx<'_>, now: i64) -> Result<(), Failure> {
    let mut query =
        tx.prepare_cached("SELECT id FROM credentials WHERE state = 'pending' AND pending_until <= ?1")?;
    let ids = query.query_map([now], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    for id in ids {
        revoke(tx, &id, Reason::SetupExpired, now)?;
    }
    Ok(())
}

/// Returns where wake-ups of a credential go.
///
/// # Errors
/// [`Failure`].
pub fn push_address(conn: &Connection, id: &str) -> Result<Option<PushAddress>, Failure> {
    let mut query =
        conn.prepare_cached("SELECT push FROM credentials WHERE id = ?1 AND state <> 'revoked'")?;
    let text: Option<String> = query.query_row([id], |row| row.get(0)).optional()?;
    text.map(|text| serde_json::from_str(&text).map_err(|_| Failure::Stored("push address"))).transpose()
}

/// Forgets where wake-ups of a credential go, when the push service no longer knows the address.
///
/// # Errors
/// [`Failure`].
pub fn drop_push_address(tx: &Tx<'_>, id: &str, endpoint: &str) -> Result<(), Failure> {
    if let Some(PushAddress::Webpush { endpoint: known, .. }) = push_address(tx, id)?
        && known == endpoint
    {
        tx.execute("UPDATE credentials SET push = '{\"kind\":\"none\"}' WHERE id = ?1", [id])?;
    }
    Ok(())
}

const COLUMNS: &str =
    "id, user, state, reason, pending_until, device_key, approval_key, confirmed, renew_until, seen_at";

fn from_row(row: &Row<'_>, now: i64) -> Result<Credential, Failure> {
    let key = |column| -> Result<PublicKey, Failure> {
        let bytes = row.get_ref(column)?.as_blob().map_err(|_| Failure::Stored("key"))?;
        PublicKey::from_sec1(bytes).map_err(|_| Failure::Stored("key"))
    };
    Ok(Credential {
        id: row.get(0)?,
        user: row.get(1)?,
        state: state(row.get(2)?, row.get(3)?, row.get(4)?, now)?,
        device: key(5)?,
        approval: key(6)?,
        confirmed: row.get(7)?,
        renew_until: row.get(8)?,
        seen_at: row.get(9)?,
    })
}

fn state(
    state: String,
    reason: Option<String>,
    pending_until: Option<i64>,
    now: i64,
) -> Result<CredentialState, Failure> {
    match (state.as_str(), reason) {
        ("pending", None) if pending_until.is_some_and(|until| until <= now) => {
            Ok(CredentialState::Revoked(Reason::SetupExpired))
        }
        ("pending", None) => Ok(CredentialState::Pending),
        ("active", None) => Ok(CredentialState::Active),
        ("revoked", Some(reason)) => Ok(CredentialState::Revoked(Reason::from(reason))),
        _ => Err(Failure::Stored("credential state")),
    }
}
