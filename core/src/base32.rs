//! RFC 4648 base32, read as people type it.

use std::mem;

use zeroize::Zeroizing;

use crate::secret::{SecretBytes, SecretText};

/// Why a text is no base32 secret. The text itself is not in it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Base32Error {
    /// The text says no byte at all: it is empty, or a single character.
    #[error("no bytes")]
    Empty,
    /// A character that base32 does not have.
    #[error("{class} at character {position}")]
    Character {
        /// How many characters stand before it.
        position: usize,
        /// What sort of character it is.
        class: CharacterClass,
    },
}

/// What sort of character stands where base32 wants A to Z or 2 to 7.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CharacterClass {
    /// 0, 1, 8 or 9: somebody read a letter as a digit.
    Digit,
    /// Any other ASCII character.
    Ascii,
    /// Anything else: this may be no secret at all.
    NotAscii,
}

impl std::fmt::Display for CharacterClass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Digit => "a digit other than 2 to 7",
            Self::Ascii => "a sign",
            Self::NotAscii => "a foreign character",
        })
    }
}

/// Returns the bytes that `text` says; the last bits that do not fill a byte are dropped.
///
/// Small letters count as capitals. Spaces, dashes and padding (`=`, or `%3D` from a URI that was escaped
/// twice) may stand anywhere, and any number of characters will do: real secrets have 11, 13, 15 or 17.
///
/// ```
/// use authenticator_core::base32;
///
/// assert_eq!(base32::decode("jbsw y3dp-ehpk 3pxp==")?.expose(), b"Hello!\xde\xad\xbe\xef");
/// # Ok::<(), base32::Base32Error>(())
/// ```
///
/// # Errors
///
/// [`Base32Error::Empty`], [`Base32Error::Character`].
pub fn decode(text: &str) -> Result<SecretBytes, Base32Error> {
    // Five bytes for eight characters: the memory never moves, and is wiped on every way out.
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() / 8 * 5 + 5));
    let mut bits = 0_u32;
    let mut bit_count = 0;
    let mut chars = text.char_indices();
    while let Some((index, character)) = chars.next() {
        let value = match character {
            'A'..='Z' => character as u32 - 'A' as u32,
            'a'..='z' => character as u32 - 'a' as u32,
            '2'..='7' => character as u32 - '2' as u32 + 26,
            '%' if text[index..].get(..3).is_some_and(|three| three.eq_ignore_ascii_case("%3d")) => {
                chars.nth(1);
                continue;
            }
            _ if is_filler(character) => continue,
            _ => return Err(wrong_character(text, index, character)),
        };
        bits = bits << 5 | value;
        bit_count += 5;
        if bit_count >= 8 {
            bit_count -= 8;
            bytes.push((bits >> bit_count) as u8);
        }
    }
    if bytes.is_empty() { Err(Base32Error::Empty) } else { Ok(SecretBytes::new(mem::take(&mut *bytes))) }
}

/// Returns `bytes` as capitals and digits, without padding.
pub fn encode(bytes: &[u8]) -> SecretText {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for block in bytes.chunks(5) {
        let bits = (0..5).fold(0, |bits, i| bits << 8 | u64::from(*block.get(i).unwrap_or(&0)));
        let characters = (block.len() * 8).div_ceil(5);
        text.extend((0..characters).map(|i| char::from(ALPHABET[(bits >> (35 - 5 * i)) as usize & 31])));
    }
    SecretText::new(text)
}

/// Tells whether `character` stands in a secret to please the eye, or came along with a copied text.
fn is_filler(character: char) -> bool {
    // Hyphens and dashes of Unicode, and characters without width.
    const INVISIBLE_OR_DASH: [char; 5] = ['\u{2212}', '\u{ad}', '\u{200b}', '\u{2060}', '\u{feff}'];
    // A form makes `+` of a space.
    matches!(character, '-' | '=' | '+' | '\u{2010}'..='\u{2015}')
        || character.is_whitespace()
        || INVISIBLE_OR_DASH.contains(&character)
}

fn wrong_character(text: &str, index: usize, character: char) -> Base32Error {
    let class = match character {
        '0' | '1' | '8' | '9' => CharacterClass::Digit,
        _ if character.is_ascii() => CharacterClass::Ascii,
        _ => CharacterClass::NotAscii,
    };
    Base32Error::Character { position: text[..index].chars().count(), class }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&[u8], Base32Error>) {
        let decoded = decode(text);
        assert_eq!(decoded.as_ref().map(SecretBytes::expose), expected.as_ref().copied());
    }

    #[test]
    fn the_rfc_4648_examples_go_both_ways() {
        let examples =
            [("MY", "f"), ("MZXQ", "fo"), ("MZXW6", "foo"), ("MZXW6YQ", "foob"), ("MZXW6YTB", "fooba")];
        for (text, bytes) in examples {
            check(text, Ok(bytes.as_bytes()));
            assert_eq!(encode(bytes.as_bytes()).expose(), text);
        }
    }

    #[test]
    fn what_people_and_pages_put_between_the_letters_is_left_out() {
        for text in [
            "mzxw6ytb",
            "MZXW 6YTB",
            "mzxw-6ytb",
            "MZXW+6YTB",
            " MZXW6YTB\n",
            "MZXW6YTB======",
            "MZXW6YTB%3D%3d",
        ] {
            check(text, Ok(b"fooba"));
        }
        check("\u{feff}MZXW\u{a0}6Y\u{2011}T\u{200b}B", Ok(b"fooba"));
    }

    #[test]
    fn lengths_that_rfc_4648_does_not_have_lose_their_last_bits_alone() {
        check("MZXW6YTBM", Ok(b"fooba"));
        check("MZXW6YTBMZX", Ok(b"foobaf"));
        check("MZX", Ok(b"f"));
    }

    #[test]
    fn a_text_that_says_no_byte_is_empty() {
        for text in ["", " ", "====", "A"] {
            check(text, Err(Base32Error::Empty));
        }
    }

    #[test]
    fn an_error_says_where_and_what_sort_of_character_but_not_which() {
        check("MZ0W", Err(Base32Error::Character { position: 2, class: CharacterClass::Digit }));
        check("é", Err(Base32Error::Character { position: 0, class: CharacterClass::NotAscii }));
        check("–M!", Err(Base32Error::Character { position: 2, class: CharacterClass::Ascii }));
        check("M%3E", Err(Base32Error::Character { position: 1, class: CharacterClass::Ascii }));
        check("M%", Err(Base32Error::Character { position: 1, class: CharacterClass::Ascii }));
    }
}
