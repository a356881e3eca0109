//! Codes from an app, RFC 6238: SHA-1, 6 digits, 30 s; one step either way, each step once.

use authenticator_core::account::Account;
use authenticator_core::crypto::random;
use authenticator_core::otp::{Algorithm, Digits, Otp, Period, Totp};
use authenticator_core::secret::{SecretBytes, SecretText};
use authenticator_core::time::UnixTime;
use authenticator_core::{base32, uri};
use rusqlite::{Connection, params};
use subtle::ConstantTimeEq;

use super::{Method, Session, Stage, Verify, limits, notices, sessions};
use crate::sealing::Sealing;
use crate::store::Tx;
use crate::{Failure, Service, ids};

/// Bytes of a secret: 160 bits, RFC 4226 section 4.
const SECRET: usize = 20;
/// Seconds of a step.
const STEP_S: i64 = 30;

/// The account for another authenticator app.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AppOffer {
    /// Its id, for [`confirm`].
    pub id: String,
    /// The `otpauth` URI for the QR code.
    pub uri: SecretText,
    /// The secret in base32, to be typed.
    pub secret: SecretText,
}

/// Makes an account for another authenticator app; it counts once [`confirm`] saw a right code. None when a
/// factor must be proved first.
///
/// # Errors
/// [`Failure`].
pub async fn offer(service: &Service, session: &Session) -> Result<Option<AppOffer>, Failure> {
    let now = service.clock().now();
    if !session.may_change(now) {
        return Ok(None);
    }
    let (service, user) = (service.clone(), session.user.clone());
    let store = service.store().clone();
    store
        .write(move |tx| {
            // Offers of before that were never confirmed are worth nothing any more.
            tx.execute(
                "DELETE FROM totp WHERE user = ?1 AND credential IS NULL AND confirmed_at IS NULL",
                [&user.id],
            )?;
            let (id, secret) = insert(tx, service.sealing(), &user.id, None, now)?;
            Ok(Some(print(&service, &user.name, id, &secret)))
        })
        .await
}

/// Returns the account that was offered and not confirmed yet, so that its QR code can be shown again.
///
/// # Errors
/// [`Failure`].
pub fn pending(service: &Service, session: &Session) -> Result<Option<AppOffer>, Failure> {
    let user = &session.user;
    if !session.may_change(service.clock().now()) {
        return Ok(None);
    }
    service.store().read(|conn| {
        let row = rows(conn, &user.id)?.into_iter().find(|row| row.credential.is_none() && !row.confirmed);
        let Some(row) = row else { return Ok(None) };
        let secret = service.sealing().open("totp", &row.id, &row.secret)?;
        Ok(Some(print(service, &user.name, row.id, &secret)))
    })
}

/// Looks at the first code of another authenticator app; a right one makes it a factor.
///
/// # Errors
/// [`Failure`].
pub async fn confirm(service: &Service, session: &Session, id: &str, code: &str) -> Result<Verify, Failure> {
    let (id, code) = (id.to_owned(), code.to_owned());
    look(service, session, move |tx, sealing, session, now| {
        let user = &session.user.id;
        let row = rows(tx, user)?.into_iter().find(|row| row.id == id && row.credential.is_none());
        let Some(row) = row.filter(|_| session.may_change(now)) else { return Ok(false) };
        if !row.takes(tx, sealing, &code, now)? {
            return Ok(false);
        }
        notices::add(tx, user, notices::Kind::AppAdded, "", now)?;
        Ok(true)
    })
    .await
}

/// Looks at a code at a sign-in, or when factors are to be changed: that of a phone or of another app.
///
/// # Errors
/// [`Failure`].
pub async fn verify(service: &Service, session: &Session, code: &str) -> Result<Verify, Failure> {
    let code = code.to_owned();
    look(service, session, move |tx, sealing, session, now| {
        if !matches!(session.stage, Stage::SecondFactor | Stage::SignedIn) {
            return Ok(false);
        }
        for row in rows(tx, &session.user.id)? {
            if row.counts && row.takes(tx, sealing, &code, now)? {
                return Ok(true);
            }
        }
        Ok(false)
    })
    .await
}

/// Stores a new secret and returns its id and itself.
pub(crate) fn insert(
    tx: &Tx<'_>,
    sealing: &Sealing,
    user: &str,
    credential: Option<&str>,
    now: i64,
) -> Result<(String, SecretBytes), Failure> {
    let (id, secret) = (ids::make()?, random::make_secret(SECRET)?);
    tx.execute(
        "INSERT INTO totp (id, user, credential, secret, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![id, user, credential, sealing.seal("totp", &id, secret.expose())?, now],
    )?;
    Ok((id, secret))
}

