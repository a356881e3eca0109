//! SQLite: one writer with group commit, readers apart, migrations by `user_version`.
//!
//! Knows no table; the modules that own them do.

mod migrations;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags};
use tokio::sync::mpsc;

pub use writer::{Effect, Tx};

use crate::Failure;

/// Connections that are kept for reading; more readers than that open one for themselves.
const READERS: usize = 8;

/// The service's database; clones share it.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    path: PathBuf,
    writer: writer::Writer,
    readers: Mutex<Vec<Connection>>,
}

impl Store {
    /// Opens the database at `path`, makes it when it is not there, and brings its tables up to date.
    ///
    /// What operations ask for after their commit arrives on the second value, in the order of commits.
    ///
    /// # Errors
    /// [`Failure::Store`]; a database of a newer version of this program is refused.
    pub fn open(path: &Path) -> Result<(Self, mpsc::UnboundedReceiver<Effect>), Failure> {
        let mut conn = Connection::open(path)?;
        prepare(&conn)?;
        conn.pragma_update(None, "journal_mode", "WAL")?;
        conn.pragma_update(None, "synchronous", "FULL")?;
        migrations::run(&mut conn)?;
        let (effects, receiver) = mpsc::unbounded_channel();
        let writer = writer::Writer::start(conn, effects);
        let shared = Shared { path: path.to_owned(), writer, readers: Mutex::new(Vec::new()) };
        Ok((Self { shared: Arc::new(shared) }, receiver))
    }

    /// Runs `operation` in the writer's transaction and returns when it is on the disk.
    ///
    /// Operations that wait at the same time share one commit. An `Err` undoes this operation alone; a
    /// refusal that must be recorded is therefore an `Ok`.
    ///
    /// # Errors
    /// Those of the operation; [`Failure::Store`] when the commit failed, [`Failure::Closed`].
    pub async fn write<T, F>(&self, operation: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T, Failure> + Send + 'static,
    {
        self.shared.writer.run(operation).await
    }

    /// Reads what is committed. It stays on the calling thread: a few look-ups by key take microseconds.
    ///
    /// # Errors
    /// Those of the operation; [`Failure::Store`].
    pub fn read<T>(&self, operation: impl FnOnce(&Connection) -> Result<T, Failure>) -> Result<T, Failure> {
        let kept = self.readers().pop();
        let conn = match kept {
            Some(conn) => conn,
            None => self.open_reader()?,
        };
        let result = operation(&conn);
        let mut readers = self.readers();
        if readers.len() < READERS {
            readers.push(conn);
        }
        result
    }

    fn readers(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.shared.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open_reader(&self) -> Result<Connection, Failure> {
        let conn = Connection::open_with_flags(
            &self.shared.path,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        prepare(&conn)?;
        Ok(conn)
    }
}

fn prepare(conn: &Connection) -> Result<(), Failure> {
    conn.busy_timeout(std::time::Duration::from_secs(10))?;
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.set_prepared_statement_cache_capacity(128);
    Ok(())
}

#[cfg(test)]
mod tests;
