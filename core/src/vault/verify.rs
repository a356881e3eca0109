//! The full check: every row opened, every digest compared, and SQLite's own look at the file.

use super::VaultError;
use super::ids::ItemId;
use super::item::ItemState;
use super::keyfile::KeyFile;
use super::manifest::Bucket;
use super::read::read_state;
use super::state::{Health, Problem};
use super::store::Vault;

impl Vault {
    /// Reads everything again and says what it found. Nothing is changed.
    ///
    /// # Errors
    /// [`VaultError::FileDamaged`], [`VaultError::Busy`], [`VaultError::Io`] when the file cannot be read at all.
    pub fn verify(&mut self) -> Result<Health, VaultError> {
        self.refresh()?;
        self.db.execute_batch("BEGIN")?;
        let health = self.look();
        self.db.execute_batch("ROLLBACK")?;
        health
    }

    fn look(&self) -> Result<Health, VaultError> {
        let fresh =
            read_state(&self.db, self.id, &self.keys, self.state.slots.clone(), self.state.dek.clone())?;
        let mut problems = Vec::new();
        let check: String = self.db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if check != "ok" {
            problems.push(Problem::FileDamaged);
        }
        let stored = self.stored_buckets()?;
        for (b, bucket) in (0..=u8::MAX).zip(&fresh.buckets) {
            if stored.get(usize::from(b)) != Some(bucket) {
                problems.push(Problem::BucketChanged(b));
            }
        }
        if !fresh.root.holds(&self.keys.manifest, &fresh.covered(self.id)) {
            problems.push(Problem::RootChanged);
        }
        if !fresh.docs_whole {
            problems.push(Problem::DocumentDamaged);
        }
        if KeyFile::read(&self.folder)? != Some(self.key_rows()) {
            problems.push(Problem::KeyCopyStale);
        }
        problems.extend(self.report.anchor_stale.map(Problem::AnchorStale));
        let opens = |id: &ItemId| {
            !matches!(self.open_secret(*id), Err(VaultError::ItemUnreadable | VaultError::ChangedOutside))
        };
        let damaged = fresh
            .rows
            .iter()
            .filter(|(id, row)| {
                row.state == ItemState::Damaged || row.state != ItemState::Unknown && !opens(id)
            })
            .map(|(id, _)| *id)
            .collect();
        Ok(Health { mode: self.mode, accounts: fresh.rows.len(), damaged, problems })
    }

    fn stored_buckets(&self) -> Result<Vec<Bucket>, VaultError> {
        let mut query = self.db.prepare("SELECT n, digest FROM bucket ORDER BY b")?;
        let rows = query.query_map([], |row| Ok(Bucket { rows: row.get(0)?, digest: row.get(1)? }))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
