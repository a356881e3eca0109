//! One line for each proof, and what makes it one: nothing failed, and its control was seen to fail.

use std::fmt;

/// How much is tried.
#[derive(Clone, Copy, Debug)]
pub enum Size {
    /// Of a commit: minutes for all.
    Quick,
    /// An hour for all.
    Full,
}

/// What one entry of the table came to.
pub enum Line {
    /// It ran.
    Proof(Proof),
    /// It cannot run here.
    NotRun {
        /// The proof's name in the list of proofs.
        id: &'static str,
        /// What is missing.
        why: String,
    },
}

/// A proof that ran, and its control.
pub struct Proof {
    /// The proof's name in the list of proofs.
    pub id: &'static str,
    /// What was done to the vault.
    pub about: &'static str,
    /// How often.
    pub cases: u64,
    /// How often the vault did not keep its promise.
    pub failures: u64,
    /// What else was counted.
    pub detail: String,
    /// The same without the defence, or with the fault built in.
    pub control: Control,
}

/// What must fail, so that the proof is known to see a failure.
pub struct Control {
    /// What was left out or built in.
    pub about: &'static str,
    /// How often the same eyes saw a failure.
    pub failures: u64,
}

impl Size {
    /// Chooses a number.
    pub fn of<T>(self, quick: T, full: T) -> T {
        match self {
            Self::Quick => quick,
            Self::Full => full,
        }
    }
}

impl Line {
    /// Returns the proof's name in the list of proofs.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Proof(proof) => proof.id,
            Self::NotRun { id, .. } => id,
        }
    }

    /// Tells whether nothing failed that ran.
    pub fn holds(&self) -> bool {
        match self {
            Self::Proof(proof) => proof.holds(),
            Self::NotRun { .. } => true,
        }
    }
}

impl Proof {
    /// A proof holds when something was tried, nothing failed, and the control failed.
    pub fn holds(&self) -> bool {
        self.cases > 0 && self.failures == 0 && self.control.failures > 0
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Proof(proof) => proof.fmt(f),
            Self::NotRun { id, why } => write!(f, "not run: {id} {why}"),
        }
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, about, cases, failures, detail, control } = self;
        let word = if self.holds() { "" } else { "FAILED " };
        write!(f, "proof {id} {word}{about}: {cases} cases, {failures} failed")?;
        if !detail.is_empty() {
            write!(f, " ({detail})")?;
        }
        match control.failures {
            0 => write!(f, "; CONTROL NOT SEEN FAILING: {}", control.about),
            n => write!(f, "; control seen failing: {}, {n} times", control.about),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(cases: u64, failures: u64, control: u64) -> (bool, String) {
        let control = Control { about: "nothing is checked", failures: control };
        let line =
            Line::Proof(Proof { id: "R00", about: "x", cases, failures, detail: String::new(), control });
        (line.holds(), line.to_string())
    }

    #[test]
    fn a_proof_whose_control_passes_has_failed() {
        assert_eq!(
            line(7, 0, 2),
            (
                true,
                "proof R00 x: 7 cases, 0 failed; control seen failing: nothing is checked, 2 times".into()
            )
        );
        let (holds, text) = line(7, 0, 0);
        assert!(!holds && text.contains("FAILED") && text.contains("CONTROL NOT SEEN FAILING"), "{text}");
    }

    #[test]
    fn a_proof_that_tried_nothing_or_saw_a_failure_has_failed() {
        assert!(!line(0, 0, 2).0);
        assert!(!line(7, 1, 2).0);
    }
}
