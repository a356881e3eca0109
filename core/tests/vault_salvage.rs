//! R08: damaged files give back every row whose seals open; the original is kept; nothing is deleted.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use authenticator_core::vault::{
    self, ItemId, ItemState, Key, LockedVault, Mode, Reason, RecoveryCode, RowSource, Salvage, Vault,
    VaultError, salvage,
};
use common::{NOW, Place, totp};

const PAGE: usize = 4096;

/// A vault with `n` accounts, some with a note so long that it needs overflow pages.
fn with_rows(n: usize) -> (Place, BTreeMap<ItemId, usize>) {
    let (place, mut vault) = Place::new();
    let items = (0..n).map(|n| {
        let mut item = totp(&format!("account {n}"), "", n as u8);
        if n % 7 == 0 {
            item.note = "long ".repeat(1500);
        }
        item
    });
    let ids = vault.add_many(items.collect(), NOW).unwrap();
    vault.lock();
    (place, ids.into_iter().enumerate().map(|(n, id)| (id, n)).collect())
}

fn look(place: &Place) -> Result<Salvage, VaultError> {
    salvage(&place.path(), &Key::RecoveryCode(&place.code), NOW)
}

fn commit(place: &Place, found: Salvage, leave_out: &[ItemId]) -> Vault {
    let key = Key::RecoveryCode(&place.code);
    found.commit(leave_out, key, &place.anchor, NOW).unwrap().vault
}

/// Writes zeros over these pages of the file, counted from 0.
fn zero(path: &Path, pages: &[usize]) {
    let mut bytes = fs::read(path).unwrap();
    for page in pages {
        bytes[page * PAGE..(page + 1) * PAGE].fill(0);
    }
    fs::write(path, bytes).unwrap();
}

fn pages(path: &Path) -> usize {
    fs::read(path).unwrap().len() / PAGE
}

fn check_all_right(vault: &mut Vault, ids: &BTreeMap<ItemId, usize>) -> usize {
    let items = vault.items().to_vec();
    for item in &items {
        let n = ids[&item.id];
        assert_eq!(item.issuer, format!("account {n}"));
        assert_eq!(vault.open_otp(item.id).unwrap().secret().expose(), [n as u8; 20]);
    }
    items.len()
}

#[test]
fn a_whole_file_gives_every_row_back() {
    let (place, ids) = with_rows(120);
    let found = look(&place).unwrap();
    assert_eq!(found.proposal().rows.len(), 120);
    assert!(found.proposal().rows.iter().all(|row| row.from == RowSource::File));
    assert_eq!(found.proposal().lost, []);
    let mut vault = commit(&place, found, &[]);
    assert_eq!(vault.mode(), Mode::ReadWrite);
    assert_eq!(check_all_right(&mut vault, &ids), 120);
    assert!(vault.verify().unwrap().problems.is_empty());
}

#[test]
fn every_row_whose_page_is_whole_comes_back_and_the_original_is_kept_byte_for_byte() {
    for (round, hundredths) in [1, 2, 5].into_iter().enumerate() {
        let (place, ids) = with_rows(300);
        let file = place.path().join("vault.db");
        let count = pages(&file);
        let hit: Vec<usize> =
            (0..(count * hundredths / 100).max(1)).map(|n| 2 + (n * 37 + round * 11) % (count - 2)).collect();
        zero(&file, &hit);
        let damaged = fs::read(&file).unwrap();
        let found = look(&place).unwrap();
        assert_eq!(fs::read(&file).unwrap(), damaged, "looking changes nothing");
        let kept = found.proposal().quarantine.clone();
        assert_eq!(fs::read(kept.join("vault.db")).unwrap(), damaged);
        let had = found.proposal().rows.len();
        // A page holds about five rows, and a long row up to four pages.
        assert!(had >= 300 - hit.len() * 8, "{had} of 300 with {} of {count} pages gone", hit.len());
        let mut vault = commit(&place, found, &[]);
        assert_eq!(check_all_right(&mut vault, &ids), had);
        assert_eq!(fs::read(kept.join("vault.db")).unwrap(), damaged, "the original stays");
        vault.lock();
        assert_eq!(place.open().vault.mode(), Mode::ReadWrite, "its anchor was rebuilt with it");
    }
}

#[test]
fn the_newest_snapshot_fills_in_what_the_file_lost() {
    let (place, ids) = with_rows(200);
    let mut vault = place.open().vault;
    vault.snapshot(NOW).unwrap();
    let late = vault.add(totp("added after the snapshot", "", 9), NOW).unwrap();
    vault.lock();
    let file = place.path().join("vault.db");
    let rows_of = |page: usize| {
        let (other, _) = (place.copy("probe"), ());
        zero(&other.join("vault.db"), &[page]);
        let key = Key::RecoveryCode(&place.code);
        salvage(&other, &key, NOW).map_or(0, |found| found.proposal().rows.len())
    };
    // A page that holds rows, and not the late one alone.
    let page = (2..pages(&file)).find(|page| rows_of(*page) < 200).unwrap();
    zero(&file, &[page]);
    let found = look(&place).unwrap();
    let from_snapshot =
        found.proposal().rows.iter().filter(|row| row.from == RowSource::SnapshotAlone).count();
    assert!(from_snapshot > 0);
    assert!(found.proposal().snapshot.is_some());
    let mut vault = commit(&place, found, &[]);
    assert!(ids.keys().all(|id| vault.open_otp(*id).is_ok()), "all that the snapshot had");
    let late_is_there = vault.items().iter().any(|item| item.id == late);
    assert_eq!(vault.items().len(), 200 + usize::from(late_is_there));
}

