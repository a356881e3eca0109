//! One shape of Java's serialised objects, and no other: a `java.util.HashMap` from text to text. It is parsed, never
//! deserialised: no class that the file names is looked for.
//!
//! Source: Java Object Serialization Specification, section 6.4.

use super::MAX_ENTRIES;
use super::error::ImportError;
use super::format::Format;
use super::found::Place;
use crate::secret::SecretText;

/// `STREAM_MAGIC` and `STREAM_VERSION`.
pub(super) const MAGIC: &[u8] = b"\xac\xed\x00\x05";

/// The byte at which the file stops being such a map.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct JavaError(pub(super) usize);

impl JavaError {
    /// Returns it as the error of a whole file.
    pub(super) fn of(self, format: Format) -> ImportError {
        ImportError::Damaged(format, Place::byte(self.0 as u64))
    }
}

/// Reads the map, in the file's order.
///
/// # Errors
/// [`JavaError`] for every other object, and for more than an import may have entries, keys counted apart.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<(String, SecretText)>, JavaError> {
    let mut stream = Stream { bytes, at: 0 };
    stream.expect(MAGIC)?;
    stream.expect(&[TC_OBJECT, TC_CLASSDESC])?;
    stream.expect(&prefixed(b"java.util.HashMap"))?;
    stream.expect(&SERIAL_VERSION.to_be_bytes())?;
    // It writes its content itself (SC_SERIALIZABLE and SC_WRITE_METHOD), after two fields that say nothing to us.
    stream.expect(&[0x03, 0, 2])?;
    stream.expect(&[b"F".as_slice(), &prefixed(b"loadFactor")].concat())?;
    stream.expect(&[b"I".as_slice(), &prefixed(b"threshold")].concat())?;
    stream.expect(&[TC_ENDBLOCKDATA, TC_NULL])?;
    stream.take(4 + 4)?;
    // Then a block of data: the number of buckets, and of entries.
    stream.expect(&[TC_BLOCKDATA, 8])?;
    stream.take(4)?;
    let count = stream.number(4)?;
    // For every token its key, and one master key; the smallest pair has six bytes.
    if count > 2 * MAX_ENTRIES as u64 + 1 {
        return Err(JavaError(stream.at));
    }
    let mut map = Vec::new();
    for _ in 0..count {
        let key = stream.text()?.expose().to_owned();
        map.push((key, stream.text()?));
    }
    stream.expect(&[TC_ENDBLOCKDATA])?;
    Ok(map)
}

const SERIAL_VERSION: u64 = 362_498_820_763_181_265;

const TC_NULL: u8 = 0x70;
const TC_CLASSDESC: u8 = 0x72;
const TC_OBJECT: u8 = 0x73;
const TC_STRING: u8 = 0x74;
const TC_BLOCKDATA: u8 = 0x77;
const TC_ENDBLOCKDATA: u8 = 0x78;
const TC_LONGSTRING: u8 = 0x7c;

/// Returns a name behind its length.
fn prefixed(name: &[u8]) -> Vec<u8> {
    [&(name.len() as u16).to_be_bytes(), name].concat()
}

