//! Adding, changing, deleting and counting: each one transaction.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::VaultError;
use super::docs::DocKind;
use super::ids::ItemId;
use super::item::{Change, Duplicate, HotpCode, ItemState, NewItem};
use super::record::{self, Meta, SecretPart};
use super::store::Vault;
use crate::account::Account;
use crate::otp::{MotpSecret, Otp};
use crate::secret::SecretBytes;
use crate::time::UnixTime;

/// How long an account stays in the trash, in milliseconds: 30 days.
pub const TRASH_MS: i64 = 30 * 24 * 60 * 60 * 1000;

impl Vault {
    /// Adds an account. Whether it is there already is asked by [`Vault::find_duplicate`] first.
    ///
    /// # Errors
    /// [`VaultError::ReadOnly`], [`VaultError::NoSuchGroup`], [`VaultError::TooLarge`], disk trouble.
    pub fn add(&mut self, new: NewItem, at: UnixTime) -> Result<ItemId, VaultError> {
        let ids = self.add_many(vec![new], at)?;
        Ok(ids[0])
    }

    /// Adds accounts in one transaction: all or none. The answer has their ids in the same order.
    ///
    /// # Errors
    /// As [`Vault::add`].
    pub fn add_many(&mut self, new: Vec<NewItem>, at: UnixTime) -> Result<Vec<ItemId>, VaultError> {
        self.commit(|vault| {
            let first = vault.next_place();
            let mut ids = Vec::with_capacity(new.len());
            for (place, item) in (first..).zip(&new) {
                vault.known_groups(&item.groups)?;
                let id = ItemId::make()?;
                let meta = Meta::new(item, vault.index(&item.account.otp), place, at);
                vault.put_item(id, meta, Some(&SecretPart::new(&item.account.otp)))?;
                ids.push(id);
            }
            Ok(ids)
        })
    }

    /// Compares an account with those in the list; the trash never stands in the way.
    ///
    /// # Errors
    /// [`VaultError::Busy`], [`VaultError::Io`] when the file had to be read again and could not be.
    pub fn find_duplicate(&mut self, account: &Account) -> Result<Duplicate, VaultError> {
        self.refresh()?;
        let index = self.index(&account.otp);
        let rows = || {
            let metas = self.known.state.rows.iter().filter_map(|(id, row)| Some((*id, row.meta.as_ref()?)));
            metas.filter(|(_, meta)| meta.trashed_ms.is_none())
        };
        let same_names =
            |meta: &Meta| meta.issuer == account.issuer && meta.account_name == account.account_name;
        let same_secret = |meta: &Meta| meta.index[..] == index;
        let nameless = account.issuer.is_empty() && account.account_name.is_empty();
        Ok(if let Some((id, _)) = rows().find(|(_, meta)| same_secret(meta) && same_names(meta)) {
            Duplicate::Same(id)
        } else if let Some((id, _)) = rows().find(|(_, meta)| same_secret(meta)) {
            Duplicate::SameSecretOtherName(id)
        } else if let Some((id, _)) = rows().find(|(_, meta)| !nameless && same_names(meta)) {
            Duplicate::SameNameOtherSecret(id)
        } else {
            Duplicate::None
        })
    }

