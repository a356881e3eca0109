//! Spans and moments in words.

use time::OffsetDateTime;

use super::words::{Words, fill};

/// Says how long `seconds` are: seconds below two minutes, then minutes, then hours, each rounded up.
pub(crate) fn span(w: &Words, seconds: i64) -> String {
    let seconds = seconds.max(1);
    let (count, one, many) = match seconds {
        ..=59 => (seconds, w.time.second, w.time.seconds),
        60..=3599 => (whole(seconds, 60), w.time.minute, w.time.minutes),
        _ => (whole(seconds, 3600), w.time.hour, w.time.hours),
    };
    if count == 1 { one.to_owned() } else { fill(many, &[&count.to_string()]) }
}

/// Says when `at`, in Unix seconds, is: "25 November 2026, 21:04 UTC".
pub(crate) fn moment(w: &Words, at: i64) -> String {
    let Ok(at) = OffsetDateTime::from_unix_timestamp(at) else { return String::new() };
    let month = w.time.months.split(' ').nth(usize::from(u8::from(at.month())) - 1).unwrap_or_default();
    format!("{} {month} {}, {:02}:{:02} UTC", at.day(), at.year(), at.hour(), at.minute())
}

/// Returns how many times `unit` covers `seconds`.
fn whole(seconds: i64, unit: i64) -> i64 {
    (seconds + unit - 1) / unit
}

#[cfg(test)]
mod tests {
    use super::super::language::Language;
    use super::super::words::words;
    use super::*;

    #[track_caller]
    fn check(seconds: i64, english: &str, dutch: &str) {
        assert_eq!(span(words(Language::English), seconds), english);
        assert_eq!(span(words(Language::Dutch), seconds), dutch);
    }

    #[test]
    fn a_wait_is_never_said_too_short() {
        check(0, "1 second", "1 seconde");
        check(59, "59 seconds", "59 seconden");
        check(60, "1 minute", "1 minuut");
        check(61, "2 minutes", "2 minuten");
        check(3599, "60 minutes", "60 minuten");
        check(3600, "1 hour", "1 uur");
        check(3601, "2 hours", "2 uur");
    }

    #[test]
    fn a_moment_has_its_month_as_a_word() {
        assert_eq!(moment(words(Language::English), 1_795_640_640), "25 November 2026, 21:04 UTC");
        assert_eq!(moment(words(Language::Dutch), 0), "1 januari 1970, 00:00 UTC");
        assert_eq!(moment(words(Language::English), i64::MAX), "");
    }
}
