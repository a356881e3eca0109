//! Requests that wait for a phone: at sign-in, to confirm a change, and as a test.

use axum::response::Response;

use super::forms::Posted;
use super::frame::{Frame, Say, Step};
use super::page::{Page, Stop};
use super::pictures;
use super::views::{Again, Ask, Link};
use super::words::fill;
use crate::accounts::{Session, Stage};
use crate::requests::{self, Start, State, Watched, making};
use crate::{Failure, Service};

/// What a request is for, and so where its page leads.
pub(crate) enum Purpose {
    /// The second step of a sign-in.
    SignIn,
    /// A change on the security page.
    Confirm,
    /// The first test of a phone: it becomes active by it.
    SetUp,
    /// A test from the security page, at this path.
    Test(String),
}

impl Purpose {
    fn path(&self) -> &str {
        match self {
            Self::SignIn | Self::Confirm => "/approve",
            Self::SetUp => "/setup/test",
            Self::Test(path) => path,
        }
    }

    fn send(&self) -> &str {
        match self {
            Self::SignIn | Self::Confirm => "/approve/send",
            Self::SetUp => "/setup/test",
            Self::Test(path) => path,
        }
    }
}

/// `GET /approve`.
pub(crate) async fn approve(page: Page) -> Result<Response, Stop> {
    let session = page.proving()?;
    let purpose = match session.stage {
        Stage::SignedIn => {
            let Some(next) = page.next() else { return Ok(page.go("/")) };
            if session.may_change(page.now()) {
                return Ok(page.go(next));
            }
            Purpose::Confirm
        }
        Stage::NeedsPass | Stage::MustEnrol | Stage::SecondFactor => Purpose::SignIn,
    };
    show(&page, session, &purpose)
}

/// `POST /approve/send`.
pub(crate) async fn send(posted: Posted) -> Result<Response, Stop> {
    let session = posted.page.proving()?;
    send_login(&posted.page, session).await
}

/// Sends a request to the phones of the account and leads to the page that waits for it.
pub(crate) async fn send_login(page: &Page, session: &Session) -> Result<Response, Stop> {
    let started = requests::start_login(&page.service, session, &page.visitor).await?;
    if let Start::NoPhone = started {
        return Ok(page.go("/other"));
    }
    Ok(after(page, "/approve", &started))
}

/// Leads to the page that waits for what was started, or that says why nothing was.
pub(crate) fn after(page: &Page, path: &str, started: &Start) -> Response {
    let mark = if path.contains('?') { '&' } else { '?' };
    let not = |why: &str, seconds: i64| page.go(&format!("{path}{mark}not={why}-{seconds}"));
    match started {
        Start::Made(_) => page.go(path),
        Start::Limited { retry_s } => not("limited", *retry_s),
        Start::Muted { until: Some(until) } => not("muted", until - page.now()),
        Start::Muted { until: None } => not("locked", 0),
        Start::SetUpAgain => not("start-over", 0),
        Start::NotConfirmed | Start::NotFresh | Start::NoPhone => not("no-phone", 0),
    }
}

/// Shows how the newest request of this session stands.
pub(crate) fn show(page: &Page, session: &Session, purpose: &Purpose) -> Result<Response, Stop> {
    if let Some((why, seconds)) = page.query("not").and_then(|not| not.rsplit_once('-')) {
        return Ok(not_sent(page, purpose, why, seconds.parse().unwrap_or(0)));
    }
    let Some(watched) = standing(&page.service, session)? else { return Ok(none_yet(page, purpose)) };
    let w = &page.w().ask;
    let again = page.w().common.try_again;
    let ended = |title, text, button| Ok(ended(page, purpose, title, text, button));
    match watched.state {
        State::Open => waiting(page, session, purpose, &watched),
        State::Approved => Ok(none_yet(page, purpose)),
        State::Denied => ended(w.denied_title, w.denied, again),
        State::Reported => ended(w.reported_title, w.reported, again),
        State::WrongMatch => ended(w.wrong_title, w.wrong, again),
        State::Expired => ended(w.no_answer_title, w.no_answer, w.again),
        State::Replaced => ended(w.replaced_title, w.replaced, again),
        State::Cancelled => ended(w.closed_title, w.closed, again),
    }
}

/// Returns the newest request that this session started, as it stands.
pub(crate) fn standing(service: &Service, session: &Session) -> Result<Option<Watched>, Failure> {
    match &session.request {
        Some(id) => requests::watch(service, session, id),
        None => Ok(None),
    }
}

/// Returns what a page that waits for a phone compares: which request, and how it stands.
pub(crate) fn state(service: &Service, session: &Session) -> Result<String, Failure> {
    let state = standing(service, session)?.map_or("none", |watched| watched.state.name());
    Ok(format!("{} {state}", session.request.as_deref().unwrap_or("none")))
}

