//! What a vault is as a whole: digests of 256 buckets of rows, and a MAC over them and all else that counts.
//!
//! A row that opens proves that it was ours once; the manifest proves that it is the one that belongs here now.

use hmac::{Hmac, KeyInit, Mac};
use rusqlite::{Connection, OptionalExtension};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::VaultError;
use super::keys::WrappedDek;
use super::slots::SlotRow;
use crate::crypto::seal;
use crate::device::{AnchorRecord, VaultId};
use crate::secret::SecretBytes;

/// The newest commit, as the file tells it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Root {
    pub(super) seq: u64,
    pub(super) branch: [u8; 16],
    pub(super) prev_root: [u8; 32],
    pub(super) mac: [u8; 32],
}

/// How many rows a bucket has, and the digest of them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Bucket {
    pub(super) rows: u32,
    pub(super) digest: [u8; 32],
}

/// Nonce and tag of a sealed blob: they change with every writing.
pub(super) type Mark = [u8; seal::NONCE + seal::TAG];

/// Everything under the root MAC but the root itself.
pub(super) struct Covered<'a> {
    pub(super) vault: VaultId,
    pub(super) user_version: u32,
    pub(super) min_reader: u32,
    pub(super) dek: &'a WrappedDek,
    pub(super) slots: &'a [SlotRow],
    pub(super) docs: [u8; 32],
    pub(super) buckets: &'a [Bucket],
}

pub(super) const BUCKETS: usize = 256;

/// Returns nonce and tag of a sealed blob; `None` when it is too short to be one.
pub(super) fn mark(sealed: &[u8]) -> Option<Mark> {
    if sealed.len() < seal::OVERHEAD {
        return None;
    }
    let mut mark = [0; seal::NONCE + seal::TAG];
    mark[..seal::NONCE].copy_from_slice(&sealed[1..=seal::NONCE]);
    mark[seal::NONCE..].copy_from_slice(&sealed[sealed.len() - seal::TAG..]);
    Some(mark)
}

/// Digests the rows of a bucket, or all documents, one after the other in the order of their ids.
pub(super) struct RowDigest {
    rows: u32,
    sha: Sha256,
}

impl RowDigest {
    pub(super) fn new() -> Self {
        Self { rows: 0, sha: Sha256::new() }
    }

    /// Takes one row in. A blob too short to be sealed goes in whole, so that it cannot hide.
    pub(super) fn row(&mut self, id: &[u8], rev: u64, epoch: u32, blobs: &[&[u8]]) {
        self.rows += 1;
        self.sha.update(id);
        self.sha.update(rev.to_be_bytes());
        self.sha.update(epoch.to_be_bytes());
        for blob in blobs {
            match mark(blob) {
                Some(mark) => self.sha.update(mark),
                None => {
                    self.sha.update((blob.len() as u64).to_be_bytes());
                    self.sha.update(blob);
                }
            }
        }
    }

    pub(super) fn finish(self) -> Bucket {
        Bucket { rows: self.rows, digest: self.sha.finalize().into() }
    }
}

impl Root {
    /// Returns a root with its MAC.
    pub(super) fn at(
        key: &SecretBytes,
        covered: &Covered<'_>,
        seq: u64,
        branch: [u8; 16],
        prev_root: [u8; 32],
    ) -> Self {
        let mut root = Self { seq, branch, prev_root, mac: [0; 32] };
        root.mac = root.mac_over(key, covered);
        root
    }

    /// Returns what is kept of this root outside the file.
    pub(super) fn anchor(&self) -> AnchorRecord {
        let Self { seq, branch, prev_root, mac } = self.clone();
        AnchorRecord { seq, root_mac: mac, prev_root, branch }
    }

    /// Tells whether the MAC is that of the root over `covered`.
    pub(super) fn holds(&self, key: &SecretBytes, covered: &Covered<'_>) -> bool {
        self.mac_over(key, covered).ct_eq(&self.mac).into()
    }

    fn mac_over(&self, key: &SecretBytes, covered: &Covered<'_>) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(key.expose()).expect("HMAC takes a key of any length");
        mac.update(b"klink/1/root");
        mac.update(&covered.vault.0);
        mac.update(&self.seq.to_be_bytes());
        mac.update(&self.prev_root);
        mac.update(&self.branch);
        mac.update(&covered.user_version.to_be_bytes());
        mac.update(&covered.min_reader.to_be_bytes());
        mac.update(&covered.dek.digest());
        mac.update(&slots_digest(covered.slots));
        mac.update(&covered.docs);
        for bucket in covered.buckets {
            mac.update(&bucket.rows.to_be_bytes());
            mac.update(&bucket.digest);
        }
        mac.finalize().into_bytes().into()
    }

    /// Reads the root; `None` when there is none, which is no whole vault.
    pub(super) fn read(db: &Connection) -> Result<Option<Self>, VaultError> {
        Ok(db
            .query_row("SELECT seq, branch, prev_root, mac FROM root WHERE one = 1", [], |row| {
                Ok(Self {
                    seq: row.get::<_, i64>(0)? as u64,
                    branch: row.get(1)?,
                    prev_root: row.get(2)?,
                    mac: row.get(3)?,
                })
            })
            .optional()?)
    }

    pub(super) fn write(&self, db: &Connection) -> Result<(), VaultError> {
        db.prepare_cached(
            "INSERT OR REPLACE INTO root (one, seq, branch, prev_root, mac) VALUES (1, ?, ?, ?, ?)",
        )?
        .execute((self.seq as i64, self.branch, self.prev_root, self.mac))?;
        Ok(())
    }
}

fn slots_digest(slots: &[SlotRow]) -> [u8; 32] {
    let mut sha = Sha256::new();
    for slot in slots {
        sha.update(slot.id);
        sha.update((slot.body.len() as u64).to_be_bytes());
        sha.update(&slot.body);
    }
    sha.finalize().into()
}
