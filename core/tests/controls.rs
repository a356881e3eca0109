//! Controls of the vault's proofs: the same attack on something that lacks the defence is seen to succeed. `cargo xtask
//! proofs` names each beside the proof that it belongs to.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use authenticator_core::authenticator::{Authenticator, LockEvent, PackPlan, Status};
use authenticator_core::crypto::seal;
use authenticator_core::device::{Anchor, StoredAnchor};
use authenticator_core::secret::SecretBytes;
use authenticator_core::time::BootTime;
use authenticator_core::vault::{
    self, Key, LockedSnapshot, LockedVault, Mode, NewSlot, Reason, RecoveryCode, VaultError, salvage,
};
use common::{MemoryAnchor, NOW, Place, totp};
use sha2::{Digest, Sha256};

fn with_rows(n: u16) -> Place {
    let (place, mut vault) = Place::new();
    vault.add_many((0..n).map(|n| totp(&n.to_string(), "", n as u8)).collect(), NOW).unwrap();
    vault.lock();
    place
}

fn rows_by_sqlite(file: &Path) -> usize {
    let db = rusqlite::Connection::open(file).unwrap();
    let Ok(mut rows) = db.prepare("SELECT meta FROM item") else { return 0 };
    let rows = rows.query_map([], |row| row.get::<_, Vec<u8>>(0));
    rows.map_or(0, |rows| rows.map_while(Result::ok).count())
}

/// R08: SQLite walks the tree, and stops at the first page that is gone.
#[test]
fn control_sqlite_alone_gives_back_fewer_rows_than_salvage() {
    let place = with_rows(300);
    let file = place.path().join("vault.db");
    let whole = fs::read(&file).unwrap();
    let fewer = (2..whole.len() / 4096).step_by(9).filter(|page| {
        let mut damaged = whole.clone();
        damaged[page * 4096..(page + 1) * 4096].fill(0);
        fs::write(&file, damaged).unwrap();
        let found = salvage(&place.path(), &Key::RecoveryCode(&place.code), NOW).unwrap();
        rows_by_sqlite(&file) < found.proposal().rows.len()
    });
    assert!(fewer.count() > 0, "SQLite lost nothing");
}

/// R15: a vault that is open and not suspended holds its file, so that the search for held files sees one.
#[test]
fn control_an_open_vault_holds_its_file() {
    let place = with_rows(1);
    let core = Authenticator::new(place.path(), place.anchor.clone());
    core.unlock(Key::RecoveryCode(&place.code), NOW).unwrap();
    let held = || {
        let files = fs::read_dir("/proc/self/fd").unwrap().flatten();
        let inside = files.filter_map(|file| fs::read_link(file.path()).ok());
        inside.filter(|path| path.starts_with(place.path())).count()
    };
    assert!(held() > 0);
    core.suspend();
    assert_eq!(held(), 0);
}

/// R16: a golden vault with one byte of a row edited no longer opens with what it held.
#[test]
fn control_a_golden_vault_with_one_byte_edited_is_not_what_it_was() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/vault/v1");
    let copy = tempfile::tempdir().unwrap();
    for file in ["vault.db", "vault.keys"] {
        fs::copy(golden.join(file), copy.path().join(file)).unwrap();
    }
    let text = fs::read_to_string(golden.join("recovery-code.txt")).unwrap();
    let code = RecoveryCode::parse(&text).unwrap();
    let anchor: Arc<dyn Anchor> = Arc::new(MemoryAnchor::default());
    let mode = || {
        let locked = LockedVault::open(copy.path()).unwrap();
        locked.unlock(Key::RecoveryCode(&code), &anchor, NOW).unwrap().vault.mode()
    };
    assert_eq!(mode(), Mode::ReadOnly(Reason::NoAnchor));
    let edit = "UPDATE item SET meta = CAST(substr(meta, 1, 60) || x'00' || substr(meta, 62) AS BLOB)
                WHERE id = (SELECT min(id) FROM item)";
    rusqlite::Connection::open(copy.path().join("vault.db")).unwrap().execute_batch(edit).unwrap();
    assert_eq!(mode(), Mode::ReadOnly(Reason::DamagedRows));
}

/// R18: the very same file with our own number is written, so it was the number alone that kept it.
#[test]
fn control_a_reader_that_ignores_the_format_writes_the_newer_file() {
    let place = with_rows(1);
    let db = place.sql();
    db.execute_batch("PRAGMA user_version = 2").unwrap();
    let file = place.path().join("vault.db");
    let before = fs::read(&file).unwrap();
    assert!(place.open().vault.add(totp("y", "", 2), NOW).is_err());
    assert_eq!(fs::read(&file).unwrap(), before);
    db.execute("DELETE FROM item", []).unwrap();
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    assert_ne!(fs::read(&file).unwrap(), before, "SQLite does not mind");
}

