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
