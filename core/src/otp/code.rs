//! A code and the time it is valid for.

use std::fmt;

use super::{Otp, OtpError, Period};
use crate::time::UnixTime;

/// A code of a kind that follows the time, with its window.
#[derive(Clone, Eq, PartialEq)]
pub struct Code {
    /// What the user types: digits, or letters for Steam and Yandex, or hex digits for Mobile-OTP.
    pub text: String,
    /// The first moment of its time step, in the caller's own clock.
    pub valid_from: UnixTime,
    /// The first moment of the time step after it, in the caller's own clock.
    pub valid_until: UnixTime,
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code({}..{} ms)", self.valid_from.ms(), self.valid_until.ms())
    }
}

impl Otp {
    /// Returns the code at `at`, and its window.
    ///
    /// `offset_ms` is how far the caller's clock is behind the true time; it is added to `at`, and taken off
    /// the window again, so that a countdown needs the caller's clock alone.
    ///
    /// ```
    /// use authenticator_core::time::UnixTime;
    /// use authenticator_core::uri;
    ///
    /// // RFC 6238 appendix B.
    /// let account = uri::parse("otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=8")?;
    /// let code = account.otp.code_at(UnixTime::from_seconds(59), 0)?;
    /// assert_eq!(code.text, "94287082");
    /// assert_eq!(code.valid_until, UnixTime::from_seconds(60));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`OtpError::CounterBased`], [`OtpError::NeedsPin`], [`OtpError::BeforeEpoch`], [`OtpError::TooLate`],
    /// [`OtpError::ShortSecret`] (Yandex), [`OtpError::NoSuchCode`] (MD5).
    pub fn code_at(&self, at: UnixTime, offset_ms: i64) -> Result<Code, OtpError> {
        let period = self.period().ok_or(OtpError::CounterBased)?;
        self.code_of(TimeStep::at(at, offset_ms, period)?, offset_ms)
    }

    /// Returns the code that follows the one at `at`, and its window.
    ///
    /// # Errors
    ///
    /// As [`Otp::code_at`].
    pub fn next_code_at(&self, at: UnixTime, offset_ms: i64) -> Result<Code, OtpError> {
        let period = self.period().ok_or(OtpError::CounterBased)?;
        self.code_of(TimeStep::at(at, offset_ms, period)?.next(), offset_ms)
    }

    fn code_of(&self, step: TimeStep, offset_ms: i64) -> Result<Code, OtpError> {
        let (valid_from, valid_until) = step.window(offset_ms)?;
        let text = match self {
            Self::Totp(otp) => otp.code_for(step.number)?,
            Self::Hotp(_) => return Err(OtpError::CounterBased),
            Self::Steam(otp) => otp.code_for(step.number),
            Self::Motp(otp) => otp.code_for(step.number)?,
            Self::Yandex(otp) => otp.code_for(step.number)?,
        };
        Ok(Code { text, valid_from, valid_until })
    }
}

/// One time step: `T` of RFC 6238 section 4.2, and how long it takes.
#[derive(Clone, Copy)]
struct TimeStep {
    number: u64,
    period: Period,
}

impl TimeStep {
    fn at(at: UnixTime, offset_ms: i64, period: Period) -> Result<Self, OtpError> {
        let now = i128::from(at.ms()) + i128::from(offset_ms);
        let ms = u64::try_from(now)
            .map_err(|_| if now < 0 { OtpError::BeforeEpoch } else { OtpError::TooLate })?;
        Ok(Self { number: ms / period.ms(), period })
    }

    fn next(self) -> Self {
        // A number is at most 2^64 / 1000.
        Self { number: self.number + 1, ..self }
    }

