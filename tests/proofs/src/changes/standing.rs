//! How a vault stands after a kill: all of before, all of after, or something between, which may not be.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use authenticator_core::device::Anchor;
use authenticator_core::secret::SecretBytes;
use authenticator_core::vault::{
    self, Key, LockedSnapshot, LockedVault, Mode, Problem, Reason, RecoveryCode, SnapshotState, Vault,
    VaultError,
};
use klink::anchor_file::FileAnchor;
use rusqlite::Connection;

use super::{ACCOUNTS, LATER, WAYS};
use crate::child::NOW;
use crate::one_anchor::OneAnchor;

/// How a vault stands.
pub enum State {
    /// As it was.
    Before,
    /// As it shall be.
    After,
}

/// Says how the vault stands, or what is wrong with it.
///
/// # Errors
/// It stands between, or something is lost.
pub fn judge(place: &Path) -> anyhow::Result<State> {
    let ways = |name| -> anyhow::Result<BTreeSet<String>> {
        let text = fs::read_to_string(place.join(name)).unwrap_or_default();
        Ok(text.lines().map(str::to_owned).collect())
    };
    let (before, after) = (ways(WAYS[0])?, ways(WAYS[1])?);
    let mut opening = BTreeSet::new();
    for way in before.union(&after) {
        if let Some(vault) = open(place, way)? {
            check(vault)?;
            opening.insert(way.clone());
        }
    }
    restores(place, before.union(&after))?;
    let (epochs, version) = marks(&place.join("vault/vault.db"))?;
    ensure!(epochs.len() == 1, "rows of several data keys");
    let renewed = !epochs.contains(&1) || version == LATER;
    match (opening == before, opening == after, renewed) {
        (true, false, false) | (true, true, false) => Ok(State::Before),
        (false, true, _) | (true, true, true) => Ok(State::After),
        (true, false, true) | (false, false, _) => bail!("neither the ways in of before nor those of after"),
    }
}

/// Returns the anchors of a place.
pub fn anchor(place: &Path) -> Arc<dyn Anchor> {
    Arc::new(FileAnchor::new(place.join("anchors"), &place.join("vault")))
}

/// Opens the vault with one way in, as it is written down; `None` when it is none.
///
/// # Errors
/// The file does not open, whatever the key.
pub fn open(place: &Path, way: &str) -> anyhow::Result<Option<Vault>> {
    let locked = LockedVault::open(&place.join("vault"))?;
    let opened = with_key(way, |key| Ok(locked.unlock(key, &anchor(place), NOW)))?;
    match opened {
        Ok(opened) => Ok(Some(opened.vault)),
        Err(VaultError::WrongKey | VaultError::NoSuchSlot) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Reads one way in.
///
/// # Errors
/// It is none, or `with` failed.
pub fn with_key<T>(way: &str, with: impl FnOnce(Key<'_>) -> anyhow::Result<T>) -> anyhow::Result<T> {
    match way.split_once(' ').context("a kind and a secret")? {
        ("code", code) => with(Key::RecoveryCode(&RecoveryCode::parse(code)?)),
        ("device", byte) => with(Key::Device(&SecretBytes::new(vec![byte.parse()?; 32]))),
        ("passphrase", text) => with(Key::Passphrase(text.as_bytes())),
        (other, _) => bail!("{other} is no kind"),
    }
}

/// Everything is there and whole; that a copy beside the file is of before is said, and no fault.
fn check(mut vault: Vault) -> anyhow::Result<()> {
    // A format that this version does not write is shown, and not touched.
    let fine = matches!(vault.mode(), Mode::ReadWrite | Mode::ReadOnly(Reason::NewerFormat));
    ensure!(fine, "read-only: {:?}", vault.mode());
    let items = vault.items().to_vec();
    for item in &items {
        let otp = vault.open_otp(item.id)?;
        ensure!(otp.secret().expose() == item.account_name.as_bytes(), "another secret");
    }
    ensure!(items.len() == ACCOUNTS, "{} accounts", items.len());
    let health = vault.verify()?;
    let faults = health.problems.iter().filter(|problem| !matches!(problem, Problem::SnapshotOfOldKeys(_)));
    ensure!(faults.count() == 0 && health.damaged.is_empty(), "{:?}", health.problems);
    let damaged = health.snapshots.iter().any(|info| info.state == SnapshotState::Damaged);
    ensure!(!damaged && !health.snapshots.is_empty(), "{:?}", health.snapshots);
    vault.lock();
    Ok(())
}

/// Every snapshot becomes a whole vault in an empty folder, with one of the ways in.
fn restores<'a>(place: &Path, ways: impl Iterator<Item = &'a String> + Clone) -> anyhow::Result<()> {
    for info in vault::snapshots_in(&place.join("vault"))? {
        let copy = LockedSnapshot::open(&info.path)?;
        let fits = |way: &&String| with_key(way, |key| Ok(copy.unlock(&key).is_ok())).unwrap_or(false);
        let way =
            ways.clone().find(fits).with_context(|| format!("nothing opens snapshot {}", info.number))?;
        let folder = tempfile::tempdir()?;
        let anchor: Arc<dyn Anchor> = Arc::new(OneAnchor::default());
        let opened = with_key(way, |key| Ok(vault::restore(folder.path(), &copy, key, &anchor, NOW)?))?;
        ensure!(opened.report.accounts == ACCOUNTS, "{} accounts in a snapshot", opened.report.accounts);
    }
    Ok(())
}

/// Returns the data keys that rows are sealed under, and the format; it must be one of the two whole ones.
fn marks(path: &Path) -> anyhow::Result<(BTreeSet<i64>, u32)> {
    let db = Connection::open(path)?;
    let mut query =
        db.prepare("SELECT epoch FROM dek UNION SELECT epoch FROM item UNION SELECT epoch FROM doc")?;
    let epochs = query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let version: u32 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let written: Vec<u8> = db.query_row("SELECT v FROM meta WHERE k = 'format'", [], |row| row.get(0))?;
    let columns: u32 =
        db.query_row("SELECT count(*) FROM pragma_table_info('later')", [], |row| row.get(0))?;
    let whole = [(1, 0), (LATER, 2)].contains(&(version, columns));
    ensure!(whole && written == version.to_be_bytes(), "format {version} with {columns} new columns");
    Ok((epochs, version))
}
