//! What every handler holds: settings, store, clock, keys and the ways out; a cheap clone.

use std::sync::Arc;

use authenticator_core::push::wire::{Label, Origin};
use authenticator_core::secret::SecretBytes;
use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::config::{Config, ConfigError};
use crate::keys::Keys;
use crate::live::Live;
use crate::metrics::Metrics;
use crate::outgoing::{self, ClientError, Reach, Speaks};
use crate::push::dpop::Nonces;
use crate::push::token::Tokens;
use crate::sealing::{Sealing, SealingKeyError};
use crate::store::{Effect, Store};
use crate::texts::{self, Gateway, GatewayConfigError};
use crate::webpush::{self, Sender, VapidError};
use crate::{Failure, accounts};

/// The running service; clones share it.
#[derive(Clone)]
pub struct Service {
    inner: Arc<Inner>,
}

struct Inner {
    config: Config,
    origin: Origin,
    page_origin: String,
    organisation: Label,
    logo: Option<Logo>,
    clock: Clock,
    store: Store,
    sealing: Sealing,
    keys: Keys,
    live: Live,
    metrics: Metrics,
    nonces: Nonces,
    tokens: Tokens,
    hashing: tokio::sync::Semaphore,
    gateway: Option<Gateway>,
    sender: Sender,
}

