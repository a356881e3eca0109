//! Somebody edits the file: everything is noticed, nothing false is shown, nothing is deleted.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;
#[allow(dead_code, reason = "a part of it is enough here")]
mod seeded;

use authenticator_core::vault::{
    self, ItemId, Key, LockedVault, Mode, Reason, RecoveryCode, Vault, VaultError,
};
use common::{NOW, Place, hotp, totp};
use rusqlite::Connection;
use seeded::Seeded;

const READ_ONLY: [Mode; 2] = [Mode::ReadOnly(Reason::Tampered), Mode::ReadOnly(Reason::DamagedRows)];

fn with_rows(n: u8) -> (Place, Vec<ItemId>) {
    let (place, mut vault) = Place::new();
    let ids = vault.add_many((0..n).map(|n| hotp(&n.to_string(), n)).collect(), NOW).unwrap();
    vault.lock();
    (place, ids)
}

/// A second connection that edits quickly; what it does need not survive a power cut.
fn editor(place: &Place) -> Connection {
    let db = place.sql();
    db.pragma_update(None, "synchronous", "OFF").unwrap();
    db
}

fn id_bytes(id: ItemId) -> Vec<u8> {
    let hex = id.to_string();
    (0..16).map(|n| u8::from_str_radix(&hex[2 * n..2 * n + 2], 16).unwrap()).collect()
}

fn blob(db: &Connection, column: &str, id: ItemId) -> Vec<u8> {
    db.query_row(&format!("SELECT {column} FROM item WHERE id = ?"), [id_bytes(id)], |row| row.get(0))
        .unwrap()
}

fn put(db: &Connection, column: &str, id: ItemId, value: &[u8]) {
    db.execute(&format!("UPDATE item SET {column} = ? WHERE id = ?"), (value, id_bytes(id))).unwrap();
}

/// Opens, and makes sure that what is shown of each account is its own or nothing.
fn open_and_look(place: &Place, ids: &[ItemId]) -> Mode {
    let mut vault = place.open().vault;
    for (n, id) in ids.iter().enumerate() {
        let Some(item) = vault.items().iter().find(|item| item.id == *id).cloned() else { continue };
        assert!(item.issuer.is_empty() || item.issuer == n.to_string(), "another account's name");
        if let Ok(otp) = vault.open_otp(*id) {
            assert_eq!(otp.secret().expose(), [n as u8; 20], "another account's secret");
        }
    }
    vault.mode()
}

/// S03: every ordered pair of 50 rows, names and secrets.
#[test]
fn a_blob_of_another_row_is_never_taken_for_its_own() {
    let (place, ids) = with_rows(50);
    let db = editor(&place);
    let mut attempts = 0;
    for column in ["meta", "secret"] {
        let blobs: Vec<Vec<u8>> = ids.iter().map(|id| blob(&db, column, *id)).collect();
        for (to, id) in ids.iter().enumerate() {
            for (_, foreign) in blobs.iter().enumerate().filter(|(from, _)| *from != to) {
                put(&db, column, *id, foreign);
                let mut vault = place.open().vault;
                assert!(READ_ONLY.contains(&vault.mode()), "{:?}", vault.mode());
                let item = vault.items().iter().find(|item| item.id == *id).unwrap();
                assert!(item.issuer.is_empty() || item.issuer == to.to_string());
                match vault.open_otp(*id) {
                    Ok(otp) => assert_eq!(otp.secret().expose(), [to as u8; 20]),
                    Err(error) => assert!(matches!(error, VaultError::ItemUnreadable)),
                }
                attempts += 1;
            }
            put(&db, column, *id, &blobs[to]);
        }
    }
    println!("cases {attempts}");
    assert_eq!(attempts, 4_900);
    assert_eq!(open_and_look(&place, &ids), Mode::ReadWrite);
}

