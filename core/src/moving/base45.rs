//! Base45, RFC 9285: bytes in the 45 characters that a QR code packs into eleven bits a pair.

const ALPHABET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

pub(super) fn encode(bytes: &[u8], to: &mut String) {
    let mut push = |mut n: u32, count: usize| {
        for _ in 0..count {
            to.push(char::from(ALPHABET[(n % 45) as usize]));
            n /= 45;
        }
    };
    for pair in bytes.chunks(2) {
        match pair {
            [a, b] => push(u32::from(*a) * 256 + u32::from(*b), 3),
            [a] => push(u32::from(*a), 2),
            _ => {}
        }
    }
}

/// Returns the bytes; `None` for a character, a length or a group that no bytes give.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = text
        .bytes()
        .map(|c| ALPHABET.iter().position(|known| *known == c).map(|n| n as u32))
        .collect::<Option<_>>()?;
    let mut bytes = Vec::with_capacity(digits.len() / 3 * 2 + 1);
    for group in digits.chunks(3) {
        match group {
            [a, b, c] => bytes.extend_from_slice(&u16::try_from(a + 45 * b + 2025 * c).ok()?.to_be_bytes()),
            [a, b] => bytes.push(u8::try_from(a + 45 * b).ok()?),
            _ => return None,
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9285 sections 4.3 and 4.4.
    #[test]
    fn base45_gives_what_rfc_9285_gives() {
        for (bytes, text) in
            [("AB", "BB8"), ("Hello!!", "%69 VD92EX0"), ("base-45", "UJCLQE7W581"), ("ietf!", "QED8WEX0")]
        {
            let mut encoded = String::new();
            encode(bytes.as_bytes(), &mut encoded);
            assert_eq!(encoded, text);
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()));
        }
        for wrong in ["GGW", ":::", "A", "abc", "ZZ", "ÄBC"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }
}
