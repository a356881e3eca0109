//! R09: a disk that is full. What was acknowledged is there, deleting works, with more room it goes on; and a vault that is
//! copied to a full disk shows its codes.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use authenticator_core::device::Anchor;
use authenticator_core::vault::{
    self, ItemId, Key, LockedVault, Mode, NewSlot, Problem, RecoveryCode, Vault, VaultError,
};
use klink::anchor_file::FileAnchor;

use crate::child::{NOW, account};
use crate::damage::scratch;
use crate::sheet::{Control, Line, Proof, Size};

/// What the child does on a small disk.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Fill {
    /// Fills it, deletes, grows it, and fills it to the last byte.
    Keep,
    /// The control: to the last byte without the ballast.
    Remove,
    /// Copies a vault to a disk that is full then.
    Copy,
}

/// Refusals after which a disk counts as full: an account that needs less room may still fit after the first.
const REFUSALS: usize = 50;
/// More accounts than 900 KiB hold.
const MOST: usize = 3_000;
const ACCOUNTS_OF_A_COPY: usize = 20;

/// Fills small file systems in a name space of their own; says so when there is none to be had.
pub fn prove(size: Size) -> anyhow::Result<Vec<Line>> {
    if let Err(why) = can_mount() {
        let not_run =
            |id| Line::NotRun { id, why: format!("needs a mount name space with a tmpfs: {why:#}") };
        return Ok(vec![not_run("R09"), not_run("R09-copied")]);
    }
    let (mut cases, mut detail) = (0, String::new());
    for _ in 0..size.of(1, 20) {
        let came_to = in_a_name_space(Fill::Keep)?;
        cases += came_to.cases;
        detail = came_to.text;
    }
    let without = in_a_name_space(Fill::Remove)?;
    let full = Line::Proof(Proof {
        id: "R09",
        about: "a disk that is full",
        cases,
        failures: 0,
        detail,
        control: Control {
            about: "without the ballast, accounts that could not be deleted",
            failures: without.cases,
        },
    });
    let (mut cases, mut refused) = (0, 0);
    for _ in 0..size.of(1, 20) {
        let came_to = in_a_name_space(Fill::Copy)?;
        cases += came_to.cases;
        refused += came_to.text.parse::<u64>().context("how often SQLite alone was refused")?;
    }
    let copied = Line::Proof(Proof {
        id: "R09-copied",
        about: "a vault copied to a full disk, its log empty and not",
        cases,
        failures: 0,
        detail: "every code is shown, and a change is refused by name".into(),
        control: Control { about: "SQLite alone, which has no room for the log's index", failures: refused },
    });
    Ok(vec![full, copied])
}

/// What a child came to: how many cases it saw, and what else it says.
struct CameTo {
    cases: u64,
    text: String,
}

fn can_mount() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let output = Command::new("unshare")
        .args(["-rm", "mount", "-t", "tmpfs", "-o", "size=900k", "tmpfs"])
        .arg(folder.path())
        .output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(())
}

/// Returns what the child said; that it failed is an error.
fn in_a_name_space(what: Fill) -> anyhow::Result<CameTo> {
    let folder = tempfile::tempdir()?;
    let name = format!("{what:?}").to_lowercase();
    let output = Command::new("unshare")
        .arg("-rm")
        .arg(std::env::current_exe()?)
        .arg("fill")
        .arg(folder.path())
        .arg(&name)
        .output()?;
    let why = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{name} on a small disk: {} {}", output.status, why.trim());
    let said = String::from_utf8(output.stdout)?;
    let (cases, text) = said.trim().split_once(' ').with_context(|| format!("it said {said:?}"))?;
    Ok(CameTo { cases: cases.parse()?, text: text.to_owned() })
}

/// Runs in the name space; prints the number of cases and a text.
pub fn fill(folder: &Path, what: Fill) -> anyhow::Result<()> {
    let bed = Bed { folder: folder.to_owned(), anchors: scratch()?, code: RecoveryCode::make()? };
    match what {
        Fill::Keep => bed.fill_and_grow(),
        Fill::Remove => bed.without_ballast(),
        Fill::Copy => bed.copy(),
    }
}

/// A place for small disks; the anchors are elsewhere, as they are on a phone.
struct Bed {
    folder: PathBuf,
    anchors: tempfile::TempDir,
    code: RecoveryCode,
}

