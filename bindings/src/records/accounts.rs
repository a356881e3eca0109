//! Accounts, groups and codes, as a list shows them. No secret is in here.

use authenticator_core::authenticator as flows;
pub use authenticator_core::otp::Algorithm;
use authenticator_core::otp::Code;
use authenticator_core::secret::SecretText;
pub use authenticator_core::vault::ItemState;
use authenticator_core::vault::{self, GroupId, HotpCode, Item, ItemId};

use super::{count, ms, small};
use crate::error::{AccountTrouble, VaultError};

pub use authenticator_core::account::Kind as AccountKind;
pub use flows::{ListOrder, NoCode};

/// How an account makes its codes.
#[uniffi::remote(Enum)]
pub enum AccountKind {
    /// RFC 6238: codes follow the time.
    Totp,
    /// RFC 4226: codes count, and are asked for one by one.
    Hotp,
    /// Steam Guard: RFC 6238 with Steam's own alphabet.
    Steam,
    /// Mobile-OTP, with a PIN.
    Motp,
    /// Yandex Key, with a PIN.
    Yandex,
    /// Something a later version or another app knows; it is carried as it is.
    Unknown,
}

/// The hash under HMAC.
#[uniffi::remote(Enum)]
pub enum Algorithm {
    /// MD5: some old exports.
    Md5,
    /// SHA-1, the default.
    Sha1,
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// Whether an account can be used.
#[uniffi::remote(Enum)]
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

/// Why a row shows no code.
#[uniffi::remote(Enum)]
pub enum NoCode {
    /// Codes that count are asked for one by one: `next_code`.
    Counts,
    /// The PIN is not known: ask for it.
    NeedsPin,
    /// The row is damaged, or of a kind that this version does not know.
    Unreadable,
    /// The time is one at which no code exists (before 1970).
    BadTime,
    /// The account has no code for this time step (some of those with MD5): the next one may have.
    NoSuchCode,
    /// The account asks every time: `confirm`, then `show_code`.
    AsksEveryTime,
}

/// How a list is ordered; what is equal stays in the user's own order.
#[uniffi::remote(Enum)]
pub enum ListOrder {
    /// As the user put them.
    Own,
    /// By what stands first in a row, then by the account's name; capitals and accents do not count.
    Name,
    /// The one whose code was taken last comes first; those never used come last.
    LastUsed,
    /// The one whose codes were taken most often comes first.
    MostUsed,
}

/// What tells an account from others with the same names, in the list or in the trash.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum Apart {
    /// A group that none of the others is in.
    Group {
        /// Its name.
        name: String,
    },
    /// "2 of 3", in the user's own order.
    Number {
        /// Which of them, counted from 1.
        number: i32,
        /// How many there are.
        of: i32,
    },
}

/// One account, as a list shows it.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct Account {
    /// Names it, for as long as the vault lives.
    pub id: String,
    /// How it makes codes.
    pub kind: AccountKind,
    /// The provider; may be empty.
    pub issuer: String,
    /// The user's name there; may be empty.
    pub account_name: String,
    /// The hash under HMAC, where the kind leaves a choice.
    pub algorithm: Option<Algorithm>,
    /// Characters of a code.
    pub digits: Option<i32>,
    /// Seconds of a time step.
    pub period_s: Option<i32>,
    /// The ids of the groups it is in.
    pub groups: Vec<String>,
    /// Whether the user marked it.
    pub favorite: bool,
    /// The user's note.
    pub note: String,
    /// Names an icon: bundled, or the user's own.
    pub icon: Option<String>,
    /// When it was added.
    pub created_at_ms: i64,
    /// When it was put in the trash; nothing when it is in the list.
    pub trashed_at_ms: Option<i64>,
    /// How often a code was taken.
    pub usage_count: i64,
    /// When a code was taken last.
    pub last_used_at_ms: Option<i64>,
    /// Whether it can be used.
    pub state: ItemState,
    /// Whether its codes are given to who confirms, each time: `confirm`, then `show_code`.
    #[uniffi(default = false)]
    pub asks_every_time: bool,
    /// What tells it from others with the same names; nothing where there are none.
    #[uniffi(default = None)]
    pub apart: Option<Apart>,
}

