//! The set-up of a phone, from "More information required" to "Success!".

use axum::response::Response;

use super::asking::{self, Purpose};
use super::forms::Posted;
use super::frame::{Frame, Say, Step};
use super::page::{Page, Stop};
use super::pictures;
use super::views::{Again, App, Check, Link, OtherApp, Prepare, Required, Scan};
use super::words::fill;
use crate::accounts::{Session, Stage, Verify, totp};
use crate::push::credentials::CredentialState;
use crate::push::offers::{self, ConfirmCheck, MakeOffer, Offer, OfferState};
use crate::requests;
use crate::{Failure, Service};

/// `GET /setup`: "More information required".
pub(crate) async fn required(page: Page) -> Result<Response, Stop> {
    let session = page.setting_up()?;
    if session.stage == Stage::SignedIn {
        return Ok(page.go("/setup/app"));
    }
    let account = fill(page.w().required.account, &[&session.user.name]);
    Ok(page.show(&Required { f: page.frame(page.w().required.title), account }))
}

/// `GET /setup/app`: where the app is to be had.
pub(crate) async fn app(page: Page) -> Result<Response, Stop> {
    page.setting_up()?;
    let stores = &page.service.config().stores;
    let (ios, android) = (stores.ios.to_string(), stores.android.to_string());
    let [ios_qr, android_qr] = [&ios, &android].map(|link: &String| pictures::qr(link).unwrap_or_default());
    let f = framed(&page, page.w().app.title, Step::App);
    Ok(page.show(&App { f, ios, ios_qr, android, android_qr }))
}

/// `POST /setup/other`: makes a key for any authenticator app.
pub(crate) async fn make_key(posted: Posted) -> Result<Response, Stop> {
    let session = posted.page.setting_up()?;
    match totp::offer(&posted.page.service, session).await? {
        Some(_) => Ok(posted.page.go("/setup/other")),
        None => Ok(posted.page.go("/other")),
    }
}

/// `GET /setup/other`: the key, and a field for the code that proves it.
pub(crate) async fn key(page: Page) -> Result<Response, Stop> {
    page.setting_up()?;
    show_key(&page, None)
}

/// `POST /setup/other/verify`.
pub(crate) async fn verify_key(posted: Posted) -> Result<Response, Stop> {
    let (code, page) = (posted.code(), posted.page);
    let session = page.setting_up()?;
    let Some(pending) = totp::pending(&page.service, session)? else { return Ok(page.go("/setup/app")) };
    let say = match totp::confirm(&page.service, session, &pending.id, &code).await? {
        Verify::Right => return Ok(page.go(page.next().unwrap_or("/setup/phone"))),
        Verify::Wrong { .. } => Say::problem(page.w().other_app.wrong),
        Verify::Limited { retry_s } => Say::problem(fill(page.w().app_code.too_many, &[&page.span(retry_s)])),
    };
    show_key(&page.at("/setup/other"), Some(say))
}

fn show_key(page: &Page, say: Option<Say>) -> Result<Response, Stop> {
    let session = page.setting_up()?;
    let Some(pending) = totp::pending(&page.service, session)? else { return Ok(page.go("/setup/app")) };
    let f = framed(page, page.w().other_app.title, Step::App).say(say);
    let qr = pictures::qr(pending.uri.expose()).unwrap_or_default();
    let back = page.next().unwrap_or("/setup/app").to_owned();
    Ok(page.show(&OtherApp { f, qr, key: in_groups(pending.secret.expose()), back }))
}

/// `GET /setup/prepare`: what to do on the phone.
pub(crate) async fn prepare(page: Page) -> Result<Response, Stop> {
    page.setting_up()?;
    let w = page.w();
    let three = fill(w.prepare.three, &[w.prepare.choice]);
    let back = page.next().unwrap_or("/setup/app").to_owned();
    Ok(page.show(&Prepare { f: framed(&page, w.prepare.title, Step::Prepare), three, back }))
}

