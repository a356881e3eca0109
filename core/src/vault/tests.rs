//! What only the inside can show: a kind of a later version, a full disk, a removed slot, and S24.
//!
//! S24: an old row put back, and its neighbour written. With the neighbour's new digest the old row would be signed
//! for, unless the bucket is checked before the write. The control leaves the check out.

use std::cell::Cell;
use std::sync::{Arc, Mutex};

use super::*;
use crate::account::Account;
use crate::device::{Anchor, AnchorRecord, KeyStoreError, StoredAnchor};
use crate::otp::{Algorithm, Digits, Hotp, Otp};
use crate::time::UnixTime;

/// Makes a folder in memory where there is one: for what is not about a disk.
pub(super) fn scratch() -> tempfile::TempDir {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

thread_local! {
    static UNCHECKED: Cell<bool> = const { Cell::new(false) };
}

pub(super) fn buckets_go_unchecked() -> bool {
    UNCHECKED.get()
}

#[derive(Default)]
pub(super) struct OneAnchor(Mutex<Option<AnchorRecord>>);

impl Anchor for OneAnchor {
    fn load(&self, _: VaultId) -> Result<StoredAnchor, KeyStoreError> {
        Ok(self.0.lock().unwrap().clone().map_or(StoredAnchor::Absent, StoredAnchor::Present))
    }

    fn store(&self, _: VaultId, record: &AnchorRecord) -> Result<(), KeyStoreError> {
        *self.0.lock().unwrap() = Some(record.clone());
        Ok(())
    }

    fn list(&self) -> Result<Vec<VaultId>, KeyStoreError> {
        Ok(Vec::new())
    }

    fn archive(&self, _: VaultId) -> Result<(), KeyStoreError> {
        Ok(())
    }
}

pub(super) const NOW: UnixTime = UnixTime::from_ms(0);

pub(super) fn account(n: usize) -> NewItem {
    let secret = vec![u8::try_from(n).unwrap(); 20];
    let otp = Otp::Hotp(Hotp {
        secret: secret.as_slice().into(),
        algorithm: Algorithm::Sha1,
        digits: Digits::SIX,
        counter: 0,
    });
    NewItem::from(Account { issuer: n.to_string(), account_name: String::new(), otp, extra: vec![] })
}

/// Makes a vault that a recovery code opens.
fn made(folder: &std::path::Path) -> (Vault, RecoveryCode) {
    let anchor: Arc<dyn Anchor> = Arc::new(OneAnchor::default());
    let code = RecoveryCode::make().unwrap();
    let vault = create(folder, &anchor, &[NewSlot::RecoveryCode(&code)], NOW).unwrap();
    (vault, code)
}

/// Puts an old row of one account back behind the vault's eyes, writes the neighbour in its bucket, opens again.
fn put_back_and_write_the_neighbour() -> (Result<HotpCode, VaultError>, Mode) {
    let folder = tempfile::tempdir().unwrap();
    let anchor: Arc<dyn Anchor> = Arc::new(OneAnchor::default());
    let code = RecoveryCode::make().unwrap();
    let mut vault = create(folder.path(), &anchor, &[NewSlot::RecoveryCode(&code)], NOW).unwrap();
    let (old, neighbour) = (0..)
        .find_map(|n| {
            let id = vault.add(account(n), NOW).unwrap();
            let other = vault.items().iter().find(|item| item.id != id && item.id.0[0] == id.0[0])?;
            Some((id, other.id))
        })
        .unwrap();
    let select = "SELECT rev, epoch, meta, secret FROM item WHERE id = ?";
    type Old = (i64, u32, Vec<u8>, Vec<u8>);
    let row: Old = vault
        .db
        .query_row(select, [old.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .unwrap();
    vault.hotp_next(old).unwrap();
    // By the vault's own connection, so that nothing but the bucket's digest can tell.
    let update = "UPDATE item SET rev = ?, epoch = ?, meta = ?, secret = ? WHERE id = ?";
    vault.db.execute(update, (row.0, row.1, &row.2, &row.3, old.0)).unwrap();
    let written = vault.hotp_next(neighbour);
    drop(vault);
    let opened =
        LockedVault::open(folder.path()).unwrap().unlock(Key::RecoveryCode(&code), &anchor, NOW).unwrap();
    (written, opened.vault.mode())
}

#[test]
fn an_old_row_put_back_is_seen_before_its_neighbour_is_signed_for() {
    let (written, mode) = put_back_and_write_the_neighbour();
    assert!(matches!(written, Err(VaultError::ChangedOutside)));
    assert_eq!(mode, Mode::ReadOnly(Reason::Tampered));
}

/// S24, the other half: the old row's own code is asked for.
#[test]
fn an_old_row_put_back_gives_no_counter_twice() {
    for by_another in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let (mut vault, _) = made(folder.path());
        let id = vault.add(account(1), NOW).unwrap();
        let select = "SELECT rev, meta, secret FROM item WHERE id = ?";
        let row: (i64, Vec<u8>, Vec<u8>) =
            vault.db.query_row(select, [id.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
        assert_eq!(vault.hotp_next(id).unwrap().counter, 0);
        let update = "UPDATE item SET rev = ?, meta = ?, secret = ? WHERE id = ?";
        let values = (row.0, &row.1, &row.2, id.0);
        if by_another {
            // Then SQLite tells that somebody wrote, and everything is read again.
            let other = rusqlite::Connection::open(folder.path().join(schema::FILE)).unwrap();
            other.execute(update, values).unwrap();
        } else {
            vault.db.execute(update, values).unwrap();
        }
        let seq = vault.seq();
        if !by_another {
            assert!(matches!(vault.open_otp(id), Err(VaultError::ChangedOutside)));
        }
        assert!(vault.hotp_next(id).is_err(), "counter 0 would come twice");
        assert!(matches!(vault.hotp_next(id), Err(VaultError::ReadOnly(Reason::Tampered))));
        assert_eq!((vault.seq(), vault.mode()), (seq, Mode::ReadOnly(Reason::Tampered)));
    }
}

#[test]
fn control_without_the_check_the_old_row_would_be_signed_for() {
    UNCHECKED.set(true);
    let (written, mode) = put_back_and_write_the_neighbour();
    assert!(written.is_ok());
    assert_eq!(mode, Mode::ReadWrite);
}

/// R18: a later version's account goes through this version's edits untouched, byte for byte.
#[test]
fn an_account_of_an_unknown_kind_is_carried_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let anchor: Arc<dyn Anchor> = Arc::new(OneAnchor::default());
    let code = RecoveryCode::make().unwrap();
    let mut vault = create(folder.path(), &anchor, &[NewSlot::RecoveryCode(&code)], NOW).unwrap();
    let (later, known) = (vault.add(account(1), NOW).unwrap(), vault.add(account(2), NOW).unwrap());
    vault
        .commit(|vault| {
            let mut meta = vault.known.state.rows[&later].meta.clone().unwrap();
            meta.kind = 200;
            let part = vault.open_secret(later)?;
            vault.put_item(later, meta, Some(&part))
        })
        .unwrap();
    vault.lock();
    let open = || {
        LockedVault::open(folder.path())
            .unwrap()
            .unlock(Key::RecoveryCode(&code), &anchor, NOW)
            .unwrap()
            .vault
    };
    let bytes = |vault: &Vault| -> (Vec<u8>, Vec<u8>) {
        let query = "SELECT meta, secret FROM item WHERE id = ?";
        vault.db.query_row(query, [later.0], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
    };
    let mut vault = open();
    let before = bytes(&vault);
    let item = vault.items().iter().find(|item| item.id == later).unwrap();
    assert_eq!((item.state, item.issuer.as_str()), (ItemState::Unknown, "1"));
    assert_eq!(vault.mode(), Mode::ReadWrite);
    assert!(matches!(vault.open_otp(later), Err(VaultError::ItemUnreadable)));
    assert!(matches!(vault.delete(later, NOW), Err(VaultError::ItemUnreadable)));
    vault.hotp_next(known).unwrap();
    vault.set_order(&[known, later]).unwrap();
    assert_eq!(vault.verify().unwrap().accounts, 2);
    vault.lock();
    assert_eq!(bytes(&open()), before);
}

#[test]
fn a_full_disk_is_said_by_name_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = made(folder.path());
    let id = vault.add(account(1), NOW).unwrap();
    // What SQLite is told here is what it meets on a disk without room: SQLITE_FULL.
    let pages: i64 = vault.db.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    let set = |vault: &Vault, most: i64| {
        vault.db.pragma_update_and_check(None, "max_page_count", most, |_| Ok(())).unwrap();
    };
    set(&vault, pages);
    let mut large = account(2);
    large.note = "n".repeat(40_000);
    assert!(matches!(vault.add(large.clone(), NOW), Err(VaultError::DiskFull)));
    assert_eq!((vault.items().len(), vault.mode()), (1, Mode::ReadWrite));
    assert_eq!(vault.hotp_next(id).unwrap().counter, 0, "what needs no room goes on");
    set(&vault, pages + 100);
    vault.add(large, NOW).unwrap();
    assert!(vault.verify().unwrap().problems.is_empty());
    let error = std::io::Error::from(std::io::ErrorKind::StorageFull);
    assert!(matches!(VaultError::from(error), VaultError::DiskFull), "beside SQLite, too");
}

#[test]
fn another_writer_that_does_not_end_is_said_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = made(folder.path());
    let id = vault.add(account(1), NOW).unwrap();
    let other = rusqlite::Connection::open(folder.path().join(schema::FILE)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    vault.db.busy_timeout(std::time::Duration::ZERO).unwrap();
    assert!(matches!(vault.hotp_next(id), Err(VaultError::Busy)));
    assert_eq!(vault.mode(), Mode::ReadWrite);
    assert!(vault.open_otp(id).is_ok(), "reading waits for nobody");
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(vault.hotp_next(id).unwrap().counter, 0);
}

/// R29: the copy of the slots is from before one was removed. It must not open the vault again, not even when the
/// slot that is left is damaged.
#[test]
fn the_old_copy_of_a_removed_slot_opens_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let anchor: Arc<dyn Anchor> = Arc::new(OneAnchor::default());
    let (gone, left) = (RecoveryCode::make().unwrap(), RecoveryCode::make().unwrap());
    let slots = [NewSlot::RecoveryCode(&gone), NewSlot::RecoveryCode(&left)];
    let mut vault = create(folder.path(), &anchor, &slots, NOW).unwrap();
    let copy = folder.path().join(keyfile::NAME);
    let old_copy = std::fs::read(&copy).unwrap();
    let vault_id = vault.vault_id();
    vault
        .commit(|vault| {
            vault.known.state.slots.retain(|slot| slot.unwrap(vault_id, &Key::RecoveryCode(&gone)).is_err());
            key_rows::write_key_rows(&vault.db, &vault.key_rows())
        })
        .unwrap();
    assert_eq!(vault.key_rows().slots.len(), 1);
    vault.lock();
    std::fs::write(&copy, &old_copy).unwrap();
    let open = |code| LockedVault::open(folder.path()).unwrap().unlock(Key::RecoveryCode(code), &anchor, NOW);
    assert!(matches!(open(&gone), Err(VaultError::WrongKey)));
    assert_eq!(std::fs::read(&copy).unwrap(), old_copy, "a wrong code changes nothing");
    // With the right one the vault opens, and its copy is that of today again.
    assert_eq!(open(&left).unwrap().vault.mode(), Mode::ReadWrite);
    assert_ne!(std::fs::read(&copy).unwrap(), old_copy);
    std::fs::write(&copy, &old_copy).unwrap();
    let db = rusqlite::Connection::open(folder.path().join(schema::FILE)).unwrap();
    db.execute("UPDATE slot SET body = zeroblob(length(body))", []).unwrap();
    drop(db);
    assert!(matches!(open(&gone), Err(VaultError::SlotDamaged)));
    assert!(matches!(open(&left), Err(VaultError::SlotDamaged)));
}
