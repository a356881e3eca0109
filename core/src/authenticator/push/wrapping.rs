//! Keeping `push.db` open to a locked phone, sealing keys in it, and putting one aside that is no database any more.

use super::{Authenticator, NoSuch, PushError, on_worker};
use crate::crypto::random;
use crate::device::{KeyStoreError, Presence, Purpose, push_alias};
use crate::push::keys::PhoneKey;
use crate::vault::VaultError;
use crate::vault::push_db::{Enrolment, EnrolmentId, Loose, PushDb};

impl Authenticator {
    /// Puts a damaged `push.db` aside, because the user chose to enrol anew: it is kept in the folder `quarantine`, and the
    /// next enrolment begins a new one. Returns the name it is kept under.
    ///
    /// # Errors
    /// [`PushError::Locked`]; [`PushError::NoSuch`] when there is none; [`PushError::Vault`].
    pub async fn put_push_aside(&self) -> Result<String, PushError> {
        self.unlocked()?;
        let folder = self.folder.clone();
        let aside = on_worker(move || PushDb::put_aside(&folder)).await?.ok_or(NoSuch::Enrolments)?;
        let mut state = self.push()?.state();
        state.calls.clear();
        state.open.clear();
        state.wrapped = false;
        Ok(aside)
    }

    /// Has the next look wrap the key anew: the vault's keys were changed.
    pub(in crate::authenticator) fn keys_were_changed(&self) {
        if let Some(push) = &self.push {
            push.state().wrapped = false;
        }
    }

    /// Wraps the key anew when the device lost its secret: once in a process, while the vault is unlocked.
    pub(super) async fn keep_wrapped(&self) -> Result<(), PushError> {
        if self.push()?.state().wrapped || self.unlocked().is_err() {
            return Ok(());
        }
        let all = self.push_db(|db| db.enrolments()).await?;
        if !all.rows.is_empty() || !all.damaged.is_empty() {
            match self.wrap_push_key().await {
                // Unlocked, all works without; the next look tries again.
                Ok(()) | Err(PushError::KeyStore(_)) => {}
                Err(other) => return Err(other),
            }
        }
        for row in all.rows {
            match self.take_in_key(row.id, &row.enrolment).await {
                // As above: the device signs with it until then.
                Ok(()) | Err(PushError::KeyStore(_)) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }

    /// Takes a key in that the device kept in software before the vault did: sealed and on the disk here before the
    /// device forgets it. One that the service does not know stays where it is.
    async fn take_in_key(&self, id: EnrolmentId, enrolment: &Enrolment) -> Result<(), PushError> {
        let device = &self.push()?.device;
        let alias = enrolment.device_alias.clone();
        let asked = alias.clone();
        let Some(private) = device.ask(move |keys| keys.release(&asked)).await? else { return Ok(()) };
        let key = PhoneKey::from_stored(&enrolment.device_key).ok_or(NoSuch::Enrolment)?;
        device.sign_loose(private.clone(), &key, b"the same key".to_vec()).await?;
        self.push_db(move |db| db.change_enrolment(id, |kept| kept.loose = Some(Loose::new(&private))))
            .await?;
        Ok(device.delete(alias).await?)
    }

    /// Makes sure that `push.db` opens while the vault is locked: a secret in the device, and what it wraps.
    ///
    /// A secret is made only when the device has none; whatever else it answers makes nothing.
    pub(super) async fn wrap_push_key(&self) -> Result<(), PushError> {
        let (vault, keys) = {
            let place = self.vault();
            let vault = &place.as_ref().ok_or(PushError::Locked)?.vault;
            (vault.vault_id(), vault.push_keys())
        };
        let (folder, made) = (self.folder.clone(), keys.clone());
        on_worker(move || PushDb::open_or_make(&folder, vault, made).map(drop)).await?;
        let device = &self.push()?.device;
        let secret = match device.get(push_alias(vault), Purpose::Push).await {
            Ok(secret) => secret,
            Err(KeyStoreError::Missing | KeyStoreError::Invalidated) => {
                let secret = random::make_secret(32)?;
                device.put(push_alias(vault), secret.clone(), Presence::None).await?;
                secret
            }
            Err(other) => return Err(other.into()),
        };
        let folder = self.folder.clone();
        let old = secret.clone();
        on_worker(move || match PushDb::open_locked(&folder, &old) {
            Ok(mut db) if db.is_older_than(&keys) => db.reseal(keys, Some(&old)).map(drop),
            // Nothing is wrapped, or under another secret: there is nothing to save.
            Ok(_) | Err(VaultError::NotFound | VaultError::WrongKey) => Ok(()),
            Err(other) => Err(other),
        })
        .await?;
        self.push_db(move |db| if db.is_wrapped(&secret)? { Ok(()) } else { db.wrap(&secret) }).await?;
        self.push()?.state().wrapped = true;
        Ok(())
    }
}