/// A group of accounts.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct AccountGroup {
    /// Names it, for as long as the vault lives.
    pub id: String,
    /// What the user calls it.
    pub name: String,
}

/// The codes of some rows at one moment.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct Codes {
    /// In the order asked for; ids that do not exist are left out.
    pub rows: Vec<CodeRow>,
    /// When the first of these codes changes: ask again then, not before. Nothing when none does.
    pub next_change_at_ms: Option<i64>,
}

/// One row's code.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct CodeRow {
    /// The account.
    pub id: String,
    /// The code now, and when it ends.
    pub code: Option<TimedCode>,
    /// The code after that.
    pub next: Option<TimedCode>,
    /// Why there is no code.
    pub no_code: Option<NoCode>,
}

/// A code that follows the time, with its window: a countdown needs no further call.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct TimedCode {
    /// What the user types: digits, or letters for Steam and Yandex.
    pub text: String,
    /// The first moment of its time step, by the clock that was given.
    pub valid_from_ms: i64,
    /// The first moment of the time step after it.
    pub valid_until_ms: i64,
}

/// A code that counts, and the counter it was made for.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct CountedCode {
    /// What the user types.
    pub text: String,
    /// The counter it was made for, in decimal: it may be larger than any number of a language.
    pub counter: String,
}

/// What to change of an account; nothing leaves a field as it is.
#[derive(Clone, Debug, Default, uniffi::Record)]
pub struct AccountChange {
    /// The provider.
    #[uniffi(default = None)]
    pub issuer: Option<String>,
    /// The user's name there.
    #[uniffi(default = None)]
    pub account_name: Option<String>,
    /// The note.
    #[uniffi(default = None)]
    pub note: Option<String>,
    /// The mark.
    #[uniffi(default = None)]
    pub favorite: Option<bool>,
    /// The icon; an empty name takes it away.
    #[uniffi(default = None)]
    pub icon: Option<String>,
    /// The ids of all the groups it is in afterwards.
    #[uniffi(default = None)]
    pub groups: Option<Vec<String>>,
    /// The PIN of a Mobile-OTP or Yandex account, in UTF-8.
    #[uniffi(default = None)]
    pub pin: Option<Vec<u8>>,
    /// Whether its codes are given to who confirms, each time; it is taken off after `show_code`.
    #[uniffi(default = None)]
    pub asks_every_time: Option<bool>,
}

/// What became of an account that was added.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct Added {
    /// The new account, or the one that was there.
    pub id: String,
    /// How it stands to what was there.
    pub status: AddedStatus,
    /// The other account in question, when there is one.
    pub other: Option<String>,
}

/// How an added account stands to what was there.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum AddedStatus {
    /// It is new.
    New,
    /// The same credential with the same names is there already: nothing was added.
    AlreadyThere,
    /// It is new, and the same secret is there under another name.
    SameSecretOtherName,
    /// It is new, and an account with the same names has another secret. Both are kept.
    SameNameOtherSecret,
}

/// One account's secret, shown because the user asked for it. Drop it when the screen goes.
#[derive(Clone, uniffi::Record)]
pub struct Revealed {
    /// The secret in base32, hexadecimal for Mobile-OTP.
    pub secret: String,
    /// The whole account as a URI, for a QR code.
    pub uri: String,
}

impl From<Item> for Account {
    fn from(item: Item) -> Self {
        let Item {
            id,
            kind,
            issuer,
            account_name,
            algorithm,
            digits,
            period_s,
            groups,
            favorite,
            asks_every_time,
            note,
            icon,
            // Parameters that we have no use for; a screen has none either.
            extra: _,
            created_at,
            trashed_at,
            usage_count,
            last_used_at,
            apart,
            state,
        } = item;
        Self {
            id: id.to_string(),
            kind,
            issuer,
            account_name,
            algorithm,
            digits: digits.map(small),
            period_s: period_s.map(small),
            groups: groups.iter().map(ToString::to_string).collect(),
            favorite,
            note,
            icon,
            created_at_ms: ms(created_at),
            trashed_at_ms: trashed_at.map(ms),
            usage_count: count(usage_count),
            last_used_at_ms: last_used_at.map(ms),
            state,
            asks_every_time,
            apart: apart.map(Into::into),
        }
    }
}