/// S03: a row's own earlier revision, with its revision number and without.
#[test]
fn an_earlier_revision_of_a_row_is_refused() {
    let (place, ids) = with_rows(20);
    let db = editor(&place);
    let row = |id: ItemId| -> (i64, Vec<u8>, Vec<u8>) {
        db.query_row("SELECT rev, meta, secret FROM item WHERE id = ?", [id_bytes(id)], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .unwrap()
    };
    let restore = |id: ItemId, (rev, meta, secret): &(i64, Vec<u8>, Vec<u8>)| {
        db.execute(
            "UPDATE item SET rev = ?, meta = ?, secret = ? WHERE id = ?",
            (rev, meta, secret, id_bytes(id)),
        )
        .unwrap();
    };
    // Five revisions of each row, the last of which is today's.
    let mut revisions: Vec<Vec<_>> = ids.iter().map(|id| vec![row(*id)]).collect();
    for counter in 0..4 {
        let mut vault = place.open().vault;
        ids.iter().for_each(|id| assert_eq!(vault.hotp_next(*id).unwrap().counter, counter));
        vault.lock();
        revisions.iter_mut().zip(&ids).for_each(|(all, id)| all.push(row(*id)));
    }
    let mut attempts = 0;
    for (id, all) in ids.iter().zip(&revisions) {
        let (new, earlier) = all.split_last().unwrap();
        for old in earlier {
            for forged in
                [old.clone(), (new.0, old.1.clone(), old.2.clone()), (new.0, new.1.clone(), old.2.clone())]
            {
                restore(*id, &forged);
                let mut vault = place.open().vault;
                assert!(READ_ONLY.contains(&vault.mode()));
                assert!(matches!(vault.hotp_next(*id), Err(VaultError::ReadOnly(_))));
                attempts += 1;
            }
        }
        restore(*id, new);
    }
    println!("cases {attempts}");
    assert_eq!(attempts, 240, "with the 4,900 above, more than 5,000");
    assert_eq!(open_and_look(&place, &ids), Mode::ReadWrite);
}

/// S03: names put where the secret belongs, a document's body put in a row, and so on.
#[test]
fn columns_and_tables_cannot_be_crossed() {
    let (place, ids) = with_rows(4);
    let mut vault = place.open().vault;
    vault.add_group("g").unwrap();
    vault.lock();
    let db = editor(&place);
    let (meta, secret) = (blob(&db, "meta", ids[0]), blob(&db, "secret", ids[0]));
    let doc: Vec<u8> = db.query_row("SELECT body FROM doc", [], |row| row.get(0)).unwrap();
    for (column, foreign, own) in [
        ("meta", &secret, &meta),
        ("secret", &meta, &secret),
        ("meta", &doc, &meta),
        ("secret", &doc, &secret),
    ] {
        put(&db, column, ids[0], foreign);
        assert!(READ_ONLY.contains(&open_and_look(&place, &ids)));
        put(&db, column, ids[0], own);
    }
    assert_eq!(open_and_look(&place, &ids), Mode::ReadWrite);
}

/// S04: rows, slots, documents, digests and the root edited by SQL.
#[test]
fn what_is_added_deleted_doubled_or_reset_is_noticed() {
    let edits = [
        "DELETE FROM item WHERE id = (SELECT max(id) FROM item)",
        "DELETE FROM item",
        "INSERT INTO item SELECT randomblob(16), rev, epoch, meta, secret FROM item LIMIT 1",
        "UPDATE item SET rev = rev + 1",
        "UPDATE item SET epoch = 2",
        "UPDATE item SET id = randomblob(16)",
        "DELETE FROM doc",
        "INSERT INTO doc SELECT randomblob(16), rev, epoch, body FROM doc LIMIT 1",
        "UPDATE doc SET rev = rev + 1",
        "INSERT INTO slot SELECT randomblob(16), body FROM slot",
        "UPDATE root SET seq = seq - 1",
        "UPDATE root SET seq = seq + 1",
        "UPDATE root SET branch = randomblob(16)",
        "UPDATE root SET prev_root = randomblob(32)",
        "UPDATE root SET mac = randomblob(32)",
        "UPDATE meta SET v = x'00000002' WHERE k = 'min_reader'",
        "PRAGMA user_version = 0",
    ];
    println!("cases {}", edits.len());
    for edit in edits {
        let (place, ids) = with_rows(5);
        let mut vault = place.open().vault;
        vault.add_group("g").unwrap();
        vault.lock();
        // Without its copy, so that nothing is mended.
        std::fs::remove_file(place.path().join("vault.keys")).unwrap();
        editor(&place).execute_batch(edit).unwrap();
        let mode = open_and_look(&place, &ids);
        assert!(matches!(mode, Mode::ReadOnly(_)), "{edit}: {mode:?}");
    }
}

/// S04: what stands in the file of the digests is never believed: they are computed from the rows. The full check
/// names what differs, and the next write of the bucket puts it right.
#[test]
fn an_edited_digest_misleads_nobody_and_is_named_by_the_full_check() {
    for edit in [
        "UPDATE bucket SET digest = randomblob(32)",
        "UPDATE bucket SET n = n + 1",
        "DELETE FROM bucket",
        "DELETE FROM bucket WHERE b = 255",
    ] {
        let (place, ids) = with_rows(5);
        editor(&place).execute_batch(edit).unwrap();
        let mut vault = place.open().vault;
        assert_eq!(vault.mode(), Mode::ReadWrite);
        let health = vault.verify().unwrap();
        let changed =
            health.problems.iter().filter(|found| matches!(found, vault::Problem::BucketChanged(_)));
        assert!(changed.count() > 0, "{edit}");
        assert_eq!(vault.hotp_next(ids[0]).unwrap().counter, 0);
        vault.lock();
        assert_eq!(open_and_look(&place, &ids), Mode::ReadWrite);
    }
}

#[test]
fn a_file_without_its_slots_or_its_key_is_an_error_and_stays_as_it_is() {
    for edit in
        ["DELETE FROM slot", "DELETE FROM dek", "DELETE FROM root", "DELETE FROM meta", "DROP TABLE item"]
    {
        let (place, _) = with_rows(3);
        std::fs::remove_file(place.path().join("vault.keys")).unwrap();
        editor(&place).execute_batch(edit).unwrap();
        assert!(place.try_open(&place.path()).is_err(), "{edit}");
        assert!(place.path().join("vault.db").exists());
    }
}

/// S05: the slot of another vault, and a slot whose header was edited with its checksum made right.
#[test]
fn a_foreign_or_edited_slot_is_refused_and_the_copy_mends_it() {
    let (place, ids) = with_rows(3);
    let (other, _) = with_rows(1);
    let body: Vec<u8> = other.sql().query_row("SELECT body FROM slot", [], |row| row.get(0)).unwrap();
    let own: Vec<u8> = place.sql().query_row("SELECT body FROM slot", [], |row| row.get(0)).unwrap();
    let mut edited = own.clone();
    edited[20] ^= 1;
    let end = edited.len() - 32;
    let checksum = <sha2::Sha256 as sha2::Digest>::digest(&edited[..end]);
    edited[end..].copy_from_slice(&checksum);
    for forged in [body, edited] {
        let without_copy = place.copy("without");
        std::fs::remove_file(without_copy.join("vault.keys")).unwrap();
        let db = Connection::open(without_copy.join("vault.db")).unwrap();
        db.execute("UPDATE slot SET body = ?", [&forged]).unwrap();
        drop(db);
        assert!(place.try_open(&without_copy).is_err());
        editor(&place).execute("UPDATE slot SET body = ?", [&forged]).unwrap();
        match place.try_open(&place.path()) {
            Ok(opened) => {
                assert!(opened.report.key_copy_used);
                assert_eq!(opened.vault.mode(), Mode::ReadWrite);
            }
            Err(error) => {
                assert!(matches!(error, VaultError::WrongKey | VaultError::SlotDamaged));
                editor(&place).execute("UPDATE slot SET body = ?", [&own]).unwrap();
            }
        }
        assert_eq!(open_and_look(&place, &ids), Mode::ReadWrite);
    }
}

/// Every bit of the slot in the file: opens by the copy; with both damaged it is damage, never a wrong key.
#[test]
fn a_damaged_slot_is_told_from_a_wrong_code() {
    let (place, _) = with_rows(1);
    let own: Vec<u8> = place.sql().query_row("SELECT body FROM slot", [], |row| row.get(0)).unwrap();
    println!("cases {}", 2 * own.len());
    for byte in 0..own.len() {
        let mut damaged = own.clone();
        damaged[byte] ^= 1 << (byte % 8);
        let folder = place.copy("damaged");
        Connection::open(folder.join("vault.db"))
            .unwrap()
            .execute("UPDATE slot SET body = ?", [&damaged])
            .unwrap();
        let opened = place.try_open(&folder).unwrap();
        assert!(opened.report.key_copy_used && opened.vault.mode() == Mode::ReadWrite, "byte {byte}");
        opened.vault.lock();
        let folder = place.copy("both");
        Connection::open(folder.join("vault.db"))
            .unwrap()
            .execute("UPDATE slot SET body = ?", [&damaged])
            .unwrap();
        std::fs::write(folder.join("vault.keys"), b"KLKEYS1\n").unwrap();
        assert!(matches!(place.try_open(&folder), Err(VaultError::SlotDamaged)), "byte {byte}");
    }
    let wrong = RecoveryCode::make().unwrap();
    let tried =
        LockedVault::open(&place.path()).unwrap().unlock(Key::RecoveryCode(&wrong), &place.anchor, NOW);
    assert!(matches!(tried, Err(VaultError::WrongKey)));
}

#[test]
fn a_damaged_row_is_named_and_kept_and_the_others_are_shown() {
    let (place, ids) = with_rows(5);
    let db = editor(&place);
    let mut damaged = blob(&db, "meta", ids[2]);
    damaged[60] ^= 1;
    put(&db, "meta", ids[2], &damaged);
    drop(db);
    let mut opened = place.open();
    assert_eq!(opened.vault.mode(), Mode::ReadOnly(Reason::DamagedRows));
    assert_eq!((&opened.report.damaged, opened.report.accounts), (&vec![ids[2]], 5));
    assert_eq!(opened.vault.verify().unwrap().damaged, [ids[2]]);
    assert!(opened.vault.open_otp(ids[1]).is_ok());
    assert!(matches!(opened.vault.open_otp(ids[2]), Err(VaultError::ItemUnreadable)));
    let refused = opened.vault.hotp_next(ids[1]);
    assert!(matches!(refused, Err(VaultError::ReadOnly(Reason::DamagedRows))));
    opened.vault.lock();
    assert_eq!(blob(&place.sql(), "meta", ids[2]), damaged, "the bytes are kept");
}

/// A change while the vault is open is seen before anything is written or opened.
#[test]
fn a_change_by_somebody_else_while_unlocked_is_seen() {
    let (place, ids) = with_rows(5);
    let mut vault: Vault = place.open().vault;
    let db = editor(&place);
    let (a, b) = (blob(&db, "secret", ids[0]), blob(&db, "secret", ids[1]));
    put(&db, "secret", ids[0], &b);
    put(&db, "secret", ids[1], &a);
    assert!(vault.open_otp(ids[0]).is_err());
    assert!(matches!(vault.hotp_next(ids[2]), Err(VaultError::ReadOnly(Reason::Tampered))));
}

/// S09: the length of a name does not show in the length of a blob.
#[test]
fn ten_thousand_names_of_1_to_200_bytes_take_at_most_four_lengths() {
    let (place, mut vault) = Place::new();
    let mut random = Seeded(9);
    let mut name = |letter: &str| letter.repeat(1 + random.below(200));
    let items = (0..10_000).map(|n| totp(&name("i"), &name("a"), n as u8)).collect();
    vault.add_many(items, NOW).unwrap();
    vault.lock();
    let db = place.sql();
    let lengths = |column: &str| -> i64 {
        let query = format!("SELECT count(DISTINCT length({column})) FROM item");
        db.query_row(&query, [], |row| row.get(0)).unwrap()
    };
    println!("cases 10000");
    assert!((2..=4).contains(&lengths("meta")), "{}", lengths("meta"));
    assert_eq!(lengths("secret"), 1);
    // The control: the names themselves have every length there is.
    let plain: std::collections::BTreeSet<usize> =
        place.open().vault.items().iter().map(|item| item.issuer.len() + item.account_name.len()).collect();
    assert!(plain.len() > 300, "{}", plain.len());
}

/// S02 and S13 at commit size: nothing that was ever written stands in any file in the clear.
#[test]
fn no_file_holds_a_name_or_a_secret() {
    let (place, mut vault) = Place::new();
    let id = vault.add(totp("CanaryIssuer", "canary@example", 0xC7), NOW).unwrap();
    vault.add(totp("x", "", 1), NOW).unwrap();
    vault.add_group("CanaryGroup").unwrap();
    vault.delete(id, NOW).unwrap();
    vault.purge_expired(NOW.plus_ms(vault::TRASH_MS)).unwrap();
    vault.lock();
    for file in std::fs::read_dir(place.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for canary in [b"CanaryIssuer".as_slice(), b"canary@", b"CanaryGroup", &[0xC7; 20]] {
            assert!(!bytes.windows(canary.len()).any(|window| window == canary));
        }
    }
}
