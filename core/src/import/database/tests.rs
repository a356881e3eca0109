use rusqlite::params;

use super::*;
use crate::import::{KdfBudget, Secrets};

/// A database and its log, whose second half of rows is in the log alone; `tail` is what the writer did after that.
fn with_log(tail: &str) -> (Vec<u8>, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("database");
    let writer = Connection::open(&path).unwrap();
    writer
        .execute_batch("PRAGMA page_size = 512; CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT, c BLOB)")
        .unwrap();
    let add = |number: i64| {
        writer
            .execute("INSERT INTO t VALUES (?1, ?2, NULL)", params![number, format!("row {number}")])
            .unwrap();
    };
    (0..50).for_each(add);
    writer.execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;").unwrap();
    (50..100).for_each(add);
    writer.execute_batch(tail).unwrap();
    let log = std::fs::read(path.with_file_name("database-wal")).unwrap();
    (std::fs::read(&path).unwrap(), log)
}

fn schema(sql: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("database");
    let writer = Connection::open(&path).unwrap();
    writer.execute_batch(sql).unwrap();
    drop(writer);
    std::fs::read(path).unwrap()
}

/// Returns column `b` of every row of table `t`, and how many problems there are.
fn rows(bytes: &[u8], log: &[u8]) -> Result<(Vec<String>, usize), ImportError> {
    let database = Database::open(bytes, log, Format::GoogleDatabase)?;
    let sources = [Source { name: "", bytes }];
    let opening = Opening {
        sources: &sources,
        secrets: &Secrets::default(),
        budget: KdfBudget::PHONE,
        stop: &|| false,
    };
    let mut found = Vec::new();
    let imported = database.entries("t", "a", &opening, |_, _, row| {
        found.push(row.text("b"));
        None
    })?;
    Ok((found, imported.problems.len()))
}

fn check(log: &[u8], bytes: &[u8], expected: usize) {
    let (found, problems) = rows(bytes, log).unwrap();
    assert_eq!(found, (0..expected).map(|number| format!("row {number}")).collect::<Vec<_>>());
    assert_eq!(problems, 0);
}

#[test]
fn what_was_committed_in_the_log_is_there_and_nothing_else_is() {
    let (database, log) = with_log("");
    check(&log, &database, 100);
    check(&[], &database, 50);
    let (database, log) = with_log("BEGIN; DELETE FROM t; ROLLBACK");
    check(&log, &database, 100);
}

/// The log of a writer that was killed, or that was copied while it was written.
#[test]
fn a_log_counts_up_to_its_last_whole_commit() {
    let (database, log) = with_log("");
    let frame = 24 + 512;
    assert_eq!((log.len() - 32) % frame, 0);
    check(&log[..log.len() - 1], &database, 99);
    let mut changed = log.clone();
    let middle = 32 + frame * 10 + 300;
    changed[middle] ^= 1;
    let (found, _) = rows(&database, &changed).unwrap();
    assert!((50..100).contains(&found.len()), "{}", found.len());
    // A header that is not whole: nobody can tell what the frames are worth.
    let mut changed = log.clone();
    changed[16] ^= 1;
    assert!(matches!(rows(&database, &changed), Err(ImportError::Damaged(..))));
}

#[test]
fn a_log_may_grow_and_shrink_the_database() {
    let (database, log) = with_log("DELETE FROM t WHERE a >= 10; VACUUM; PRAGMA wal_checkpoint = NONE");
    check(&log, &database, 10);
}

#[test]
fn nothing_that_would_run_code_is_a_table() {
    for sql in [
        "CREATE TABLE x (b); CREATE VIEW t AS SELECT b FROM x",
        "CREATE TABLE x (b); CREATE VIEW t AS WITH RECURSIVE r(b) AS (SELECT 1 UNION ALL SELECT b + 1 FROM r) SELECT b FROM r",
        "CREATE VIRTUAL TABLE t USING fts5(b)",
    ] {
        assert_eq!(
            rows(&schema(sql), &[]),
            Err(ImportError::Damaged(Format::GoogleDatabase, Place::file("t")))
        );
    }
}

/// The control is the same schema in a connection that trusts it.
#[test]
fn functions_of_the_schema_cannot_take_memory_without_end() {
    let sql = "CREATE TABLE t (a, b TEXT, c GENERATED ALWAYS AS (zeroblob(900000000)), CHECK (length(zeroblob(a)) >= 0));
        INSERT INTO t (a, b) VALUES (1, 'row 0')";
    let bytes = schema(sql);
    let trusting = Connection::open_in_memory().unwrap();
    trusting.execute_batch(sql).unwrap();
    let length: i64 = trusting.query_row("SELECT length(c) FROM t", [], |row| row.get(0)).unwrap();
    assert_eq!(length, 900_000_000);
    match rows(&bytes, &[]) {
        Ok((_, problems)) => assert!(problems > 0),
        Err(error) => assert!(matches!(error, ImportError::Damaged(..))),
    }
}

#[test]
fn a_database_is_never_written_to() {
    let (bytes, _) = with_log("");
    let database = Database::open(&bytes, &[], Format::GoogleDatabase).unwrap();
    for sql in
        ["DELETE FROM t", "CREATE TABLE u (a)", "ATTACH ':memory:' AS other", "PRAGMA user_version = 7"]
    {
        let ran = database.connection.execute_batch(sql);
        let version: i64 =
            database.connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        assert!(ran.is_err() || version == 0, "{sql}");
    }
}

#[test]
fn rows_on_a_broken_page_are_missed_by_name() {
    let (mut bytes, _) = with_log("");
    let page = bytes.len() - 512;
    bytes[page..].fill(0xff);
    match rows(&bytes, &[]) {
        Ok((found, problems)) => assert!(found.len() < 50 && problems == 1, "{} {problems}", found.len()),
        Err(error) => assert!(matches!(error, ImportError::Damaged(..))),
    }
}

/// Found by changing every 101st byte of a fixture: rusqlite panics on such a name.
#[test]
fn the_name_of_a_column_need_not_be_utf_8() {
    let mut bytes = schema("CREATE TABLE t (a, b TEXT, cccc TEXT); INSERT INTO t VALUES (1, 'row 0', 'x')");
    let at = memchr::memmem::find(&bytes, b"cccc").unwrap();
    bytes[at] = 0xff;
    let (found, problems) = rows(&bytes, &[]).unwrap();
    assert_eq!((found, problems), (vec!["row 0".to_owned()], 0));
}

#[test]
fn what_is_no_database_is_damaged() {
    for bytes in [&b"SQLite format 3\0"[..], &[0; 100], &[0; 4096]] {
        assert!(matches!(rows(bytes, &[]), Err(ImportError::Damaged(..))), "{}", bytes.len());
    }
}
