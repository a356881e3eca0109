//! The outer header of a KDBX file, versions 3 and 4: what its key costs and what its payload is sealed with.
//!
//! Source: keepass.info/help/kb/kdbx.html. Every length is checked before anything of it is used.

use super::FORMAT;
use crate::import::budget::KdfCost;
use crate::import::ciphers::{Argon2Kind, Argon2Params};
use crate::import::error::ImportError;
use crate::import::found::Place;

/// The eight bytes with which every KDBX file begins.
pub(super) const MAGIC: &[u8] = b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5";

/// How many rounds of AES cost as much as one of PBKDF2. Both block ciphers run side by side in hardware: 43 million
/// rounds, which KeePassXC takes for one second, take less than a second on a phone.
const AES_ROUNDS_PER_PASS: u64 = 64;

/// The outer header, whole.
pub(super) struct Header<'a> {
    pub(super) cipher: Cipher,
    pub(super) gzip: bool,
    pub(super) master_seed: &'a [u8],
    pub(super) iv: &'a [u8],
    pub(super) kdf: Kdf<'a>,
    /// Version 3 alone: the key of the stream inside, its kind, and the first bytes of the payload.
    pub(super) inner: Option<Inner<'a>>,
    /// How many bytes it takes.
    pub(super) len: usize,
}

/// What seals the payload.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Cipher {
    Aes256Cbc,
    TwofishCbc,
    ChaCha20,
}

/// How the key is derived.
#[derive(Clone, Copy)]
pub(super) enum Kdf<'a> {
    /// AES-256 over and over; `seed` is its key.
    Aes {
        seed: &'a [u8; 32],
        rounds: u64,
    },
    Argon2 {
        kind: Argon2Kind,
        salt: &'a [u8],
        params: Argon2Params,
    },
}

/// What version 3 says outside, and version 4 inside.
#[derive(Clone, Copy)]
pub(super) struct Inner<'a> {
    pub(super) stream: u32,
    pub(super) key: &'a [u8],
    pub(super) start: &'a [u8],
}

impl<'a> Header<'a> {
    /// Reads the header of `bytes`, which begin with [`MAGIC`].
    ///
    /// # Errors
    /// [`ImportError::Damaged`], [`ImportError::NewerVersion`].
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, ImportError> {
        let major = bytes.get(10..12).map(number).ok_or_else(|| damaged("header"))? as u16;
        match major {
            3 | 4 => {}
            0..3 => return Err(damaged("version")),
            newer => return Err(ImportError::NewerVersion(FORMAT, newer.into())),
        }
        let mut fields: [Option<&[u8]>; 16] = [None; 16];
        let mut at = 12;
        loop {
            let (id, value, next) = field(bytes, at, major).ok_or_else(|| damaged("header"))?;
            at = next;
            if id == 0 {
                break;
            }
            if let Some(slot) = fields.get_mut(usize::from(id)) {
                *slot = Some(value);
            }
        }
        let need = |id: usize, part| fields[id].ok_or_else(|| damaged(part));
        let gzip = match need(3, "compression")? {
            [0, 0, 0, 0] => false,
            [1, 0, 0, 0] => true,
            _ => return Err(damaged("compression")),
        };
        let cipher = Cipher::named(need(2, "cipher")?).ok_or_else(|| damaged("cipher"))?;
        let iv = need(7, "initialisation vector")?;
        if iv.len() != cipher.iv_len() {
            return Err(damaged("initialisation vector"));
        }
        let (kdf, inner) = if major == 3 {
            let seed = need(5, "key derivation")?.try_into().map_err(|_| damaged("key derivation"))?;
            let rounds = need(6, "key derivation")?;
            let (stream, key, start) =
                (need(10, "inner stream")?, need(8, "inner stream")?, need(9, "start")?);
            // Nothing seals the header of version 3; so its sizes are those that KeePass writes.
            if [rounds.len(), stream.len(), key.len(), start.len()] != [8, 4, 32, 32] {
                return Err(damaged("header"));
            }
            let inner = Inner { stream: number(stream) as u32, key, start };
            (Kdf::Aes { seed, rounds: number(rounds) }, Some(inner))
        } else {
            (Kdf::read(need(11, "key derivation")?).ok_or_else(|| damaged("key derivation"))?, None)
        };
        Ok(Self { cipher, gzip, master_seed: need(4, "master seed")?, iv, kdf, inner, len: at })
    }
}

