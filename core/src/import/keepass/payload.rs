//! The payload of a KDBX file: checked, decrypted, and unpacked piece by piece.
//!
//! What is unpacked is never held as a whole, so that a small file cannot ask for much memory.

use std::io::{self, BufRead, BufReader, Read};

use cbc::Decryptor;
use chacha20::ChaCha20;
use chacha20::cipher::{BlockModeDecrypt, KeyIvInit, StreamCipher, block_padding::NoPadding};
use flate2::read::GzDecoder;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256, Sha512};
use twofish::Twofish;
use zeroize::Zeroizing;

use super::FORMAT;
use super::header::{Cipher, Header, damaged, number};
use super::protected::Stream;
use crate::import::ciphers;
use crate::import::error::{ImportError, Needs};
use crate::import::formats::Opening;
use crate::import::found::Place;
use crate::secret::SecretBytes;

/// The most bytes that a payload may unpack to; attachments, which are skipped, are most of a large one.
const MAX_UNPACKED_BYTES: u64 = 1024 * 1024 * 1024;

/// What is inside: the document, still to be unpacked, and the stream under its protected values.
pub(super) struct Payload {
    plain: SecretBytes,
    gzip: bool,
    /// Kind and key of the stream, where the outer header says them.
    inner: Option<(u32, SecretBytes)>,
}

/// The unpacked document.
pub(super) type Document<'a> = BufReader<Box<dyn Read + 'a>>;

/// Opens the payload behind `header` with the key that was derived.
///
/// # Errors
/// [`ImportError::WrongPassword`]; [`ImportError::Damaged`] with the number of the broken block.
pub(super) fn open(
    bytes: &[u8],
    header: &Header<'_>,
    key: &SecretBytes,
    opening: &Opening<'_>,
) -> Result<Payload, ImportError> {
    let seeded = |end: &[u8]| Zeroizing::new([header.master_seed, key.expose(), end].concat());
    let cipher_key = SecretBytes::from(Sha256::digest(&*seeded(b"")).as_slice());
    let rest = &bytes[header.len..];
    if let Some(inner) = &header.inner {
        let plain = decrypt(header, &cipher_key, rest).ok_or_else(|| damaged("payload"))?;
        let blocks = plain.expose().strip_prefix(inner.start);
        let blocks = hashed_blocks(blocks.ok_or_else(|| wrong_key(opening))?)?;
        let inner = Some((inner.stream, SecretBytes::from(inner.key)));
        return Ok(Payload { plain: blocks, gzip: header.gzip, inner });
    }
    let (hash, rest) = rest.split_at_checked(32).ok_or_else(|| damaged("header"))?;
    if Sha256::digest(&bytes[..header.len]).as_slice() != hash {
        return Err(damaged("header"));
    }
    let (tag, blocks) = rest.split_at_checked(32).ok_or_else(|| damaged("header"))?;
    let tag_key = SecretBytes::from(Sha512::digest(&*seeded(b"\x01")).as_slice());
    let mac = |index: u64, parts: &[&[u8]]| {
        let key = Zeroizing::new([&index.to_le_bytes(), tag_key.expose()].concat());
        let key = Zeroizing::new(<[u8; 64]>::from(Sha512::digest(&*key)));
        let mut mac = Hmac::<Sha256>::new_from_slice(&*key).expect("HMAC takes keys of any length");
        parts.iter().for_each(|part| mac.update(part));
        mac
    };
    if mac(u64::MAX, &[&bytes[..header.len]]).verify_slice(tag).is_err() {
        return Err(wrong_key(opening));
    }
    let sealed = tagged_blocks(blocks, mac)?;
    let plain = decrypt(header, &cipher_key, &sealed).ok_or_else(|| damaged("payload"))?;
    Ok(Payload { plain, gzip: header.gzip, inner: None })
}

impl Payload {
    /// Returns the document and the stream under its protected values; attachments before it are skipped.
    ///
    /// # Errors
    /// [`ImportError::Damaged`].
    pub(super) fn document(&self) -> Result<(Document<'_>, Stream), ImportError> {
        let plain = self.plain.expose();
        let reader: Box<dyn Read> = if self.gzip { Box::new(GzDecoder::new(plain)) } else { Box::new(plain) };
        let mut document = BufReader::new(Box::new(reader.take(MAX_UNPACKED_BYTES)) as Box<dyn Read>);
        let stream = match &self.inner {
            Some((kind, key)) => Stream::new(*kind, key.expose()).ok_or_else(|| damaged("inner stream"))?,
            None => inner_header(&mut document).map_err(|_| damaged("inner header"))?,
        };
        Ok((document, stream))
    }
}

