//! R09: a disk that is full. What was acknowledged is there, deleting works, and with more room it goes on.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use authenticator_core::device::Anchor;
use authenticator_core::vault::{self, ItemId, Key, LockedVault, NewSlot, Opened, RecoveryCode, VaultError};
use klink::anchor_file::FileAnchor;

use crate::child::{NOW, account};
use crate::damage::scratch;
use crate::sheet::{Control, Line, Proof, Size};

/// What happened on the small disk.
struct Seen {
    added: usize,
    refused: usize,
    deleted: usize,
    not_deleted: usize,
}

/// Fills a small file system of its own, in a name space of its own; says so when there is none to be had.
pub fn prove(size: Size) -> anyhow::Result<Vec<Line>> {
    let able = Command::new("unshare").args(["-rm", "true"]).status().is_ok_and(|status| status.success());
    if !able {
        return Ok(vec![Line::NotRun { id: "R09", why: "needs unshare with a mount name space".into() }]);
    }
    let (mut cases, mut detail) = (0, String::new());
    for _ in 0..size.of(1, 20) {
        let said = fill_in_a_name_space("keep")?;
        detail = said.lines().last().context("it said nothing")?.to_owned();
        cases += detail.split(' ').next().context("a number")?.parse::<u64>()?;
    }
    let said = fill_in_a_name_space("remove")?;
    let stuck = said.strip_prefix("not deleted: ").and_then(|n| n.trim().parse().ok());
    Ok(vec![Line::Proof(Proof {
        id: "R09",
        about: "a disk that is full",
        cases,
        failures: 0,
        detail,
        control: Control {
            about: "without the ballast, accounts that could not be deleted",
            failures: stuck.with_context(|| format!("without the ballast: {said}"))?,
        },
    })])
}

/// Returns what the child said; that it failed is an error.
fn fill_in_a_name_space(ballast: &str) -> anyhow::Result<String> {
    let folder = tempfile::tempdir()?;
    let output = Command::new("unshare")
        .arg("-rm")
        .arg(std::env::current_exe()?)
        .arg("fill")
        .arg(folder.path())
        .args(["--ballast", ballast])
        .output()?;
    let (said, why) = (String::from_utf8(output.stdout)?, String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success(), "with the ballast to {ballast}: {why}");
    Ok(said)
}

/// Runs in the name space.
pub fn fill(folder: &Path, ballast: &str) -> anyhow::Result<()> {
    mount(&["-t", "tmpfs", "-o", "size=900k", "tmpfs"], folder)?;
    let anchors = scratch()?;
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
        println!("not deleted: {}", if seen.deleted > 0 { 0 } else { seen.not_deleted });
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
        "{added} added, all readable, {refused} refused by name; {deleted} deleted on the full disk, {not_deleted} refused; \
         it goes on with more room"
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
