//! JSON read strictly (RFC 8259, RFC 7493): capped before it is parsed, and no member twice. Unknown members are
//! ignored, so that a later version may add some.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{self, DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

/// Bytes of a body, unless it says otherwise.
pub const CAP: usize = 8 * 1024;
/// Bytes of an enrolment, and of a list.
pub const LARGE_CAP: usize = 32 * 1024;

/// Why bytes are not the message they should be. It never holds what stood there.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum JsonError {
    /// More bytes than this message may have; nothing was parsed.
    #[error("{bytes} bytes, at most {cap} are read")]
    TooLarge {
        /// As many as there were.
        bytes: usize,
        /// As many as may be.
        cap: usize,
    },
    /// Not JSON, cut off, or not UTF-8.
    #[error("not JSON at line {line} column {column}")]
    Syntax {
        /// From 1.
        line: usize,
        /// In bytes.
        column: usize,
    },
    /// An object has a member twice: two readers could understand two things.
    #[error("a member stands there twice, before line {line} column {column}")]
    Duplicate {
        /// From 1.
        line: usize,
        /// In bytes.
        column: usize,
    },
    /// JSON, but a member is missing or is of another kind.
    #[error("a member is missing or not what it should be, before line {line} column {column}")]
    Shape {
        /// From 1.
        line: usize,
        /// In bytes.
        column: usize,
    },
}

/// Reads one message of at most `cap` bytes.
///
/// # Errors
/// [`JsonError`].
pub fn read<T: DeserializeOwned>(bytes: &[u8], cap: usize) -> Result<T, JsonError> {
    // No message of ours is an array; serde would take one for an object, its members in their order.
    if bytes.len() <= cap && bytes.trim_ascii_start().first() == Some(&b'[') {
        return Err(JsonError::Shape { line: 1, column: 1 });
    }
    read_any(bytes, cap)
}

/// Reads what may be any JSON.
pub(super) fn read_any<T: DeserializeOwned>(bytes: &[u8], cap: usize) -> Result<T, JsonError> {
    if bytes.len() > cap {
        return Err(JsonError::TooLarge { bytes: bytes.len(), cap });
    }
    serde_json::from_slice::<Once>(bytes).map_err(|error| error_of(&error, true))?;
    serde_json::from_slice(bytes).map_err(|error| error_of(&error, false))
}

/// Prints one message, without spaces; members stand in the order of their declaration.
pub fn print<T: Serialize>(message: &T) -> String {
    serde_json::to_string(message).expect("our messages have text keys and finite numbers")
}

fn error_of(error: &serde_json::Error, first_look: bool) -> JsonError {
    let (line, column) = (error.line(), error.column());
    match error.classify() {
        serde_json::error::Category::Data if first_look => JsonError::Duplicate { line, column },
        serde_json::error::Category::Data => JsonError::Shape { line, column },
        serde_json::error::Category::Syntax
        | serde_json::error::Category::Eof
        | serde_json::error::Category::Io => JsonError::Syntax { line, column },
    }
}

/// Any JSON without a member twice; it keeps nothing.
struct Once;

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(OnceVisitor)
    }
}

struct OnceVisitor;

impl<'de> Visitor<'de> for OnceVisitor {
    type Value = Once;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_str<E>(self, _: &str) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_unit<E>(self) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Once, A::Error> {
        while items.next_element::<Once>()?.is_some() {}
        Ok(Once)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Once, A::Error> {
        let mut names = BTreeSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if !names.insert(name) {
                return Err(de::Error::custom("a member stands there twice"));
            }
            members.next_value::<Once>()?;
        }
        Ok(Once)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, PartialEq, Serialize)]
    struct Body {
        n: u32,
    }

    #[track_caller]
    fn check(text: &[u8], expected: Result<u32, JsonError>) {
        assert_eq!(read::<Body>(text, 64).map(|body| body.n), expected);
    }

    #[test]
    fn unknown_members_are_ignored() {
        check(br#"{"n":1,"m":{"a":[1,2.5,null,true,"x"]}}"#, Ok(1));
    }

    /// The control is the parser alone, which takes the last of two members it does not know.
    #[test]
    fn a_member_twice_is_refused_at_any_depth_and_in_any_spelling() {
        assert!(serde_json::from_str::<Body>(r#"{"n":1,"m":1,"m":2}"#).is_ok());
        check(br#"{"n":1,"n":2}"#, Err(JsonError::Duplicate { line: 1, column: 10 }));
        for text in [r#"{"n":1,"m":1,"m":2}"#, r#"{"n":1,"m":[{"a":1,"a":1}]}"#, r#"{"n":1,"\u006e":1}"#] {
            assert!(matches!(read::<Body>(text.as_bytes(), 64), Err(JsonError::Duplicate { .. })), "{text}");
        }
    }

    #[test]
    fn what_is_too_large_is_not_parsed() {
        check(&[b'x'; 65], Err(JsonError::TooLarge { bytes: 65, cap: 64 }));
    }

    #[test]
    fn what_is_no_json_or_of_another_shape_says_where() {
        check(b"{\"n\":1} x", Err(JsonError::Syntax { line: 1, column: 9 }));
        check(b"{\"n\":", Err(JsonError::Syntax { line: 1, column: 5 }));
        check(b"\xff\xfe{\0", Err(JsonError::Syntax { line: 1, column: 1 }));
        check(b"{\"n\":1e999}", Err(JsonError::Syntax { line: 1, column: 10 }));
        for text in
            ["{}", "{\"n\":-1}", "{\"n\":1.0}", "{\"n\":\"1\"}", "{\"n\":null}", "[]", "{\"n\":4294967296}"]
        {
            assert!(matches!(read::<Body>(text.as_bytes(), 64), Err(JsonError::Shape { .. })), "{text}");
        }
        check(b"[1]", Err(JsonError::Shape { line: 1, column: 1 }));
        let deep = "{\"a\":[".repeat(9);
        assert!(matches!(read::<Body>(deep.as_bytes(), 64), Err(JsonError::Syntax { .. })));
    }

    #[test]
    fn an_error_never_quotes_what_stood_there() {
        let error = read::<Body>(br#"{"n":"hunter2"}"#, 64).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}
