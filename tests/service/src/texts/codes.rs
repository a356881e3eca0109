//! Codes by text message: made, sent, compared, with their limits.
//!
//! A session has one code at a time. It is sealed in the database and in no log; a new one replaces it. What
//! a code leads to (a number is confirmed, a sign-in is proved) happens in the transaction that compares it.

use authenticator_core::secret::SecretText;
use rusqlite::{OptionalExtension, params};
use subtle::ConstantTimeEq;

use super::gateway::GatewayError;
use super::numbers::{NumberError, PhoneNumber};
use super::words::{self, Language};
use crate::accounts::limits::{self, Limit};
use crate::accounts::{Session, Stage, numbers};
use crate::store::Tx;
use crate::{Failure, Service, ids, requests};

pub(crate) const TABLES: &str = "
CREATE TABLE text_codes (
    session TEXT PRIMARY KEY REFERENCES sessions (key) ON DELETE CASCADE,
    code BLOB NOT NULL,                 -- sealed
    adds BLOB,                          -- sealed: the number that this code confirms; none at a sign-in
    sent_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    tries_left INTEGER NOT NULL
) STRICT;
CREATE TABLE text_failures (
    user TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    in_a_row INTEGER NOT NULL           -- whatever the code was
) STRICT;
";

/// Digits of a code.
const DIGITS: u32 = 6;
/// Seconds that a code holds.
const LIFE_S: i64 = 600;
/// Wrong codes after which a code is closed.
const TRIES: u32 = 5;
/// Seconds before another code may be sent.
const RESEND_S: i64 = 30;
/// Wrong codes in a row, over all codes, after which text messages end for an account (NIST SP 800-63B-4
/// section 3.2.2: at most 100). A number that is added anew begins at zero.
const MOST_IN_A_ROW: u32 = 100;
/// Messages to one account, and to one number from any account.
const HOURLY: Limit = Limit { most: 5, within_s: 3600 };
/// The same per day.
const DAILY: Limit = Limit { most: 10, within_s: 86_400 };

/// What became of a wish for a code.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Sending {
    /// It is on its way.
    Sent {
        /// The number for people; at a sign-in its end alone.
        to: String,
        /// Seconds until another may be sent.
        resend_s: i64,
    },
    /// One was sent just now, or too many were.
    Wait {
        /// Seconds until the next try.
        retry_s: i64,
    },
    /// Nothing is sent in a sign-in that was denied or reported on a phone.
    AfterRefusal,
    /// Too many wrong codes in a row: another factor is needed, then the number can be added again.
    Locked,
    /// There is no number, or nothing that could be sent again.
    NoNumber,
    /// A factor must be proved first.
    NotFresh,
    /// The gateway did not take it, or there is none; it may be tried again at once.
    NoGateway,
    /// What was typed is no number for text messages.
    Bad(NumberError),
}

/// What became of a code that was typed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Checked {
    /// Right: the number is confirmed, or the sign-in is proved.
    Right,
    /// Wrong.
    Wrong {
        /// Tries that this code has left.
        left: u32,
    },
    /// There is no code, its 10 minutes are over, or it had its 5 tries: another one must be sent.
    Expired,
    /// Nothing is taken in a sign-in that was denied or reported on a phone.
    AfterRefusal,
    /// Too many wrong codes in a row.
    Locked,
}

/// A message that is to be sent once its row is on the disk.
struct Outgoing {
    to: PhoneNumber,
    code: SecretText,
}

/// Sends a code to a number that the user wants to add: what was typed, with the region that was chosen.
///
/// # Errors
/// [`Failure`].
pub async fn add_number(
    service: &Service,
    session: &Session,
    region: &str,
    typed: &str,
) -> Result<Sending, Failure> {
    if !session.may_change(service.clock().now()) {
        return Ok(Sending::NotFresh);
    }
    match PhoneNumber::parse(region, typed) {
        Ok(number) => start(service, session, Some(number)).await,
        Err(error) => Ok(Sending::Bad(error)),
    }
}

/// Sends a code to the account's number, to sign in with. It closes the push request of this sign-in.
///
/// # Errors
/// [`Failure`].
pub async fn send_code(service: &Service, session: &Session) -> Result<Sending, Failure> {
    match session.stage {
        Stage::SecondFactor | Stage::SignedIn => start(service, session, None).await,
        Stage::NeedsPass | Stage::MustEnrol => Ok(Sending::NoNumber),
    }
}

