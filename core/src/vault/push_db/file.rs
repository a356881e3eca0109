//! The file: tables, and what is read of it without a key.

use std::fs::{self, File};
use std::path::Path;

use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior};

use super::Table;
use crate::device::VaultId;
use crate::vault::VaultError;
use crate::vault::schema;

pub(super) const NAME: &str = "push.db";

const APPLICATION_ID: i64 = 0x414B_5055;
/// The format that this version writes, and the newest that it reads.
const USER_VERSION: u32 = 1;

/// Tables whose bodies are sealed, and the number of each in the associated data.
pub(super) const SEALED: [(&str, Table); 4] = [
    ("enrolment", Table::Enrolment),
    ("history", Table::History),
    ("quiet", Table::Quiet),
    ("outbox", Table::Outbox),
];

const TABLES: &str = "
CREATE TABLE meta (k TEXT NOT NULL PRIMARY KEY, v BLOB NOT NULL) STRICT;
CREATE TABLE enrolment (id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), rev INTEGER NOT NULL,
                        epoch INTEGER NOT NULL, body BLOB NOT NULL, names_rev INTEGER NOT NULL,
                        names_epoch INTEGER NOT NULL, names BLOB NOT NULL) STRICT;
CREATE TABLE history (id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), rev INTEGER NOT NULL,
                      epoch INTEGER NOT NULL, at INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
CREATE TABLE quiet (id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), rev INTEGER NOT NULL,
                    epoch INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
CREATE TABLE outbox (id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), rev INTEGER NOT NULL,
                     epoch INTEGER NOT NULL, exp INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
CREATE TABLE seen (id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), exp INTEGER NOT NULL) STRICT;
CREATE TABLE wrap (epoch INTEGER NOT NULL PRIMARY KEY, body BLOB NOT NULL) STRICT;
";

/// Opens the file in `folder`; `None` when there is none.
pub(super) fn open(folder: &Path) -> Result<Option<Connection>, VaultError> {
    let path = folder.join(NAME);
    if !path.try_exists()? {
        return Ok(None);
    }
    let db = schema::connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    if is_empty(&db)? { Ok(None) } else { ready(db).map(Some) }
}

/// Opens the file in `folder`, or makes it with all its tables in one transaction.
pub(super) fn open_or_make(folder: &Path, vault: VaultId) -> Result<Connection, VaultError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let path = folder.join(NAME);
    let mut db = schema::connect(&path, flags)?;
    if is_empty(&db)? {
        schema::make_durable(&db)?;
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another process may have been here since.
        if is_empty(&transaction)? {
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.pragma_update(None, "user_version", USER_VERSION)?;
            transaction.execute_batch(TABLES)?;
            transaction.execute("INSERT INTO meta (k, v) VALUES ('vault_id', ?)", [vault.0])?;
        }
        transaction.commit()?;
    }
    ready(db)
}

/// Refuses a file that belongs to another vault: somebody put it here.
pub(super) fn belongs_to(db: &Connection, vault: VaultId) -> Result<(), VaultError> {
    if vault_id(db)? == vault { Ok(()) } else { Err(VaultError::FileDamaged) }
}

/// Moves the file and what SQLite keeps beside it into `quarantine`.
pub(super) fn put_aside(folder: &Path) -> Result<Option<String>, VaultError> {
    if !folder.join(NAME).try_exists()? {
        return Ok(None);
    }
    let quarantine = folder.join("quarantine");
    fs::create_dir_all(&quarantine)?;
    let free = |name: &String| !quarantine.join(name).exists();
    let name =
        (1u32..).map(|number| format!("push-{number}.db")).find(free).expect("no folder holds 2^32 files");
    // The log first: the file alone would be taken for an older one, the log alone for nothing.
    for end in ["-wal", "-shm", ""] {
        let part = folder.join(format!("{NAME}{end}"));
        if part.try_exists()? {
            fs::rename(part, quarantine.join(format!("{name}{end}")))?;
        }
    }
    File::open(&quarantine)?.sync_all()?;
    File::open(folder)?.sync_all()?;
    Ok(Some(name))
}

/// Tells whether nothing was ever committed: a file that was only just begun.
fn is_empty(db: &Connection) -> Result<bool, VaultError> {
    let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(tables == 0)
}

fn ready(db: Connection) -> Result<Connection, VaultError> {
    let application_id: i64 = db.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if application_id != APPLICATION_ID || schema::user_version(&db)? > USER_VERSION {
        return Err(VaultError::FileDamaged);
    }
    schema::make_durable(&db)?;
    Ok(db)
}

pub(super) fn vault_id(db: &Connection) -> Result<VaultId, VaultError> {
    Ok(VaultId(db.query_row("SELECT v FROM meta WHERE k = 'vault_id'", [], |row| row.get(0))?))
}

/// Returns `k_push` as it is wrapped for this device, with the epoch of its data key.
pub(super) fn wrap(db: &Connection) -> Result<Option<(u32, Vec<u8>)>, VaultError> {
    Ok(db
        .query_row("SELECT epoch, body FROM wrap ORDER BY epoch DESC LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?)
}

/// Seals every row of a table again by `again`, which is given id, revision, column and sealed bytes; what it cannot
/// open stays as it is.
pub(super) fn reseal(
    db: &Connection,
    table: &str,
    again: impl Fn([u8; 16], u64, u8, &[u8]) -> Option<Vec<u8>>,
    epoch: u32,
) -> Result<usize, VaultError> {
    let mut count = 0;
    count += reseal_column(db, table, ["body", "rev", "epoch"], super::COLUMN_BODY, &again, epoch)?;
    if table == "enrolment" {
        count += reseal_column(
            db,
            table,
            ["names", "names_rev", "names_epoch"],
            super::COLUMN_NAMES,
            &again,
            epoch,
        )?;
    }
    Ok(count)
}

fn reseal_column(
    db: &Connection,
    table: &str,
    [blob, rev, of_epoch]: [&str; 3],
    column: u8,
    again: &impl Fn([u8; 16], u64, u8, &[u8]) -> Option<Vec<u8>>,
    epoch: u32,
) -> Result<usize, VaultError> {
    let mut query = db.prepare(&format!("SELECT id, {rev}, {blob} FROM {table}"))?;
    let rows: Vec<([u8; 16], i64, Vec<u8>)> =
        query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect::<Result<_, _>>()?;
    let mut update = db.prepare(&format!("UPDATE {table} SET {blob} = ?, {of_epoch} = ? WHERE id = ?"))?;
    let mut count = 0;
    for (id, rev, sealed) in rows {
        if let Some(sealed) = again(id, rev as u64, column, &sealed) {
            update.execute((sealed, epoch, id))?;
            count += 1;
        }
    }
    Ok(count)
}
