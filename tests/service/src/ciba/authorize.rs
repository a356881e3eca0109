//! `POST /bc-authorize`: a relying party asks for a sign-in, CIBA Core 1.0 section 7.

use authenticator_core::push::json;
use authenticator_core::push::wire::{self, Label, NumericDate};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use rusqlite::params;
use serde::Deserialize;
use serde_json::json;

use super::clients::authenticate;
use super::errors::{Error, Word};
use super::form::Form;
use crate::accounts::users;
use crate::config::RelyingParty;
use crate::requests::making::{date, line};
use crate::requests::{Asked, Party, Start, start_for_party};
use crate::{Service, ids};

/// Seconds between two polls.
pub(super) const INTERVAL_S: i64 = 2;
/// Seconds that a request lives when the party names none, and at most.
const USUAL_LIFE_S: i64 = 60;
const MOST_LIFE_S: i64 = 300;
/// Characters of a binding message: a phone shows it in full.
const MOST_MESSAGE: usize = 200;

/// `ctx`: where the sign-in comes from, as the party knows it. Every member may be left out.
#[derive(Default, Deserialize)]
struct AskedContext {
    #[serde(default)]
    ip: Option<String>,
    #[serde(default)]
    city: Option<String>,
    #[serde(default)]
    country: Option<String>,
    #[serde(default)]
    ua: Option<String>,
    #[serde(default)]
    device: Option<String>,
    #[serde(default)]
    time: Option<NumericDate>,
    /// Unknown is said as new: a warning too many is better than one too few.
    #[serde(default)]
    new_device: Option<bool>,
}

pub(super) async fn authorize(
    State(service): State<Service>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Error> {
    let form = Form::read(&headers, &body)?;
    let party = authenticate(&service, &headers, &form).await?;
    let wish = read(&service, party, &form)?;
    let asked = match start_for_party(&service, wish).await? {
        Start::Made(asked) => asked,
        Start::Limited { retry_s } => {
            return Err(Error::denied("too many requests for this user", Some(retry_s)));
        }
        Start::Muted { until } => {
            let wait = until.map(|until| until - service.clock().now());
            return Err(Error::denied("the user denied or reported requests", wait));
        }
        Start::NoPhone | Start::SetUpAgain | Start::NotConfirmed | Start::NotFresh => {
            return Err(Error::denied("the user has no phone to ask", None));
        }
    };
    answer(&service, party, asked).await
}

async fn answer(service: &Service, party: &RelyingParty, asked: Asked) -> Result<Response, Error> {
    let id = ids::make_token()?;
    let (digest, client, request, expires_at) =
        (ids::digest(&id), party.id.clone(), asked.id.clone(), asked.expires_at);
    let insert = "INSERT INTO ciba (id, client, request, expires_at, interval_s) VALUES (?1, ?2, ?3, ?4, ?5)";
    let row = move |tx: &crate::store::Tx<'_>| {
        Ok(tx.prepare_cached(insert)?.execute(params![digest, client, request, expires_at, INTERVAL_S])?)
    };
    service.store().write(row).await?;
    tracing::info!(request = asked.id, party = party.id, "asked by a relying party");
    let body = json!({
        "auth_req_id": id,
        "expires_in": asked.expires_at - service.clock().now(),
        "interval": INTERVAL_S,
        "match": asked.number,
        "match_scan": asked.scan,
    });
    let mut response = Json(body).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Reads the parameters into a wish, in the order in which CIBA section 7.2 names their checks.
fn read(service: &Service, party: &RelyingParty, form: &Form) -> Result<Party, Error> {
    let bad = |why| Error::new(Word::InvalidRequest, why);
    if form.get("request").is_some() {
        return Err(bad("signed requests are not taken here"));
    }
    let scope = form.get("scope").ok_or_else(|| bad("scope is missing"))?;
    if !scope.split(' ').any(|word| word == "openid") {
        return Err(Error::new(Word::InvalidScope, "the scope must have openid"));
    }
    let hints = ["login_hint", "login_hint_token", "id_token_hint"].map(|name| form.get(name));
    let [Some(name), None, None] = hints else {
        return Err(bad("exactly one hint is taken, and it is login_hint"));
    };
    let message = form.get("binding_message").map(message).transpose()?;
    let life_s = match form.get("requested_expiry") {
        Some(text) => text
            .parse()
            .ok()
            .filter(|life| *life > 0)
            .ok_or_else(|| bad("requested_expiry is no positive number"))?,
        None => USUAL_LIFE_S,
    };
    let context = match form.get("ctx") {
        Some(text) => {
            json::read(text.as_bytes(), json::CAP).map_err(|_| bad("ctx is not JSON of the form"))?
        }
        None => AskedContext::default(),
    };
    let details = match form.get("authorization_details") {
        Some(text) => Some(text.parse().map_err(|_| bad("authorization_details is not JSON"))?),
        None => None,
    };
    let user = service.store().read(|conn| users::by_name(conn, name))?;
    let user = user.ok_or(Error::new(Word::UnknownUserId, "no user of this name"))?;
    let name: Label = party.name.parse().unwrap_or_default();
    Ok(Party {
        user: user.id,
        party: wire::Party { id: party.id.clone(), name },
        context: context.read(service.clock().now()),
        message,
        details,
        life_s: life_s.min(MOST_LIFE_S),
    })
}

/// A binding message is shown as it is or not at all (CIBA section 7.1): a shortened one could mislead.
fn message(text: &str) -> Result<Label, Error> {
    let wrong =
        Error::new(Word::InvalidBindingMessage, "the message is not one line of at most 200 characters");
    if text.chars().count() > MOST_MESSAGE {
        return Err(wrong);
    }
    text.parse().map_err(|_| wrong)
}

impl AskedContext {
    fn read(self, now: i64) -> wire::Context {
        let known = |text: Option<String>| text.map(line).filter(|label| !label.as_str().is_empty());
        wire::Context {
            ip: known(self.ip).unwrap_or_else(|| line("-")),
            city: known(self.city),
            country: known(self.country),
            ua: known(self.ua).unwrap_or_else(|| line("-")),
            device: known(self.device),
            time: self.time.unwrap_or_else(|| date(now)),
            new_device: self.new_device.unwrap_or(true),
        }
    }
}
