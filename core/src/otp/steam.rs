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

    /// Returns the code of a time step.
    pub(super) fn code_for(&self, time_step: u64) -> String {
        // A step of 1 makes totp-rs's time our time step. Unlike `build`, this takes secrets below 128 bits;
        // nothing else is unchecked, because Steam's algorithm and digits stay as `new_steam` sets them.
        let builder = totp_rs::Builder::new_steam().with_step_duration(1).with_secret(self.secret.expose());
        builder.build_noncompliant().generate(time_step).to_string()
    }
}
