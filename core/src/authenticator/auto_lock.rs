//! When to lock: decided from what the shell reports and the boot-time clock, never from the wall clock.
//!
//! The boot-time clock goes on while the device sleeps and is moved by no setting. A shell asks
//! [`Authenticator::should_lock`] when it comes back, and may set one timer for [`Authenticator::locks_at`].

use super::{Authenticator, Error};
use crate::time::BootTime;

/// What a shell reports.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LockEvent {
    /// The app went out of sight.
    EnteredBackground,
    /// It is in sight again.
    EnteredForeground,
    /// A prompt of the system is about to appear, for a look or a finger; it sends the app out of sight by itself.
    PromptBegan,
    /// It is gone, whatever came of it.
    PromptEnded,
    /// The user did something.
    Used,
    /// The screen went dark or the device was locked.
    ScreenOff,
}

/// After how long to lock.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LockLimits {
    /// Out of sight for so many milliseconds; 0 locks at once.
    pub background_ms: u64,
    /// In sight and unused for so many milliseconds; `None` never.
    pub idle_ms: Option<u64>,
    /// Whether a dark screen locks at once.
    pub screen_off: bool,
}

impl Default for LockLimits {
    fn default() -> Self {
        Self { background_ms: 60_000, idle_ms: Some(5 * 60_000), screen_off: false }
    }
}

/// For at most so long a prompt's background does not lock, in milliseconds.
pub const PROMPT_MS: u64 = 60_000;

/// What is known of the app's life since it was unlocked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct LockClock {
    limits: LockLimits,
    background: Option<BootTime>,
    prompt: Option<BootTime>,
    used: BootTime,
    screen_off: bool,
}

impl LockClock {
    fn new(limits: LockLimits, at: BootTime) -> Self {
        Self { limits, background: None, prompt: None, used: at, screen_off: false }
    }

    fn report(&mut self, event: LockEvent, at: BootTime) {
        match event {
            LockEvent::EnteredBackground => self.background = Some(self.background.unwrap_or(at)),
            LockEvent::EnteredForeground => {
                self.background = None;
                self.used = at;
            }
            LockEvent::PromptBegan => self.prompt = Some(at),
            LockEvent::PromptEnded => {
                // The background that the prompt caused begins to count now, if it lasts.
                if self.prompt.take().is_some_and(|began| at.since_ms(began) < PROMPT_MS) {
                    self.background = self.background.map(|_| at);
                    self.used = at;
                }
            }
            LockEvent::Used => self.used = at,
            LockEvent::ScreenOff => self.screen_off = self.limits.screen_off,
        }
    }

    /// Returns the moment from which the vault is to be locked; `None` when nothing speaks for it yet.
    fn locks_at(&self) -> Option<BootTime> {
        if self.screen_off {
            return Some(BootTime::from_ms(0));
        }
        let background = self.background.map(|since| match self.prompt {
            // A prompt holds it off, never for longer than a minute from its beginning.
            Some(began) => since.plus_ms(self.limits.background_ms).max(began.plus_ms(PROMPT_MS)),
            None => since.plus_ms(self.limits.background_ms),
        });
        let idle = match (self.background, self.limits.idle_ms) {
            (None, Some(limit)) => Some(self.used.plus_ms(limit)),
            (Some(_), _) | (None, None) => None,
        };
        [background, idle].into_iter().flatten().min()
    }

    fn should_lock(&self, at: BootTime) -> bool {
        // A clock that went back is the clock of another start: what was reported then says nothing now.
        let went_back =
            [self.background, self.prompt, Some(self.used)].into_iter().flatten().any(|then| at < then);
        went_back || self.locks_at().is_some_and(|limit| at >= limit)
    }
}

impl Authenticator {
    /// Begins to watch over an unlocked vault, with these limits.
    ///
    /// # Errors
    /// [`Error::Locked`].
    pub fn watch(&self, limits: LockLimits, at: BootTime) -> Result<(), Error> {
        let mut face = self.face();
        if face.shown.is_none() {
            return Err(Error::Locked);
        }
        face.lock_clock = Some(LockClock::new(limits, at));
        Ok(())
    }

    /// Takes a report, and locks when it is time. Returns whether the vault is locked now.
    pub fn report(&self, event: LockEvent, at: BootTime) -> bool {
        // What was overdue before the event stays overdue: coming back in sight does not unlock.
        if self.should_lock(at) {
            self.lock();
            return true;
        }
        let mut face = self.face();
        if let Some(clock) = &mut face.lock_clock {
            clock.report(event, at);
        }
        match event {
            LockEvent::EnteredBackground | LockEvent::ScreenOff => face.shown_codes.out_of_sight(),
            LockEvent::EnteredForeground
            | LockEvent::PromptBegan
            | LockEvent::PromptEnded
            | LockEvent::Used => {}
        }
        drop(face);
        if self.should_lock(at) {
            self.lock();
        }
        self.face().shown.is_none()
    }

