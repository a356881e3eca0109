//! Flow: create, unlock, lock.

use super::codes::CodeCache;
use super::keeping::snapshot_at_unlock;
use super::showing::ShownCodes;
use super::{Authenticator, Error, Open, Shown};
use crate::device::VaultId;
use crate::time::UnixTime;
use crate::vault::{self, Key, LockedVault, Mode, NewSlot, Report, SlotInfo, VaultError};

/// What stands in the folder, as far as it can be told without a key.
#[derive(Clone, Debug, PartialEq)]
pub enum Status {
    /// Nothing: a vault may be created.
    NoVault,
    /// An anchor names a vault whose file is gone: restore it, or start new by an explicit act.
    PreviousVault(VaultId),
    /// A vault, locked; these slots open it.
    Locked(Vec<SlotInfo>),
    /// A vault, unlocked.
    Unlocked(Mode),
}

/// What [`Authenticator::create`] made.
#[derive(Clone, Debug)]
pub struct Created {
    /// The new vault.
    pub vault_id: VaultId,
}

/// What [`Authenticator::unlock`] found.
#[derive(Clone, Debug)]
pub struct Unlocked {
    /// Read-write, or read-only with the reason.
    pub mode: Mode,
    /// What was noticed on the way.
    pub report: Report,
}

impl Authenticator {
    /// Tells what stands in the folder.
    ///
    /// # Errors
    /// [`Error::Vault`] when the folder or the anchors cannot be read.
    pub fn status(&self) -> Result<Status, Error> {
        if let Some(shown) = &self.face().shown {
            return Ok(Status::Unlocked(shown.mode));
        }
        match LockedVault::open(&self.folder) {
            Ok(locked) => Ok(Status::Locked(locked.slots().to_vec())),
            Err(VaultError::NotFound) => Ok(match vault::previous(&self.folder, &*self.anchor)? {
                Some(vault_id) => Status::PreviousVault(vault_id),
                None => Status::NoVault,
            }),
            Err(other) => Err(other.into()),
        }
    }

    /// Makes a vault with `slots` and leaves it unlocked. Takes as long as Argon2id does.
    ///
    /// # Errors
    /// [`Error::Vault`]: a vault, or the anchor of one, is there already; no portable slot; disk trouble.
    pub fn create(&self, slots: &[NewSlot<'_>], at: UnixTime) -> Result<Created, Error> {
        let generation = self.face().generation;
        let vault = vault::create(&self.folder, &self.anchor, slots, at)?;
        let vault_id = vault.vault_id();
        self.show(vault, generation)?;
        Ok(Created { vault_id })
    }

    /// Opens the vault with one of its slots. Takes as long as Argon2id does for a passphrase.
    ///
    /// Damage is a mode of the answer, not an error, and nothing is ever deleted for it.
    ///
    /// # Errors
    /// [`Error::AlreadyUnlocked`]; [`Error::Locked`] when a lock came meanwhile; [`Error::Vault`]: wrong
    /// passphrase, damaged slot, disk trouble, each by its own name.
    pub fn unlock(&self, key: Key<'_>, at: UnixTime) -> Result<Unlocked, Error> {
        let generation = {
            let face = self.face();
            if face.shown.is_some() {
                return Err(Error::AlreadyUnlocked);
            }
            face.generation
        };
        let kind = key.kind();
        let mut opened = LockedVault::open(&self.folder)?.unlock(key, &self.anchor, at)?;
        if opened.vault.mode() == Mode::ReadWrite {
            // What cannot be remembered is asked for again.
            let _ = opened.vault.way_in_was_known(kind, at);
        }
        opened.report.snapshot_failed = snapshot_at_unlock(&mut opened.vault, at);
        let mode = opened.vault.mode();
        self.show(opened.vault, generation)?;
        Ok(Unlocked { mode, report: opened.report })
    }

    /// Takes a vault that is read-only for want of a fitting anchor as it is, because the user said so.
    ///
    /// # Errors
    /// [`Error::Locked`]; [`Error::Vault`] when the reason is not one that a person can accept.
    pub fn accept(&self) -> Result<(), Error> {
        self.write(vault::Vault::accept)
    }

    /// Puts the anchor of a vault whose file is gone aside, because the user chose to start new.
    ///
    /// # Errors
    /// [`Error::Vault`] when the key store does not answer.
    pub fn archive_previous(&self) -> Result<(), Error> {
        if vault::previous(&self.folder, &*self.anchor)?.is_some() {
            for gone in self.anchor.list().map_err(VaultError::from)? {
                self.anchor.archive(gone).map_err(VaultError::from)?;
            }
        }
        Ok(())
    }

    /// Locks at once: names go, then keys; a write under way ends first, and its result is dropped.
    pub fn lock(&self) {
        {
            let mut face = self.face();
            face.generation += 1;
            face.shown = None;
            face.lock_clock = None;
            face.confirmation = None;
            face.shown_codes = ShownCodes::default();
        }
        self.previews.wipe();
        // The guard ends with this line: the last usage counts may have an anchor to store.
        let open = self.vault().take();
        if let Some(open) = open {
            open.vault.lock();
        }
        drop(self.suspended().take());
    }

    /// Takes a vault that was just opened in use, unless a lock came since `generation`.
    pub(super) fn show(&self, mut vault: vault::Vault, generation: u64) -> Result<(), Error> {
        let mut place = self.vault();
        let mut face = self.face();
        if face.generation != generation {
            drop(face);
            vault.lock();
            return Err(Error::Locked);
        }
        if place.is_some() {
            drop(face);
            vault.lock();
            return Err(Error::AlreadyUnlocked);
        }
        face.shown = Some(Shown::of(&vault));
        vault.leave_settling();
        *place = Some(Open { vault, codes: CodeCache::default() });
        Ok(())
    }
}
