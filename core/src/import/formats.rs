//! The table of importers, and how a file finds its own: detection is apart from parsing.

use super::budget::KdfBudget;
use super::error::ImportError;
use super::format::Format;
use super::found::Imported;
use super::sight::Sight;
use super::{
    MAX_SOURCE_BYTES, MAX_SOURCES, Secrets, Source, aegis, andotp, authenticator_plus, authy, battle_net,
    bitwarden, cxf, duo, elsewhere, ente, free_otp_1, free_otp_2, google_database, html, keepass, lastpass,
    links, microsoft, one_password, pictures, privacyidea, proton, raivo, steam, stratum, totp_authenticator,
    two_fas, winauth,
};

/// One format: how it is known by its content, and how it is read.
pub(super) struct Importer {
    pub(super) format: Format,
    /// Formats of one family may come together: links in lists, pages and pictures.
    pub(super) family: Format,
    /// Tells whether a source is of this format, whole or damaged. Cheap; no password, no allocation of size.
    pub(super) knows: fn(&Sight<'_>) -> bool,
    /// Tells whether a source that is of no format belongs to one of this: a database's `-wal`.
    pub(super) companion: fn(&Sight<'_>) -> bool,
    /// Whether several sources are one export: pictures of one migration, the two files of Authy. Otherwise each is
    /// read by itself, and what they hold is put together.
    pub(super) together: bool,
    /// Reads it.
    pub(super) read: fn(&Opening<'_>) -> Result<Imported, ImportError>,
}

/// All that a reader gets.
pub(super) struct Opening<'a> {
    /// The sources to be read: one, or all of the import where [`Importer::together`] says so, companions included;
    /// never empty.
    pub(super) sources: &'a [Source<'a>],
    pub(super) secrets: &'a Secrets,
    pub(super) budget: KdfBudget,
    /// Asked between entries and before slow steps.
    pub(super) stop: &'a dyn Fn() -> bool,
}

/// In the order in which they are asked: magic bytes first, what has no mark of its own last.
const IMPORTERS: &[Importer] = &[
    // Magic bytes, archives and databases.
    elsewhere::BACKUP,
    elsewhere::AGE,
    pictures::IMPORTER,
    keepass::IMPORTER,
    microsoft::IMPORTER,
    google_database::IMPORTER,
    one_password::IMPORTER,
    authenticator_plus::ARCHIVE,
    stratum::IMPORTER,
    free_otp_2::IMPORTER,
    raivo::IMPORTER,
    winauth::ARCHIVE,
    // XML and HTML.
    authy::IMPORTER,
    battle_net::IMPORTER,
    totp_authenticator::PREFERENCES,
    free_otp_1::IMPORTER,
    winauth::OWN,
    html::IMPORTER,
    // Objects of JSON.
    aegis::IMPORTER,
    two_fas::IMPORTER,
    ente::IMPORTER,
    proton::AUTHENTICATOR,
    proton::PASS,
    bitwarden::AUTHENTICATOR,
    bitwarden::VAULT,
    lastpass::IMPORTER,
    cxf::IMPORTER,
    privacyidea::IMPORTER,
    free_otp_1::PLUS,
    steam::IMPORTER,
    // Lists of JSON.
    duo::IMPORTER,
    andotp::IMPORTER,
    // Tables and texts.
    bitwarden::AUTHENTICATOR_TABLE,
    bitwarden::TABLE,
    links::ENTE,
    links::GOOGLE,
    links::LIST,
    // No mark of their own.
    authenticator_plus::DATABASE,
    totp_authenticator::SEALED,
    andotp::SEALED,
];

impl Importer {
    /// A format whose files each stand for themselves.
    pub(super) const fn new(
        format: Format,
        knows: fn(&Sight<'_>) -> bool,
        read: fn(&Opening<'_>) -> Result<Imported, ImportError>,
    ) -> Self {
        Self { format, family: format, knows, companion: |_| false, together: false, read }
    }

    /// A format that carries links, however.
    pub(super) const fn of_links(mut self) -> Self {
        self.family = Format::UriList;
        self.together()
    }

    /// A format whose sources make one export.
    pub(super) const fn together(mut self) -> Self {
        self.together = true;
        self
    }

    /// The same, with sources that are of no format by themselves.
    pub(super) const fn with_companions(mut self, companion: fn(&Sight<'_>) -> bool) -> Self {
        (self.companion, self.together) = (companion, true);
        self
    }
}

impl<'a> Opening<'a> {
    /// Returns the first source; the only one unless the format reads several together.
    pub(super) fn source(&self) -> Source<'a> {
        self.sources[0]
    }

    /// # Errors
    /// [`ImportError::Stopped`] when the caller asked to.
    pub(super) fn go_on(&self) -> Result<(), ImportError> {
        if (self.stop)() { Err(ImportError::Stopped) } else { Ok(()) }
    }
}

/// Says what a file is, by its content; `None` when it is nothing that we know.
pub fn detect(source: &Source<'_>) -> Option<Format> {
    importer_of(&Sight::new(*source)).map(|importer| importer.format)
}

fn importer_of(sight: &Sight<'_>) -> Option<&'static Importer> {
    IMPORTERS.iter().find(|importer| (importer.knows)(sight))
}

/// Tells whether sources are no more and no larger than is read at once; [`open`] asks it first.
///
/// # Errors
/// [`ImportError::TooManySources`], [`ImportError::TooLarge`].
pub fn within_limits(sources: &[Source<'_>]) -> Result<(), ImportError> {
    if sources.len() > MAX_SOURCES {
        return Err(ImportError::TooManySources(sources.len()));
    }
    let bytes: usize = sources.iter().map(|source| source.bytes.len()).sum();
    if bytes > MAX_SOURCE_BYTES { Err(ImportError::TooLarge(bytes as u64)) } else { Ok(()) }
}

/// Reads everything that can be had from `sources`, which belong together. Our own backups are known and not read here:
/// [`crate::authenticator::open_import`] reads them as well.
///
/// # Errors
/// [`ImportError`] when nothing can be had; a file with some bad entries is no error.
pub fn open(
    sources: &[Source<'_>],
    secrets: &Secrets,
    budget: KdfBudget,
    stop: &dyn Fn() -> bool,
) -> Result<Imported, ImportError> {
    within_limits(sources)?;
    let importer = importer_of_all(sources)?;
    let opening = |sources| (importer.read)(&Opening { sources, secrets, budget, stop });
    if importer.together {
        return opening(sources);
    }
    let mut all = Imported::new(importer.format);
    for (place, source) in sources.iter().enumerate() {
        all.append(opening(std::slice::from_ref(source))?, place);
    }
    Ok(all)
}

/// Returns the one importer that reads all the sources.
fn importer_of_all(sources: &[Source<'_>]) -> Result<&'static Importer, ImportError> {
    let sights: Vec<_> = sources.iter().map(|source| Sight::new(*source)).collect();
    let known: Vec<_> = sights.iter().map(importer_of).collect();
    let first = known.iter().flatten().next().ok_or(ImportError::NotRecognised)?;
    let belongs = |whole: &Importer, place: usize| {
        known[place].is_some_and(|importer| importer.family == whole.family)
            || (whole.companion)(&sights[place])
    };
    // A sealed maFile alone looks like another app's file; beside its manifest it is a companion.
    let has_all = |whole: &&&Importer| (0..sights.len()).all(|place| belongs(whole, place));
    if let Some(whole) = known.iter().flatten().find(has_all) {
        return Ok(whole);
    }
    if let Some((place, importer)) = known.iter().enumerate().find(|(place, _)| !belongs(first, *place)) {
        return Err(match importer {
            Some(importer) => ImportError::TwoFormats(first.format, importer.format),
            None => ImportError::Stranger { format: first.format, source_number: place },
        });
    }
    Ok(first)
}

/// What [`open`] makes of one file on a phone; for the tests of every format.
#[cfg(test)]
pub(super) fn open_one(bytes: &[u8], password: Option<&str>) -> Result<Imported, ImportError> {
    let secrets = Secrets { password: password.map(Into::into), key_file: None };
    open(&[Source { name: "", bytes }], &secrets, KdfBudget::PHONE, &|| false)
}

#[cfg(test)]
mod tests;
