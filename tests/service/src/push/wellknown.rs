//! What builds of the app for this organisation alone verify their links with. Nothing is configured: 404.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::Service;
use crate::http::Refusal;

/// `GET /.well-known/apple-app-site-association`.
pub(super) async fn apple(State(service): State<Service>) -> Result<Json<Value>, Refusal> {
    let apps = &service.config().apps.apple;
    if apps.is_empty() {
        return Err(Refusal::not_found());
    }
    let links = json!({"details": [{"appIDs": apps, "components": [{"/": "/push-enrol"}]}]});
    Ok(Json(json!({ "applinks": links })))
}

/// `GET /.well-known/assetlinks.json`.
pub(super) async fn android(State(service): State<Service>) -> Result<Json<Value>, Refusal> {
    let apps = &service.config().apps.android;
    if apps.is_empty() {
        return Err(Refusal::not_found());
    }
    let links = apps.iter().map(|app| {
        json!({
            "relation": ["delegate_permission/common.handle_all_urls"],
            "target": {
                "namespace": "android_app",
                "package_name": app.package,
                "sha256_cert_fingerprints": app.fingerprints,
            }
        })
    });
    Ok(Json(Value::Array(links.collect())))
}