impl Bed {
    fn fill_and_grow(&self) -> anyhow::Result<()> {
        mount(&["-t", "tmpfs", "-o", "size=900k", "tmpfs"], &self.folder)?;
        let place = self.folder.join("vault");
        let mut vault = self.make(&place)?;
        let (ids, refused) = fill_with_accounts(&mut vault)?;
        is_whole(&mut vault, &ids, &[])?;
        // By accounts alone it is not full to the last byte: how many can be deleted hangs on where the last ones lie.
        let deleted = delete(&mut vault, &ids)?;
        ensure!(!deleted.is_empty(), "nothing could be deleted, in spite of the ballast");
        is_whole(&mut vault, &ids, &deleted)?;
        vault.lock();

        let mut vault = self.with_more_room(&place, &ids, &deleted)?;
        eat_the_rest(&self.folder)?;
        let rest: Vec<ItemId> = ids.iter().filter(|id| !deleted.contains(id)).copied().collect();
        let in_spite = delete(&mut vault, &rest).context("full to the last byte")?;
        ensure!(!in_spite.is_empty(), "nothing could be deleted on a disk that is full to the last byte");
        let gone = [deleted.clone(), in_spite.clone()].concat();
        is_whole(&mut vault, &ids, &gone)?;
        vault.lock();
        let vault = self.open(&place)?;
        ensure!(vault.mode() == Mode::ReadWrite, "{:?} after a disk that was full", vault.mode());
        println!(
            "{} {} accounts, all readable, {refused} refused by name; {} deleted on the full disk; it goes on with more \
             room; {} deleted when it is full to the last byte",
            ids.len() + refused + deleted.len() + in_spite.len(),
            ids.len(),
            deleted.len(),
            in_spite.len(),
        );
        Ok(())
    }

    /// The control: the log is empty, no byte is left, and nothing was put by.
    fn without_ballast(&self) -> anyhow::Result<()> {
        mount(&["-t", "tmpfs", "-o", "size=900k", "tmpfs"], &self.folder)?;
        let place = self.folder.join("vault");
        let mut vault = self.make(&place)?;
        let (ids, _) = fill_with_accounts(&mut vault)?;
        vault.lock();
        let mut vault = self.with_more_room(&place, &ids, &[])?;
        fs::remove_file(place.join("ballast"))?;
        eat_the_rest(&self.folder)?;
        let tried = ids.len().min(REFUSALS);
        let deleted = delete(&mut vault, &ids)?;
        println!("{} of {tried} not deleted", if deleted.is_empty() { tried } else { 0 });
        Ok(())
    }

    /// Grows the disk: everything is there, and the vault goes on.
    fn with_more_room(&self, place: &Path, ids: &[ItemId], deleted: &[ItemId]) -> anyhow::Result<Vault> {
        mount(&["-o", "remount,size=4m"], &self.folder)?;
        let mut vault = self.open(place)?;
        is_whole(&mut vault, ids, deleted)?;
        vault.add(account("with more room"), NOW)?;
        let health = vault.verify()?;
        ensure!(health.problems.iter().all(is_about_copies), "with more room: {:?}", health.problems);
        let log = fs::metadata(place.join("vault.db-wal")).map_or(0, |data| data.len());
        ensure!(log == 0, "with more room the log keeps {log} bytes");
        ensure!(place.join("ballast").exists(), "nothing is put by again");
        Ok(vault)
    }

    fn copy(&self) -> anyhow::Result<()> {
        let source = self.anchors.path().join("vault");
        let mut vault = self.make(&source)?;
        let mut ids = Vec::new();
        for n in 0..ACCOUNTS_OF_A_COPY / 2 {
            ids.push(vault.add(account(&format!("{n:016}")), NOW)?);
        }
        let (mut cases, mut refused) = (0, 0);
        let (codes, alone) = self.shows_on_a_full_disk(&source, &ids)?;
        (cases, refused) = (cases + codes, refused + u64::from(alone));
        // Somebody who reads keeps the log from being emptied into the file.
        let reader = rusqlite::Connection::open(source.join("vault.db"))?;
        reader.execute_batch("BEGIN")?;
        reader.query_row("SELECT count(*) FROM item", [], |row| row.get::<_, i64>(0))?;
        for n in ACCOUNTS_OF_A_COPY / 2..ACCOUNTS_OF_A_COPY {
            ids.push(vault.add(account(&format!("{n:016}")), NOW)?);
        }
        ensure!(fs::metadata(source.join("vault.db-wal"))?.len() > 0, "the log was emptied");
        let (codes, alone) = self.shows_on_a_full_disk(&source, &ids)?;
        (cases, refused) = (cases + codes, refused + u64::from(alone));
        println!("{cases} {refused}");
        Ok(())
    }

