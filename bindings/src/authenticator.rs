//! The one object that lives as long as the process, and how every call of it is guarded.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use authenticator_core::authenticator as flows;
use authenticator_core::authenticator::{Device, Wait};
use authenticator_core::device;
use authenticator_core::net::{Net, NetConfig, TIMEOUT, Trust};
use authenticator_core::time::UnixTime;
use authenticator_core::vault::Salvage;
use tokio::sync::watch;

use crate::error::{Internal, VaultError, of_fault};
use crate::keys::{Anchor, AppAnchor, AppKeys, DeviceKeys};
use crate::panics::{Fault, contained, contained_future, keep_texts_out_of_logs};
use crate::push::OpenOffer;
use crate::records::LocalHosts;
use crate::running;

/// What the core is told once, when the app starts.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Setup {
    /// The vault's folder: an absolute path, inside the app's own container. It is made when a vault is.
    pub folder: String,
    /// Whether loopback and link-local services may be talked to: an app says no.
    pub local_hosts: LocalHosts,
}

/// One vault folder and what is known of it now. Make one when the app starts and keep it.
///
/// Every call may come from any thread. Reads answer at once and never wait for the disk of a write; what changes
/// something is async, goes on although its caller is cancelled, and is on the disk when it returns. `lock` wins over
/// everything that is under way.
#[derive(uniffi::Object)]
pub struct Authenticator {
    pub(crate) core: Arc<flows::Authenticator>,
    pub(crate) folder: PathBuf,
    pub(crate) keys: Arc<AppKeys>,
    anchor: Arc<AppAnchor>,
    /// Grows with everything that a list should be drawn anew for.
    pub(crate) revision: watch::Sender<i64>,
    offer: Mutex<Option<OpenOffer>>,
    salvage: Mutex<Option<Salvage>>,
    confirmation: Mutex<Option<flows::Confirmation>>,
}

#[uniffi::export]
impl Authenticator {
    /// Makes the object. Nothing is read, asked or sent yet, and nothing can fail: what is not there shows at the call
    /// that needs it.
    #[uniffi::constructor]
    pub fn new(setup: Setup, anchor: Arc<dyn Anchor>, keys: Arc<dyn DeviceKeys>) -> Arc<Self> {
        keep_texts_out_of_logs();
        let Setup { folder, local_hosts } = setup;
        let folder = PathBuf::from(folder);
        let anchor = Arc::new(AppAnchor { anchor, rehearsing: AtomicBool::new(false) });
        let keys = Arc::new(AppKeys(keys));
        let for_core: Arc<dyn device::Anchor> = Arc::<AppAnchor>::clone(&anchor);
        let core = flows::Authenticator::new(folder.clone(), for_core);
        let net = NetConfig { trust: Trust::Device, local_hosts, timeout: TIMEOUT };
        // Without an authority to believe there is no push; codes need none.
        let core = match contained(|| Net::new(net)) {
            Ok(Ok(net)) => {
                let keys: Arc<dyn device::DeviceKeys> = Arc::<AppKeys>::clone(&keys);
                core.with_device(Device { keys, net, wait: Arc::new(Clock) })
            }
            Ok(Err(_)) | Err(_) => core,
        };
        Arc::new(Self {
            core: Arc::new(core),
            folder,
            keys,
            anchor,
            revision: watch::Sender::new(0),
            offer: Mutex::default(),
            salvage: Mutex::default(),
            confirmation: Mutex::default(),
        })
    }

    /// Panics on purpose in the middle of a write, after its commit and before it is acknowledged: an app's tests see
    /// what a fault of ours looks like. It answers `Internal`, the vault is locked, and its file is whole.
    pub async fn rehearse_fault(self: Arc<Self>) -> Result<(), VaultError> {
        self.write(|own| {
            own.anchor.rehearsing.store(true, Ordering::SeqCst);
            let result = own.core.set_order(&[]);
            own.anchor.rehearsing.store(false, Ordering::SeqCst);
            Ok(result?)
        })
        .await
    }
}

