//! The service's one clock: the system's, which the demo can move, or one that stands, for tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use authenticator_core::time::UnixTime;

/// Tells the time to everything in the service; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Milliseconds beside the system's clock, or since 1970 when it stands.
    moved_ms: Arc<AtomicI64>,
    stands: bool,
}

impl Clock {
    /// Makes a clock that stands at a time, Unix seconds, until it is moved: for tests.
    pub fn standing_at(seconds: i64) -> Self {
        let moved_ms = Arc::new(AtomicI64::new(seconds.saturating_mul(1000)));
        Self { moved_ms, stands: true }
    }

    /// Returns now.
    pub fn time(&self) -> UnixTime {
        let moved_ms = self.moved_ms.load(Ordering::SeqCst);
        if self.stands {
            return UnixTime::from_ms(moved_ms);
        }
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UnixTime::from_ms(i64::try_from(since.as_millis()).unwrap_or(i64::MAX)).plus_ms(moved_ms)
    }

    /// Returns now in whole Unix seconds.
    pub fn now(&self) -> i64 {
        self.time().seconds()
    }

    /// Moves the clock `seconds` further than it stands; back when negative.
    pub fn advance(&self, seconds: i64) {
        self.moved_ms.fetch_add(seconds.saturating_mul(1000), Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_are_moved_together() {
        let clock = Clock::default();
        let before = clock.now();
        clock.clone().advance(86_400);
        assert!(clock.now() >= before + 86_400);
        let standing = Clock::standing_at(7);
        standing.clone().advance(3);
        assert_eq!(standing.time(), UnixTime::from_seconds(10));
    }
}
