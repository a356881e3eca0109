//! Salvage: what a damaged file still holds, together with the newest snapshot, proposed and never forced.
//!
//! The original is put in quarantine byte for byte before anything else is done. Every row whose seals open is
//! found by looking at the pages themselves, so that neither SQLite nor the tree above the rows must be whole.

mod cells;
mod pages;
mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::VaultError;
use super::contents::{Contents, DocRow, ItemRow};
use super::create::put_in_place;
use super::ids::ItemId;
use super::item::Item;
use super::key_rows::open_keys;
use super::keyfile::KeyFile;
use super::keys::Subkeys;
use super::manifest::Root;
use super::quarantine;
use super::read::{COLUMN_META, TABLE_ITEM, aad};
use super::record::{self, Meta};
use super::schema;
use super::slots::Key;
use super::snapshot::{self, LockedSnapshot, SnapshotInfo};
use super::state::Reason;
use super::unlock::{LockedVault, Opened};
use crate::crypto::{random, scrub_stack, seal};
use crate::device::{Anchor, StoredAnchor};
use crate::time::UnixTime;

/// What was found, and what would be made of it. Nothing is changed until [`Salvage::commit`].
pub struct Salvage {
    folder: PathBuf,
    proposal: Proposal,
    keys: Subkeys,
    key_rows: KeyFile,
    items: BTreeMap<ItemId, ItemRow>,
    docs: BTreeMap<[u8; 16], DocRow>,
    /// The highest number that file and snapshots say.
    seq: u64,
}

/// What salvage proposes.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// Where the original is kept, byte for byte.
    pub quarantine: PathBuf,
    /// The snapshot that helps out; `None` when there is none that opens.
    pub snapshot: Option<SnapshotInfo>,
    /// Every account that can be had, trash included.
    pub rows: Vec<ProposedRow>,
    /// Accounts of which bytes were found and neither the file nor the snapshot has a whole row.
    pub lost: Vec<ItemId>,
}

/// One account that can be had.
#[derive(Clone, Debug)]
pub struct ProposedRow {
    /// As a list would show it.
    pub item: Item,
    /// Where it comes from.
    pub from: RowSource,
}

/// Where a row comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RowSource {
    /// The file; the snapshot has the same or an older one, or none.
    File,
    /// The snapshot: in the file it is damaged.
    SnapshotForDamaged,
    /// The snapshot alone: its page is gone from the file, or it was deleted for good since.
    SnapshotAlone,
    /// The snapshot, which has a newer one than the file.
    SnapshotNewer,
}

/// Puts the vault of `folder` in quarantine and looks at what it still holds. Nothing else is changed.
///
/// # Errors
/// [`VaultError::NotFound`] when there is no file; [`VaultError::WrongKey`], [`VaultError::NoSuchSlot`],
/// [`VaultError::SlotDamaged`], [`VaultError::Kdf`]; [`VaultError::DiskFull`] and [`VaultError::Io`] when the
/// original could not be kept.
pub fn salvage(folder: &Path, key: &Key<'_>, at: UnixTime) -> Result<Salvage, VaultError> {
    let file = read(&folder.join(schema::FILE))?.ok_or(VaultError::NotFound)?;
    let log = read(&folder.join(schema::LOG))?.unwrap_or_default();
    let kept = quarantine::keep(folder, at)?.ok_or(VaultError::NotFound)?;
    let found = rows::find(&file, &log);
    let (key_rows, keys) = keys(folder, &found, key)?;
    scrub_stack();
    let newest = newest_snapshot(folder, &key_rows, &keys);
    let vault = key_rows.vault;
    let mut seq = found.seq;
    let rows::Whole { mut items, mut docs, damaged } = found.open(vault, &keys);
    let mut from = BTreeMap::new();
    let mut info = None;
    if let Some((snapshot, contents)) = newest {
        seq = seq.max(contents.root.seq);
        info = Some(snapshot);
        for row in contents.items {
            // A row that does not open in the snapshot either is no help.
            if !rows::item_opens(vault, &keys, &row) {
                continue;
            }
            let source = match items.get(&row.id) {
                Some(there) if there.rev >= row.rev => continue,
                Some(_) => RowSource::SnapshotNewer,
                None if damaged.contains(&row.id) => RowSource::SnapshotForDamaged,
                None => RowSource::SnapshotAlone,
            };
            from.insert(ItemId(row.id), source);
            items.insert(row.id, row);
        }
        for row in contents.docs {
            if docs.get(&row.id).is_none_or(|there| there.rev < row.rev) {
                docs.insert(row.id, row);
            }
        }
    }
    let lost = damaged.iter().filter(|id| !items.contains_key(*id)).map(|id| ItemId(*id)).collect();
    let items: BTreeMap<ItemId, ItemRow> = items.into_iter().map(|(id, row)| (ItemId(id), row)).collect();
    let rows = items
        .iter()
        .map(|(id, row)| ProposedRow {
            item: shown(&key_rows, &keys, row),
            from: from.get(id).copied().unwrap_or(RowSource::File),
        })
        .collect();
    let proposal = Proposal { quarantine: kept, snapshot: info, rows, lost };
    Ok(Salvage { folder: folder.to_owned(), proposal, keys, key_rows, items, docs, seq })
}

impl Salvage {
    /// Returns what would be made.
    pub fn proposal(&self) -> &Proposal {
        &self.proposal
    }

