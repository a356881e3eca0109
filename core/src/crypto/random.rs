//! The one door to the system's randomness.

use crate::secret::SecretBytes;

/// The system gave no random bytes: nothing that needs a key can be done.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the system gave no random bytes")]
pub struct RandomError;

/// Fills `bytes` with random ones.
///
/// # Errors
/// [`RandomError`].
pub fn fill(bytes: &mut [u8]) -> Result<(), RandomError> {
    getrandom::fill(bytes).map_err(|_| RandomError)
}

/// Makes a public random value: an id, a salt, a nonce.
///
/// # Errors
/// [`RandomError`].
pub fn make_array<const N: usize>() -> Result<[u8; N], RandomError> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}

/// Makes a random key of `len` bytes, filled in place on the heap.
///
/// # Errors
/// [`RandomError`].
pub fn make_secret(len: usize) -> Result<SecretBytes, RandomError> {
    let mut secret = SecretBytes::new(vec![0; len]);
    fill(secret.expose_mut())?;
    Ok(secret)
}
