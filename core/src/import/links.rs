//! Links that carry accounts, from a list of texts: one a line, in a page, or in pictures. Parts of a Google migration
//! may come in any order, from several sources.
//!
//! Sources: Key URI Format; for `codeDisplay`, ente-io/ente `mobile/apps/auth/lib/models/code_display.dart`.

use super::encodings::without_mark;
use super::error::ImportError;
use super::format::Format;
use super::formats::{Importer, Opening};
use super::found::{Entry, Imported, Place, Reason};
use super::sight::Sight;
use super::{MAX_ENTRIES, Source, ente, html, pictures};
use crate::secret::SecretText;
use crate::uri::migration::{Adding, Batch, Part};
use crate::uri::{self, Text, UriError};

pub(super) const ENTE: Importer = Importer::new(Format::Ente, knows_ente, read).of_links();
pub(super) const GOOGLE: Importer = Importer::new(Format::GoogleMigration, knows_google, read).of_links();
pub(super) const LIST: Importer = Importer::new(Format::UriList, knows, read).of_links();

/// What begins a link of ours, in small letters.
pub(super) const SCHEMES: [&str; 4] = ["otpauth://", "otpauth-migration://", "motp://", "steam://"];

/// How much of a text detection looks at, in bytes.
const LOOKED_AT: usize = 256 * 1024;

fn knows(sight: &Sight<'_>) -> bool {
    first_link(sight, |_| true)
}

fn knows_google(sight: &Sight<'_>) -> bool {
    first_link(sight, |link| begins(link, "otpauth-migration:"))
}

fn knows_ente(sight: &Sight<'_>) -> bool {
    first_link(sight, |link| link.contains(ente::DISPLAY))
}

fn first_link(sight: &Sight<'_>, fits: impl Fn(&str) -> bool) -> bool {
    let text = sight.text();
    let start = text.get(..LOOKED_AT).unwrap_or(text);
    // A zero byte stands in no text.
    !start.contains(&0) && links_in(&String::from_utf8_lossy(start)).next().is_some_and(fits)
}

/// Reads lists, pages and pictures together.
pub(super) fn read(opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let mut links = Links::new(opening.sources.len() == 1);
    let mut formats = Vec::new();
    for (number, source) in opening.sources.iter().enumerate() {
        opening.go_on()?;
        let format = super::detect(source).unwrap_or(Format::UriList);
        formats.push(format);
        match format {
            Format::Picture => pictures::read(source, number, &mut links, opening)?,
            Format::Html => html::read(source, number, &mut links, opening)?,
            _ => links.take_lines(text_of(source).expose(), number, opening)?,
        }
    }
    let format = if links.only_migrations() { Format::GoogleMigration } else { formats[0] };
    Ok(links.imported(format))
}

/// Reads a text of one link a line that another format had inside.
pub(super) fn read_text(text: &str, format: Format, opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let mut links = Links::new(true);
    links.take_lines(text, 0, opening)?;
    Ok(links.imported(format))
}

/// Links as they are found, until all sources were looked through.
pub(super) struct Links {
    found: Vec<Found>,
    batches: Vec<Batch>,
    /// Whether there is one source only: a code without its PIN may be scanned alone.
    alone: bool,
    /// How many one-time passwords were found, the parts of migrations opened.
    seen: usize,
    /// How many of them were beyond the cap.
    beyond: usize,
}

enum Found {
    Entry(Place, Box<Result<Entry, Reason>>),
    /// All parts of one migration stand where the first was found.
    Batch(usize),
}

impl Links {
    fn new(alone: bool) -> Self {
        Self { found: Vec::new(), batches: Vec::new(), alone, seen: 0, beyond: 0 }
    }

    /// Takes every link of a text, one a line. Other lines are comments, or what a mail program wrote.
    fn take_lines(&mut self, text: &str, source: usize, opening: &Opening<'_>) -> Result<(), ImportError> {
        for link in links_in(text) {
            opening.go_on()?;
            self.take(link, source, false);
        }
        Ok(())
    }

    /// Takes one text. `scanned` says that it is the code of a picture, which may be anything.
    pub(super) fn take(&mut self, text: &str, source: usize, scanned: bool) {
        if self.seen >= MAX_ENTRIES {
            self.beyond += 1;
            return;
        }
        let problem = |reason| Found::Entry(Place { source, ..Place::default() }, Box::new(Err(reason)));
        let found = match uri::classify(text) {
            Text::Account(account) => {
                let place = Place { source, ..Place::account(0, &account.issuer, &account.account_name) };
                let without_pin = account.otp.needs_pin() && !(scanned && self.alone);
                let entry =
                    if without_pin { Err(Reason::NeedsPin) } else { Ok(Entry::new(place.clone(), account)) };
                Found::Entry(place, Box::new(entry))
            }
            Text::Migration(part) => match self.take_part(&part) {
                Some(batch) => Found::Batch(batch),
                None => return,
            },
            Text::Broken(error) => problem(Reason::Uri(error)),
            Text::BrokenMigration(_) => problem(Reason::Uri(UriError::Damaged)),
            Text::OtpauthWithoutSecret => problem(Reason::MustBeEnrolledAgain),
            Text::Enrolment { .. } | Text::VendorPush { .. } => problem(Reason::MustBeEnrolledAgain),
            Text::PushMatch(_)
            | Text::Move(_)
            | Text::Passkey
            | Text::Wifi
            | Text::Contact
            | Text::Url
            | Text::OtherLink
            | Text::Plain => problem(Reason::UnknownKind),
        };
        if matches!(found, Found::Entry(..)) {
            self.seen += 1;
        }
        self.found.push(found);
    }

