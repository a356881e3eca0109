//! The table of importers, and how a file finds its own: detection is apart from parsing.

use super::budget::KdfBudget;
use super::error::ImportError;
use super::format::Format;
use super::found::{Imported, Place};
use super::{MAX_SOURCE_BYTES, Secrets, Source};

/// One format: how it is known by its content, and how it is read.
pub(super) struct Importer {
    pub(super) format: Format,
    /// Tells whether these bytes are of this format, whole or damaged. Cheap; no password, no allocation of size.
    pub(super) knows: fn(&Source<'_>) -> bool,
    /// Reads it.
    pub(super) read: fn(&Opening<'_>) -> Result<Imported, ImportError>,
}

/// All that a reader gets.
pub(super) struct Opening<'a> {
    /// The sources that this importer knows or that belong to them; never empty.
    pub(super) sources: &'a [Source<'a>],
    pub(super) secrets: &'a Secrets,
    pub(super) budget: KdfBudget,
    /// Asked between entries and before slow steps.
    pub(super) stop: &'a dyn Fn() -> bool,
}

/// In the order in which they are asked: magic bytes first, what has no mark of its own last.
const IMPORTERS: &[Importer] = &[];

/// Says what a file is, by its content; `None` when it is nothing that we know.
pub fn detect(source: &Source<'_>) -> Option<Format> {
    IMPORTERS.iter().find(|importer| (importer.knows)(source)).map(|importer| importer.format)
}

/// Reads everything that can be had from `sources`, which belong together.
///
/// # Errors
/// [`ImportError`] when nothing can be had; a file with some bad entries is no error.
pub fn open(
    sources: &[Source<'_>],
    secrets: &Secrets,
    budget: KdfBudget,
    stop: &dyn Fn() -> bool,
) -> Result<Imported, ImportError> {
    if let Some(large) = sources.iter().find(|source| source.bytes.len() > MAX_SOURCE_BYTES) {
        return Err(ImportError::TooLarge(large.bytes.len() as u64));
    }
    let known = |source: &Source<'_>| IMPORTERS.iter().find(|importer| (importer.knows)(source));
    let importer = sources.iter().find_map(known).ok_or(ImportError::NotRecognised)?;
    (importer.read)(&Opening { sources, secrets, budget, stop })
}
