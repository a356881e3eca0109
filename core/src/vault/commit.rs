//! One transaction for each operation: the rows, the manifest with them, COMMIT, then the anchor, then the log.

use std::sync::Arc;

use super::VaultError;
use super::keys::{Subkeys, WrappedDek};
use super::manifest::Root;
use super::schema;
use super::slots::SlotRow;
use super::state::{Mode, Reason};
use super::store::{Known, State, Vault};

impl Vault {
    /// Runs one operation: an immediate transaction, the manifest with it, COMMIT, then the anchor, then the log.
    ///
    /// `change` writes rows by [`Vault::put_item`], [`Vault::remove_item`] and [`Vault::put_doc`] alone.
    pub(super) fn commit<T>(
        &mut self,
        change: impl FnOnce(&mut Self) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        self.commit_on(None, change)
    }

    /// The same; with `branch`, the vault goes on as another branch from this commit.
    pub(super) fn commit_on<T>(
        &mut self,
        branch: Option<[u8; 16]>,
        change: impl FnOnce(&mut Self) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        self.writable()?;
        self.db.execute_batch("BEGIN IMMEDIATE")?;
        let before = Before::of(self);
        match self.changed(branch, change) {
            Ok(result) => {
                if let Err(error) = self.db.execute_batch("COMMIT") {
                    self.undo(before);
                    return Err(error.into());
                }
                self.known.state.data_version = schema::data_version(&self.db)?;
                self.show();
                self.unsettled = true;
                if !self.known.settled_by_caller {
                    self.settle();
                }
                Ok(result)
            }
            Err(error) => {
                self.undo(before);
                Err(error)
            }
        }
    }

    fn changed<T>(
        &mut self,
        branch: Option<[u8; 16]>,
        change: impl FnOnce(&mut Self) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        self.refresh()?;
        self.writable()?;
        self.look_through()?;
        let result = change(self)?;
        let Root { seq, branch: own, mac, .. } = self.known.state.root;
        let covered = self.known.state.covered(self.known.id);
        let root = Root::at(&self.known.keys.manifest, &covered, seq + 1, branch.unwrap_or(own), mac);
        root.write(&self.db)?;
        self.known.state.root = root;
        Ok(result)
    }

    /// Before the first write, has SQLite look through the file: what reads well may be laid out so that the next row
    /// lands on its neighbour.
    fn look_through(&mut self) -> Result<(), VaultError> {
        if !self.looked_through {
            schema::check_structure(&self.db)?;
            self.looked_through = true;
        }
        Ok(())
    }

    /// Goes back to what the file holds, in the transaction and in memory.
    fn undo(&mut self, before: Before) {
        // SQLite may have rolled back by itself; asking again does no harm.
        let _ = self.db.execute_batch("ROLLBACK");
        let Before { root, slots, dek, keys, user_version } = before;
        (self.known.state.root, self.known.state.slots, self.known.state.dek, self.known.keys) =
            (root, slots, dek, keys);
        self.known.state.user_version = user_version;
        self.known.state.data_version = i64::MIN;
        if self.refresh().is_err() {
            self.known.mode = Mode::ReadOnly(Reason::Tampered);
        }
    }

    pub(super) fn writable(&self) -> Result<(), VaultError> {
        match self.known.mode {
            Mode::ReadWrite => Ok(()),
            Mode::ReadOnly(reason) => Err(VaultError::ReadOnly(reason)),
        }
    }
}

/// What an operation goes back to when it fails.
struct Before {
    root: Root,
    slots: Vec<SlotRow>,
    dek: WrappedDek,
    keys: Arc<Subkeys>,
    user_version: u32,
}

impl Before {
    fn of(vault: &Vault) -> Self {
        let Known { keys, state: State { root, slots, dek, user_version, .. }, .. } = &vault.known;
        let (root, slots, dek) = (root.clone(), slots.clone(), dek.clone());
        Self { root, slots, dek, keys: Arc::clone(keys), user_version: *user_version }
    }
}
