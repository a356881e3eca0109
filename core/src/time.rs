//! The only notion of now: a number that the caller passes in.

/// A moment in Unix milliseconds; before 1970 it is negative.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct UnixTime(i64);

impl UnixTime {
    /// Makes a moment from Unix milliseconds.
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// Makes a moment from Unix seconds; beyond what milliseconds can hold, the last that they can.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Returns Unix milliseconds.
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// Returns whole Unix seconds, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Returns the moment `ms` milliseconds later, earlier when `ms` is negative; stays within range.
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

/// A moment of the device's boot clock, in milliseconds since it started; sleep counts, and no setting moves it
/// (`CLOCK_BOOTTIME`, `mach_continuous_time`).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct BootTime(u64);

impl BootTime {
    /// Makes a moment from milliseconds since the device started.
    pub const fn from_ms(ms: u64) -> Self {
        Self(ms)
    }

    /// Returns milliseconds since the device started.
    pub const fn ms(self) -> u64 {
        self.0
    }

    /// Returns the moment `ms` milliseconds later; stays within range.
    pub const fn plus_ms(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Returns the milliseconds from `earlier` to this moment; 0 when it is not earlier.
    pub const fn since_ms(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_round_down_before_1970_too() {
        assert_eq!(UnixTime::from_ms(-1).seconds(), -1);
        assert_eq!(UnixTime::from_ms(1999).seconds(), 1);
    }
}