/// Sends another code to where the last one went; the last one holds no longer.
///
/// # Errors
/// [`Failure`].
pub async fn resend(service: &Service, session: &Session) -> Result<Sending, Failure> {
    let adds = service.store().read(|conn| {
        let mut query = conn.prepare_cached("SELECT adds FROM text_codes WHERE session = ?1")?;
        Ok(query.query_row([&session.key], |row| row.get::<_, Option<Vec<u8>>>(0)).optional()?)
    })?;
    match adds {
        None => Ok(Sending::NoNumber),
        Some(None) => send_code(service, session).await,
        Some(Some(_)) if !session.may_change(service.clock().now()) => Ok(Sending::NotFresh),
        Some(Some(sealed)) => {
            let number = open_number(service, &session.key, &sealed)?;
            start(service, session, Some(number)).await
        }
    }
}

/// Returns where the last code of this session went, for people; at a sign-in the number's end alone.
///
/// # Errors
/// [`Failure`].
pub fn sent_to(service: &Service, session: &Session) -> Result<Option<String>, Failure> {
    service.store().read(|conn| {
        let mut query = conn.prepare_cached("SELECT adds FROM text_codes WHERE session = ?1")?;
        let adds = query.query_row([&session.key], |row| row.get::<_, Option<Vec<u8>>>(0)).optional()?;
        match adds {
            None => Ok(None),
            Some(Some(sealed)) => Ok(Some(open_number(service, &session.key, &sealed)?.shown().to_owned())),
            Some(None) => {
                let number = numbers::get(conn, service.sealing(), &session.user.id)?;
                let number = number.and_then(|number| PhoneNumber::from_e164(number.e164.expose()).ok());
                Ok(number.map(|number| number.masked()))
            }
        }
    })
}

/// Compares a code that was typed with the one that was sent to this session.
///
/// # Errors
/// [`Failure`].
pub async fn check_code(service: &Service, session: &Session, typed: &str) -> Result<Checked, Failure> {
    let typed: String = typed.chars().filter(|c| !c.is_whitespace()).take(16).collect();
    let typed = SecretText::new(typed);
    let (own, session) = (service.clone(), session.clone());
    let checked = service.store().write(move |tx| check(tx, &own, &session, &typed)).await?;
    let word = match checked {
        Checked::Right => "right",
        Checked::Wrong { .. } => "wrong",
        Checked::Expired => "expired",
        Checked::AfterRefusal => "refused",
        Checked::Locked => "locked",
    };
    service.metrics().sign_ins.with_label_values(&[&format!("text_{word}")]).inc();
    Ok(checked)
}

async fn start(service: &Service, session: &Session, adds: Option<PhoneNumber>) -> Result<Sending, Failure> {
    let Some(gateway) = service.gateway() else { return Ok(Sending::NoGateway) };
    let (own, asking) = (service.clone(), session.clone());
    let is_sign_in = adds.is_none();
    let prepared = service.store().write(move |tx| prepare(tx, &own, &asking, adds)).await?;
    let outgoing = match prepared {
        Ok(outgoing) => outgoing,
        Err(refused) => return Ok(refused),
    };
    let language = Language::of_tag(session.user.language.as_deref());
    let host = service.page_host();
    let text = words::code(language, outgoing.code.expose(), service.organisation().as_str(), host);
    let sent = gateway.send(&outgoing.to, &SecretText::new(text), &ids::make()?).await;
    service.metrics().sent.with_label_values(&["text", if sent.is_ok() { "sent" } else { "failed" }]).inc();
    match sent {
        Ok(()) => {
            let to = if is_sign_in { outgoing.to.masked() } else { outgoing.to.shown().to_owned() };
            Ok(Sending::Sent { to, resend_s: RESEND_S })
        }
        Err(error) => {
            tracing::warn!(user = session.user.id, %error, "a text message was not sent");
            let key = session.key.clone();
            // What may have gone out can still be typed; only the wait is over.
            if !matches!(error, GatewayError::Slow) {
                let free = "UPDATE text_codes SET sent_at = 0 WHERE session = ?1";
                service.store().write(move |tx| Ok(tx.execute(free, [key])?)).await?;
            }
            Ok(Sending::NoGateway)
        }
    }
}

