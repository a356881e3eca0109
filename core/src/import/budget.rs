//! What turning a foreign password into a key may cost, decided before any memory is taken.

/// What a file asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KdfCost {
    /// Memory in bytes.
    pub memory_bytes: u64,
    /// Passes of Argon2, or rounds of PBKDF2.
    pub passes: u64,
}

/// What the caller allows. Above it [`super::ImportError::TooExpensive`] has the figures, and the user may consent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KdfBudget {
    /// Memory in bytes.
    pub memory_bytes: u64,
    /// Passes or rounds.
    pub passes: u64,
}

impl KdfBudget {
    /// What a phone may spend unasked: 256 MiB and 1,000,000 rounds.
    pub const PHONE: Self = Self { memory_bytes: 256 * 1024 * 1024, passes: 1_000_000 };

    /// What may be spent after the user has seen the figures: 4 GiB and 10,000,000 rounds. More no file can ask for.
    pub const CONSENTED: Self = Self { memory_bytes: 4 * 1024 * 1024 * 1024, passes: 10_000_000 };

    /// Tells whether `cost` stays within it.
    pub fn allows(self, cost: KdfCost) -> bool {
        cost.memory_bytes <= self.memory_bytes && cost.passes <= self.passes
    }
}
