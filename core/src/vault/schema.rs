//! The file: tables, pragmas, and how a connection is opened without changing anything.

use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::VaultError;

pub(super) const FILE: &str = "vault.db";
/// The write-ahead log beside it, and the index of that log, which SQLite makes anew.
pub(super) const LOG: &str = "vault.db-wal";
pub(super) const LOG_INDEX: &str = "vault.db-shm";
/// The format that this version writes.
pub(super) const USER_VERSION: u32 = 1;
/// The oldest version of Klink's format that can read what this version writes.
pub(super) const MIN_READER: u32 = 1;

const APPLICATION_ID: i64 = 0x414B_4154;
/// Before it, a rare race could lose a reset of the write-ahead log.
const LEAST_SQLITE: i32 = 3_051_003;
const BUSY: Duration = Duration::from_secs(5);
const CHECKPOINT_BUSY: Duration = Duration::from_millis(50);

const TABLES: &str = "
CREATE TABLE meta (k TEXT NOT NULL PRIMARY KEY, v BLOB NOT NULL) STRICT;
CREATE TABLE slot (id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), body BLOB NOT NULL) STRICT;
CREATE TABLE dek (epoch INTEGER NOT NULL PRIMARY KEY, body BLOB NOT NULL) STRICT;
CREATE TABLE item (id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), rev INTEGER NOT NULL,
                   epoch INTEGER NOT NULL, meta BLOB NOT NULL, secret BLOB NOT NULL) STRICT;
CREATE TABLE doc (id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), rev INTEGER NOT NULL,
                  epoch INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
CREATE TABLE bucket (b INTEGER NOT NULL PRIMARY KEY CHECK (b BETWEEN 0 AND 255), n INTEGER NOT NULL,
                     digest BLOB NOT NULL CHECK (length(digest) = 32)) STRICT;
CREATE TABLE root (one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, branch BLOB NOT NULL,
                   prev_root BLOB NOT NULL, mac BLOB NOT NULL) STRICT;
";

/// Makes the file with its tables, inside a transaction that the caller commits.
pub(super) fn create(path: &Path) -> Result<Connection, VaultError> {
    let db = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    make_durable(&db)?;
    db.execute_batch("BEGIN IMMEDIATE")?;
    db.pragma_update(None, "application_id", APPLICATION_ID)?;
    db.pragma_update(None, "user_version", USER_VERSION)?;
    db.execute_batch(TABLES)?;
    Ok(db)
}

/// Opens the file for looking: nothing is written until [`make_durable`].
pub(super) fn open(path: &Path) -> Result<Connection, VaultError> {
    let db = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    db.pragma_update(None, "query_only", true)?;
    let application_id: i64 = db.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if application_id != APPLICATION_ID {
        return Err(VaultError::FileDamaged);
    }
    Ok(db)
}

/// Lets the connection write, with every commit on the disk before it counts.
pub(super) fn make_durable(db: &Connection) -> Result<(), VaultError> {
    db.pragma_update(None, "query_only", false)?;
    let mode: String = db.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        return Err(VaultError::Io(ErrorKind::Unsupported));
    }
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "fullfsync", true)?;
    db.pragma_update(None, "checkpoint_fullfsync", true)?;
    db.pragma_update(None, "secure_delete", true)?;
    db.pragma_update_and_check(None, "journal_size_limit", 0, |_| Ok(()))?;
    Ok(())
}