/// R26: whoever believes a backup's header without opening the body is told something else by some flips.
#[test]
fn control_a_reader_that_believes_the_header_is_told_something_false() {
    let (place, mut vault) = Place::new();
    vault.add(totp("a", "", 1), NOW).unwrap();
    let path = vault.snapshot(NOW).unwrap().path;
    let whole = fs::read(&path).unwrap();
    let says = LockedSnapshot::open(&path).unwrap().info().says.clone();
    let mut fooled = 0;
    for byte in 0..whole.len().min(600) {
        let mut flipped = whole.clone();
        flipped[byte] ^= 1 << (byte % 8);
        fs::write(&path, flipped).unwrap();
        let Ok(locked) = LockedSnapshot::open(&path) else { continue };
        fooled += u32::from(locked.info().says != says);
        assert!(locked.unlock(&Key::RecoveryCode(&place.code)).is_err(), "byte {byte}");
    }
    assert!(fooled > 20, "{fooled}");
}

/// R28: a reinstalled app whose folder is empty. Who looks for files alone makes a new vault without a word.
#[test]
fn control_who_looks_for_files_alone_makes_a_new_vault_over_the_old_one() {
    let place = with_rows(1);
    fs::remove_dir_all(place.path()).unwrap();
    let slots = [NewSlot::RecoveryCode(&place.code)];
    let status = Authenticator::new(place.path(), place.anchor.clone()).status().unwrap();
    assert!(matches!(status, Status::PreviousVault(_)));
    let refused = vault::create(&place.path(), &place.anchor, &slots, NOW).map(|_| ());
    assert!(matches!(refused, Err(VaultError::PreviousVault(_))));
    let forgetful: Arc<dyn Anchor> = Arc::new(MemoryAnchor::default());
    assert_eq!(Authenticator::new(place.path(), forgetful.clone()).status().unwrap(), Status::NoVault);
    assert!(vault::create(&place.path(), &forgetful, &slots, NOW).is_ok());
}

/// Puts a slot with its checksum made right into the file, and removes its copy.
fn put_slot(place: &Place, body: &[u8]) {
    let slot = [body, &Sha256::digest(body)].concat();
    place.sql().execute("UPDATE slot SET body = ?", [slot]).unwrap();
    fs::remove_file(place.path().join("vault.keys")).ok();
}

/// R29: without a checksum of its own, a damaged slot would be called a wrong code.
#[test]
fn control_without_its_checksum_a_damaged_slot_is_called_a_wrong_code() {
    let place = with_rows(1);
    let own: Vec<u8> = place.sql().query_row("SELECT body FROM slot", [], |row| row.get(0)).unwrap();
    let mut called_wrong = 0;
    for byte in 18..160 {
        let mut damaged = own[..160].to_vec();
        damaged[byte] ^= 1 << (byte % 8);
        put_slot(&place, &damaged);
        called_wrong += u32::from(matches!(place.try_open(&place.path()), Err(VaultError::WrongKey)));
    }
    assert!(called_wrong > 40, "{called_wrong}");
}

/// S05: the checksum tells damage and not malice: made right, it believes every edit.
#[test]
fn control_the_checksum_alone_believes_every_edited_slot() {
    let place = with_rows(1);
    let own: Vec<u8> = place.sql().query_row("SELECT body FROM slot", [], |row| row.get(0)).unwrap();
    for byte in 18..160 {
        let mut edited = own[..160].to_vec();
        edited[byte] ^= 1 << (byte % 8);
        put_slot(&place, &edited);
        let locked = LockedVault::open(&place.path()).unwrap();
        assert!(!locked.slots()[0].damaged, "byte {byte}");
        // The commitment and the root do not.
        let opened = locked.unlock(Key::RecoveryCode(&place.code), &place.anchor, NOW);
        assert!(opened.is_err_and(|error| !matches!(error, VaultError::NotFound)), "byte {byte}");
    }
}

/// R31: without somebody who watches, nothing is ever locked.
#[test]
fn control_without_a_watch_nothing_is_ever_locked() {
    let place = with_rows(1);
    let core = Authenticator::new(place.path(), place.anchor.clone());
    core.unlock(Key::RecoveryCode(&place.code), NOW).unwrap();
    assert!(!core.report(LockEvent::EnteredBackground, BootTime::from_ms(0)));
    assert!(!core.lock_if_due(BootTime::from_ms(u64::MAX)));
    assert!(core.list().is_ok());
}

