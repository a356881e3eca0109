//! The terminal phone put together: core, anchor, software keys, network and clock.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use authenticator_core::authenticator::{Authenticator, Device, PhoneInfo, PushAddress, ShellFacts, Wait};
use authenticator_core::net::{LocalHosts, Net, NetConfig, TIMEOUT, Trust, TrustError};
use authenticator_core::time::UnixTime;

use crate::anchor_file::FileAnchor;
use crate::soft_keys::{Ask, SoftKeys};

/// Where a phone keeps what it has.
#[derive(Clone, Debug)]
pub struct Folders {
    /// The vault.
    pub vault: PathBuf,
    /// What says how new the vault must be; never inside the vault's folder.
    pub anchors: PathBuf,
    /// The device's keys.
    pub device: PathBuf,
}

impl Folders {
    /// Names three folders inside `folder`.
    pub fn within(folder: &Path) -> Self {
        Self { vault: folder.join("vault"), anchors: folder.join("anchors"), device: folder.join("device") }
    }
}

/// The time of this machine, waited for by tokio.
pub struct Clock;

impl Wait for Clock {
    fn wait(&self, ms: u64) -> Pin<Box<dyn Future<Output = UnixTime> + Send>> {
        Box::pin(async move {
            if ms > 0 {
                tokio::time::sleep(Duration::from_millis(ms)).await;
            }
            now()
        })
    }
}

/// Returns the wall clock: `core` has none.
pub fn now() -> UnixTime {
    let ms = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
    };
    UnixTime::from_ms(ms)
}

/// Makes a phone that can enrol and approve; `ask` stands for a finger or a look.
///
/// # Errors
/// [`TrustError`] when there is no certificate to believe.
pub fn phone(folders: &Folders, trust: Trust, ask: Ask) -> Result<Authenticator, TrustError> {
    let net = Net::new(NetConfig { trust, local_hosts: LocalHosts::Allowed, timeout: TIMEOUT })?;
    let keys = Arc::new(SoftKeys::new(folders.device.clone(), ask));
    let device = Device { keys, net, wait: Arc::new(Clock) };
    Ok(codes_only(folders).with_device(device))
}

/// What a terminal can say of itself: it shows no notifications, has no camera and is never woken.
pub const FACTS: ShellFacts = ShellFacts {
    screen_lock: None,
    notifications: None,
    camera: None,
    battery_restricted: None,
    hibernates: None,
    can_be_woken: false,
};

/// Makes a phone for codes alone.
pub fn codes_only(folders: &Folders) -> Authenticator {
    let anchor = Arc::new(FileAnchor::new(folders.anchors.clone(), &folders.vault));
    Authenticator::new(folders.vault.clone(), anchor)
}

/// Returns what a service is told of this phone, which is asked while it runs and is not woken.
pub fn info(name: &str) -> PhoneInfo {
    PhoneInfo {
        name: name.to_owned(),
        os: std::env::consts::OS.to_owned(),
        app: concat!("klink ", env!("CARGO_PKG_VERSION")).to_owned(),
        push: PushAddress::None,
    }
}