/// Empties the write-ahead log into the file. Best effort: a reader may stand in the way, and the next will do it.
pub(super) fn checkpoint(db: &Connection) {
    let waited = db
        .busy_timeout(CHECKPOINT_BUSY)
        .and_then(|()| db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
    let restored = db.busy_timeout(BUSY);
    debug_assert!(restored.is_ok(), "a timeout is only a number");
    // Whether it went through is seen by the size of the log alone; nothing depends on it.
    drop(waited);
}

/// Refuses a file whose pages, free space or indexes are not as SQLite writes them: [`VaultError::FileDamaged`].
pub(super) fn check_structure(db: &Connection) -> Result<(), VaultError> {
    let found: String = db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if found == "ok" { Ok(()) } else { Err(VaultError::FileDamaged) }
}

/// Returns a number that changes whenever another connection has committed.
pub(super) fn data_version(db: &Connection) -> Result<i64, VaultError> {
    Ok(db.pragma_query_value(None, "data_version", |row| row.get(0))?)
}

/// Returns the format number of the file.
pub(super) fn user_version(db: &Connection) -> Result<u32, VaultError> {
    let version: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    u32::try_from(version).map_err(|_| VaultError::FileDamaged)
}

/// Opens a file as all of ours are opened. SQLite keeps an index of the log beside it, which takes 32 KiB of the disk; when
/// there is no room for that, the index is kept in memory and the file is this connection's alone, so that codes are shown on
/// a disk that is full to the last byte.
pub(super) fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, VaultError> {
    match connect_with(path, flags, LogIndex::Shared) {
        // SQLite has one answer for a file that is not there and for one that it could not make.
        Err(error @ (VaultError::DiskFull | VaultError::Io(ErrorKind::NotFound))) => {
            connect_with(path, flags, LogIndex::InMemory).map_err(|_| error)
        }
        result => result,
    }
}

/// Where the index of the log is.
#[derive(Clone, Copy)]
enum LogIndex {
    /// In a file that every connection maps.
    Shared,
    /// In memory: no other connection can have the file then.
    InMemory,
}

fn connect_with(path: &Path, flags: OpenFlags, index: LogIndex) -> Result<Connection, VaultError> {
    assert!(rusqlite::version_number() >= LEAST_SQLITE, "the SQLite that is built in is new enough");
    let db = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.busy_timeout(BUSY)?;
    // A damaged file must stay as it is: closing it must not copy the log into it.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    // A name in double quotes that is no column is an error, not a text.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    db.pragma_update(None, "temp_store", "MEMORY")?;
    db.pragma_update_and_check(None, "mmap_size", 0, |_| Ok(()))
        .or_else(|error| if error == rusqlite::Error::QueryReturnedNoRows { Ok(()) } else { Err(error) })?;
    db.pragma_update(None, "trusted_schema", false)?;
    db.pragma_update(None, "cell_size_check", true)?;
    db.pragma_update(None, "foreign_keys", true)?;
    match index {
        LogIndex::Shared => {}
        LogIndex::InMemory => {
            db.pragma_update_and_check(None, "locking_mode", "EXCLUSIVE", |_| Ok(()))?;
        }
    }
    // The first look at the file is the one that needs the index.
    db.pragma_query(None, "schema_version", |_| Ok(()))?;
    Ok(db)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pragma_reads_back_as_it_was_set() {
        let folder = tempfile::tempdir().unwrap();
        let db = create(&folder.path().join(FILE)).unwrap();
        db.execute_batch("COMMIT").unwrap();
        let number = |name: &str| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
        for (name, expected) in [
            ("application_id", APPLICATION_ID),
            ("user_version", 1),
            ("synchronous", 2),
            ("fullfsync", 1),
            ("checkpoint_fullfsync", 1),
            ("secure_delete", 1),
            ("temp_store", 2),
            ("trusted_schema", 0),
            ("cell_size_check", 1),
            ("foreign_keys", 1),
            ("query_only", 0),
            ("busy_timeout", 5000),
            ("journal_size_limit", 0),
        ] {
            assert_eq!(number(name), expected, "{name}");
        }
        let mode: String = db.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal");
        assert_eq!(number("mmap_size"), 0);
    }

    #[cfg(unix)]
    #[test]
    fn without_room_for_the_index_of_the_log_the_file_is_read_with_its_log() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let db = create(&path).unwrap();
        db.execute_batch("COMMIT; INSERT INTO meta VALUES ('k', x'01')").unwrap();
        drop(db);
        assert!(std::fs::metadata(folder.path().join(LOG)).unwrap().len() > 0, "the row is in the log");
        // SQLite follows no link, so that no index can be made where one is.
        std::fs::remove_file(folder.path().join(LOG_INDEX)).unwrap();
        std::os::unix::fs::symlink("nowhere", folder.path().join(LOG_INDEX)).unwrap();
        let read = |db: &Connection| db.query_row("SELECT v FROM meta", [], |row| row.get::<_, Vec<u8>>(0));
        let db = open(&path).unwrap();
        assert_eq!(read(&db).unwrap(), [1]);
        make_durable(&db).unwrap();
        db.execute_batch("DELETE FROM meta; INSERT INTO meta VALUES ('k', x'02')").unwrap();
        checkpoint(&db);
        drop(db);
        assert_eq!(read(&open(&path).unwrap()).unwrap(), [2]);
        // The control: a connection that must have its index.
        assert!(read(&Connection::open(&path).unwrap()).is_err());
    }

    #[test]
    fn no_library_is_loaded_and_no_misspelt_name_is_a_text() {
        let folder = tempfile::tempdir().unwrap();
        let db = create(&folder.path().join(FILE)).unwrap();
        assert!(db.query_row("SELECT load_extension('x')", [], |_| Ok(())).is_err());
        assert!(db.query_row("SELECT \"no_such_column\"", [], |_| Ok(())).is_err());
        // The control: what other SQLite connections take the second for.
        let other = Connection::open_in_memory().unwrap();
        assert!(other.query_row("SELECT \"no_such_column\"", [], |_| Ok(())).is_ok());
    }
}
