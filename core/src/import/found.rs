//! What a file holds: entries, and what is wrong with the rest.

use super::format::Format;
use crate::account::Account;
use crate::secret::SecretBytes;
use crate::time::UnixTime;
use crate::uri::UriError;

/// Everything that was read of one import. `entries` and `problems` together are all one-time passwords of the file.
#[derive(Clone, Debug)]
pub struct Imported {
    /// What the file is.
    pub format: Format,
    /// Accounts, in the file's order.
    pub entries: Vec<Entry>,
    /// One-time passwords that cannot be used, each with place and reason.
    pub problems: Vec<Problem>,
    /// Names of groups, in the file's order; [`Entry::groups`] points here.
    pub groups: Vec<String>,
    /// Parts of a migration that were not among the sources, counted from 1.
    pub missing_parts: Vec<u32>,
}

/// One account, with what the other app knew about it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where it stands in the file.
    pub place: Place,
    /// Names, kind and secret; an account that [needs a PIN](crate::otp::Otp::needs_pin) counts as one.
    pub account: Account,
    /// The note.
    pub note: String,
    /// Whether it was marked or pinned.
    pub favorite: bool,
    /// Its icon.
    pub icon: Option<Icon>,
    /// Indices in [`Imported::groups`].
    pub groups: Vec<usize>,
    /// Whether it lies in that app's trash.
    pub trashed: bool,
    /// How often a code was taken.
    pub usage_count: u64,
    /// When a code was taken last.
    pub last_used_at: Option<UnixTime>,
}

/// An icon as an export carries it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Icon {
    /// The name of one that the other app brings.
    Named(String),
    /// The user's own picture: PNG, JPEG, WebP or SVG.
    Picture(SecretBytes),
}

/// Where something stands in a file: which entry, counted from 1, and its name as far as it can be read.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Place {
    /// The entry, counted from 1; `None` when it is the file itself.
    pub entry: Option<usize>,
    /// "GitHub", "GitHub · ann", a field's or table's name; empty when there is none. Never a secret.
    pub name: String,
}

/// One entry that could not be taken.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// Where it stands.
    pub place: Place,
    /// Why.
    pub reason: Reason,
}

/// Why an entry could not be taken. [`Reason::is_damage`] tells damage from what nobody supports.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reason {
    /// A kind of account that has no codes we can make: push, FIDO, a vendor's own.
    UnknownKind,
    /// A push account of another app: it must be enrolled again there.
    MustBeEnrolledAgain,
    /// The codes need a PIN that the file does not hold.
    NeedsPin,
    /// The secret is kept by the other phone's key store.
    DeviceBound,
    /// Its link or its fields cannot be used as they are; the cause has no part of them.
    Uri(UriError),
    /// A field that must be there is missing or of another type; its name.
    Field(&'static str),
    /// Its seal does not open.
    Seal,
    /// One half of the entry is missing in the file.
    HalfMissing,
    /// Beyond [`super::MAX_ENTRIES`]: this many entries were not read.
    TooMany(usize),
}

impl Imported {
    /// Returns an empty import of `format`.
    pub fn new(format: Format) -> Self {
        Self { format, entries: Vec::new(), problems: Vec::new(), groups: Vec::new(), missing_parts: Vec::new() }
    }

    /// Returns how many one-time passwords the file holds.
    pub fn total(&self) -> usize {
        let beyond = |problem: &Problem| match problem.reason {
            Reason::TooMany(entries) => entries,
            _ => 1,
        };
        self.entries.len() + self.problems.iter().map(beyond).sum::<usize>()
    }

    /// Returns the index of a group, which is made when its name is new.
    pub fn group(&mut self, name: &str) -> usize {
        self.groups.iter().position(|known| known == name).unwrap_or_else(|| {
            self.groups.push(name.to_owned());
            self.groups.len() - 1
        })
    }
}

impl Entry {
    /// Returns `account` with nothing said about it.
    pub fn new(place: Place, account: Account) -> Self {
        Self {
            place,
            account,
            note: String::new(),
            favorite: false,
            icon: None,
            groups: Vec::new(),
            trashed: false,
            usage_count: 0,
            last_used_at: None,
        }
    }
}

impl Place {
    /// The file itself, at a named part of it.
    pub fn file(part: &str) -> Self {
        Self { entry: None, name: part.to_owned() }
    }

    /// Entry `index`, counted from 0, with a name.
    pub fn entry(index: usize, name: &str) -> Self {
        Self { entry: Some(index + 1), name: name.to_owned() }
    }
}

impl Reason {
    /// Tells whether the entry is broken; otherwise it is whole, and nobody could use it here.
    pub fn is_damage(self) -> bool {
        match self {
            Self::Uri(error) => !matches!(error, UriError::Kind | UriError::Algorithm | UriError::Scheme),
            Self::Field(_) | Self::Seal | Self::HalfMissing => true,
            Self::UnknownKind
            | Self::MustBeEnrolledAgain
            | Self::NeedsPin
            | Self::DeviceBound
            | Self::TooMany(_) => false,
        }
    }
}