impl From<vault::Apart> for Apart {
    fn from(apart: vault::Apart) -> Self {
        match apart {
            vault::Apart::Group(name) => Self::Group { name },
            vault::Apart::Number { number, of } => Self::Number { number: small(number), of: small(of) },
        }
    }
}

impl From<vault::Group> for AccountGroup {
    fn from(group: vault::Group) -> Self {
        let vault::Group { id, name } = group;
        Self { id: id.to_string(), name }
    }
}

impl From<flows::CodesAt> for Codes {
    fn from(codes: flows::CodesAt) -> Self {
        let flows::CodesAt { rows, next_change_at } = codes;
        Self { rows: rows.into_iter().map(Into::into).collect(), next_change_at_ms: next_change_at.map(ms) }
    }
}

impl From<flows::CodeRow> for CodeRow {
    fn from(row: flows::CodeRow) -> Self {
        let flows::CodeRow { id, code, next } = row;
        let (code, no_code) = match code {
            Ok(code) => (Some(code.into()), None),
            Err(why) => (None, Some(why)),
        };
        Self { id: id.to_string(), code, next: next.map(Into::into), no_code }
    }
}

impl From<Code> for TimedCode {
    fn from(code: Code) -> Self {
        let Code { text, valid_from, valid_until } = code;
        Self { text, valid_from_ms: ms(valid_from), valid_until_ms: ms(valid_until) }
    }
}

impl From<HotpCode> for CountedCode {
    fn from(code: HotpCode) -> Self {
        let HotpCode { text, counter } = code;
        Self { text, counter: counter.to_string() }
    }
}

impl From<flows::Added> for Added {
    fn from(added: flows::Added) -> Self {
        let (status, other) = match added {
            flows::Added::New(_) => (AddedStatus::New, None),
            flows::Added::AlreadyThere(_) => (AddedStatus::AlreadyThere, None),
            flows::Added::SameSecretOtherName { id: _, other } => {
                (AddedStatus::SameSecretOtherName, Some(other))
            }
            flows::Added::SameNameOtherSecret { id: _, other } => {
                (AddedStatus::SameNameOtherSecret, Some(other))
            }
        };
        Self { id: added.id().to_string(), status, other: other.map(|id| id.to_string()) }
    }
}

impl From<flows::Revealed> for Revealed {
    fn from(revealed: flows::Revealed) -> Self {
        let flows::Revealed { secret, uri } = revealed;
        Self { secret: secret.expose().to_owned(), uri: uri.expose().to_owned() }
    }
}

impl TryFrom<AccountChange> for vault::Change {
    type Error = VaultError;

    fn try_from(change: AccountChange) -> Result<Self, VaultError> {
        let AccountChange { issuer, account_name, note, favorite, icon, groups, pin, asks_every_time } =
            change;
        Ok(Self {
            issuer,
            account_name,
            note,
            favorite,
            asks_every_time,
            icon: icon.map(|name| (!name.is_empty()).then_some(name)),
            groups: groups.map(|ids| ids.iter().map(|id| group_id(id)).collect()).transpose()?,
            pin: pin.map(text),
        })
    }
}

/// Returns typed bytes as text; what is no UTF-8 is replaced, and is then not the right PIN.
pub(crate) fn text(bytes: Vec<u8>) -> SecretText {
    SecretText::new(String::from_utf8_lossy(&zeroize::Zeroizing::new(bytes)).into_owned())
}

/// Reads an account's id; a text that is none names no account.
pub(crate) fn item_id(id: &str) -> Result<ItemId, VaultError> {
    id.parse().map_err(|_| VaultError::Account { why: AccountTrouble::NotThere })
}

/// Reads the ids of accounts.
pub(crate) fn item_ids(ids: &[String]) -> Result<Vec<ItemId>, VaultError> {
    ids.iter().map(|id| item_id(id)).collect()
}

/// Reads a group's id; a text that is none names no group.
pub(crate) fn group_id(id: &str) -> Result<GroupId, VaultError> {
    id.parse().map_err(|_| VaultError::Account { why: AccountTrouble::NoSuchGroup })
}
