//! Accounts, groups and codes.

use std::sync::Arc;

use authenticator_core::otp::Otp;
use authenticator_core::secret::SecretText;

use crate::authenticator::Authenticator;
use crate::error::{AccountTrouble, VaultError};
use crate::records::{
    Account, AccountChange, AccountGroup, Added, Codes, CountedCode, ListOrder, Revealed, VaultHealth,
    VaultMode, at, boot, count, group_id, item_id, item_ids, text,
};
use crate::scan::ScanSession;

#[uniffi::export]
impl Authenticator {
    /// Returns the mode the vault was opened in. Any thread; at once.
    pub fn mode(&self) -> Result<VaultMode, VaultError> {
        self.read(|core| Ok(core.mode()?.into()))
    }

    /// Returns the accounts in this order, the user's own when nothing is given, without the trash. Any thread; at once.
    #[uniffi::method(default(order = None))]
    pub fn accounts(&self, order: Option<ListOrder>) -> Result<Vec<Account>, VaultError> {
        self.read(|core| Ok(core.list_by(order.unwrap_or_default())?.into_iter().map(Into::into).collect()))
    }

    /// Returns what is in the trash. Any thread; at once.
    pub fn trash(&self) -> Result<Vec<Account>, VaultError> {
        self.read(|core| Ok(core.trash()?.into_iter().map(Into::into).collect()))
    }

    /// Returns one account, in the trash or not. Any thread; at once.
    pub fn account(&self, id: String) -> Result<Account, VaultError> {
        self.read(|core| Ok(core.item(item_id(&id)?)?.into()))
    }

    /// Returns the groups in the order they were made. Any thread; at once.
    pub fn groups(&self) -> Result<Vec<AccountGroup>, VaultError> {
        self.read(|core| Ok(core.groups()?.into_iter().map(Into::into).collect()))
    }

    /// Returns the accounts that have every word of `query` in issuer, account name, note or a group's name; capitals
    /// and accents do not count, and an empty query finds all. In this order, or the user's own. Any thread; at once.
    #[uniffi::method(default(order = None))]
    pub fn search(&self, query: String, order: Option<ListOrder>) -> Result<Vec<Account>, VaultError> {
        self.read(|core| {
            let found = core.search_by(&query, order.unwrap_or_default())?;
            Ok(found.into_iter().map(Into::into).collect())
        })
    }

    /// Returns the accounts in the trash that have every word of `query`, as `search` does. Any thread; at once.
    pub fn search_trash(&self, query: String) -> Result<Vec<Account>, VaultError> {
        self.read(|core| Ok(core.search_trash(&query)?.into_iter().map(Into::into).collect()))
    }

    /// Returns the codes of the visible rows at `at_ms`, with a clock offset added to it. Each says until when it
    /// holds: draw the countdown from that, and ask again at `next_change_at_ms`. An account that asks every time has a
    /// code after `show_code` alone. Any thread; a few milliseconds.
    pub fn codes(&self, at_ms: i64, offset_ms: i64, ids: Vec<String>) -> Result<Codes, VaultError> {
        self.read(|core| {
            // An id that is none is left out, like one that is gone.
            let ids: Vec<_> = ids.iter().filter_map(|id| id.parse().ok()).collect();
            Ok(core.codes(at(at_ms), offset_ms, &ids)?.into())
        })
    }
}

#[uniffi::export]
impl Authenticator {
    /// Adds an account that a session found; `pin` in UTF-8, for kinds that need one. What is in the trash never
    /// stands in the way.
    pub async fn add_scanned(
        self: Arc<Self>,
        session: Arc<ScanSession>,
        number: i32,
        pin: Option<Vec<u8>>,
        at_ms: i64,
    ) -> Result<Added, VaultError> {
        self.write(move |own| {
            let mut account =
                session.account(number).ok_or(VaultError::Account { why: AccountTrouble::NotThere })?;
            if let Some(pin) = pin {
                give_pin(&mut account.otp, text(pin));
            }
            Ok(own.core.add(account.into(), at(at_ms))?.into())
        })
        .await
    }

    /// Changes what `change` names and leaves the rest.
    pub async fn change(
        self: Arc<Self>,
        id: String,
        change: AccountChange,
        at_ms: i64,
    ) -> Result<(), VaultError> {
        self.write(move |own| Ok(own.core.change(item_id(&id)?, change.try_into()?, at(at_ms))?)).await
    }

    /// Moves an account to the trash, where it stays for 30 days.
    pub async fn delete(self: Arc<Self>, id: String, at_ms: i64) -> Result<(), VaultError> {
        self.write(move |own| Ok(own.core.delete(item_id(&id)?, at(at_ms))?)).await
    }

