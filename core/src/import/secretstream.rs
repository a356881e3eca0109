//! One message of libsodium's `crypto_secretstream_xchacha20poly1305`, opened with library ciphers.
//!
//! Source: libsodium 1.0.20, `crypto_secretstream/xchacha20poly1305/secretstream_xchacha20poly1305.c`. The crate
//! `crypto_secretstream` stands on an older generation of the same ciphers.

use std::mem;

use chacha20::cipher::{KeyIvInit, StreamCipher, StreamCipherSeek};
use chacha20::{ChaCha20, R20, hchacha};
use poly1305::Poly1305;
use poly1305::universal_hash::KeyInit;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::secret::SecretBytes;

/// Bytes of a stream's header: 16 for its key, 8 for its nonces.
pub(super) const HEADER_BYTES: usize = 24;

/// Bytes of a block of ChaCha20; the message's tag is sealed in one of its own.
const BLOCK: usize = 64;

const MAC_BYTES: usize = 16;

/// Returns the first message of a stream, whatever its tag says of the next: Ente writes one message, as the last one
/// or not. `None` when the seal does not open.
pub(super) fn open(key: &SecretBytes, header: &[u8; HEADER_BYTES], sealed: &[u8]) -> Option<SecretBytes> {
    let (for_key, for_nonce) = header.split_first_chunk::<16>().expect("24 bytes begin with 16");
    let key: &[u8; 32] = key.expose().try_into().ok()?;
    let subkey = Zeroizing::new(hchacha::<R20>(&(*key).into(), &(*for_key).into()));
    // The counter of messages begins at 1.
    let mut nonce = [0; 12];
    nonce[0] = 1;
    nonce[4..].copy_from_slice(for_nonce);
    let (tag, rest) = sealed.split_first()?;
    let (message, mac) = rest.split_last_chunk::<MAC_BYTES>()?;

    let mut stream = ChaCha20::new(&subkey, &nonce.into());
    let mut mac_key = Zeroizing::new([0; BLOCK]);
    stream.apply_keystream(&mut *mac_key);
    let mut tag_block = Zeroizing::new([0; BLOCK]);
    stream.apply_keystream(&mut *tag_block);
    tag_block[0] = *tag;
    let expected = mac_of(&mac_key[..32], &tag_block, message);
    if !bool::from(expected.ct_eq(mac)) {
        return None;
    }
    let mut plain = Zeroizing::new(message.to_vec());
    stream.seek(2 * BLOCK as u64);
    stream.apply_keystream(&mut plain);
    Some(SecretBytes::new(mem::take(&mut *plain)))
}

/// Returns Poly1305 over the tag's block, the message with its padding, and the lengths. No additional data.
fn mac_of(key: &[u8], tag_block: &[u8; BLOCK], message: &[u8]) -> [u8; MAC_BYTES] {
    let key: &[u8; 32] = key.try_into().expect("half a block");
    // The padding follows the length of the message itself, not what is missing to a whole block: libsodium keeps
    // this for the sake of streams that exist.
    let padding = message.len() % 16;
    let mut input = Zeroizing::new(Vec::with_capacity(BLOCK + message.len() + 16 + 16));
    input.extend_from_slice(tag_block);
    input.extend_from_slice(message);
    input.extend_from_slice(&[0; 16][..padding]);
    input.extend_from_slice(&0_u64.to_le_bytes());
    input.extend_from_slice(&((BLOCK + message.len()) as u64).to_le_bytes());
    Poly1305::new(&(*key).into()).compute_unpadded(&input).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        crate::import::encodings::hex(hex).unwrap().expose().to_vec()
    }

    /// By libsodium 1.0.18, called from Python's ctypes: `init_push` under the key 0, 1, … 31, then one `push`; the
    /// first with tag MESSAGE, the others FINAL.
    const MADE: [(&str, &str, &str); 3] = [
        (
            "9df5eb8db89a7c87a97650b336c1dd90ae6b5be0ee1eb8a5",
            "25feb7730b9f6f448d28d53751ffd72ca4d3ca1cb694a8030eefad4debc9e3a492f1f3b72a654b0a4cfb7a6e7c8d20c569",
            "otpauth://totp/a?secret=JBSWY3DP",
        ),
        (
            "e3cdc7714bf6b189b3eda5eb538ac4ac79b6e799b4d0d976",
            "e7b288c511ee87fb0165c98df7734523fe966825d99c0811c25ea648436c231332c6102cc6428ecd6b4856fe20470741ff6561",
            "otpauth://totp/a?secret=JBSWY3DPE\n",
        ),
        ("a8c3ae45bae3875f9f676341ff27cc92e7feffe19886291b", "0603a7a9f3cd10c74713f727ae1893bc05", ""),
    ];

    #[test]
    fn streams_made_by_libsodium_open() {
        let key = SecretBytes::new((0..32).collect());
        for (header, sealed, expected) in MADE {
            let header = bytes(header).try_into().unwrap();
            assert_eq!(open(&key, &header, &bytes(sealed)).unwrap().expose(), expected.as_bytes());
        }
    }

    #[test]
    fn a_changed_stream_does_not_open() {
        let key = SecretBytes::new((0..32).collect());
        let (header, sealed) = (bytes(MADE[1].0).try_into().unwrap(), bytes(MADE[1].1));
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(&key, &header, &changed), None);
        }
        assert_eq!(open(&key, &header, &sealed[..16]), None);
        assert_eq!(open(&key, &[0; 24], &sealed), None);
    }
}
