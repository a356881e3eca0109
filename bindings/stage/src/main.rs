//! The stage on which a story is told in another language: the real reference service, and somebody at its page.
//!
//! A story asks over plain http on loopback and gets text or bytes; every teller has a user of its own, whose name is
//! the first part of the path. The first line printed is `stage <address> <authority's file>`; it ends when its
//! standard input does, so that it never outlives who started it.

mod keys;
mod pictures;
mod visitor;

use std::io::Read;
use std::sync::Arc;

use anyhow::Context;
use authenticator_core::secret::SecretText;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use klink_service::accounts::users;
use klink_service::{Config, Running};
use tokio::net::TcpListener;

use visitor::{PASSWORD, Visitors};

/// What everybody on the stage shares.
struct Stage {
    running: Running,
    visitors: Visitors,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // Where the authority's file is seen by who cannot see this machine's own folder for temporary files.
    let within = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, Into::into);
    let folder = tempfile::Builder::new().prefix("stage").tempdir_in::<std::path::PathBuf>(within)?;
    let config = Config {
        listen: "127.0.0.1:0".parse()?,
        data: folder.path().join("service"),
        organisation: "Example Organisation".to_owned(),
        outgoing_private: true,
        ..Config::default()
    };
    let running = klink_service::start(config).await?;
    let authority = running.authority().context("the service made no authority")?.to_owned();
    let stage = Arc::new(Stage { running, visitors: Visitors::default() });
    let pages = Router::new()
        .route("/{user}/{act}", get(act))
        .route("/picture", get(|| async { pictures::account() }))
        .route("/frame", get(|| async { pictures::frame() }))
        .route("/export/{part}", get(|Path(part): Path<usize>| async move { pictures::export(part) }))
        .route("/file/{name}", get(|Path(name): Path<String>| async move { pictures::file(&name) }))
        .with_state(stage)
        .merge(keys::pages());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("stage http://{} {}", listener.local_addr()?, authority.display());
    let ended = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    tokio::select! {
        served = async { axum::serve(listener, pages).await } => served?,
        _ = ended => {}
    }
    Ok(())
}

/// What somebody does at the page, and what they see there.
async fn act(
    State(stage): State<Arc<Stage>>,
    Path((user, act)): Path<(String, String)>,
) -> Result<String, (StatusCode, String)> {
    let service = stage.running.service();
    let done = match act.as_str() {
        "begin" => users::add(service, &user, &user, SecretText::from(PASSWORD))
            .await
            .map(|_| "begun".to_owned())
            .map_err(|failure| anyhow::anyhow!("{failure:?}")),
        "offer" => stage.visitors.offer(service, &user).await,
        "check-number" => stage.visitors.check_number(service, &user).await,
        "confirm" => stage.visitors.confirm(service, &user).await,
        "test" => stage.visitors.test(service, &user).await,
        "ask" => stage.visitors.ask(service, &user).await,
        "state" => stage.visitors.state(service, &user).await,
        _ => return Err((StatusCode::NOT_FOUND, act)),
    };
    done.map_err(|error| (StatusCode::CONFLICT, format!("{error:#}")))
}
