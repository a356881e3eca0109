//! Making requests: limits first, then one signed copy for each phone, all in one transaction.

use authenticator_core::push::ids::Id;
use authenticator_core::push::wire::{self, Label, NumericDate};
use authenticator_core::time::UnixTime;
use rusqlite::{Connection, params};

use super::limits::{self, May};
use super::row::{self, Act};
use super::state::{Event, State};
use crate::accounts::{Session, Stage};
use crate::http::Visitor;
use crate::push::credentials::{self, Credential, CredentialState};
use crate::store::{Effect, Tx};
use crate::{Failure, Service, ids};

/// How long a request lives, seconds.
pub const LIFE_S: i64 = 60;
/// Numbers are not used again within these seconds.
const NUMBER_REST_S: i64 = 600;

/// A request that was made, as the page that asks shows it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Asked {
    /// Its id.
    pub id: String,
    /// The number to type, leading zeros included.
    pub number: String,
    /// The text of the QR code that can be scanned instead.
    pub scan: String,
    /// When it expires, Unix seconds.
    pub expires_at: i64,
    /// How many phones got it.
    pub phones: usize,
}

/// What became of the wish to ask.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Start {
    /// The phones are asked.
    Made(Asked),
    /// Too often.
    Limited {
        /// Seconds until the next try.
        retry_s: i64,
    },
    /// The user denied or reported.
    Muted {
        /// Until when; none: until another factor was proved.
        until: Option<i64>,
    },
    /// The phone was tested five times in vain: it needs a new QR code.
    SetUpAgain,
    /// The check number was not confirmed yet.
    NotConfirmed,
    /// A factor must be proved first.
    NotFresh,
    /// There is no active phone.
    NoPhone,
}

/// A relying party's wish, CIBA Core 1.0 section 7.1.
#[derive(Clone, Debug)]
pub struct Party {
    /// The user's handle.
    pub user: String,
    /// `client_id` and name of the party.
    pub party: wire::Party,
    /// Where the wish comes from.
    pub context: wire::Context,
    /// `binding_message`.
    pub message: Option<Label>,
    /// RFC 9396.
    pub details: Option<wire::Json>,
    /// How long it lives, seconds; at most 300.
    pub life_s: i64,
}

struct Draft {
    user: String,
    act: Act,
    origin: &'static str,
    session: Option<String>,
    credential: Option<String>,
    party: wire::Party,
    context: wire::Context,
    message: Option<Label>,
    details: Option<wire::Json>,
    life_s: i64,
}

/// Asks all active phones for a sign-in, or for a fresh proof in a session that is signed in.
///
/// # Errors
/// [`Failure`].
pub async fn start_login(service: &Service, session: &Session, visitor: &Visitor) -> Result<Start, Failure> {
    if !matches!(session.stage, Stage::SecondFactor | Stage::SignedIn) {
        return Ok(Start::NoPhone);
    }
    let draft = Draft {
        user: session.user.id.clone(),
        act: Act::Login,
        origin: "page",
        session: Some(session.key.clone()),
        credential: None,
        party: own_party(service),
        context: context(service, &session.user.id, visitor)?,
        message: None,
        details: None,
        life_s: LIFE_S,
    };
    login(service, draft).await
}

/// Asks all active phones on behalf of a relying party.
///
/// # Errors
/// [`Failure`].
pub async fn start_for_party(service: &Service, wish: Party) -> Result<Start, Failure> {
    let Party { user, party, context, message, details, life_s } = wish;
    let draft = Draft {
        user,
        act: Act::Login,
        origin: "party",
        session: None,
        credential: None,
        party,
        context,
        message,
        details,
        life_s: life_s.clamp(1, 300),
    };
    login(service, draft).await
}

