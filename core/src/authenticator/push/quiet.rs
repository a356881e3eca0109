//! Which requests are announced: never more than a few, and none for a while after somebody said "not me".
//!
//! What is not announced is still shown to a person who opens the app.

use super::challenges::{Found, Open};
use super::{Authenticator, PushError};
use crate::push::outcome::Act;
use crate::time::UnixTime;
use crate::vault::push_db::{EnrolmentRow, Quiet};

impl Authenticator {
    /// Decides which of the new requests are announced: three in five minutes, none while it is quiet.
    pub(super) async fn announce(
        &self,
        row: &EnrolmentRow,
        found: &mut Found,
        now: UnixTime,
    ) -> Result<(), PushError> {
        let id = row.id;
        let before: Vec<Open> = self.push()?.state().open.clone();
        let mut quiet = self.push_db(move |db| db.quiet(id)).await?;
        let old = quiet.clone();
        for open in found.open.iter_mut().rev() {
            let known = before.iter().find(|one| one.challenge.id == open.challenge.id);
            open.challenge.quiet = match known {
                Some(known) => known.challenge.quiet,
                None => open.challenge.act != Act::Test && !quiet.may_announce(now),
            };
        }
        if quiet != old {
            self.push_db(move |db| db.set_quiet(id, &quiet)).await?;
        }
        Ok(())
    }
}

impl Quiet {
    /// How many requests are announced in [`WINDOW_MS`](Self::WINDOW_MS).
    const ANNOUNCED: usize = 3;
    /// Five minutes.
    const WINDOW_MS: i64 = 5 * 60 * 1000;
    /// How long nothing is announced after a report or a second denial: 15 minutes.
    const LASTS_MS: i64 = 15 * 60 * 1000;

    /// Tells whether one more request may be announced, and counts it when it may.
    fn may_announce(&mut self, now: UnixTime) -> bool {
        self.announced_ms.retain(|at| now.ms() - at < Self::WINDOW_MS);
        if now.ms() < self.until_ms || self.announced_ms.len() >= Self::ANNOUNCED {
            return false;
        }
        self.announced_ms.push(now.ms());
        true
    }

    /// Counts a denial; the second within the window makes it quiet.
    pub(super) fn denied(&mut self, now: UnixTime) {
        self.denials_ms.retain(|at| now.ms() - at < Self::WINDOW_MS);
        self.denials_ms.push(now.ms());
        if self.denials_ms.len() >= 2 {
            self.reported(now);
        }
    }

    /// Makes it quiet: it was somebody else.
    pub(super) fn reported(&mut self, now: UnixTime) {
        self.until_ms = self.until_ms.max(now.ms() + Self::LASTS_MS);
        self.denials_ms.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: UnixTime = UnixTime::from_ms(1_800_000_000_000);

    #[test]
    fn of_two_hundred_requests_in_a_minute_three_are_announced() {
        let mut quiet = Quiet::default();
        let announced = (0..200).filter(|n| quiet.may_announce(AT.plus_ms(n * 300))).count();
        assert_eq!(announced, 3);
        assert!(quiet.may_announce(AT.plus_ms(Quiet::WINDOW_MS + 60_000)));
    }

    #[test]
    fn a_report_or_a_second_denial_makes_it_quiet_for_a_quarter_of_an_hour() {
        let quarter = 15 * 60 * 1000;
        let mut reported = Quiet::default();
        reported.reported(AT);
        assert!(!reported.may_announce(AT.plus_ms(quarter - 1)));
        assert!(reported.may_announce(AT.plus_ms(quarter)));
        let mut denied = Quiet::default();
        denied.denied(AT);
        assert!(denied.may_announce(AT.plus_ms(1)));
        denied.denied(AT.plus_ms(2));
        assert!(!denied.may_announce(AT.plus_ms(3)));
        // Two denials that lie apart are two changes of mind.
        let mut apart = Quiet::default();
        apart.denied(AT);
        apart.denied(AT.plus_ms(Quiet::WINDOW_MS));
        assert!(apart.may_announce(AT.plus_ms(Quiet::WINDOW_MS)));
    }
}
