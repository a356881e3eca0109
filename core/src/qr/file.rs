//! Picture files: the header is judged before a pixel is decoded.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use super::{QrError, check_size};

/// The most memory that decoding may take, in bytes: 256 MiB.
const MAX_MEMORY: u64 = 256 << 20;

const FORMATS: [ImageFormat; 5] =
    [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif, ImageFormat::Bmp];

/// Returns the first picture in a file, grey, upright, on white where it is transparent.
pub(super) fn open(bytes: &[u8]) -> Result<GrayImage, QrError> {
    // The decoders are written to be safe on any input; should one panic all the same, the file is damaged.
    catch_unwind(AssertUnwindSafe(|| decode(bytes))).unwrap_or(Err(QrError::Damaged))
}

fn decode(bytes: &[u8]) -> Result<GrayImage, QrError> {
    let mut reader =
        ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| QrError::Format)?;
    let format = reader.format().filter(|format| FORMATS.contains(format)).ok_or(QrError::Format)?;
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().map_err(error)?;
    let (width, height) = decoder.dimensions();
    check_size(width, height)?;
    let pixels = u64::from(width) * u64::from(height);
    let decoded = decoder.total_bytes();
    let grey = if decoder.color_type().has_alpha() { 2 } else { 1 };
    let working = pixels.saturating_mul(working_bytes(format, bytes).max(grey));
    if decoded.saturating_add(working) > MAX_MEMORY {
        return Err(QrError::TooMuchMemory);
    }
    limits.max_alloc = Some(MAX_MEMORY - decoded);
    decoder.set_limits(limits).map_err(error)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::ImageLuma8(on_white(DynamicImage::from_decoder(decoder).map_err(error)?));
    image.apply_orientation(orientation);
    Ok(image.into_luma8())
}

/// Returns how many bytes per pixel a decoder keeps besides its result, at most.
fn working_bytes(format: ImageFormat, bytes: &[u8]) -> u64 {
    match format {
        ImageFormat::Jpeg => coefficient_bytes(bytes),
        ImageFormat::WebP | ImageFormat::Gif => 4,
        _ => 0,
    }
}

/// Returns how many bytes per pixel a JPEG's coefficients take (ITU-T T.81, annex B): two for each component
/// when the picture comes in several scans, which all must be kept until the last; else none.
fn coefficient_bytes(bytes: &[u8]) -> u64 {
    const MOST: u64 = 2 * 4;
    let mut components = None;
    let mut rest = bytes.get(2..).unwrap_or_default();
    while let [0xff, marker, after @ ..] = rest {
        match marker {
            // A fill byte before the marker.
            0xff => {
                rest = &rest[1..];
                continue;
            }
            // Start of frame, one pass over the picture: length, precision, height, width, components.
            0xc0 | 0xc1 => components = after.get(7),
            0xc4 | 0xc8 | 0xcc => {}
            0xc2..=0xcf => return MOST,
            // Start of scan: length, components.
            0xda => return if components.is_some() && components == after.get(2) { 0 } else { MOST },
            _ => {}
        }
        let [high, low, ..] = after else { return MOST };
        rest = after.get(usize::from(u16::from_be_bytes([*high, *low]))..).unwrap_or_default();
    }
    MOST
}

/// Grey, laid on white: a code saved with a transparent background has black "under" it.
fn on_white(image: DynamicImage) -> GrayImage {
    if !image.color().has_alpha() {
        return image.into_luma8();
    }
    let image = image.into_luma_alpha8();
    let pixels = image.pixels().map(|pixel| {
        let [grey, alpha] = pixel.0.map(u32::from);
        ((grey * alpha + 255 * (255 - alpha)) / 255) as u8
    });
    GrayImage::from_raw(image.width(), image.height(), pixels.collect()).expect("one grey value per pixel")
}

fn error(error: ImageError) -> QrError {
    match error {
        ImageError::Limits(_) => QrError::TooMuchMemory,
        ImageError::Unsupported(_) => QrError::Format,
        ImageError::Decoding(_)
        | ImageError::Encoding(_)
        | ImageError::Parameter(_)
        | ImageError::IoError(_) => QrError::Damaged,
    }
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    /// A JPEG's first bytes, with another marker in the place of its start of frame.
    fn jpeg(frame: u8) -> Vec<u8> {
        let mut bytes = Vec::new();
        let image = image::RgbImage::from_pixel(8, 8, Rgb([200, 100, 0]));
        image.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Jpeg).unwrap();
        let at = bytes.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
        bytes[at + 1] = frame;
        bytes
    }

    #[test]
    fn a_jpeg_in_one_scan_needs_no_coefficients() {
        assert_eq!(coefficient_bytes(&jpeg(0xc0)), 0);
    }

    #[test]
    fn a_progressive_jpeg_keeps_its_coefficients() {
        assert_eq!(coefficient_bytes(&jpeg(0xc2)), 8);
    }

    #[test]
    fn a_jpeg_whose_first_scan_lacks_a_component_keeps_its_coefficients() {
        let mut bytes = jpeg(0xc0);
        let at = bytes.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap();
        bytes[at + 4] = 1;
        assert_eq!(coefficient_bytes(&bytes), 8);
    }

    #[test]
    fn what_cannot_be_told_counts_as_the_worst() {
        let bytes = jpeg(0xc0);
        let scan = bytes.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap();
        for end in 0..scan {
            assert_eq!(coefficient_bytes(&bytes[..end]), 8, "cut at {end}");
        }
    }
}
