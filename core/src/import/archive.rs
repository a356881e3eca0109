//! Zip archives, with caps on the number of files and on what comes out of them.
//!
//! Stored or deflated, plain or with either of the two encryptions: ZipCrypto and WinZip AES. Nothing is written to a
//! disk, so that paths inside an archive are names and nothing more.

use std::io::{Cursor, Read};

use zeroize::Zeroizing;
use zip::ZipArchive;
use zip::read::ZipReadOptions;
use zip::result::ZipError;

use super::error::{ImportError, Needs};
use super::format::Format;
use super::found::Place;
use crate::secret::{SecretBytes, SecretText};

/// The most files of an archive that is looked at. A 1Password export has one for every attachment.
const MAX_FILES: usize = 10_000;

/// The most bytes that one file may unpack to.
const MAX_UNPACKED_BYTES: u64 = 32 * 1024 * 1024;

/// How many times its size a file may unpack to, when that is more than [`SMALL_BYTES`]. Exports shrink tenfold.
const MAX_RATIO: u64 = 250;

/// Below this no ratio is suspicious.
const SMALL_BYTES: u64 = 1024 * 1024;

/// An archive whose list of files has been read; nothing is unpacked.
pub(super) struct Archive<'a>(ZipArchive<Cursor<&'a [u8]>>);

/// Why a file does not come out of an archive.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum ArchiveError {
    /// The archive or the file in it is broken, or packed in a way that no export is.
    Damaged,
    /// More files, or more bytes, than are taken; the number of bytes, or what is there of the archive.
    TooLarge(u64),
    /// The file is encrypted.
    NeedsPassword,
    /// It is encrypted, and not with this password.
    WrongPassword,
}

impl ArchiveError {
    /// Returns it as the error of a whole file, `inside` being the file in the archive.
    pub(super) fn of(self, format: Format, inside: &str) -> ImportError {
        match self {
            Self::Damaged => ImportError::Damaged(format, Place::file(inside)),
            Self::TooLarge(bytes) => ImportError::TooLarge(bytes),
            Self::NeedsPassword => ImportError::NeedsPassword(format, Needs::Password),
            Self::WrongPassword => ImportError::WrongPassword(format),
        }
    }
}

/// Tells whether `bytes` begin as an archive does, or are an empty one.
pub(super) fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(LOCAL_HEADER) || bytes.starts_with(END_OF_DIRECTORY)
}

/// Returns the names of the files in an archive, whole or damaged; a name that is no UTF-8 is left out.
pub(super) fn names(bytes: &[u8]) -> Vec<String> {
    if let Ok(archive) = Archive::open(bytes) {
        return archive.names().map(str::to_owned).collect();
    }
    let headers = find(bytes, LOCAL_HEADER).map(|at| &bytes[at..]);
    let name = |header: &[u8]| {
        // APPNOTE.TXT 4.3.7: the lengths of name and extra field, and then the name.
        let len = header.get(26..28)?;
        let name = header.get(30..30 + usize::from(u16::from_le_bytes([len[0], len[1]])))?;
        std::str::from_utf8(name).ok().map(str::to_owned)
    };
    headers.filter_map(name).take(MAX_FILES).collect()
}

/// Tells whether a file's path in an archive is `path`, or ends with it: people pack a folder again.
pub(super) fn is_at(name: &str, path: &str) -> bool {
    let before = name.strip_suffix(path);
    before.is_some_and(|before| before.is_empty() || before.ends_with(['/', '\\']))
}

