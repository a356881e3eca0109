//! An open vault without an open file: an app that is suspended must hold no lock on it, or the system ends it.

use super::VaultError;
use super::schema;
use super::state::Mode;
use super::store::{Known, Vault};

/// A vault whose file is closed. It keeps its keys: dropping it locks it.
pub struct SuspendedVault(Known);

impl Vault {
    /// Empties the log if nobody stands in the way, and closes the file. No lock and no open file is left.
    pub fn suspend(mut self) -> SuspendedVault {
        self.settle();
        let Self { db, known, unsettled: _, looked_through: _ } = self;
        if known.mode == Mode::ReadWrite {
            schema::checkpoint(&db);
        }
        // Statements are finished before the connection is: nothing of it can stay open.
        db.flush_prepared_statement_cache();
        drop(db);
        SuspendedVault(known)
    }
}

impl SuspendedVault {
    /// Opens the file again and reads it, since it may be another one by now.
    ///
    /// # Errors
    /// As [`LockedVault::open`](super::LockedVault::open); the vault is given back, still suspended.
    pub fn resume(self) -> Result<Vault, (Box<Self>, VaultError)> {
        let Self(mut known) = self;
        let db = match schema::open(&known.folder.join(schema::FILE)) {
            Ok(db) => db,
            Err(error) => return Err((Box::new(Self(known)), error)),
        };
        // What was read before says nothing about this connection.
        known.state.data_version = i64::MIN;
        let mut vault = Vault { db, known, unsettled: false, looked_through: false };
        let durable = if vault.mode() == Mode::ReadWrite { schema::make_durable(&vault.db) } else { Ok(()) };
        match durable.and_then(|()| vault.refresh()) {
            Ok(()) => Ok(vault),
            Err(error) => Err((Box::new(vault.suspend()), error)),
        }
    }
}
