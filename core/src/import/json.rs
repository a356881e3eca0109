//! JSON as other apps write it: read whole, leniently, under caps; wiped when dropped.
//!
//! A byte order mark, CRLF and space around the text do not matter; a missing member and `null` are the same; numbers
//! may stand in quotes. Depth is capped by serde_json (128), values by [`MAX_VALUES`], before memory is taken.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::encodings;
use super::error::ImportError;
use super::format::Format;
use super::found::{Place, Reason};
use crate::secret::{SecretBytes, SecretText};

/// The most values that one file may hold, lists and objects included; each takes at most 72 bytes beside its text.
/// An entry of the wordiest format has about 60.
const MAX_VALUES: usize = 750_000;

/// Any JSON value.
pub(super) enum Json {
    Null,
    Bool(bool),
    Whole(i64),
    /// Above what [`Json::Whole`] can hold.
    Large(u64),
    Real(f64),
    Text(SecretText),
    List(Box<[Json]>),
    Object(Box<[(Box<str>, Json)]>),
}

/// What a missing member is.
static NULL: Json = Json::Null;

/// Reads a whole text.
///
/// # Errors
/// [`ImportError::Damaged`] with the place in bytes; [`ImportError::TooLarge`] beyond [`MAX_VALUES`].
pub(super) fn read(bytes: &[u8], format: Format) -> Result<Json, ImportError> {
    let text = encodings::without_mark(bytes);
    let left = Cell::new(MAX_VALUES);
    let mut reader = serde_json::Deserializer::from_slice(text);
    let read = Value { left: &left }.deserialize(&mut reader).and_then(|json| reader.end().map(|()| json));
    read.map_err(|error| match left.get() {
        0 => ImportError::TooLarge(bytes.len() as u64),
        _ => {
            let offset = bytes.len() - text.len() + offset(text, error.line(), error.column());
            ImportError::Damaged(format, Place::byte(offset as u64))
        }
    })
}

impl Json {
    /// Returns the member called `name`; null when there is none. Of two equal names the last counts.
    pub(super) fn get(&self, name: &str) -> &Json {
        match self {
            Self::Object(members) => {
                members.iter().rev().find(|(known, _)| **known == *name).map_or(&NULL, |(_, value)| value)
            }
            _ => &NULL,
        }
    }

    /// Returns the values of a list; none when it is anything else.
    pub(super) fn items(&self) -> &[Json] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// Returns the members of an object, in their order; none when it is anything else.
    pub(super) fn members(&self) -> impl Iterator<Item = (&str, &Json)> {
        let members: &[(Box<str>, Json)] = match self {
            Self::Object(members) => members,
            _ => &[],
        };
        members.iter().map(|(name, value)| (&**name, value))
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self, Self::List(_))
    }

    pub(super) fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    /// Returns the text, as it is.
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.expose()),
            _ => None,
        }
    }

    /// Returns the whole number, in quotes or not; `30.0` is one, `30.5` is not.
    pub(super) fn as_number<N: TryFrom<i128>>(&self) -> Option<N> {
        let number = match self {
            Self::Whole(number) => i128::from(*number),
            Self::Large(number) => i128::from(*number),
            Self::Real(number) if number.fract() == 0.0 && number.abs() < 1e18 => *number as i128,
            Self::Text(text) => text.expose().trim().parse().ok()?,
            Self::Null | Self::Bool(_) | Self::Real(_) | Self::List(_) | Self::Object(_) => return None,
        };
        N::try_from(number).ok()
    }

    /// Returns a member that is a name or a note: a number is written out, whatever else is no text is empty.
    pub(super) fn text(&self, name: &str) -> String {
        match self.get(name) {
            Self::Text(text) => text.expose().to_owned(),
            Self::Whole(number) => number.to_string(),
            Self::Large(number) => number.to_string(),
            Self::Null | Self::Bool(_) | Self::Real(_) | Self::List(_) | Self::Object(_) => String::new(),
        }
    }

    /// Returns a text that must be there.
    ///
    /// # Errors
    /// [`Reason::Field`] with its name.
    pub(super) fn need(&self, name: &'static str) -> Result<&str, Reason> {
        self.get(name).as_text().ok_or(Reason::Field(name))
    }

    /// Returns a number that may be missing, `null` or `""`.
    ///
    /// # Errors
    /// [`Reason::Field`] with its name when it is something else, or does not fit.
    pub(super) fn number<N: TryFrom<i128>>(&self, name: &'static str) -> Result<Option<N>, Reason> {
        let value = self.get(name);
        if value.is_null() || value.as_text().is_some_and(|text| text.trim().is_empty()) {
            return Ok(None);
        }
        value.as_number().map(Some).ok_or(Reason::Field(name))
    }

    /// Tells whether a member says yes: `true`, `"true"`, any number but 0.
    pub(super) fn flag(&self, name: &str) -> bool {
        match self.get(name) {
            Self::Bool(flag) => *flag,
            Self::Whole(number) => *number != 0,
            Self::Text(text) => text.expose().eq_ignore_ascii_case("true") || text.expose() == "1",
            Self::Null | Self::Large(_) | Self::Real(_) | Self::List(_) | Self::Object(_) => false,
        }
    }

    /// Returns the bytes that a member says in Base64.
    ///
    /// # Errors
    /// [`Reason::Field`] with its name.
    pub(super) fn base64(&self, name: &'static str) -> Result<SecretBytes, Reason> {
        encodings::base64(self.need(name)?).ok_or(Reason::Field(name))
    }

    /// Returns the bytes that a member says in hexadecimal.
    ///
    /// # Errors
    /// [`Reason::Field`] with its name.
    pub(super) fn hex(&self, name: &'static str) -> Result<SecretBytes, Reason> {
        encodings::hex(self.need(name)?).ok_or(Reason::Field(name))
    }
}

