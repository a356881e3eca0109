//! Automatic backups: on change and daily, into a folder of the user's choice, generations kept, each read back.
//!
//! When one is due is decided from what the folder holds, the vault, and a time that is given. Nothing runs by itself:
//! the shell asks after a change, at unlock and in its daily work.

use super::super::VaultError;
use super::super::contents::Contents;
use super::super::docs::DocKind;
use super::super::state::Mode;
use super::super::store::Vault;
use super::folder::{BackupFolder, FolderError};
use super::format::{self, MOST_BYTES};
use super::state::{BackupRecord, BackupState};
use super::{DUE_MS, format::Sealed};
use crate::time::UnixTime;

/// How many backups are kept: 3 to 365.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Generations(usize);

/// What became of a backup that was asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum BackedUp {
    /// The newest, read again and opened just now, holds everything already.
    NotDue(BackupFile),
    /// This one was written, read back and opened.
    Written(BackupFile),
}

/// A backup in a folder that opens.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BackupFile {
    /// Its name in the folder.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was written.
    pub created_at: UnixTime,
    /// The number of the commit that it holds.
    pub seq: u64,
    /// Accounts in the list.
    pub accounts: u64,
    /// All rows, the trash included.
    pub rows: u64,
}

/// Why there is no new backup. Those that were there are there still.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The vault refused.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The folder refused.
    #[error(transparent)]
    Folder(#[from] FolderError),
}

const END: &str = ".akb";
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl Generations {
    /// Ten: the last three, and then one of each day.
    pub const DEFAULT: Self = Self(10);

    const LEAST: usize = 3;
    const MOST: usize = 365;

    /// Returns `count` generations; `None` below 3 and above 365.
    pub fn new(count: usize) -> Option<Self> {
        (Self::LEAST..=Self::MOST).contains(&count).then_some(Self(count))
    }
}

impl Vault {
    /// Writes a backup into `folder` now, reads it back and opens it, and only then prunes the oldest.
    ///
    /// # Errors
    /// [`BackupError`]; it is remembered for [`Vault::backup_state`].
    pub fn back_up(
        &mut self,
        folder: &dyn BackupFolder,
        keep: Generations,
        at: UnixTime,
    ) -> Result<BackedUp, BackupError> {
        let result = self.write_generation(folder, keep, at).map(BackedUp::Written);
        self.remember(result, at)
    }

    /// Writes a backup when the newest good one in `folder` is not of all accounts, groups, order and ways in of now, or
    /// when it is a day old and codes were taken since. Otherwise the newest is read and opened again: that proves it.
    ///
    /// # Errors
    /// As [`Vault::back_up`].
    pub fn back_up_if_due(
        &mut self,
        folder: &dyn BackupFolder,
        keep: Generations,
        at: UnixTime,
    ) -> Result<BackedUp, BackupError> {
        let result = match self.newest_if_enough(folder, at) {
            Ok(Some(newest)) => Ok(BackedUp::NotDue(newest)),
            Ok(None) => self.write_generation(folder, keep, at).map(BackedUp::Written),
            Err(error) => Err(error),
        };
        self.remember(result, at)
    }

    /// Says how automatic backups stand, as far as the vault remembers.
    pub fn backup_state(&self) -> BackupState {
        self.known.state.docs.backups.state()
    }

    fn remember(
        &mut self,
        result: Result<BackedUp, BackupError>,
        at: UnixTime,
    ) -> Result<BackedUp, BackupError> {
        let before = &self.known.state.docs.backups;
        let record = match &result {
            Ok(BackedUp::Written(file)) => BackupRecord::good(at, file.accounts, &file.name),
            // The daily look counts as one; more often it is not worth a commit.
            Ok(BackedUp::NotDue(file)) => match before.state() {
                BackupState { last_good: Some(good), failing: None }
                    if good.name == file.name && at.ms().abs_diff(good.at.ms()) < DAY_MS.unsigned_abs() =>
                {
                    before.clone()
                }
                _ => BackupRecord::good(at, file.accounts, &file.name),
            },
            Err(error) => before.failed(at, error),
        };
        if self.known.mode == Mode::ReadWrite && record != *before {
            // The answer tells the same to whoever asked; a full disk must not turn a good backup into a failed one.
            let _ = self.commit(|vault| {
                vault.known.state.docs.backups = record;
                vault.put_doc(DocKind::Backups)
            });
        }
        result
    }

