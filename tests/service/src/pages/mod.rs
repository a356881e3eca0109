//! The pages that people see: set-up, sign-in and security info. Handlers parse, call one function of the domain,
//! print; no rule is in here. Each page works without a script.

mod asking;
#[cfg(test)]
mod contrast;
mod cookies;
mod countries;
mod files;
mod forms;
mod frame;
#[cfg(test)]
mod gallery;
mod language;
mod layer;
mod link;
mod live;
mod other;
mod page;
mod pictures;
mod recovery;
mod security;
mod setting_up;
mod signing_in;
#[cfg(test)]
mod tests;
mod texting;
mod times;
mod views;
mod words;

use axum::Router;
use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::Service;
use page::Stop;

/// Returns the routes of the pages, and the page for everything that is not there.
pub fn router(service: Service) -> Router<Service> {
    Router::new()
        .route("/", get(signing_in::start))
        .route("/sign-in", get(signing_in::form).post(signing_in::send))
        .route("/sign-out", post(signing_in::out))
        .route("/language", post(signing_in::language))
        .route("/notices/seen", post(signing_in::seen))
        .route("/pass", get(other::one_time).post(other::use_one_time))
        .merge(set_up())
        .merge(second_step())
        .merge(security_info())
        .route("/live/{what}", get(live::live))
        .route("/push-enrol", get(link::link))
        .route("/static/{name}", get(files::file))
        .fallback(gone)
        .layer(from_fn_with_state(service, layer::every_page))
}

fn set_up() -> Router<Service> {
    Router::new()
        .route("/setup", get(setting_up::required))
        .route("/setup/app", get(setting_up::app))
        .route("/setup/other", get(setting_up::key).post(setting_up::make_key))
        .route("/setup/other/verify", post(setting_up::verify_key))
        .route("/setup/prepare", get(setting_up::prepare))
        .route("/setup/scan", get(setting_up::scan).post(setting_up::make_offer))
        .route("/setup/scan/next", post(setting_up::scan_next))
        .route("/setup/check", get(setting_up::check).post(setting_up::answer_check))
        .route("/setup/test", get(setting_up::test).post(setting_up::send_test))
        .route("/setup/done", get(setting_up::done))
        .route("/setup/phone", get(texting::phone).post(texting::send_to))
        .route("/setup/text", get(texting::confirm).post(texting::send_confirm))
        .route("/setup/text/again", post(texting::confirm_again))
        .route("/setup/complete", get(texting::complete))
        .route("/setup/recovery", get(recovery::offer).post(recovery::make))
}

fn second_step() -> Router<Service> {
    Router::new()
        .route("/approve", get(asking::approve))
        .route("/approve/send", post(asking::send))
        .route("/other", get(other::methods).post(other::choose))
        .route("/other/app", get(other::app).post(other::use_app))
        .route("/other/recovery", get(other::printed).post(other::use_printed))
        .route("/other/text", get(texting::instead).post(texting::check_instead))
        .route("/other/text/send", post(texting::send_instead))
        .route("/other/text/again", post(texting::instead_again))
}

fn security_info() -> Router<Service> {
    Router::new()
        .route("/security", get(security::info))
        .route("/security/phones/add", get(security::add_phone))
        .route("/security/phones/{id}/{wish}", get(security::phone).post(security::change_phone))
        .route("/security/number", get(security::add_number))
        .route("/security/number/remove", get(security::number).post(security::remove_number))
        .route("/security/apps", get(security::add_app))
        .route("/security/apps/{id}/remove", get(security::app).post(security::remove_app))
        .route("/security/recovery", get(security::new_codes))
}

/// Everything that is not there; devices do not read pages.
async fn gone(request: Request) -> Response {
    if request.uri().path().starts_with("/push/") {
        return axum::http::StatusCode::NOT_FOUND.into_response();
    }
    Stop::Gone.into_response()
}
