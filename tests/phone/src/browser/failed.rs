//! Why something that must work did not: one sentence for the person who runs the demo or a test.

use std::fmt::{self, Debug, Display};

/// Why a step failed. Every error becomes one, so that `?` is all a step needs.
pub struct Failed(String);

/// Fails with a reason.
pub fn failed(why: impl Display) -> Failed {
    Failed(why.to_string())
}

/// Fails unless something holds.
///
/// # Errors
/// It does not hold; `otherwise` says so.
pub fn check(holds: bool, otherwise: &str) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(failed(otherwise)) }
}

impl Failed {
    /// Returns the reason.
    pub fn why(&self) -> &str {
        &self.0
    }
}

impl Debug for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: std::error::Error> From<E> for Failed {
    fn from(error: E) -> Self {
        // A client's error names the call; what went wrong stands behind it.
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(error) = source {
            text = format!("{text}: {error}");
            source = error.source();
        }
        Self(text)
    }
}
