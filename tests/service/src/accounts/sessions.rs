//! Sign-in sessions: they begin with a right password; what is proved and what is missing is computed each
//! time, so that a session that waited cannot outlive a change of factors.

use authenticator_core::secret::SecretText;
use rusqlite::{Connection, OptionalExtension, params};

use super::users::{self, User};
use super::{factors, limits, passwords};
use crate::http::Visitor;
use crate::store::Tx;
use crate::{Failure, Service, ids};

/// How long a session lives, seconds.
const LIFE_S: i64 = 12 * 3600;
/// How long it may stand unused, seconds.
const IDLE_S: i64 = 3600;
/// How long a proof is fresh enough to change factors with, seconds.
const FRESH_S: i64 = 600;

/// One browser's sign-in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Session {
    /// Its key in the database: the digest of the cookie's token.
    pub key: String,
    /// Whose password was right.
    pub user: User,
    /// What is missing.
    pub stage: Stage,
    /// The factor that was proved last.
    pub factor: Option<Proved>,
    /// The request this session made last.
    pub request: Option<String>,
    /// The offer it made last.
    pub offer: Option<String>,
    /// A deny or report came in this sign-in: no text messages.
    pub refused: bool,
    /// When the password was right, Unix seconds.
    pub created_at: i64,
}

/// A factor that a session proved.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Proved {
    /// Which.
    pub method: Method,
    /// When, Unix seconds.
    pub at: i64,
}

/// What is missing after the password.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stage {
    /// The administrator removed all factors: the one-time pass comes first.
    NeedsPass,
    /// There is no second factor: one must be enrolled.
    MustEnrol,
    /// A second factor must be proved.
    SecondFactor,
    /// Nothing.
    SignedIn,
}

/// The ways to prove a second factor.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Method {
    /// Approved on a phone.
    Push,
    /// A code from an app.
    Totp,
    /// A code from a text message.
    Text,
    /// A printed recovery code.
    Recovery,
    /// A one-time pass from the administrator.
    Pass,
}

/// What a password led to.
#[derive(Clone, Debug)]
pub enum SignIn {
    /// Right.
    Done {
        /// The cookie's value; it is not stored.
        token: SecretText,
        /// The new session.
        session: Box<Session>,
    },
    /// Account or password is wrong; which is not said.
    Wrong,
    /// Not looked at: too many wrong ones.
    Limited {
        /// Seconds until the next try.
        retry_s: i64,
    },
}

impl Method {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Push, "push"),
        (Self::Totp, "totp"),
        (Self::Text, "text"),
        (Self::Recovery, "recovery"),
        (Self::Pass, "pass"),
    ];

    /// Returns its name in the database and in logs.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(method, _)| *method == self).map_or("", |(_, name)| name)
    }

    fn from_name(name: &str) -> Result<Self, Failure> {
        let known = Self::ALL.iter().find(|(_, known)| *known == name);
        known.map(|(method, _)| *method).ok_or(Failure::Stored("method"))
    }
}

impl Session {
    /// Tells whether factors may be changed: one was proved in the last 10 minutes, or there is none yet.
    pub fn may_change(&self, now: i64) -> bool {
        match self.stage {
            Stage::NeedsPass | Stage::SecondFactor => false,
            Stage::MustEnrol => true,
            Stage::SignedIn => self.factor.is_some_and(|proved| now - proved.at < FRESH_S),
        }
    }
}

/// Looks at a name and a password, and begins a session when they are right.
///
/// # Errors
/// [`Failure`].
pub async fn sign_in(
    service: &Service,
    visitor: &Visitor,
    name: &str,
    password: SecretText,
) -> Result<SignIn, Failure> {
    let now = service.clock().now();
    let account = name.trim().to_lowercase();
    let marks = [
        ("password", format!("{account}@{}", visitor.address), limits::PASSWORD),
        ("password_anywhere", account, limits::PASSWORD_ANYWHERE),
        ("address", visitor.address.clone(), limits::ADDRESS),
    ];
    let (waiting, found) = service.store().read(|conn| {
        let mut waiting = None;
        for (what, who, limit) in &marks {
            waiting = waiting.max(limits::wait(conn, what, who, now, *limit)?);
        }
        Ok((waiting, stored_password(conn, name)?))
    })?;
    let outcome = |outcome: &str| service.metrics().sign_ins.with_label_values(&[outcome]).inc();
    if let Some(retry_s) = waiting {
        outcome("limited");
        return Ok(SignIn::Limited { retry_s });
    }
    let usable = password.expose().len() <= passwords::LONGEST;
    let (user, stored) = found.map_or((None, None), |(user, stored)| (Some(user), Some(stored)));
    let right = usable && passwords::verify(service, password, stored).await?;
    let Some(user) = user.filter(|_| right) else {
        outcome("wrong");
        let note = move |tx: &Tx<'_>| {
            for (what, who, _) in &marks {
                limits::note(tx, what, who, now)?;
            }
            Ok(())
        };
        service.store().write(note).await?;
        return Ok(SignIn::Wrong);
    };
    outcome("right");
    let token = SecretText::new(ids::make_token()?);
    let key = ids::digest(token.expose());
    let (row, visitor) = (key.clone(), visitor.clone());
    let session = service
        .store()
        .write(move |tx| {
            limits::clear(tx, marks[0].0, &marks[0].1)?;
            tx.execute(
                "INSERT INTO sessions (key, user, created_at, seen_at, address, agent) VALUES (?1, ?2, ?3, ?3, ?4, ?5)",
                params![row, user, now, visitor.address, visitor.agent],
            )?;
            read(tx, &row, now)
        })
        .await?;
    let session = Box::new(session.ok_or(Failure::Stored("session"))?);
    tracing::info!(user = session.user.id, stage = ?session.stage, "password right");
    Ok(SignIn::Done { token, session })
}

