//! Offers to enrol: the QR code of the set-up page, the code that can be typed instead, and the check number.

use authenticator_core::push::check::{Agreed, check_number};
use authenticator_core::push::ids::Id;
use authenticator_core::push::json;
use authenticator_core::push::jwk::Jwk;
use authenticator_core::push::jws::Claims;
use authenticator_core::push::wire::{AttestationWish, Code, OFFER_AUDIENCE, Offer as Claimed, OfferBody};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use rusqlite::{Connection, OptionalExtension, params};

use super::credentials::{self, CredentialState, Reason};
use crate::accounts::limits::{self, Limit};
use crate::accounts::{Session, recovery};
use crate::config::Attestation;
use crate::http::body::Capped;
use crate::http::{Refusal, Visitor};
use crate::requests::making::{date, line, stored_id};
use crate::store::Tx;
use crate::{Failure, Service};

/// How long an offer is good, seconds.
pub const LIFE_S: i64 = 300;
/// Typed codes from one address.
const GUESSES: Limit = Limit { most: 20, within_s: 300 };

/// An offer as the page shows it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Offer {
    /// Its id.
    pub jti: String,
    /// What the QR code says: `https://<service>/push-enrol#…`.
    pub link: String,
    /// The same for a button: `pushenrol:#…`.
    pub app_link: String,
    /// What can be typed instead: `ABCD-EFGH-JKMN`.
    pub code: String,
    /// The host that goes with the code.
    pub host: String,
    /// When it expires, Unix seconds.
    pub expires_at: i64,
}

/// What became of the wish for an offer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum MakeOffer {
    /// It was made.
    Made(Offer),
    /// The account has five phones.
    TooManyPhones,
    /// A factor must be proved first.
    NotFresh,
}

/// How an offer stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum OfferState {
    /// No phone took it yet.
    Waiting(Offer),
    /// Nobody took it in time, or a newer one took its place.
    Expired,
    /// A phone took it.
    Enrolled {
        /// Its credential.
        credential: String,
        /// What its user calls it.
        name: String,
        /// The number that the phone shows too.
        check_number: String,
        /// Whether the person said that they are the same.
        confirmed: bool,
        /// Where the credential stands.
        state: CredentialState,
    },
}

/// What became of the answer to "Is this the number on your phone?".
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ConfirmCheck {
    /// Yes: the test comes next.
    Confirmed,
    /// No: the phone was revoked.
    Revoked,
    /// There is nothing to confirm.
    Gone,
}

/// Makes an offer for the session's user; one of before that nobody took is void then.
///
/// # Errors
/// [`Failure`].
pub async fn make(service: &Service, session: &Session) -> Result<MakeOffer, Failure> {
    let now = service.clock().now();
    if !session.may_change(now) {
        return Ok(MakeOffer::NotFresh);
    }
    let (service, session) = (service.clone(), session.clone());
    let store = service.store().clone();
    store.write(move |tx| make_in(tx, &service, &session, now)).await
}

fn make_in(tx: &Tx<'_>, service: &Service, session: &Session, now: i64) -> Result<MakeOffer, Failure> {
    let user = &session.user;
    if credentials::count(tx, &user.id, now)? >= credentials::MOST {
        return Ok(MakeOffer::TooManyPhones);
    }
    tx.execute("UPDATE offers SET cancelled = 1 WHERE user = ?1 AND credential IS NULL", [&user.id])?;
    let (jti, nonce) = (Id::make()?, Id::make()?);
    let key = service.keys().current();
    let claims = Claimed {
        v: 1,
        iss: service.origin().clone(),
        aud: OFFER_AUDIENCE.to_owned(),
        jti,
        iat: date(now),
        exp: date(now + LIFE_S),
        sub: user.id.clone(),
        name: user.name.parse().unwrap_or_else(|_| line(&user.name)),
        svc: service.organisation().clone(),
        logo: service.logo().map(|_| "/push/v1/logo".to_owned()),
        nonce,
        att: match service.config().attestation {
            Attestation::None => AttestationWish::None,
            Attestation::Wanted => AttestationWish::Wanted,
            Attestation::Required => AttestationWish::Required,
        },
        jkt_s: Jwk(key).thumbprint(),
    };
    let (jws, code) = (service.keys().sign(&claims)?, recovery::make_code()?);
    let offer = print(service, jti.to_string(), &jws, &code, now + LIFE_S);
    tx.execute(
        "INSERT INTO offers (jti, user, session, nonce, code, jws, expires_at, service_key)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            offer.jti,
            user.id,
            session.key,
            nonce.to_string(),
            recovery::normal(&code),
            jws,
            offer.expires_at,
            claims.jkt_s.to_string()
        ],
    )?;
    tx.execute("UPDATE sessions SET offer = ?2 WHERE key = ?1", [&session.key, &offer.jti])?;
    tx.changed(&user.id);
    Ok(MakeOffer::Made(offer))
}

fn print(service: &Service, jti: String, jws: &str, code: &str, expires_at: i64) -> Offer {
    Offer {
        jti,
        link: format!("{}#{jws}", service.origin().address("/push-enrol")),
        app_link: format!("pushenrol:#{jws}"),
        code: code.to_owned(),
        host: service.origin().host().to_owned(),
        expires_at,
    }
}

