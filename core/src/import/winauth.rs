//! WinAuth: a text of links in a sealed archive. The text alone is a list of links like any other.
//!
//! Sources: winauth/winauth `WinAuthHelper`, stratumauth/app `WinAuthBackupConverter`.

use super::archive::{Archive, ArchiveError};
use super::encodings::without_mark;
use super::error::{ImportError, NotReadable};
use super::format::Format;
use super::formats::{Importer, Opening};
use super::found::{Imported, Place};
use super::links;
use super::sight::Sight;

/// To be asked after all other archives: any that holds one text may be WinAuth's.
pub(super) const ARCHIVE: Importer = Importer::new(Format::WinAuth, knows_archive, read);

/// The program's own file.
pub(super) const OWN: Importer = Importer::new(Format::WinAuth, knows_own, read_own);

fn knows_archive(sight: &Sight<'_>) -> bool {
    text_in(sight.archive()).is_some()
        || (super::archive::is_archive(sight.source.bytes) && sight.archive().is_empty())
}

/// Returns the one text of an archive.
fn text_in(names: &[String]) -> Option<&str> {
    let mut texts = names.iter().filter(|name| name.to_ascii_lowercase().ends_with(".txt"));
    let text = texts.next()?;
    texts.next().is_none().then_some(text)
}

/// The program keeps its accounts in XML, whose content is sealed for one user of one computer.
fn knows_own(sight: &Sight<'_>) -> bool {
    let text = sight.text();
    let beginning = &text[..text.len().min(512)];
    sight.text_begins("<") && beginning.windows(8).any(|letters| letters.eq_ignore_ascii_case(b"<winauth"))
}

fn read_own(_: &Opening<'_>) -> Result<Imported, ImportError> {
    Err(ImportError::NotReadable(Format::WinAuth, NotReadable::WindowsBound))
}

fn read(opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let source = opening.source();
    let sight = Sight::new(source);
    let damaged = |part: &str| ImportError::Damaged(Format::WinAuth, Place::file(part));
    let name = text_in(sight.archive()).ok_or_else(|| damaged("archive"))?;
    let wrong = |error: ArchiveError| error.of(Format::WinAuth, name);
    let mut archive = Archive::open(source.bytes).map_err(wrong)?;
    let text = archive.read(name, opening.secrets.password.as_ref()).map_err(wrong)?;
    let text = text.ok_or_else(|| damaged(name))?;
    let text = std::str::from_utf8(without_mark(text.expose())).map_err(|_| damaged(name))?;
    links::read_text(text, Format::WinAuth, opening)
}

#[cfg(test)]
mod tests;
