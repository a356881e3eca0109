//! The full check: every row opened, every digest compared, and SQLite's own look at the file.

use super::VaultError;
use super::ids::ItemId;
use super::item::ItemState;
use super::keyfile::KeyFile;
use super::manifest::Bucket;
use super::quarantine;
use super::read::read_state;
use super::schema;
use super::snapshot::{SnapshotInfo, SnapshotState};
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
        let fresh = read_state(
            &self.db,
            self.known.id,
            &self.known.keys,
            self.known.state.slots.clone(),
            self.known.state.dek.clone(),
        )?;
        let mut problems = Vec::new();
        match schema::check_structure(&self.db) {
            Ok(()) => {}
            Err(VaultError::FileDamaged) => problems.push(Problem::FileDamaged),
            Err(error) => return Err(error),
        }
        let stored = self.stored_buckets()?;
        for (b, bucket) in (0..=u8::MAX).zip(&fresh.buckets) {
            if stored.get(usize::from(b)) != Some(bucket) {
                problems.push(Problem::BucketChanged(b));
            }
        }
        if !fresh.root.holds(&self.known.keys.manifest, &fresh.covered(self.known.id)) {
            problems.push(Problem::RootChanged);
        }
        if !fresh.docs_whole {
            problems.push(Problem::DocumentDamaged);
        }
        if KeyFile::read(&self.known.folder)? != Some(self.key_rows()) {
            problems.push(Problem::KeyCopyStale);
        }
        problems.extend(self.known.report.anchor_stale.map(Problem::AnchorStale));
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
        let snapshots = self.snapshots()?;
        let bad = snapshots.iter().filter(|info| info.state == SnapshotState::Damaged);
        problems.extend(bad.map(|info| Problem::SnapshotDamaged(info.number)));
        let newest = snapshots.iter().rev().find(|info| info.says.is_some());
        problems.extend(
            newest.filter(|info| self.is_of_old_keys(info)).map(|i| Problem::SnapshotOfOldKeys(i.number)),
        );
        let good = snapshots.iter().rev().find(|info| info.state == SnapshotState::Whole);
        let last_good_copy_at = good.and_then(|info| Some(info.says.as_ref()?.created_at));
        let quarantined = quarantine::list(&self.known.folder)?;
        let accounts = fresh.rows.len();
        Ok(Health {
            mode: self.known.mode,
            accounts,
            damaged,
            problems,
            snapshots,
            last_good_copy_at,
            quarantined,
        })
    }

    /// Tells whether a snapshot opens with other slots than the vault has now.
    fn is_of_old_keys(&self, info: &SnapshotInfo) -> bool {
        let now = self.known.state.slots.iter().filter(|slot| slot.kind().is_portable()).map(|slot| slot.id);
        let then = info.says.iter().flat_map(|says| says.opens_with.iter().map(|slot| slot.id));
        !now.eq(then)
    }

    fn stored_buckets(&self) -> Result<Vec<Bucket>, VaultError> {
        let mut query = self.db.prepare("SELECT n, digest FROM bucket ORDER BY b")?;
        let rows = query.query_map([], |row| Ok(Bucket { rows: row.get(0)?, digest: row.get(1)? }))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
