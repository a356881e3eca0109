//! Reading the file: every row's names opened, every digest recomputed from the rows. Nothing is judged here.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension};

use super::VaultError;
use super::docs::{DocKind, Docs};
use super::ids::ItemId;
use super::item::ItemState;
use super::keys::{Subkeys, WrappedDek};
use super::manifest::{BUCKETS, Bucket, Root, RowDigest, mark};
use super::record::{self, Meta};
use super::schema;
use super::slots::SlotRow;
use super::store::{Row, State};
use crate::crypto::{scrub_stack, seal};
use crate::device::VaultId;
use crate::secret::SecretBytes;

pub(super) const TABLE_ITEM: u8 = 1;
pub(super) const TABLE_DOC: u8 = 2;
pub(super) const COLUMN_META: u8 = 1;
pub(super) const COLUMN_SECRET: u8 = 2;
pub(super) const COLUMN_BODY: u8 = 3;

/// Reads everything but the secrets, and recomputes every digest from the rows. Does not judge.
pub(super) fn read_state(
    db: &Connection,
    vault: VaultId,
    keys: &Subkeys,
    slots: Vec<SlotRow>,
    dek: WrappedDek,
) -> Result<State, VaultError> {
    let user_version = schema::user_version(db)?;
    let min_reader = read_min_reader(db)?;
    if user_version > schema::USER_VERSION && min_reader > schema::USER_VERSION {
        // Its writer says that we would not understand its rows: they are left alone.
        return Ok(unread(user_version, min_reader, slots, dek, schema::data_version(db)?));
    }
    let root = Root::read(db)?.ok_or(VaultError::FileDamaged)?;
    let mut digests: Vec<RowDigest> = (0..BUCKETS).map(|_| RowDigest::new()).collect();
    let mut rows = BTreeMap::new();
    let mut query = db.prepare_cached("SELECT id, rev, epoch, meta, secret FROM item ORDER BY id")?;
    let mut found = query.query([])?;
    while let Some(row) = found.next()? {
        let id: [u8; 16] = row.get(0)?;
        let (rev, epoch): (i64, u32) = (row.get(1)?, row.get(2)?);
        let sealed_meta = row.get_ref(3)?.as_blob().map_err(|_| VaultError::FileDamaged)?;
        let sealed_secret = row.get_ref(4)?.as_blob().map_err(|_| VaultError::FileDamaged)?;
        digests[usize::from(id[0])].row(&id, rev as u64, epoch, &[sealed_meta, sealed_secret]);
        let aad = aad(vault, TABLE_ITEM, COLUMN_META, id, rev as u64, epoch);
        let (meta, state) = match seal::open(&keys.meta, &aad, sealed_meta) {
            Ok(plain) => match record::unpadded::<Meta>(plain.expose()) {
                Some(meta) => {
                    let state = meta.item(ItemId(id)).state;
                    (Some(meta), state)
                }
                None => (None, ItemState::Unknown),
            },
            Err(_) => (None, ItemState::Damaged),
        };
        rows.insert(
            ItemId(id),
            Row { rev: rev as u64, epoch, secret_mark: mark(sealed_secret), meta, state },
        );
    }
    drop(found);
    drop(query);
    let DocRows { docs, whole: docs_whole, revs: doc_revs } = read_docs(db, vault, keys)?;
    scrub_stack();
    Ok(State {
        user_version,
        min_reader,
        slots,
        dek,
        root,
        buckets: digests.into_iter().map(RowDigest::finish).collect(),
        docs_digest: docs_digest(db)?,
        docs,
        docs_whole,
        doc_revs,
        rows,
        data_version: schema::data_version(db)?,
    })
}

/// What is known of a file whose rows are not looked at.
fn unread(
    user_version: u32,
    min_reader: u32,
    slots: Vec<SlotRow>,
    dek: WrappedDek,
    data_version: i64,
) -> State {
    let nothing = RowDigest::new().finish();
    State {
        user_version,
        min_reader,
        slots,
        dek,
        root: Root { seq: 0, branch: [0; 16], prev_root: [0; 32], mac: [0; 32] },
        buckets: vec![nothing; BUCKETS],
        docs_digest: nothing.digest,
        docs: Docs::default(),
        docs_whole: true,
        doc_revs: BTreeMap::new(),
        rows: BTreeMap::new(),
        data_version,
    }
}

