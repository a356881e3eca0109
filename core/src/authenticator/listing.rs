//! Flow: lists, search and groups, all from what is known without a seed.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::{Authenticator, Error};
use crate::vault::{Apart, Group, Item, ItemId, Mode};

/// How a list is ordered; what is equal stays in the user's own order.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ListOrder {
    /// As the user put them.
    #[default]
    Own,
    /// By what stands first in a row, then by the account's name; capitals and accents do not count.
    Name,
    /// The one whose code was taken last comes first; those never used come last.
    LastUsed,
    /// The one whose codes were taken most often comes first.
    MostUsed,
}

impl Authenticator {
    /// Returns the mode the vault was opened in.
    ///
    /// # Errors
    /// [`Error::Locked`].
    pub fn mode(&self) -> Result<Mode, Error> {
        Ok(self.shown()?.mode)
    }

    /// Returns the accounts in the user's order: favourites stay where the user put them, the trash is left out.
    ///
    /// # Errors
    /// [`Error::Locked`].
    pub fn list(&self) -> Result<Vec<Item>, Error> {
        self.list_by(ListOrder::Own)
    }

    /// Returns the accounts in this order; the trash is left out.
    ///
    /// # Errors
    /// [`Error::Locked`].
    pub fn list_by(&self, order: ListOrder) -> Result<Vec<Item>, Error> {
        let shown = self.shown()?;
        Ok(order.of(shown.items.iter().filter(|item| item.trashed_at.is_none()).cloned().collect()))
    }

    /// Returns what is in the trash.
    ///
    /// # Errors
    /// [`Error::Locked`].
    pub fn trash(&self) -> Result<Vec<Item>, Error> {
        Ok(self.shown()?.items.iter().filter(|item| item.trashed_at.is_some()).cloned().collect())
    }

    /// Returns one account, in the trash or not.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::NoSuchAccount`].
    pub fn item(&self, id: ItemId) -> Result<Item, Error> {
        self.shown()?.item(id).cloned()
    }

    /// Returns the groups in the order they were made.
    ///
    /// # Errors
    /// [`Error::Locked`].
    pub fn groups(&self) -> Result<Vec<Group>, Error> {
        Ok(self.shown()?.groups.to_vec())
    }

    /// Returns the accounts that have every word of `query` in issuer, account name, note or a group's name,
    /// in the order of the list; capitals and accents do not count. An empty query finds all.
    ///
    /// # Errors
    /// [`Error::Locked`].
    pub fn search(&self, query: &str) -> Result<Vec<Item>, Error> {
        self.search_by(query, ListOrder::Own)
    }

    /// Returns what [`Authenticator::search`] finds, in this order.
    ///
    /// # Errors
    /// [`Error::Locked`].
    pub fn search_by(&self, query: &str, order: ListOrder) -> Result<Vec<Item>, Error> {
        Ok(order.of(self.find(query, |item| item.trashed_at.is_none())?))
    }

    /// Returns the accounts in the trash that have every word of `query`, as [`Authenticator::search`] does.
    ///
    /// # Errors
    /// [`Error::Locked`].
    pub fn search_trash(&self, query: &str) -> Result<Vec<Item>, Error> {
        self.find(query, |item| item.trashed_at.is_some())
    }

    fn find(&self, query: &str, among: impl Fn(&Item) -> bool) -> Result<Vec<Item>, Error> {
        let shown = self.shown()?;
        let words: Vec<String> = folded(query).split_whitespace().map(str::to_owned).collect();
        let matches = |item: &Item| {
            if words.is_empty() {
                return true;
            }
            let mut text = format!("{}\n{}\n{}", item.issuer, item.account_name, item.note);
            for group in shown.groups.iter().filter(|group| item.groups.contains(&group.id)) {
                text.push('\n');
                text.push_str(&group.name);
            }
            let text = folded(&text);
            words.iter().all(|word| text.contains(word.as_str()))
        };
        Ok(shown.items.iter().filter(|item| among(item) && matches(item)).cloned().collect())
    }
}

impl ListOrder {
    /// Puts accounts that stand in the user's order in this one.
    fn of(self, mut items: Vec<Item>) -> Vec<Item> {
        match self {
            Self::Own => {}
            Self::Name => items.sort_by_cached_key(|item| {
                let first = if item.issuer.is_empty() { &item.account_name } else { &item.issuer };
                (folded(first), folded(&item.account_name))
            }),
            Self::LastUsed => items.sort_by_key(|item| Reverse(item.last_used_at)),
            Self::MostUsed => items.sort_by_key(|item| Reverse(item.usage_count)),
        }
        items
    }
}

/// Says of accounts with the same names what tells each from the others: the name of a group that it alone is in, or its
/// number among them. The list and the trash are apart already.
pub(super) fn tell_apart(items: &mut [Item], groups: &[Group]) {
    let mut alike: HashMap<_, Vec<usize>> = HashMap::new();
    for (n, item) in items.iter().enumerate() {
        let names = (item.trashed_at.is_some(), &*item.issuer, &*item.account_name);
        alike.entry(names).or_default().push(n);
    }
    let mut told = Vec::new();
    for same in alike.into_values().filter(|same| same.len() > 1) {
        // Two groups may have one name, which then tells nobody anything.
        let names = |n: usize| -> BTreeSet<&str> {
            let own = groups.iter().filter(|group| items[n].groups.contains(&group.id));
            own.map(|group| group.name.as_str()).collect()
        };
        let mut within: HashMap<&str, usize> = HashMap::new();
        for name in same.iter().flat_map(|n| names(*n)) {
            *within.entry(name).or_default() += 1;
        }
        for (place, n) in same.iter().enumerate() {
            let apart = match names(*n).into_iter().find(|name| within[name] == 1) {
                Some(name) => Apart::Group(name.to_owned()),
                None => Apart::Number { number: place + 1, of: same.len() },
            };
            told.push((*n, apart));
        }
    }
    for (n, apart) in told {
        items[n].apart = Some(apart);
    }
}

/// Returns `text` without capitals and accents: "Café" and "cafe" are the same word to a person who searches.
fn folded(text: &str) -> String {
    text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn capitals_and_accents_do_not_count() {
        assert_eq!(folded("CAFÉ Ärger"), "cafe arger");
        assert_eq!(folded("ＧｉｔＨｕｂ"), "github");
    }
}
