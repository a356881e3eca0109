//! An open vault without an open file: an app that is suspended must hold no lock on it, or the system ends it.

use std::path::PathBuf;
use std::sync::Arc;

use super::VaultError;
use super::item::Item;
use super::keys::Subkeys;
use super::schema;
use super::state::{Mode, Report};
use super::store::{State, Vault};
use crate::device::{Anchor, VaultId};

/// A vault whose file is closed. It keeps its keys: dropping it locks it.
pub struct SuspendedVault {
    folder: PathBuf,
    id: VaultId,
    keys: Arc<Subkeys>,
    anchor: Arc<dyn Anchor>,
    mode: Mode,
    report: Report,
    state: State,
    items: Vec<Item>,
    usage_dirty: bool,
    settled_by_caller: bool,
}

impl Vault {
    /// Empties the log if nobody stands in the way, and closes the file. No lock and no open file is left.
    pub fn suspend(mut self) -> SuspendedVault {
        self.settle();
        let Self {
            folder,
            id,
            db,
            keys,
            anchor,
            mode,
            report,
            state,
            items,
            usage_dirty,
            settled_by_caller,
            unsettled: _,
            looked_through: _,
        } = self;
        if mode == Mode::ReadWrite {
            schema::checkpoint(&db);
        }
        // Statements are finished before the connection is: nothing of it can stay open.
        db.flush_prepared_statement_cache();
        drop(db);
        SuspendedVault {
            folder,
            id,
            keys,
            anchor,
            mode,
            report,
            state,
            items,
            usage_dirty,
            settled_by_caller,
        }
    }
}

impl SuspendedVault {
    /// Opens the file again and reads it, since it may be another one by now.
    ///
    /// # Errors
    /// As [`LockedVault::open`](super::LockedVault::open); the vault is given back, still suspended.
    pub fn resume(self) -> Result<Vault, (Box<Self>, VaultError)> {
        let db = match schema::open(&self.folder.join(schema::FILE)) {
            Ok(db) => db,
            Err(error) => return Err((Box::new(self), error)),
        };
        let Self { folder, id, keys, anchor, mode, report, mut state, items, usage_dirty, settled_by_caller } =
            self;
        // What was read before says nothing about this connection.
        state.data_version = i64::MIN;
        let (unsettled, looked_through) = (false, false);
        let mut vault = Vault {
            folder,
            id,
            db,
            keys,
            anchor,
            mode,
            report,
            state,
            items,
            usage_dirty,
            unsettled,
            settled_by_caller,
            looked_through,
        };
        let durable = if mode == Mode::ReadWrite { schema::make_durable(&vault.db) } else { Ok(()) };
        match durable.and_then(|()| vault.refresh()) {
            Ok(()) => Ok(vault),
            Err(error) => Err((Box::new(vault.suspend()), error)),
        }
    }
}
