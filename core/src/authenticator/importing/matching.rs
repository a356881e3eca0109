//! Accounts that stand in one file more than once.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use crate::account::Account;
use crate::otp::Otp;

/// What came before an account in the same import; the number is that of the earlier row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum InFile {
    /// Nothing like it.
    None,
    /// The same credential with the same names.
    Same(usize),
    /// The same credential under another name.
    SameSecretOtherName(usize),
    /// The same names with another credential.
    SameNameOtherSecret(usize),
}

/// Compares each account with those before it. One that goes to the trash (`true`) never stands in the way of one that
/// goes to the list.
pub(super) fn repeats<'a>(accounts: impl Iterator<Item = (&'a Account, bool)>) -> Vec<InFile> {
    let mut by_credential: HashMap<Credential<'_>, Vec<(usize, &Account, bool)>> = HashMap::new();
    let mut by_names: HashMap<(&str, &str), usize> = HashMap::new();
    let mut repeats = Vec::new();
    for (row, (account, trashed)) in accounts.enumerate() {
        let names = (&*account.issuer, &*account.account_name);
        let earlier = by_credential.entry(Credential(&account.otp)).or_default();
        let counts = |(_, _, there): &&(usize, &Account, bool)| trashed || !*there;
        let same = earlier.iter().filter(counts).find(|(_, other, _)| other.same_names(account));
        let in_list = earlier.iter().find(|(_, _, there)| !*there);
        repeats.push(match (same, in_list, by_names.get(&names)) {
            (Some((other, ..)), _, _) => InFile::Same(*other),
            (None, Some((other, ..)), _) => InFile::SameSecretOtherName(*other),
            (None, None, Some(other)) if names != ("", "") => InFile::SameNameOtherSecret(*other),
            (None, None, _) => InFile::None,
        });
        earlier.push((row, account, trashed));
        if !trashed {
            by_names.entry(names).or_insert(row);
        }
    }
    repeats
}

/// What makes the codes, compared as [`Otp::same_credential`] does.
struct Credential<'a>(&'a Otp);

impl PartialEq for Credential<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.same_credential(other.0)
    }
}

impl Eq for Credential<'_> {}

impl Hash for Credential<'_> {
    /// By the secret alone: the map's own key is random and goes with it.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.secret().expose().hash(state);
    }
}
