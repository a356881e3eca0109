//! Requests as they come, for as long as the app is open.

use std::sync::Arc;

use tokio::sync::watch;

use super::challenges::{Challenge, Refreshed};
use super::{Authenticator, PushError};

/// Looks for requests again and again. The core says when; the shell's runtime waits.
pub struct ChallengeFeed {
    core: Arc<Authenticator>,
    ended: watch::Sender<bool>,
    seen: tokio::sync::Mutex<Seen>,
}

/// What the last look found, and when the next is due.
struct Seen {
    challenges: Option<Vec<Challenge>>,
    /// Looks one after the other that found nothing new.
    calm: u32,
    due_ms: u64,
}

/// Looks at the service's pace before it slows down: two minutes at three seconds.
const CALM: u32 = 40;
/// The slowest pace, in milliseconds.
const SLOWEST_MS: u64 = 30_000;

impl ChallengeFeed {
    /// Begins; the first look is at once.
    pub fn new(core: Arc<Authenticator>) -> Self {
        let seen = Seen { challenges: None, calm: 0, due_ms: 0 };
        Self { core, ended: watch::channel(false).0, seen: tokio::sync::Mutex::new(seen) }
    }

    /// Waits until something has changed, and returns it: a request came or ended, or a service cannot be asked.
    /// `None` after [`ChallengeFeed::end`].
    ///
    /// # Errors
    /// As [`Authenticator::refresh_challenges`]; the next call goes on.
    pub async fn next(&self) -> Result<Option<Refreshed>, PushError> {
        let mut ended = self.ended.subscribe();
        let mut seen = self.seen.lock().await;
        loop {
            let wait = Arc::clone(&self.core.push()?.device.wait);
            tokio::select! {
                biased;
                _ = ended.wait_for(|ended| *ended) => return Ok(None),
                _ = wait.wait(seen.due_ms) => {}
            }
            let looked = tokio::select! {
                biased;
                _ = ended.wait_for(|ended| *ended) => return Ok(None),
                looked = self.core.refresh_challenges() => looked,
            };
            let refreshed = match looked {
                Ok(refreshed) => refreshed,
                Err(error) => {
                    seen.due_ms = SLOWEST_MS;
                    return Err(error);
                }
            };
            let changed =
                seen.challenges.as_ref() != Some(&refreshed.challenges) || !refreshed.closed.is_empty();
            let failed = !refreshed.problems.is_empty();
            seen.calm = if changed { 0 } else { seen.calm.saturating_add(1) };
            seen.due_ms = pace(refreshed.again_ms, seen.calm, failed);
            if changed || failed && seen.calm == 1 {
                seen.challenges = Some(refreshed.challenges.clone());
                return Ok(Some(refreshed));
            }
        }
    }

    /// Ends the feed: a [`ChallengeFeed::next`] that waits returns `None`, and so does every later one.
    pub fn end(&self) {
        self.ended.send_replace(true);
    }
}

/// Returns how long to wait: what the service asks for, twice that for every further minute or two of calm, and more
/// when it cannot be reached.
fn pace(again_ms: u64, calm: u32, failed: bool) -> u64 {
    let slower = if failed { calm } else { calm / CALM };
    let longest = SLOWEST_MS.max(again_ms);
    again_ms.saturating_mul(1 << slower.min(8)).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_slows_down_while_nothing_happens_and_stays_what_a_slow_service_asks_for() {
        for (again, calm, failed, expected) in [
            (3_000, 0, false, 3_000),
            (3_000, CALM - 1, false, 3_000),
            (3_000, CALM, false, 6_000),
            (3_000, 4 * CALM, false, SLOWEST_MS),
            (3_000, u32::MAX, false, SLOWEST_MS),
            (60_000, 0, false, 60_000),
            (60_000, CALM, false, 60_000),
            (3_000, 1, true, 6_000),
            (3_000, 3, true, 24_000),
        ] {
            assert_eq!(pace(again, calm, failed), expected, "{again} {calm} {failed}");
        }
    }
}
