//! Ten recovery codes for paper, offered at the end of the set-up.

use axum::response::Response;

use super::forms::Posted;
use super::frame::Step;
use super::page::{Page, Stop};
use super::setting_up::framed;
use super::views::{RecoveryCodes, RecoveryOffer};
use crate::accounts::recovery;

/// `GET /setup/recovery`.
pub(crate) async fn offer(page: Page) -> Result<Response, Stop> {
    page.signed_in()?;
    let f = framed(&page, page.w().recovery.offer_title, Step::Recovery);
    let later = page.next().unwrap_or("/").to_owned();
    Ok(page.show(&RecoveryOffer { f, later }))
}

/// `POST /setup/recovery`: makes the codes and shows them, in the answer itself: there is no second look.
pub(crate) async fn make(posted: Posted) -> Result<Response, Stop> {
    let page = posted.page;
    let session = page.signed_in()?;
    let Some(codes) = recovery::make(&page.service, session).await? else {
        return Ok(page.go("/other?next=/security/recovery"));
    };
    let codes = codes.iter().map(|code| code.expose().to_owned()).collect();
    let account = format!("{} · {}", page.service.config().organisation, session.user.name);
    let f = framed(&page, page.w().recovery.title, Step::Recovery);
    let done = page.next().unwrap_or("/").to_owned();
    Ok(page.show(&RecoveryCodes { f, codes, account, done }))
}