impl Authenticator {
    /// Runs a read. A panic in it locks the vault.
    pub(crate) fn read<T, E: Internal>(
        &self,
        look: impl FnOnce(&flows::Authenticator) -> Result<T, E>,
    ) -> Result<T, E> {
        contained(|| look(&self.core)).unwrap_or_else(|fault| Err(self.faulted(fault)))
    }

    /// Runs a change on a worker, to its end, and tells the feeds. A panic in it locks the vault.
    pub(crate) async fn write<T: Send + 'static, E: Internal + Send + 'static>(
        self: &Arc<Self>,
        change: impl FnOnce(&Self) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        self.look(move |own| {
            let result = contained(|| change(own)).unwrap_or_else(|fault| Err(own.faulted(fault)));
            own.changed();
            result
        })
        .await
    }

    /// Runs a read that may wait for the disk or for a key on a worker. A panic in it locks the vault. The feeds are told
    /// nothing: who draws a list anew at a change may look in here without being told to draw it anew.
    pub(crate) async fn look<T: Send + 'static, E: Internal + Send + 'static>(
        self: &Arc<Self>,
        look: impl FnOnce(&Self) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let own = Arc::clone(self);
        let ended = running::on_worker(move || {
            contained(|| look(&own)).unwrap_or_else(|fault| Err(own.faulted(fault)))
        });
        ended.await.unwrap_or_else(|fault| Err(self.faulted(fault)))
    }

    /// Prepares a change that `running` runs: a panic in it locks the vault, and the feeds are told.
    pub(crate) async fn guarded<T, E: Internal>(
        self: Arc<Self>,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let result = Arc::clone(&self).contained(work).await;
        self.changed();
        result
    }

    /// Prepares a read that `running` runs: a panic in it locks the vault.
    pub(crate) async fn contained<T, E: Internal>(
        self: Arc<Self>,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        contained_future(work).await.unwrap_or_else(|fault| Err(self.faulted(fault)))
    }

    /// Locks after a fault, so that nothing goes on with what it left half done, and makes its error.
    pub(crate) fn faulted<E: Internal>(&self, fault: Fault) -> E {
        // A lock that fails as well has dropped what it held.
        let _ = contained(|| self.lock_all());
        of_fault(fault)
    }

    /// Locks, and forgets what a process may forget.
    pub(crate) fn lock_all(&self) {
        self.core.lock();
        *self.open_offer() = None;
        *self.salvage() = None;
        *self.confirmation() = None;
        self.changed();
    }

    pub(crate) fn changed(&self) {
        self.revision.send_modify(|revision| *revision += 1);
    }

    pub(crate) fn open_offer(&self) -> MutexGuard<'_, Option<OpenOffer>> {
        self.offer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn salvage(&self) -> MutexGuard<'_, Option<Salvage>> {
        self.salvage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the confirmation that `confirm` left; whatever comes of the call, it is used up.
    pub(crate) fn confirmed(&self) -> Result<flows::Confirmation, VaultError> {
        self.confirmation().take().ok_or(VaultError::NotConfirmed)
    }

    pub(crate) fn confirmation(&self) -> MutexGuard<'_, Option<flows::Confirmation>> {
        self.confirmation.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The time of this device, waited for by the runtime: push needs both, and the core has neither.
struct Clock;

impl Wait for Clock {
    fn wait(&self, ms: u64) -> std::pin::Pin<Box<dyn Future<Output = UnixTime> + Send>> {
        Box::pin(async move {
            if ms > 0 {
                tokio::time::sleep(Duration::from_millis(ms)).await;
            }
            let since = SystemTime::now().duration_since(UNIX_EPOCH);
            // A clock before 1970 is one that was never set.
            UnixTime::from_ms(since.map_or(0, |since| since.as_millis().try_into().unwrap_or(i64::MAX)))
        })
    }
}
