//! The rows of an import, which of them are picked, and the counts.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::matching::{InFile, repeats};
use super::{Compared, icons};
use crate::account::{Account, Kind};
use crate::import::{Entry, Format, Imported, Place, Problem, Reason};
use crate::otp::{Algorithm, Otp, Period};
use crate::secret::SecretText;
use crate::time::UnixTime;
use crate::vault::{Duplicate, Incoming, ItemId, NewItem};

/// What an account and all that is said of it may take in the vault, in bytes; the vault's own limit is 64 KiB.
const MOST_BYTES: usize = 60 * 1024;

/// The longest name of a group that is kept, in characters.
const GROUP_CHARACTERS: usize = 256;

/// An import before it is done. What it holds is wiped when it is dropped or used, and when the vault is locked.
pub struct ImportPreview {
    format: Format,
    missing_parts: Vec<u32>,
    contents: Arc<Mutex<Option<Contents>>>,
}

/// How the one-time passwords of a file are accounted for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ImportCounts {
    /// All of them, outside recycle bins and histories: the sum of the others.
    pub total: usize,
    /// Taken, or to be taken.
    pub imported: usize,
    /// The same credential under the same names is in the vault, or earlier in the file.
    pub duplicates: usize,
    /// Whole, and of no use here: a push account, a code without its PIN.
    pub unsupported: usize,
    /// Broken.
    pub damaged: usize,
    /// Not picked.
    pub skipped: usize,
}

/// One account of the file, without its secret.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ImportRow {
    /// Where it stands in the file.
    pub place: Place,
    /// How it stands to the vault.
    pub status: RowStatus,
    /// Whether it will be added.
    pub picked: bool,
    /// How it makes codes.
    pub kind: Kind,
    /// The provider; may be empty.
    pub issuer: String,
    /// The user's name there; may be empty.
    pub account_name: String,
    /// The hash under HMAC, where the kind leaves a choice.
    pub algorithm: Option<Algorithm>,
    /// Characters of a code.
    pub digits: u32,
    /// Seconds of a time step; `None` for codes that count.
    pub period_s: Option<u32>,
    /// The counter of the next code; `None` for codes that follow the time.
    pub counter: Option<u64>,
    /// Names of its groups.
    pub groups: Vec<String>,
    /// Whether the user marked it.
    pub favorite: bool,
    /// The note.
    pub note: String,
    /// Whether it goes to the trash.
    pub trashed: bool,
    /// How often a code was taken.
    pub usage_count: u64,
    /// When a code was taken last.
    pub last_used_at: Option<UnixTime>,
}

/// How an account of a file stands to those of the vault.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RowStatus {
    /// It is new.
    New,
    /// It is new, and its PIN is not known: ask for it now, or later.
    NeedsPin,
    /// The same credential with the same names is there already; it is not added.
    AlreadyPresent(Other),
    /// The same secret is there under another name; it is added.
    SameSecretOtherName(Other),
    /// Other codes are there under the same names; it is added.
    SameNameOtherSecret(Other),
}

/// The account that is like it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Other {
    /// One of the vault.
    InVault(ItemId),
    /// An earlier row of the same import, counted from 0.
    InFile(usize),
}

impl RowStatus {
    /// Tells whether the row may be picked; only what is there already may not.
    pub fn may_be_picked(self) -> bool {
        !matches!(self, Self::AlreadyPresent(_))
    }

    /// Returns the stable word for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::NeedsPin => "needs_pin",
            Self::AlreadyPresent(_) => "already_present",
            Self::SameSecretOtherName(_) => "same_secret_other_name",
            Self::SameNameOtherSecret(_) => "same_name_other_secret",
        }
    }
}

impl ImportPreview {
    /// Shows an import where no vault is: compared with itself alone.
    pub fn of(imported: Imported) -> Self {
        let Imported { format, entries, problems, groups, missing_parts } = imported;
        let contents = Contents::new(entries, problems, groups);
        Self { format, missing_parts, contents: Arc::new(Mutex::new(Some(contents))) }
    }

    /// Returns what the file is.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Returns the parts of a migration that are missing still, counted from 1.
    pub fn missing_parts(&self) -> &[u32] {
        &self.missing_parts
    }

    /// Returns the accounts, in the order of the file; nothing after a lock or a commit.
    pub fn rows(&self) -> Vec<ImportRow> {
        self.contents()
            .as_ref()
            .map_or(Vec::new(), |contents| contents.rows.iter().map(|row| row.shown(contents)).collect())
    }

    /// Returns what cannot be taken, each with place and reason.
    pub fn problems(&self) -> Vec<Problem> {
        self.contents().as_ref().map_or(Vec::new(), |contents| contents.problems.clone())
    }