    /// Changes what `change` names and leaves the rest.
    ///
    /// # Errors
    /// [`VaultError::NoSuchItem`], [`VaultError::ItemUnreadable`], [`VaultError::NoSuchGroup`], and as [`Vault::add`].
    pub fn change(&mut self, id: ItemId, change: Change, at: UnixTime) -> Result<(), VaultError> {
        let _ = at;
        self.commit(|vault| {
            let mut meta = vault.meta(id)?;
            let Change { issuer, account_name, note, favorite, asks_every_time, icon, groups, pin } = change;
            if let Some(groups) = groups {
                vault.known_groups(&groups)?;
                meta.groups = groups.iter().map(|group| group.0.to_vec().into()).collect();
            }
            meta.issuer = issuer.unwrap_or(meta.issuer);
            meta.account_name = account_name.unwrap_or(meta.account_name);
            meta.note = note.unwrap_or(meta.note);
            meta.favorite = favorite.unwrap_or(meta.favorite);
            meta.asks_every_time = asks_every_time.unwrap_or(meta.asks_every_time);
            meta.icon = icon.unwrap_or(meta.icon);
            let mut part = None;
            if let Some(pin) = pin {
                let mut secret = vault.open_secret(id)?;
                secret.pin = Some(pin.expose().to_owned());
                let otp = meta.otp(&secret).ok_or(VaultError::ItemUnreadable)?;
                meta.index = vault.index(&otp).to_vec().into();
                meta.needs_pin = otp.needs_pin();
                part = Some(secret);
            }
            vault.put_item(id, meta, part.as_ref())
        })
    }

    /// Moves an account to the trash.
    ///
    /// # Errors
    /// [`VaultError::NoSuchItem`], [`VaultError::ItemUnreadable`], and as [`Vault::add`].
    pub fn delete(&mut self, id: ItemId, at: UnixTime) -> Result<(), VaultError> {
        self.set_trashed(id, Some(at))
    }

    /// Takes an account out of the trash.
    ///
    /// # Errors
    /// As [`Vault::delete`].
    pub fn restore(&mut self, id: ItemId) -> Result<(), VaultError> {
        self.set_trashed(id, None)
    }

    /// Deletes for good what has been in the trash for 30 days at `at`, in one transaction; returns how many.
    ///
    /// # Errors
    /// As [`Vault::add`].
    pub fn purge_expired(&mut self, at: UnixTime) -> Result<usize, VaultError> {
        let due = |vault: &Self| -> Vec<ItemId> {
            let expired =
                |meta: &Meta| meta.trashed_ms.is_some_and(|since| since.saturating_add(TRASH_MS) <= at.ms());
            let rows = vault.known.state.rows.iter();
            rows.filter(|(_, row)| row.meta.as_ref().is_some_and(expired)).map(|(id, _)| *id).collect()
        };
        match due(self).len() {
            0 => return Ok(0),
            1 => {}
            // Many at once go only after a copy that has them; on a full disk deleting comes first.
            _ => match self.snapshot_before(at) {
                Ok(()) | Err(VaultError::DiskFull) => {}
                Err(error) => return Err(error),
            },
        }
        self.commit_on_a_full_disk(|vault| {
            let due = due(vault);
            due.iter().try_for_each(|id| vault.remove_item(*id))?;
            Ok(due.len())
        })
    }

    /// Advances an account that counts and returns the code; the new counter is on the disk before it returns.
    ///
    /// # Errors
    /// [`VaultError::NotCounter`], [`VaultError::CounterAtEnd`], and as [`Vault::delete`].
    pub fn hotp_next(&mut self, id: ItemId) -> Result<HotpCode, VaultError> {
        self.commit(|vault| {
            let meta = vault.meta(id)?;
            let mut part = vault.open_secret(id)?;
            let Some(Otp::Hotp(hotp)) = meta.otp(&part) else { return Err(VaultError::NotCounter) };
            let code = HotpCode { text: hotp.code()?, counter: hotp.counter };
            part.counter = Some(hotp.counter.checked_add(1).ok_or(VaultError::CounterAtEnd)?);
            part.last = Some(hotp.counter);
            vault.put_item(id, meta, Some(&part))?;
            Ok(code)
        })
    }

    /// Returns the code that [`Vault::hotp_next`] gave last; `None` when it never gave one.
    ///
    /// # Errors
    /// [`VaultError::NotCounter`], and as [`Vault::open_otp`].
    pub fn peek_last(&mut self, id: ItemId) -> Result<Option<HotpCode>, VaultError> {
        self.refresh()?;
        let meta = self.meta(id)?;
        let part = self.open_secret(id)?;
        let Some(Otp::Hotp(hotp)) = meta.otp(&part) else { return Err(VaultError::NotCounter) };
        part.last.map(|counter| Ok(HotpCode { text: hotp.code_for(counter)?, counter })).transpose()
    }