/// Tests one phone from a page: a phone in set-up is active once it approves.
///
/// # Errors
/// [`Failure`].
pub async fn start_test(
    service: &Service,
    session: &Session,
    visitor: &Visitor,
    credential: &str,
) -> Result<Start, Failure> {
    let now = service.clock().now();
    if !session.may_change(now) {
        return Ok(Start::NotFresh);
    }
    let draft = Draft {
        session: Some(session.key.clone()),
        origin: "page",
        context: context(service, &session.user.id, visitor)?,
        ..test_draft(service, &session.user.id, credential)?
    };
    let (service, credential) = (service.clone(), credential.to_owned());
    let store = service.store().clone();
    store
        .write(move |tx| {
            let phone = credentials::load(tx, &credential, now)?.filter(|phone| phone.user == draft.user);
            let Some(phone) = phone else { return Ok(Start::NoPhone) };
            match phone.state {
                CredentialState::Revoked(_) => return Ok(Start::NoPhone),
                CredentialState::Pending if !phone.confirmed => return Ok(Start::NotConfirmed),
                CredentialState::Pending => {
                    if !credentials::count_set_up_test(tx, &credential, limits::SET_UP_TESTS)? {
                        return Ok(Start::SetUpAgain);
                    }
                }
                CredentialState::Active => {
                    if let May::Wait { retry_s } = limits::test(tx, &credential, now)? {
                        return Ok(Start::Limited { retry_s });
                    }
                }
            }
            Ok(Start::Made(make(tx, &service, draft, &[phone], now)?))
        })
        .await
}

/// Tests a phone from its own account screen. It activates nothing: the caller knows the number.
///
/// # Errors
/// [`Failure`].
pub async fn start_from_phone(service: &Service, phone: &Credential) -> Result<Start, Failure> {
    let now = service.clock().now();
    let draft = test_draft(service, &phone.user, &phone.id)?;
    let (service, phone) = (service.clone(), phone.clone());
    let store = service.store().clone();
    store
        .write(move |tx| match limits::test(tx, &phone.id, now)? {
            May::Wait { retry_s } => Ok(Start::Limited { retry_s }),
            May::Ask | May::Muted { .. } => Ok(Start::Made(make(tx, &service, draft, &[phone], now)?)),
        })
        .await
}

fn test_draft(service: &Service, user: &str, credential: &str) -> Result<Draft, Failure> {
    let unknown = Visitor { address: "-".to_owned(), agent: "-".to_owned() };
    Ok(Draft {
        user: user.to_owned(),
        act: Act::Test,
        origin: "phone",
        session: None,
        credential: Some(credential.to_owned()),
        party: own_party(service),
        context: context(service, user, &unknown)?,
        message: None,
        details: None,
        life_s: LIFE_S,
    })
}

async fn login(service: &Service, draft: Draft) -> Result<Start, Failure> {
    let (service, now) = (service.clone(), service.clock().now());
    let store = service.store().clone();
    store
        .write(move |tx| {
            let phones = credentials::active_of(tx, &draft.user, now)?;
            if phones.is_empty() {
                return Ok(Start::NoPhone);
            }
            match limits::login(tx, &draft.user, now)? {
                May::Ask => Ok(Start::Made(make(tx, &service, draft, &phones, now)?)),
                May::Wait { retry_s } => Ok(Start::Limited { retry_s }),
                May::Muted { until } => Ok(Start::Muted { until }),
            }
        })
        .await
}

