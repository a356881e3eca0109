//! SQLite databases of other apps: opened in memory, read only, their schema trusted with nothing.
//!
//! The bytes go to SQLite by `sqlite3_deserialize`, so no file is opened or written. A `-wal` that lies beside the
//! database is laid over its pages first ([`wal`]). No view, no trigger and no virtual table is used, no function that
//! could reach outside may be called by the schema, and values and statements have limits.

mod wal;

use std::io::Read;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, MAIN_DB, OpenFlags};

use super::error::ImportError;
use super::format::Format;
use super::formats::Opening;
use super::found::{Entry, Imported, Place, Problem, Reason};
use super::sight::Sight;
use super::{MAX_ENTRIES, MAX_SOURCE_BYTES, Source};
use crate::secret::SecretText;

/// The first bytes of a database.
pub(super) const MAGIC: &[u8] = b"SQLite format 3\0";

/// The most bytes of one value, and of one row.
const MAX_VALUE_BYTES: i32 = 4 * 1024 * 1024;

/// The most rows that are looked at; a database whose pages go in circles has no end.
const MAX_ROWS: usize = 1_000_000;

/// A foreign database.
pub(super) struct Database {
    connection: Connection,
    format: Format,
}

/// One row of a table, with values by the names of columns.
pub(super) struct Row<'r> {
    row: &'r rusqlite::Row<'r>,
    columns: &'r [String],
}

/// Tells whether a source is a database with this word in its schema: a column that no other app has.
///
/// It looks at the bytes, so that a damaged database still says what it is.
pub(super) fn mentions(sight: &Sight<'_>, word: &str) -> bool {
    sight.begins(MAGIC) && memchr::memmem::find(sight.source.bytes, word.as_bytes()).is_some()
}

/// Tells whether a source is a `-wal`, which belongs to a database.
pub(super) fn is_wal(sight: &Sight<'_>) -> bool {
    wal::is_wal(sight.source.bytes)
}

impl Database {
    /// Opens the one database among the sources, under its `-wal` if there is one.
    ///
    /// # Errors
    /// [`ImportError::Damaged`] when it is none, or when there are two; [`ImportError::TooLarge`].
    pub(super) fn of(opening: &Opening<'_>, format: Format) -> Result<Self, ImportError> {
        let is_database = |source: &&Source<'_>| source.bytes.starts_with(MAGIC);
        let mut databases = opening.sources.iter().filter(is_database);
        let mut logs = opening.sources.iter().filter(|source| wal::is_wal(source.bytes));
        match (databases.next(), databases.next(), logs.next(), logs.next()) {
            (Some(database), None, log, None) => {
                Self::open(database.bytes, log.map_or(&[], |log| log.bytes), format)
            }
            _ => Err(ImportError::Damaged(format, Place::file("more than one database"))),
        }
    }

