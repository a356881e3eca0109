//! XChaCha20-Poly1305 with associated data: `0x01 | nonce (24) | ciphertext | tag (16)`.
//!
//! Nonces are random; at 192 bits two writers never meet. The cipher is made anew for each call, so that no
//! copy of the key stays in a structure.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Nonce, XChaCha20Poly1305, XNonce};

use super::random::{self, RandomError};
use crate::secret::SecretBytes;

/// Bytes that sealing adds: version, nonce and tag.
pub const OVERHEAD: usize = 1 + NONCE + TAG;
/// Bytes of the nonce.
pub const NONCE: usize = 24;
/// Bytes of the tag.
pub const TAG: usize = 16;
/// Bytes that [`seal_for_platform`] adds.
pub const PLATFORM_OVERHEAD: usize = 12 + TAG;
/// Bytes of a key.
pub const KEY: usize = 32;

const VERSION: u8 = 1;

/// The sealed bytes, the key or the associated data are not those of the sealing.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the seal does not open")]
pub struct OpenError;

/// Seals `plain` under a 32-byte key; `aad` must be given again to open it.
///
/// # Errors
/// [`RandomError`].
#[inline(never)]
pub fn seal(key: &SecretBytes, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, RandomError> {
    let nonce: [u8; NONCE] = random::make_array()?;
    let ct = cipher(key)
        .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad })
        .expect("a row is far below the cipher's limit of 256 GiB");
    let mut sealed = Vec::with_capacity(OVERHEAD + plain.len());
    sealed.push(VERSION);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(&ct);
    Ok(sealed)
}

/// Seals `plain` for what has no XChaCha20: `nonce (12) | ciphertext | tag (16)`, ChaCha20-Poly1305 of RFC 8439.
///
/// The nonce is random; the key must not seal more than some billions of texts.
///
/// # Errors
/// [`RandomError`].
#[inline(never)]
pub fn seal_for_platform(key: &SecretBytes, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, RandomError> {
    let nonce: [u8; 12] = random::make_array()?;
    let cipher = ChaCha20Poly1305::new_from_slice(key.expose()).expect("every key of ours has 32 bytes");
    let ct = cipher
        .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad })
        .expect("a pack is far below the cipher's limit of 256 GiB");
    Ok([nonce.as_slice(), &ct].concat())
}

/// Opens what [`seal`] made.
///
/// # Errors
/// [`OpenError`], for whatever reason it does not open.
#[inline(never)]
pub fn open(key: &SecretBytes, aad: &[u8], sealed: &[u8]) -> Result<SecretBytes, OpenError> {
    if sealed.len() < OVERHEAD || sealed[0] != VERSION {
        return Err(OpenError);
    }
    let (nonce, ct) = sealed[1..].split_at(NONCE);
    let nonce: [u8; NONCE] = nonce.try_into().expect("split at 24 bytes");
    let plain = cipher(key).decrypt(&XNonce::from(nonce), Payload { msg: ct, aad }).map_err(|_| OpenError)?;
    Ok(SecretBytes::new(plain))
}

fn cipher(key: &SecretBytes) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new_from_slice(key.expose()).expect("every key of ours has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_bit_is_noticed() {
        let key = SecretBytes::new(vec![7; KEY]);
        let sealed = seal(&key, b"aad", b"hello").unwrap();
        assert_eq!(open(&key, b"aad", &sealed).unwrap().expose(), b"hello");
        assert_eq!(open(&key, b"aaD", &sealed), Err(OpenError));
        for n in 0..sealed.len() * 8 {
            let mut flipped = sealed.clone();
            flipped[n / 8] ^= 1 << (n % 8);
            assert_eq!(open(&key, b"aad", &flipped), Err(OpenError), "bit {n}");
        }
    }

    /// draft-irtf-cfrg-xchacha-03, appendix A.3.1.
    #[test]
    fn the_published_vector_opens() {
        let key = SecretBytes::new((0x80..=0x9f).collect());
        let aad = [0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7];
        let mut sealed = vec![VERSION];
        sealed.extend(0x40..=0x57);
        sealed.extend(bytes(
            "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39\
             ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9\
             21f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49",
        ));
        let plain = open(&key, &aad, &sealed).unwrap();
        assert!(plain.expose().starts_with(b"Ladies and Gentlemen of the class of '99"));
    }

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len() / 2).map(|n| u8::from_str_radix(&hex[2 * n..2 * n + 2], 16).unwrap()).collect()
    }
}
