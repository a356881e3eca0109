//! Everything that a vault's file holds, as sealed bytes: what a snapshot carries and what a file is made from.
//!
//! Nothing is opened here but the manifest: rows stay sealed, so that a damaged row or one of a later version is
//! carried byte for byte, and no secret is in memory while a copy is made.

use std::path::Path;

use rusqlite::Connection;

use super::VaultError;
use super::key_rows::write_key_rows;
use super::keyfile::KeyFile;
use super::manifest::{BUCKETS, Bucket, Covered, Root, RowDigest};
use super::read::read_min_reader;
use super::schema;
use crate::secret::SecretBytes;

/// One row of `item`, sealed.
#[derive(Clone, Eq, PartialEq)]
pub(super) struct ItemRow {
    pub(super) id: [u8; 16],
    pub(super) rev: u64,
    pub(super) epoch: u32,
    pub(super) meta: Vec<u8>,
    pub(super) secret: Vec<u8>,
}

/// One row of `doc`, sealed.
#[derive(Clone, Eq, PartialEq)]
pub(super) struct DocRow {
    pub(super) id: [u8; 16],
    pub(super) rev: u64,
    pub(super) epoch: u32,
    pub(super) body: Vec<u8>,
}

/// A whole file: slots and key, rows and documents in the order of their ids, and the root over them.
#[derive(Clone)]
pub(super) struct Contents {
    pub(super) user_version: u32,
    pub(super) min_reader: u32,
    pub(super) key_rows: KeyFile,
    pub(super) items: Vec<ItemRow>,
    pub(super) docs: Vec<DocRow>,
    pub(super) root: Root,
}

impl Contents {
    /// Returns an empty vault, with a first root on a branch of its own.
    pub(super) fn empty(key_rows: KeyFile, manifest: &SecretBytes, branch: [u8; 16]) -> Self {
        let mut contents = Self {
            user_version: schema::USER_VERSION,
            min_reader: schema::MIN_READER,
            key_rows,
            items: Vec::new(),
            docs: Vec::new(),
            root: Root { seq: 0, branch, prev_root: [0; 32], mac: [0; 32] },
        };
        contents.start_branch(manifest, 1, branch);
        contents
    }

    /// Reads a file; the caller has begun a transaction, so that all of it is of one moment.
    pub(super) fn read(db: &Connection, key_rows: KeyFile) -> Result<Self, VaultError> {
        let mut query = db.prepare("SELECT id, rev, epoch, meta, secret FROM item ORDER BY id")?;
        let items = query
            .query_map([], |row| {
                Ok(ItemRow {
                    id: row.get(0)?,
                    rev: row.get::<_, i64>(1)? as u64,
                    epoch: row.get(2)?,
                    meta: row.get(3)?,
                    secret: row.get(4)?,
                })
            })?
            .collect::<Result<_, _>>()?;
        let mut query = db.prepare("SELECT id, rev, epoch, body FROM doc ORDER BY id")?;
        let docs = query
            .query_map([], |row| {
                let rev = row.get::<_, i64>(1)? as u64;
                Ok(DocRow { id: row.get(0)?, rev, epoch: row.get(2)?, body: row.get(3)? })
            })?
            .collect::<Result<_, _>>()?;
        Ok(Self {
            user_version: schema::user_version(db)?,
            min_reader: read_min_reader(db)?,
            key_rows,
            items,
            docs,
            root: Root::read(db)?.ok_or(VaultError::FileDamaged)?,
        })
    }

    /// Tells whether the root is the one over these rows.
    pub(super) fn root_holds(&self, manifest: &SecretBytes) -> bool {
        let buckets = self.buckets();
        self.root.holds(manifest, &self.covered(&buckets))
    }

    /// Makes a new root over these rows: another branch, with this number.
    pub(super) fn start_branch(&mut self, manifest: &SecretBytes, seq: u64, branch: [u8; 16]) {
        let buckets = self.buckets();
        self.root = Root::at(manifest, &self.covered(&buckets), seq, branch, self.root.mac);
    }

    /// Writes all of it as a new file at `path`, which is on the disk when this returns.
    pub(super) fn write(&self, path: &Path) -> Result<(), VaultError> {
        let db = schema::create(path)?;
        db.pragma_update(None, "user_version", self.user_version)?;
        db.execute("INSERT INTO meta (k, v) VALUES ('format', ?)", [self.user_version.to_be_bytes()])?;
        db.execute("INSERT INTO meta (k, v) VALUES ('min_reader', ?)", [self.min_reader.to_be_bytes()])?;
        write_key_rows(&db, &self.key_rows)?;
        self.insert_rows(&db)?;
        self.root.write(&db)?;
        db.execute_batch("COMMIT")?;
        schema::checkpoint(&db);
        db.close().map_err(|(_, error)| error)?;
        std::fs::File::open(path)?.sync_all()?;
        Ok(())
    }

    fn insert_rows(&self, db: &Connection) -> Result<(), VaultError> {
        let mut item =
            db.prepare("INSERT INTO item (id, rev, epoch, meta, secret) VALUES (?, ?, ?, ?, ?)")?;
        for row in &self.items {
            item.execute((row.id, row.rev as i64, row.epoch, &row.meta, &row.secret))?;
        }
        let mut doc = db.prepare("INSERT INTO doc (id, rev, epoch, body) VALUES (?, ?, ?, ?)")?;
        for row in &self.docs {
            doc.execute((row.id, row.rev as i64, row.epoch, &row.body))?;
        }
        let mut digest = db.prepare("INSERT INTO bucket (b, n, digest) VALUES (?, ?, ?)")?;
        for (b, bucket) in self.buckets().iter().enumerate() {
            digest.execute((b as i64, bucket.rows, bucket.digest))?;
        }
        Ok(())
    }

    fn buckets(&self) -> Vec<Bucket> {
        let mut digests: Vec<RowDigest> = (0..BUCKETS).map(|_| RowDigest::new()).collect();
        for row in &self.items {
            digests[usize::from(row.id[0])].row(&row.id, row.rev, row.epoch, &[&row.meta, &row.secret]);
        }
        digests.into_iter().map(RowDigest::finish).collect()
    }

    fn covered<'a>(&'a self, buckets: &'a [Bucket]) -> Covered<'a> {
        let mut docs = RowDigest::new();
        for row in &self.docs {
            docs.row(&row.id, row.rev, row.epoch, &[&row.body]);
        }
        Covered {
            vault: self.key_rows.vault,
            user_version: self.user_version,
            min_reader: self.min_reader,
            dek: &self.key_rows.dek,
            slots: &self.key_rows.slots,
            docs: docs.finish().digest,
            buckets,
        }
    }
}