    /// Opens `bytes`, with the committed frames of `log` over its pages; an empty `log` is none.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub(super) fn open(bytes: &[u8], log: &[u8], format: Format) -> Result<Self, ImportError> {
        let pages = wal::merge(bytes, log).ok_or_else(|| damaged(format))?;
        let size = pages.size();
        if size > MAX_SOURCE_BYTES {
            return Err(ImportError::TooLarge(size as u64));
        }
        let open = || {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let mut connection = Connection::open_in_memory_with_flags(flags)?;
            connection.deserialize_read_exact(MAIN_DB, pages.take(size as u64), size, true)?;
            restrict(&connection)?;
            Ok(connection)
        };
        let connection = open().map_err(|_: rusqlite::Error| damaged(format))?;
        Ok(Self { connection, format })
    }

    /// Takes what `each` makes of every row of `table`; rows of which it makes nothing hold no one-time password.
    ///
    /// They come in the order of the whole numbers in column `order`. Rows that cannot be reached because a page is
    /// broken become one problem: how many they are is not known.
    ///
    /// # Errors
    /// [`ImportError::Damaged`] when there is no such table, or not one row of a broken one can be read;
    /// [`ImportError::Stopped`].
    pub(super) fn entries(
        &self,
        table: &'static str,
        order: &'static str,
        opening: &Opening<'_>,
        mut each: impl FnMut(&mut Imported, usize, &Row<'_>) -> Option<(Place, Result<Entry, Reason>)>,
    ) -> Result<Imported, ImportError> {
        let broken = || ImportError::Damaged(self.format, Place::file(table));
        if !self.has_table(table).map_err(|_| broken())? {
            return Err(broken());
        }
        let mut torn = !self.is_whole(table);
        // Sorted here and not by SQLite: a sorter would hold as many rows as circles of pages can feign.
        let statement = self.connection.prepare(&format!("SELECT * FROM main.\"{table}\""));
        let mut statement = statement.map_err(|_| broken())?;
        let columns = self.columns(table).map_err(|_| broken())?;
        let mut rows = statement.query([]).map_err(|_| broken())?;
        let mut imported = Imported::new(self.format);
        let (mut sorted, mut beyond, mut read) = (Vec::new(), 0, 0);
        loop {
            opening.go_on()?;
            let row = match rows.next() {
                Ok(Some(row)) if read < MAX_ROWS => Row { row, columns: &columns },
                Ok(None) => break,
                Ok(Some(_)) | Err(_) => {
                    torn = true;
                    break;
                }
            };
            if let Some((place, entry)) = each(&mut imported, read, &row) {
                match sorted.len() {
                    MAX_ENTRIES => beyond += 1,
                    _ => sorted.push((row.number::<i64>(order).ok().flatten(), place, entry)),
                }
            }
            read += 1;
        }
        if torn && read == 0 {
            return Err(broken());
        }
        sorted.sort_by_key(|(position, ..)| *position);
        sorted.into_iter().for_each(|(_, place, entry)| imported.take(place, entry));
        (0..beyond).for_each(|_| imported.take(Place::default(), Err(Reason::TooMany(1))));
        if torn {
            imported.problems.push(Problem { place: Place::file(table), reason: Reason::Field(table) });
        }
        Ok(imported)
    }

    /// Tells whether there is a table of rows by this name: no view, and none that code would fill.
    fn has_table(&self, table: &str) -> rusqlite::Result<bool> {
        let query =
            "SELECT count(*) FROM main.sqlite_schema WHERE type = 'table' AND rootpage > 0 AND name = ?1";
        self.connection.query_row(query, [table], |row| Ok(row.get::<_, i64>(0)? == 1))
    }

    /// Returns the names of a table's columns in small letters, in the order in which `SELECT *` gives them.
    ///
    /// They are asked for as values: what rusqlite gives as the names of a result must be UTF-8, or it panics.
    fn columns(&self, table: &str) -> rusqlite::Result<Vec<String>> {
        const NAME: usize = 1;
        const HIDDEN: usize = 6;
        let mut statement = self.connection.prepare(&format!("PRAGMA main.table_xinfo(\"{table}\")"))?;
        let mut rows = statement.query([])?;
        let mut names = Vec::new();
        while let Some(row) = rows.next()? {
            // 1 is a column that only a virtual table has; 2 and 3 are computed, and are given.
            if row.get::<_, i64>(HIDDEN)? != 1 {
                let name = row.get_ref(NAME)?.as_bytes().unwrap_or_default();
                names.push(String::from_utf8_lossy(name).to_lowercase());
            }
        }
        Ok(names)
    }

    /// Tells whether the pages of a table are as they should be; its `CHECK`s are not asked.
    fn is_whole(&self, table: &str) -> bool {
        let query = format!("PRAGMA main.quick_check(\"{table}\")");
        let answer: rusqlite::Result<String> = self.connection.query_row(&query, [], |row| row.get(0));
        answer.is_ok_and(|answer| answer == "ok")
    }
}

impl Row<'_> {
    /// Returns a value as a text; empty when there is no such column, or it is null or no text or number.
    pub(super) fn text(&self, column: &str) -> String {
        match self.value(column) {
            ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
            ValueRef::Integer(number) => number.to_string(),
            ValueRef::Real(_) | ValueRef::Blob(_) | ValueRef::Null => String::new(),
        }
    }

    /// Returns a text that must be there.
    ///
    /// # Errors
    /// [`Reason::Field`].
    pub(super) fn secret(&self, column: &'static str) -> Result<SecretText, Reason> {
        match self.value(column) {
            ValueRef::Text(text) => {
                std::str::from_utf8(text).map(SecretText::from).map_err(|_| Reason::Field(column))
            }
            _ => Err(Reason::Field(column)),
        }
    }

    /// Returns a whole number; `None` when there is no such column, or it is null.
    ///
    /// # Errors
    /// [`Reason::Field`] when it is no number, or does not fit.
    pub(super) fn number<N: TryFrom<i64>>(&self, column: &'static str) -> Result<Option<N>, Reason> {
        let number = match self.value(column) {
            ValueRef::Null => return Ok(None),
            ValueRef::Integer(number) => Some(number),
            ValueRef::Text(text) => std::str::from_utf8(text).ok().and_then(|text| text.trim().parse().ok()),
            ValueRef::Real(_) | ValueRef::Blob(_) => None,
        };
        number.and_then(|number| N::try_from(number).ok()).map(Some).ok_or(Reason::Field(column))
    }

    fn value(&self, column: &str) -> ValueRef<'_> {
        let index = self.columns.iter().position(|known| known == column);
        index.and_then(|index| self.row.get_ref(index).ok()).unwrap_or(ValueRef::Null)
    }
}

/// Takes everything from the connection that reading rows does not need.
fn restrict(connection: &Connection) -> rusqlite::Result<()> {
    for (config, value) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
    ] {
        connection.set_db_config(config, value)?;
    }
    for (limit, value) in [
        (Limit::SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, 1024 * 1024),
        (Limit::SQLITE_LIMIT_COLUMN, 1000),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 100),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
    ] {
        connection.set_limit(limit, value)?;
    }
    connection.execute_batch(
        "PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON;
         PRAGMA ignore_check_constraints = ON; PRAGMA cache_size = -2048;",
    )
}

fn damaged(format: Format) -> ImportError {
    ImportError::Damaged(format, Place::file("database"))
}

#[cfg(test)]
mod tests;
