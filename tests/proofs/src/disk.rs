//! R09: a disk that is full. What was acknowledged is there, deleting works, and with more room it goes on.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use authenticator_core::device::Anchor;
use authenticator_core::vault::{self, ItemId, Key, LockedVault, NewSlot, Opened, RecoveryCode, VaultError};
use klink::anchor_file::FileAnchor;

use crate::child::{NOW, account};

/// What happened on the small disk.
struct Seen {
    added: usize,
    refused: usize,
    deleted: usize,
    not_deleted: usize,
}

/// Fills a small file system of its own, in a name space of its own; says so when there is none to be had.
pub fn prove() -> anyhow::Result<()> {
    let able = Command::new("unshare").args(["-rm", "true"]).status().is_ok_and(|status| status.success());
    if !able {
        println!("not run: R09 needs unshare with a mount name space");
        return Ok(());
    }
    for (ballast, control) in [("keep", false), ("remove", true)] {
        let folder = tempfile::tempdir()?;
        let status = Command::new("unshare")
            .arg("-rm")
            .arg(std::env::current_exe()?)
            .args(["fill"])
            .arg(folder.path())
            .args(["--ballast", ballast])
            .status()?;
        ensure!(status.success() != control, "with the ballast to {ballast}, it ended with {status}");
    }
    println!("proof R09 control, without the ballast: nothing could be deleted on the full disk");
    Ok(())
}

/// Runs in the name space.
pub fn fill(folder: &Path, ballast: &str) -> anyhow::Result<()> {
    mount(&["-t", "tmpfs", "-o", "size=900k", "tmpfs"], folder)?;
    let anchors = tempfile::tempdir()?;
    let place = folder.join("vault");
    let anchor: Arc<dyn Anchor> = Arc::new(FileAnchor::new(anchors.path().to_owned(), &place));
    let code = RecoveryCode::make()?;
    let open = || -> Result<Opened, VaultError> {
        LockedVault::open(&place)?.unlock(Key::RecoveryCode(&code), &anchor, NOW)
    };
    let mut vault = vault::create(&place, &anchor, &[NewSlot::RecoveryCode(&code)], NOW)?;
    let mut ids = Vec::new();
    let mut seen = Seen { added: 0, refused: 0, deleted: 0, not_deleted: 0 };
    for n in 0..3_000 {
        match vault.add(account(&format!("{n:016}")), NOW) {
            Ok(id) => ids.push(id),
            Err(VaultError::DiskFull) => seen.refused += 1,
            Err(error) => bail!("a full disk was called {error}"),
        }
        if seen.refused == 50 {
            break;
        }
    }
    seen.added = ids.len();
    ensure!(seen.refused > 0, "the disk was never full");
    is_whole(&mut vault, &ids)?;
    if ballast == "remove" {
        std::fs::remove_file(place.join("ballast"))?;
        // What it gave back is used up again at once.
        while vault.add(account("to the brim"), NOW).is_ok() {}
        eat_the_rest(&place);
    }
    for id in ids.iter().take(50) {
        match vault.delete(*id, NOW) {
            Ok(()) => seen.deleted += 1,
            Err(VaultError::DiskFull) => seen.not_deleted += 1,
            Err(error) => bail!("a full disk was called {error}"),
        }
    }
    drop(vault);
    if ballast == "remove" {
        ensure!(seen.deleted > 0, "not one could be deleted");
        return Ok(());
    }
    ensure!(seen.deleted > 0, "nothing could be deleted, in spite of the ballast");
    mount(&["-o", "remount,size=16m"], folder)?;
    let mut vault = open()?.vault;
    is_whole(&mut vault, &ids)?;
    vault.add(account("with more room"), NOW)?;
    ensure!(vault.verify()?.problems.iter().all(is_about_copies), "not whole with more room");
    let Seen { added, refused, deleted, not_deleted } = seen;
    println!(
        "proof R09 full disk: {added} added, all readable, {refused} refused by name; {deleted} deleted on the full \
         disk, {not_deleted} refused; goes on with more room"
    );
    Ok(())
}

fn is_about_copies(problem: &vault::Problem) -> bool {
    matches!(problem, vault::Problem::SnapshotOfOldKeys(_) | vault::Problem::SnapshotDamaged(_))
}

fn is_whole(vault: &mut vault::Vault, ids: &[ItemId]) -> anyhow::Result<()> {
    for id in ids {
        vault.open_otp(*id).context("an acknowledged account does not open")?;
    }
    Ok(())
}

/// Takes the last bytes of the disk, so that no page is left for the log.
fn eat_the_rest(folder: &Path) {
    use std::io::Write;
    for size in [4096, 512, 1] {
        let Ok(mut file) = std::fs::File::create(folder.join(format!("eaten-{size}"))) else { continue };
        while file.write_all(&vec![1; size]).is_ok() {}
    }
}

fn mount(arguments: &[&str], on: &Path) -> anyhow::Result<()> {
    let status = Command::new("mount").args(arguments).arg(on).status().context("mount")?;
    ensure!(status.success(), "mount {arguments:?} ended with {status}");
    Ok(())
}
