//! Flow: lists, search and groups, all from what is known without a seed.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::{Authenticator, Error};
use crate::vault::{Group, Item, ItemId, Mode};

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
        Ok(self.shown()?.items.iter().filter(|item| item.trashed_at.is_none()).cloned().collect())
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
        self.find(query, |item| item.trashed_at.is_none())
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
