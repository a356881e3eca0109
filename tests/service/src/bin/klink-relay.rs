//! `klink-relay`: Web Push in, Google's and Apple's services out. See docs/relay.md.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use clap::Parser;
use klink_service::relay::{Relay, RelayConfig};
use tracing_subscriber::EnvFilter;

/// How long calls that are under way may take when the relay is stopped.
const GRACE: Duration = Duration::from_secs(15);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Turns Web Push into messages of Google's and Apple's services, for the publisher of the app.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The settings, a TOML file.
    #[arg(long, env = "KLINK_RELAY_CONFIG", default_value = "klink-relay.toml")]
    config: PathBuf,
    /// Reads the settings and the vendors' credentials, and ends.
    #[arg(long)]
    check: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("klink-relay: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    // One provider for the process; a second time changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = RelayConfig::read(&arguments.config)?;
    let relay = Relay::open(&config, now)?;
    if arguments.check {
        println!("the settings and the credentials can be used");
        return Ok(());
    }
    tokio::spawn(forget_daily(relay.clone()));
    let handle = Handle::new();
    tokio::spawn(stop_on_signal(handle.clone()));
    let operators = async {
        match config.operators_listen {
            Some(address) => serve_plain(address, relay.operators_router(), handle.clone()).await,
            None => Ok(()),
        }
    };
    let world = async {
        match &config.tls {
            Some(files) => {
                let tls = RustlsConfig::from_pem_file(&files.certificate, &files.key).await?;
                let service = relay.router().into_make_service_with_connect_info::<SocketAddr>();
                tracing::info!(listen = %config.listen, "https");
                axum_server::bind_rustls(config.listen, tls).handle(handle.clone()).serve(service).await
            }
            None => serve_plain(config.listen, relay.router(), handle.clone()).await,
        }
    };
    tokio::try_join!(world, operators)?;
    Ok(())
}

async fn serve_plain(address: SocketAddr, router: Router, handle: Handle<SocketAddr>) -> std::io::Result<()> {
    tracing::info!(listen = %address, "http");
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    axum_server::bind(address).handle(handle).serve(service).await
}

async fn stop_on_signal(handle: Handle<SocketAddr>) {
    let interrupted = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminated) => tokio::select! {
            _ = interrupted => {}
            _ = terminated.recv() => {}
        },
        Err(_) => drop(interrupted.await),
    }
    tracing::info!("stopping");
    handle.graceful_shutdown(Some(GRACE));
}

async fn forget_daily(relay: Relay) {
    loop {
        match relay.forget_unused().await {
            Ok(count) => tracing::info!(count, "unused subscriptions forgotten"),
            Err(error) => tracing::error!(%error, "unused subscriptions were not forgotten"),
        }
        tokio::time::sleep(DAY).await;
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
