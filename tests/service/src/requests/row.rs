//! A request as it is stored.

use rusqlite::{Connection, OptionalExtension, Row};

use super::state::State;
use crate::Failure;

/// What a request is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Act {
    /// A sign-in.
    Login,
    /// A test of a phone.
    Test,
}

/// A stored request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Request {
    /// Its id, `jti`, the same on all phones.
    pub id: String,
    /// Whose it is.
    pub user: String,
    /// What it is about.
    pub act: Act,
    /// Whether the account screen of a phone asked for it.
    pub from_phone: bool,
    /// The session that asks.
    pub session: Option<String>,
    /// A test: the phone it is for.
    pub credential: Option<String>,
    /// What is expected from the keypad.
    pub number: String,
    /// What is expected from the camera.
    pub scan: String,
    /// When it was made, Unix seconds.
    pub made_at: i64,
    /// When it expires, Unix seconds.
    pub expires_at: i64,
    /// Where it stands in the database; one whose time is over may still say `Open`, see [`Self::state_at`].
    pub state: State,
    /// The phone that answered.
    pub by: Option<String>,
    /// When it ended, Unix seconds.
    pub ended_at: Option<i64>,
}

impl Act {
    /// Returns its name on the wire and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Test => "test",
        }
    }
}

impl Request {
    /// Returns the state at a time: an open request whose time is over has expired.
    pub fn state_at(&self, now: i64) -> State {
        if self.state == State::Open && now >= self.expires_at { State::Expired } else { self.state }
    }

    /// Returns what the page shows as a QR code: `pushmatch:<request>.<value>`.
    pub fn scan_text(&self) -> String {
        format!("pushmatch:{}.{}", self.id, self.scan)
    }
}

const COLUMNS: &str = "id, user, act, origin, session, credential, number, scan, made_at, expires_at, state,
    by_credential, ended_at";

/// Reads a request by its id.
///
/// # Errors
/// [`Failure::Store`], [`Failure::Stored`].
pub fn by_id(conn: &Connection, id: &str) -> Result<Option<Request>, Failure> {
    let mut query = conn.prepare_cached(&format!("SELECT {COLUMNS} FROM requests WHERE id = ?1"))?;
    query.query_row([id], |row| Ok(from_row(row))).optional()?.transpose()
}

/// Reads the open requests of a user that are of this kind.
pub(super) fn open_of(conn: &Connection, user: &str, act: Act) -> Result<Vec<Request>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM requests WHERE user = ?1 AND act = ?2 AND state = 'open'");
    let mut query = conn.prepare_cached(&sql)?;
    let rows = query.query_map([user, act.name()], |row| Ok(from_row(row)))?;
    rows.map(|row| row?).collect()
}

/// Reads the open requests whose time is over.
pub(super) fn due(conn: &Connection, now: i64) -> Result<Vec<Request>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM requests WHERE state = 'open' AND expires_at <= ?1");
    let mut query = conn.prepare_cached(&sql)?;
    let rows = query.query_map([now], |row| Ok(from_row(row)))?;
    rows.map(|row| row?).collect()
}

fn from_row(row: &Row<'_>) -> Result<Request, Failure> {
    let act = match row.get_ref(2)?.as_str() {
        Ok("login") => Act::Login,
        Ok("test") => Act::Test,
        _ => return Err(Failure::Stored("act")),
    };
    let state: String = row.get(10)?;
    Ok(Request {
        id: row.get(0)?,
        user: row.get(1)?,
        act,
        from_phone: row.get_ref(3)?.as_str() == Ok("phone"),
        session: row.get(4)?,
        credential: row.get(5)?,
        number: row.get(6)?,
        scan: row.get(7)?,
        made_at: row.get(8)?,
        expires_at: row.get(9)?,
        state: State::from_name(&state)?,
        by: row.get(11)?,
        ended_at: row.get(12)?,
    })
}
