//! How much one caller may do: buckets that fill again with time, in memory.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use super::config::LimitsConfig;

/// Callers that are kept; when there are more, those with a full bucket are forgotten.
const MOST_KEPT: usize = 100_000;

/// All limits of a relay.
pub(super) struct Limits {
    /// Subscriptions of one address.
    pub(super) subscribing: Buckets<IpAddr>,
    /// Pushes of one subscription, by its row.
    pub(super) pushing: Buckets<[u8; 32]>,
    /// Subscriptions of one token.
    pub(super) per_token: u32,
}

impl Limits {
    pub(super) fn new(config: &LimitsConfig) -> Self {
        Self {
            subscribing: Buckets::new(config.subscriptions_per_hour, 3600),
            pushing: Buckets::new(config.pushes_per_minute, 60),
            per_token: config.subscriptions_per_token,
        }
    }
}

/// One bucket per caller: `most` at once, and as many again within `seconds`.
pub(super) struct Buckets<K> {
    most: f64,
    per_second: f64,
    kept: Mutex<HashMap<K, (f64, i64)>>,
}

impl<K: Eq + Hash> Buckets<K> {
    fn new(most: u32, seconds: u32) -> Self {
        let most = f64::from(most);
        Self { most, per_second: most / f64::from(seconds), kept: Mutex::default() }
    }

    /// Takes one, or returns the seconds to wait, at least one.
    pub(super) fn take(&self, caller: K, now: i64) -> Result<(), u32> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_KEPT {
            kept.retain(|_, (left, at)| self.filled(*left, *at, now) < self.most);
        }
        if kept.len() >= MOST_KEPT && !kept.contains_key(&caller) {
            // So many callers at once are an attack; those who are known go on.
            return Err(60);
        }
        let (left, at) = kept.entry(caller).or_insert((self.most, now));
        let filled = self.filled(*left, *at, now);
        *at = now;
        if filled < 1.0 {
            *left = filled;
            let wait = (1.0 - filled) / self.per_second;
            return Err(if wait.is_finite() { (wait.ceil() as u32).max(1) } else { 3600 });
        }
        *left = filled - 1.0;
        Ok(())
    }

    fn filled(&self, left: f64, at: i64, now: i64) -> f64 {
        let passed = now.saturating_sub(at).clamp(0, 86_400) as f64;
        (left + passed * self.per_second).min(self.most)
    }
}

/// Returns what of an address counts as one caller: all of IPv4, the /64 of IPv6.
pub(super) fn caller(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let buckets = Buckets::new(3, 60);
        for _ in 0..3 {
            assert_eq!(buckets.take("a", 1000), Ok(()));
        }
        assert_eq!(buckets.take("a", 1000), Err(20));
        assert_eq!(buckets.take("b", 1000), Ok(()), "another caller has a bucket of its own");
        assert_eq!(buckets.take("a", 1019), Err(1));
        assert_eq!(buckets.take("a", 1020), Ok(()));
        assert_eq!(buckets.take("a", 1020), Err(20));
        assert_eq!(buckets.take("a", 0), Err(20), "a clock that goes back gives nothing");
    }

    #[test]
    fn nobody_fills_the_memory() {
        let buckets = Buckets::new(1, 60);
        for n in 0..MOST_KEPT {
            assert_eq!(buckets.take(n, 0), Ok(()));
        }
        assert_eq!(buckets.take(MOST_KEPT, 0), Err(60));
        assert_eq!(buckets.take(MOST_KEPT, 60), Ok(()), "full buckets are forgotten");
        assert_eq!(buckets.kept.lock().unwrap().len(), 1);
    }

    #[test]
    fn an_address_of_ipv6_counts_with_its_neighbours() {
        let of = |text: &str| caller(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:3::4"), of("2001:db8:1:2:ffff::"));
        assert_ne!(of("2001:db8:1:2::"), of("2001:db8:1:3::"));
        assert_eq!(of("::ffff:10.0.0.1"), of("10.0.0.1"));
        assert_ne!(of("10.0.0.1"), of("10.0.0.2"));
    }
}
