//! The one-time pass for someone who lost everything: `klink-service user reset NAME`.

use authenticator_core::secret::SecretText;
use rusqlite::params;

use super::{Method, Session, Stage, Verify, notices, recovery, sessions, totp, users};
use crate::push::credentials::{self, Reason};
use crate::{Failure, Service, ids};

/// How long a pass is good, seconds.
const LIFE_S: i64 = 24 * 3600;

/// Removes all factors of a user, revokes the phones, ends the sessions, and returns a one-time pass that is
/// asked for after the password. None when there is no such user.
///
/// # Errors
/// [`Failure`].
pub async fn reset(service: &Service, name: &str) -> Result<Option<SecretText>, Failure> {
    let (name, now) = (name.to_owned(), service.clock().now());
    let pass = recovery::make_code()?;
    let digest = ids::digest(&recovery::normal(&pass));
    let done = service
        .store()
        .write(move |tx| {
            let Some(user) = users::by_name(tx, &name)? else { return Ok(false) };
            notices::add(tx, &user.id, notices::Kind::Reset, "", now)?;
            credentials::revoke_all(tx, &user.id, Reason::Reset, now)?;
            for table in ["totp", "recovery_codes", "numbers", "sessions"] {
                tx.execute(&format!("DELETE FROM {table} WHERE user = ?1"), [&user.id])?;
            }
            tx.execute(
                "UPDATE users SET pass = ?2, pass_until = ?3, reported = 0, muted_until = 0, failures = 0 WHERE id = ?1",
                params![user.id, digest, now + LIFE_S],
            )?;
            tx.changed(&user.id);
            tracing::info!(user = user.id, "factors reset");
            Ok(true)
        })
        .await?;
    Ok(done.then(|| SecretText::new(pass)))
}

/// Looks at a one-time pass; a right one is used up, and a factor can be enrolled.
///
/// # Errors
/// [`Failure`].
pub async fn verify(service: &Service, session: &Session, pass: &str) -> Result<Verify, Failure> {
    let (key, now) = (session.key.clone(), service.clock().now());
    let digest = ids::digest(&recovery::normal(pass));
    service
        .store()
        .write(move |tx| {
            let Some(session) = sessions::read(tx, &key, now)? else { return Ok(Verify::Wrong { left: 0 }) };
            totp::under_limit(tx, &session, Method::Pass, now, |tx| {
                // It stays as a mark that fits no pass, so that nobody else enrols until there is a factor.
                let used = tx.execute(
                    "UPDATE users SET pass = '' WHERE id = ?1 AND pass = ?2 AND pass_until > ?3",
                    params![session.user.id, digest, now],
                )?;
                let right = used == 1 && session.stage == Stage::NeedsPass;
                if right {
                    notices::add(tx, &session.user.id, notices::Kind::PassUsed, "", now)?;
                }
                Ok(right)
            })
        })
        .await
}
