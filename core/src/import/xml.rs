//! Android's preferences: one `<map>` of named values in XML, as `SharedPreferences` keeps them.

use std::borrow::Cow;
use std::mem;

use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zeroize::Zeroizing;

use super::MAX_ENTRIES;
use super::error::ImportError;
use super::format::Format;
use super::found::Place;
use crate::secret::SecretText;

/// The names and values of one file, in its order. Texts alone: no app keeps an account in a number.
pub(super) struct Preferences(Vec<(String, SecretText)>);

/// That the file is no map of preferences, or is cut off; the byte at which that shows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct XmlError(pub(super) u64);

impl XmlError {
    /// Returns it as the error of a whole file.
    pub(super) fn of(self, format: Format) -> ImportError {
        ImportError::Damaged(format, Place::byte(self.0))
    }
}

/// Tells whether `bytes` begin as a file of preferences does and hold `mark` as they stand.
pub(super) fn is_preferences(bytes: &[u8], mark: &str) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    (text.starts_with(b"<?xml") || text.starts_with(b"<map"))
        && bytes.windows(mark.len()).any(|window| window == mark.as_bytes())
}

impl Preferences {
    /// Reads `<map><string name="…">…</string>…</map>`; values of other types are passed over.
    ///
    /// # Errors
    /// [`XmlError`], also when there are more values than an import may have entries and a few more.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, XmlError> {
        let text = std::str::from_utf8(bytes).map_err(|error| XmlError(error.valid_up_to() as u64))?;
        let mut xml = Reader::from_str(text);
        let mut read = Vec::new();
        let mut depth = 0_usize;
        let mut open: Option<(String, Zeroizing<String>)> = None;
        loop {
            let at = XmlError(xml.buffer_position());
            match xml.read_event().map_err(|_| at)? {
                Event::Start(tag) => {
                    match depth {
                        0 if tag.name().as_ref() != "map" => return Err(at),
                        1 if tag.name().as_ref() == "string" => {
                            let value =
                                Zeroizing::new(String::with_capacity(length(text, xml.buffer_position())));
                            open = Some((name_of(&tag).ok_or(at)?, value));
                        }
                        // The texts of a set, or whatever else may come.
                        0..3 => {}
                        _ => return Err(at),
                    }
                    depth += 1;
                }
                Event::End(_) => {
                    depth = depth.checked_sub(1).ok_or(at)?;
                    if let (1, Some((name, mut value))) = (depth, open.take()) {
                        read.push((name, SecretText::new(mem::take(&mut *value))));
                    }
                    if depth == 0 {
                        return Ok(Self(read));
                    }
                }
                Event::Empty(tag) if depth == 1 && tag.name().as_ref() == "string" => {
                    read.push((name_of(&tag).ok_or(at)?, SecretText::from("")));
                }
                Event::Text(text) => append(&mut open, &text.xml10_content()),
                Event::CData(text) => append(&mut open, &text.xml10_content()),
                Event::GeneralRef(entity) => match entity.resolve_char_ref().map_err(|_| at)? {
                    Some(character) => append(&mut open, character.encode_utf8(&mut [0; 4])),
                    None => append(&mut open, resolve_xml_entity(&entity).ok_or(at)?),
                },
                Event::Eof => return Err(at),
                Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
            if read.len() > 2 * MAX_ENTRIES {
                return Err(at);
            }
        }
    }

    /// Returns the text called `name`.
    pub(super) fn get(&self, name: &str) -> Option<&SecretText> {
        self.texts().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Returns all texts with their names, in the file's order.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&str, &SecretText)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

/// Returns how many bytes a value has at most that begins at `start`: growing would leave copies of a secret behind.
fn length(text: &str, start: u64) -> usize {
    let rest = usize::try_from(start).ok().and_then(|start| text.get(start..)).unwrap_or("");
    rest.find('<').unwrap_or(rest.len())
}

/// Returns the `name` of an element; `None` when it has none.
fn name_of(tag: &BytesStart<'_>) -> Option<String> {
    let name = tag.try_get_attribute("name").ok()??;
    name.normalized_value(XmlVersion::Explicit1_0).ok().map(Cow::into_owned)
}

/// Adds to the value that is being read, if one is.
fn append(open: &mut Option<(String, Zeroizing<String>)>, text: &str) {
    if let Some((_, value)) = open {
        value.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(xml: &str, expected: Result<&[(&str, &str)], XmlError>) {
        let read = Preferences::read(xml.as_bytes());
        let texts =
            read.as_ref().map(|read| read.texts().map(|(name, text)| (name, text.expose())).collect());
        assert_eq!(texts.map_err(|error| *error), expected.map(<[_]>::to_vec));
    }

    #[test]
    fn texts_are_read_with_their_names_and_other_values_are_passed_over() {
        check(
            "<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n<map>\n  <int name=\"a\" value=\"1\" />\n  \
             <string name=\"b\">one</string>\n <set name=\"c\"><string>x</string></set><string name=\"d\" />\
             <boolean name=\"e\" value=\"false\"></boolean></map>\n",
            Ok(&[("b", "one"), ("d", "")]),
        );
    }

    #[test]
    fn escapes_are_taken_back_in_names_and_values() {
        check(
            "<map><string name=\"A&amp;B&#10;:&quot;\">{&quot;k&quot;:&#39;&#x20ac; &lt;&amp;lt;&gt;}<![CDATA[<&amp;>]]></string></map>",
            Ok(&[("A&B\n:\"", "{\"k\":'\u{20ac} <&lt;>}<&amp;>")]),
        );
    }

    #[test]
    fn what_is_no_map_or_is_cut_off_says_where() {
        check("<plist><string name='a'>x</string></plist>", Err(XmlError(0)));
        check("<map><string name='a'>x</string>", Err(XmlError(32)));
        check("<map><string name='a'>x", Err(XmlError(23)));
        check("<map><string>x</string></map>", Err(XmlError(5)));
        check("<map><string name='a'>&unknown;</string></map>", Err(XmlError(22)));
        check("<map><string name='a'>x</map>", Err(XmlError(23)));
        check("<map><a><b><c/><d></d></b></a></map>", Err(XmlError(15)));
        check("", Err(XmlError(0)));
        assert_eq!(Preferences::read(b"<map>\xff</map>").err(), Some(XmlError(5)));
    }

    /// Entities that a file declares itself are unknown here: none can grow.
    #[test]
    fn an_entity_of_the_files_own_is_refused() {
        let bomb = "<!DOCTYPE map [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><map><string name='a'>&b;</string></map>";
        assert!(Preferences::read(bomb.as_bytes()).is_err());
    }

    #[test]
    fn more_values_than_an_import_has_entries_are_refused() {
        let one = "<string name='a'>x</string>";
        let xml = |count| format!("<map>{}</map>", one.repeat(count));
        assert!(Preferences::read(xml(2 * MAX_ENTRIES).as_bytes()).is_ok());
        assert!(Preferences::read(xml(2 * MAX_ENTRIES + 1).as_bytes()).is_err());
    }

    #[test]
    fn preferences_are_known_by_their_beginning_and_a_mark() {
        assert!(is_preferences(
            b"\xef\xbb\xbf <?xml version='1.0'?><map><string name=\"key.of.app",
            "key.of.app"
        ));
        assert!(is_preferences(b"<map>key.of.app", "key.of.app"));
        assert!(!is_preferences(b"<map>key.of.other", "key.of.app"));
        assert!(!is_preferences(b"{\"<map>\":\"key.of.app\"}", "key.of.app"));
    }
}
