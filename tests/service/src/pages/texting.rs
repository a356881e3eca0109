//! Text messages: adding a number, and a code to it instead of the app.

use axum::response::Response;

use super::countries;
use super::forms::Posted;
use super::frame::{Frame, Say, Step};
use super::page::{Page, Stop};
use super::setting_up::framed;
use super::views::{Again, Link, Phone, Region, Text};
use super::words::fill;
use crate::accounts::{Session, factors};
use crate::texts::{self, Checked, NumberError, PhoneNumber, Sending};

/// `GET /setup/phone`.
pub(crate) async fn phone(page: Page) -> Result<Response, Stop> {
    page.signed_in()?;
    let region = texts::region_of_languages(&page.accept_language);
    Ok(ask_number(&page, region, String::new(), None))
}

/// `POST /setup/phone`: checks the number and sends a code to it.
pub(crate) async fn send_to(posted: Posted) -> Result<Response, Stop> {
    let (region, typed) = (posted.text("region").to_owned(), posted.text("number").to_owned());
    let page = posted.page;
    let session = page.signed_in()?;
    let w = page.w();
    let say = match texts::add_number(&page.service, session, &region, &typed).await? {
        Sending::NotFresh => return Ok(page.go("/other?next=/security/number")),
        Sending::Sent { .. } => return Ok(page.go("/setup/text")),
        Sending::Wait { retry_s } => Say::problem(fill(w.text.wait, &[&page.span(retry_s)])),
        Sending::Bad(NumberError::Kind) => Say::problem(w.phone.not_possible),
        Sending::Bad(NumberError::Region | NumberError::NotANumber | NumberError::Invalid) => {
            let name = countries::name(page.language, &region).unwrap_or_default();
            Say::problem(fill(w.phone.invalid, &[name]))
        }
        Sending::AfterRefusal | Sending::Locked | Sending::NoNumber => Say::problem(w.app_code.gone),
        Sending::NoGateway => Say::problem(w.text.not_sent),
    };
    Ok(ask_number(&page, &region, typed, Some(say)))
}

/// `GET /setup/text`: the code that confirms a number.
pub(crate) async fn confirm(page: Page) -> Result<Response, Stop> {
    page.signed_in()?;
    show(&page, Purpose::Confirm, None)
}

/// `POST /setup/text`.
pub(crate) async fn send_confirm(posted: Posted) -> Result<Response, Stop> {
    posted.page.signed_in()?;
    check(posted, Purpose::Confirm).await
}

/// `POST /setup/text/again`.
pub(crate) async fn confirm_again(posted: Posted) -> Result<Response, Stop> {
    posted.page.signed_in()?;
    again(posted.page, Purpose::Confirm).await
}

/// `GET /setup/complete`: "Verification complete".
pub(crate) async fn complete(page: Page) -> Result<Response, Stop> {
    let session = page.signed_in()?;
    let w = page.w();
    let Some(number) = factors::list(&page.service, &session.user.id)?.number else {
        return Ok(page.go("/"));
    };
    let f = framed(&page, w.complete.title, Step::Phone);
    let path = page.next().unwrap_or("/setup/recovery").to_owned();
    let links = vec![Link { path, text: w.common.done.to_owned() }];
    let lines = vec![fill(w.complete.text, &[&shown(number.e164.expose())])];
    Ok(page.show(&Again { f, sign: "good", lines, button: String::new(), action: String::new(), links }))
}

/// `POST /other/text/send`: sends a code to the number of the account.
pub(crate) async fn send_instead(posted: Posted) -> Result<Response, Stop> {
    let page = posted.page;
    let session = page.proving()?;
    let sending = texts::send_code(&page.service, session).await?;
    if let Sending::Sent { .. } = sending {
        return Ok(page.go("/other/text"));
    }
    let say = refused(&page, &sending);
    let page = page.at("/other/text");
    if texts::sent_to(&page.service, page.proving()?)?.is_some() {
        return show(&page, Purpose::Instead, Some(say));
    }
    let f = page.frame(page.w().text.title).say(Some(say));
    let links = vec![Link { path: page.link("/other"), text: page.w().common.back.to_owned() }];
    let (button, action) = (String::new(), String::new());
    Ok(page.show(&Again { f, sign: "warn", lines: Vec::new(), button, action, links }))
}

/// `GET /other/text`.
pub(crate) async fn instead(page: Page) -> Result<Response, Stop> {
    page.proving()?;
    show(&page, Purpose::Instead, None)
}

