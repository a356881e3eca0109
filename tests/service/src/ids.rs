//! Ids, nonces and tokens: random bytes as base64url without padding (RFC 4648 section 5).

use authenticator_core::crypto::random;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;

use crate::Failure;

/// Makes an id of 16 random bytes: 22 characters.
///
/// # Errors
/// [`Failure::Random`].
pub fn make() -> Result<String, Failure> {
    Ok(encode(&random::make_array::<16>()?))
}

/// Makes a token of 32 random bytes: 43 characters. The service stores its [`digest()`] alone.
///
/// # Errors
/// [`Failure::Random`].
pub fn make_token() -> Result<String, Failure> {
    Ok(encode(&random::make_array::<32>()?))
}

/// Returns the SHA-256 of a token, as text: what is stored in its place.
pub fn digest(token: &str) -> String {
    encode(digest::digest(&digest::SHA256, token.as_bytes()).as_ref())
}

/// Prints bytes as base64url without padding.
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Makes a number of exactly `digits` decimal digits, each value as likely as any other.
///
/// # Errors
/// [`Failure::Random`].
pub fn make_number(digits: u32) -> Result<String, Failure> {
    let span = 10u64.pow(digits.min(9));
    loop {
        let value = u64::from(u32::from_be_bytes(random::make_array()?));
        // Values beyond the last whole span would make the small numbers likelier.
        if value < (1 << 32) / span * span {
            return Ok(format!("{:0width$}", value % span, width = digits as usize));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_22_characters_and_a_token_43() {
        assert_eq!((make().unwrap().len(), make_token().unwrap().len()), (22, 43));
    }

    #[test]
    fn numbers_keep_their_leading_zero() {
        let numbers: Vec<String> = (0..500).map(|_| make_number(2).unwrap()).collect();
        assert!(numbers.iter().all(|n| n.len() == 2));
        assert!(numbers.iter().any(|n| n.starts_with('0')));
    }
}
