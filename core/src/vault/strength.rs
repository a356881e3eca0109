//! How hard a passphrase is to guess, as an estimate of how many guesses it takes.

/// An estimate; the number of guesses is what a clever guesser needs, not what trying everything takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strength {
    /// From 0, guessed at once, to 4, hard to guess even for who has the file.
    pub score: u8,
    /// The tenth logarithm of the number of guesses.
    pub guesses_log10: f64,
}

/// Guesses are tried against Argon2id, which costs about half a second each: 10¹⁰ of them take 160 years.
pub const GOOD_SCORE: u8 = 3;

/// Estimates a passphrase. `known` are words that a guesser would try first: the user's names, the issuer's.
///
/// The estimate works on copies of the text that are not wiped; a shell asks it while a new passphrase is typed, not at
/// each unlock.
pub fn strength(passphrase: &str, known: &[&str]) -> Strength {
    let estimate = zxcvbn::zxcvbn(passphrase, known);
    Strength { score: u8::from(estimate.score()), guesses_log10: estimate.guesses_log10() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_uses_is_weak_and_five_random_words_are_strong() {
        assert_eq!(strength("password1", &[]).score, 0);
        assert_eq!(strength("", &[]).score, 0);
        assert!(strength("walnut harbour quilt seventeen dolphin", &[]).score > GOOD_SCORE);
    }

    #[test]
    fn the_users_own_names_count_for_nothing() {
        let own = strength("alexandravandijk", &["Alexandra", "van", "Dijk", "alexandravandijk"]);
        assert!(own.guesses_log10 < strength("alexandravandijk", &[]).guesses_log10);
    }

    #[test]
    fn a_very_long_text_is_estimated_and_not_waited_for() {
        assert!(strength(&"ab1!".repeat(100_000), &[]).score <= 4);
    }
}
