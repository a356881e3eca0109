//! Security info: what protects an account, and changing it. A change asks first, and is confirmed by a factor
//! that is at hand.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};

use super::asking::{self, Purpose};
use super::forms::Posted;
use super::frame::Say;
use super::page::{Page, Stop};
use super::texting::shown;
use super::times;
use super::views::{Confirm, Link, MethodCard, PhoneCard, Security};
use super::words::fill;
use crate::accounts::factors::{self, Factors};
use crate::accounts::{Change, numbers};
use crate::push::credentials::{self, CredentialState, Phone};
use crate::push::devices;
use crate::requests;

/// `GET /security`.
pub(crate) async fn info(page: Page) -> Result<Response, Stop> {
    let session = page.signed_in()?;
    let w = page.w();
    let say = page.said(&[
        ("removed", |w| Say::good(w.security.removed)),
        ("changed", |w| Say::good(w.security.changed)),
        ("tested", |w| Say::good(w.security.tested)),
        ("key", |w| Say::good(w.security.key_opened)),
    ]);
    let mine = factors::list(&page.service, &session.user.id)?;
    let phones: Vec<PhoneCard> = mine.phones.iter().map(|phone| card(&page, phone)).collect();
    let may_add_phone = phones.len() < credentials::MOST;
    let methods = methods(&page, &mine);
    Ok(page.show(&Security { f: page.frame(w.security.title).say(say), phones, may_add_phone, methods }))
}

/// `GET /security/phones/add`.
pub(crate) async fn add_phone(page: Page) -> Result<Response, Stop> {
    lead(&page, "/security/phones/add", "/setup/prepare")
}

/// `GET /security/number`.
pub(crate) async fn add_number(page: Page) -> Result<Response, Stop> {
    lead(&page, "/security/number", "/setup/phone")
}

/// `GET /security/recovery`.
pub(crate) async fn new_codes(page: Page) -> Result<Response, Stop> {
    lead(&page, "/security/recovery", "/setup/recovery")
}

/// `GET /security/apps`: asks before a key is made.
pub(crate) async fn add_app(page: Page) -> Result<Response, Stop> {
    let w = page.w();
    ask(&page, "/security/apps", w.app.other, "/setup/other?next=/security", w.common.next, false)
}

/// What is changed about a phone.
#[derive(Clone, Copy)]
enum Wish {
    Remove,
    NewKey,
    Test,
}

impl Wish {
    fn parse(text: &str) -> Result<Self, Stop> {
        match text {
            "remove" => Ok(Self::Remove),
            "key" => Ok(Self::NewKey),
            "test" => Ok(Self::Test),
            _ => Err(Stop::Gone),
        }
    }
}

/// `GET /security/phones/{id}/{wish}`.
pub(crate) async fn phone(Path((id, wish)): Path<(String, String)>, page: Page) -> Result<Response, Stop> {
    let wish = Wish::parse(&wish)?;
    let session = page.signed_in()?;
    let mine = factors::list(&page.service, &session.user.id)?;
    let phone = mine.phones.iter().find(|phone| phone.id == id).ok_or(Stop::Gone)?;
    let (w, path) = (page.w(), page.path().to_owned());
    let asked = page.query("asked").is_some_and(|asked| session.request.as_deref() == Some(asked));
    if let Wish::Test = wish
        && (asked || page.query("not").is_some())
    {
        let approved = asking::standing(&page.service, session)?
            .is_some_and(|watched| watched.state == requests::State::Approved);
        if asked && approved {
            return Ok(page.go("/security?say=tested"));
        }
        return asking::show(&page, session, &Purpose::Test(path));
    }
    let (question, button, danger) = match wish {
        Wish::Remove => (w.security.remove_phone, w.security.remove, true),
        Wish::NewKey => (w.security.new_key_question, w.security.new_key, false),
        Wish::Test => (w.security.test_phone, w.security.test, false),
    };
    ask(&page, &path, &fill(question, &[&phone.name]), &path, button, danger)
}