    /// Returns the counts as they would be now.
    pub fn counts(&self) -> ImportCounts {
        self.contents().as_ref().map_or(ImportCounts::default(), Contents::counts)
    }

    /// Picks a row or leaves it out; tells whether that could be done.
    pub fn pick(&self, row: usize, picked: bool) -> bool {
        let mut contents = self.contents();
        let row = contents.as_mut().and_then(|contents| contents.rows.get_mut(row));
        let Some(row) = row.filter(|row| row.status.may_be_picked()) else { return false };
        row.picked = picked;
        true
    }

    /// Gives a row its PIN; tells whether it wanted one.
    pub fn set_pin(&self, row: usize, pin: SecretText) -> bool {
        let mut contents = self.contents();
        let row = contents.as_mut().and_then(|contents| contents.rows.get_mut(row));
        let Some(row) = row.filter(|row| row.entry.account.otp.needs_pin() && !pin.expose().is_empty())
        else {
            return false;
        };
        match &mut row.entry.account.otp {
            Otp::Motp(motp) => motp.pin = Some(pin),
            Otp::Yandex(yandex) => yandex.pin = Some(pin),
            Otp::Totp(_) | Otp::Hotp(_) | Otp::Steam(_) => return false,
        }
        if row.status == RowStatus::NeedsPin {
            row.status = RowStatus::New;
        }
        true
    }

    /// Returns a row's secret in base32, or the text that Mobile-OTP hashes, because the user asked to see it.
    pub fn secret(&self, row: usize) -> Option<SecretText> {
        let contents = self.contents();
        let row = contents.as_ref()?.rows.get(row)?;
        Some(row.entry.account.secret_text())
    }

    /// Forgets everything; secrets are wiped.
    pub fn wipe(&self) {
        *self.contents() = None;
    }

    pub(super) fn weak(&self) -> Weak<Mutex<Option<Contents>>> {
        Arc::downgrade(&self.contents)
    }

    pub(super) fn entries<T>(&self, look: impl FnOnce(Vec<(&Account, bool)>) -> T) -> Option<T> {
        self.contents().as_ref().map(|contents| look(contents.accounts().collect()))
    }

    pub(super) fn compare(&self, compared: &Compared) {
        if let Some(contents) = self.contents().as_mut() {
            contents.compare(compared);
        }
    }

    pub(super) fn take(&self) -> Option<Contents> {
        self.contents().take()
    }

    pub(super) fn put_back(&self, contents: Contents) {
        *self.contents() = Some(contents);
    }

    fn contents(&self) -> MutexGuard<'_, Option<Contents>> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for ImportPreview {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ImportPreview({}, {:?})", self.format, self.counts())
    }
}

/// What a preview holds while it may be used.
pub(super) struct Contents {
    rows: Vec<Row>,
    problems: Vec<Problem>,
    groups: Vec<String>,
}

struct Row {
    entry: Entry,
    /// As the vault keeps it.
    icon: Option<String>,
    status: RowStatus,
    picked: bool,
    /// What came before it in the file.
    in_file: InFile,
}

impl Contents {
    fn new(entries: Vec<Entry>, mut problems: Vec<Problem>, groups: Vec<String>) -> Self {
        let mut rows = Vec::with_capacity(entries.len());
        for mut entry in entries {
            let icon = entry.icon.take().and_then(icons::text);
            let bytes = bytes_of(&entry);
            if bytes > MOST_BYTES {
                problems.push(Problem { place: entry.place, reason: Reason::TooLarge });
                continue;
            }
            // An icon is the least to lose.
            let icon = icon.filter(|icon| bytes + icon.len() <= MOST_BYTES);
            rows.push(Row { entry, icon, status: RowStatus::New, picked: true, in_file: InFile::None });
        }
        let in_file = repeats(rows.iter().map(|row| (&row.entry.account, row.entry.trashed)));
        for (row, in_file) in rows.iter_mut().zip(in_file) {
            row.in_file = in_file;
        }
        let groups = groups.iter().map(|name| name.trim().chars().take(GROUP_CHARACTERS).collect()).collect();
        let mut contents = Self { rows, problems, groups };
        contents.compare(&[]);
        contents
    }

    pub(super) fn accounts(&self) -> impl Iterator<Item = (&Account, bool)> {
        self.rows.iter().map(|row| (&row.entry.account, row.entry.trashed))
    }

    /// Says how the rows stand to the vault, `compared` being the vault's answer for each, or empty without a vault.
    /// What is there already is no longer picked.
    pub(super) fn compare(&mut self, compared: &Compared) {
        for (index, row) in self.rows.iter_mut().enumerate() {
            row.status = status(compared.get(index).copied().unwrap_or(Duplicate::None), row);
            row.picked &= row.status.may_be_picked();
        }
    }

