//! The recovery code: 130 random bits as 26 letters of Crockford's base 32, and two that check them.

use sha2::{Digest, Sha256};

use crate::crypto::random::{self, RandomError};
use crate::secret::SecretText;

/// A way back in that needs no device: `XXXX-XXXX-XXXX-XXXX-XXXX-XXXX-XXXX`.
#[derive(Clone, Debug)]
pub struct RecoveryCode(SecretText);

/// Why a text is not a recovery code; a slip of the pen, not a wrong code.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RecoveryCodeError {
    /// A character at this place (from 0, marks not counted) is no letter of the code.
    #[error("character {0} is not a letter or digit of a code")]
    Character(usize),
    /// The code has 28 letters.
    #[error("{0} letters, expected 28")]
    Length(usize),
    /// It is another code than the one that was shown.
    #[error("this is another code")]
    Differs,
    /// The last two letters do not check the others: one of them is wrong.
    #[error("one of the letters is wrong")]
    Check,
}

impl RecoveryCode {
    /// Makes a new one.
    ///
    /// # Errors
    /// [`RandomError`].
    pub fn make() -> Result<Self, RandomError> {
        let random = random::make_secret(LETTERS)?;
        let letters: String =
            random.expose().iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect();
        Ok(Self(SecretText::new(letters)))
    }

    /// Reads a code as people type it: any case, spaces and dashes anywhere, O for 0, I and L for 1.
    ///
    /// # Errors
    /// [`RecoveryCodeError`]: a slip that the person can mend.
    pub fn parse(text: &str) -> Result<Self, RecoveryCodeError> {
        let mut letters = zeroize::Zeroizing::new(String::with_capacity(LETTERS + 2));
        for (place, c) in text.chars().filter(|c| !c.is_whitespace() && *c != '-').enumerate() {
            if place > LETTERS + 2 {
                return Err(RecoveryCodeError::Length(place + 1));
            }
            letters.push(match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                c if c.is_ascii() && ALPHABET.contains(&(c as u8)) => c,
                _ => return Err(RecoveryCodeError::Character(place)),
            });
        }
        if letters.len() != LETTERS + 2 {
            return Err(RecoveryCodeError::Length(letters.len()));
        }
        let (code, check) = letters.split_at(LETTERS);
        if check != check_letters(code) {
            return Err(RecoveryCodeError::Check);
        }
        Ok(Self(code.into()))
    }

    /// Makes sure that the user wrote the code down: `typed` must be this code.
    ///
    /// # Errors
    /// [`RecoveryCodeError`]: the slip in it, or [`RecoveryCodeError::Differs`].
    pub fn typed_back(&self, typed: &str) -> Result<(), RecoveryCodeError> {
        let typed = Self::parse(typed)?;
        if typed.0 == self.0 { Ok(()) } else { Err(RecoveryCodeError::Differs) }
    }

    /// Returns the code in groups of four, to be written down.
    pub fn print(&self) -> SecretText {
        let letters = format!("{}{}", self.0.expose(), check_letters(self.0.expose()));
        let mut text = String::with_capacity(40);
        for (n, letter) in letters.chars().enumerate() {
            if n > 0 && n % 4 == 0 {
                text.push('-');
            }
            text.push(letter);
        }
        SecretText::new(text)
    }

    /// Returns the 26 letters as ASCII: what HKDF turns into a key.
    pub(super) fn letters(&self) -> &[u8] {
        self.0.expose().as_bytes()
    }
}

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LETTERS: usize = 26;

/// Returns the first ten bits of SHA-256 over the letters, as two letters.
fn check_letters(letters: &str) -> String {
    let digest = Sha256::digest(letters.as_bytes());
    let bits = u16::from_be_bytes([digest[0], digest[1]]) >> 6;
    [bits >> 5, bits & 31].iter().map(|n| char::from(ALPHABET[usize::from(*n)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_reads_back_however_it_is_typed() {
        let code = RecoveryCode::make().unwrap();
        let text = code.print();
        for typed in [
            text.expose().to_owned(),
            text.expose().to_lowercase(),
            text.expose().replace('-', " "),
            text.expose().replace('0', "o").replace('1', "l"),
        ] {
            assert_eq!(RecoveryCode::parse(&typed).unwrap().letters(), code.letters());
        }
    }

    #[test]
    fn a_slip_is_told_from_a_wrong_code() {
        let text = RecoveryCode::make().unwrap().print();
        let slips = (0..34).filter(|n| n % 5 != 4).filter(|n| {
            let mut bytes = text.expose().as_bytes().to_vec();
            bytes[*n] = if bytes[*n] == b'7' { b'8' } else { b'7' };
            RecoveryCode::parse(std::str::from_utf8(&bytes).unwrap()).is_err()
        });
        // Ten check bits let one slip in 1,024 through; 28 letters almost never meet it.
        assert!(slips.count() >= 26);
        assert_eq!(RecoveryCode::parse("ABCU").unwrap_err(), RecoveryCodeError::Character(3));
        assert_eq!(RecoveryCode::parse("ABC").unwrap_err(), RecoveryCodeError::Length(3));
    }
}
