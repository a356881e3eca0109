//! Which language a page speaks: the visitor's choice, else what their browser asks for, else English.

/// A language of the pages.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Language {
    English,
    Dutch,
}

impl Language {
    /// Reads a language's tag: `en` or `nl`.
    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        match tag {
            "en" => Some(Self::English),
            "nl" => Some(Self::Dutch),
            _ => None,
        }
    }

    /// Returns the tag, for the `lang` attribute.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Dutch => "nl",
        }
    }

    /// Returns the other language.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::English => Self::Dutch,
            Self::Dutch => Self::English,
        }
    }

    /// Chooses by an `Accept-Language` header: the language of ours with the highest weight (RFC 9110 section
    /// 12.5.4); of equal ones the first.
    pub(crate) fn accepted(header: &str) -> Self {
        let mut best: Option<(Self, f32)> = None;
        for range in header.split(',').take(MOST_RANGES) {
            let mut parts = range.split(';');
            let tag = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
            let language = tag.split('-').next().and_then(Self::of_tag);
            let weight = parts.find_map(|part| part.trim().strip_prefix("q="));
            let weight = weight.map_or(1.0, |text| text.trim().parse::<f32>().unwrap_or(0.0));
            if let Some(language) = language
                && weight > best.map_or(0.0, |(_, weight)| weight)
            {
                best = Some((language, weight));
            }
        }
        best.map_or(Self::English, |(language, _)| language)
    }
}

/// Ranges of a header that are looked at; browsers send a handful.
const MOST_RANGES: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(header: &str, expected: Language) {
        assert_eq!(Language::accepted(header), expected, "{header}");
    }

    #[test]
    fn the_heaviest_language_of_ours_is_spoken() {
        check("nl-NL,nl;q=0.9,en-US;q=0.8,en;q=0.7", Language::Dutch);
        check("en-GB,en;q=0.9,nl;q=0.8", Language::English);
        check("nl;q=0.3, en;q=0.8", Language::English);
        check("fr-FR, NL-be;q=0.4, en;q=0.1", Language::Dutch);
    }

    #[test]
    fn who_asks_for_neither_gets_english() {
        for header in ["", "*", "fr, de;q=0.5", "nl;q=0", "nl;q=x", ";;;,,,q="] {
            check(header, Language::English);
        }
    }
}
