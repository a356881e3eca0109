//! One source as detection sees it: what is costly to look at is looked at once, and damage does not hinder.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::Source;
use super::archive;
use super::encodings::without_mark;

/// How deep names of JSON members are noted.
const MAX_DEPTH: usize = 5;

/// The most names of JSON members that are noted.
const MAX_NAMES: usize = 1000;

/// A source, and what has been seen of it.
pub(super) struct Sight<'a> {
    pub(super) source: Source<'a>,
    names: OnceCell<BTreeSet<String>>,
    archive: OnceCell<Vec<String>>,
}

impl<'a> Sight<'a> {
    pub(super) fn new(source: Source<'a>) -> Self {
        Self { source, names: OnceCell::new(), archive: OnceCell::new() }
    }

    /// Tells whether the source begins with these bytes.
    pub(super) fn begins(&self, magic: &[u8]) -> bool {
        self.source.bytes.starts_with(magic)
    }

    /// Returns the source without a byte order mark and the space before the first character.
    pub(super) fn text(&self) -> &'a [u8] {
        without_mark(self.source.bytes).trim_ascii_start()
    }

    /// Tells whether the text begins with these letters, in any case.
    pub(super) fn text_begins(&self, letters: &str) -> bool {
        self.text().get(..letters.len()).is_some_and(|start| start.eq_ignore_ascii_case(letters.as_bytes()))
    }

    /// Tells whether a JSON text has this member, as far as it can be followed; a cut text has those before the cut.
    ///
    /// `"header.slots"` is a member of a member, `"[].otpGenerator"` one of an item of a list, and `*` is any name:
    /// `"accounts.*.shared_secret"`.
    pub(super) fn has(&self, path: &str) -> bool {
        let names = self.names.get_or_init(|| names(self.text()));
        names.contains(path) || (path.contains('*') && names.iter().any(|name| fits(name, path)))
    }

    /// Returns the names of the files in an archive, whole or damaged; none when it is no archive.
    pub(super) fn archive(&self) -> &[String] {
        let bytes = self.source.bytes;
        self.archive
            .get_or_init(|| if archive::is_archive(bytes) { archive::names(bytes) } else { Vec::new() })
    }

    /// Tells whether the source is an archive with a file at `path`, or at a path that ends so.
    pub(super) fn archived(&self, path: &str) -> bool {
        self.archive().iter().any(|name| archive::is_at(name, path))
    }
}

fn fits(name: &str, path: &str) -> bool {
    let (mut name, mut path) = (name.split('.'), path.split('.'));
    loop {
        match (name.next(), path.next()) {
            (None, None) => return true,
            (Some(name), Some(wanted)) if wanted == "*" || name == wanted => {}
            _ => return false,
        }
    }
}

/// Returns the paths of the members of a JSON text. It follows brackets and quotes alone, and never fails.
fn names(text: &[u8]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    // The path of each open bracket, and the text read last, which is a name when a colon follows.
    let mut open: Vec<String> = Vec::new();
    let mut last: &[u8] = &[];
    let mut member = String::new();
    if !matches!(text.first(), Some(b'{' | b'[')) {
        return found;
    }
    let mut at = 0;
    while let Some(byte) = text.get(at).filter(|_| found.len() < MAX_NAMES) {
        at += 1;
        match byte {
            b'"' => {
                let start = at;
                at = end_of_text(text, start);
                last = &text[start..at.min(text.len())];
                at += 1;
            }
            b':' if open.len() <= MAX_DEPTH => {
                let path = open.last().map_or("", String::as_str);
                let name = String::from_utf8_lossy(last.get(..64).unwrap_or(last));
                member = if path.is_empty() { name.into_owned() } else { format!("{path}.{name}") };
                found.insert(member.clone());
            }
            b'{' => open.push(std::mem::take(&mut member)),
            b'[' => {
                member.push_str("[]");
                open.push(std::mem::take(&mut member));
            }
            b'}' | b']' => {
                open.pop();
            }
            b',' => {
                member.clear();
                // The next item of a list has the list's path.
                if let Some(list) = open.last().filter(|path| path.ends_with("[]")) {
                    member.clone_from(list);
                }
            }
            _ => {}
        }
        // The first item of a list, too.
        if *byte == b'[' && open.len() <= MAX_DEPTH {
            member = open.last().cloned().unwrap_or_default();
        }
        if open.len() > 10_000 {
            break;
        }
    }
    found
}

/// Returns where the quote stands that ends the text that begins at `start`, or the text's end.
fn end_of_text(text: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sight(text: &str) -> Sight<'_> {
        Sight::new(Source { name: "", bytes: text.as_bytes() })
    }

    #[test]
    fn members_are_found_by_their_path() {
        let text = r#" {"header": {"slots": [{"type": 1}, {"uuid": ""}], "params": null}, "db": "a\"b:c", "x": [1, 2]}"#;
        let sight = sight(text);
        for path in [
            "header",
            "header.slots",
            "header.slots[].type",
            "header.slots[].uuid",
            "header.params",
            "db",
            "x",
        ] {
            assert!(sight.has(path), "{path}");
        }
        for path in ["slots", "b", "header.db", "params", "type"] {
            assert!(!sight.has(path), "{path}");
        }
    }

    #[test]
    fn a_star_is_any_name() {
        let sight = sight(r#"{"accounts": {"7656": {"shared_secret": "x"}}}"#);
        assert!(sight.has("accounts.*.shared_secret"));
        assert!(!sight.has("*.shared_secret"));
    }

    #[test]
    fn a_cut_text_has_the_members_before_the_cut() {
        let sight = sight(r#"[{"otpGenerator": {"otpSec"#);
        assert!(sight.has("[].otpGenerator"));
    }

    #[test]
    fn what_is_no_json_has_no_members() {
        assert!(!sight(r#"x {"a": 1}"#).has("a"));
    }
}