/// `POST /setup/scan`: makes an offer.
pub(crate) async fn make_offer(posted: Posted) -> Result<Response, Stop> {
    let page = posted.page;
    let session = page.setting_up()?;
    match offers::make(&page.service, session).await? {
        MakeOffer::Made(_) => Ok(page.go("/setup/scan")),
        MakeOffer::NotFresh => Ok(page.go("/other")),
        MakeOffer::TooManyPhones => {
            Ok(note(&page, page.w().security.too_many_phones, "", "", vec![security(&page)]))
        }
    }
}

/// `GET /setup/scan`: the code, until a phone has it.
pub(crate) async fn scan(page: Page) -> Result<Response, Stop> {
    let session = page.setting_up()?;
    let w = page.w();
    let fresh = w.scan.fresh;
    match standing(&page.service, session)? {
        None => Ok(page.go("/setup/prepare")),
        Some(OfferState::Waiting(offer)) => show_offer(&page, session, &offer),
        Some(OfferState::Expired) => Ok(note(&page, w.scan.expired, "", fresh, Vec::new())),
        Some(OfferState::Enrolled { state, confirmed, .. }) => Ok(match (state, confirmed) {
            (CredentialState::Pending, false) => page.go("/setup/check"),
            (CredentialState::Pending, true) => page.go("/setup/test"),
            (CredentialState::Active, _) => page.go("/setup/done"),
            (CredentialState::Revoked(_), false) => {
                note(&page, w.check.rejected_title, w.check.rejected, fresh, Vec::new())
            }
            (CredentialState::Revoked(_), true) => note(&page, w.scan.used_up, "", fresh, Vec::new()),
        }),
    }
}

/// `POST /setup/scan/next`: goes on when a phone has enrolled, and says so when none has.
pub(crate) async fn scan_next(posted: Posted) -> Result<Response, Stop> {
    let session = posted.page.setting_up()?;
    let waits = matches!(standing(&posted.page.service, session)?, Some(OfferState::Waiting(_)));
    Ok(posted.page.go(if waits { "/setup/scan?say=not-yet" } else { "/setup/scan" }))
}

/// `GET /setup/check`: the number that both screens show.
pub(crate) async fn check(page: Page) -> Result<Response, Stop> {
    let session = page.setting_up()?;
    let found = standing(&page.service, session)?;
    let Some(OfferState::Enrolled {
        check_number, confirmed: false, state: CredentialState::Pending, ..
    }) = found
    else {
        return Ok(page.go("/setup/scan"));
    };
    let w = page.w();
    let f = framed(&page, w.check.title, Step::Scan).say(Some(Say::good(w.scan.enrolled)));
    let number = match check_number.split_at_checked(3) {
        Some((first, last)) => format!("{first} {last}"),
        None => check_number,
    };
    Ok(page.show(&Check { f, number }))
}

/// `POST /setup/check`: the same number, and a test follows; another, and the phone is revoked.
pub(crate) async fn answer_check(posted: Posted) -> Result<Response, Stop> {
    let session = posted.page.setting_up()?;
    let same = match posted.text("same") {
        "yes" => true,
        "no" => false,
        _ => return Err(Stop::Form),
    };
    let Some(offer) = &session.offer else { return Ok(posted.page.go("/setup/scan")) };
    match offers::confirm(&posted.page.service, session, offer, same).await? {
        ConfirmCheck::Confirmed => start_test(&posted.page, session).await,
        ConfirmCheck::Revoked | ConfirmCheck::Gone => Ok(posted.page.go("/setup/scan")),
    }
}

/// `POST /setup/test`: sends a test to the phone that has just enrolled.
pub(crate) async fn send_test(posted: Posted) -> Result<Response, Stop> {
    let session = posted.page.setting_up()?;
    start_test(&posted.page, session).await
}