struct Stream<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Stream<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], JavaError> {
        let taken = self.bytes[self.at..].get(..len).ok_or(JavaError(self.at))?;
        self.at += len;
        Ok(taken)
    }

    fn expect(&mut self, expected: &[u8]) -> Result<(), JavaError> {
        let at = self.at;
        if self.take(expected.len())? == expected { Ok(()) } else { Err(JavaError(at)) }
    }

    fn number(&mut self, len: usize) -> Result<u64, JavaError> {
        Ok(self.take(len)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// Reads a text of either length. An equal text that stood there before would be a reference; keys are unique, and
    /// two values are never equal, so that there are none.
    fn text(&mut self) -> Result<SecretText, JavaError> {
        let at = self.at;
        let len = match self.take(1)? {
            [TC_STRING] => self.number(2)?,
            [TC_LONGSTRING] => self.number(8)?,
            _ => return Err(JavaError(at)),
        };
        let bytes = self.take(usize::try_from(len).map_err(|_| JavaError(at))?)?;
        modified_utf8(bytes).ok_or(JavaError(at))
    }
}

/// Decodes UTF-8 as Java modifies it: zero has two bytes, and what is beyond 16 bits two halves of three bytes each.
fn modified_utf8(bytes: &[u8]) -> Option<SecretText> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(SecretText::from(text));
    }
    let mut units = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    loop {
        let (unit, len) = match *rest {
            [] => break,
            [a @ 1..0x80, ..] => (u16::from(a), 1),
            [a @ 0xc0..0xe0, b @ 0x80..0xc0, ..] => (u16::from(a & 0x1f) << 6 | u16::from(b & 0x3f), 2),
            [a @ 0xe0..0xf0, b @ 0x80..0xc0, c @ 0x80..0xc0, ..] => {
                (u16::from(a & 0xf) << 12 | u16::from(b & 0x3f) << 6 | u16::from(c & 0x3f), 3)
            }
            _ => return None,
        };
        units.push(unit);
        rest = &rest[len..];
    }
    // Half a character alone cannot be said in Rust; it can only stand in a name.
    let text: String =
        char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    Some(SecretText::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> Vec<u8> {
        match u16::try_from(bytes.len()) {
            Ok(len) => [&[TC_STRING], &len.to_be_bytes()[..], bytes].concat(),
            Err(_) => [&[TC_LONGSTRING], &(bytes.len() as u64).to_be_bytes()[..], bytes].concat(),
        }
    }

    /// What `ObjectOutputStream` writes before the first entry, taken from the specification.
    fn map(count: u32, entries: &[Vec<u8>]) -> Vec<u8> {
        let mut file = b"\xac\xed\x00\x05sr\x00\x11java.util.HashMap".to_vec();
        file.extend(b"\x05\x07\xda\xc1\xc3\x16\x60\xd1\x03\x00\x02F\x00\x0aloadFactorI\x00\x09thresholdxp");
        file.extend(b"?@\0\0\0\0\0\x0cw\x08\0\0\0\x10");
        file.extend(count.to_be_bytes());
        file.extend(entries.concat());
        file.push(TC_ENDBLOCKDATA);
        file
    }

    #[track_caller]
    fn check(file: &[u8], expected: Result<&[(&str, &str)], JavaError>) {
        let read = read(file);
        let texts =
            read.as_ref().map(|map| map.iter().map(|(key, text)| (key.as_str(), text.expose())).collect());
        assert_eq!(texts.map_err(|error| *error), expected.map(<[_]>::to_vec));
    }

    #[test]
    fn texts_short_and_long_are_read_in_their_order() {
        check(&map(0, &[]), Ok(&[]));
        let long = "x".repeat(70_000);
        let file = map(2, &[text(b"b"), text(long.as_bytes()), text(b"a"), text(b"")]);
        check(&file, Ok(&[("b", &long), ("a", "")]));
    }

    #[test]
    fn javas_own_utf_8_is_read() {
        let key = b"\xed\xa0\xbd\xed\xb4\x91 \xc0\x80 \xc3\xa9 \xe2\x82\xac \xed\xa0\xbd";
        check(&map(1, &[text(key), text(b"v")]), Ok(&[("\u{1f511} \0 é € \u{fffd}", "v")]));
        check(&map(1, &[text(b"\xff"), text(b"v")]), Err(JavaError(81)));
        check(&map(1, &[text(b"\xc3"), text(b"v")]), Err(JavaError(81)));
    }

    #[test]
    fn any_other_object_is_refused_where_it_differs() {
        let file = map(1, &[text(b"a"), text(b"b")]);
        for end in 0..file.len() {
            assert!(read(&file[..end]).is_err(), "{end}");
        }
        let mut other = file.clone();
        other[8] = b'J';
        check(&other, Err(JavaError(6)));
        // An object as a value: tag of an object, or of a reference.
        for tag in [TC_OBJECT, TC_NULL, 0x71] {
            let mut other = file.clone();
            other[85] = tag;
            check(&other, Err(JavaError(85)));
        }
    }

    #[test]
    fn lengths_and_counts_that_lie_take_no_memory() {
        check(&map(u32::MAX, &[]), Err(JavaError(81)));
        check(&map(20_000, &[]), Err(JavaError(81)));
        let long = [&[TC_LONGSTRING][..], &u64::MAX.to_be_bytes()].concat();
        check(&map(1, &[long]), Err(JavaError(90)));
    }
}
