//! What every answer of the pages has: the policy, no store, and troubles in the visitor's language.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::page::{Page, Trouble};
use super::views::Again;
use crate::Service;

/// Scripts, styles, pictures and connections from here alone; no frame around a page, no other base, no form that
/// leads elsewhere. The file is read by the browser's tests too.
const POLICY: &str = include_str!("policy.txt");

/// Headers of every answer.
const HEADERS: [(HeaderName, &str); 5] = [
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

/// Adds the headers, and prints a trouble as a page.
pub(crate) async fn every_page(State(service): State<Service>, request: Request, next: Next) -> Response {
    let is_head = request.method() == Method::HEAD;
    let (mut parts, body) = request.into_parts();
    // Kept for a trouble's page: nothing of the body is needed for it.
    let (mut again, ()) = {
        let mut copy = axum::http::Request::new(());
        *copy.method_mut() = parts.method.clone();
        *copy.uri_mut() = parts.uri.clone();
        *copy.headers_mut() = parts.headers.clone();
        copy.into_parts()
    };
    parts.extensions.remove::<Trouble>();
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(trouble) = response.extensions().get::<Trouble>().copied()
        && let Ok(page) = Page::read(&service, &mut again).await
    {
        let status = response.status();
        let page_of = if is_head { ().into_response() } else { print(&page, trouble) };
        response = page_of;
        *response.status_mut() = status;
    }
    dress(response.headers_mut());
    response
}

fn print(page: &Page, trouble: Trouble) -> Response {
    let w = page.w();
    let text = match trouble {
        Trouble::Form => w.trouble.form,
        Trouble::Gone => w.trouble.gone,
        Trouble::Unavailable => w.trouble.unavailable,
    };
    let links = vec![super::views::Link { path: "/".to_owned(), text: w.common.continue_.to_owned() }];
    let mut f = page.frame(w.trouble.title);
    "/".clone_into(&mut f.path);
    let lines = vec![text.to_owned()];
    page.show(&Again { f, sign: "danger", lines, button: String::new(), action: String::new(), links })
}

fn dress(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY.trim_ascii_end()));
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
