//! Bytes written as text, as other apps write them.

use std::mem;

use base64::Engine;
use base64::engine::general_purpose::{GeneralPurpose, PAD_INDIFFERENT};
use zeroize::Zeroizing;

use super::found::Reason;
use crate::base32::{self, Base32Error};
use crate::secret::SecretBytes;
use crate::uri::UriError;

/// Returns the bytes after a UTF-8 byte order mark.
pub(super) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// Returns the bytes of Base64 in either alphabet, padded or not, with line breaks or without.
pub(super) fn base64(text: &str) -> Option<SecretBytes> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        PAD_INDIFFERENT.with_decode_allow_trailing_bits(true),
    );
    let mut plain = Zeroizing::new(Vec::with_capacity(text.len()));
    plain.extend(text.bytes().filter(|byte| !byte.is_ascii_whitespace()).map(|byte| match byte {
        b'-' => b'+',
        b'_' => b'/',
        _ => byte,
    }));
    let mut bytes = Zeroizing::new(Vec::with_capacity(plain.len() / 4 * 3 + 3));
    LENIENT.decode_vec(&*plain, &mut bytes).ok()?;
    Some(SecretBytes::new(mem::take(&mut *bytes)))
}

/// Returns the bytes of an even number of hexadecimal digits; space between them does not matter.
pub(super) fn hex(text: &str) -> Option<SecretBytes> {
    let mut digits = Zeroizing::new(Vec::with_capacity(text.len()));
    for character in text.chars().filter(|c| !c.is_whitespace()) {
        digits.push(character.to_digit(16)? as u8);
    }
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty().then(|| SecretBytes::new(pairs.iter().map(|[high, low]| high << 4 | low).collect()))
}

/// Returns an account's secret in base32.
///
/// # Errors
/// [`Reason::Uri`] with what is wrong.
pub(super) fn base32_secret(text: &str) -> Result<SecretBytes, Reason> {
    base32::decode(text).map_err(|error| {
        Reason::Uri(match error {
            Base32Error::Empty => UriError::NoSecret,
            Base32Error::Character { .. } => UriError::Secret(error),
        })
    })
}

/// Returns an account's secret in hexadecimal.
///
/// # Errors
/// [`Reason::Uri`] with what is wrong.
pub(super) fn hex_secret(text: &str) -> Result<SecretBytes, Reason> {
    match hex(text) {
        Some(secret) if secret.is_empty() => Err(Reason::Uri(UriError::NoSecret)),
        Some(secret) => Ok(secret),
        None => Err(Reason::Uri(UriError::NotHex)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_in_both_alphabets_with_and_without_padding() {
        for text in ["+/8=", "-_8", " +/\r\n8= "] {
            assert_eq!(base64(text).unwrap().expose(), b"\xfb\xff");
        }
        assert_eq!(base64("+*8="), None);
        assert!(base64("").unwrap().is_empty());
    }

    #[test]
    fn hexadecimal_has_pairs_of_digits() {
        assert_eq!(hex("0aF f").unwrap().expose(), b"\x0a\xff");
        assert_eq!(hex("0af"), None);
        assert_eq!(hex("0g"), None);
        assert_eq!(hex_secret(""), Err(Reason::Uri(UriError::NoSecret)));
    }
}
