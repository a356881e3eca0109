//! A key store in software, for a language that has no P-256 of its own on Linux. It is as foreign to the core as any.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use authenticator_core::crypto::p256::PrivateKey;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;

/// Private keys, by name.
type Keys = Arc<Mutex<HashMap<String, PrivateKey>>>;

/// Returns the pages: `/keys/<alias>` makes a key and gives its SubjectPublicKeyInfo, `/keys/<alias>/<message in hex>`
/// signs.
pub(crate) fn pages() -> Router {
    let keys = Keys::default();
    Router::new()
        .route("/keys/{alias}", get(make))
        .route("/keys/{alias}/{message}", get(sign))
        .with_state(keys)
}

async fn make(State(keys): State<Keys>, Path(alias): Path<String>) -> Result<Vec<u8>, StatusCode> {
    let key = PrivateKey::make().map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let spki = key.public().spki();
    keys.lock().unwrap_or_else(PoisonError::into_inner).insert(alias, key);
    Ok(spki)
}

async fn sign(
    State(keys): State<Keys>,
    Path((alias, message)): Path<(String, String)>,
) -> Result<Vec<u8>, StatusCode> {
    let message = from_hex(&message).ok_or(StatusCode::BAD_REQUEST)?;
    let keys = keys.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(keys.get(&alias).ok_or(StatusCode::NOT_FOUND)?.sign_der(&message))
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}