fn waiting(page: &Page, session: &Session, purpose: &Purpose, watched: &Watched) -> Result<Response, Stop> {
    let w = page.w();
    let asked = match &session.request {
        Some(id) => requests::shown(&page.service, session, id)?,
        None => None,
    };
    // It was answered between the two looks.
    let Some(asked) = asked else { return Ok(page.go(purpose.path())) };
    let left_s = (watched.expires_at - page.now()).max(1);
    let (title, text) = match purpose {
        Purpose::SignIn => (w.ask.sign_in_title, w.ask.sign_in_text),
        Purpose::Confirm => (w.ask.confirm_title, w.ask.confirm_text),
        Purpose::SetUp | Purpose::Test(_) => (w.ask.test_title, w.ask.test_text),
    };
    let f = framed(page, purpose, title).live("/live/ask", &state(&page.service, session)?);
    let as_qr = page.query("as") == Some("qr");
    Ok(page.show(&Ask {
        f,
        what: String::new(),
        text: text.to_owned(),
        spoken: spoken(&asked.number),
        as_qr,
        qr: if as_qr { pictures::qr(&asked.scan).unwrap_or_default() } else { String::new() },
        number: asked.number,
        life_s: making::LIFE_S,
        left_s,
        left: fill(w.ask.left, &[&page.span(left_s)]),
        nobody: fill(w.ask.nobody, &[&page.service.config().organisation]),
        again: page.link(purpose.send()),
        another: match purpose {
            Purpose::SignIn | Purpose::Confirm => page.link("/other"),
            Purpose::SetUp | Purpose::Test(_) => String::new(),
        },
        cancel: match purpose {
            Purpose::Confirm | Purpose::Test(_) => "/security".to_owned(),
            Purpose::SignIn | Purpose::SetUp => String::new(),
        },
    }))
}

fn ended(page: &Page, purpose: &Purpose, title: &str, text: &str, button: &str) -> Response {
    let f = framed(page, purpose, title);
    page.show(&Again {
        f,
        sign: "warn",
        lines: vec![text.to_owned()],
        button: button.to_owned(),
        action: page.link(purpose.send()),
        links: Vec::new(),
    })
}

fn none_yet(page: &Page, purpose: &Purpose) -> Response {
    let w = page.w();
    let (title, links) = match purpose {
        Purpose::SignIn => (w.ask.sign_in_title, vec![another(page)]),
        Purpose::Confirm => (w.ask.confirm_title, vec![another(page)]),
        Purpose::SetUp | Purpose::Test(_) => (w.ask.test_title, Vec::new()),
    };
    page.show(&Again {
        f: framed(page, purpose, title),
        sign: "good",
        lines: vec![w.ask.none_yet.to_owned()],
        button: w.ask.send.to_owned(),
        action: page.link(purpose.send()),
        links,
    })
}

fn not_sent(page: &Page, purpose: &Purpose, why: &str, seconds: i64) -> Response {
    let w = page.w();
    let span = page.span(seconds);
    let (text, button, action) = match why {
        "limited" => (fill(w.ask.limited, &[&span]), w.common.try_again, page.link(purpose.send())),
        "muted" => (fill(w.ask.muted, &[&span]), "", String::new()),
        "locked" => (w.ask.locked.to_owned(), "", String::new()),
        "start-over" => (w.ask.no_tests_left.to_owned(), w.ask.start_again, page.link("/setup/scan")),
        _ => (w.ask.no_phone.to_owned(), "", String::new()),
    };
    let links = match purpose {
        Purpose::SignIn | Purpose::Confirm => vec![another(page)],
        Purpose::SetUp | Purpose::Test(_) => Vec::new(),
    };
    let f = framed(page, purpose, w.ask.not_sent).say(Some(Say::problem(text)));
    page.show(&Again { f, sign: "warn", lines: Vec::new(), button: button.to_owned(), action, links })
}

fn another(page: &Page) -> Link {
    Link { path: page.link("/other"), text: page.w().ask.another.to_owned() }
}

fn framed(page: &Page, purpose: &Purpose, title: &str) -> Frame {
    let step = match purpose {
        Purpose::SetUp if page.next().is_none() => Some(Step::Test),
        Purpose::SignIn | Purpose::Confirm | Purpose::SetUp | Purpose::Test(_) => None,
    };
    page.frame(title).step(step)
}

/// Prints digits apart, so that a voice says each of them.
fn spoken(number: &str) -> String {
    number.chars().flat_map(|digit| [digit, ' ']).collect::<String>().trim_end().to_owned()
}