/// The organisation's picture.
#[derive(Clone, Debug)]
pub struct Logo {
    /// `image/png` or `image/jpeg`.
    pub media_type: &'static str,
    /// At most 64 KiB.
    pub bytes: Vec<u8>,
}

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The sealing key.
    #[error(transparent)]
    SealingKey(#[from] SealingKeyError),
    /// The database, or the keys in it.
    #[error(transparent)]
    Failure(#[from] Failure),
    /// The gateway of text messages.
    #[error(transparent)]
    Gateway(#[from] GatewayConfigError),
    /// The client of outgoing calls.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The contact that push services get.
    #[error(transparent)]
    Vapid(#[from] VapidError),
    /// The certificate.
    #[error(transparent)]
    Tls(#[from] crate::tls::TlsError),
    /// The address cannot be listened on, or a file cannot be read.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl Service {
    /// Opens everything but the sockets. `origin` is the https origin that phones name.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn open(
        config: Config,
        origin: &str,
        page_origin: String,
        clock: Clock,
    ) -> Result<(Self, mpsc::UnboundedReceiver<Effect>), StartError> {
        config.check()?;
        let origin = origin.parse().map_err(|_| ConfigError::PublicUrl)?;
        let organisation = config.organisation.parse().map_err(|_| ConfigError::Organisation)?;
        std::fs::create_dir_all(&config.data)?;
        let logo = config.logo.as_deref().map(read_logo).transpose()?;
        let sealing = Sealing::from_file(&config.sealing_key_path())?;
        let (store, effects) = Store::open(&config.data.join("service.db"))?;
        let keys = {
            let conn = rusqlite::Connection::open(config.data.join("service.db")).map_err(Failure::from)?;
            conn.busy_timeout(std::time::Duration::from_secs(10)).map_err(Failure::from)?;
            Keys::open(&conn, &sealing, clock.now())?
        };
        let authority = config.outgoing_ca.as_ref().map(std::fs::read).transpose()?;
        let authority = authority.as_deref();
        let gateway =
            config.text_messages.as_ref().map(|gateway| Gateway::new(gateway, authority)).transpose()?;
        let metrics = Metrics::new();
        let client = outgoing::client(authority, reach(&config), Speaks::Either)?;
        let vapid = webpush::Vapid::from_pkcs8(keys.vapid_pkcs8().expose(), &config.contact)?;
        let sender = webpush::sender(client, vapid, &store, &clock, &metrics);
        let inner = Inner {
            origin,
            page_origin,
            organisation,
            logo,
            clock,
            store,
            sealing,
            keys,
            live: Live::default(),
            metrics,
            nonces: Nonces::make()?,
            tokens: Tokens::default(),
            hashing: tokio::sync::Semaphore::new(accounts::passwords::AT_ONCE),
            gateway,
            sender,
            config,
        };
        Ok((Self { inner: Arc::new(inner) }, effects))
    }

    /// Returns the settings.
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// Returns the https origin that phones name, `iss`.
    pub fn origin(&self) -> &Origin {
        &self.inner.origin
    }

    /// Returns the origin of the pages: the https one, or a loopback http one in a demo.
    pub fn page_origin(&self) -> &str {
        &self.inner.page_origin
    }

    /// Returns the host of the pages, without a port.
    pub fn page_host(&self) -> &str {
        let rest = self.inner.page_origin.split_once("://").map_or("", |(_, rest)| rest);
        match rest.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
            _ => rest,
        }
    }

    /// Returns the gateway of text messages, when there is one.
    pub fn gateway(&self) -> Option<&Gateway> {
        self.inner.gateway.as_ref()
    }

    /// Returns which addresses phones may be woken at.
    pub fn reach(&self) -> Reach {
        reach(&self.inner.config)
    }

    pub(crate) fn sender(&self) -> &Sender {
        &self.inner.sender
    }

    /// Tells whether pages are served by https alone, so that cookies may say so.
    pub fn secure_cookies(&self) -> bool {
        self.inner.page_origin.starts_with("https:")
    }

    /// Returns the organisation's name.
    pub fn organisation(&self) -> &Label {
        &self.inner.organisation
    }

    /// Returns the organisation's picture.
    pub fn logo(&self) -> Option<&Logo> {
        self.inner.logo.as_ref()
    }

    /// Returns the one clock.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// Returns the database.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// Returns what seals columns.
    pub fn sealing(&self) -> &Sealing {
        &self.inner.sealing
    }

    /// Returns the signing keys.
    pub fn keys(&self) -> &Keys {
        &self.inner.keys
    }

    /// Returns what pages wait on.
    pub fn live(&self) -> &Live {
        &self.inner.live
    }

    /// Returns the counters.
    pub fn metrics(&self) -> &Metrics {
        &self.inner.metrics
    }

    pub(crate) fn nonces(&self) -> &Nonces {
        &self.inner.nonces
    }

    pub(crate) fn tokens(&self) -> &Tokens {
        &self.inner.tokens
    }

    pub(crate) fn hashing(&self) -> &tokio::sync::Semaphore {
        &self.inner.hashing
    }

    /// Derives a key of 32 bytes from the sealing key for a part that seals for itself.
    pub fn derive_key(&self, what: &str) -> SecretBytes {
        self.inner.sealing.derive_key(what)
    }

    /// Makes a new signing key that the current one signs (push-protocol.md, upkeep).
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn rotate_service_key(&self) -> Result<String, Failure> {
        let (service, now) = (self.clone(), self.clock().now());
        let kid = self
            .store()
            .write(move |tx| service.keys().rotate(tx, service.sealing(), service.origin(), now))
            .await?;
        self.store().read(|conn| self.keys().reload(conn, self.sealing()))?;
        tracing::info!(kid, "service key rotated");
        Ok(kid)
    }

    /// Carries out what operations asked for after their commits, until the store is closed.
    pub async fn deliver(self, mut effects: mpsc::UnboundedReceiver<Effect>) {
        while let Some(effect) = effects.recv().await {
            match effect {
                Effect::Changed(user) => self.live().changed(&user),
                Effect::WakeUp { credential, request, expires_at } => {
                    if let Err(failure) = webpush::wake(&self, &credential, &request, expires_at) {
                        tracing::error!(%failure, request, "a phone is not woken");
                    }
                }
                Effect::Tell(notice) => texts::tell(&self, notice),
            }
        }
    }
}

fn reach(config: &Config) -> Reach {
    if config.outgoing_private { Reach::Anywhere } else { Reach::Public }
}

fn read_logo(path: &std::path::Path) -> Result<Logo, StartError> {
    const MOST: usize = 64 * 1024;
    let bytes = std::fs::read(path)?;
    let media_type = match bytes.as_slice() {
        _ if bytes.len() > MOST => None,
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        _ => None,
    };
    let media_type = media_type.ok_or(ConfigError::Logo)?;
    Ok(Logo { media_type, bytes })
}
