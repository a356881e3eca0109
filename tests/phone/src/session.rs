//! One run of `klink` on one vault: where it is, opening it, finding an account in it.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use authenticator_core::authenticator::{Authenticator, Confirmation, Error, Status, Unlocked};
use authenticator_core::device::KeyStoreError;
use authenticator_core::net::Trust;
use authenticator_core::time::UnixTime;
use authenticator_core::vault::{Item, ItemId, Mode, SlotInfo, SlotKind, VaultError};
use directories::ProjectDirs;

pub use klink::phone::now;
use klink::phone::{Folders, codes_only, phone};
use klink::soft_keys::{Ask, SoftKeys};

use crate::args::Place;
use crate::boot::boot;
use crate::progress::Progress;
use crate::refusal::Refusal;
use crate::secrets::{self, Opener};
use crate::tables;

/// The vault of this run, and how the answer is printed.
pub struct Session {
    /// The core.
    pub core: Arc<Authenticator>,
    /// The vault's folder.
    pub folder: PathBuf,
    /// JSON instead of text.
    pub json: bool,
    /// The folder of the device's keys.
    device: PathBuf,
}

impl Session {
    /// Names the vault's folder and the anchors' folder; nothing is opened yet.
    pub fn new(place: &Place, json: bool) -> Result<Self, Refusal> {
        let folders = folders(place)?;
        Ok(Self { core: Arc::new(codes_only(&folders)), folder: folders.vault, json, device: folders.device })
    }

    /// The same, with keys and network; `ask` stands for a finger or a look. Nothing is opened yet.
    pub fn with_push(place: &Place, json: bool, ask: Ask) -> Result<Self, Refusal> {
        let folders = folders(place)?;
        let trust = match &place.ca_file {
            Some(path) => Trust::DeviceAnd(fs::read(path).map_err(|error| Refusal::file(path, &error))?),
            None => Trust::Device,
        };
        let core = phone(&folders, trust, ask).map_err(|error| {
            Refusal::new("no_trust", format!("No certificate to believe: {error}. Check --ca-file."))
        })?;
        Ok(Self { core: Arc::new(core), folder: folders.vault, json, device: folders.device })
    }

    /// Refuses when a vault is in the folder; with `start_new`, the anchor of a lost one is put aside.
    pub fn refuse_unless_new(&self, start_new: bool) -> Result<(), Refusal> {
        match self.core.status()? {
            Status::NoVault => Ok(()),
            Status::PreviousVault(_) if start_new => Ok(self.core.archive_previous()?),
            Status::PreviousVault(vault) => Err(Refusal::previous(vault)),
            Status::Locked(_) | Status::Unlocked(_) => Err(Refusal::exists()),
        }
    }

    /// Opens the vault, and says on standard error what is unusual about it.
    pub fn open(place: &Place, json: bool) -> Result<Self, Refusal> {
        let session = Self::new(place, json)?;
        session.unlock(place)?;
        Ok(session)
    }

    /// The same, and keeps what opened it: for what has to be confirmed, or changes the ways in. A lock that is off opens
    /// nothing here.
    pub fn open_keeping(place: &Place, json: bool) -> Result<(Self, Opener), Refusal> {
        let session = Self::new(place, json)?;
        let opener = session.unlock_keeping(place)?;
        Ok((session, opener))
    }

    /// Has the core open a slot again with what opened the vault in this very run.
    pub fn confirm(&self, opener: &Opener) -> Result<Confirmation, Refusal> {
        let _shown = Progress::of("confirming");
        Ok(self.core.confirm(&opener.key(), boot())?)
    }

    /// Has the core give the codes of an account that asks every time, once a slot was opened again. Returns for which moment.
    pub fn show_code(&self, opener: &Opener, id: ItemId) -> Result<UnixTime, Refusal> {
        let token = self.confirm(opener)?;
        let at = now();
        self.core.show_code(id, &token, at, 0, boot())?;
        Ok(at)
    }

    /// The device's keys, for ways in that ask nobody.
    pub fn keys(&self) -> SoftKeys {
        SoftKeys::new(self.device.clone(), Box::new(|_| Err(KeyStoreError::Cancelled)))
    }

