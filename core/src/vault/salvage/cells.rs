//! Rows in the leaf pages of tables, found without the tree above them.
//!
//! Layout: "Database File Format" of sqlite.org, sections 1.6 (b-tree pages), 2.1 (records) and 1.7 (overflow).

use super::pages::Pages;

/// A value of a row, as far as our tables have them.
#[derive(Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Int(i64),
    Blob(Vec<u8>),
    Other,
}

/// A row: its rowid, and its columns.
pub(super) struct Cell {
    pub(super) rowid: i64,
    pub(super) values: Vec<Value>,
}

const LEAF_OF_TABLE: u8 = 0x0d;
const FIRST_PAGE_HEADER: usize = 100;
/// The longest row of ours: names and secret of 64 KiB each, sealed and padded, and some more.
const MOST_BYTES: usize = 256 * 1024;
const MOST_COLUMNS: usize = 16;

/// Returns every row that can be taken out of a leaf page; anything else has none.
pub(super) fn cells(pages: &Pages<'_>, number: u32) -> Vec<Cell> {
    let Some(page) = pages.page(number) else { return Vec::new() };
    let start = if number == 1 { FIRST_PAGE_HEADER } else { 0 };
    if page.get(start) != Some(&LEAF_OF_TABLE) {
        return Vec::new();
    }
    let count = u16_at(page, start + 3).unwrap_or(0);
    (0..usize::from(count))
        .filter_map(|n| cell(pages, page, usize::from(u16_at(page, start + 8 + 2 * n)?)))
        .collect()
}

fn cell(pages: &Pages<'_>, page: &[u8], at: usize) -> Option<Cell> {
    let (length, at) = varint(page, at)?;
    let (rowid, at) = varint(page, at)?;
    let length = usize::try_from(length).ok().filter(|length| *length <= MOST_BYTES)?;
    let payload = payload(pages, page, at, length)?;
    Some(Cell { rowid: rowid as i64, values: record(&payload)? })
}

/// Puts a row together from its page and the overflow pages behind it.
fn payload(pages: &Pages<'_>, page: &[u8], at: usize, length: usize) -> Option<Vec<u8>> {
    let usable = pages.size();
    let most = usable - 35;
    if length <= most {
        return Some(page.get(at..at.checked_add(length)?)?.to_vec());
    }
    let least = (usable - 12) * 32 / 255 - 23;
    let fitting = least + (length - least) % (usable - 4);
    let here = if fitting <= most { fitting } else { least };
    let mut payload = page.get(at..at + here)?.to_vec();
    let mut next = u32_at(page, at + here)?;
    while payload.len() < length {
        let page = pages.page(next)?;
        let take = (length - payload.len()).min(usable - 4);
        payload.extend_from_slice(page.get(4..4 + take)?);
        next = u32_at(page, 0)?;
    }
    Some(payload)
}

fn record(payload: &[u8]) -> Option<Vec<Value>> {
    let (header, mut at) = varint(payload, 0)?;
    let mut body = usize::try_from(header).ok()?;
    let end = body;
    let mut values = Vec::new();
    while at < end && values.len() < MOST_COLUMNS {
        let (kind, next) = varint(payload, at)?;
        at = next;
        let size = match kind {
            0 | 8 | 9 => 0,
            1..=4 => usize::try_from(kind).ok()?,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return None,
            text_or_blob => usize::try_from((text_or_blob - 12) / 2).ok()?,
        };
        let bytes = payload.get(body..body.checked_add(size)?)?;
        body += size;
        values.push(match kind {
            0 => Value::Null,
            8 => Value::Int(0),
            9 => Value::Int(1),
            1..=6 => Value::Int(signed(bytes)),
            kind if kind >= 12 && kind % 2 == 0 => Value::Blob(bytes.to_vec()),
            _ => Value::Other,
        });
    }
    (at == end).then_some(values)
}

fn signed(bytes: &[u8]) -> i64 {
    let first = if bytes.first().is_some_and(|byte| *byte >= 0x80) { -1 } else { 0 };
    bytes.iter().fold(first, |number, byte| number << 8 | i64::from(*byte))
}

/// Reads a variable-length integer of up to nine bytes and returns it with the place after it.
fn varint(bytes: &[u8], mut at: usize) -> Option<(u64, usize)> {
    let mut number = 0u64;
    for n in 0..9 {
        let byte = *bytes.get(at)?;
        at += 1;
        if n == 8 {
            return Some((number << 8 | u64::from(byte), at));
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            break;
        }
    }
    Some((number, at))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes([four[0], four[1], four[2], four[3]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SQLite writes, the scan reads: every row of a file whose rows need overflow pages, its log not yet in it.
    #[test]
    fn the_scan_finds_what_sqlite_wrote() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        let db = rusqlite::Connection::open(&path).unwrap();
        db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())).unwrap();
        db.execute_batch("CREATE TABLE t (a BLOB, b INTEGER, c BLOB, d TEXT)").unwrap();
        let row = |n: i64| (vec![n as u8; 16], n * n * n * 1_000_003 - 5_000, vec![7u8; (n * 397) as usize]);
        for n in 0..60 {
            let (a, b, c) = row(n);
            db.execute("INSERT INTO t VALUES (?, ?, ?, 'x')", (a, b, c)).unwrap();
            if n == 30 {
                db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
            }
        }
        let file = std::fs::read(&path).unwrap();
        let log = std::fs::read(folder.path().join("x.db-wal")).unwrap();
        let pages = Pages::new(&file, &log);
        let mut found: Vec<Cell> = pages
            .numbers()
            .into_iter()
            .flat_map(|number| cells(&pages, number))
            .filter(|cell| cell.values.len() == 4 && matches!(cell.values[0], Value::Blob(_)))
            .collect();
        found.sort_by_key(|cell| cell.rowid);
        assert_eq!(found.len(), 60);
        for (n, cell) in (0..).zip(&found) {
            let (a, b, c) = row(n);
            assert_eq!(cell.values, [Value::Blob(a), Value::Int(b), Value::Blob(c), Value::Other]);
        }
    }

    #[test]
    fn no_bytes_make_the_scan_panic_or_run_for_ever() {
        let mut seed = 7u64;
        for _ in 0..200 {
            let bytes: Vec<u8> = (0..3 * 4096)
                .map(|n| {
                    seed =
                        seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    if n % 4096 == 0 { LEAF_OF_TABLE } else { (seed >> 33) as u8 }
                })
                .collect();
            let pages = Pages::new(&bytes, &bytes[100..]);
            for number in pages.numbers() {
                cells(&pages, number);
            }
        }
    }
}