/// Everything but the sending, in one transaction. The inner error is what the person is told.
fn prepare(
    tx: &Tx<'_>,
    service: &Service,
    session: &Session,
    adds: Option<PhoneNumber>,
) -> Result<Result<Outgoing, Sending>, Failure> {
    let (now, user, key) = (service.clock().now(), &session.user.id, &session.key);
    if !requests::text_allowed(tx, key)? {
        return Ok(Err(Sending::AfterRefusal));
    }
    let to = match &adds {
        Some(number) => number.clone(),
        None => match numbers::get(tx, service.sealing(), user)? {
            Some(number) => {
                PhoneNumber::from_e164(number.e164.expose()).map_err(|_| Failure::Stored("number"))?
            }
            None => return Ok(Err(Sending::NoNumber)),
        },
    };
    if adds.is_none() && in_a_row(tx, user)? >= MOST_IN_A_ROW {
        return Ok(Err(Sending::Locked));
    }
    let sent_at = tx
        .query_row("SELECT sent_at FROM text_codes WHERE session = ?1", [key], |row| row.get::<_, i64>(0))
        .optional()?;
    if let Some(left) = sent_at.map(|at| at + RESEND_S - now).filter(|left| (1..=RESEND_S).contains(left)) {
        return Ok(Err(Sending::Wait { retry_s: left }));
    }
    let number = ids::encode(&service.sealing().mark("text_number", to.e164()));
    let scopes = [("text_user", user.as_str()), ("text_number", number.as_str())];
    for (what, who) in scopes {
        for limit in [HOURLY, DAILY] {
            if let Some(retry_s) = limits::wait(tx, what, who, now, limit)? {
                return Ok(Err(Sending::Wait { retry_s }));
            }
        }
    }
    for (what, who) in scopes {
        limits::note(tx, what, who, now)?;
    }
    let code = SecretText::new(ids::make_number(DIGITS)?);
    let sealed = service.sealing().seal("text_codes.code", key, code.expose().as_bytes())?;
    let sealed_number = adds
        .map(|number| service.sealing().seal("text_codes.adds", key, number.e164().as_bytes()))
        .transpose()?;
    if sealed_number.is_none() {
        requests::watching::cancel_in(tx, service, key, None, now)?;
    }
    tx.execute(
        "INSERT OR REPLACE INTO text_codes (session, code, adds, sent_at, expires_at, tries_left)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![key, sealed, sealed_number, now, now + LIFE_S, TRIES],
    )?;
    Ok(Ok(Outgoing { to, code }))
}

fn check(tx: &Tx<'_>, service: &Service, session: &Session, typed: &SecretText) -> Result<Checked, Failure> {
    let (now, user, key) = (service.clock().now(), &session.user.id, &session.key);
    if !requests::text_allowed(tx, key)? {
        return Ok(Checked::AfterRefusal);
    }
    let row = tx
        .query_row(
            "SELECT code, adds, expires_at, tries_left FROM text_codes WHERE session = ?1",
            [key],
            |row| {
                Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Option<Vec<u8>>>(1)?, row.get(2)?, row.get(3)?))
            },
        )
        .optional()?;
    let Some((sealed, adds, expires_at, tries_left)) = row else { return Ok(Checked::Expired) };
    let (expires_at, tries_left): (i64, u32) = (expires_at, tries_left);
    if now >= expires_at || tries_left == 0 {
        return Ok(Checked::Expired);
    }
    if adds.is_none() && in_a_row(tx, user)? >= MOST_IN_A_ROW {
        return Ok(Checked::Locked);
    }
    let code = service.sealing().open("text_codes.code", key, &sealed)?;
    if !bool::from(code.expose().ct_eq(typed.expose().as_bytes())) {
        tx.execute("UPDATE text_codes SET tries_left = tries_left - 1 WHERE session = ?1", [key])?;
        tx.execute(
            "INSERT INTO text_failures (user, in_a_row) VALUES (?1, 1)
             ON CONFLICT (user) DO UPDATE SET in_a_row = in_a_row + 1",
            [user],
        )?;
        return Ok(match tries_left - 1 {
            0 => Checked::Expired,
            left => Checked::Wrong { left },
        });
    }
    match adds {
        Some(sealed) => {
            if !session.may_change(now) {
                return Ok(Checked::Expired);
            }
            let number = open_number(service, key, &sealed)?;
            numbers::confirm(tx, service.sealing(), session, number.e164(), now)?;
        }
        None => numbers::used(tx, session, now)?,
    }
    tx.execute("DELETE FROM text_codes WHERE session = ?1", [key])?;
    tx.execute("DELETE FROM text_failures WHERE user = ?1", [user])?;
    tx.changed(user);
    Ok(Checked::Right)
}

fn in_a_row(tx: &Tx<'_>, user: &str) -> Result<u32, Failure> {
    let count = tx.query_row("SELECT in_a_row FROM text_failures WHERE user = ?1", [user], |row| row.get(0));
    Ok(count.optional()?.unwrap_or(0))
}

fn open_number(service: &Service, session: &str, sealed: &[u8]) -> Result<PhoneNumber, Failure> {
    let bytes = service.sealing().open("text_codes.adds", session, sealed)?;
    let text = std::str::from_utf8(bytes.expose()).map_err(|_| Failure::Stored("number"))?;
    PhoneNumber::from_e164(text).map_err(|_| Failure::Stored("number"))
}
