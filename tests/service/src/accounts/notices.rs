//! Notices: every factor added or removed is told, by text message at once and at the next sign-in.

use rusqlite::{OptionalExtension, params};

use crate::store::{Effect, Tx};
use crate::{Failure, Service};

/// What happened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A phone approves sign-ins now.
    PhoneAdded,
    /// A phone no longer does.
    PhoneRemoved,
    /// A phone has a new approval key.
    PhoneRenewed,
    /// Another authenticator app gives codes now.
    AppAdded,
    /// It no longer does.
    AppRemoved,
    /// Text messages go to this number now.
    NumberAdded,
    /// They no longer do.
    NumberRemoved,
    /// New recovery codes were made.
    CodesMade,
    /// A recovery code was used.
    CodeUsed,
    /// The administrator removed all factors.
    Reset,
    /// A one-time pass was used.
    PassUsed,
    /// Someone reported a request as not theirs.
    Reported,
}

/// A notice that is sent after the commit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Notice {
    /// The user's handle.
    pub user: String,
    /// What happened.
    pub kind: Kind,
    /// Which phone, as the user named it; empty when there is nothing to add.
    pub detail: String,
    /// Where it goes: the number that was confirmed before the change, sealed.
    pub number: Option<Vec<u8>>,
}

/// A notice that waits for the next sign-in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unseen {
    /// What happened.
    pub kind: Kind,
    /// Which phone.
    pub detail: String,
    /// When, Unix seconds.
    pub at: i64,
}

impl Kind {
    const ALL: [(Self, &'static str); 12] = [
        (Self::PhoneAdded, "phone_added"),
        (Self::PhoneRemoved, "phone_removed"),
        (Self::PhoneRenewed, "phone_renewed"),
        (Self::AppAdded, "app_added"),
        (Self::AppRemoved, "app_removed"),
        (Self::NumberAdded, "number_added"),
        (Self::NumberRemoved, "number_removed"),
        (Self::CodesMade, "codes_made"),
        (Self::CodeUsed, "code_used"),
        (Self::Reset, "reset"),
        (Self::PassUsed, "pass_used"),
        (Self::Reported, "reported"),
    ];

    /// Returns its name in the database and in logs.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }
}

/// Records a notice, and sends it after the commit. Called before the user's number changes.
pub(crate) fn add(tx: &Tx<'_>, user: &str, kind: Kind, detail: &str, now: i64) -> Result<(), Failure> {
    tx.execute(
        "INSERT INTO notices (user, kind, detail, at) VALUES (?1, ?2, ?3, ?4)",
        params![user, kind.name(), detail, now],
    )?;
    let number =
        tx.query_row("SELECT number FROM numbers WHERE user = ?1", [user], |row| row.get(0)).optional()?;
    tx.after(Effect::Tell(Notice { user: user.to_owned(), kind, detail: detail.to_owned(), number }));
    Ok(())
}

/// Returns the notices that the user has not seen, newest first.
///
/// # Errors
/// [`Failure`].
pub fn unseen(service: &Service, user: &str) -> Result<Vec<Unseen>, Failure> {
    service.store().read(|conn| {
        let mut query = conn.prepare_cached(
            "SELECT kind, detail, at FROM notices WHERE user = ?1 AND seen_at IS NULL ORDER BY id DESC LIMIT 50",
        )?;
        let mut found = Vec::new();
        let mut rows = query.query([user])?;
        while let Some(row) = rows.next()? {
            let name: String = row.get(0)?;
            let kind = Kind::ALL.iter().find(|(_, known)| *known == name).ok_or(Failure::Stored("notice"))?.0;
            found.push(Unseen { kind, detail: row.get(1)?, at: row.get(2)? });
        }
        Ok(found)
    })
}

/// Marks all notices as seen.
///
/// # Errors
/// [`Failure`].
pub async fn seen(service: &Service, user: &str) -> Result<(), Failure> {
    let (user, now) = (user.to_owned(), service.clock().now());
    service
        .store()
        .write(move |tx| {
            tx.execute(
                "UPDATE notices SET seen_at = ?2 WHERE user = ?1 AND seen_at IS NULL",
                params![user, now],
            )?;
            Ok(())
        })
        .await
}
