//! The kinds of values that messages are made of.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use url::Url;

use crate::secret::SecretText;
use crate::time::UnixTime;

/// Whole Unix seconds, RFC 7519 section 2; from 1970 to the end of the year 9999.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct NumericDate(i64);

impl NumericDate {
    const LAST: i64 = 253_402_300_799;

    /// Returns the moment.
    pub const fn time(self) -> UnixTime {
        UnixTime::from_seconds(self.0)
    }

    /// Returns the moment `seconds` later, within the same bounds.
    pub fn plus_s(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds).clamp(0, Self::LAST))
    }
}

impl From<UnixTime> for NumericDate {
    /// Rounds down to whole seconds; a clock outside the bounds gives the nearest.
    fn from(time: UnixTime) -> Self {
        Self(time.seconds().clamp(0, Self::LAST))
    }
}

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let seconds = i64::deserialize(from)?;
        let is_within = (0..=Self::LAST).contains(&seconds);
        is_within.then_some(Self(seconds)).ok_or_else(|| de::Error::custom("no time between 1970 and 9999"))
    }
}

/// The text is not of the form.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the text is not {0}")]
pub struct TextError(&'static str);

macro_rules! text {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                String::deserialize(from)?.parse().map_err(de::Error::custom)
            }
        }
    };
}

/// Who a service is: `https://` and a host, with a port when it is not 443, in the one spelling that browsers
/// give (lower case, punycode, no path). Two origins are the same when their texts are.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Origin(String);

text!(Origin);

impl Origin {
    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns host and port as a person should see them: punycode stays visible.
    pub fn host(&self) -> &str {
        self.0.strip_prefix("https://").expect("checked when it was read")
    }

    /// Returns the address of a path that begins with `/`.
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

impl FromStr for Origin {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        let error = TextError("an https origin");
        if text.len() > 267 {
            return Err(error);
        }
        let url = Url::parse(text).map_err(|_| error)?;
        let is_origin = url.scheme() == "https" && url.origin().ascii_serialization() == text;
        is_origin.then(|| Self(text.to_owned())).ok_or(error)
    }
}

/// A line for people: at most 512 bytes, without control characters or signs that turn the direction of what
/// follows, so that it cannot pose as other lines of a screen.
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Label(String);

text!(Label);

impl Label {
    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Label {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}');
        if text.len() > 512 || text.contains(|c| turns(c) || breaks(c)) {
            return Err(TextError("a line for people"));
        }
        Ok(Self(text.to_owned()))
    }
}

/// Any JSON, kept and shown as text: `authorization_details` of RFC 9396.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Json(serde_json::Value);

impl Json {
    /// Tells whether it is an object with this member, and that is `true`.
    pub fn flag(&self, name: &str) -> bool {
        self.0.get(name).and_then(serde_json::Value::as_bool) == Some(true)
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for Json {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        super::super::json::read_any(text.as_bytes(), super::super::json::CAP).map_err(|_| TextError("JSON"))
    }
}

/// Reads and prints a secret text as a JSON string.
pub(super) mod secret_text {
    use super::{Deserialize, Deserializer, SecretText, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(text: &SecretText, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(text.expose())
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<SecretText, D::Error> {
        String::deserialize(from).map(SecretText::new)
    }
}

/// A word of the protocol, with those that this version does not know kept.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $(#[$rest_doc:meta])* $rest:ident,
        { $($(#[$word_doc:meta])* $word:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Eq, PartialEq)]
        pub enum $name {
            $($(#[$word_doc])* $word,)+
            $(#[$rest_doc])*
            $rest(String),
        }

        impl $name {
            /// Returns the word as it travels.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$word => $text,)+
                    Self::$rest(word) => word,
                }
            }
        }

        impl From<String> for $name {
            fn from(word: String) -> Self {
                match word.as_str() {
                    $($text => Self::$word,)+
                    _ => Self::$rest(word),
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let word = <String as serde::Deserialize>::deserialize(from)?;
                if word.len() > 64 {
                    return Err(serde::de::Error::custom("no word of the protocol is that long"));
                }
                Ok(Self::from(word))
            }
        }
    };
}

pub(super) use words;

#[cfg(test)]
mod tests {
    use super::super::super::json;
    use super::*;

    #[test]
    fn an_origin_has_one_spelling() {
        for good in [
            "https://a.example",
            "https://a.example:8443",
            "https://127.0.0.1:8443",
            "https://[::1]",
            "https://xn--mnchen-3ya.example",
        ] {
            assert_eq!(good.parse::<Origin>().map(|origin| origin.to_string()).as_deref(), Ok(good));
        }
        for bad in [
            "",
            "a.example",
            "http://a.example",
            "https://a.example/",
            "https://a.example:443",
            "https://A.example",
            "https://münchen.example",
            "https://a.example/x",
            "https://u@a.example",
            "https://a.example?",
            "https://",
            " https://a.example",
        ] {
            assert!(bad.parse::<Origin>().is_err(), "{bad}");
        }
    }

    /// An address in digits has one spelling as well, or a check of hosts would be led astray.
    #[test]
    fn an_address_in_another_spelling_is_no_origin() {
        for bad in ["https://2130706433", "https://0x7f.1", "https://127.1", "https://[0:0:0:0:0:0:0:1]"] {
            assert!(bad.parse::<Origin>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_line_for_people_is_one_line_in_one_direction() {
        assert!("Ünïversity of Somewhere 大学 😀".parse::<Label>().is_ok());
        for bad in ["a\nb", "a\u{0}", "a\u{202e}b", "\u{2066}x", "\u{2028}", "\u{85}", &"x".repeat(513)] {
            assert!(bad.parse::<Label>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn times_are_whole_seconds_within_bounds() {
        let read =
            |text: &str| json::read::<NumericDate>(text.as_bytes(), 64).map(|date| date.time().seconds());
        assert_eq!(read("1800000000"), Ok(1_800_000_000));
        for bad in ["-1", "1.5", "1e9", "253402300800", "18446744073709551615", "\"1\"", "null", "1e400"] {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert_eq!(NumericDate::from(UnixTime::from_ms(i64::MIN)).time().seconds(), 0);
        assert_eq!(NumericDate::from(UnixTime::from_ms(1999)).plus_s(60).time().seconds(), 61);
    }
}
