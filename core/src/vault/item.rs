//! What is known of an account while the vault is unlocked. No secret is in here.

use super::ids::{GroupId, ItemId};
use crate::account::{Account, Kind};
use crate::otp::Algorithm;
use crate::secret::SecretText;
use crate::time::UnixTime;

/// An account to add, with what the user says about it.
#[derive(Clone, Debug)]
pub struct NewItem {
    /// Names, kind and secret.
    pub account: Account,
    /// A note.
    pub note: String,
    /// Whether the user marks it.
    pub favorite: bool,
    /// Whether its codes are given to who confirms, each time.
    pub asks_every_time: bool,
    /// Names an icon: bundled, or the user's own.
    pub icon: Option<String>,
    /// The groups it is in.
    pub groups: Vec<GroupId>,
}

impl From<Account> for NewItem {
    fn from(account: Account) -> Self {
        Self {
            account,
            note: String::new(),
            favorite: false,
            asks_every_time: false,
            icon: None,
            groups: Vec::new(),
        }
    }
}

/// One account as a list shows it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Item {
    /// Names it, for as long as the vault lives.
    pub id: ItemId,
    /// How it makes codes.
    pub kind: Kind,
    /// The provider; may be empty.
    pub issuer: String,
    /// The user's name there; may be empty.
    pub account_name: String,
    /// The hash under HMAC, where the kind leaves a choice.
    pub algorithm: Option<Algorithm>,
    /// Characters of a code.
    pub digits: Option<u32>,
    /// Seconds of a time step.
    pub period_s: Option<u32>,
    /// The groups it is in.
    pub groups: Vec<GroupId>,
    /// Whether the user marked it.
    pub favorite: bool,
    /// Whether its codes are given to who confirms, each time.
    pub asks_every_time: bool,
    /// The user's note.
    pub note: String,
    /// Names an icon.
    pub icon: Option<String>,
    /// URI parameters that we have no use for.
    pub extra: Vec<(String, String)>,
    /// When it was added.
    pub created_at: UnixTime,
    /// When it was put in the trash; `None` when it is in the list.
    pub trashed_at: Option<UnixTime>,
    /// How often a code was taken.
    pub usage_count: u64,
    /// When a code was taken last.
    pub last_used_at: Option<UnixTime>,
    /// What tells it from others with the same names; `None` where there are none, and outside a list.
    pub apart: Option<Apart>,
    /// Whether it can be used.
    pub state: ItemState,
}

/// What tells an account from others with the same names, in the list or in the trash.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Apart {
    /// The name of a group that none of the others is in.
    Group(String),
    /// It is the `number`th of them in the user's order, counted from 1.
    Number {
        /// Which of them.
        number: usize,
        /// How many there are.
        of: usize,
    },
}

/// Whether an account can be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ItemState {
    /// It can.
    Ok,
    /// Its PIN is not known: ask for it.
    NeedsPin,
    /// Its bytes have changed; they are kept.
    Damaged,
    /// A later version knows its kind; it is carried as it is.
    Unknown,
}

/// A group of accounts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Group {
    /// Names it, for as long as the vault lives.
    pub id: GroupId,
    /// What the user calls it.
    pub name: String,
}

/// What to change of an account; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The provider.
    pub issuer: Option<String>,
    /// The user's name there.
    pub account_name: Option<String>,
    /// The note.
    pub note: Option<String>,
    /// The mark.
    pub favorite: Option<bool>,
    /// Whether its codes are given to who confirms, each time.
    pub asks_every_time: Option<bool>,
    /// The icon; `Some(None)` takes it away.
    pub icon: Option<Option<String>>,
    /// All the groups it is in afterwards.
    pub groups: Option<Vec<GroupId>>,
    /// The PIN of a Mobile-OTP or Yandex account.
    pub pin: Option<SecretText>,
}

/// What is in the vault already, compared with an account. The trash does not count.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Duplicate {
    /// Nothing like it.
    None,
    /// The same credential with the same names.
    Same(ItemId),
    /// The same credential under another name.
    SameSecretOtherName(ItemId),
    /// The same names with another credential.
    SameNameOtherSecret(ItemId),
}

/// A code that counts, and the counter it was made for.
#[derive(Clone, Eq, PartialEq)]
pub struct HotpCode {
    /// The characters to type, with leading zeros.
    pub text: String,
    /// The moving factor it was made for.
    pub counter: u64,
}

impl std::fmt::Debug for HotpCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HotpCode({} characters, counter {})", self.text.len(), self.counter)
    }
}
