//! Icons of other apps, as the vault keeps them: a name, or a small picture as a `data:` address (RFC 2397).

use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{ImageFormat, ImageReader, Limits};

use crate::import::Icon;

/// What a picture may take in the vault, in bytes: names are opened at every unlock.
const MOST_BYTES: usize = 12 * 1024;

/// What a picture is made smaller to, in pixels.
const SIDE: u32 = 48;

/// The largest picture that is decoded, in pixels of a side.
const MOST_SIDE: u32 = 4096;

/// Returns what the vault keeps of an icon; `None` when it cannot be made small enough.
pub(super) fn text(icon: Icon) -> Option<String> {
    match icon {
        Icon::Named(name) => Some(name).filter(|name| !name.is_empty() && name.len() <= 256),
        Icon::Picture(picture) => {
            let bytes = picture.expose();
            let kind = kind(bytes)?;
            if bytes.len() <= MOST_BYTES {
                return Some(address(kind, bytes));
            }
            smaller(bytes).filter(|small| small.len() <= MOST_BYTES).map(|small| address("png", &small))
        }
    }
}

fn address(kind: &str, bytes: &[u8]) -> String {
    format!("data:image/{kind};base64,{}", STANDARD.encode(bytes))
}

fn kind(bytes: &[u8]) -> Option<&'static str> {
    let text = bytes.trim_ascii_start();
    Some(match bytes {
        [0x89, b'P', b'N', b'G', ..] => "png",
        [0xff, 0xd8, 0xff, ..] => "jpeg",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "webp",
        _ if text.starts_with(b"<svg") || text.starts_with(b"<?xml") => "svg+xml",
        _ => return None,
    })
}

fn smaller(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MOST_SIDE), Some(MOST_SIDE));
    limits.max_alloc = Some(64 << 20);
    reader.limits(limits);
    let mut small = Cursor::new(Vec::new());
    // The decoders are written to be safe on any input; should one panic all the same, the icon is left out.
    let decoded = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| reader.decode().ok())).ok()??;
    decoded.thumbnail(SIDE, SIDE).write_to(&mut small, ImageFormat::Png).ok()?;
    Some(small.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::SecretBytes;

    /// Noise, which no format makes small.
    fn noise(side: u32) -> Vec<u8> {
        let picture = image::RgbaImage::from_fn(side, side, |x, y| {
            let n = x
                .wrapping_mul(2_654_435_761)
                .wrapping_add(y.wrapping_mul(40_503))
                .wrapping_mul(2_246_822_519);
            image::Rgba(n.to_be_bytes())
        });
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    fn picture(bytes: &[u8]) -> Option<String> {
        text(Icon::Picture(SecretBytes::from(bytes)))
    }

    #[test]
    fn a_small_picture_is_kept_as_it_is_and_a_large_one_made_smaller() {
        let small = noise(16);
        assert_eq!(picture(&small), Some(address("png", &small)));
        let large = noise(256);
        assert!(large.len() > MOST_BYTES);
        let kept = picture(&large).unwrap();
        assert!(kept.starts_with("data:image/png;base64,") && kept.len() < 20 * 1024);
    }

    #[test]
    fn what_is_no_picture_is_left_out() {
        assert_eq!(picture(b"text"), None);
        assert_eq!(picture(&noise(256)[..20_000]), None);
        assert_eq!(picture(b" <svg></svg>").as_deref(), Some("data:image/svg+xml;base64,IDxzdmc+PC9zdmc+"));
        assert_eq!(text(Icon::Named(String::new())), None);
    }
}
