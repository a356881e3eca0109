//! S02 and S13: no name and no secret stands in any file in the clear, in any spelling; what was deleted is gone from
//! the database, sealed or not.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::fs;
use std::path::Path;

use authenticator_core::base32;
use authenticator_core::vault::{self, ItemId, Vault};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::{NOW, Place, totp};

const NAMES: [&str; 4] = ["CanaryIssuer-5b1e", "canary-91d0@example", "CanaryNote-77aa", "CanaryGroup-c03f"];
const SEED: [u8; 20] = [0xC7; 20];

/// Returns every spelling in which a text or a secret could stand somewhere.
fn spellings(bytes: &[u8]) -> Vec<Vec<u8>> {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let wide = bytes.iter().flat_map(|byte| [*byte, 0]).collect();
    // The last digits depend on what follows.
    let base32 = base32::encode(bytes).expose().trim_end_matches('=').to_owned();
    let base64 = STANDARD.encode(&bytes[..bytes.len() / 3 * 3]);
    let mut all = vec![bytes.to_vec(), hex.to_uppercase().into_bytes(), hex.into_bytes(), wide];
    all.extend([base32[..base32.len() - 2].to_owned().into_bytes(), base64.into_bytes()]);
    all
}

fn canaries() -> Vec<Vec<u8>> {
    NAMES.iter().flat_map(|name| spellings(name.as_bytes())).chain(spellings(&SEED)).collect()
}

/// Counts what is found in every file below `folder`.
fn found(folder: &Path, needles: &[Vec<u8>]) -> usize {
    let mut sum = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sum += found(&path, needles);
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let has = |needle: &&Vec<u8>| bytes.windows(needle.len()).any(|window| window == needle.as_slice());
        sum += needles.iter().filter(has).count();
    }
    sum
}

/// A vault in which everything was written, changed, copied and deleted.
fn lived() -> (Place, Vault) {
    let (place, mut vault) = Place::new();
    let mut new = totp(NAMES[0], NAMES[1], SEED[0]);
    new.note = NAMES[2].into();
    let id = vault.add(new.clone(), NOW).unwrap();
    vault.add_group(NAMES[3]).unwrap();
    vault.snapshot(NOW).unwrap();
    vault.write_backup(&place.path().join("backup.akb"), NOW).unwrap();
    vault.change(id, vault::Change { favorite: Some(true), ..Default::default() }, NOW).unwrap();
    vault.delete(id, NOW).unwrap();
    vault.purge_expired(NOW.plus_ms(vault::TRASH_MS)).unwrap();
    vault.add(new, NOW).unwrap();
    (place, vault)
}

#[test]
fn no_file_holds_a_name_or_a_secret_in_any_spelling() {
    let (place, vault) = lived();
    println!("cases {}", canaries().len());
    assert_eq!(found(&place.path(), &canaries()), 0, "while it is open, its log included");
    vault.lock();
    assert_eq!(found(place.folder.path(), &canaries()), 0);
}

/// The control: the same search finds every spelling, in a database and in a folder below.
#[test]
fn control_what_is_written_in_the_clear_is_found() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("snap")).unwrap();
    let db = rusqlite::Connection::open(folder.path().join("snap/plain.db")).unwrap();
    db.execute_batch("CREATE TABLE item (text)").unwrap();
    for needle in canaries() {
        db.execute("INSERT INTO item VALUES (?)", [needle]).unwrap();
    }
    assert_eq!(found(folder.path(), &canaries()), canaries().len());
}

/// The nonces of these rows' blobs: 24 random bytes that stand nowhere else.
fn nonces(place: &Place, ids: &[ItemId]) -> Vec<Vec<u8>> {
    let db = place.sql();
    let mut rows = db.prepare("SELECT lower(hex(id)), meta, secret FROM item").unwrap();
    let rows = rows.query_map([], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, Vec<u8>>(2)?))
    });
    let of: Vec<String> = ids.iter().map(ToString::to_string).collect();
    rows.unwrap()
        .map(Result::unwrap)
        .filter(|(id, ..)| of.contains(id))
        .flat_map(|(_, meta, secret)| [meta[1..25].to_vec(), secret[1..25].to_vec()])
        .collect()
}

#[test]
fn what_was_deleted_for_good_leaves_no_sealed_byte_in_the_database() {
    let (place, mut vault) = Place::new();
    let ids = vault.add_many((0..1_000).map(|n| totp(&n.to_string(), "", n as u8)).collect(), NOW).unwrap();
    vault.lock();
    let gone = nonces(&place, &ids[..500]);
    let kept = nonces(&place, &ids[500..]);
    assert_eq!((gone.len(), kept.len()), (1_000, 1_000));
    let mut vault = place.open().vault;
    for id in &ids[..500] {
        vault.delete(*id, NOW).unwrap();
    }
    // Only what the trash has kept for its time goes; a row's blobs were sealed anew when it went there.
    let trashed = nonces(&place, &ids[..500]);
    assert_eq!(vault.purge_expired(NOW.plus_ms(vault::TRASH_MS)).unwrap(), 500);
    vault.lock();
    println!("cases {}", gone.len() + trashed.len());
    let in_file = |needles: &[Vec<u8>]| {
        let bytes: Vec<u8> = ["vault.db", "vault.db-wal"]
            .iter()
            .flat_map(|name| fs::read(place.path().join(name)).unwrap_or_default())
            .collect();
        needles.iter().filter(|needle| bytes.windows(24).any(|window| window == needle.as_slice())).count()
    };
    assert_eq!((in_file(&gone), in_file(&trashed)), (0, 0));
    assert_eq!(in_file(&kept), 1_000, "the search sees what is there");
}

/// The control: what SQLite leaves in its free pages when it is not told to wipe them.
#[test]
fn control_without_secure_delete_deleted_rows_stay_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plain.db");
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch("PRAGMA secure_delete = OFF; CREATE TABLE item (blob)").unwrap();
    let rows: Vec<[u8; 300]> = (0..200_u8).map(|n| [n.wrapping_add(30); 300]).collect();
    for row in &rows {
        db.execute("INSERT INTO item VALUES (?)", [row.as_slice()]).unwrap();
    }
    db.execute_batch("DELETE FROM item").unwrap();
    let bytes = fs::read(&path).unwrap();
    let left = rows.iter().filter(|row| bytes.windows(24).any(|window| window == &row[..24])).count();
    assert!(left > 0, "nothing was left");
}