    /// Unlocks the vault of this run, and says on standard error what is unusual about it. Where the lock is off and nothing
    /// else was given, nobody is asked.
    pub fn unlock(&self, place: &Place) -> Result<(), Refusal> {
        let slots = self.slots_of_a_vault()?;
        if !secrets::is_given(place) && slots.iter().any(|slot| slot.kind == SlotKind::DeviceAlone) {
            match self.core.unlock_with_lock_off(&self.keys(), now()) {
                Ok(unlocked) => return self.unlocked(&unlocked),
                // This machine has another secret, or none: a person opens the vault.
                Err(Error::Vault(
                    VaultError::KeyStore(_) | VaultError::WrongKey | VaultError::SlotDamaged,
                )) => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.unlock_keeping(place).map(drop)
    }

    /// Unlocks the vault with what a person gives, and returns that.
    pub fn unlock_keeping(&self, place: &Place) -> Result<Opener, Refusal> {
        self.slots_of_a_vault()?;
        let opener = secrets::opener(place)?;
        let unlocked = self.try_unlock(&opener)?;
        self.unlocked(&unlocked)?;
        Ok(opener)
    }

    /// Returns the ways into the vault; refuses when there is none in the folder.
    fn slots_of_a_vault(&self) -> Result<Vec<SlotInfo>, Refusal> {
        match self.core.status()? {
            Status::NoVault => {
                Err(Refusal::new("no_vault", "There is no vault here yet. Make one with: klink init"))
            }
            Status::PreviousVault(vault) => Err(Refusal::previous(vault)),
            Status::Locked(slots) => Ok(slots),
            Status::Unlocked(_) => Ok(self.core.slots()?),
        }
    }

    fn unlocked(&self, unlocked: &Unlocked) -> Result<(), Refusal> {
        match unlocked.mode {
            Mode::ReadWrite => {
                self.core.purge_expired(now())?;
            }
            Mode::ReadOnly(reason) if !self.json => eprintln!("klink: read-only: {}", tables::reason(reason)),
            Mode::ReadOnly(_) => {}
        }
        Ok(())
    }

    /// Unlocks the vault of this run, which takes as long as the passphrase's key costs.
    pub fn try_unlock(&self, opener: &Opener) -> Result<Unlocked, Error> {
        let _shown = Progress::of("opening the vault");
        self.core.try_unlock(opener.key(), now(), boot())
    }

    /// Finds the one account that `wanted` means: its id, the beginning of it, or words that only it has.
    pub fn find(&self, wanted: &str, trashed: bool) -> Result<Item, Refusal> {
        let rows = if trashed { self.core.trash()? } else { self.core.list()? };
        let by_id: Vec<Item> = rows
            .iter()
            .filter(|item| wanted.len() >= 4 && item.id.to_string().starts_with(&wanted.to_lowercase()))
            .cloned()
            .collect();
        let mut found = match (by_id.is_empty(), trashed) {
            (false, _) => by_id,
            (true, false) => self.core.search(wanted)?,
            (true, true) => self.core.search_trash(wanted)?,
        };
        match found.len() {
            1 => Ok(found.remove(0)),
            0 => {
                Err(Refusal::new("no_such_account", "No account has that id or those words. See: klink list"))
            }
            n => Err(Refusal::new(
                "several_accounts",
                format!("{n} accounts have those words. Add words, or use the id that klink list shows."),
            )
            .with("ids", found.iter().map(|item| item.id.to_string()).collect::<Vec<_>>())),
        }
    }
}

fn folders(place: &Place) -> Result<Folders, Refusal> {
    let home = || {
        ProjectDirs::from("app", "Klink", "klink")
            .ok_or_else(|| Refusal::new("no_home", "This user has no home folder. Use --vault DIR."))
    };
    let vault = match &place.vault {
        Some(folder) => folder.clone(),
        None => home()?.data_local_dir().join("vault"),
    };
    let anchors = match &place.anchors {
        Some(folder) => folder.clone(),
        None => home()?.data_local_dir().join("anchors"),
    };
    let device = match &place.device {
        Some(folder) => folder.clone(),
        None => home()?.data_local_dir().join("device"),
    };
    Ok(Folders { vault, anchors, device })
}
