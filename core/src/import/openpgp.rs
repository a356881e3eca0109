//! Messages sealed by OpenPGP (RFC 9580): known, so that they are not taken for damage, and never opened.

/// Tells whether `bytes` begin an encrypted message, in letters or as it is.
pub(super) fn is_message(bytes: &[u8]) -> bool {
    const ARMOR: &[u8] = b"-----BEGIN PGP MESSAGE-----";
    bytes.trim_ascii_start().starts_with(ARMOR) || begins_with_key(bytes)
}

/// Tells whether the first packet holds a session key, section 5.1 and 5.3: tag, length, and its version.
fn begins_with_key(bytes: &[u8]) -> bool {
    // Tag 1 is sealed for a public key, tag 3 by a passphrase; in the older form of packets and in the newer one.
    let (tag, body) = match bytes {
        [first @ (0x84 | 0x8c), len, body @ ..] if body.len() >= usize::from(*len) => {
            (first >> 2 & 0xf, body)
        }
        [first @ (0x85 | 0x8d), high, low, body @ ..]
            if body.len() >= usize::from(u16::from_be_bytes([*high, *low])) =>
        {
            (first >> 2 & 0xf, body)
        }
        [first @ (0xc1 | 0xc3), len @ ..192, body @ ..] if body.len() >= usize::from(*len) => {
            (first & 0x3f, body)
        }
        // A length of two bytes, from 192 on.
        [first @ (0xc1 | 0xc3), 192..224, _, body @ ..] if body.len() >= 192 => (first & 0x3f, body),
        _ => return false,
    };
    match (tag, body) {
        // Version 3, a key id of 8 bytes, RSA or Elgamal or a curve.
        (1, [3, _, _, _, _, _, _, _, _, 1 | 2 | 16 | 18 | 25 | 26, ..]) => true,
        (1, [6, ..]) => true,
        // Version, cipher, and how the passphrase is salted.
        (3, [4, 1..=13, 0 | 1 | 3 | 4, ..]) => true,
        (3, [5 | 6, ..]) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The beginnings of what `gpg --encrypt` and `gpg --symmetric` of GnuPG 2.2 write, with and without `--armor`.
    #[test]
    fn messages_are_known_in_letters_and_in_bytes() {
        assert!(is_message(b"\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQ"));
        let mut for_key = vec![0x85, 0x01, 0x0c, 3, 1, 2, 3, 4, 5, 6, 7, 8, 1];
        for_key.resize(400, 7);
        assert!(is_message(&for_key));
        let by_passphrase = [0x8c, 0x0d, 4, 9, 3, 2, 1, 2, 3, 4, 5, 6, 7, 8, 0xf0, 0xd2, 0x40];
        assert!(is_message(&by_passphrase));
    }

    #[test]
    fn other_bytes_are_no_message() {
        for bytes in
            [&b""[..], b"\x85", b"-----BEGIN PGP PUBLIC KEY BLOCK-----", &[0x8c, 0x0d, 4, 9, 3, 2, 1]]
        {
            assert!(!is_message(bytes));
        }
        assert!(!is_message(&[0x85; 400]));
    }
}
