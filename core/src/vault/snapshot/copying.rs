//! A copy of the vault on its way into a folder. The vault is not held meanwhile: a folder may lie behind a network.

use super::super::contents::{Contents, DocRow};
use super::super::docs::DocKind;
use super::DUE_MS;
use super::automatic::{BackedUp, BackupError, BackupFile, Generations};
use super::folder::{BackupFolder, FolderError};
use super::format::{self, CopyKeys, MOST_BYTES, Sealed};
use crate::device::VaultId;
use crate::time::UnixTime;

/// The vault as it stood at one commit, and the keys that seal a copy of it. Dropped, the keys are wiped.
pub struct Copying {
    pub(super) vault: VaultId,
    pub(super) keys: CopyKeys,
    pub(super) contents: Contents,
    /// Accounts in the list.
    pub(super) accounts: u64,
}

const END: &str = ".akb";
pub(super) const DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl Copying {
    /// Writes a backup into `folder`, reads it back and opens it, and only then prunes the oldest.
    ///
    /// # Errors
    /// [`BackupError`]: every backup that was there is there still.
    pub fn back_up(
        &self,
        folder: &dyn BackupFolder,
        keep: Generations,
        at: UnixTime,
    ) -> Result<BackedUp, BackupError> {
        self.write(folder, keep, at).map(BackedUp::Written)
    }

    /// Writes a backup when the newest good one in `folder` is not of all accounts, groups, order and ways in of now, or
    /// when it is a day old and codes were taken since. Otherwise the newest is read and opened again: that proves it.
    ///
    /// # Errors
    /// As [`Copying::back_up`].
    pub fn back_up_if_due(
        &self,
        folder: &dyn BackupFolder,
        keep: Generations,
        at: UnixTime,
    ) -> Result<BackedUp, BackupError> {
        match self.newest_if_enough(folder, at)? {
            Some(newest) => Ok(BackedUp::NotDue(newest)),
            None => self.back_up(folder, keep, at),
        }
    }

    fn write(
        &self,
        folder: &dyn BackupFolder,
        keep: Generations,
        at: UnixTime,
    ) -> Result<BackupFile, BackupError> {
        let Self { contents, accounts, .. } = self;
        let bytes = format::print(contents, *accounts, &self.keys.snapshot, at)?;
        let part = format!("klink-{}.part", hex(&contents.root.branch[..4]));
        let there = folder.list()?;
        if there.iter().any(|file| file.name == part) {
            // A writer of this very phone was killed; its file never had a name that counts.
            folder.delete(&part)?;
        }
        let name = name(at, contents.root.seq, |name| there.iter().any(|file| file.name == name));
        let whole = |name: &str| match folder.read(name) {
            Ok(back) if self.keys.open_alike(&back, contents) => Ok(()),
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
        Ok(BackupFile { name, bytes, created_at: at, seq, accounts: *accounts, rows })
    }

    /// Returns the newest good backup of this vault when it is enough.
    fn newest_if_enough(
        &self,
        folder: &dyn BackupFolder,
        at: UnixTime,
    ) -> Result<Option<BackupFile>, BackupError> {
        let now = &self.contents;
        let mut names: Vec<_> = folder.list()?.into_iter().filter(|file| file.name.ends_with(END)).collect();
        // Names begin with the time, so that the newest is read first and most others never.
        names.sort_by(|a, b| b.name.cmp(&a.name));
        for file in names {
            let Some((sealed, contents)) = self.open_in(folder, &file.name, file.bytes)? else { continue };
            let age = at.ms().abs_diff(sealed.header.created_at().ms());
            let stale =
                age >= DUE_MS.unsigned_abs() && doc(&contents, DocKind::Usage) != doc(now, DocKind::Usage);
            let enough = !stale && same_that_matters(&contents, now);
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
        let sealed = format::parse(&bytes).filter(|sealed| sealed.header.vault() == self.vault);
        Ok(sealed.and_then(|sealed| self.keys.open(&sealed).map(|contents| (sealed, contents))))
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

fn doc(contents: &Contents, kind: DocKind) -> Option<&DocRow> {
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