    /// Returns the picked rows as the vault takes them, in the order that they had in the other app.
    pub(super) fn incoming(&self) -> Vec<Incoming> {
        let mut picked: Vec<_> = self.rows.iter().filter(|row| row.picked).collect();
        picked.sort_by_key(|row| row.entry.rank.unwrap_or(i64::MAX));
        picked.iter().map(|row| row.incoming(&self.groups)).collect()
    }

    pub(super) fn counts(&self) -> ImportCounts {
        let mut counts = ImportCounts::default();
        for row in &self.rows {
            *match (row.status.may_be_picked(), row.picked) {
                (false, _) => &mut counts.duplicates,
                (true, true) => &mut counts.imported,
                (true, false) => &mut counts.skipped,
            } += 1;
        }
        for problem in &self.problems {
            *if problem.reason.is_damage() { &mut counts.damaged } else { &mut counts.unsupported } +=
                problem.entries();
        }
        let ImportCounts { total: _, imported, duplicates, unsupported, damaged, skipped } = counts;
        counts.total = imported + duplicates + unsupported + damaged + skipped;
        counts
    }
}

impl Row {
    fn shown(&self, contents: &Contents) -> ImportRow {
        let Entry {
            place,
            account: Account { issuer, account_name, otp, extra: _ },
            note,
            favorite,
            asks_every_time: _,
            icon: _,
            groups,
            trashed,
            usage_count,
            last_used_at,
            rank: _,
        } = &self.entry;
        ImportRow {
            place: place.clone(),
            status: self.status,
            picked: self.picked,
            kind: otp.kind(),
            issuer: issuer.clone(),
            account_name: account_name.clone(),
            algorithm: otp.algorithm(),
            digits: otp.digits(),
            period_s: otp.period().map(Period::seconds),
            counter: otp.counter(),
            groups: named(groups, &contents.groups),
            favorite: *favorite,
            note: note.clone(),
            trashed: *trashed,
            usage_count: *usage_count,
            last_used_at: *last_used_at,
        }
    }

    fn incoming(&self, groups: &[String]) -> Incoming {
        let entry = &self.entry;
        Incoming {
            item: NewItem {
                account: entry.account.clone(),
                note: entry.note.clone(),
                favorite: entry.favorite,
                asks_every_time: entry.asks_every_time,
                icon: self.icon.clone(),
                groups: Vec::new(),
            },
            groups: named(&entry.groups, groups),
            trashed: entry.trashed,
            usage_count: entry.usage_count,
            last_used_at: entry.last_used_at,
        }
    }
}

/// The vault's own accounts come before those of the file; what is there already before what is only alike.
fn status(in_vault: Duplicate, row: &Row) -> RowStatus {
    use Other::{InFile as File, InVault as Vault};
    match (in_vault, row.in_file) {
        (Duplicate::Same(id), _) => RowStatus::AlreadyPresent(Vault(id)),
        (_, InFile::Same(earlier)) => RowStatus::AlreadyPresent(File(earlier)),
        _ if row.entry.account.otp.needs_pin() => RowStatus::NeedsPin,
        (Duplicate::SameSecretOtherName(id), _) => RowStatus::SameSecretOtherName(Vault(id)),
        (_, InFile::SameSecretOtherName(earlier)) => RowStatus::SameSecretOtherName(File(earlier)),
        (Duplicate::SameNameOtherSecret(id), _) => RowStatus::SameNameOtherSecret(Vault(id)),
        (_, InFile::SameNameOtherSecret(earlier)) => RowStatus::SameNameOtherSecret(File(earlier)),
        (Duplicate::None, InFile::None) => RowStatus::New,
    }
}

fn named(groups: &[usize], names: &[String]) -> Vec<String> {
    let mut named: Vec<String> = Vec::with_capacity(groups.len());
    for name in groups.iter().filter_map(|group| names.get(*group)).filter(|name| !name.is_empty()) {
        if !named.contains(name) {
            named.push(name.clone());
        }
    }
    named
}

fn bytes_of(entry: &Entry) -> usize {
    let Account { issuer, account_name, otp, extra } = &entry.account;
    let extra: usize = extra.iter().map(|(name, value)| name.len() + value.len() + 8).sum();
    let groups = 20 * entry.groups.len();
    let secret = otp.secret().len() + otp.pin().map_or(0, |pin| pin.expose().len());
    issuer.len() + account_name.len() + entry.note.len() + extra + groups + secret
}
