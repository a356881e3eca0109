//! The pages of a SQLite file as they were last committed: the file, and the write-ahead log laid over it.
//!
//! Nothing is believed here and nothing is refused: what a page holds counts only when its seals open.
//! Layout: "Database File Format" of sqlite.org, sections 1.2, 1.3, 1.6 and 4.

use std::collections::HashMap;

/// A file's pages, numbered from 1.
pub(super) struct Pages<'a> {
    size: usize,
    file: &'a [u8],
    /// Newer pages from the log.
    log: HashMap<u32, &'a [u8]>,
}

/// What SQLite makes when nobody says otherwise, and we never do.
const USUAL_SIZE: usize = 4096;
const LOG_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

impl<'a> Pages<'a> {
    /// Takes a file and its log apart; either may be damaged or empty.
    pub(super) fn new(file: &'a [u8], log: &'a [u8]) -> Self {
        let size = size_in(file).unwrap_or(USUAL_SIZE);
        Self { size, file, log: newest_frames(log, size) }
    }

    /// Returns the numbers of all pages.
    pub(super) fn numbers(&self) -> Vec<u32> {
        let in_file = u32::try_from(self.file.len().div_ceil(self.size)).unwrap_or(u32::MAX);
        let mut numbers: Vec<u32> = (1..=in_file).collect();
        numbers.extend(self.log.keys().filter(|number| **number > in_file));
        numbers.sort_unstable();
        numbers
    }

    /// Returns a page; the last one of a file that was cut may be short.
    pub(super) fn page(&self, number: u32) -> Option<&'a [u8]> {
        if let Some(page) = self.log.get(&number) {
            return Some(page);
        }
        let start = usize::try_from(number.checked_sub(1)?).ok()?.checked_mul(self.size)?;
        let rest = self.file.get(start..)?;
        Some(&rest[..rest.len().min(self.size)])
    }

    /// Returns the bytes of a page, of which we never reserve any.
    pub(super) fn size(&self) -> usize {
        self.size
    }
}

fn size_in(file: &[u8]) -> Option<usize> {
    let size = u16::from_be_bytes([*file.get(16)?, *file.get(17)?]);
    let size = if size == 1 { 65_536 } else { usize::from(size) };
    (size.is_power_of_two() && size >= 512 && file.starts_with(b"SQLite format 3\0")).then_some(size)
}

/// Returns the newest frame of each page up to the last commit of the log.
fn newest_frames(log: &[u8], size: usize) -> HashMap<u32, &[u8]> {
    let mut committed = HashMap::new();
    let Some(salts) = log.get(16..24) else { return committed };
    let mut pending = Vec::new();
    for frame in log[LOG_HEADER.min(log.len())..].chunks_exact(FRAME_HEADER + size) {
        let (header, page) = frame.split_at(FRAME_HEADER);
        if header[8..16] != *salts {
            break;
        }
        let number =
            |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        pending.push((number(0), page));
        // A frame that commits says how many pages the file has.
        if number(4) != 0 {
            committed.extend(pending.drain(..));
        }
    }
    committed
}