/// Reads the inner header of version 4 up to the document.
fn inner_header(document: &mut impl BufRead) -> io::Result<Stream> {
    const END: u8 = 0;
    const STREAM: u8 = 1;
    const KEY: u8 = 2;
    let (mut kind, mut key) = (None, Zeroizing::new(Vec::new()));
    loop {
        let mut head = [0; 5];
        document.read_exact(&mut head)?;
        let len = number(&head[1..]);
        match (head[0], len) {
            (STREAM | KEY, 0..=1024) => {
                let mut value = Zeroizing::new(vec![0; len as usize]);
                document.read_exact(&mut value)?;
                match head[0] {
                    STREAM => kind = Some(number(value.get(..4).unwrap_or(&value)) as u32),
                    _ => key = value,
                }
            }
            (STREAM | KEY, _) => return Err(io::ErrorKind::InvalidData.into()),
            (END, _) => {
                skip(document, len)?;
                return kind
                    .and_then(|kind| Stream::new(kind, &key))
                    .ok_or_else(|| io::ErrorKind::InvalidData.into());
            }
            _ => skip(document, len)?,
        }
    }
}

fn skip(reader: &mut impl Read, len: u64) -> io::Result<()> {
    match io::copy(&mut reader.take(len), &mut io::sink())? {
        read if read == len => Ok(()),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// Returns the blocks of version 4 put together: tag, length, bytes of each, the last one empty.
fn tagged_blocks(
    mut rest: &[u8],
    mac: impl Fn(u64, &[&[u8]]) -> Hmac<Sha256>,
) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    let mut sealed = Zeroizing::new(Vec::with_capacity(rest.len()));
    for index in 0_u64.. {
        let (tag, block, after) = block(rest, 32).ok_or_else(|| broken(index))?;
        let number = index.to_le_bytes();
        let len = &rest[32..36];
        if mac(index, &[&number, len, block]).verify_slice(tag).is_err() {
            return Err(broken(index));
        }
        if block.is_empty() {
            break;
        }
        sealed.extend_from_slice(block);
        rest = after;
    }
    Ok(sealed)
}

/// Returns the blocks of version 3 put together: number, hash, length, bytes of each, the last one empty.
fn hashed_blocks(mut rest: &[u8]) -> Result<SecretBytes, ImportError> {
    let mut plain = Zeroizing::new(Vec::with_capacity(rest.len()));
    for index in 0.. {
        let (head, block, after) = block(rest, 36).ok_or_else(|| broken(index))?;
        if block.is_empty() {
            break;
        }
        if Sha256::digest(block).as_slice() != &head[4..] {
            return Err(broken(index));
        }
        plain.extend_from_slice(block);
        rest = after;
    }
    Ok(SecretBytes::new(std::mem::take(&mut *plain)))
}

/// Returns the first `head` bytes, the block whose length follows them, and what comes after it.
fn block(bytes: &[u8], head: usize) -> Option<(&[u8], &[u8], &[u8])> {
    let (start, rest) = bytes.split_at_checked(head)?;
    let (len, rest) = rest.split_at_checked(4)?;
    let (block, after) = rest.split_at_checked(number(len) as usize)?;
    Some((start, block, after))
}

/// Decrypts a whole payload; `None` when it does not consist of whole blocks.
///
/// Padding stays: behind the last block of version 3, and behind the end of a packed or plain document, nobody looks.
fn decrypt(header: &Header<'_>, key: &SecretBytes, sealed: &[u8]) -> Option<SecretBytes> {
    let (key, iv) = (key.expose(), header.iv);
    let mut plain = SecretBytes::from(sealed);
    match header.cipher {
        Cipher::Aes256Cbc => ciphers::decrypt_cbc_blocks(key, iv, plain.expose_mut())?,
        Cipher::TwofishCbc => {
            let cbc = Decryptor::<Twofish>::new_from_slices(key, iv).ok()?;
            cbc.decrypt_padded::<NoPadding>(plain.expose_mut()).ok()?;
        }
        Cipher::ChaCha20 => {
            ChaCha20::new_from_slices(key, iv).ok()?.try_apply_keystream(plain.expose_mut()).ok()?;
        }
    }
    Some(plain)
}

/// Says that the key does not fit: the password when one was given, or else that one is missing beside the key file.
fn wrong_key(opening: &Opening<'_>) -> ImportError {
    match opening.secrets.password {
        Some(_) => ImportError::WrongPassword(FORMAT),
        None => ImportError::NeedsPassword(FORMAT, Needs::Password),
    }
}

fn broken(block: u64) -> ImportError {
    ImportError::Damaged(FORMAT, Place::file(&format!("block {}", block + 1)))
}
