//! "Use another method": a code from the app, a text message, a printed code, an administrator's pass.

use axum::response::Response;

use super::forms::Posted;
use super::frame::Say;
use super::page::{Page, Stop};
use super::texting;
use super::views::{Choice, Code, Methods};
use super::words::{Words, fill};
use crate::accounts::{Session, Stage, Verify, factors, pass, recovery, totp};
use crate::push::credentials::CredentialState;
use crate::requests;

/// `POST /other`: gives up the request that waits, and offers the other ways.
pub(crate) async fn choose(posted: Posted) -> Result<Response, Stop> {
    let session = posted.page.proving()?;
    if let Some(request) = &session.request {
        requests::cancel(&posted.page.service, session, request).await?;
    }
    Ok(posted.page.go("/other"))
}

/// `GET /other`.
pub(crate) async fn methods(page: Page) -> Result<Response, Stop> {
    let session = page.proving()?;
    if session.stage == Stage::SignedIn
        && let Some(next) = page.next()
        && session.may_change(page.now())
    {
        return Ok(page.go(next));
    }
    let w = page.w();
    let mine = factors::list(&page.service, &session.user.id)?;
    let text_allowed = page.service.store().read(|conn| requests::text_allowed(conn, &session.key))?;
    let mut choices = Vec::new();
    let mut add = |path: &str, posts, title, hint: &str| {
        choices.push(Choice { path: page.link(path), posts, title, hint: hint.to_owned() });
    };
    if mine.phones.iter().any(|phone| phone.state == CredentialState::Active) {
        add("/approve/send", true, w.methods.phone, w.methods.phone_hint);
    }
    if mine.codes {
        add("/other/app", false, w.methods.app, w.methods.app_hint);
    }
    if let Some(number) = mine.number.filter(|_| text_allowed) {
        let masked = texting::masked(number.e164.expose());
        add("/other/text/send", true, w.methods.text, &fill(w.methods.text_hint, &[&masked]));
    }
    if mine.recovery_left > 0 {
        add("/other/recovery", false, w.methods.recovery, w.methods.recovery_hint);
    }
    let cancel = if session.stage == Stage::SignedIn { "/security".to_owned() } else { String::new() };
    let title = if session.stage == Stage::SignedIn { w.ask.confirm_title } else { w.methods.title };
    Ok(page.show(&Methods { f: page.frame(title), choices, cancel }))
}

/// A kind of code that is typed from elsewhere.
#[derive(Clone, Copy)]
enum Kind {
    App,
    Recovery,
    Pass,
}

/// `GET /other/app`.
pub(crate) async fn app(page: Page) -> Result<Response, Stop> {
    page.proving()?;
    Ok(ask(&page, Kind::App, None))
}

/// `POST /other/app`.
pub(crate) async fn use_app(posted: Posted) -> Result<Response, Stop> {
    let session = posted.page.proving()?;
    let verified = totp::verify(&posted.page.service, session, &posted.code()).await?;
    Ok(after(posted.page, Kind::App, verified))
}

/// `GET /other/recovery`.
pub(crate) async fn printed(page: Page) -> Result<Response, Stop> {
    page.proving()?;
    Ok(ask(&page, Kind::Recovery, None))
}

/// `POST /other/recovery`.
pub(crate) async fn use_printed(posted: Posted) -> Result<Response, Stop> {
    let session = posted.page.proving()?;
    let verified = recovery::verify(&posted.page.service, session, &posted.code()).await?;
    Ok(after(posted.page, Kind::Recovery, verified))
}

/// `GET /pass`.
pub(crate) async fn one_time(page: Page) -> Result<Response, Stop> {
    needs_pass(&page)?;
    Ok(ask(&page, Kind::Pass, None))
}

/// `POST /pass`.
pub(crate) async fn use_one_time(posted: Posted) -> Result<Response, Stop> {
    let session = needs_pass(&posted.page)?;
    let verified = pass::verify(&posted.page.service, session, &posted.code()).await?;
    Ok(after(posted.page, Kind::Pass, verified))
}

fn needs_pass(page: &Page) -> Result<&Session, Stop> {
    let session = page.session.as_ref().filter(|session| session.stage == Stage::NeedsPass);
    session.ok_or_else(|| Stop::Go("/".to_owned()))
}

fn after(page: Page, kind: Kind, verified: Verify) -> Response {
    let w = page.w();
    let wrong = match kind {
        Kind::App => w.app_code.wrong,
        Kind::Recovery => w.recovery_code.wrong,
        Kind::Pass => w.pass.wrong,
    };
    let say = match verified {
        Verify::Right => return page.go(page.next().unwrap_or("/")),
        Verify::Wrong { .. } => Say::problem(wrong),
        Verify::Limited { retry_s } => Say::problem(fill(w.app_code.too_many, &[&page.span(retry_s)])),
    };
    ask(&page, kind, Some(say))
}

fn ask(page: &Page, kind: Kind, say: Option<Say>) -> Response {
    let w: &Words = page.w();
    let (title, text, label, hint) = match kind {
        Kind::App => (w.app_code.title, w.app_code.text, w.app_code.code, w.other_app.kind),
        Kind::Recovery => {
            (w.recovery_code.title, w.recovery_code.text, w.recovery_code.code, w.recovery_code.hint)
        }
        Kind::Pass => (w.pass.title, w.pass.text, w.pass.code, w.recovery_code.hint),
    };
    let (action, back, complete, mode, length) = match kind {
        Kind::App => ("/other/app", "/other", "one-time-code", "numeric", 9),
        Kind::Recovery => ("/other/recovery", "/other", "off", "text", 40),
        Kind::Pass => ("/pass", "", "one-time-code", "text", 40),
    };
    let back = if back.is_empty() { String::new() } else { page.link(back) };
    let f = page.frame(title).say(say);
    let (action, text) = (page.link(action), text.to_owned());
    page.show(&Code { f, text, label, hint, complete, mode, length, action, back })
}
