//! The few files beside the pages, built in.

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::page::Stop;

/// Name, media type and content.
const FILES: [(&str, &str, &str); 5] = [
    ("klink.css", "text/css; charset=utf-8", include_str!("../../static/klink.css")),
    ("klink.js", "text/javascript; charset=utf-8", include_str!("../../static/klink.js")),
    ("link.js", "text/javascript; charset=utf-8", include_str!("../../static/link.js")),
    ("qr.js", "text/javascript; charset=utf-8", include_str!("../../static/qr.js")),
    ("klink.svg", "image/svg+xml", include_str!("../../static/klink.svg")),
];

/// `GET /static/{name}`.
pub(crate) async fn file(Path(name): Path<String>) -> Result<Response, Stop> {
    let (_, media_type, content) = FILES.iter().find(|(known, _, _)| *known == name).ok_or(Stop::Gone)?;
    let headers = [(header::CONTENT_TYPE, *media_type), (header::CACHE_CONTROL, "max-age=300")];
    Ok((headers, *content).into_response())
}