/// Prints the `otpauth` URI of an account.
pub(crate) fn account_uri(issuer: &str, name: &str, secret: &SecretBytes) -> SecretText {
    let (issuer, account_name) = (issuer.to_owned(), name.to_owned());
    uri::print(&Account { issuer, account_name, otp: Otp::Totp(totp(secret)), extra: Vec::new() })
}

fn print(service: &Service, name: &str, id: String, secret: &SecretBytes) -> AppOffer {
    let uri = account_uri(&service.config().organisation, name, secret);
    AppOffer { id, uri, secret: base32::encode(secret.expose()) }
}

fn totp(secret: &SecretBytes) -> Totp {
    Totp { secret: secret.clone(), algorithm: Algorithm::Sha1, digits: Digits::SIX, period: Period::THIRTY }
}

struct Row {
    id: String,
    credential: Option<String>,
    secret: Vec<u8>,
    confirmed: bool,
    /// Whether it proves a sign-in: another app's after its first right code, a phone's once the phone was
    /// active. One in set-up may be a thief's who photographed the QR code.
    counts: bool,
    last_step: i64,
}

fn rows(conn: &Connection, user: &str) -> Result<Vec<Row>, Failure> {
    let mut query = conn.prepare_cached(
        "SELECT totp.id, totp.credential, totp.secret, totp.confirmed_at IS NOT NULL, totp.last_step,
                coalesce(credentials.activated_at, iif(totp.credential IS NULL, totp.confirmed_at, NULL)) IS NOT NULL
         FROM totp LEFT JOIN credentials ON credentials.id = totp.credential WHERE totp.user = ?1",
    )?;
    let rows = query.query_map([user], |row| {
        Ok(Row {
            id: row.get(0)?,
            credential: row.get(1)?,
            secret: row.get(2)?,
            confirmed: row.get(3)?,
            last_step: row.get(4)?,
            counts: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Tells whether a code from any app proves a sign-in of this user.
pub(super) fn any(conn: &Connection, user: &str) -> Result<bool, Failure> {
    Ok(rows(conn, user)?.iter().any(|row| row.counts))
}

impl Row {
    /// Tells whether the code is one of the three around now and its step is later than the last one taken;
    /// then records that.
    fn takes(&self, tx: &Tx<'_>, sealing: &Sealing, code: &str, now: i64) -> Result<bool, Failure> {
        let secret = sealing.open("totp", &self.id, &self.secret)?;
        let otp = Otp::Totp(totp(&secret));
        for step in (now / STEP_S - 1)..=(now / STEP_S + 1) {
            let made = otp.code_at(UnixTime::from_seconds(step * STEP_S), 0);
            let made = made.map_err(|_| Failure::Stored("TOTP secret"))?;
            if step > self.last_step && bool::from(made.text.as_bytes().ct_eq(code.as_bytes())) {
                tx.execute(
                    "UPDATE totp SET last_step = ?2, last_used_at = ?3, confirmed_at = coalesce(confirmed_at, ?3)
                     WHERE id = ?1",
                    params![self.id, step, now],
                )?;
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Looks at a code under the account's limit; a right one proves the factor.
async fn look(
    service: &Service,
    session: &Session,
    right: impl FnOnce(&Tx<'_>, &Sealing, &Session, i64) -> Result<bool, Failure> + Send + 'static,
) -> Result<Verify, Failure> {
    let (service, key, now) = (service.clone(), session.key.clone(), service.clock().now());
    let store = service.store().clone();
    store
        .write(move |tx| {
            let Some(session) = sessions::read(tx, &key, now)? else { return Ok(Verify::Wrong { left: 0 }) };
            under_limit(tx, &session, Method::Totp, now, |tx| right(tx, service.sealing(), &session, now))
        })
        .await
}

/// Runs a check of a code under the limit that all codes of an account share.
pub(super) fn under_limit(
    tx: &Tx<'_>,
    session: &Session,
    method: Method,
    now: i64,
    right: impl FnOnce(&Tx<'_>) -> Result<bool, Failure>,
) -> Result<Verify, Failure> {
    let user = &session.user.id;
    if let Some(retry_s) = limits::wait(tx, "codes", user, now, limits::CODES)? {
        return Ok(Verify::Limited { retry_s });
    }
    if right(tx)? {
        limits::clear(tx, "codes", user)?;
        sessions::prove(tx, &session.key, user, method, now)?;
        tracing::info!(user, method = method.name(), "factor proved");
        return Ok(Verify::Right);
    }
    limits::note(tx, "codes", user, now)?;
    let wrong = limits::count(tx, "codes", user, now - limits::CODES.within_s)?;
    Ok(Verify::Wrong { left: limits::CODES.most.saturating_sub(wrong) })
}
