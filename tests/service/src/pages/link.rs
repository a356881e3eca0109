//! The page behind a set-up link. What stands after `#` never comes here: the browser keeps it, and a script there
//! draws it and hands it to the app.

use axum::response::Response;

use super::page::{Page, Stop};
use super::views::SetUpLink;

/// `GET /push-enrol`.
pub(crate) async fn link(page: Page) -> Result<Response, Stop> {
    Ok(page.show(&SetUpLink { f: page.frame(page.w().link.title) }))
}