impl<'a> Archive<'a> {
    /// Reads the list of files.
    ///
    /// # Errors
    /// [`ArchiveError::Damaged`]; [`ArchiveError::TooLarge`] before any memory is taken for the list.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, ArchiveError> {
        // The library trusts the number of files that the end of the archive claims; so look at both.
        let listed = find(bytes, DIRECTORY_HEADER).take(MAX_FILES + 1).count();
        let claimed = find(bytes, END_OF_DIRECTORY).map(|at| number(&bytes[at..], 10, 2));
        let claimed64 = find(bytes, END_OF_DIRECTORY_64).map(|at| number(&bytes[at..], 32, 8));
        // All bits set say that the number stands in the 64-bit record.
        let claimed = claimed.map(|files| if files == 0xffff { 0 } else { files });
        if listed > MAX_FILES || claimed.chain(claimed64).any(|files| files > MAX_FILES as u64) {
            return Err(ArchiveError::TooLarge(bytes.len() as u64));
        }
        ZipArchive::new(Cursor::new(bytes)).map(Self).map_err(|_| ArchiveError::Damaged)
    }

    /// Returns the paths of all files; a path that is no UTF-8 is left out.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.file_names_raw().filter_map(|name| std::str::from_utf8(name).ok())
    }

    /// Unpacks the file [at](is_at) `path`; `None` when there is none. A password is used where one is needed.
    ///
    /// # Errors
    /// [`ArchiveError`]; too large is known before anything is unpacked.
    pub(super) fn read(
        &mut self,
        path: &str,
        password: Option<&SecretText>,
    ) -> Result<Option<SecretBytes>, ArchiveError> {
        let at_path = |name: &[u8]| std::str::from_utf8(name).is_ok_and(|name| is_at(name, path));
        let Some(index) = self.0.file_names_raw().position(at_path) else { return Ok(None) };
        let entry = self.0.by_index_raw(index).map_err(|_| ArchiveError::Damaged)?;
        let (size, packed, encrypted) = (entry.size(), entry.compressed_size(), entry.encrypted());
        drop(entry);
        if size > MAX_UNPACKED_BYTES || (size > SMALL_BYTES && size / packed.max(1) > MAX_RATIO) {
            return Err(ArchiveError::TooLarge(size));
        }
        if encrypted && password.is_none() {
            return Err(ArchiveError::NeedsPassword);
        }
        let by_aes = self.0.get_aes_verification_key_and_salt(index).is_ok_and(|aes| aes.is_some());
        let password = password.map(|password| password.expose().as_bytes());
        let options = ZipReadOptions::new().password(password);
        let entry = self.0.by_index_with_options(index, options).map_err(|error| match error {
            ZipError::InvalidPassword => ArchiveError::WrongPassword,
            _ => ArchiveError::Damaged,
        })?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(size as usize));
        match entry.take(MAX_UNPACKED_BYTES + 1).read_to_end(&mut bytes) {
            Ok(read) if read as u64 > MAX_UNPACKED_BYTES => Err(ArchiveError::TooLarge(read as u64)),
            Ok(_) => Ok(Some(SecretBytes::new(std::mem::take(&mut *bytes)))),
            // One wrong password in 256 passes ZipCrypto's check, and noise comes out.
            Err(_) if encrypted && !by_aes && !begins_as_text(&bytes) => Err(ArchiveError::WrongPassword),
            Err(_) => Err(ArchiveError::Damaged),
        }
    }
}

const LOCAL_HEADER: &[u8] = b"PK\x03\x04";
const DIRECTORY_HEADER: &[u8] = b"PK\x01\x02";
const END_OF_DIRECTORY: &[u8] = b"PK\x05\x06";
const END_OF_DIRECTORY_64: &[u8] = b"PK\x06\x06";

/// Returns where `mark` stands in `bytes`.
fn find<'a>(bytes: &'a [u8], mark: &'static [u8]) -> impl Iterator<Item = usize> + 'a {
    bytes.windows(mark.len()).enumerate().filter(move |(_, window)| *window == mark).map(|(at, _)| at)
}

/// Returns the little-endian number of `len` bytes at `at`; 0 where the record is cut off.
fn number(record: &[u8], at: usize, len: usize) -> u64 {
    let bytes = record.get(at..at + len).unwrap_or(&[]);
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Tells whether what came out of a file is the beginning of a text: every export in an archive is one.
fn begins_as_text(bytes: &[u8]) -> bool {
    const ENOUGH: usize = 8;
    let beginning = &bytes[..bytes.len().min(16)];
    let text = match std::str::from_utf8(beginning) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&beginning[..error.valid_up_to()]).unwrap_or(""),
    };
    // A character may be cut by our own limit, but noise stops far earlier.
    text.len() >= beginning.len().saturating_sub(3).max(ENOUGH)
        && text.chars().all(|c| !c.is_control() || c.is_whitespace())
}

#[cfg(test)]
pub(super) mod packing;

#[cfg(test)]
mod tests;