    /// Returns its first moment and the first moment after it, in a clock that is `offset_ms` behind.
    fn window(self, offset_ms: i64) -> Result<(UnixTime, UnixTime), OtpError> {
        let boundary = |number: u64| {
            let ms = i128::from(number) * i128::from(self.period.ms()) - i128::from(offset_ms);
            i64::try_from(ms).map(UnixTime::from_ms).map_err(|_| OtpError::TooLate)
        };
        Ok((boundary(self.number)?, boundary(self.number + 1)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otp::{Algorithm, Digits, Hotp, Motp, MotpSecret, Totp, Yandex};
    use crate::secret::{SecretBytes, SecretText};

    fn totp(algorithm: Algorithm, period: u32) -> Otp {
        let secret = SecretBytes::from(b"12345678901234567890".as_slice());
        let period = Period::try_from(period).expect("tests use periods that exist");
        Otp::Totp(Totp { secret, algorithm, digits: Digits::EIGHT, period })
    }

    #[track_caller]
    fn check(at_ms: i64, offset_ms: i64, expected: Result<(&str, i64, i64), OtpError>) {
        let code = totp(Algorithm::Sha1, 30).code_at(UnixTime::from_ms(at_ms), offset_ms);
        let said =
            code.as_ref().map(|code| (code.text.as_str(), code.valid_from.ms(), code.valid_until.ms()));
        assert_eq!(said, expected.as_ref().copied());
    }

    #[test]
    fn the_window_is_the_time_step_in_milliseconds() {
        check(59_000, 0, Ok(("94287082", 30_000, 60_000)));
        check(59_999, 0, Ok(("94287082", 30_000, 60_000)));
        check(60_000, 0, Ok(("37359152", 60_000, 90_000)));
    }

    #[test]
    fn the_window_of_a_clock_that_is_wrong_is_told_in_that_clock() {
        check(49_000, 10_000, Ok(("94287082", 20_000, 50_000)));
        check(69_500, -10_500, Ok(("94287082", 40_500, 70_500)));
        check(-1_000, 60_000, Ok(("94287082", -30_000, 0)));
    }

    #[test]
    fn moments_that_have_no_time_step_are_errors() {
        check(-1, 0, Err(OtpError::BeforeEpoch));
        check(1_000, -1_001, Err(OtpError::BeforeEpoch));
        check(i64::MIN, i64::MIN, Err(OtpError::BeforeEpoch));
        check(i64::MAX, 0, Err(OtpError::TooLate));
        check(i64::MAX, i64::MAX, Err(OtpError::TooLate));
        assert!(totp(Algorithm::Sha1, 1).code_at(UnixTime::from_ms(i64::MAX - 1000), 0).is_ok());
        assert!(totp(Algorithm::Sha1, 1).next_code_at(UnixTime::from_ms(i64::MAX - 1000), 0).is_err());
    }

    #[test]
    fn a_hash_that_is_too_short_gives_no_code_instead_of_an_invented_one() {
        let codes = (0..100).map(|step| totp(Algorithm::Md5, 1).code_at(UnixTime::from_seconds(step), 0));
        let (codes, none): (Vec<_>, Vec<_>) = codes.partition(Result::is_ok);
        // The last four bits point behind the hash in 3 of 16 cases.
        assert!((5..35).contains(&none.len()) && codes.len() > 60);
        assert!(none.into_iter().all(|code| code == Err(OtpError::NoSuchCode)));
    }

    #[test]
    fn kinds_that_lack_something_say_what() {
        let secret = SecretBytes::from([7; 15].as_slice());
        let (at, pin) = (UnixTime::from_ms(0), Some(SecretText::from("1234")));
        let hotp =
            Hotp { secret: secret.clone(), algorithm: Algorithm::Sha1, digits: Digits::SIX, counter: 0 };
        assert_eq!(Otp::Hotp(hotp).code_at(at, 0), Err(OtpError::CounterBased));
        let motp = Motp {
            secret: secret.clone(),
            written: MotpSecret::Hex,
            pin: None,
            digits: Digits::SIX,
            period: Motp::USUAL_PERIOD,
        };
        assert_eq!(Otp::Motp(motp).next_code_at(at, 0), Err(OtpError::NeedsPin));
        let yandex = Yandex { secret: secret.clone(), pin: None };
        assert_eq!(Otp::Yandex(yandex).code_at(at, 0), Err(OtpError::NeedsPin));
        let yandex = Yandex { secret, pin };
        assert_eq!(Otp::Yandex(yandex).code_at(at, 0), Err(OtpError::ShortSecret(15)));
    }

    #[test]
    fn showing_a_code_for_a_log_shows_its_window_alone() {
        let code = totp(Algorithm::Sha1, 30).code_at(UnixTime::from_seconds(59), 0);
        assert_eq!(format!("{code:?}"), "Ok(Code(30000..60000 ms))");
    }
}
