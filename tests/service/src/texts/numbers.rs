//! Telephone numbers in the form of ITU-T E.164, and the regions that have them.
//!
//! The rules of each country are libphonenumber's, by the crate `phonenumber`. What people type reaches it
//! only when it is digits and the signs between them: the crate also reads `tel:` texts with parameters,
//! which nobody types and which once made it panic (GHSA-whhr-7f2w-qqj2, GHSA-mjw4-jj88-v687).

use std::fmt;
use std::sync::LazyLock;

use phonenumber::country::Id;
use phonenumber::metadata::DATABASE;
use phonenumber::{Mode, Type};

/// Characters that a typed number may have: 15 digits, signs between them and room for a habit or two.
const MOST_TYPED: usize = 40;

/// A number that a text message can be sent to. `Debug` shows its last two digits only.
#[derive(Clone, Eq, PartialEq)]
pub struct PhoneNumber {
    e164: String,
    shown: String,
}

/// Why a text is not a number that a text message can be sent to.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NumberError {
    /// The region is none of [`regions`].
    #[error("unknown region")]
    Region,
    /// There is something in it that no telephone number has, or nothing at all.
    #[error("not a telephone number")]
    NotANumber,
    /// No number of this country looks like that: digits are missing, or too many.
    #[error("no number of this country")]
    Invalid,
    /// The number is one that costs its caller extra, or that no telephone of a person has.
    #[error("a number of a kind that gets no text messages")]
    Kind,
}

impl PhoneNumber {
    /// Reads what a person typed: a number of `region` (ISO 3166, two letters), or any with `+` or `00` in front.
    ///
    /// # Errors
    /// [`NumberError`].
    pub fn parse(region: &str, typed: &str) -> Result<Self, NumberError> {
        let country = known(region).ok_or(NumberError::Region)?;
        let typed = typed.trim();
        let plain = |c: char| c.is_ascii_digit() || " +-()./\u{a0}\u{202f}\u{2011}\u{2013}".contains(c);
        if typed.chars().count() > MOST_TYPED || !typed.chars().all(plain) {
            return Err(NumberError::NotANumber);
        }
        let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
        let abroad = typed.starts_with('+') || typed.starts_with("(+");
        let text = match digits.strip_prefix("00") {
            Some(rest) if !abroad => format!("+{rest}"),
            _ if abroad => format!("+{digits}"),
            _ => digits,
        };
        Self::read(Some(country), &text)
    }

    /// Reads a number that [`PhoneNumber::e164`] gave.
    ///
    /// # Errors
    /// [`NumberError`].
    pub fn from_e164(text: &str) -> Result<Self, NumberError> {
        let digits = text.strip_prefix('+').ok_or(NumberError::NotANumber)?;
        if digits.is_empty() || digits.len() > 15 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NumberError::NotANumber);
        }
        Self::read(None, text)
    }

    /// Returns the number for machines: `+31612345678`.
    pub fn e164(&self) -> &str {
        &self.e164
    }

    /// Returns the number for people, as its country groups it: `+31 6 12345678`.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Returns what may be shown to someone who has given a password only: `•••• 78`.
    pub fn masked(&self) -> String {
        format!("•••• {}", &self.e164[self.e164.len() - 2..])
    }

    fn read(country: Option<Id>, text: &str) -> Result<Self, NumberError> {
        let number = phonenumber::parse(country, text).map_err(|_| NumberError::NotANumber)?;
        if !number.is_valid() || number.extension().is_some() {
            return Err(NumberError::Invalid);
        }
        match number.number_type(&DATABASE) {
            Type::Mobile | Type::FixedLineOrMobile | Type::FixedLine | Type::PersonalNumber | Type::Voip => {}
            Type::TollFree
            | Type::PremiumRate
            | Type::SharedCost
            | Type::Pager
            | Type::Uan
            | Type::Emergency
            | Type::Voicemail
            | Type::ShortCode
            | Type::StandardRate
            | Type::Carrier
            | Type::NoInternational
            | Type::Unknown => return Err(NumberError::Kind),
        }
        let e164 = number.format().mode(Mode::E164).to_string();
        let shown = number.format().mode(Mode::International).to_string();
        Ok(Self { e164, shown })
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhoneNumber({})", self.masked())
    }
}

/// Returns every region that has telephone numbers, with its calling code, by region: `("NL", 31)`.
pub fn regions() -> impl Iterator<Item = (&'static str, u16)> {
    REGIONS.iter().map(|(region, code)| (region.as_str(), *code))
}

/// Returns the region that the languages of a browser point to first: `nl-BE, en;q=0.5` gives `BE`.
///
/// A language without a region counts for the country that most of its speakers' pages are made for; with
/// nothing to go by it is the United States, as for plain `en` (CLDR's likely subtags).
pub fn region_of_languages(accept_language: &str) -> &'static str {
    let mut tags: Vec<(f32, &str)> = accept_language
        .split(',')
        .take(16)
        .filter_map(|part| {
            let mut fields = part.split(';');
            let tag = fields.next()?.trim();
            let quality =
                fields.find_map(|f| f.trim().strip_prefix("q=")).map_or(Some(1.0), |q| q.parse().ok())?;
            (quality > 0.0 && !tag.is_empty()).then_some((quality, tag))
        })
        .collect();
    tags.sort_by(|a, b| b.0.total_cmp(&a.0));
    tags.into_iter().find_map(|(_, tag)| region_of(tag)).unwrap_or("US")
}

fn region_of(tag: &str) -> Option<&'static str> {
    let mut parts = tag.split('-');
    let language = parts.next()?.to_ascii_lowercase();
    let named = parts.filter(|part| part.len() == 2).find_map(|part| known_name(&part.to_ascii_uppercase()));
    named.or_else(|| likely().find(|(name, _)| *name == language).map(|(_, region)| region))
}