async fn start_test(page: &Page, session: &Session) -> Result<Response, Stop> {
    let Some(OfferState::Enrolled { credential, .. }) = standing(&page.service, session)? else {
        return Ok(page.go("/setup/scan"));
    };
    let started = requests::start_test(&page.service, session, &page.visitor, &credential).await?;
    Ok(asking::after(page, "/setup/test", &started))
}

/// `GET /setup/test`.
pub(crate) async fn test(page: Page) -> Result<Response, Stop> {
    let session = page.setting_up()?;
    let found = standing(&page.service, session)?;
    let Some(OfferState::Enrolled { confirmed: true, state: CredentialState::Pending, .. }) = found else {
        return Ok(page.go("/setup/scan"));
    };
    asking::show(&page, session, &Purpose::SetUp)
}

/// `GET /setup/done`: "Success!".
pub(crate) async fn done(page: Page) -> Result<Response, Stop> {
    let session = page.signed_in()?;
    let Some(OfferState::Enrolled { name, state: CredentialState::Active, .. }) =
        standing(&page.service, session)?
    else {
        return Ok(page.go("/"));
    };
    let w = page.w();
    let f = framed(&page, w.finished.title, Step::Test).say(Some(Say::good(w.finished.approved)));
    let path = page.next().unwrap_or("/setup/phone").to_owned();
    let links = vec![Link { path, text: w.common.done.to_owned() }];
    let lines = vec![w.finished.text.to_owned(), fill(w.finished.phone, &[&name])];
    Ok(page.show(&Again { f, sign: "good", lines, button: String::new(), action: String::new(), links }))
}

/// Returns what the page that shows the code compares.
pub(crate) fn state(service: &Service, session: &Session) -> Result<String, Failure> {
    let state = match standing(service, session)? {
        None => "none",
        Some(OfferState::Waiting(_)) => "waiting",
        Some(OfferState::Expired) => "expired",
        Some(OfferState::Enrolled { .. }) => "enrolled",
    };
    Ok(format!("{} {state}", session.offer.as_deref().unwrap_or("none")))
}

/// Returns the newest offer of this session, as it stands.
fn standing(service: &Service, session: &Session) -> Result<Option<OfferState>, Failure> {
    match &session.offer {
        Some(offer) => offers::status(service, session, offer),
        None => Ok(None),
    }
}

fn show_offer(page: &Page, session: &Session, offer: &Offer) -> Result<Response, Stop> {
    let w = page.w();
    let say = page.said(&[("not-yet", |w| Say::problem(w.scan.not_yet))]);
    let f =
        framed(page, w.scan.title, Step::Scan).say(say).live("/live/scan", &state(&page.service, session)?);
    Ok(page.show(&Scan {
        f,
        qr: pictures::qr(&offer.link).unwrap_or_default(),
        once: fill(w.scan.once, &[&page.span(offer.expires_at - page.now())]),
        link: offer.link.clone(),
        open: offer.app_link.clone(),
        host: offer.host.clone(),
        code: offer.code.clone(),
        back: page.link("/setup/prepare"),
    }))
}

fn note(page: &Page, title: &str, text: &str, button: &str, links: Vec<Link>) -> Response {
    let lines = if text.is_empty() { Vec::new() } else { vec![text.to_owned()] };
    let f = framed(page, title, Step::Scan);
    let (button, action) = (button.to_owned(), page.link("/setup/scan"));
    page.show(&Again { f, sign: "warn", lines, button, action, links })
}

fn security(page: &Page) -> Link {
    Link { path: "/security".to_owned(), text: page.w().common.open_security.to_owned() }
}

/// Returns the frame of a step; who comes from the security page is beyond the steps.
pub(super) fn framed(page: &Page, title: &str, step: Step) -> Frame {
    page.frame(title).step(Some(step).filter(|_| page.next().is_none()))
}

/// Prints a key in groups of four, as people type it.
fn in_groups(key: &str) -> String {
    let characters: Vec<char> = key.chars().collect();
    characters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}
