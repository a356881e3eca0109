//! What the service logs, kept in memory.

use std::sync::{Arc, Mutex, OnceLock};

use tracing::Level;

/// A log of one test, or of all.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Returns the log of all tests of this process, whatever thread they write from, but for those with one of their own.
    pub(crate) fn of_all() -> Self {
        static ALL: OnceLock<Log> = OnceLock::new();
        let begin = || {
            let log = Self::default();
            tracing::subscriber::set_global_default(log.subscriber(Level::DEBUG)).unwrap();
            log
        };
        ALL.get_or_init(begin).clone()
    }

    /// Returns who writes into it what is of this level or above.
    pub(crate) fn subscriber(&self, most: Level) -> impl tracing::Subscriber + Send + Sync + use<> {
        let writes = self.clone();
        tracing_subscriber::fmt()
            .without_time()
            .with_ansi(false)
            .with_max_level(most)
            .with_writer(move || writes.clone())
            .finish()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
