//! Password, sign-out, language, and the page of someone who is signed in.

use authenticator_core::secret::SecretText;
use axum::response::Response;

use super::cookies::Name;
use super::forms::Posted;
use super::frame::Say;
use super::language::Language;
use super::page::{Page, Stop, own_path};
use super::words::fill;
use super::{asking, times, views};
use crate::accounts::notices::{self, Kind, Unseen};
use crate::accounts::{Session, SignIn, Stage, sessions, users};

/// `GET /`: leads everybody to where they are.
pub(crate) async fn start(page: Page) -> Result<Response, Stop> {
    let Some(session) = &page.session else { return Ok(page.go("/sign-in")) };
    match session.stage {
        Stage::NeedsPass => Ok(page.go("/pass")),
        Stage::MustEnrol => Ok(page.go("/setup")),
        Stage::SecondFactor => Ok(page.go("/approve")),
        Stage::SignedIn => home(&page, session),
    }
}

/// `GET /sign-in`.
pub(crate) async fn form(page: Page) -> Result<Response, Stop> {
    if page.session.is_some() {
        return Ok(page.go("/"));
    }
    let ended = page.cookies.get(Name::Session).is_some();
    let say = page.said(&[("out", |w| Say::good(w.sign_in.signed_out))]);
    let say = say.or_else(|| ended.then(|| Say::warning(page.w().sign_in.ended)));
    Ok(print(&page, String::new(), say))
}

/// `POST /sign-in`.
pub(crate) async fn send(posted: Posted) -> Result<Response, Stop> {
    let password = SecretText::from(posted.text("password"));
    let name = posted.text("name").to_owned();
    let mut page = posted.page;
    match sessions::sign_in(&page.service, &page.visitor, &name, password).await? {
        SignIn::Done { token, session } => {
            page.cookies.set(Name::Session, token.expose().to_owned());
            let stored = session.user.language.as_deref().and_then(Language::of_tag);
            match stored.filter(|_| page.cookies.get(Name::Language).is_none()) {
                Some(stored) => page.cookies.set(Name::Language, stored.tag().to_owned()),
                // Text messages speak the language of the pages.
                None if stored != Some(page.language) => {
                    users::set_language(&page.service, &session.user.id, page.language.tag()).await?;
                }
                None => {}
            }
            if session.stage == Stage::SecondFactor {
                return asking::send_login(&page, &session).await;
            }
            Ok(page.go("/"))
        }
        SignIn::Wrong => {
            let say = Say::problem(page.w().sign_in.wrong);
            Ok(print(&page, name, Some(say)))
        }
        SignIn::Limited { retry_s } => {
            let say = Say::problem(fill(page.w().sign_in.too_many, &[&page.span(retry_s)]));
            Ok(print(&page, name, Some(say)))
        }
    }
}

/// `POST /sign-out`.
pub(crate) async fn out(posted: Posted) -> Result<Response, Stop> {
    let mut page = posted.page;
    if let Some(session) = &page.session {
        sessions::sign_out(&page.service, session).await?;
    }
    page.cookies.remove(Name::Session);
    Ok(page.go("/sign-in?say=out"))
}

/// `POST /language`: remembers the choice and goes back.
pub(crate) async fn language(posted: Posted) -> Result<Response, Stop> {
    let chosen = Language::of_tag(posted.text("language")).ok_or(Stop::Form)?;
    let back = own_path(posted.text("back")).unwrap_or("/").to_owned();
    let mut page = posted.page;
    page.cookies.set(Name::Language, chosen.tag().to_owned());
    if let Some(session) = &page.session {
        users::set_language(&page.service, &session.user.id, chosen.tag()).await?;
    }
    Ok(page.go(&back))
}

/// `POST /notices/seen`.
pub(crate) async fn seen(posted: Posted) -> Result<Response, Stop> {
    let session = posted.page.signed_in()?;
    notices::seen(&posted.page.service, &session.user.id).await?;
    Ok(posted.page.go("/"))
}

fn print(page: &Page, name: String, say: Option<Say>) -> Response {
    let mut f = page.frame(page.w().sign_in.title).say(say);
    "/sign-in".clone_into(&mut f.path);
    page.show(&views::SignIn { f, name })
}

fn home(page: &Page, session: &Session) -> Result<Response, Stop> {
    let w = page.w();
    let unseen = notices::unseen(&page.service, &session.user.id)?;
    let notices = unseen
        .iter()
        .map(|notice| views::Notice { text: said(page, notice), when: times::moment(w, notice.at) });
    let (f, text) = (page.frame(w.home.title), fill(w.home.text, &[&session.user.display]));
    Ok(page.show(&views::Home { f, text, notices: notices.collect() }))
}

fn said(page: &Page, notice: &Unseen) -> String {
    let w = &page.w().notice;
    let text = match notice.kind {
        Kind::PhoneAdded => w.phone_added,
        Kind::PhoneRemoved => w.phone_removed,
        Kind::PhoneRenewed => w.new_key,
        Kind::AppAdded => w.app_codes_added,
        Kind::AppRemoved => w.app_codes_removed,
        Kind::NumberAdded => w.number_added,
        Kind::NumberRemoved => w.number_removed,
        Kind::CodesMade => w.recovery_made,
        Kind::CodeUsed => w.recovery_used,
        Kind::Reset => w.reset,
        Kind::PassUsed => w.pass_used,
        Kind::Reported => w.reported,
    };
    fill(text, &[&notice.detail])
}
