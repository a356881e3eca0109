//! The stream under the protected values of a KDBX document: one for all of them, in the order in which they stand.

use chacha20::ChaCha20;
use chacha20::cipher::{KeyIvInit, StreamCipher};
use salsa20::Salsa20;
use sha2::{Digest, Sha256, Sha512};
use zeroize::Zeroizing;

/// The stream, at the place that it has reached.
pub(super) enum Stream {
    None,
    Salsa20(Box<Salsa20>),
    ChaCha20(Box<ChaCha20>),
}

impl Stream {
    /// Makes the stream of this kind: 0 none, 2 Salsa20, 3 ChaCha20. `None` for the others, which nobody writes.
    pub(super) fn new(kind: u32, key: &[u8]) -> Option<Self> {
        // The same for every file; the key is not.
        const SALSA20_NONCE: [u8; 8] = [0xe8, 0x30, 0x09, 0x4b, 0x97, 0x20, 0x5d, 0x2a];
        match kind {
            0 => Some(Self::None),
            2 => {
                let key = Zeroizing::new(<[u8; 32]>::from(Sha256::digest(key)));
                Some(Self::Salsa20(Box::new(Salsa20::new_from_slices(&*key, &SALSA20_NONCE).ok()?)))
            }
            3 => {
                let hash = Zeroizing::new(<[u8; 64]>::from(Sha512::digest(key)));
                let (key, nonce) = (&hash[..32], &hash[32..44]);
                Some(Self::ChaCha20(Box::new(ChaCha20::new_from_slices(key, nonce).ok()?)))
            }
            _ => None,
        }
    }

    /// Uncovers the next value in place; `None` when the stream is at its end, 256 GiB on.
    pub(super) fn uncover(&mut self, value: &mut [u8]) -> Option<()> {
        match self {
            Self::None => Some(()),
            Self::Salsa20(stream) => stream.try_apply_keystream(value).ok(),
            Self::ChaCha20(stream) => stream.try_apply_keystream(value).ok(),
        }
    }
}