/// The documents, whether all of them opened, and their revisions.
struct DocRows {
    docs: Docs,
    whole: bool,
    revs: BTreeMap<[u8; 16], u64>,
}

fn read_docs(db: &Connection, vault: VaultId, keys: &Subkeys) -> Result<DocRows, VaultError> {
    let mut docs = Docs::default();
    let mut whole = true;
    let mut revs = BTreeMap::new();
    for kind in DocKind::ALL {
        let id = kind.id();
        let row: Option<(i64, u32, Vec<u8>)> = db
            .prepare_cached("SELECT rev, epoch, body FROM doc WHERE id = ?")?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let Some((rev, epoch, body)) = row else { continue };
        revs.insert(id, rev as u64);
        let aad = aad(vault, TABLE_DOC, COLUMN_BODY, id, rev as u64, epoch);
        let plain = seal::open(&keys.meta, &aad, &body).ok();
        let plain = plain.as_ref().map(SecretBytes::expose).unwrap_or_default();
        let taken = match kind {
            DocKind::Order => record::unpadded(plain).map(|record| docs.take_order(record)),
            DocKind::Groups => record::unpadded(plain).map(|record| docs.take_groups(record)),
            DocKind::Usage => record::unpadded(plain).map(|record| docs.take_usage(record)),
            DocKind::Care => record::unpadded(plain).map(|record| docs.care = record),
            DocKind::Backups => record::unpadded(plain).map(|record| docs.backups = record),
        };
        whole &= taken.is_some();
    }
    Ok(DocRows { docs, whole, revs })
}

pub(super) fn read_min_reader(db: &Connection) -> Result<u32, VaultError> {
    let bytes: [u8; 4] = db.query_row("SELECT v FROM meta WHERE k = 'min_reader'", [], |row| row.get(0))?;
    Ok(u32::from_be_bytes(bytes))
}

pub(super) fn bucket_digest(db: &Connection, b: u8) -> Result<Bucket, VaultError> {
    let mut digest = RowDigest::new();
    let mut low = [0; 16];
    low[0] = b;
    let mut high = [0xff; 16];
    high[0] = b;
    let mut query = db.prepare_cached(
        "SELECT id, rev, epoch, meta, secret FROM item WHERE id BETWEEN ? AND ? ORDER BY id",
    )?;
    let mut found = query.query([low, high])?;
    while let Some(row) = found.next()? {
        let id: [u8; 16] = row.get(0)?;
        let meta = row.get_ref(3)?.as_blob().map_err(|_| VaultError::FileDamaged)?;
        let secret = row.get_ref(4)?.as_blob().map_err(|_| VaultError::FileDamaged)?;
        digest.row(&id, row.get::<_, i64>(1)? as u64, row.get(2)?, &[meta, secret]);
    }
    Ok(digest.finish())
}

pub(super) fn docs_digest(db: &Connection) -> Result<[u8; 32], VaultError> {
    let mut digest = RowDigest::new();
    let mut query = db.prepare_cached("SELECT id, rev, epoch, body FROM doc ORDER BY id")?;
    let mut found = query.query([])?;
    while let Some(row) = found.next()? {
        let id: [u8; 16] = row.get(0)?;
        let body = row.get_ref(3)?.as_blob().map_err(|_| VaultError::FileDamaged)?;
        digest.row(&id, row.get::<_, i64>(1)? as u64, row.get(2)?, &[body]);
    }
    Ok(digest.finish().digest)
}

pub(super) fn aad(vault: VaultId, table: u8, column: u8, id: [u8; 16], rev: u64, epoch: u32) -> Vec<u8> {
    let mut aad = Vec::with_capacity(50);
    aad.extend_from_slice(b"AKR1");
    aad.extend_from_slice(&vault.0);
    aad.extend_from_slice(&[table, column]);
    aad.extend_from_slice(&id);
    aad.extend_from_slice(&rev.to_be_bytes());
    aad.extend_from_slice(&epoch.to_be_bytes());
    aad
}