/// `POST /other/text`.
pub(crate) async fn check_instead(posted: Posted) -> Result<Response, Stop> {
    posted.page.proving()?;
    check(posted, Purpose::Instead).await
}

/// `POST /other/text/again`.
pub(crate) async fn instead_again(posted: Posted) -> Result<Response, Stop> {
    posted.page.proving()?;
    again(posted.page, Purpose::Instead).await
}

/// Returns a number as it is shown to someone who is not through yet.
pub(crate) fn masked(e164: &str) -> String {
    PhoneNumber::from_e164(e164).map(|number| number.masked()).unwrap_or_default()
}

/// Returns a number as people write it.
pub(crate) fn shown(e164: &str) -> String {
    PhoneNumber::from_e164(e164).map(|number| number.shown().to_owned()).unwrap_or_default()
}

/// What a code is for.
#[derive(Clone, Copy)]
enum Purpose {
    Confirm,
    Instead,
}

impl Purpose {
    fn path(self) -> &'static str {
        match self {
            Self::Confirm => "/setup/text",
            Self::Instead => "/other/text",
        }
    }

    fn back(self) -> &'static str {
        match self {
            Self::Confirm => "/setup/phone",
            Self::Instead => "/other",
        }
    }

    fn frame(self, page: &Page) -> Frame {
        match self {
            Self::Confirm => framed(page, page.w().text.title, Step::Phone),
            Self::Instead => page.frame(page.w().text.title),
        }
    }
}

async fn check(posted: Posted, purpose: Purpose) -> Result<Response, Stop> {
    let (code, page) = (posted.code(), posted.page);
    let w = page.w();
    let session: &Session = page.proving()?;
    let say = match texts::check_code(&page.service, session, &code).await? {
        Checked::Right => {
            return Ok(match purpose {
                Purpose::Confirm => page.go("/setup/complete"),
                Purpose::Instead => page.go(page.next().unwrap_or("/")),
            });
        }
        Checked::Wrong { left } => Say::problem(fill(w.text.left, &[&left.to_string()])),
        Checked::Expired => Say::problem(w.text.expired),
        Checked::AfterRefusal | Checked::Locked => Say::problem(w.app_code.gone),
    };
    show(&page, purpose, Some(say))
}

async fn again(page: Page, purpose: Purpose) -> Result<Response, Stop> {
    let session = page.proving()?;
    let sending = texts::resend(&page.service, session).await?;
    let say = match sending {
        Sending::Sent { .. } => Say::good(page.w().text.sent_again),
        Sending::Wait { .. }
        | Sending::AfterRefusal
        | Sending::Locked
        | Sending::NoNumber
        | Sending::NotFresh
        | Sending::NoGateway
        | Sending::Bad(_) => refused(&page, &sending),
    };
    show(&page.at(purpose.path()), purpose, Some(say))
}

fn refused(page: &Page, sending: &Sending) -> Say {
    let w = page.w();
    match sending {
        Sending::Wait { retry_s } => Say::problem(fill(w.text.wait, &[&page.span(*retry_s)])),
        Sending::NoGateway => Say::problem(w.text.not_sent),
        Sending::NotFresh
        | Sending::AfterRefusal
        | Sending::Locked
        | Sending::NoNumber
        | Sending::Bad(_)
        | Sending::Sent { .. } => Say::problem(w.app_code.gone),
    }
}

fn show(page: &Page, purpose: Purpose, say: Option<Say>) -> Result<Response, Stop> {
    let session = page.proving()?;
    let Some(to) = texts::sent_to(&page.service, session)? else { return Ok(page.go(purpose.back())) };
    let f = purpose.frame(page).say(say);
    let [action, back] = [purpose.path(), purpose.back()].map(|path| page.link(path));
    let again = page.link(&format!("{}/again", purpose.path()));
    Ok(page.show(&Text { f, sent: fill(page.w().text.sent, &[&to]), action, again, back }))
}

fn ask_number(page: &Page, region: &str, number: String, say: Option<Say>) -> Response {
    let regions = countries::list(page.language).into_iter().map(|country| Region {
        selected: country.code == region,
        code: country.code.to_owned(),
        name: country.name.to_owned(),
        calling: country.calling,
    });
    let f = framed(page, page.w().phone.title, Step::Phone).say(say);
    let skip = page.next().unwrap_or("/setup/recovery").to_owned();
    page.show(&Phone { f, regions: regions.collect(), number, skip })
}
