//! Users: who may sign in, added by the administrator.

use std::path::Path;

use authenticator_core::push::wire::Label;
use authenticator_core::secret::SecretText;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::passwords;
use crate::service::StartError;
use crate::{Failure, Service, ids};

/// Someone who may sign in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct User {
    /// The opaque handle that phones see, `sub`.
    pub id: String,
    /// What is typed at sign-in; in what case does not matter.
    pub name: String,
    /// What people see.
    pub display: String,
    /// `nl` or `en`, when the user chose.
    pub language: Option<String>,
}

/// Columns that [`from_row`] reads, in its order.
pub(super) const COLUMNS: &str = "users.id, users.name, users.display, users.language";

pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User { id: row.get(0)?, name: row.get(1)?, display: row.get(2)?, language: row.get(3)? })
}

/// What became of a new user.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Add {
    /// Added.
    Added,
    /// There is one of that name.
    Taken,
    /// A name is a line of 1 to 128 bytes, a password has 8 to 1024 bytes.
    Unusable,
}

/// Adds a user.
///
/// # Errors
/// [`Failure`].
pub async fn add(service: &Service, name: &str, display: &str, password: SecretText) -> Result<Add, Failure> {
    let (name, display) = (name.trim().to_owned(), display.trim().to_owned());
    let is_line = |text: &str| (1..=128).contains(&text.len()) && text.parse::<Label>().is_ok();
    if !is_line(&name) || !is_line(&display) || !usable(&password) {
        return Ok(Add::Unusable);
    }
    let stored = passwords::hash(service, password).await?;
    let (id, now) = (ids::make()?, service.clock().now());
    service
        .store()
        .write(move |tx| {
            let added = tx.execute(
                "INSERT INTO users (id, name, display, password, created_at) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT DO NOTHING",
                params![id, name, display, stored, now],
            )?;
            Ok(if added == 1 { Add::Added } else { Add::Taken })
        })
        .await
}

fn usable(password: &SecretText) -> bool {
    (8..=passwords::LONGEST).contains(&password.expose().len())
}

/// Adds the users of a file that are not there yet: lines of `name,password,display name`; `#` begins a comment.
///
/// # Errors
/// [`StartError::Io`] for a file that cannot be read or a line that is none, [`StartError::Failure`].
pub async fn add_from_file(service: &Service, path: &Path) -> Result<(), StartError> {
    let text = SecretText::new(std::fs::read_to_string(path)?);
    for (n, line) in text.expose().lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let bad = || {
            let text = format!("line {} of the users is not `name,password,display name`", n + 1);
            std::io::Error::new(std::io::ErrorKind::InvalidData, text)
        };
        let mut parts = line.splitn(3, ',');
        let (Some(name), Some(password), Some(display)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(bad().into());
        };
        if service.store().read(|conn| by_name(conn, name))?.is_none()
            && add(service, name, display, SecretText::from(password)).await? == Add::Unusable
        {
            return Err(bad().into());
        }
    }
    Ok(())
}

/// Sets a new password and ends the user's sessions; false when there is no such user.
///
/// # Errors
/// [`Failure`].
pub async fn set_password(service: &Service, name: &str, password: SecretText) -> Result<bool, Failure> {
    let stored = passwords::hash(service, password).await?;
    let name = name.to_owned();
    service
        .store()
        .write(move |tx| {
            let Some(user) = by_name(tx, &name)? else { return Ok(false) };
            tx.execute("UPDATE users SET password = ?2 WHERE id = ?1", params![user.id, stored])?;
            tx.execute("DELETE FROM sessions WHERE user = ?1", [&user.id])?;
            tx.changed(&user.id);
            Ok(true)
        })
        .await
}

/// Remembers the language that a user chose.
///
/// # Errors
/// [`Failure`].
pub async fn set_language(service: &Service, user: &str, language: &str) -> Result<(), Failure> {
    let (user, language) = (user.to_owned(), language.to_owned());
    service
        .store()
        .write(move |tx| {
            tx.execute("UPDATE users SET language = ?2 WHERE id = ?1", params![user, language])?;
            Ok(())
        })
        .await
}

/// Finds a user by what is typed at sign-in.
///
/// # Errors
/// [`Failure::Store`].
pub fn by_name(conn: &Connection, name: &str) -> Result<Option<User>, Failure> {
    let mut query = conn.prepare_cached(&format!("SELECT {COLUMNS} FROM users WHERE name = ?1"))?;
    Ok(query.query_row([name.trim()], from_row).optional()?)
}

/// Finds a user by their handle.
///
/// # Errors
/// [`Failure::Store`].
pub fn by_id(conn: &Connection, id: &str) -> Result<Option<User>, Failure> {
    let mut query = conn.prepare_cached(&format!("SELECT {COLUMNS} FROM users WHERE id = ?1"))?;
    Ok(query.query_row([id], from_row).optional()?)
}
