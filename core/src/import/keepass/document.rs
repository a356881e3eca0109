//! The XML document inside a KDBX file, read as a stream: groups, entries, and the few fields that matter here.
//!
//! Source: keepass.info/help/download/KDBX_XML.xsd. History and the recycle bin are passed over, but the stream under
//! protected values runs through them too.

use std::io::{self, BufRead, Read};

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use zeroize::Zeroizing;

use super::header::damaged;
use super::protected::Stream;
use super::record::Record;
use crate::import::encodings;
use crate::import::error::ImportError;
use crate::import::formats::Opening;

/// The most bytes of one text: an attachment of version 3 is one, too.
const MAX_TEXT_BYTES: usize = 16 * 1024 * 1024;

/// The most bytes of all icons that are kept.
const MAX_ICON_BYTES: usize = 4 * 1024 * 1024;

/// How deep elements may lie in each other.
const MAX_DEPTH: usize = 200;

/// The elements that mean something here.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Element {
    Meta,
    RecycleBinUuid,
    Icon,
    Data,
    Group,
    Entry,
    History,
    String,
    Key,
    Value,
    Uuid,
    Name,
    Tags,
    CustomIconUuid,
    Other,
}

/// Calls `each` with every entry that is neither in the recycle bin nor in the history of another.
///
/// # Errors
/// [`ImportError::Damaged`], [`ImportError::TooLarge`], [`ImportError::Stopped`].
pub(super) fn each_entry(
    document: impl BufRead,
    stream: Stream,
    opening: &Opening<'_>,
    each: impl FnMut(Record),
) -> Result<(), ImportError> {
    let mut reader = Reader::from_reader(Short { inner: document, text: 0 });
    reader.config_mut().expand_empty_elements = true;
    let mut walk = Walk {
        stream,
        open: Vec::new(),
        protected: false,
        text: Zeroizing::new(String::new()),
        recycle_bin: None,
        icons: Vec::new(),
        icon: None,
        icon_bytes: 0,
        groups: Vec::new(),
        key: String::new(),
        entry: None,
        each,
    };
    let mut buffer = Zeroizing::new(Vec::new());
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(|_| damaged("document"))? {
            Event::Start(start) => {
                opening.go_on()?;
                walk.start(&start)?;
            }
            Event::End(_) => walk.end()?,
            Event::Text(text) => walk.push(&text)?,
            Event::CData(text) => walk.push(&text)?,
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().ok().flatten();
                match character {
                    Some(character) => walk.push(character.encode_utf8(&mut [0; 4]))?,
                    None => walk.push(resolve_predefined_entity(&reference).unwrap_or(""))?,
                }
            }
            Event::Eof if walk.open.is_empty() => return Ok(()),
            Event::Eof => return Err(damaged("document")),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

struct Group {
    name: String,
    in_recycle_bin: bool,
}

/// Where the reader stands, and what it has seen of what is open.
struct Walk<F> {
    stream: Stream,
    open: Vec<Element>,
    /// Whether the innermost element's text is covered.
    protected: bool,
    text: Zeroizing<String>,
    recycle_bin: Option<[u8; 16]>,
    icons: Vec<([u8; 16], Vec<u8>)>,
    icon: Option<[u8; 16]>,
    icon_bytes: usize,
    groups: Vec<Group>,
    key: String,
    /// The entry that is open and no history.
    entry: Option<Record>,
    each: F,
}

impl<F: FnMut(Record)> Walk<F> {
    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), ImportError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(damaged("document"));
        }
        let element = Element::named(start.name().as_ref());
        let protected = start.try_get_attribute("Protected").map_err(|_| damaged("document"))?;
        self.protected = protected.is_some_and(|value| value.value.eq_ignore_ascii_case("true"));
        self.text.clear();
        match element {
            Element::Group => self.groups.push(Group {
                name: String::new(),
                in_recycle_bin: self.groups.last().is_some_and(|group| group.in_recycle_bin),
            }),
            Element::Entry if !self.open.contains(&Element::History) => {
                // The root group is the database itself.
                let group = self.groups.iter().skip(1).next_back().map(|group| group.name.clone());
                self.entry = Some(Record::new(group.unwrap_or_default()));
            }
            _ => {}
        }
        self.open.push(element);
        Ok(())
    }

    fn push(&mut self, text: &str) -> Result<(), ImportError> {
        if self.text.len() + text.len() > MAX_TEXT_BYTES {
            return Err(ImportError::TooLarge(MAX_TEXT_BYTES as u64));
        }
        if self.open.last().is_some_and(|element| self.protected || element.has_text()) {
            self.text.push_str(text);
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), ImportError> {
        let Some(element) = self.open.pop() else { return Err(damaged("document")) };
        let parent = self.open.last().copied().unwrap_or(Element::Other);
        let in_history = self.open.contains(&Element::History);
        let text = Zeroizing::new(std::mem::take(&mut *self.text));
        let text = if std::mem::take(&mut self.protected) { self.uncover(&text)? } else { text };
        match (parent, element) {
            (Element::Meta, Element::RecycleBinUuid) => self.recycle_bin = uuid(&text),
            (Element::Icon, Element::Uuid) => self.icon = uuid(&text),
            (Element::Icon, Element::Data) => self.keep_icon(&text),
            (Element::Group, Element::Uuid) => {
                let is_bin =
                    uuid(&text).is_some_and(|uuid| self.recycle_bin == Some(uuid) && uuid != [0; 16]);
                if let Some(group) = self.groups.last_mut() {
                    group.in_recycle_bin |= is_bin;
                }
            }
            (Element::Group, Element::Name) => {
                if let Some(group) = self.groups.last_mut() {
                    group.name = text.chars().take(200).collect();
                }
            }
            (Element::String, Element::Key) => self.key = text.chars().take(200).collect(),
            (Element::String, Element::Value) if !in_history => {
                if let Some(entry) = &mut self.entry {
                    entry.field(&self.key, &text);
                }
            }
            (Element::Entry, Element::Tags) if !in_history => {
                if let Some(entry) = &mut self.entry {
                    entry.tags(&text);
                }
            }
            (Element::Entry, Element::CustomIconUuid) if !in_history => self.use_icon(&text),
            (_, Element::Group) => drop(self.groups.pop()),
            (_, Element::Entry) if !in_history => {
                let in_bin = self.groups.last().is_some_and(|group| group.in_recycle_bin);
                if let Some(entry) = self.entry.take().filter(|_| !in_bin) {
                    (self.each)(entry);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Returns what a covered text says; the stream goes on by as many bytes, whatever it is.
    fn uncover(&mut self, text: &str) -> Result<Zeroizing<String>, ImportError> {
        let mut value = encodings::base64(text).ok_or_else(|| damaged("protected value"))?;
        self.stream.uncover(value.expose_mut()).ok_or_else(|| damaged("protected value"))?;
        Ok(Zeroizing::new(String::from_utf8_lossy(value.expose()).into_owned()))
    }

    fn keep_icon(&mut self, text: &str) {
        let (Some(uuid), Some(data)) = (self.icon.take(), encodings::base64(text)) else { return };
        self.icon_bytes += data.len();
        if self.icon_bytes <= MAX_ICON_BYTES {
            self.icons.push((uuid, data.expose().to_vec()));
        }
    }

    fn use_icon(&mut self, text: &str) {
        let wanted = uuid(text);
        let icon = self.icons.iter().find(|(known, _)| Some(*known) == wanted).map(|(_, data)| data);
        if let (Some(entry), Some(icon)) = (&mut self.entry, icon) {
            entry.icon = Some(icon.clone());
        }
    }
}

impl Element {
    fn named(name: &str) -> Self {
        match name {
            "Meta" => Self::Meta,
            "RecycleBinUUID" => Self::RecycleBinUuid,
            "Icon" => Self::Icon,
            "Data" => Self::Data,
            "Group" => Self::Group,
            "Entry" => Self::Entry,
            "History" => Self::History,
            "String" => Self::String,
            "Key" => Self::Key,
            "Value" => Self::Value,
            "UUID" => Self::Uuid,
            "Name" => Self::Name,
            "Tags" => Self::Tags,
            "CustomIconUUID" => Self::CustomIconUuid,
            _ => Self::Other,
        }
    }

    /// Tells whether its text matters.
    fn has_text(self) -> bool {
        match self {
            Self::RecycleBinUuid
            | Self::Data
            | Self::Key
            | Self::Value
            | Self::Uuid
            | Self::Name
            | Self::Tags
            | Self::CustomIconUuid => true,
            Self::Meta
            | Self::Icon
            | Self::Group
            | Self::Entry
            | Self::History
            | Self::String
            | Self::Other => false,
        }
    }
}

fn uuid(text: &str) -> Option<[u8; 16]> {
    encodings::base64(text)?.expose().try_into().ok()
}

/// A reader that fails when more than [`MAX_TEXT_BYTES`] go by without a tag: the XML reader would hold them all.
struct Short<R> {
    inner: R,
    text: usize,
}

impl<R: BufRead> Read for Short<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(out)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Short<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.text > MAX_TEXT_BYTES {
            return Err(io::ErrorKind::InvalidData.into());
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        // A short look back is enough: what was filled before is in memory still.
        let seen = self
            .inner
            .fill_buf()
            .map(|bytes| memchr::memrchr2(b'<', b'>', &bytes[..amount.min(bytes.len())]));
        match seen {
            Ok(Some(tag)) => self.text = amount - tag,
            Ok(None) | Err(_) => self.text += amount,
        }
        self.inner.consume(amount);
    }
}
