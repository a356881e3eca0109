//! Writes accounts in the forms that other apps and people read: what each can hold is said before anything is written.
//!
//! One file per format. Nothing here touches the vault or a disk: accounts in, bytes or texts of QR codes out. Words of
//! the printed sheet come from the shell. The sealed backup of our own is the vault's business.

mod aegis;
mod codes;
mod cxf;
mod drawing;
mod format;
mod list;
mod record;
mod sheet;

pub use drawing::Drawing;
pub use format::{ExportFormat, LeftOut, Lost};
pub use record::Record;
pub use sheet::SheetWords;

use crate::crypto::random::RandomError;
use crate::secret::{SecretBytes, SecretText};
use crate::time::UnixTime;

/// What to write, with all that the format needs to know.
#[derive(Clone, Copy)]
pub enum Order<'a> {
    /// One link a line.
    UriList,
    /// Aegis JSON under a password.
    Aegis(&'a SecretText),
    /// Google's migration, at most ten accounts in a QR code.
    GoogleMigration,
    /// A page to print, with a QR code for each account.
    Sheet(&'a SheetWords),
    /// FIDO Credential Exchange Format, which has a date in it.
    Cxf(UnixTime),
    /// One QR code for each account.
    Codes,
}

/// What was written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Content {
    /// A whole file.
    File(SecretBytes),
    /// The texts of QR codes, in their order.
    Codes(Vec<SecretText>),
}

/// Why nothing was written.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ExportError {
    /// The caller asked to stop.
    #[error("stopped")]
    Stopped,
    /// A password of no letters protects nothing.
    #[error("an empty password")]
    EmptyPassword,
    /// There is not enough memory to turn the password into a key.
    #[error("not enough memory")]
    OutOfMemory,
    /// The system gave no random bytes.
    #[error(transparent)]
    Random(#[from] RandomError),
}

impl Order<'_> {
    /// Returns the format.
    pub fn format(&self) -> ExportFormat {
        match self {
            Self::UriList => ExportFormat::UriList,
            Self::Aegis(_) => ExportFormat::Aegis,
            Self::GoogleMigration => ExportFormat::GoogleMigration,
            Self::Sheet(_) => ExportFormat::Sheet,
            Self::Cxf(_) => ExportFormat::Cxf,
            Self::Codes => ExportFormat::Codes,
        }
    }

    /// Writes `records`, each of which [the format holds](ExportFormat::check).
    ///
    /// # Errors
    /// [`ExportError`]; nothing was kept.
    pub fn write(&self, records: &[Record], stop: &dyn Fn() -> bool) -> Result<Content, ExportError> {
        let go_on = || if stop() { Err(ExportError::Stopped) } else { Ok(()) };
        go_on()?;
        match self {
            Self::UriList => list::write(records, &go_on).map(Content::File),
            Self::Aegis(password) => aegis::write(records, password, &go_on).map(Content::File),
            Self::GoogleMigration => codes::migration(records).map(Content::Codes),
            Self::Sheet(words) => sheet::write(records, words, &go_on).map(Content::File),
            Self::Cxf(at) => cxf::write(records, *at, &go_on).map(Content::File),
            Self::Codes => Ok(Content::Codes(codes::single(records))),
        }
    }
}

impl std::fmt::Debug for Order<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.format().fmt(f)
    }
}
