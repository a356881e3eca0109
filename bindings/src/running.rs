//! Where async calls run: two workers, threads for what waits for the disk, and a count of what runs.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

use crate::panics::{Fault, THREAD, contained, contained_future};

/// Returns how many calls are running now: 0 once every async call has ended and every feed's wait is over.
///
/// For an app's own tests; nothing is decided by it.
#[uniffi::export]
pub fn live_tasks() -> i64 {
    LIVE.load(Ordering::SeqCst)
}

/// Runs `work` where it may wait for the disk or for a key derivation. It ends although nobody waits for it any more.
pub(crate) async fn on_worker<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Fault> {
    let live = Live::begin();
    let task = runtime()?.spawn_blocking(move || {
        let _live = live;
        contained(work)
    });
    joined(task).await
}

/// Runs `work` to its end although nobody waits for it any more: what was signed is sent.
pub(crate) async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, Fault> {
    joined(spawn(work)?).await
}

/// Runs `work` for as long as somebody waits for it.
pub(crate) async fn while_wanted<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, Fault> {
    let mut task = Wanted(spawn(work)?);
    joined(&mut task.0).await
}

fn spawn<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Result<JoinHandle<Result<T, Fault>>, Fault> {
    let live = Live::begin();
    Ok(runtime()?.spawn(async move {
        let _live = live;
        contained_future(work).await
    }))
}

async fn joined<T>(
    task: impl Future<Output = Result<Result<T, Fault>, tokio::task::JoinError>>,
) -> Result<T, Fault> {
    match task.await {
        Ok(result) => result,
        // Nothing but the end of the process takes the runtime away.
        Err(_) => Err(Fault { place: "the runtime ended".to_owned() }),
    }
}

/// A task that ends with the one who waits for it.
struct Wanted<T>(JoinHandle<T>);

impl<T> Drop for Wanted<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Counts one running call.
struct Live;

static LIVE: AtomicI64 = AtomicI64::new(0);

impl Live {
    fn begin() -> Self {
        LIVE.fetch_add(1, Ordering::SeqCst);
        Self
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        LIVE.fetch_sub(1, Ordering::SeqCst);
    }
}

fn runtime() -> Result<&'static Runtime, Fault> {
    static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        Builder::new_multi_thread().worker_threads(2).thread_name(THREAD).enable_all().build().ok()
    });
    runtime.as_ref().ok_or_else(|| Fault { place: "no thread could be started".to_owned() })
}