impl Cipher {
    fn named(uuid: &[u8]) -> Option<Self> {
        match uuid {
            b"\x31\xc1\xf2\xe6\xbf\x71\x43\x50\xbe\x58\x05\x21\x6a\xfc\x5a\xff" => Some(Self::Aes256Cbc),
            b"\xad\x68\xf2\x9f\x57\x6f\x4b\xb9\xa3\x6a\xd4\x7a\xf9\x65\x34\x6c" => Some(Self::TwofishCbc),
            b"\xd6\x03\x8a\x2b\x8b\x6f\x4c\xb5\xa5\x24\x33\x9a\x31\xdb\xb5\x9a" => Some(Self::ChaCha20),
            _ => None,
        }
    }

    fn iv_len(self) -> usize {
        match self {
            Self::Aes256Cbc | Self::TwofishCbc => 16,
            Self::ChaCha20 => 12,
        }
    }
}

impl<'a> Kdf<'a> {
    /// Reads the dictionary of version 4; `None` when something is missing, of the wrong size, or unknown.
    fn read(dictionary: &'a [u8]) -> Option<Self> {
        const AES: [[u8; 16]; 2] = [
            *b"\xc9\xd9\xf3\x9a\x62\x8a\x44\x60\xbf\x74\x0d\x08\xc1\x8a\x4f\xea",
            *b"\x7c\x02\xbb\x82\x79\xa7\x4a\xc0\x92\x7d\x11\x4a\x00\x64\x82\x38",
        ];
        const ARGON2D: &[u8] = b"\xef\x63\x6d\xdf\x8c\x29\x44\x4b\x91\xf7\xa9\xa4\x03\xe3\x0a\x0c";
        const ARGON2ID: &[u8] = b"\x9e\x29\x8b\x19\x56\xdb\x47\x73\xb2\x3d\xfc\x3e\xc6\xf0\xa1\xe6";
        let values = values(dictionary)?;
        let value =
            |name: &str| values.iter().find(|(known, _)| *known == name.as_bytes()).map(|(_, value)| *value);
        let of_len = |name, len| value(name).filter(|value| value.len() == len).map(number);
        let uuid = value("$UUID")?;
        if AES.iter().any(|aes| aes == uuid) {
            return Some(Self::Aes { seed: value("S")?.try_into().ok()?, rounds: of_len("R", 8)? });
        }
        let old = match of_len("V", 4)? {
            0x10 => true,
            0x13 => false,
            _ => return None,
        };
        let kind = match (uuid, old) {
            (ARGON2D, false) => Argon2Kind::D,
            (ARGON2D, true) => Argon2Kind::OldD,
            (ARGON2ID, false) => Argon2Kind::Id,
            (ARGON2ID, true) => Argon2Kind::OldId,
            _ => return None,
        };
        // A secret or associated data beside the password: no app writes them.
        if ["K", "A"].iter().any(|name| value(name).is_some_and(|value| !value.is_empty())) {
            return None;
        }
        let memory_kib = of_len("M", 8)? / 1024;
        let params = Argon2Params { memory_kib, passes: of_len("I", 8)?, lanes: of_len("P", 4)? };
        Some(Self::Argon2 { kind, salt: value("S")?, params })
    }

    /// Returns what deriving costs.
    pub(super) fn cost(self) -> KdfCost {
        match self {
            Self::Aes { rounds, .. } => {
                KdfCost { memory_bytes: 0, passes: rounds.div_ceil(AES_ROUNDS_PER_PASS) }
            }
            Self::Argon2 { params, .. } => {
                KdfCost { memory_bytes: params.memory_kib.saturating_mul(1024), passes: params.passes }
            }
        }
    }
}

/// Returns id, value and end of the header's field at `at`; version 4 writes longer lengths.
fn field(bytes: &[u8], at: usize, major: u16) -> Option<(u8, &[u8], usize)> {
    let len_bytes = if major == 3 { 2 } else { 4 };
    let start = at + 1 + len_bytes;
    let len = number(bytes.get(at + 1..start)?) as usize;
    let end = start.checked_add(len)?;
    Some((*bytes.get(at)?, bytes.get(start..end)?, end))
}

/// Returns names and values of a dictionary: version, then type, name and value of each, then 0.
fn values(dictionary: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let (mut values, mut at) = (Vec::new(), 2);
    // The upper byte of the version is the one that matters.
    if *dictionary.get(1)? != 1 {
        return None;
    }
    while *dictionary.get(at)? != 0 {
        let (_, name, end) = field(dictionary, at, 4)?;
        // The value has no type of its own: step back by one byte.
        let (_, value, end) = field(dictionary, end - 1, 4)?;
        values.push((name, value));
        at = end;
    }
    Some(values)
}

/// Returns the little-endian number that at most eight bytes say.
pub(super) fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

pub(super) fn damaged(part: &str) -> ImportError {
    ImportError::Damaged(FORMAT, Place::file(part))
}
