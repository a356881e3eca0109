//! Sealing, key derivation and randomness: thin doors to well-kept crates. No cipher is written here.

pub mod kdf;
pub mod p256;
pub mod random;
pub mod rsa;
pub mod seal;

use zeroize::Zeroize;

/// Overwrites 64 KiB of the stack below the caller, where ciphers and hashes leave copies of their keys.
#[inline(never)]
pub fn scrub_stack() {
    let mut below = [0xa5u8; 64 * 1024];
    std::hint::black_box(&mut below);
    below.zeroize();
    std::hint::black_box(&mut below);
}
