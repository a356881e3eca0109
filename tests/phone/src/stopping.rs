//! Ctrl-C during long work: asked for, it ends between two steps, with nothing half done. Asked twice, or while a question
//! waits for its answer, at once: what is written is written in one step, so that nothing is half done then either.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Once, mpsc};

use crate::refusal::Refusal;

static ASKED: AtomicBool = AtomicBool::new(false);
/// Whether a question waits for its answer.
static WAITS: AtomicBool = AtomicBool::new(false);

/// Whether the user asked to stop.
#[derive(Clone, Copy)]
pub struct Stop(&'static AtomicBool);

impl Stop {
    /// Listens to Ctrl-C from now on.
    pub fn on_interrupt() -> Self {
        static LISTENS: Once = Once::new();
        LISTENS.call_once(|| {
            let (ready, listening) = mpsc::channel();
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                let Ok(runtime) = runtime else { return };
                runtime.block_on(async {
                    // The first look at the first begins to listen; only then the second says so.
                    tokio::select! { biased; () = listen() => {}, () = tell(ready) => {} }
                });
            });
            // Where nothing listens, Ctrl-C ends the program at once.
            let _ = listening.recv();
        });
        Self(&ASKED)
    }

    /// Never asked.
    #[cfg(test)]
    pub fn never() -> Self {
        static NEVER: AtomicBool = AtomicBool::new(false);
        Self(&NEVER)
    }

    /// Tells whether to stop.
    pub fn asked(self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// Goes on to the next step, unless asked to stop.
    pub fn go_on(self) -> Result<(), Refusal> {
        if self.asked() { Err(Refusal::stopped()) } else { Ok(()) }
    }
}

/// Waits for an answer of the user; Ctrl-C meanwhile ends the program.
pub fn while_waiting<T>(ask: impl FnOnce() -> T) -> T {
    WAITS.store(true, Ordering::SeqCst);
    let answer = ask();
    WAITS.store(false, Ordering::SeqCst);
    answer
}

async fn listen() {
    while tokio::signal::ctrl_c().await.is_ok() {
        if ASKED.swap(true, Ordering::SeqCst) || WAITS.load(Ordering::SeqCst) {
            std::process::exit(130);
        }
    }
}

async fn tell(ready: mpsc::Sender<()>) {
    let _ = ready.send(());
    std::future::pending().await
}