/// `POST /security/phones/{id}/{wish}`.
pub(crate) async fn change_phone(
    Path((id, wish)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Stop> {
    let (wish, page) = (Wish::parse(&wish)?, posted.page);
    let session = page.signed_in()?;
    let path = page.path().to_owned();
    match wish {
        Wish::Remove => after(&page, &path, devices::remove(&page.service, session, &id).await?, "removed"),
        Wish::NewKey => {
            let change = devices::renew_approval_key(&page.service, session, &id).await?;
            after(&page, &path, change, "key")
        }
        Wish::Test => match requests::start_test(&page.service, session, &page.visitor, &id).await? {
            requests::Start::NotFresh => Ok(confirm_first(&path)),
            requests::Start::Made(asked) => Ok(page.go(&format!("{path}?asked={}", asked.id))),
            other @ (requests::Start::Limited { .. }
            | requests::Start::Muted { .. }
            | requests::Start::SetUpAgain
            | requests::Start::NotConfirmed
            | requests::Start::NoPhone) => Ok(asking::after(&page, &path, &other)),
        },
    }
}

/// `GET /security/number/remove`.
pub(crate) async fn number(page: Page) -> Result<Response, Stop> {
    let (w, path) = (page.w(), "/security/number/remove");
    ask(&page, path, w.security.remove_number, path, w.security.remove, true)
}

/// `POST /security/number/remove`.
pub(crate) async fn remove_number(posted: Posted) -> Result<Response, Stop> {
    let page = posted.page;
    let change = numbers::remove(&page.service, page.signed_in()?).await?;
    after(&page, "/security/number/remove", change, "removed")
}

/// `GET /security/apps/{id}/remove`.
pub(crate) async fn app(Path(_): Path<String>, page: Page) -> Result<Response, Stop> {
    let (w, path) = (page.w(), page.path().to_owned());
    ask(&page, &path, w.security.remove_app, &path, w.security.remove, true)
}

/// `POST /security/apps/{id}/remove`.
pub(crate) async fn remove_app(Path(id): Path<String>, posted: Posted) -> Result<Response, Stop> {
    let page = posted.page;
    let change = factors::remove_app(&page.service, page.signed_in()?, &id).await?;
    after(&page, page.path(), change, "removed")
}

/// Shows a last question; a factor comes first when the last proof is old.
fn ask(
    page: &Page,
    path: &str,
    question: &str,
    action: &str,
    button: &'static str,
    danger: bool,
) -> Result<Response, Stop> {
    if !page.signed_in()?.may_change(page.now()) {
        return Ok(confirm_first(path));
    }
    let f = page.frame(page.w().security.title);
    let (question, action) = (question.to_owned(), action.to_owned());
    Ok(page.show(&Confirm { f, question, action, button, danger }))
}

/// Leads to a page of the set-up that comes back here; a factor comes first when the last proof is old.
fn lead(page: &Page, from: &str, to: &str) -> Result<Response, Stop> {
    if !page.signed_in()?.may_change(page.now()) {
        return Ok(confirm_first(from));
    }
    Ok(page.go(&format!("{to}?next=/security")))
}

fn after(page: &Page, path: &str, change: Change, said: &str) -> Result<Response, Stop> {
    match change {
        Change::Done => Ok(page.go(&format!("/security?say={said}"))),
        Change::NotFresh => Ok(confirm_first(path)),
        Change::Unknown => Err(Stop::Gone),
    }
}

fn confirm_first(path: &str) -> Response {
    Stop::Go(format!("/other?next={path}")).into_response()
}

fn card(page: &Page, phone: &Phone) -> PhoneCard {
    let w = page.w();
    let mut lines = vec![format!("{} · {}", phone.os, phone.app)];
    match phone.state {
        CredentialState::Pending => lines.push(w.security.pending.to_owned()),
        CredentialState::Active | CredentialState::Revoked(_) => lines.push(match phone.last_used_at {
            Some(at) => fill(w.security.last_used, &[&times::moment(w, at)]),
            None => w.security.never_used.to_owned(),
        }),
    }
    lines.push(fill(w.security.added, &[&times::moment(w, phone.created_at)]));
    if phone.may_renew {
        lines.push(w.security.needs_key.to_owned());
    }
    PhoneCard {
        name: phone.name.clone(),
        lines,
        active: phone.state == CredentialState::Active,
        path: format!("/security/phones/{}", phone.id),
    }
}

fn methods(page: &Page, mine: &Factors) -> Vec<MethodCard> {
    let w = &page.w().security;
    let link = |path: &str, text: &str| Link { path: path.to_owned(), text: text.to_owned() };
    let card = |title: &str, state: String, links| MethodCard { title: title.to_owned(), state, links };
    let number = match &mine.number {
        Some(number) => card(
            w.number,
            shown(number.e164.expose()),
            vec![link("/security/number", w.change), link("/security/number/remove", w.remove)],
        ),
        None => card(w.number, w.no_number.to_owned(), vec![link("/security/number", w.add)]),
    };
    let mut all = vec![number];
    let state = if mine.codes { w.app_codes_on } else { w.app_codes_off };
    all.push(card(w.app_codes, state.to_owned(), vec![link("/security/apps", w.add)]));
    for app in &mine.apps {
        let state = match app.last_used_at {
            Some(at) => fill(w.last_used, &[&times::moment(page.w(), at)]),
            None => w.never_used.to_owned(),
        };
        all.push(card(
            w.other_app,
            state,
            vec![link(&format!("/security/apps/{}/remove", app.id), w.remove)],
        ));
    }
    let left = match mine.recovery_left {
        0 => w.recovery_none.to_owned(),
        left => fill(w.recovery_left, &[&left.to_string()]),
    };
    all.push(card(w.recovery, left, vec![link("/security/recovery", w.make_new)]));
    all
}
