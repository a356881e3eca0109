//! What leaves the vault, and what does not go along.

use authenticator_core::authenticator as flows;
use authenticator_core::export::{self, Content, Drawing};
pub use authenticator_core::export::{ExportFormat, LeftOut, Lost};

use super::{count, small};

/// A format that is written.
#[uniffi::remote(Enum)]
pub enum ExportFormat {
    /// One otpauth, steam or motp link a line.
    UriList,
    /// Aegis JSON, encrypted: what most other apps read.
    Aegis,
    /// Google Authenticator's migration codes, at most ten accounts in each.
    GoogleMigration,
    /// A page to print, with a code for each account.
    Sheet,
    /// FIDO Credential Exchange Format.
    Cxf,
    /// A QR code for each account.
    Codes,
}

/// Why an account cannot go into a format.
#[uniffi::remote(Enum)]
pub enum LeftOut {
    /// The format has no such kind of account.
    Kind,
    /// It has no such hash.
    Algorithm,
    /// It has no such number of digits.
    Digits,
    /// It has no such time step.
    Period,
    /// Its counters end before this one.
    Counter,
    /// It wants a PIN, and none is known.
    NeedsPin,
    /// It takes no secret of this length, or no text for one.
    Secret,
    /// The link is too long for a QR code.
    TooLong,
    /// The account is damaged, or of a kind that only a later version knows: the sealed backup carries it.
    Unreadable,
}

/// What a format does not hold of an account that it does hold.
#[uniffi::remote(Enum)]
pub enum Lost {
    /// The note.
    Note,
    /// The groups.
    Groups,
    /// The mark.
    Favorite,
    /// That its codes are given to who confirms, each time.
    AsksEveryTime,
    /// The icon.
    Icon,
    /// How often and when codes were taken.
    Usage,
    /// Parameters of other apps.
    Extra,
    /// The exact spelling of the names: colons, or space around them.
    Spelling,
}

/// A format, and what has to be said before it is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Record)]
pub struct ExportFormatInfo {
    /// The format.
    pub format: ExportFormat,
    /// Whoever sees the file has the accounts: warn the user in words first.
    pub plain: bool,
}

/// What to write, with all that the format needs to know.
#[derive(Clone, uniffi::Enum)]
pub enum ExportOrder {
    /// One link a line.
    UriList,
    /// Aegis JSON under a password.
    Aegis {
        /// The password, in UTF-8; not empty.
        password: Vec<u8>,
    },
    /// Google's migration codes.
    GoogleMigration,
    /// A page to print.
    Sheet {
        /// What stands on it.
        words: SheetWords,
    },
    /// FIDO Credential Exchange Format.
    Cxf {
        /// The moment that stands in it, Unix ms.
        at_ms: i64,
    },
    /// One QR code for each account.
    Codes,
}

/// The words of a page to print.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct SheetWords {
    /// Their language, as BCP 47 writes it.
    pub language: String,
    /// The title, for instance with the date.
    pub title: String,
    /// What to do with the paper, and what not.
    pub warning: String,
    /// What stands for an account without a name.
    pub nameless: String,
}

/// What an export holds, and what it cannot hold: show it before anything is written.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct ExportReport {
    /// The accounts that are, or will be, in it, in their order.
    pub written: Vec<String>,
    /// The accounts that are not.
    pub left_out: Vec<LeftOutAccount>,
    /// What it does not hold of accounts that are in it.
    pub lost: Vec<LostDetail>,
}

/// An account that does not go along.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct LeftOutAccount {
    /// Which.
    pub id: String,
    /// Why.
    pub why: LeftOut,
}

/// What does not go along of accounts that do.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Record)]
pub struct LostDetail {
    /// What.
    pub what: Lost,
    /// Of how many accounts.
    pub accounts: i64,
}

/// An export, and what is in it.
#[derive(Clone, uniffi::Record)]
pub struct Exported {
    /// What it holds.
    pub report: ExportReport,
    /// The accounts themselves: drop them when they are where the user wants them.
    pub content: ExportContent,
}

/// What was written.
#[derive(Clone, uniffi::Enum)]
pub enum ExportContent {
    /// A whole file.
    File {
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// The texts of QR codes, in their order: `qr_code` draws them.
    Codes {
        /// One for each code.
        texts: Vec<String>,
    },
}

/// A QR code (ISO/IEC 18004) to draw, without the quiet zone of four modules that belongs around it.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct QrCode {
    /// Modules on each side.
    pub size: i32,
    /// Row by row, `size × size` bytes; 1 is black.
    pub modules: Vec<u8>,
}

impl ExportOrder {
    /// Calls `then` with the core's own order.
    pub(crate) fn with<T>(self, then: impl FnOnce(&export::Order<'_>) -> T) -> T {
        match self {
            Self::UriList => then(&export::Order::UriList),
            Self::Aegis { password } => then(&export::Order::Aegis(&super::text(password))),
            Self::GoogleMigration => then(&export::Order::GoogleMigration),
            Self::Sheet { words: SheetWords { language, title, warning, nameless } } => {
                then(&export::Order::Sheet(&export::SheetWords { language, title, warning, nameless }))
            }
            Self::Cxf { at_ms } => then(&export::Order::Cxf(super::at(at_ms))),
            Self::Codes => then(&export::Order::Codes),
        }
    }
}

impl From<flows::ExportReport> for ExportReport {
    fn from(report: flows::ExportReport) -> Self {
        let flows::ExportReport { written, left_out, lost } = report;
        let left = |(id, why): (authenticator_core::vault::ItemId, LeftOut)| LeftOutAccount {
            id: id.to_string(),
            why,
        };
        let lost = lost.into_iter().map(|(what, accounts)| LostDetail { what, accounts: count(accounts) });
        Self {
            written: written.iter().map(ToString::to_string).collect(),
            left_out: left_out.into_iter().map(left).collect(),
            lost: lost.collect(),
        }
    }
}

impl From<flows::Exported> for Exported {
    fn from(exported: flows::Exported) -> Self {
        let flows::Exported { report, content } = exported;
        let content = match content {
            Content::File(bytes) => ExportContent::File { bytes: bytes.expose().to_vec() },
            Content::Codes(texts) => {
                ExportContent::Codes { texts: texts.iter().map(|text| text.expose().to_owned()).collect() }
            }
        };
        Self { report: report.into(), content }
    }
}

impl From<Drawing> for QrCode {
    fn from(drawing: Drawing) -> Self {
        let Drawing { size, modules } = drawing;
        Self { size: small(size), modules: modules.into_iter().map(u8::from).collect() }
    }
}
