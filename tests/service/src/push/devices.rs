//! A user's phones, as pages change them: rename, remove, allow a new approval key.

use authenticator_core::push::wire::Label;
use rusqlite::params;

use super::credentials::{self, Reason};
use crate::accounts::{Change, Session};
use crate::store::Tx;
use crate::{Failure, Service};

/// Gives a phone another name: a line of at most 512 bytes.
///
/// # Errors
/// [`Failure`].
pub async fn rename(service: &Service, session: &Session, id: &str, name: &Label) -> Result<Change, Failure> {
    let name = name.as_str().to_owned();
    change(service, session, id, move |tx, id, _| {
        tx.execute("UPDATE credentials SET name = ?2 WHERE id = ?1", params![id, name])?;
        Ok(())
    })
    .await
}

/// Removes a phone: it is revoked.
///
/// # Errors
/// [`Failure`].
pub async fn remove(service: &Service, session: &Session, id: &str) -> Result<Change, Failure> {
    change(service, session, id, |tx, id, now| credentials::revoke(tx, id, Reason::Removed, now).map(drop))
        .await
}

/// Lets a phone make a new approval key within 10 minutes; a test follows then.
///
/// # Errors
/// [`Failure`].
pub async fn renew_approval_key(service: &Service, session: &Session, id: &str) -> Result<Change, Failure> {
    change(service, session, id, |tx, id, now| {
        let until = now + credentials::RENEW_S;
        tx.execute("UPDATE credentials SET renew_until = ?2 WHERE id = ?1", params![id, until])?;
        Ok(())
    })
    .await
}

async fn change(
    service: &Service,
    session: &Session,
    id: &str,
    to: impl FnOnce(&Tx<'_>, &str, i64) -> Result<(), Failure> + Send + 'static,
) -> Result<Change, Failure> {
    let (session, id, now) = (session.clone(), id.to_owned(), service.clock().now());
    if !session.may_change(now) {
        return Ok(Change::NotFresh);
    }
    service
        .store()
        .write(move |tx| {
            let own = credentials::of_user(tx, &session.user.id, now)?.iter().any(|phone| phone.id == id);
            if !own {
                return Ok(Change::Unknown);
            }
            to(tx, &id, now)?;
            tx.changed(&session.user.id);
            Ok(Change::Done)
        })
        .await
}