/// Where a language that names no region is most at home: CLDR's likely subtags, for the languages that
/// browsers are sold in.
const LIKELY: &str = "ar-EG bg-BG ca-ES cs-CZ da-DK de-DE el-GR en-US es-ES et-EE eu-ES fa-IR fi-FI fr-FR fy-NL ga-IE \
    he-IL hi-IN hr-HR hu-HU id-ID is-IS it-IT ja-JP ko-KR lt-LT lv-LV mt-MT nb-NO nl-NL nn-NO no-NO \
    pl-PL pt-BR ro-RO ru-RU sk-SK sl-SI sr-RS sv-SE th-TH tr-TR uk-UA ur-PK vi-VN zh-CN";

fn likely() -> impl Iterator<Item = (&'static str, &'static str)> {
    LIKELY.split(' ').filter_map(|pair| pair.split_once('-'))
}

/// Every region of the crate's tables, in the order of its letters. Networks that belong to no region, such
/// as satellites (`001`), are left out: nobody lives there.
static REGIONS: LazyLock<Vec<(String, u16)>> = LazyLock::new(|| {
    let mut all: Vec<(String, u16)> = DATABASE
        .iter()
        .filter(|region| region.id() != "001")
        .map(|region| (region.id().to_owned(), region.country_code()))
        .collect();
    all.sort();
    all.dedup();
    all
});

fn known_name(region: &str) -> Option<&'static str> {
    regions().map(|(name, _)| name).find(|name| *name == region)
}

fn known(region: &str) -> Option<Id> {
    known_name(region)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(region: &str, typed: &str, expected: Result<(&str, &str), NumberError>) {
        let read = PhoneNumber::parse(region, typed);
        let shown = read.as_ref().map(|number| (number.e164(), number.shown()));
        assert_eq!(shown, expected.as_ref().map(|pair| *pair), "{region} {typed}");
    }

    #[test]
    fn however_it_is_typed_a_number_is_shown_the_same() {
        let expected = Ok(("+31612345678", "+31 6 12345678"));
        for typed in [
            "0612345678",
            "06-12345678",
            " 06 1234 5678 ",
            "+31 6 12345678",
            "0031612345678",
            "(+31)612345678",
            "+31 (0)6 1234 5678",
            "612345678",
            "06.12.34.56.78",
            "06\u{a0}12345678",
        ] {
            check("NL", typed, expected);
        }
        check("BE", "+31612345678", expected);
        check("BE", "0470 12 34 56", Ok(("+32470123456", "+32 470 12 34 56")));
        check("US", "(201) 555-0123", Ok(("+12015550123", "+1 201-555-0123")));
        check("IT", "312 345 6789", Ok(("+393123456789", "+39 312 345 6789")));
    }

    #[test]
    fn what_is_no_number_is_refused_with_the_reason() {
        check("XX", "0612345678", Err(NumberError::Region));
        check("001", "0612345678", Err(NumberError::Region));
        for typed in [
            "",
            "   ",
            "06 twelve",
            "tel:+31612345678",
            "+1;phone-context=é",
            "0612345678 ext 5",
            "+",
            "１２３",
        ] {
            check("NL", typed, Err(NumberError::NotANumber));
        }
        for typed in ["061234567", "06123456789", "+31 6 1234567"] {
            check("NL", typed, Err(NumberError::Invalid));
        }
        check("NL", &"1".repeat(41), Err(NumberError::NotANumber));
        check("NL", "0900 1234567", Err(NumberError::Kind));
        check("NL", "0800 1234567", Err(NumberError::Kind));
    }

    #[test]
    fn what_was_read_once_reads_again() {
        let number = PhoneNumber::parse("NL", "0612345678").unwrap();
        assert_eq!(PhoneNumber::from_e164(number.e164()), Ok(number.clone()));
        for text in ["", "+", "31612345678", "+31 612345678", "+3161234567", "+1234567890123456"] {
            assert!(PhoneNumber::from_e164(text).is_err(), "{text}");
        }
        assert_eq!(format!("{number:?} {}", number.masked()), "PhoneNumber(•••• 78) •••• 78");
    }

    #[test]
    fn every_region_is_listed_once_with_its_code_and_reads_a_number_of_its_own() {
        let all: Vec<_> = regions().collect();
        assert!(all.len() > 240, "{} regions", all.len());
        assert!(all.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for pair in [("NL", 31), ("BE", 32), ("US", 1), ("CA", 1), ("XK", 383), ("VA", 39), ("AC", 247)] {
            assert!(all.contains(&pair), "{pair:?}");
        }
        for (region, code) in all {
            assert_eq!(region.len(), 2);
            assert!(known(region).is_some(), "{region}");
            assert!((1..1000).contains(&code), "{region} {code}");
        }
    }

    #[test]
    fn the_browsers_language_picks_the_region() {
        for (languages, region) in [
            ("nl", "NL"),
            ("nl-BE,nl;q=0.9,en;q=0.5", "BE"),
            ("en;q=0.5, de-AT;q=0.8", "AT"),
            ("zh-Hant-TW", "TW"),
            ("EN-gb", "GB"),
            ("es-419, nl;q=0.1", "ES"),
            ("eo, nl;q=0.3", "NL"),
            ("fr;q=0, nl;q=0.1", "NL"),
            ("", "US"),
            ("*", "US"),
            (";;q=x,,", "US"),
        ] {
            assert_eq!(region_of_languages(languages), region, "{languages}");
        }
        assert!(likely().count() > 40 && likely().all(|(_, region)| known_name(region).is_some()));
    }
}