    /// Tells whether the vault should be locked at `at`; [`Authenticator::report`] and
    /// [`Authenticator::lock_if_due`] do it.
    pub fn should_lock(&self, at: BootTime) -> bool {
        let face = self.face();
        face.shown.is_some() && face.lock_clock.is_some_and(|clock| clock.should_lock(at))
    }

    /// Returns when the vault will have to be locked if nothing happens; `None` when it is locked, or nothing speaks for
    /// it.
    pub fn locks_at(&self) -> Option<BootTime> {
        let face = self.face();
        face.shown.as_ref().and(face.lock_clock).and_then(|clock| clock.locks_at())
    }

    /// Locks when it is time, and returns whether it was.
    pub fn lock_if_due(&self, at: BootTime) -> bool {
        let due = self.should_lock(at);
        if due {
            self.lock();
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: BootTime = BootTime::from_ms(1_000_000);

    fn clock() -> LockClock {
        LockClock::new(LockLimits { background_ms: 60_000, idle_ms: Some(300_000), screen_off: true }, START)
    }

    /// Returns the first millisecond after `START` at which it locks, looking at every one.
    fn first_lock(clock: &LockClock) -> Option<u64> {
        (0..400_000).find(|ms| clock.should_lock(START.plus_ms(*ms)))
    }

    #[test]
    fn the_background_locks_at_sixty_seconds_and_not_a_millisecond_before() {
        let mut clock = clock();
        clock.report(LockEvent::EnteredBackground, START);
        assert_eq!(first_lock(&clock), Some(60_000));
        assert_eq!(clock.locks_at(), Some(START.plus_ms(60_000)));
        clock.report(LockEvent::EnteredBackground, START.plus_ms(30_000));
        assert_eq!(first_lock(&clock), Some(60_000), "a second report does not put it off");
    }

    #[test]
    fn an_unused_app_in_sight_locks_at_its_own_limit() {
        let mut clock = clock();
        assert_eq!(first_lock(&clock), Some(300_000));
        clock.report(LockEvent::Used, START.plus_ms(50_000));
        assert!(!clock.should_lock(START.plus_ms(349_999)) && clock.should_lock(START.plus_ms(350_000)));
        assert_eq!(clock.locks_at(), Some(START.plus_ms(350_000)));
    }

    #[test]
    fn a_prompts_background_never_locks_before_sixty_seconds_and_always_then() {
        for limit in [0, 10_000, 60_000] {
            let mut clock =
                LockClock::new(LockLimits { background_ms: limit, ..LockLimits::default() }, START);
            clock.report(LockEvent::PromptBegan, START);
            clock.report(LockEvent::EnteredBackground, START);
            assert_eq!(first_lock(&clock), Some(60_000), "limit {limit}");
        }
    }

    #[test]
    fn after_a_prompt_the_background_counts_from_its_end() {
        let mut clock = clock();
        clock.report(LockEvent::PromptBegan, START);
        clock.report(LockEvent::EnteredBackground, START);
        clock.report(LockEvent::PromptEnded, START.plus_ms(20_000));
        assert_eq!(first_lock(&LockClock { used: START, ..clock }), Some(0), "a clock that went back");
        assert_eq!(clock.locks_at(), Some(START.plus_ms(80_000)));
        let mut late = self::clock();
        late.report(LockEvent::PromptBegan, START);
        late.report(LockEvent::EnteredBackground, START);
        late.report(LockEvent::PromptEnded, START.plus_ms(60_000));
        assert_eq!(late.locks_at(), Some(START.plus_ms(60_000)), "a prompt of a minute puts nothing off");
    }

    /// Sleep: nothing is reported for hours, and the clock has gone on.
    #[test]
    fn a_sleep_counts() {
        let mut clock = clock();
        clock.report(LockEvent::EnteredBackground, START.plus_ms(5));
        assert!(clock.should_lock(START.plus_ms(8 * 3_600_000)));
    }

    #[test]
    fn a_dark_screen_and_a_rebooted_clock_lock_at_once() {
        let mut clock = clock();
        assert!(!clock.should_lock(START));
        clock.report(LockEvent::ScreenOff, START);
        assert!(clock.should_lock(START));
        assert!(self::clock().should_lock(BootTime::from_ms(7)));
    }

    /// The control of R30: by the wall clock, setting it back keeps the vault open.
    #[test]
    fn control_the_wall_clock_would_never_lock_when_it_is_set_back() {
        let background_since_wall_ms = 1_800_000_000_000i64;
        let wall_now_ms = background_since_wall_ms - 86_400_000;
        let by_the_wall_clock = wall_now_ms - background_since_wall_ms >= 60_000;
        assert!(!by_the_wall_clock);
        let mut clock = clock();
        clock.report(LockEvent::EnteredBackground, START);
        assert!(clock.should_lock(START.plus_ms(86_400_000)), "the boot clock has no way back");
    }
}
