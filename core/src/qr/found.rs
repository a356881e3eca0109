//! What one code says and where it is; and when two findings are the same code.

/// One QR code.
#[derive(Clone, PartialEq)]
pub struct Found {
    /// What it says, when that is text: UTF-8, a character set the code names (ECI), or Shift JIS, GB 18030
    /// and ISO 8859-1 when the bytes read as such without control characters.
    pub text: Option<String>,
    /// The payload's bytes as they are in the code, exact for binary payloads too.
    pub bytes: Vec<u8>,
    /// Top left, top right, bottom right, bottom left of the code itself (`x`, `y` in pixels), however the
    /// code is turned in the picture. Outer corners, without the quiet zone; they may lie just outside.
    pub corners: [(f32, f32); 4],
}

impl std::fmt::Debug for Found {
    /// Prints no payload: it may be a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Found")
            .field("bytes", &self.bytes.len())
            .field("is_text", &self.text.is_some())
            .field("corners", &self.corners)
            .finish()
    }
}

/// Adds what is new in `more`: the same payload in the same place is one code.
pub(super) fn merge(found: &mut Vec<Found>, more: Vec<Found>) {
    for code in more {
        if !found.iter().any(|known| known.bytes == code.bytes && overlap(known, &code)) {
            found.push(code);
        }
    }
}

fn overlap(a: &Found, b: &Found) -> bool {
    is_inside(middle(a), b) || is_inside(middle(b), a)
}

fn middle(code: &Found) -> (f32, f32) {
    let (x, y) = code.corners.iter().fold((0.0, 0.0), |(x, y), corner| (x + corner.0, y + corner.1));
    (x / 4.0, y / 4.0)
}

/// Whether a point lies in the upright rectangle around a code.
fn is_inside((x, y): (f32, f32), code: &Found) -> bool {
    let range = |of: fn(&(f32, f32)) -> f32| {
        let values = code.corners.iter().map(of);
        values.clone().fold(f32::INFINITY, f32::min)..=values.fold(f32::NEG_INFINITY, f32::max)
    };
    range(|corner| corner.0).contains(&x) && range(|corner| corner.1).contains(&y)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: f32, y: f32, bytes: &[u8]) -> Found {
        let corners = [(x, y), (x + 10.0, y), (x + 10.0, y + 10.0), (x, y + 10.0)];
        Found { text: None, bytes: bytes.to_vec(), corners }
    }

    #[track_caller]
    fn check(more: Found, expected: usize) {
        let mut found = vec![at(0.0, 0.0, b"a")];
        merge(&mut found, vec![more]);
        assert_eq!(found.len(), expected);
    }

    #[test]
    fn the_same_payload_in_the_same_place_is_one_code() {
        check(at(1.0, 1.0, b"a"), 1);
    }

    #[test]
    fn the_same_payload_elsewhere_is_a_second_code() {
        check(at(11.0, 0.0, b"a"), 2);
    }

    #[test]
    fn another_payload_in_the_same_place_is_a_second_code() {
        check(at(1.0, 1.0, b"b"), 2);
    }

    #[test]
    fn debug_output_holds_no_payload() {
        let code = Found { text: Some("JBSWY3DP".into()), ..at(0.0, 0.0, b"JBSWY3DP") };
        assert!(!format!("{code:?}").contains("JBSW"));
    }
}