/// Returns the session of a cookie's value, as it stands now; none when it ended.
///
/// # Errors
/// [`Failure`].
pub fn open(service: &Service, token: &str) -> Result<Option<Session>, Failure> {
    let now = service.clock().now();
    service.store().read(|conn| read(conn, &ids::digest(token), now))
}

/// Reads a session again; none when it ended.
///
/// # Errors
/// [`Failure`].
pub fn again(service: &Service, session: &Session) -> Result<Option<Session>, Failure> {
    by_key(service, &session.key)
}

/// Reads a session by its key in the database; none when it ended.
///
/// # Errors
/// [`Failure`].
pub fn by_key(service: &Service, key: &str) -> Result<Option<Session>, Failure> {
    let now = service.clock().now();
    service.store().read(|conn| read(conn, key, now))
}

/// Notes that a session is in use; called by pages that a person asked for, not by those that only wait.
///
/// # Errors
/// [`Failure`].
pub async fn touch(service: &Service, session: &Session) -> Result<(), Failure> {
    let (key, now) = (session.key.clone(), service.clock().now());
    service
        .store()
        .write(move |tx| {
            tx.execute(
                "UPDATE sessions SET seen_at = ?2 WHERE key = ?1 AND seen_at < ?2 - 60",
                params![key, now],
            )?;
            Ok(())
        })
        .await
}

/// Ends a session.
///
/// # Errors
/// [`Failure`].
pub async fn sign_out(service: &Service, session: &Session) -> Result<(), Failure> {
    let session = session.clone();
    service
        .store()
        .write(move |tx| {
            tx.execute("DELETE FROM sessions WHERE key = ?1", [&session.key])?;
            tx.changed(&session.user.id);
            Ok(())
        })
        .await
}

/// Ends the user's other sessions.
///
/// # Errors
/// [`Failure`].
pub async fn sign_out_others(service: &Service, session: &Session) -> Result<(), Failure> {
    let session = session.clone();
    service.store().write(move |tx| end_others(tx, &session.user.id, Some(&session.key))).await
}

/// Ends all sessions of a user but one.
pub(crate) fn end_others(tx: &Tx<'_>, user: &str, but: Option<&str>) -> Result<(), Failure> {
    tx.execute("DELETE FROM sessions WHERE user = ?1 AND key IS NOT ?2", params![user, but])?;
    tx.changed(user);
    Ok(())
}

/// Records that a session proved a factor. Another factor than a push ends what a report stopped.
pub(crate) fn prove(tx: &Tx<'_>, key: &str, user: &str, method: Method, now: i64) -> Result<(), Failure> {
    tx.prepare_cached("UPDATE sessions SET method = ?2, proved_at = ?3, seen_at = ?3 WHERE key = ?1")?
        .execute(params![key, method.name(), now])?;
    if method != Method::Pass {
        // There is a factor again: what a reset asked for is over.
        tx.execute(
            "UPDATE users SET pass = NULL, pass_until = NULL WHERE id = ?1 AND pass IS NOT NULL",
            [user],
        )?;
    }
    match method {
        Method::Totp | Method::Recovery | Method::Pass => {
            tx.execute("UPDATE users SET reported = 0, muted_until = 0, failures = 0 WHERE id = ?1", [user])?;
        }
        Method::Text => {
            tx.execute(
                "UPDATE users SET reported = 0, muted_until = 0, failures = 0 WHERE id = ?1 AND reported < 2",
                [user],
            )?;
        }
        Method::Push => {}
    }
    tx.changed(user);
    Ok(())
}

/// Reads a session by its key; none when it ended.
pub(crate) fn read(conn: &Connection, key: &str, now: i64) -> Result<Option<Session>, Failure> {
    let sql = format!(
        "SELECT {}, sessions.method, sessions.proved_at, sessions.request, sessions.offer, sessions.refused,
                sessions.created_at, users.pass IS NOT NULL
         FROM sessions JOIN users ON users.id = sessions.user
         WHERE sessions.key = ?1 AND sessions.created_at > ?2 AND sessions.seen_at > ?3",
        users::COLUMNS
    );
    let mut query = conn.prepare_cached(&sql)?;
    let found = query
        .query_row(params![key, now - LIFE_S, now - IDLE_S], |row| {
            let user = users::from_row(row)?;
            let method: Option<String> = row.get(4)?;
            let rest = (row.get(6)?, row.get(7)?, row.get(8)?, row.get(9)?, row.get::<_, bool>(10)?);
            Ok((user, method, row.get::<_, Option<i64>>(5)?, rest))
        })
        .optional()?;
    let Some((user, method, proved_at, (request, offer, refused, created_at, has_pass))) = found else {
        return Ok(None);
    };
    let method = method.as_deref().map(Method::from_name).transpose()?;
    let factor = method.zip(proved_at).map(|(method, at)| Proved { method, at });
    let stage = match (factors::any(conn, &user.id)?, factor, has_pass) {
        (false, None, true) => Stage::NeedsPass,
        (false, Some(_), true) | (false, _, false) => Stage::MustEnrol,
        (true, None, _) => Stage::SecondFactor,
        (true, Some(_), _) => Stage::SignedIn,
    };
    Ok(Some(Session { key: key.to_owned(), user, stage, factor, request, offer, refused, created_at }))
}

fn stored_password(conn: &Connection, name: &str) -> Result<Option<(String, Vec<u8>)>, Failure> {
    let mut query = conn.prepare_cached("SELECT id, password FROM users WHERE name = ?1")?;
    Ok(query.query_row([name.trim()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}