    /// Names a source that should hold a link and shows none.
    pub(super) fn take_nothing(&mut self, source: usize) {
        self.found.push(Found::Entry(Place { source, ..Place::default() }, Box::new(Err(Reason::NoCode))));
    }

    /// Puts a part to its batch; says which when it is the first of it.
    fn take_part(&mut self, part: &Part) -> Option<usize> {
        let entries = part.accounts.len() + part.problems.len();
        for batch in &mut self.batches {
            match batch.add(part) {
                Adding::Added => self.seen += entries,
                Adding::AlreadySeen => {}
                Adding::OtherBatch => continue,
            }
            return None;
        }
        let mut batch = Batch::default();
        batch.add(part);
        self.seen += entries;
        self.batches.push(batch);
        Some(self.batches.len() - 1)
    }

    fn only_migrations(&self) -> bool {
        !self.batches.is_empty() && self.found.iter().all(|found| matches!(found, Found::Batch(_)))
    }

    fn imported(self, format: Format) -> Imported {
        let mut imported = Imported::new(format);
        let mut count = 0..;
        let mut place = |place: Place| Place { entry: count.next().map(|index: usize| index + 1), ..place };
        for found in self.found {
            match found {
                Found::Entry(at, entry) => {
                    let at = place(at);
                    let entry = entry.map(|entry| {
                        let mut entry = Entry { place: at.clone(), ..entry };
                        ente::take_display(&mut entry, &mut imported);
                        entry
                    });
                    imported.take(at, entry);
                }
                Found::Batch(batch) => {
                    let batch = &self.batches[batch];
                    for account in batch.accounts() {
                        let at = place(Place::account(0, &account.issuer, &account.account_name));
                        imported.take(at.clone(), Ok(Entry::new(at, account.clone())));
                    }
                    for (.., reason) in batch.problems() {
                        imported.take(place(Place::default()), Err(Reason::Uri(reason)));
                    }
                    imported.missing_parts.extend(batch.missing());
                }
            }
        }
        imported.count_beyond(self.beyond);
        imported
    }
}

/// Returns the source as text; what is no UTF-8 is replaced, so that one bad byte costs one link.
fn text_of(source: &Source<'_>) -> SecretText {
    SecretText::new(String::from_utf8_lossy(without_mark(source.bytes)).into_owned())
}

/// Returns the links of a text, one after the other. One that begins a line goes to its end: names and secrets may
/// hold spaces. One that stands in other text ends where its quotes or the word do. A line after `#` is a comment.
fn links_in(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.split(['\n', '\r']).map(str::trim).filter(|line| !line.starts_with('#'));
    lines.flat_map(|line| {
        let whole = SCHEMES.iter().any(|scheme| begins(line, scheme));
        let mut rest = if whole { "" } else { line };
        let inside = std::iter::from_fn(move || {
            let (start, end) = next_link(rest)?;
            let link = &rest[start..end];
            rest = &rest[end..];
            Some(link)
        });
        whole.then_some(line).into_iter().chain(inside)
    })
}

/// Returns where the first link in a line begins and ends.
fn next_link(line: &str) -> Option<(usize, usize)> {
    let mut starts = line.match_indices("://").filter_map(|(at, _)| {
        let before = &line.as_bytes()[..at + 3];
        let scheme = SCHEMES.iter().find(|scheme| {
            before.len() >= scheme.len()
                && before[before.len() - scheme.len()..].eq_ignore_ascii_case(scheme.as_bytes())
        })?;
        let start = before.len() - scheme.len();
        // `totp://` at the end of `otpauth-totp://` is another link.
        let alone = start == 0
            || !matches!(before[start - 1], b'-' | b'+' | b'.' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z');
        alone.then_some(start)
    });
    let start = starts.next()?;
    let rest = &line[start..];
    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '`'));
    Some((start, start + end.unwrap_or(rest.len())))
}

pub(super) fn begins(text: &str, start: &str) -> bool {
    text.as_bytes().get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start.as_bytes()))
}

#[cfg(test)]
mod tests;
