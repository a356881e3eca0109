//! The clock of a service, learnt from the `Date` of its answers. The device's own clock is never moved.

use std::time::Duration;

use crate::time::UnixTime;

/// How far a service's clock is ahead of the device's.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Offset {
    ms: i64,
}

/// Beyond this a person is told that the device's clock is wrong; and so far may an `iat` be off.
pub const TOLERANCE: Duration = Duration::from_secs(120);
/// So far may the `iat` of a proof be off that carries a nonce of the service.
pub const TOLERANCE_WITH_NONCE: Duration = Duration::from_secs(600);

impl Offset {
    /// Keeps an offset in milliseconds, positive when the service is ahead.
    pub const fn from_ms(ms: i64) -> Self {
        Self { ms }
    }

    /// Learns the offset from the `Date` of an answer that the device received at `now`; none without a date
    /// that can be read. Whole seconds are all that `Date` has: less than a second is taken as none.
    pub fn learn(date: &str, now: UnixTime) -> Option<Self> {
        let ms = parse_date(date)?.ms().saturating_sub(now.ms());
        Some(Self { ms: if (-1000..=1000).contains(&ms) { 0 } else { ms } })
    }

    /// Returns milliseconds, positive when the service is ahead.
    pub const fn ms(self) -> i64 {
        self.ms
    }

    /// Returns what the service's clock shows when the device's shows `now`.
    pub const fn at_service(self, now: UnixTime) -> UnixTime {
        now.plus_ms(self.ms)
    }

    /// Tells whether the person should be told that the device's clock is wrong.
    pub fn is_suspect(self) -> bool {
        u128::from(self.ms.unsigned_abs()) > TOLERANCE.as_millis()
    }
}

/// Tells whether `stamp` is within `tolerance` of `now`, on either side.
pub fn is_near(stamp: UnixTime, now: UnixTime, tolerance: Duration) -> bool {
    u128::from(stamp.ms().abs_diff(now.ms())) <= tolerance.as_millis()
}

/// Reads an IMF-fixdate, RFC 9110 section 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`.
///
/// The two obsolete forms are not read: a service of this protocol does not write them. The reader is our own
/// because that of the `httpdate` crate answers with a type of the system's clock, which the core does not have.
pub fn parse_date(text: &str) -> Option<UnixTime> {
    let (date, day_name) = (text.get(5..)?, text.get(..3)?);
    if text.len() != 29 || text.get(3..5)? != ", " || !date.ends_with(" GMT") {
        return None;
    }
    let separators = [(2, ' '), (6, ' '), (11, ' '), (14, ':'), (17, ':')];
    if separators.iter().any(|(at, separator)| date.as_bytes()[*at] != *separator as u8) {
        return None;
    }
    let number = |from: usize, to: usize| -> Option<i64> {
        let digits = date.get(from..to)?;
        digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let (day, year) = (number(0, 2)?, number(7, 11)?);
    let (hour, minute, second) = (number(12, 14)?, number(15, 17)?, number(18, 20)?);
    let name = date.get(3..6)?;
    let month = MONTHS.iter().position(|(month, _)| *month == name)?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = MONTHS[month].1 + i64::from(leap && month == 1);
    // A leap second is written 60.
    if !(1..=length).contains(&day) || hour > 23 || minute > 59 || second > 60 || year < 1970 {
        return None;
    }
    let leap_days = |year: i64| year / 4 - year / 100 + year / 400;
    let years = (year - 1970) * 365 + leap_days(year - 1) - leap_days(1969);
    let months: i64 = MONTHS[..month].iter().map(|(_, length)| length).sum();
    let days = years + months + i64::from(leap && month > 1) + day - 1;
    if DAYS[usize::try_from(days % 7).ok()?] != day_name {
        return None;
    }
    Some(UnixTime::from_seconds(((days * 24 + hour) * 60 + minute) * 60 + second))
}

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

const MONTHS: [(&str, i64); 12] = [
    ("Jan", 31),
    ("Feb", 28),
    ("Mar", 31),
    ("Apr", 30),
    ("May", 31),
    ("Jun", 30),
    ("Jul", 31),
    ("Aug", 31),
    ("Sep", 30),
    ("Oct", 31),
    ("Nov", 30),
    ("Dec", 31),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The seconds are those that Python's `email.utils.parsedate_to_datetime` gives.
    #[test]
    fn dates_are_read_as_other_programs_read_them() {
        for (text, seconds) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Tue, 29 Feb 2000 23:59:59 GMT", 951_868_799),
            ("Wed, 01 Mar 2000 00:00:00 GMT", 951_868_800),
            ("Wed, 31 Dec 2025 23:59:59 GMT", 1_767_225_599),
            ("Fri, 01 Mar 2024 12:00:00 GMT", 1_709_294_400),
            ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_800),
            ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400),
        ] {
            assert_eq!(parse_date(text).map(UnixTime::seconds), Some(seconds), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_date() {
        for text in [
            "",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 nov 1994 08:49:37 GMT",
            "Sun, +6 Nov 1994 08:49:37 GMT",
            "Thu, 29 Feb 2001 00:00:00 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 08:60:00 GMT",
            "Sun, 06 Nov 1994 08-49-37 GMT",
            "Sun, 06 Nov 1994 08:49:37 GMT ",
            "Sun, 06 Nov 1994 08:49:3é GMT",
            "é, 006 Nov 1994 08:49:37 GMT",
        ] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }

    #[test]
    fn an_offset_is_learnt_and_used() {
        let now = UnixTime::from_seconds(784_111_777 - 500);
        let offset = Offset::learn("Sun, 06 Nov 1994 08:49:37 GMT", now).unwrap();
        assert_eq!(offset.ms(), 500_000);
        assert_eq!(offset.at_service(now), UnixTime::from_seconds(784_111_777));
        assert_eq!(Offset::learn("yesterday", now), None);
        let just_behind = UnixTime::from_ms(784_111_777_999);
        assert_eq!(Offset::learn("Sun, 06 Nov 1994 08:49:37 GMT", just_behind), Some(Offset::default()));
    }

    #[test]
    fn beyond_two_minutes_a_clock_is_suspect() {
        for (ms, suspect) in [(120_000, false), (-120_000, false), (120_001, true), (-120_001, true)] {
            assert_eq!(Offset::from_ms(ms).is_suspect(), suspect, "{ms}");
        }
        assert!(Offset::from_ms(i64::MIN).is_suspect());
    }

    #[test]
    fn near_is_near_on_both_sides() {
        let now = UnixTime::from_seconds(1000);
        for (seconds, near) in [(880, true), (1120, true), (879, false), (1121, false)] {
            assert_eq!(is_near(UnixTime::from_seconds(seconds), now, TOLERANCE), near, "{seconds}");
        }
        assert!(!is_near(UnixTime::from_ms(i64::MIN), now, TOLERANCE_WITH_NONCE));
    }
}