/// S03: sealed without their place, two rows can be swapped.
#[test]
fn control_sealed_without_its_place_a_row_opens_in_anothers() {
    let key = SecretBytes::new(vec![7; seal::KEY]);
    let rows = [b"one".as_slice(), b"two"].map(|text| seal::seal(&key, b"", text).unwrap());
    let swapped = [&rows[1], &rows[0]].map(|sealed| seal::open(&key, b"", sealed).unwrap());
    assert_eq!(swapped.each_ref().map(|text| text.expose()), [b"two".as_slice(), b"one"]);
    let placed = seal::seal(&key, b"row 1", b"one").unwrap();
    assert!(seal::open(&key, b"row 2", &placed).is_err());
}

/// S04: the rows that are left all open: the seals alone miss what was taken away.
#[test]
fn control_the_seals_alone_miss_a_row_that_was_taken_away() {
    let place = with_rows(5);
    fs::remove_file(place.path().join("vault.keys")).unwrap();
    place.sql().execute_batch("DELETE FROM item WHERE id = (SELECT max(id) FROM item)").unwrap();
    let mut opened = place.open();
    assert!(opened.report.damaged.is_empty(), "every seal opens");
    let ids: Vec<_> = opened.vault.items().iter().map(|item| item.id).collect();
    assert_eq!(ids.iter().filter(|id| opened.vault.open_otp(**id).is_ok()).count(), 4);
    assert_eq!(opened.vault.mode(), Mode::ReadOnly(Reason::Tampered), "the root does not");
}

/// S06: without an anchor nobody knows how new the file must be: the old one is one that may be taken as it is.
#[test]
fn control_without_an_anchor_an_old_file_is_as_good_as_any() {
    let (place, mut vault) = Place::new();
    let old = place.copy("old");
    vault.add(totp("x", "", 1), NOW).unwrap();
    let id = vault.vault_id();
    vault.lock();
    assert_eq!(place.try_open(&old).unwrap().vault.mode(), Mode::ReadOnly(Reason::RolledBack));
    place.memory.set(id, StoredAnchor::Absent);
    let mut opened = place.try_open(&old).unwrap();
    assert_eq!(opened.vault.mode(), Mode::ReadOnly(Reason::NoAnchor));
    opened.vault.accept().unwrap();
    assert_eq!(opened.vault.items().len(), 0, "what was lost is not missed");
}

/// S09: the names themselves have all lengths.
#[test]
fn control_the_names_themselves_have_all_lengths() {
    let (place, mut vault) = Place::new();
    let items = (0..200).map(|n| totp(&"i".repeat(1 + n), "", n as u8)).collect();
    vault.add_many(items, NOW).unwrap();
    let lengths: std::collections::BTreeSet<usize> =
        vault.items().iter().map(|item| item.issuer.len()).collect();
    let count = "SELECT count(DISTINCT length(meta)) FROM item";
    let sealed: i64 = place.sql().query_row(count, [], |row| row.get(0)).unwrap();
    assert_eq!(lengths.len(), 200);
    assert!(sealed <= 4, "{sealed}");
}

/// S23: the search that finds nothing in a pack finds the names once it is opened.
#[test]
fn control_an_opened_pack_shows_what_the_sealed_one_does_not() {
    use chacha20poly1305::aead::{Aead, KeyInit, Payload};
    use chacha20poly1305::{ChaCha20Poly1305, Nonce};

    let (place, mut vault) = Place::new();
    let id = vault.add(totp("CanaryIssuer", "", 1), NOW).unwrap();
    vault.lock();
    let core = Authenticator::new(place.path(), place.anchor.clone());
    core.unlock(Key::RecoveryCode(&place.code), NOW).unwrap();
    let path = place.folder.path().join("pack");
    core.write_pack(&path, &PackPlan { ids: vec![id], length_ms: 60_000 }, NOW).unwrap();
    let bytes = fs::read(path).unwrap();
    let cipher = ChaCha20Poly1305::new_from_slice(core.pack_key().unwrap().expose()).unwrap();
    let nonce: [u8; 12] = bytes[5..17].try_into().unwrap();
    let plain = cipher.decrypt(&Nonce::from(nonce), Payload { msg: &bytes[17..], aad: &bytes[..5] }).unwrap();
    let has = |bytes: &[u8]| bytes.windows(12).any(|window| window == b"CanaryIssuer");
    assert!(has(&plain) && !has(&bytes));
}
