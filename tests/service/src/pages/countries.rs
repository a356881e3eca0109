//! Countries and regions with their names in both languages, and the calling codes that `texts` knows.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use super::language::Language;
use crate::texts;

/// A country or region to choose.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Country {
    /// ISO 3166-1 alpha-2.
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) calling: u16,
}

/// Returns every country with a calling code, in the order in which people look for its name.
pub(crate) fn list(language: Language) -> Vec<Country> {
    let named = texts::regions()
        .filter_map(|(code, calling)| name(language, code).map(|name| Country { code, name, calling }));
    let mut countries: Vec<Country> = named.collect();
    countries.sort_by_cached_key(|country| folded(country.name));
    countries
}

/// Returns the name of a country.
pub(crate) fn name(language: Language, code: &str) -> Option<&'static str> {
    let row = NAMES.iter().find(|row| row[0] == code)?;
    Some(match language {
        Language::English => row[1],
        Language::Dutch => row[2],
    })
}

/// Code, English, Dutch; `countries/SOURCE.md` says where from.
static NAMES: LazyLock<Vec<[&'static str; 3]>> = LazyLock::new(|| {
    let rows = include_str!("countries/names.tsv").lines().map(|row| {
        let mut cells = row.split('\t');
        [(); 3].map(|()| cells.next().unwrap_or_default())
    });
    rows.collect()
});

/// Folds case and accents away: Åland stands under A.
fn folded(name: &str) -> String {
    name.nfd().filter(|c| c.is_alphanumeric() || *c == ' ').flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_region_with_a_calling_code_has_a_name_in_both_languages() {
        let regions: Vec<_> = texts::regions().collect();
        assert!(regions.len() > 240, "{}", regions.len());
        for (code, _) in regions {
            for language in [Language::English, Language::Dutch] {
                assert!(name(language, code).is_some_and(|name| !name.is_empty()), "{code}");
            }
        }
    }

    #[test]
    fn names_stand_where_people_look_for_them() {
        let dutch = list(Language::Dutch);
        let place = |code: &str| dutch.iter().position(|country| country.code == code).unwrap();
        assert!(place("AF") < place("AX") && place("AX") < place("AL"), "Afghanistan, Åland, Albanië");
        assert!(place("EG") < place("SV") && place("NL") < place("NZ"));
        assert_eq!(dutch[place("NL")], Country { code: "NL", name: "Nederland", calling: 31 });
    }
}