    /// Notes that a code was taken. It is kept in memory until [`Vault::flush_usage`] or a lock.
    pub fn used(&mut self, id: ItemId, at: UnixTime) {
        if self.known.state.rows.contains_key(&id) {
            let usage = self.known.state.docs.usage.entry(id).or_default();
            usage.count = usage.count.saturating_add(1);
            usage.last = Some(at);
            self.known.usage_dirty = true;
            self.show();
        }
    }

    /// Writes the usage counts, when there are new ones.
    ///
    /// # Errors
    /// As [`Vault::add`].
    pub fn flush_usage(&mut self) -> Result<(), VaultError> {
        if !self.known.usage_dirty {
            return Ok(());
        }
        self.commit(|vault| vault.put_doc(DocKind::Usage))?;
        self.known.usage_dirty = false;
        Ok(())
    }

    fn set_trashed(&mut self, id: ItemId, since: Option<UnixTime>) -> Result<(), VaultError> {
        self.commit_on_a_full_disk(|vault| {
            let mut meta = vault.meta(id)?;
            meta.trashed_ms = since.map(UnixTime::ms);
            vault.put_item(id, meta, None)
        })
    }

    /// Returns the names of an account that can be written again without losing anything.
    fn meta(&self, id: ItemId) -> Result<Meta, VaultError> {
        let row = self.known.state.rows.get(&id).ok_or(VaultError::NoSuchItem)?;
        match (&row.meta, row.state) {
            (Some(meta), ItemState::Ok | ItemState::NeedsPin) => Ok(meta.clone()),
            (_, ItemState::Ok | ItemState::NeedsPin | ItemState::Damaged | ItemState::Unknown) => {
                Err(VaultError::ItemUnreadable)
            }
        }
    }

    pub(super) fn next_place(&self) -> u64 {
        self.known
            .state
            .rows
            .values()
            .filter_map(|row| row.meta.as_ref())
            .map(|meta| meta.place + 1)
            .max()
            .unwrap_or(0)
    }

    pub(super) fn index(&self, otp: &Otp) -> [u8; 32] {
        credential_index(&self.known.keys.index, otp)
    }
}

/// Returns HMAC(k_index, credential): equal for equal credentials, and nothing else can be read from it.
pub(super) fn credential_index(key: &SecretBytes, otp: &Otp) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose()).expect("HMAC takes a key of any length");
    // A text and the bytes that are equal to it are two secrets.
    let kind = match otp.written() {
        MotpSecret::Hex => record::kind_number(otp.kind()),
        MotpSecret::Text => record::kind_number(otp.kind()) | 0x80,
    };
    mac.update(&[kind, otp.algorithm().map_or(0, record::algorithm_number)]);
    mac.update(&otp.digits().to_be_bytes());
    mac.update(&otp.period().map_or(0, |period| period.seconds()).to_be_bytes());
    let pin = otp.pin().map_or("", |pin| pin.expose());
    mac.update(&(pin.len() as u64).to_be_bytes());
    mac.update(pin.as_bytes());
    mac.update(otp.secret().expose());
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otp::{Digits, Motp};

    #[test]
    fn a_text_and_the_bytes_that_are_equal_to_it_have_two_indices() {
        let index = |written| {
            let secret = SecretBytes::from(b"ab".as_slice());
            let motp = Motp { secret, written, pin: None, digits: Digits::SIX, period: Motp::USUAL_PERIOD };
            credential_index(&SecretBytes::new(vec![7; 32]), &Otp::Motp(motp))
        };
        assert_ne!(index(MotpSecret::Text), index(MotpSecret::Hex));
        assert_eq!(index(MotpSecret::Text), index(MotpSecret::Text));
    }
}
