//! One account with what the user said about it, on its way out.

use crate::account::Account;
use crate::time::UnixTime;

/// One account and what the vault knows of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Names, kind and secret.
    pub account: Account,
    /// The note.
    pub note: String,
    /// Whether the user marked it.
    pub favorite: bool,
    /// Whether its codes are given to who confirms, each time.
    pub asks_every_time: bool,
    /// Names an icon.
    pub icon: Option<String>,
    /// Names of the groups it is in.
    pub groups: Vec<String>,
    /// When it was added.
    pub created_at: UnixTime,
    /// How often a code was taken.
    pub usage_count: u64,
    /// When a code was taken last.
    pub last_used_at: Option<UnixTime>,
}

impl Record {
    /// Returns `account` with nothing said about it.
    pub fn new(account: Account, created_at: UnixTime) -> Self {
        let (note, groups) = (String::new(), Vec::new());
        Self {
            account,
            note,
            favorite: false,
            asks_every_time: false,
            icon: None,
            groups,
            created_at,
            usage_count: 0,
            last_used_at: None,
        }
    }
}
