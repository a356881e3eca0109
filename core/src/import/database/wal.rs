//! The write-ahead log of SQLite laid over its database, in memory. Source: sqlite.org/fileformat2.html, section 4.

use std::collections::HashMap;
use std::io::{self, Read};

/// The first four bytes but for the last bit, which says how its checksums read words.
const MAGIC: u32 = 0x377f_0682;
/// Bytes of the log's header, and of the header of each frame.
const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// Where in a database's header its two format versions stand; 1 says that there is no log.
const VERSIONS: std::ops::Range<usize> = 18..20;

/// The pages of a database as they are after its log; reading gives them one after the other.
pub(super) struct Pages<'a> {
    database: &'a [u8],
    log: HashMap<usize, &'a [u8]>,
    page_size: usize,
    size: usize,
    at: usize,
}

/// Tells whether `bytes` begin as a log does.
pub(super) fn is_wal(bytes: &[u8]) -> bool {
    word(bytes, 0, true).is_some_and(|magic| magic & !1 == MAGIC) && bytes.len() >= HEADER
}

/// Returns `database` with what was committed in `log`; an empty log changes nothing.
///
/// As SQLite does, it stops at the first frame that is not whole, and keeps nothing after the last commit before it.
/// `None` when the log cannot belong to the database: its pages have another size.
pub(super) fn merge<'a>(database: &'a [u8], log: &'a [u8]) -> Option<Pages<'a>> {
    // Offset 16: two bytes, 1 means 65,536.
    let page_size = match u16::from_be_bytes([*database.get(16)?, *database.get(17)?]) {
        1 => 65_536,
        size => usize::from(size),
    };
    let mut pages = Pages { database, log: HashMap::new(), page_size, size: database.len(), at: 0 };
    if log.is_empty() {
        return Some(pages);
    }
    let header = Header::read(log)?;
    if header.page_size != page_size {
        return None;
    }
    let (mut sum, mut pending) = (header.sum, Vec::new());
    for frame in log[HEADER..].chunks_exact(FRAME_HEADER + page_size) {
        let (head, page) = frame.split_at(FRAME_HEADER);
        let field = |n| word(head, n, true).expect("a frame's header has six words");
        sum = checksum(&head[..8], sum, header.big_endian);
        sum = checksum(page, sum, header.big_endian);
        if [field(2), field(3)] != header.salt || (field(4), field(5)) != sum {
            break;
        }
        pending.push((field(0) as usize, page));
        if field(1) > 0 {
            pages.log.extend(pending.drain(..));
            pages.size = (field(1) as usize).saturating_mul(page_size);
        }
    }
    Some(pages)
}

struct Header {
    page_size: usize,
    salt: [u32; 2],
    sum: (u32, u32),
    big_endian: bool,
}

impl Header {
    fn read(log: &[u8]) -> Option<Self> {
        let head = log.get(..HEADER).filter(|log| is_wal(log))?;
        let field = |n| word(head, n, true);
        let big_endian = field(0)? & 1 == 1;
        let sum = checksum(&head[..24], (0, 0), big_endian);
        if sum != (field(6)?, field(7)?) {
            return None;
        }
        Some(Self { page_size: field(2)? as usize, salt: [field(4)?, field(5)?], sum, big_endian })
    }
}

impl Pages<'_> {
    /// Returns how many bytes there are.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Returns what is left of the page at which reading stands; a page that nobody wrote is all zeros.
    fn rest_of_page(&self) -> Option<&[u8]> {
        let (number, offset) = (self.at / self.page_size, self.at % self.page_size);
        match self.log.get(&(number + 1)) {
            Some(page) => page.get(offset..),
            None => {
                let end = self.database.len().min(self.at - offset + self.page_size);
                self.database.get(self.at..end)
            }
        }
    }
}

impl Read for Pages<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.page_size == 0 || self.at >= self.size || out.is_empty() {
            return Ok(0);
        }
        let most = out.len().min(self.size - self.at).min(self.page_size - self.at % self.page_size);
        let read = match self.rest_of_page().filter(|rest| !rest.is_empty()) {
            Some(rest) => {
                let read = most.min(rest.len());
                out[..read].copy_from_slice(&rest[..read]);
                read
            }
            None => {
                out[..most].fill(0);
                most
            }
        };
        for place in VERSIONS.filter(|place| (self.at..self.at + read).contains(place)) {
            out[place - self.at] = 1;
        }
        self.at += read;
        Ok(read)
    }
}

/// The checksum of section 4.2, carried on from `sum`; `bytes` are a multiple of eight.
fn checksum(bytes: &[u8], sum: (u32, u32), big_endian: bool) -> (u32, u32) {
    let words = bytes.as_chunks::<4>().0.iter().map(|four| match big_endian {
        true => u32::from_be_bytes(*four),
        false => u32::from_le_bytes(*four),
    });
    let (mut first, mut second) = sum;
    for (n, word) in words.enumerate() {
        match n % 2 {
            0 => first = first.wrapping_add(word).wrapping_add(second),
            _ => second = second.wrapping_add(word).wrapping_add(first),
        }
    }
    (first, second)
}

/// Returns word `n` of `bytes`.
fn word(bytes: &[u8], n: usize, big_endian: bool) -> Option<u32> {
    let four = bytes.get(n * 4..)?.first_chunk::<4>()?;
    Some(if big_endian { u32::from_be_bytes(*four) } else { u32::from_le_bytes(*four) })
}
