//! What file and anchor say together, what is mended by itself, and what the user may accept.

use super::VaultError;
use super::key_rows::write_key_rows;
use super::keyfile::KeyFile;
use super::manifest::Root;
use super::schema;
use super::state::{Mode, Reason};
use super::store::{State, Vault};
use crate::crypto::random;
use crate::device::{KeyStoreError, StoredAnchor};

impl Vault {
    /// Says what file and anchor mean together; the worst finding counts.
    pub(super) fn judge(&mut self, stored: &Result<StoredAnchor, KeyStoreError>) -> Mode {
        let State { root, rows, docs_whole, user_version, .. } = &self.known.state;
        if *user_version > schema::USER_VERSION {
            return Mode::ReadOnly(Reason::NewerFormat);
        }
        if !docs_whole || rows.values().any(|row| row.state == super::ItemState::Damaged) {
            return Mode::ReadOnly(Reason::DamagedRows);
        }
        if !self.root_holds() {
            return Mode::ReadOnly(Reason::Tampered);
        }
        let anchor = match stored {
            Ok(StoredAnchor::Present(anchor)) => anchor,
            Ok(StoredAnchor::Absent) => return Mode::ReadOnly(Reason::NoAnchor),
            Ok(StoredAnchor::Torn) => return Mode::ReadOnly(Reason::AnchorTorn),
            Err(_) => return Mode::ReadOnly(Reason::AnchorUnavailable),
        };
        if anchor.branch != root.branch {
            return Mode::ReadOnly(Reason::OtherBranch);
        }
        if root.seq < anchor.seq {
            return Mode::ReadOnly(Reason::RolledBack);
        }
        self.known.report.ahead = root.seq - anchor.seq;
        let fits = match self.known.report.ahead {
            0 => root.mac == anchor.root_mac,
            1 => root.prev_root == anchor.root_mac,
            _ => true,
        };
        if fits { Mode::ReadWrite } else { Mode::ReadOnly(Reason::Tampered) }
    }

    /// Puts right what the copy of the slots could mend, in the file and beside it. The root covers these bytes
    /// already, so it stays.
    pub(super) fn heal(&mut self, copy_used: bool) -> Result<(), VaultError> {
        let rows = self.key_rows();
        if copy_used {
            self.db.execute_batch("BEGIN IMMEDIATE")?;
            let written = write_key_rows(&self.db, &rows);
            self.db.execute_batch(if written.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
            written?;
            self.known.state.data_version = schema::data_version(&self.db)?;
        }
        if KeyFile::read(&self.known.folder)?.as_ref() != Some(&rows) {
            rows.write(&self.known.folder)?;
        }
        Ok(())
    }

    /// Takes the vault as it is, because the user said so: a new branch, with a number above the anchor's.
    ///
    /// # Errors
    /// [`VaultError::ReadOnly`] when the reason is not one that a person can accept; [`VaultError::KeyStore`] when
    /// the anchor cannot be read: then nothing has changed.
    pub fn accept(&mut self) -> Result<(), VaultError> {
        match self.known.mode {
            Mode::ReadWrite => return Ok(()),
            Mode::ReadOnly(reason) if reason.may_be_accepted() => {}
            Mode::ReadOnly(reason) => return Err(VaultError::ReadOnly(reason)),
        }
        let above = match self.known.anchor.load(self.known.id)? {
            StoredAnchor::Present(anchor) => anchor.seq,
            StoredAnchor::Absent | StoredAnchor::Torn => 0,
        };
        let seq = self.known.state.root.seq.max(above) + 1;
        let branch = random::make_array()?;
        schema::make_durable(&self.db)?;
        self.db.execute_batch("BEGIN IMMEDIATE")?;
        let prev_root = self.known.state.root.mac;
        let root = Root::at(
            &self.known.keys.manifest,
            &self.known.state.covered(self.known.id),
            seq,
            branch,
            prev_root,
        );
        let unchanged = schema::data_version(&self.db)? == self.known.state.data_version;
        let written = if unchanged { root.write(&self.db) } else { Err(VaultError::ChangedOutside) };
        self.db.execute_batch(if written.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
        written?;
        self.known.state.root = root;
        self.known.state.data_version = schema::data_version(&self.db)?;
        self.known.mode = Mode::ReadWrite;
        self.unsettled = true;
        if !self.known.settled_by_caller {
            self.settle();
        }
        self.heal(false)
    }
}