    fn write_generation(
        &mut self,
        folder: &dyn BackupFolder,
        keep: Generations,
        at: UnixTime,
    ) -> Result<BackupFile, BackupError> {
        let contents = self.contents_worth_keeping()?;
        let accounts = self.known.report.accounts as u64;
        let bytes = format::print(&contents, accounts, &self.known.keys.snapshot, at)?;
        let part = format!("klink-{}.part", hex(&contents.root.branch[..4]));
        let there = folder.list()?;
        if there.iter().any(|file| file.name == part) {
            // A writer of this very phone was killed; its file never had a name that counts.
            folder.delete(&part)?;
        }
        let name = name(at, contents.root.seq, |name| there.iter().any(|file| file.name == name));
        let whole = |name: &str| match folder.read(name) {
            Ok(back) if self.holds(&back, &contents) => Ok(()),
            Ok(_) => Err(FolderError::NotWhole),
            Err(error) => Err(error),
        };
        let written = folder.write(&part, &bytes).and_then(|()| whole(&part)).and_then(|()| {
            match folder.rename(&part, &name) {
                Err(FolderError::Unsupported) => {
                    let _ = folder.delete(&part);
                    folder.write(&name, &bytes).and_then(|()| whole(&name)).inspect_err(|_| {
                        let _ = folder.delete(&name);
                    })
                }
                other => other.and_then(|()| whole(&name)),
            }
        });
        if let Err(error) = written {
            // It may be there half, or not at all.
            let _ = folder.delete(&part);
            return Err(error.into());
        }
        let rows = contents.items.len() as u64;
        // What could not be pruned is pruned the next time.
        let _ = self.prune(folder, keep, rows, contents.root.branch);
        let (bytes, seq) = (bytes.len() as u64, contents.root.seq);
        Ok(BackupFile { name, bytes, created_at: at, seq, accounts, rows })
    }

    /// Returns the newest good backup of this vault when it is enough.
    fn newest_if_enough(
        &mut self,
        folder: &dyn BackupFolder,
        at: UnixTime,
    ) -> Result<Option<BackupFile>, BackupError> {
        let now = self.contents_worth_keeping()?;
        let mut names: Vec<_> = folder.list()?.into_iter().filter(|file| file.name.ends_with(END)).collect();
        // Names begin with the time, so that the newest is read first and most others never.
        names.sort_by(|a, b| b.name.cmp(&a.name));
        for file in names {
            let Some((sealed, contents)) = self.open_in(folder, &file.name, file.bytes)? else { continue };
            let age = at.ms().abs_diff(sealed.header.created_at().ms());
            let stale =
                age >= DUE_MS.unsigned_abs() && doc(&contents, DocKind::Usage) != doc(&now, DocKind::Usage);
            let enough = !stale && same_that_matters(&contents, &now);
            return Ok(enough.then(|| describe(file.name, file.bytes, &sealed)));
        }
        Ok(None)
    }

    /// Reads one file of a folder and opens it with the vault's own keys; `None` when it is another's, or damaged.
    fn open_in(
        &self,
        folder: &dyn BackupFolder,
        name: &str,
        bytes: u64,
    ) -> Result<Option<(Sealed, Contents)>, FolderError> {
        if bytes > MOST_BYTES {
            return Ok(None);
        }
        let bytes = match folder.read(name) {
            // Somebody deletes files of the same folder.
            Err(FolderError::NotFound) => return Ok(None),
            other => other?,
        };
        let sealed = format::parse(&bytes).filter(|sealed| sealed.header.vault() == self.known.id);
        Ok(sealed.and_then(|sealed| sealed.open(&self.known.keys).map(|contents| (sealed, contents))))
    }