    /// Makes a vault of the rows found but those in `leave_out`, puts it in the place of the damaged one, and opens
    /// it: a new branch, with a number above all that were seen. The original stays in quarantine. When the key store
    /// fails after that, the vault is whole and read-only, and is accepted later.
    ///
    /// # Errors
    /// [`VaultError::KeyStore`] when the anchor cannot be read; [`VaultError::ChangedOutside`] when the damaged file
    /// is no longer the one in quarantine; disk trouble. In each case the damaged file is as it was.
    pub fn commit(
        self,
        leave_out: &[ItemId],
        key: Key<'_>,
        anchor: &Arc<dyn Anchor>,
        at: UnixTime,
    ) -> Result<Opened, VaultError> {
        let Self { folder, proposal, keys, key_rows, items, docs, seq } = self;
        let vault = key_rows.vault;
        let above = match anchor.load(vault)? {
            StoredAnchor::Present(record) => record.seq,
            StoredAnchor::Absent | StoredAnchor::Torn => 0,
        };
        let out: BTreeSet<&ItemId> = leave_out.iter().collect();
        let items = items.into_iter().filter(|(id, _)| !out.contains(id)).map(|(_, row)| row).collect();
        let branch: [u8; 16] = random::make_array()?;
        let mut contents = Contents {
            user_version: schema::USER_VERSION,
            min_reader: schema::MIN_READER,
            key_rows,
            items,
            docs: docs.into_values().collect(),
            root: Root { seq, branch, prev_root: [0; 32], mac: [0; 32] },
        };
        contents.start_branch(&keys.manifest, seq.max(above) + 1, branch);
        drop(keys);
        // What is replaced now must be what lies in quarantine.
        let same = || match quarantine::keep(&folder, at)? == Some(proposal.quarantine) {
            true => Ok(()),
            false => Err(VaultError::ChangedOutside),
        };
        put_in_place(&folder, &contents, same)?;
        let mut opened = LockedVault::open(&folder)?.unlock(key, anchor, at)?;
        // The user has said yes to this vault: its anchor is rebuilt with it, if the key store lets us.
        match opened.vault.accept() {
            Ok(()) | Err(VaultError::KeyStore(_) | VaultError::ReadOnly(Reason::AnchorUnavailable)) => {}
            Err(error) => return Err(error),
        }
        opened.report = opened.vault.report().clone();
        Ok(opened)
    }
}

/// Finds slots that open with `key`: of the copy beside the file, of the file's pages, of the snapshots.
fn keys(folder: &Path, found: &rows::Found, key: &Key<'_>) -> Result<(KeyFile, Subkeys), VaultError> {
    let snapshots = snapshot::snapshots_in(folder)?;
    let in_snapshots: Vec<KeyFile> = snapshots
        .iter()
        .rev()
        .filter_map(|info| LockedSnapshot::open(&info.path).ok()?.all_key_rows(key))
        .collect();
    let mut candidates = Vec::new();
    candidates.extend(LockedVault::open(folder).ok().map(LockedVault::into_key_rows));
    candidates.extend(KeyFile::read(folder)?);
    if let Some(vault) = candidates.iter().chain(&in_snapshots).map(|rows| rows.vault).next() {
        candidates.extend(found.key_rows(vault));
    }
    candidates.extend(in_snapshots);
    candidates.sort_by_key(|rows| rows.slots.iter().any(|slot| !slot.is_whole()));
    candidates.dedup_by(|next, before| next == before);
    let mut refused = VaultError::SlotDamaged;
    let mut opened = None;
    for rows in candidates {
        match open_keys(&rows, key, None) {
            // An earlier key opens earlier copies alone; it serves when no row speaks for another.
            Ok(keys) if opened.is_some() && !found.any_opens(rows.vault, &keys) => {}
            Ok(keys) => {
                let right = found.any_opens(rows.vault, &keys);
                // A slot that is damaged everywhere is left out; the original is in quarantine.
                let slots = rows.slots.iter().filter(|slot| slot.is_whole()).cloned().collect();
                opened = Some((KeyFile { slots, ..rows }, keys));
                if right {
                    break;
                }
            }
            Err(error) => refused = error,
        }
    }
    opened.ok_or(refused)
}

/// Opens the newest snapshot of this vault that can be opened with these keys.
fn newest_snapshot(folder: &Path, key_rows: &KeyFile, keys: &Subkeys) -> Option<(SnapshotInfo, Contents)> {
    let all = snapshot::snapshots_in(folder).ok()?;
    all.into_iter().rev().find_map(|info| {
        let contents = LockedSnapshot::open(&info.path).ok()?.contents_with(key_rows, keys)?;
        Some((info, contents))
    })
}

fn shown(key_rows: &KeyFile, keys: &Subkeys, row: &ItemRow) -> Item {
    let aad = aad(key_rows.vault, TABLE_ITEM, COLUMN_META, row.id, row.rev, row.epoch);
    let meta: Option<Meta> =
        seal::open(&keys.meta, &aad, &row.meta).ok().and_then(|plain| record::unpadded(plain.expose()));
    match meta {
        Some(meta) => meta.item(ItemId(row.id)),
        None => super::store::unreadable(ItemId(row.id), super::ItemState::Unknown),
    }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, VaultError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}
