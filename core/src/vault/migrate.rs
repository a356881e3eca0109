//! From an older format to ours: steps in a list, one transaction, a snapshot before and a full check after.
//!
//! A step may add tables and columns. It never drops what the version before it still used, so that a snapshot of that
//! version can always be read.

use super::VaultError;
use super::contents::Contents;
use super::schema;
use super::store::Vault;
use crate::time::UnixTime;

/// Leads from one format to the next: data, so that the list can be read.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The format that it starts from; it ends at the next.
    pub from: u32,
    /// What it does, in SQL, in a transaction that is begun already.
    pub sql: &'static str,
}

/// Every step there ever was. Format 1 is the first, so there is none yet.
const STEPS: &[Step] = &[];

impl Vault {
    /// Brings an older file to the format of this version. A file that is ours already is left alone.
    pub(super) fn migrate(&mut self, at: UnixTime) -> Result<(), VaultError> {
        self.migrate_to(schema::USER_VERSION, STEPS, at)
    }

    /// Runs the steps that lead to format `to`. It is public for the proof that kills it, which has steps of its own.
    ///
    /// # Errors
    /// [`VaultError::FileDamaged`] when a step is missing or changed a row, or the full check finds a fault; whatever a
    /// step answers. In each case the file is as it was.
    #[doc(hidden)]
    pub fn migrate_to(&mut self, to: u32, steps: &[Step], at: UnixTime) -> Result<(), VaultError> {
        if self.known.state.user_version >= to {
            return Ok(());
        }
        self.snapshot_before(at)?;
        let from = self.known.state.user_version;
        self.commit(|vault| {
            let before = Contents::read(&vault.db, vault.key_rows())?;
            for version in from..to {
                let step = steps.iter().find(|step| step.from == version).ok_or(VaultError::FileDamaged)?;
                vault.db.execute_batch(step.sql)?;
            }
            let after = Contents::read(&vault.db, vault.key_rows())?;
            if before.items != after.items || before.docs != after.docs || before.key_rows != after.key_rows {
                return Err(VaultError::FileDamaged);
            }
            vault.db.pragma_update(None, "user_version", to)?;
            vault.db.execute("UPDATE meta SET v = ? WHERE k = 'format'", [to.to_be_bytes()])?;
            vault.known.state.user_version = to;
            Ok(())
        })?;
        // The snapshot from before stays with the others; it is what to go back to.
        let health = self.verify()?;
        if health.problems.is_empty() && health.damaged.is_empty() {
            Ok(())
        } else {
            Err(VaultError::FileDamaged)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::tests::{NOW, OneAnchor, account};
    use super::super::{Key, LockedVault, Mode, NewSlot, Reason, RecoveryCode, SnapshotState, create};
    use super::*;
    use crate::device::Anchor;

    const TO_3: [Step; 2] = [
        Step { from: 2, sql: "ALTER TABLE later ADD COLUMN more BLOB" },
        Step { from: 1, sql: "CREATE TABLE later (id BLOB PRIMARY KEY) STRICT" },
    ];

    fn with_vault(check: impl FnOnce(&mut Vault, &dyn Fn() -> Vault)) {
        let folder = tempfile::tempdir().unwrap();
        let anchor: Arc<dyn Anchor> = Arc::new(OneAnchor::default());
        let code = RecoveryCode::make().unwrap();
        let mut vault = create(folder.path(), &anchor, &[NewSlot::RecoveryCode(&code)], NOW).unwrap();
        for n in 0..5 {
            vault.add(account(n), NOW).unwrap();
        }
        let open = || {
            let locked = LockedVault::open(folder.path()).unwrap();
            locked.unlock(Key::RecoveryCode(&code), &anchor, NOW).unwrap().vault
        };
        check(&mut vault, &open);
    }

    #[test]
    fn steps_run_in_the_order_of_their_versions_with_a_snapshot_before() {
        with_vault(|vault, open| {
            vault.migrate_to(3, &TO_3, NOW).unwrap();
            assert_eq!(vault.items().len(), 5);
            let snapshots = vault.snapshots().unwrap();
            assert_eq!(snapshots[0].state, SnapshotState::Whole);
            // This version writes format 1: to it the file is newer, is shown, and is not touched.
            let mut again = open();
            assert_eq!(again.mode(), Mode::ReadOnly(Reason::NewerFormat));
            assert_eq!(again.items().len(), 5);
            assert!(again.add(account(9), NOW).is_err());
        });
    }

    #[test]
    fn a_step_that_fails_is_missing_or_changes_a_row_leaves_the_file_as_it_was() {
        let fails = Step { from: 1, sql: "SELECT no FROM nothing" };
        let half = Step { from: 1, sql: "CREATE TABLE half (a); INSERT INTO nowhere VALUES (1)" };
        let spoils = Step { from: 1, sql: "UPDATE item SET rev = rev + 1" };
        let missing = Step { from: 7, sql: "" };
        for step in [fails, half, spoils, missing] {
            with_vault(|vault, open| {
                assert!(vault.migrate_to(2, &[step], NOW).is_err());
                assert_eq!((vault.mode(), vault.items().len()), (Mode::ReadWrite, 5));
                vault.add(account(8), NOW).unwrap();
                let again = open();
                assert_eq!((again.mode(), again.items().len()), (Mode::ReadWrite, 6));
                let tables = "SELECT count(*) FROM sqlite_schema WHERE name IN ('half', 'later')";
                assert_eq!(again.db.query_row(tables, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
            });
        }
    }

    #[test]
    fn a_file_of_our_own_format_is_left_alone() {
        with_vault(|vault, _| {
            let seq = vault.seq();
            vault.migrate(NOW).unwrap();
            assert_eq!(vault.seq(), seq);
            assert!(vault.snapshots().unwrap().is_empty());
        });
    }
}
