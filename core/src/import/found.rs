//! What a file holds: entries, and what is wrong with the rest.

use super::MAX_ENTRIES;
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
    /// Whether its codes are given to who confirms, each time: our own backups say so.
    pub asks_every_time: bool,
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
    /// Where it stood on the other app's screen, smallest first, when that is not the file's order.
    pub rank: Option<i64>,
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
    /// Which of the sources, counted from 0; [`super::open`] says so when there are several.
    pub source: usize,
    /// The entry, counted from 1; `None` when it is the file itself.
    pub entry: Option<usize>,
    /// "GitHub", "GitHub · ann", a field's or table's name; empty when there is none. Never a secret.
    pub name: String,
    /// The byte at which the file breaks, counted from 0, where a damaged file can say so.
    pub byte: Option<u64>,
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
    /// No code was found in the picture, or the picture cannot be read.
    NoCode,
    /// With its note and all that is said of it, it is larger than the vault takes.
    TooLarge,
    /// Beyond [`super::MAX_ENTRIES`]: this many entries were not read.
    TooMany(usize),
}

impl Imported {
    /// Returns an empty import of `format`.
    pub fn new(format: Format) -> Self {
        Self {
            format,
            entries: Vec::new(),
            problems: Vec::new(),
            groups: Vec::new(),
            missing_parts: Vec::new(),
        }
    }

    /// Returns how many one-time passwords the file holds.
    pub fn total(&self) -> usize {
        self.entries.len() + self.problems.iter().map(Problem::entries).sum::<usize>()
    }

    /// Takes the next entry of the file, or names what is wrong with it; beyond [`MAX_ENTRIES`] it is counted.
    pub fn take(&mut self, place: Place, entry: Result<Entry, Reason>) {
        if self.entries.len() + self.problems.len() < MAX_ENTRIES {
            match entry {
                Ok(entry) => self.entries.push(entry),
                Err(reason) => self.problems.push(Problem { place, reason }),
            }
            return;
        }
        self.count_beyond(1);
    }

    /// Counts entries that were not read, because there are more than [`MAX_ENTRIES`].
    pub fn count_beyond(&mut self, entries: usize) {
        match self.problems.last_mut() {
            _ if entries == 0 => {}
            Some(Problem { reason: Reason::TooMany(known), .. }) => *known += entries,
            _ => self.problems.push(Problem { place: Place::default(), reason: Reason::TooMany(entries) }),
        }
    }

    /// Returns the index of a group, which is made when its name is new.
    pub fn group(&mut self, name: &str) -> usize {
        self.groups.iter().position(|known| known == name).unwrap_or_else(|| {
            self.groups.push(name.to_owned());
            self.groups.len() - 1
        })
    }

    /// Adds what was read of another source, the one at `source` in the list.
    pub fn append(&mut self, other: Self, source: usize) {
        let Self { format: _, entries, problems, groups, missing_parts } = other;
        let groups: Vec<_> = groups.iter().map(|name| self.group(name)).collect();
        for mut entry in entries {
            entry.place.source = source;
            entry.groups = entry.groups.iter().map(|group| groups[*group]).collect();
            self.take(entry.place.clone(), Ok(entry));
        }
        for Problem { mut place, reason } in problems {
            place.source = source;
            match reason {
                Reason::TooMany(entries) => self.count_beyond(entries),
                _ => self.take(place, Err(reason)),
            }
        }
        self.missing_parts.extend(missing_parts);
    }
}

impl Problem {
    /// Returns how many one-time passwords of the file it stands for: one, but for those beyond the cap.
    pub fn entries(&self) -> usize {
        if let Reason::TooMany(entries) = self.reason { entries } else { 1 }
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
            asks_every_time: false,
            icon: None,
            groups: Vec::new(),
            trashed: false,
            usage_count: 0,
            last_used_at: None,
            rank: None,
        }
    }
}

impl Place {
    /// The file itself, at a named part of it.
    pub fn file(part: &str) -> Self {
        Self { name: part.to_owned(), ..Self::default() }
    }

    /// The file itself, at a byte of it.
    pub fn byte(byte: u64) -> Self {
        Self { byte: Some(byte), ..Self::default() }
    }

    /// Entry `index`, counted from 0, with a name.
    pub fn entry(index: usize, name: &str) -> Self {
        Self { entry: Some(index + 1), name: name.to_owned(), ..Self::default() }
    }

    /// Entry `index`, counted from 0, with the names of its account.
    pub fn account(index: usize, issuer: &str, account_name: &str) -> Self {
        match (issuer, account_name) {
            ("", name) | (name, "") => Self::entry(index, name),
            (issuer, account_name) => Self::entry(index, &format!("{issuer} · {account_name}")),
        }
    }
}

impl Reason {
    /// Tells whether the entry is broken; otherwise it is whole, and nobody could use it here.
    pub fn is_damage(self) -> bool {
        match self {
            Self::Uri(error) => !matches!(error, UriError::Kind | UriError::Algorithm | UriError::Scheme),
            Self::Field(_) | Self::Seal | Self::HalfMissing | Self::NoCode => true,
            Self::UnknownKind
            | Self::MustBeEnrolledAgain
            | Self::NeedsPin
            | Self::DeviceBound
            | Self::TooLarge
            | Self::TooMany(_) => false,
        }
    }
}