    /// Takes an account out of the trash again.
    pub async fn restore(self: Arc<Self>, id: String) -> Result<(), VaultError> {
        self.write(move |own| Ok(own.core.restore(item_id(&id)?)?)).await
    }

    /// Deletes for good what has been in the trash for 30 days, and returns how many accounts that were.
    pub async fn purge_expired(self: Arc<Self>, at_ms: i64) -> Result<i64, VaultError> {
        self.write(move |own| Ok(count(own.core.purge_expired(at(at_ms))?))).await
    }

    /// Puts accounts in the order of `ids`; those not named follow in their old order.
    pub async fn set_order(self: Arc<Self>, ids: Vec<String>) -> Result<(), VaultError> {
        self.write(move |own| Ok(own.core.set_order(&item_ids(&ids)?)?)).await
    }

    /// Makes a group and returns its id.
    pub async fn add_group(self: Arc<Self>, name: String) -> Result<String, VaultError> {
        self.write(move |own| Ok(own.core.add_group(&name)?.to_string())).await
    }

    /// Gives a group another name.
    pub async fn rename_group(self: Arc<Self>, id: String, name: String) -> Result<(), VaultError> {
        self.write(move |own| Ok(own.core.rename_group(group_id(&id)?, &name)?)).await
    }

    /// Deletes a group; its accounts stay.
    pub async fn delete_group(self: Arc<Self>, id: String) -> Result<(), VaultError> {
        self.write(move |own| Ok(own.core.delete_group(group_id(&id)?)?)).await
    }

    /// Advances an account that counts, and returns the code; the new counter is on the disk before this returns. One that
    /// asks every time answers that nobody confirmed, but for 30 s after `show_code`.
    pub async fn next_code(self: Arc<Self>, id: String, at_ms: i64) -> Result<CountedCode, VaultError> {
        self.write(move |own| Ok(own.core.next_code(item_id(&id)?, at(at_ms))?.into())).await
    }

    /// Returns the last code of an account that counts once more; nothing when it never gave one. One that asks every time
    /// answers as `next_code` does.
    pub async fn last_code(
        self: Arc<Self>,
        id: String,
        at_ms: i64,
    ) -> Result<Option<CountedCode>, VaultError> {
        self.look(move |own| Ok(own.core.last_code(item_id(&id)?, at(at_ms))?.map(Into::into))).await
    }

    /// Returns the counter of the next code of an account that counts, in decimal; nothing for codes that follow the time.
    pub async fn counter(self: Arc<Self>, id: String) -> Result<Option<String>, VaultError> {
        self.look(move |own| Ok(own.core.counter(item_id(&id)?)?.map(|counter| counter.to_string()))).await
    }

    /// Notes that a code was copied or shown on purpose, for sorting by use.
    pub async fn used(self: Arc<Self>, id: String, at_ms: i64) -> Result<(), VaultError> {
        self.write(move |own| Ok(own.core.used(item_id(&id)?, at(at_ms))?)).await
    }

    /// Has the code of an account that asks every time shown: `confirm` first, within a minute. `codes` gives it until its
    /// time step ends; for 30 s codes that count are given, and the mark may be taken off. Clock and offset as for
    /// `codes`. The confirmation is used up.
    pub async fn show_code(
        self: Arc<Self>,
        id: String,
        at_ms: i64,
        offset_ms: i64,
        boot_ms: i64,
    ) -> Result<(), VaultError> {
        self.look(move |own| {
            let token = own.confirmed()?;
            Ok(own.core.show_code(item_id(&id)?, &token, at(at_ms), offset_ms, boot(boot_ms))?)
        })
        .await
    }

    /// Returns one account's secret, because the user asked to see it or to move it: `confirm` first, within a minute.
    /// The confirmation is used up.
    pub async fn reveal(self: Arc<Self>, id: String, boot_ms: i64) -> Result<Revealed, VaultError> {
        self.look(move |own| {
            let token = own.confirmed()?;
            Ok(own.core.reveal(item_id(&id)?, &token, boot(boot_ms))?.into())
        })
        .await
    }

    /// Reads every row again, checks the manifest and the file itself, and says what it found.
    pub async fn verify(self: Arc<Self>) -> Result<VaultHealth, VaultError> {
        self.look(|own| Ok(own.core.verify()?.into())).await
    }
}

/// Gives an account its PIN; a kind that has none stays as it is.
fn give_pin(otp: &mut Otp, pin: SecretText) {
    match otp {
        Otp::Motp(motp) => motp.pin = Some(pin),
        Otp::Yandex(yandex) => yandex.pin = Some(pin),
        Otp::Totp(_) | Otp::Hotp(_) | Otp::Steam(_) => {}
    }
}