    /// Deletes the oldest of this vault's own line beyond `keep`: of those that open, never the last three, never one
    /// that holds more rows than the new one. Of the older ones the last of each day stays longest.
    fn prune(
        &self,
        folder: &dyn BackupFolder,
        keep: Generations,
        rows: u64,
        branch: [u8; 16],
    ) -> Result<(), FolderError> {
        let mut own = Vec::new();
        for file in folder.list()? {
            if file.name.ends_with(END)
                && let Some((sealed, contents)) = self.open_in(folder, &file.name, file.bytes)?
                && contents.root.branch == branch
            {
                let header = &sealed.header;
                own.push((header.created_at().ms(), header.seq(), header.rows(), file.name));
            }
        }
        own.sort();
        while own.len() > keep.0 {
            let old = &own[..own.len() - Generations::LEAST];
            let may_go = |n: &usize| old[*n].2 <= rows;
            let day = |n: usize| own[n].0.div_euclid(DAY_MS);
            let not_last_of_day = |n: &usize| day(*n) == day(*n + 1);
            let mut candidates = (0..old.len()).filter(may_go);
            let Some(victim) = candidates.clone().find(not_last_of_day).or_else(|| candidates.next()) else {
                break;
            };
            let (.., name) = own.remove(victim);
            folder.delete(&name)?;
        }
        Ok(())
    }
}

fn describe(name: String, bytes: u64, sealed: &Sealed) -> BackupFile {
    let header = &sealed.header;
    BackupFile {
        name,
        bytes,
        created_at: header.created_at(),
        seq: header.seq(),
        accounts: header.accounts(),
        rows: header.rows(),
    }
}

/// Tells whether nothing was changed that a user would miss: usage counts and what is remembered of care are left out.
fn same_that_matters(there: &Contents, here: &Contents) -> bool {
    let docs = |kind| doc(there, kind) == doc(here, kind);
    there.key_rows == here.key_rows
        && there.items == here.items
        && there.root.branch == here.root.branch
        && docs(DocKind::Order)
        && docs(DocKind::Groups)
}

fn doc(contents: &Contents, kind: DocKind) -> Option<&super::super::contents::DocRow> {
    contents.docs.iter().find(|row| row.id == kind.id())
}

/// Returns `klink-20270115T080000Z-000042.akb`: names sort by time. With a number behind it when it is taken.
fn name(at: UnixTime, seq: u64, taken: impl Fn(&str) -> bool) -> String {
    let stamp = match time::OffsetDateTime::from_unix_timestamp(at.ms().div_euclid(1000)) {
        Ok(at) => format!(
            "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
            at.year(),
            u8::from(at.month()),
            at.day(),
            at.hour(),
            at.minute(),
            at.second()
        ),
        Err(_) => format!("{}s", at.ms().div_euclid(1000)),
    };
    let first = format!("klink-{stamp}-{seq:06}{END}");
    let others = (2..u32::MAX).map(|n| format!("klink-{stamp}-{seq:06}-{n}{END}"));
    std::iter::once(first)
        .chain(others)
        .find(|name| !taken(name))
        .expect("a folder has fewer than 2^32 files")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_when_and_is_never_taken_twice() {
        let at = UnixTime::from_seconds(1_800_000_000);
        assert_eq!(name(at, 42, |_| false), "klink-20270115T080000Z-000042.akb");
        let taken = |name: &str| !name.ends_with("-3.akb");
        assert_eq!(name(at, 42, taken), "klink-20270115T080000Z-000042-3.akb");
        assert_eq!(name(UnixTime::from_ms(i64::MIN), 1, |_| false), "klink--9223372036854776s-000001.akb");
    }
}