    /// Copies the file and its log, without index and ballast, to a disk that is full then. Returns how many accounts it shows
    /// there, and whether SQLite alone was refused.
    fn shows_on_a_full_disk(&self, source: &Path, ids: &[ItemId]) -> anyhow::Result<(usize, bool)> {
        mount(&["-t", "tmpfs", "-o", "size=2m", "tmpfs"], &self.folder)?;
        let place = self.folder.join("vault");
        fs::create_dir(&place)?;
        for name in ["vault.db", "vault.db-wal", "vault.keys"] {
            match fs::copy(source.join(name), place.join(name)) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                other => drop(other?),
            }
        }
        eat_the_rest(&self.folder)?;
        let alone = rusqlite::Connection::open(place.join("vault.db"))?;
        let refused = alone.query_row("SELECT count(*) FROM item", [], |_| Ok(())).is_err();
        drop(alone);
        let mut vault = self.open(&place).context("a copy on a full disk does not open")?;
        ensure!(vault.mode() == Mode::ReadWrite, "a copy on a full disk is {:?}", vault.mode());
        is_whole(&mut vault, ids, &[])?;
        ensure!(vault.verify()?.damaged.is_empty(), "a copy on a full disk is not whole");
        match vault.add(account("one too many"), NOW) {
            Err(VaultError::DiskFull) => {}
            other => bail!("on a full disk adding came to {other:?}"),
        }
        is_whole(&mut vault, ids, &[])?;
        // It is closed before its disk is taken away.
        drop(vault);
        let status = Command::new("umount").arg(&self.folder).status().context("umount")?;
        ensure!(status.success(), "umount ended with {status}");
        Ok((ids.len(), refused))
    }

    fn make(&self, place: &Path) -> anyhow::Result<Vault> {
        Ok(vault::create(place, &self.anchor(place), &[NewSlot::RecoveryCode(&self.code)], NOW)?)
    }

    fn open(&self, place: &Path) -> anyhow::Result<Vault> {
        let key = Key::RecoveryCode(&self.code);
        Ok(LockedVault::open(place)?.unlock(key, &self.anchor(place), NOW)?.vault)
    }

    fn anchor(&self, place: &Path) -> Arc<dyn Anchor> {
        Arc::new(FileAnchor::new(self.anchors.path().join("anchors"), place))
    }
}

/// Adds accounts until the disk has refused often enough. Returns those that were acknowledged, and how many were refused.
fn fill_with_accounts(vault: &mut Vault) -> anyhow::Result<(Vec<ItemId>, usize)> {
    let (mut ids, mut refused) = (Vec::new(), 0);
    for n in 0..MOST {
        match vault.add(account(&format!("{n:016}")), NOW) {
            Ok(id) => ids.push(id),
            Err(VaultError::DiskFull) => refused += 1,
            Err(error) => bail!("a full disk was called {error:?} after {} accounts", ids.len()),
        }
        if refused == REFUSALS {
            return Ok((ids, refused));
        }
    }
    bail!("the disk was never full: {} accounts, {refused} refused", ids.len())
}

/// Tries to delete some of `ids` on a full disk, and returns those that are deleted.
fn delete(vault: &mut Vault, ids: &[ItemId]) -> anyhow::Result<Vec<ItemId>> {
    let mut deleted = Vec::new();
    for id in ids.iter().take(REFUSALS) {
        match vault.delete(*id, NOW) {
            Ok(()) => deleted.push(*id),
            Err(VaultError::DiskFull) => {}
            Err(error) => bail!("deleting on a full disk was called {error:?}, after {}", deleted.len()),
        }
    }
    Ok(deleted)
}

fn is_about_copies(problem: &Problem) -> bool {
    matches!(problem, Problem::SnapshotOfOldKeys(_) | Problem::SnapshotDamaged(_))
}

/// Every account opens, and those in the trash are the deleted ones.
fn is_whole(vault: &mut Vault, ids: &[ItemId], deleted: &[ItemId]) -> anyhow::Result<()> {
    for id in ids {
        vault.open_otp(*id).context("an acknowledged account does not open")?;
    }
    let trash: Vec<ItemId> =
        vault.items().iter().filter(|item| item.trashed_at.is_some()).map(|item| item.id).collect();
    ensure!(
        trash.len() == deleted.len() && deleted.iter().all(|id| trash.contains(id)),
        "{} are in the trash, {} were acknowledged",
        trash.len(),
        deleted.len()
    );
    Ok(())
}

/// Takes the last bytes of the disk.
fn eat_the_rest(folder: &Path) -> anyhow::Result<()> {
    let mut eaten = File::create(folder.join("eaten"))?;
    for size in [64 * 1024, 4096, 512, 1] {
        loop {
            match eaten.write(&vec![1; size]) {
                Ok(0) => bail!("nothing was written, and no error"),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => break,
                Err(error) => return Err(error).context("filling the disk"),
            }
        }
    }
    Ok(())
}

fn mount(arguments: &[&str], on: &Path) -> anyhow::Result<()> {
    let output = Command::new("mount").args(arguments).arg(on).output().context("mount")?;
    let why = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "mount {arguments:?}: {} {}", output.status, why.trim());
    Ok(())
}
