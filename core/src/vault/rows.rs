//! Rows and documents, written inside a transaction of [`Vault::commit`], and one secret opened.

use rusqlite::OptionalExtension;

use super::VaultError;
use super::docs::DocKind;
use super::ids::ItemId;
use super::manifest::mark;
use super::read::{
    COLUMN_BODY, COLUMN_META, COLUMN_SECRET, TABLE_DOC, TABLE_ITEM, aad, bucket_digest, docs_digest,
};
use super::record::{self, Meta, SecretPart};
use super::store::{Row, Vault};
use crate::crypto::seal;
use crate::secret::SecretBytes;

impl Vault {
    pub(super) fn open_secret(&self, id: ItemId) -> Result<SecretPart, VaultError> {
        let row = self.known.state.rows.get(&id).ok_or(VaultError::NoSuchItem)?;
        let (rev, epoch, sealed): (i64, u32, Vec<u8>) = self
            .db
            .prepare_cached("SELECT rev, epoch, secret FROM item WHERE id = ?")?
            .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?
            .ok_or(VaultError::ChangedOutside)?;
        if rev as u64 != row.rev || epoch != row.epoch || mark(&sealed) != row.secret_mark {
            return Err(VaultError::ChangedOutside);
        }
        let aad = self.aad(TABLE_ITEM, COLUMN_SECRET, id.0, row.rev, epoch);
        let plain =
            seal::open(&self.known.keys.secret, &aad, &sealed).map_err(|_| VaultError::ItemUnreadable)?;
        record::unpadded(plain.expose()).ok_or(VaultError::ItemUnreadable)
    }

    /// Writes one account's row and its bucket's new digest.
    pub(super) fn put_item(
        &mut self,
        id: ItemId,
        meta: Meta,
        part: Option<&SecretPart>,
    ) -> Result<(), VaultError> {
        self.check_bucket(id)?;
        let old = self.known.state.rows.get(&id).cloned();
        let rev = old.as_ref().map_or(1, |row| row.rev + 1);
        let epoch = self.known.state.dek.epoch;
        let kept;
        let part = match part {
            Some(part) => part,
            None => {
                kept = self.open_secret(id)?;
                &kept
            }
        };
        let sealed_meta =
            self.seal(&self.known.keys.meta, TABLE_ITEM, COLUMN_META, id.0, rev, &record::padded(&meta)?)?;
        let sealed_secret =
            self.seal(&self.known.keys.secret, TABLE_ITEM, COLUMN_SECRET, id.0, rev, &record::padded(part)?)?;
        self.db
            .prepare_cached(
                "INSERT OR REPLACE INTO item (id, rev, epoch, meta, secret) VALUES (?, ?, ?, ?, ?)",
            )?
            .execute((id.0, rev as i64, epoch, &sealed_meta, &sealed_secret))?;
        let state = meta.item(id).state;
        let row = Row { rev, epoch, secret_mark: mark(&sealed_secret), meta: Some(meta), state };
        self.known.state.rows.insert(id, row);
        self.renew_bucket(id)
    }

    /// Deletes one account's row for good.
    pub(super) fn remove_item(&mut self, id: ItemId) -> Result<(), VaultError> {
        self.check_bucket(id)?;
        self.db.prepare_cached("DELETE FROM item WHERE id = ?")?.execute([id.0])?;
        self.known.state.rows.remove(&id);
        self.renew_bucket(id)
    }

    /// Writes one document.
    pub(super) fn put_doc(&mut self, kind: DocKind) -> Result<(), VaultError> {
        if docs_digest(&self.db)? != self.known.state.docs_digest {
            return Err(VaultError::ChangedOutside);
        }
        let id = kind.id();
        let rev = self.known.state.doc_revs.get(&id).map_or(1, |rev| rev + 1);
        let docs = &self.known.state.docs;
        let most = record::MOST_DOC_BYTES;
        let plain = match kind {
            DocKind::Order => record::padded_up_to(&docs.order_record(), most)?,
            DocKind::Groups => record::padded_up_to(&docs.groups_record(), most)?,
            DocKind::Usage => record::padded_up_to(&docs.usage_record(), most)?,
            DocKind::Care => record::padded(&docs.care)?,
            DocKind::Backups => record::padded(&docs.backups)?,
        };
        let body = self.seal(&self.known.keys.meta, TABLE_DOC, COLUMN_BODY, id, rev, &plain)?;
        self.db
            .prepare_cached("INSERT OR REPLACE INTO doc (id, rev, epoch, body) VALUES (?, ?, ?, ?)")?
            .execute((id, rev as i64, self.known.state.dek.epoch, &body))?;
        self.known.state.doc_revs.insert(id, rev);
        self.known.state.docs_digest = docs_digest(&self.db)?;
        Ok(())
    }

    /// Makes sure that the rows beside the one to be written are those that were seen: otherwise the new digest
    /// would sign for a row that somebody put back.
    pub(super) fn check_bucket(&self, id: ItemId) -> Result<(), VaultError> {
        #[cfg(test)]
        if super::tests::buckets_go_unchecked() {
            return Ok(());
        }
        let bucket = usize::from(id.0[0]);
        if bucket_digest(&self.db, id.0[0])? != self.known.state.buckets[bucket] {
            return Err(VaultError::ChangedOutside);
        }
        Ok(())
    }

    pub(super) fn renew_bucket(&mut self, id: ItemId) -> Result<(), VaultError> {
        let b = id.0[0];
        let bucket = bucket_digest(&self.db, b)?;
        self.db
            .prepare_cached("INSERT OR REPLACE INTO bucket (b, n, digest) VALUES (?, ?, ?)")?
            .execute((b, bucket.rows, bucket.digest))?;
        self.known.state.buckets[usize::from(b)] = bucket;
        Ok(())
    }

    pub(super) fn seal(
        &self,
        key: &SecretBytes,
        table: u8,
        column: u8,
        id: [u8; 16],
        rev: u64,
        plain: &[u8],
    ) -> Result<Vec<u8>, VaultError> {
        Ok(seal::seal(key, &self.aad(table, column, id, rev, self.known.state.dek.epoch), plain)?)
    }

    fn aad(&self, table: u8, column: u8, id: [u8; 16], rev: u64, epoch: u32) -> Vec<u8> {
        aad(self.known.id, table, column, id, rev, epoch)
    }
}
