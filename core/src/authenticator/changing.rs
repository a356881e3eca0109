//! Flow: add, change, reveal, delete, restore, order and groups.

use super::{Authenticator, Confirmation, Error};
use crate::account::Account;
use crate::base32;
use crate::otp::Otp;
use crate::secret::SecretText;
use crate::time::{BootTime, UnixTime};
use crate::uri;
use crate::vault::{Change, Duplicate, GroupId, Health, ItemId, NewItem};

/// What became of an account that was added.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Added {
    /// It is new.
    New(ItemId),
    /// The same credential with the same names is there already: nothing was added.
    AlreadyThere(ItemId),
    /// It is new, and the same secret is there under another name.
    SameSecretOtherName {
        /// The new account.
        id: ItemId,
        /// The one with the same secret.
        other: ItemId,
    },
    /// It is new, and an account with the same names has another secret. Both are kept.
    SameNameOtherSecret {
        /// The new account.
        id: ItemId,
        /// The one with the same names.
        other: ItemId,
    },
}

/// One account's secret, shown because the user asked for it.
#[derive(Clone, Debug)]
pub struct Revealed {
    /// The secret in base32; of Mobile-OTP as it is hashed, in hexadecimal or as the text it is.
    pub secret: SecretText,
    /// The whole account as a URI, for a QR code.
    pub uri: SecretText,
}

impl Added {
    /// Returns the account in question: the new one, or the one that was there.
    pub fn id(self) -> ItemId {
        match self {
            Self::New(id)
            | Self::AlreadyThere(id)
            | Self::SameSecretOtherName { id, .. }
            | Self::SameNameOtherSecret { id, .. } => id,
        }
    }
}

impl Authenticator {
    /// Adds one account; it is on disk before this returns. What is in the trash never stands in the way.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Vault`] (read-only, disk full, busy).
    pub fn add(&self, new: NewItem, at: UnixTime) -> Result<Added, Error> {
        self.write(|vault| {
            let duplicate = vault.find_duplicate(&new.account)?;
            if let Duplicate::Same(id) = duplicate {
                return Ok(Added::AlreadyThere(id));
            }
            let id = vault.add(new, at)?;
            Ok(match duplicate {
                Duplicate::None | Duplicate::Same(_) => Added::New(id),
                Duplicate::SameSecretOtherName(other) => Added::SameSecretOtherName { id, other },
                Duplicate::SameNameOtherSecret(other) => Added::SameNameOtherSecret { id, other },
            })
        })
    }

    /// Says how an account stands to what the vault has, before it is added. The trash does not count.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Vault`].
    pub fn find_duplicate(&self, account: &Account) -> Result<Duplicate, Error> {
        self.read(|vault| vault.find_duplicate(account))
    }

    /// Changes what `change` names and leaves the rest.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Vault`]; [`Error::NotConfirmed`] when an account is to ask no more, but after
    /// [`Authenticator::show_code`]: who may not see its code does not take the mark off either.
    pub fn change(&self, id: ItemId, change: Change, at: UnixTime) -> Result<(), Error> {
        if change.asks_every_time == Some(false) {
            self.asked(id, at)?;
        }
        self.write(|vault| vault.change(id, change, at))
    }

    /// Moves an account to the trash, where it stays for 30 days.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Vault`].
    pub fn delete(&self, id: ItemId, at: UnixTime) -> Result<(), Error> {
        self.write(|vault| vault.delete(id, at))
    }

    /// Takes an account out of the trash again.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Vault`].
    pub fn restore(&self, id: ItemId) -> Result<(), Error> {
        self.write(|vault| vault.restore(id))
    }

    /// Deletes for good what has been in the trash for 30 days, and returns how many accounts that were.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Vault`].
    pub fn purge_expired(&self, at: UnixTime) -> Result<usize, Error> {
        self.write(|vault| vault.purge_expired(at))
    }

    /// Puts accounts in the order of `ids`; those not named follow in their old order.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Vault`].
    pub fn set_order(&self, ids: &[ItemId]) -> Result<(), Error> {
        self.write(|vault| vault.set_order(ids))
    }

    /// Makes a group.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Vault`].
    pub fn add_group(&self, name: &str) -> Result<GroupId, Error> {
        self.write(|vault| vault.add_group(name))
    }

    /// Gives a group another name.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Vault`].
    pub fn rename_group(&self, id: GroupId, name: &str) -> Result<(), Error> {
        self.write(|vault| vault.rename_group(id, name))
    }

    /// Deletes a group; its accounts stay.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Vault`].
    pub fn delete_group(&self, id: GroupId) -> Result<(), Error> {
        self.write(|vault| vault.delete_group(id))
    }

    /// Returns one account's secret, because the user asked to see it or to move it and confirmed that just now. The
    /// confirmation is used up, whatever comes of it.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::NoSuchAccount`], [`Error::NotConfirmed`], [`Error::Vault`].
    pub fn reveal(&self, id: ItemId, token: &Confirmation, at: BootTime) -> Result<Revealed, Error> {
        let item = self.item(id)?;
        self.spend(token, at)?;
        let otp = self.read(|vault| vault.open_otp(id))?;
        let secret = match otp {
            Otp::Motp(ref motp) => motp.secret_as_written(),
            Otp::Totp(_) | Otp::Hotp(_) | Otp::Steam(_) | Otp::Yandex(_) => {
                base32::encode(otp.secret().expose())
            }
        };
        let account =
            Account { issuer: item.issuer, account_name: item.account_name, otp, extra: item.extra };
        Ok(Revealed { secret, uri: uri::print(&account) })
    }

    /// Reads every row again, checks the manifest and the file itself, and says what it found.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Vault`] when the file cannot be read at all.
    pub fn verify(&self) -> Result<Health, Error> {
        self.read(|vault| vault.verify())
    }
}