/// Returns how many bytes stand before `column` of `line`; serde counts lines from 1 and columns in bytes.
fn offset(text: &[u8], line: usize, column: usize) -> usize {
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    let before: usize = lines.take(line.saturating_sub(1)).map(<[u8]>::len).sum();
    (before + column.saturating_sub(1)).min(text.len())
}

/// Reads one value and counts it.
#[derive(Clone, Copy)]
struct Value<'c> {
    left: &'c Cell<usize>,
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Json, D::Error> {
        match self.left.get() {
            0 | 1 => {
                self.left.set(0);
                Err(D::Error::custom("too many values"))
            }
            left => {
                self.left.set(left - 1);
                reader.deserialize_any(self)
            }
        }
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Json, E> {
        Ok(Json::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Whole(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(i64::try_from(number).map_or(Json::Large(number), Json::Whole))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
        Ok(Json::Real(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(SecretText::from(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Json::List(items.into_boxed_slice()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Json, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = object.next_key::<Box<str>>()? {
            members.push((name, object.next_value_seed(self)?));
        }
        Ok(Json::Object(members.into_boxed_slice()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &[u8]) -> Json {
        read(text, Format::Aegis).unwrap()
    }

    #[test]
    fn a_byte_order_mark_and_crlf_do_not_matter() {
        let json = check(b"\xef\xbb\xbf\r\n{\r\n\"name\": \"ann\"\r\n}\r\n");
        assert_eq!(json.text("name"), "ann");
    }

    #[test]
    fn a_missing_member_null_and_nothing_are_no_number() {
        let json = check(br#"{"null": null, "nothing": " ", "word": "six"}"#);
        for name in ["missing", "null", "nothing"] {
            assert_eq!(json.number::<u32>(name), Ok(None));
        }
        assert_eq!(json.number::<u32>("word"), Err(Reason::Field("word")));
    }

    #[test]
    fn a_number_may_stand_in_quotes_and_with_a_point() {
        let json =
            check(br#"{"a": 30, "b": "30", "c": 30.0, "d": 30.5, "e": -1, "f": 18446744073709551615}"#);
        for name in ["a", "b", "c"] {
            assert_eq!(json.number::<u32>(name), Ok(Some(30)));
        }
        for name in ["d", "e", "f"] {
            assert_eq!(json.number::<u32>(name), Err(Reason::Field(name)));
        }
        assert_eq!(json.number::<u64>("f"), Ok(Some(u64::MAX)));
    }

    #[test]
    fn of_two_equal_names_the_last_counts() {
        assert_eq!(check(br#"{"a": 1, "a": 2}"#).number::<u8>("a"), Ok(Some(2)));
    }

    #[test]
    fn damage_has_a_place_in_bytes() {
        let damaged = |place| ImportError::Damaged(Format::Aegis, Place::byte(place));
        let place = |text: &[u8]| read(text, Format::Aegis).err();
        assert_eq!(place(b"{\n \"a\": ?}"), Some(damaged(8)));
        assert_eq!(place(b"\xef\xbb\xbf{\"a\": ?}"), Some(damaged(9)));
        assert_eq!(place(b"{} x"), Some(damaged(3)));
    }

    #[test]
    fn a_deep_text_is_damaged_and_one_with_too_many_values_too_large() {
        let deep = "[".repeat(100_000);
        assert!(matches!(read(deep.as_bytes(), Format::Aegis), Err(ImportError::Damaged(..))));
        let wide = |values: usize| format!("[{}0]", "0,".repeat(values - 2)).into_bytes();
        assert!(read(&wide(MAX_VALUES - 1), Format::Aegis).is_ok());
        assert!(matches!(read(&wide(MAX_VALUES), Format::Aegis), Err(ImportError::TooLarge(_))));
    }
}
