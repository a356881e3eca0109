//! Starting and stopping: sockets, TLS, and an end that lets answers under way finish.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum_server::Handle;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::config::Config;
use crate::service::{Service, StartError};
use crate::{accounts, http, tls};

/// How long answers under way may take when the service stops, seconds.
const STOP_S: u64 = 10;

/// How long the headers of a call may take.
const SLOWEST_HEADERS: Duration = Duration::from_secs(30);

/// A service that answers; it stops when this is told to.
pub struct Running {
    address: SocketAddr,
    service: Service,
    authority: Option<PathBuf>,
    handles: Vec<Handle<SocketAddr>>,
    tasks: Vec<JoinHandle<()>>,
}

/// Starts a service on the system's clock.
///
/// # Errors
/// [`StartError`].
pub async fn start(config: Config) -> Result<Running, StartError> {
    start_with(config, Clock::default()).await
}

/// Starts a service on a clock that the caller can move.
///
/// # Errors
/// [`StartError`].
pub async fn start_with(mut config: Config, clock: Clock) -> Result<Running, StartError> {
    config.check()?;
    std::fs::create_dir_all(&config.data)?;
    let listener = TcpListener::bind(config.listen)?;
    let address = listener.local_addr()?;
    config.listen = address;
    let page_listener = config.page_url.as_ref().map(bind_page).transpose()?;
    let origin = match &config.public_url {
        Some(url) => url.origin().ascii_serialization(),
        None => format!("https://{address}"),
    };
    let page_origin = match &page_listener {
        Some(listener) => format!("http://{}", listener.local_addr()?),
        None => origin.clone(),
    };
    let host = url::Url::parse(&origin).ok().and_then(|url| url.host_str().map(str::to_owned));
    let host = host.unwrap_or_else(|| address.ip().to_string());
    let (tls, authority) = tls::load(&config, host.trim_matches(['[', ']'])).await?;

    let users = config.users.clone();
    let (service, effects) = Service::open(config, &origin, page_origin, clock)?;
    if let Some(users) = users {
        accounts::users::add_from_file(&service, &users).await?;
    }
    let mut tasks = vec![tokio::spawn(service.clone().deliver(effects)), http::upkeep(&service)];
    let make = http::router(service.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let mut handles = vec![Handle::new()];
    let mut server = axum_server::from_tcp_rustls(listener, tls)?.handle(handles[0].clone());
    server.http_builder().http1().header_read_timeout(Some(SLOWEST_HEADERS));
    tasks.push(spawn(server.serve(make.clone())));
    if let Some(listener) = page_listener {
        let handle = Handle::new();
        let mut server = axum_server::from_tcp(listener)?.handle(handle.clone());
        server.http_builder().http1().header_read_timeout(Some(SLOWEST_HEADERS));
        tasks.push(spawn(server.serve(make)));
        handles.push(handle);
    }
    tracing::info!(%address, origin, pages = service.page_origin(), "started");
    Ok(Running { address, service, authority, handles, tasks })
}

fn bind_page(url: &url::Url) -> std::io::Result<TcpListener> {
    let host =
        url.host_str().unwrap_or("127.0.0.1").trim_matches(['[', ']']).replace("localhost", "127.0.0.1");
    TcpListener::bind((host.as_str(), url.port_or_known_default().unwrap_or(80)))
}

fn spawn(server: impl Future<Output = std::io::Result<()>> + Send + 'static) -> JoinHandle<()> {
    tokio::spawn(async move {
        if let Err(error) = server.await {
            tracing::error!(%error, "a listener ended");
        }
    })
}

impl Running {
    /// Returns where devices and browsers connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the service itself, for those who run it in their own process.
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// Returns the PEM file of the demo authority that phones must trust; none with a certificate of one's own.
    pub fn authority(&self) -> Option<&Path> {
        self.authority.as_deref()
    }

    /// Stops: no new connections, answers under way finish within 10 s, then all ends.
    pub async fn stop(self) {
        // Pages that wait would otherwise hold their connections open.
        self.service.live().close();
        for handle in &self.handles {
            handle.graceful_shutdown(Some(Duration::from_secs(STOP_S)));
        }
        let mut tasks = self.tasks.into_iter();
        let background: Vec<_> = tasks.by_ref().take(2).collect();
        for listener in tasks {
            let _ = listener.await;
        }
        for task in background {
            task.abort();
        }
        tracing::info!("stopped");
    }
}