#[test]
fn a_damaged_row_is_shown_as_damaged_and_taken_from_the_snapshot() {
    let (place, ids) = with_rows(10);
    let mut vault = place.open().vault;
    vault.snapshot(NOW).unwrap();
    vault.lock();
    let (id, _) = ids.first_key_value().unwrap();
    let spoil = "UPDATE item SET meta = CAST(substr(meta, 1, 60) || x'00' || substr(meta, 62) AS BLOB) WHERE id = (SELECT min(id) FROM item)";
    place.sql().execute_batch(spoil).unwrap();
    let opened = place.open();
    assert_eq!(opened.vault.mode(), Mode::ReadOnly(Reason::DamagedRows));
    assert_eq!(opened.report.damaged, [*id]);
    let shown = opened.vault.items().iter().find(|item| item.id == *id).unwrap();
    assert_eq!(shown.state, ItemState::Damaged);
    opened.vault.lock();
    let found = look(&place).unwrap();
    let row = found.proposal().rows.iter().find(|row| row.item.id == *id).unwrap();
    assert_eq!(row.from, RowSource::SnapshotForDamaged);
    let mut vault = commit(&place, found, &[]);
    assert_eq!(check_all_right(&mut vault, &ids), 10);
}

#[test]
fn without_a_snapshot_a_damaged_row_is_named_as_lost_and_stays_in_quarantine() {
    let (place, ids) = with_rows(10);
    let spoil = "UPDATE item SET secret = CAST(substr(secret, 1, 60) || x'00' || substr(secret, 62) AS BLOB) WHERE id = (SELECT min(id) FROM item)";
    place.sql().execute_batch(spoil).unwrap();
    let found = look(&place).unwrap();
    assert_eq!(found.proposal().lost, [*ids.first_key_value().unwrap().0]);
    assert_eq!(found.proposal().rows.len(), 9);
    let kept = found.proposal().quarantine.clone();
    let vault = commit(&place, found, &[]);
    assert_eq!((vault.mode(), vault.items().len()), (Mode::ReadWrite, 9));
    assert!(kept.join("vault.db").exists());
}

#[test]
fn the_user_decides_what_goes_in() {
    let (place, ids) = with_rows(5);
    let found = look(&place).unwrap();
    let out: Vec<ItemId> = ids.keys().take(2).copied().collect();
    let vault = commit(&place, found, &out);
    assert_eq!(vault.items().len(), 3);
    assert!(vault.items().iter().all(|item| !out.contains(&item.id)));
}

/// The first page gone: neither SQLite nor the page size can be had from the file.
#[test]
fn a_file_that_sqlite_refuses_is_salvaged_all_the_same() {
    let (place, ids) = with_rows(60);
    zero(&place.path().join("vault.db"), &[0]);
    assert!(matches!(LockedVault::open(&place.path()), Err(VaultError::FileDamaged)));
    let found = look(&place).unwrap();
    assert_eq!(found.proposal().rows.len(), 60);
    let mut vault = commit(&place, found, &[]);
    assert_eq!(check_all_right(&mut vault, &ids), 60);
}

#[test]
fn a_wrong_key_and_a_file_of_noise_are_told_apart_and_both_stay_as_they_are() {
    let (place, _) = with_rows(5);
    let other = RecoveryCode::make().unwrap();
    let tried = salvage(&place.path(), &Key::RecoveryCode(&other), NOW).map(|_| ());
    assert!(matches!(tried, Err(VaultError::WrongKey)));
    let noise: Vec<u8> = (0..5 * PAGE).map(|n| (n * 31 % 251) as u8).collect();
    fs::write(place.path().join("vault.db"), &noise).unwrap();
    let found = look(&place).unwrap();
    assert!(found.proposal().rows.is_empty(), "the slots were had from their copy, and no row");
    assert_eq!(fs::read(found.proposal().quarantine.join("vault.db")).unwrap(), noise);
    assert!(vault::quarantined(&place.path()).unwrap().len() >= 2, "each original has a folder of its own");
}

#[test]
fn what_is_committed_is_what_was_looked_at() {
    let (place, _) = with_rows(5);
    let found = look(&place).unwrap();
    place.sql().execute_batch("DELETE FROM item").unwrap();
    let key = Key::RecoveryCode(&place.code);
    let committed = found.commit(&[], key, &place.anchor, NOW).map(|_| ());
    assert!(matches!(committed, Err(VaultError::ChangedOutside)));
}

/// The log is part of the file: rows that stand there alone come back too.
#[test]
fn rows_in_the_log_are_found() {
    let (place, mut vault) = Place::new();
    vault.add(totp("account 0", "", 0), NOW).unwrap();
    let reader = place.sql();
    // A reader that holds an old view keeps the log from being emptied.
    reader.execute_batch("BEGIN; SELECT count(*) FROM item").unwrap();
    let _: i64 = reader.query_row("SELECT count(*) FROM item", [], |row| row.get(0)).unwrap();
    vault.add(totp("account 1", "", 1), NOW).unwrap();
    assert!(fs::metadata(place.path().join("vault.db-wal")).unwrap().len() > 0);
    let copy = place.copy("copy");
    let found = salvage(&copy, &Key::RecoveryCode(&place.code), NOW).unwrap();
    assert_eq!(found.proposal().rows.len(), 2);
}
