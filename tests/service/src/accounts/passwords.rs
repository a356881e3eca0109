//! Passwords: Argon2id with 19 MiB and 2 passes (OWASP's first choice), stored as cost, salt and hash.

use argon2::{Algorithm, Argon2, Params, Version};
use authenticator_core::crypto::random;
use authenticator_core::secret::SecretText;
use subtle::ConstantTimeEq;

use crate::{Failure, Service};

/// Passwords that are hashed at the same time, so that a flood of sign-ins cannot take all the memory.
pub const AT_ONCE: usize = 4;

/// Bytes of the longest password that is looked at.
pub const LONGEST: usize = 1024;

const MEM_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const SALT: usize = 16;
const HASH: usize = 32;

/// Hashes a new password, on a thread of its own.
///
/// # Errors
/// [`Failure`].
pub async fn hash(service: &Service, password: SecretText) -> Result<Vec<u8>, Failure> {
    let _permit = service.hashing().acquire().await.map_err(|_| Failure::Closed)?;
    let salt = random::make_array::<SALT>()?;
    let made = move || {
        let mut stored = [MEM_KIB.to_be_bytes(), PASSES.to_be_bytes()].concat();
        stored.extend_from_slice(&salt);
        let hash = derive(&password, &salt, MEM_KIB, PASSES)?;
        stored.extend_from_slice(&hash);
        Ok(stored)
    };
    tokio::task::spawn_blocking(made).await.map_err(|_| Failure::Closed)?
}

/// Tells whether a password is the stored one; without a stored one it takes as long and says no.
///
/// # Errors
/// [`Failure`].
pub async fn verify(
    service: &Service,
    password: SecretText,
    stored: Option<Vec<u8>>,
) -> Result<bool, Failure> {
    let _permit = service.hashing().acquire().await.map_err(|_| Failure::Closed)?;
    let look = move || {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(nobody);
        let (cost, rest) = stored.split_at_checked(8).ok_or(Failure::Stored("password"))?;
        let (salt, hash) = rest.split_at_checked(SALT).ok_or(Failure::Stored("password"))?;
        let (mem_kib, passes) = (number(&cost[..4]), number(&cost[4..]));
        let derived = derive(&password, salt, mem_kib, passes)?;
        Ok(bool::from(derived.as_slice().ct_eq(hash)) && known)
    };
    tokio::task::spawn_blocking(look).await.map_err(|_| Failure::Closed)?
}

fn nobody() -> Vec<u8> {
    let mut stored = [MEM_KIB.to_be_bytes(), PASSES.to_be_bytes()].concat();
    stored.resize(8 + SALT + HASH, 0);
    stored
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte))
}

fn derive(password: &SecretText, salt: &[u8], mem_kib: u32, passes: u32) -> Result<[u8; HASH], Failure> {
    let params =
        Params::new(mem_kib, passes, 1, Some(HASH)).map_err(|_| Failure::Stored("password's cost"))?;
    let mut hash = [0; HASH];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.expose().as_bytes(), salt, &mut hash)
        .map_err(|_| Failure::Stored("password"))?;
    Ok(hash)
}
