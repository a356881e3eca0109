//! Steam Guard: RFC 6238 with SHA-1, 30 s, and five characters of Steam's own alphabet.

use crate::secret::SecretBytes;

/// A Steam Guard account.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Steam {
    /// The shared secret `K`.
    pub secret: SecretBytes,
}

impl Steam {
    /// Characters of a code.
    pub const CHARACTERS: u32 = 5;
}