/// Returns how an offer of this session stands; none when it is not this session's.
///
/// # Errors
/// [`Failure`].
pub fn status(service: &Service, session: &Session, jti: &str) -> Result<Option<OfferState>, Failure> {
    let now = service.clock().now();
    service.store().read(|conn| {
        let mut query = conn.prepare_cached(
            "SELECT offers.jws, offers.code, offers.expires_at, offers.cancelled, offers.credential, credentials.name
             FROM offers LEFT JOIN credentials ON credentials.id = offers.credential
             WHERE offers.jti = ?1 AND offers.session = ?2",
        )?;
        let mut rows = query.query([jti, &session.key])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let expires_at: i64 = row.get(2)?;
        let Some(credential) = row.get::<_, Option<String>>(4)? else {
            if row.get(3)? || expires_at <= now {
                return Ok(Some(OfferState::Expired));
            }
            let code: String = row.get(1)?;
            let code = [code.get(..4), code.get(4..8), code.get(8..)].map(Option::unwrap_or_default).join("-");
            let offer = print(service, jti.to_owned(), &row.get::<_, String>(0)?, &code, expires_at);
            return Ok(Some(OfferState::Waiting(offer)));
        };
        let phone = credentials::load(conn, &credential, now)?.ok_or(Failure::Stored("credential"))?;
        Ok(Some(OfferState::Enrolled {
            name: row.get(5)?,
            check_number: number(conn, jti, &phone)?,
            confirmed: phone.confirmed,
            state: phone.state,
            credential,
        }))
    })
}

/// Computes the check number of an enrolment anew; it is stored nowhere.
fn number(conn: &Connection, jti: &str, phone: &credentials::Credential) -> Result<String, Failure> {
    let mut query =
        conn.prepare_cached("SELECT nonce, server_nonce, service_key FROM offers WHERE jti = ?1")?;
    let (nonce, server_nonce, service_key): (String, String, String) =
        query.query_row([jti], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(check_number(&Agreed {
        offer: stored_id(jti)?,
        nonce: stored_id(&nonce)?,
        server_nonce: stored_id(&server_nonce)?,
        device: Jwk(phone.device).thumbprint(),
        approval: Jwk(phone.approval).thumbprint(),
        service: service_key.parse().map_err(|_| Failure::Stored("thumbprint"))?,
    }))
}

/// Takes the person's answer to "Is this the number on your phone?".
///
/// # Errors
/// [`Failure`].
pub async fn confirm(
    service: &Service,
    session: &Session,
    jti: &str,
    same: bool,
) -> Result<ConfirmCheck, Failure> {
    let (jti, session, now) = (jti.to_owned(), session.clone(), service.clock().now());
    service
        .store()
        .write(move |tx| {
            let sql =
                "SELECT credential FROM offers WHERE jti = ?1 AND session = ?2 AND credential IS NOT NULL";
            let id: Option<String> = tx.query_row(sql, [&jti, &session.key], |row| row.get(0)).optional()?;
            let Some(id) = id else { return Ok(ConfirmCheck::Gone) };
            let phone = credentials::load(tx, &id, now)?.ok_or(Failure::Stored("credential"))?;
            if phone.state != CredentialState::Pending {
                return Ok(ConfirmCheck::Gone);
            }
            if !same {
                credentials::revoke(tx, &id, Reason::NumberMismatch, now)?;
                return Ok(ConfirmCheck::Revoked);
            }
            tx.execute("UPDATE credentials SET confirmed = 1 WHERE id = ?1", [&id])?;
            tx.changed(&session.user.id);
            Ok(ConfirmCheck::Confirmed)
        })
        .await
}

/// `POST /push/v1/offer`: a typed code becomes the offer.
pub(super) async fn look_up(
    State(service): State<Service>,
    visitor: Visitor,
    body: Capped<{ super::BODY }>,
) -> Result<Response, Refusal> {
    let typed: OfferBody = json::read(&body.0, super::BODY).map_err(|_| Refusal::new(Code::Malformed))?;
    let (code, now) = (recovery::normal(&typed.code), service.clock().now());
    let address = visitor.address;
    let found = service
        .store()
        .write(move |tx| {
            if let Some(retry_s) = limits::wait(tx, "offer", &address, now, GUESSES)? {
                return Ok(Err(Refusal::limited(retry_s)));
            }
            let sql = "SELECT jws FROM offers WHERE code = ?1 AND expires_at > ?2 AND cancelled = 0 AND credential IS NULL";
            let jws: Option<String> = tx.query_row(sql, params![code, now], |row| row.get(0)).optional()?;
            if jws.is_none() {
                limits::note(tx, "offer", &address, now)?;
            }
            Ok(jws.ok_or(Refusal::new(Code::UnknownCode)))
        })
        .await??;
    Ok(signed(Claimed::TYP, found))
}

/// Answers with a signed message.
pub(super) fn signed(typ: &str, jws: String) -> Response {
    ([(header::CONTENT_TYPE, format!("application/{typ}"))], jws).into_response()
}
