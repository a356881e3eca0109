//! S08: one ciphertext that two keys open. Poly1305 allows it; the commitment in a slot does not.
//!
//! A block of the ciphertext is chosen so that both tags are equal, which is one linear equation modulo 2^130 - 5. So a
//! vault could be handed to two people who each open it with their own code and see another key. With the commitment at
//! most one of the codes fits, and the other is told that it is wrong.

use std::sync::Arc;

use anyhow::{Context, ensure};
use authenticator_core::crypto::{kdf, seal};
use authenticator_core::device::Anchor;
use authenticator_core::secret::SecretBytes;
use authenticator_core::vault::{Key, LockedSnapshot, LockedVault, RecoveryCode, VaultError};
use chacha20::XChaCha20;
use chacha20::cipher::{KeyIvInit, StreamCipher};
use num_bigint::BigUint;

use crate::child::NOW;
use crate::one_anchor::OneAnchor;
use crate::rewriting::{Rewritable, letters};
use crate::sheet::{Control, Line, Proof, Size};

/// A code, and what it becomes with the salt of the slot's header.
struct Side {
    code: RecoveryCode,
    kek: SecretBytes,
    commit: Vec<u8>,
}

/// Makes slots for two codes and counts who gets past the commitment.
pub fn prove(size: Size) -> anyhow::Result<Vec<Line>> {
    let bed = Rewritable::make()?;
    let (mut cases, mut failures, mut control) = (0, 0, 0);
    for _ in 0..size.of(50, 2_000) {
        let sides = [Side::make(&bed)?, Side::make(&bed)?];
        let neither = vec![fastrand::u8(..); 32];
        for commit in [&sides[0].commit, &sides[1].commit, &neither] {
            let bound = [bed.header(), commit].concat();
            let aad = [b"klink/1/slot".as_slice(), &bed.vault, &bound].concat();
            let sealed = for_both(&sides, &aad).context("a block that fits")?;
            // Without the commitment both keys open the very same bytes.
            control += u64::from(sides.iter().all(|side| seal::open(&side.kek, &aad, &sealed).is_ok()));
            bed.put(&[bound, sealed].concat())?;
            for side in sides.iter().filter(|side| side.commit != *commit) {
                cases += 2;
                failures += refused(&bed, &side.code)?;
            }
        }
    }
    Ok(vec![Line::Proof(Proof {
        id: "S08",
        about: "slots and backups whose ciphertext two keys open",
        cases,
        failures,
        detail: "each refused to the key that its commitment does not name".into(),
        control: Control { about: "the seal alone opens with both keys", failures: control },
    })])
}

/// Tries a code on the vault and on its backup; returns how many did not call it wrong.
fn refused(bed: &Rewritable, code: &RecoveryCode) -> anyhow::Result<u64> {
    let anchor: Arc<dyn Anchor> = Arc::new(OneAnchor::default());
    let opened = LockedVault::open(&bed.vault_folder())?.unlock(Key::RecoveryCode(code), &anchor, NOW);
    let copy = LockedSnapshot::open(&bed.backup())?.unlock(&Key::RecoveryCode(code));
    Ok([opened.err(), copy.err()].iter().filter(|e| !matches!(e, Some(VaultError::WrongKey))).count() as u64)
}

impl Side {
    fn make(bed: &Rewritable) -> anyhow::Result<Self> {
        let code = RecoveryCode::make()?;
        let both = kdf::derive(&letters(&code), &bed.header()[39..55], "klink/1/slot/recovery", 64);
        let (kek, commit) = both.expose().split_at(32);
        Ok(Self { code, kek: kek.into(), commit: commit.to_vec() })
    }
}

/// Returns sealed bytes of a 32-byte text that both keys open; each sees another text.
fn for_both(sides: &[Side; 2], aad: &[u8]) -> anyhow::Result<Vec<u8>> {
    let two = |bits: u32| BigUint::from(1_u8) << bits;
    let p = two(130) - 5_u8;
    let nonce: [u8; 24] = std::array::from_fn(|_| fastrand::u8(..));
    let keys = [one_time(&sides[0].kek, &nonce)?, one_time(&sides[1].kek, &nonce)?];
    let lengths = block(&[(aad.len() as u64).to_le_bytes(), 32_u64.to_le_bytes()].concat());
    // 1 / (r1² - r2²) by Fermat.
    let squares = [&keys[0].0, &keys[1].0].map(|r| r * r % &p);
    let inverse = ((&squares[0] + &p - &squares[1]) % &p).modpow(&(&p - 2_u8), &p);
    for _ in 0..1_000 {
        let first: [u8; 16] = std::array::from_fn(|_| fastrand::u8(..));
        // What Poly1305 holds after all but the second block and the lengths, times r² as it will be.
        let known = [0, 1].map(|n| {
            let r = &keys[n].0;
            let before = aad.chunks(16).chain([&first[..]]).fold(BigUint::ZERO, |sum, part| {
                let mut padded = part.to_vec();
                padded.resize(16, 0);
                (sum + block(&padded)) * r % &p
            });
            (before * &squares[n] + &lengths * r) % &p
        });
        for carry in 0_u8..9 {
            // known1 + x·r1² + s1 = known2 + x·r2² + s2 + (carry - 4)·2^128, all modulo p.
            let right = &known[1] + &keys[1].1 + &p * 8_u8 + BigUint::from(carry) * two(128)
                - &known[0]
                - &keys[0].1
                - two(130);
            let x = right * &inverse % &p;
            if x < two(128) || x >= two(129) {
                continue;
            }
            let tags = [0, 1].map(|n| ((&known[n] + &x * &squares[n]) % &p + &keys[n].1) % two(128));
            if tags[0] == tags[1] {
                let second = bytes_of(&(x - two(128)));
                return Ok([&[1][..], &nonce, &first, &second, &bytes_of(&tags[0])].concat());
            }
        }
    }
    anyhow::bail!("a thousand blocks and none fits")
}

/// Returns r and s of Poly1305, RFC 8439 section 2.6.
fn one_time(key: &SecretBytes, nonce: &[u8; 24]) -> anyhow::Result<(BigUint, BigUint)> {
    let mut bytes = [0; 32];
    XChaCha20::new_from_slices(key.expose(), nonce)?.apply_keystream(&mut bytes);
    for (place, mask) in [(3, 15), (7, 15), (11, 15), (15, 15), (4, 252), (8, 252), (12, 252)] {
        bytes[place] &= mask;
    }
    ensure!(bytes[..16] != [0; 16], "r is zero");
    Ok((BigUint::from_bytes_le(&bytes[..16]), BigUint::from_bytes_le(&bytes[16..])))
}

/// Returns a whole block as Poly1305 reads it.
fn block(bytes: &[u8]) -> BigUint {
    BigUint::from_bytes_le(bytes) + (BigUint::from(1_u8) << 128_u32)
}

fn bytes_of(number: &BigUint) -> [u8; 16] {
    let mut bytes = number.to_bytes_le();
    bytes.resize(16, 0);
    std::array::from_fn(|n| bytes[n])
}
