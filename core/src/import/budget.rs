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
    ///
    /// A pass over memory takes far longer than a round of PBKDF2, so that memory counts once more for every pass:
    /// all passes together may touch 32 times what may be taken.
    pub fn allows(self, cost: KdfCost) -> bool {
        let work = cost.memory_bytes.saturating_mul(cost.passes);
        cost.memory_bytes <= self.memory_bytes
            && cost.passes <= self.passes
            && work <= self.memory_bytes.saturating_mul(32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(memory_mib: u64, passes: u64, expected: bool) {
        let cost = KdfCost { memory_bytes: memory_mib * 1024 * 1024, passes };
        assert_eq!(KdfBudget::PHONE.allows(cost), expected, "{cost:?}");
    }

    /// What the apps ask for: Stratum 64 MiB and 3, Ente 256 MiB and 16 or 1 GiB and 4, PBKDF2 600,000.
    #[test]
    fn a_phone_takes_what_apps_usually_ask_for() {
        for (memory_mib, passes) in [(64, 3), (256, 16), (0, 600_000), (0, 1_000_000)] {
            check(memory_mib, passes, true);
        }
        check(1024, 4, false);
        assert!(KdfBudget::CONSENTED.allows(KdfCost { memory_bytes: 1 << 30, passes: 4 }));
    }

    /// Before, memory and passes were looked at apart, and a million passes over 256 MiB were within the budget.
    #[test]
    fn many_passes_over_much_memory_are_too_expensive() {
        check(256, 1_000_000, false);
        check(256, 33, false);
        check(1, 8192, true);
        check(1, 8193, false);
        check(0, 1_000_001, false);
    }
}
