//! Live states: server-sent events, and the same state as one line for browsers that cannot have them.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::Path;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream};
use tokio::sync::watch::Receiver;

use super::cookies::Name;
use super::page::{Page, Stop};
use super::{asking, setting_up};
use crate::accounts::{Session, sessions};
use crate::{Failure, Service};

/// What ends by time alone is looked at this often.
const LOOK: Duration = Duration::from_secs(1);

/// What a page waits for.
#[derive(Clone, Copy)]
enum Wait {
    Offer,
    Request,
}

/// `GET /live/{what}`: events named `state`, one at once and one for each change; with `?once`, one line of text.
pub(crate) async fn live(Path(what): Path<String>, page: Page) -> Result<Response, Stop> {
    let wait = match what.as_str() {
        "scan" => Wait::Offer,
        "ask" => Wait::Request,
        _ => return Err(Stop::Gone),
    };
    let (Some(session), Some(token)) = (&page.session, page.cookies.get(Name::Session)) else {
        return Err(Stop::Gone);
    };
    if page.query("once").is_some() {
        return Ok(state(&page.service, session, wait)?.into_response());
    }
    let changes = page.service.live().watch(&session.user.id);
    let (service, token) = (page.service.clone(), token.to_owned());
    let waiting = Waiting { service, token, wait, changes, told: None, over: false };
    Ok(Sse::new(events(waiting)).keep_alive(KeepAlive::default()).into_response())
}

/// A page that waits.
struct Waiting {
    service: Service,
    token: String,
    wait: Wait,
    changes: Receiver<u64>,
    told: Option<String>,
    over: bool,
}

impl Waiting {
    /// Waits for the next state that is another than the one told last. None when there is nothing more to tell.
    async fn next(&mut self) -> Option<String> {
        while !self.over {
            self.changes.mark_unchanged();
            let now = match sessions::open(&self.service, &self.token) {
                Ok(Some(session)) => state(&self.service, &session, self.wait),
                Ok(None) => Ok(GONE.to_owned()),
                Err(failure) => Err(failure),
            };
            let now = match now {
                Ok(now) => now,
                Err(failure) => {
                    tracing::error!(%failure, "a waiting page was left");
                    return None;
                }
            };
            self.over = now == GONE;
            if self.told.as_ref() != Some(&now) {
                self.told = Some(now.clone());
                return Some(now);
            }
            // Most states change by a commit; the end of a request or an offer comes with the clock alone.
            if let Ok(Err(_)) = tokio::time::timeout(LOOK, self.changes.changed()).await {
                return None;
            }
        }
        None
    }
}

/// The state of a session that has ended.
const GONE: &str = "gone";

fn state(service: &Service, session: &Session, wait: Wait) -> Result<String, Failure> {
    match wait {
        Wait::Offer => setting_up::state(service, session),
        Wait::Request => asking::state(service, session),
    }
}

fn events(waiting: Waiting) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(waiting, |mut waiting| async move {
        let state = waiting.next().await?;
        Some((Ok(Event::default().event("state").data(state)), waiting))
    })
}