/// Stores a request with one signed copy for each phone; an open one of the same kind makes way.
fn make(
    tx: &Tx<'_>,
    service: &Service,
    draft: Draft,
    phones: &[Credential],
    now: i64,
) -> Result<Asked, Failure> {
    for open in row::open_of(tx, &draft.user, draft.act)? {
        if open.credential == draft.credential {
            // Whether it was still open does not matter here.
            let _: Result<State, State> = super::end(tx, service, &open, Event::Newer, None, now)?;
        }
    }
    let (id, scan) = (ids::make()?, ids::make()?);
    let number = make_number(tx, service, &draft.user, now)?;
    let expires_at = now + draft.life_s;
    let quiet = draft.act == Act::Login && limits::is_quiet(tx, &draft.user, now)?;
    tx.prepare_cached(
        "INSERT INTO requests (id, user, act, origin, session, credential, number, scan, made_at, expires_at, quiet, state)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 'open')",
    )?
    .execute(params![
        id,
        draft.user,
        draft.act.name(),
        draft.origin,
        draft.session,
        draft.credential,
        number,
        scan,
        now,
        expires_at,
        quiet
    ])?;
    if let Some(key) = &draft.session {
        tx.prepare_cached("UPDATE sessions SET request = ?2 WHERE key = ?1")?.execute([key, &id])?;
    }
    let digits = u8::try_from(service.config().match_digits).unwrap_or(2);
    let mut claims = wire::Request {
        iss: service.origin().clone(),
        aud: Id([0; 16]),
        jti: stored_id(&id)?,
        iat: date(now),
        exp: date(expires_at),
        act: match draft.act {
            Act::Login => wire::Act::Login,
            Act::Test => wire::Act::Test,
        },
        rp: draft.party,
        ctx: draft.context,
        msg: draft.message,
        authorization_details: draft.details,
        matching: wire::MatchRule { how: wire::How::Type, len: Some(digits) },
    };
    let mut insert =
        tx.prepare_cached("INSERT INTO request_copies (credential, request, jws) VALUES (?1, ?2, ?3)")?;
    for phone in phones {
        claims.aud = stored_id(&phone.id)?;
        insert.execute(params![phone.id, id, service.keys().sign(&claims)?])?;
        if !quiet {
            tx.after(Effect::WakeUp { credential: phone.id.clone(), request: id.clone(), expires_at });
        }
    }
    service.metrics().requests.with_label_values(&["open"]).inc();
    tracing::info!(request = id, act = draft.act.name(), phones = phones.len(), quiet, "request made");
    tx.changed(&draft.user);
    let scan = format!("pushmatch:{id}.{scan}");
    Ok(Asked { id, number, scan, expires_at, phones: phones.len() })
}

/// Draws a number that no request of the account had within 10 minutes.
fn make_number(conn: &Connection, service: &Service, user: &str, now: i64) -> Result<String, Failure> {
    let mut query = conn.prepare_cached("SELECT number FROM requests WHERE user = ?1 AND made_at > ?2")?;
    let used = query.query_map(params![user, now - NUMBER_REST_S], |row| row.get(0))?;
    let used = used.collect::<Result<Vec<String>, _>>()?;
    // The limits leave most of a hundred numbers free at any time.
    for _ in 0..1000 {
        let number = ids::make_number(service.config().match_digits)?;
        if !used.contains(&number) {
            return Ok(number);
        }
    }
    Err(Failure::Stored("number: all are used"))
}

/// Reads an id of our own making.
pub(crate) fn stored_id(text: &str) -> Result<Id, Failure> {
    text.parse().map_err(|_| Failure::Stored("id"))
}

/// Returns a moment as it stands in messages.
pub(crate) fn date(at: i64) -> NumericDate {
    UnixTime::from_seconds(at).into()
}

fn own_party(service: &Service) -> wire::Party {
    wire::Party { id: service.origin().host().to_owned(), name: service.organisation().clone() }
}

fn context(service: &Service, user: &str, visitor: &Visitor) -> Result<wire::Context, Failure> {
    let mark = visitor.mark(service, user);
    let known = service.store().read(|conn| {
        let mut query = conn.prepare_cached("SELECT 1 FROM browsers WHERE user = ?1 AND mark = ?2")?;
        Ok(query.exists(params![user, mark])?)
    })?;
    Ok(wire::Context {
        ip: line(&visitor.address),
        city: None,
        country: None,
        ua: line(&visitor.agent),
        device: visitor.device().map(line),
        time: date(service.clock().now()),
        new_device: !known,
    })
}

/// Makes a line that phones show of foreign text: control characters and turns of direction are left out.
pub(crate) fn line(text: impl AsRef<str>) -> Label {
    let short: String =
        text.as_ref().chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(200).collect();
    short.parse().unwrap_or_default()
}
