//! base64url without padding (RFC 4648 section 5), one spelling for each value.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Prints bytes.
pub(super) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads a text; padding, other alphabets and bits left over are refused.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Reads a text of exactly `N` bytes.
pub(super) fn decode_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != (N * 4).div_ceil(3) {
        return None;
    }
    decode(text)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_one_spelling() {
        assert_eq!(decode("_-8"), Some(vec![0xff, 0xef]));
        for other in ["_-8=", "_-9", "/+8", "_-8\n", "_-", " _-8"] {
            assert_ne!(decode(other), Some(vec![0xff, 0xef]), "{other:?}");
        }
        assert_eq!(decode_array::<2>("_-8"), Some([0xff, 0xef]));
        assert_eq!(decode_array::<3>("_-8"), None);
    }
}
