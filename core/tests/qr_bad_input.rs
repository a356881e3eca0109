//! Pictures made to do harm: refused by their header, within the memory limit, never a panic or a wrong text.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod counting;
mod qr_drawing;

use std::cell::Cell;
use std::io::Cursor;

use authenticator_core::qr::{QrError, Scan, read_image};
use counting::peak;
use image::{DynamicImage, ImageFormat};
use qr_drawing::{TEXT, draw, noise};

const FORMATS: [ImageFormat; 5] =
    [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif, ImageFormat::Bmp];

fn encode(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
    bytes
}

/// A small picture of a code.
fn code(format: ImageFormat) -> Vec<u8> {
    encode(&DynamicImage::ImageLuma8(draw(TEXT, 2)).to_rgb8().into(), format)
}

/// A PNG of `side × side` black pixels, of which the first `rows` are there.
fn png(side: u32, color: png::ColorType, depth: png::BitDepth, rows: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side, side);
    encoder.set_color(color);
    encoder.set_depth(depth);
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header().unwrap();
    let row = vec![0; side as usize * color.samples() * if depth == png::BitDepth::Sixteen { 2 } else { 1 }];
    let mut stream = writer.stream_writer().unwrap();
    for _ in 0..rows {
        std::io::Write::write_all(&mut stream, &row).unwrap();
    }
    if rows == side {
        stream.finish().unwrap();
    } else {
        let _ = stream.finish();
    }
    drop(writer);
    bytes
}

/// Reads at no more than `most` bytes.
#[track_caller]
fn check_refused(bytes: &[u8], expected: QrError, most: usize) {
    let (result, peak) = peak(|| read_image(bytes, &|| false));
    assert_eq!(result, Err(expected));
    assert!(peak <= most, "{peak} bytes were held");
}

#[test]
fn a_small_file_that_asks_for_20_000_by_20_000_pixels_is_refused_before_it_takes_memory() {
    let bytes = png(20_000, png::ColorType::Grayscale, png::BitDepth::Eight, 20_000);
    assert!(bytes.len() < 500_000, "{} bytes", bytes.len());
    check_refused(&bytes, QrError::TooManyPixels { width: 20_000, height: 20_000 }, 1 << 20);
    // The control: the same bytes, smaller, are a picture like any other.
    let small = png(200, png::ColorType::Grayscale, png::BitDepth::Eight, 200);
    assert!(read_image(&small, &|| false).is_ok_and(|scan| scan.found.is_empty() && scan.stages > 10));
}

/// Overwrites the dimensions in a file of 2-byte numbers.
fn patch(format: ImageFormat, at: usize, dimensions: [[u8; 2]; 2]) -> Vec<u8> {
    let mut bytes = code(format);
    bytes[at..at + 4].copy_from_slice(&dimensions.concat());
    bytes
}

#[test]
fn a_header_of_65_535_by_65_535_pixels_is_refused_before_it_takes_memory() {
    let most = [[0xff; 2]; 2];
    let refused = QrError::TooManyPixels { width: 65_535, height: 65_535 };
    // A JPEG's decoder keeps a copy of the file.
    let frame = code(ImageFormat::Jpeg).windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    check_refused(&patch(ImageFormat::Jpeg, frame + 5, most), refused, 1 << 20);
    check_refused(&patch(ImageFormat::Gif, 6, most), refused, 1 << 20);
    // BMP: two numbers of 4 bytes, from byte 18.
    let mut bmp = code(ImageFormat::Bmp);
    bmp[18..26].copy_from_slice(&[0xff, 0xff, 0, 0, 0xff, 0xff, 0, 0]);
    check_refused(&bmp, refused, 1 << 20);
    // Lossless WebP: 14 bits for each side less one, from byte 21.
    let mut webp = code(ImageFormat::WebP);
    webp[21..24].copy_from_slice(&[0xfe, 0xbf, 0xff]);
    webp[24] |= 0x0f;
    check_refused(&webp, QrError::TooManyPixels { width: 16_383, height: 16_383 }, 1 << 20);
}

/// F09: a reader without a stop check was seen to look at such a picture for minutes.
#[test]
fn noise_of_2560_by_2560_pixels_ends_at_the_stop_check_and_holds_no_code() {
    let bytes = encode(&DynamicImage::ImageLuma8(noise(2_560, 2_560)), ImageFormat::Png);
    let asked = Cell::new(0);
    let stop = || {
        asked.set(asked.get() + 1);
        asked.get() > 100
    };
    let scan = read_image(&bytes, &stop).unwrap();
    assert!(scan.stopped && scan.found.is_empty(), "{scan:?}");
    assert_eq!(asked.get(), 101);
}

#[test]
fn pixels_of_eight_bytes_are_refused_where_there_is_no_memory_for_them() {
    let bytes = png(6_000, png::ColorType::Rgba, png::BitDepth::Sixteen, 1);
    check_refused(&bytes, QrError::TooMuchMemory, 1 << 20);
}

#[test]
fn a_frame_larger_than_its_screen_takes_no_memory() {
    let mut bytes = code(ImageFormat::Gif);
    // The image descriptor: a comma, left, top, width, height.
    let at = bytes.windows(5).position(|window| window == [b',', 0, 0, 0, 0]).unwrap();
    bytes[at + 5..at + 9].fill(0xff);
    let (result, peak) = peak(|| read_image(&bytes, &|| false));
    assert!(matches!(result, Err(QrError::TooMuchMemory | QrError::Damaged)), "{result:?}");
    assert!(peak < 1 << 20, "{peak} bytes were held");
}

#[test]
fn the_largest_pictures_stay_within_256_mib() {
    for (color, side) in [(png::ColorType::Rgb, 7_000), (png::ColorType::Rgba, 6_500)] {
        let bytes = png(side, color, png::BitDepth::Eight, side);
        let (result, peak) = peak(|| read_image(&bytes, &|| true));
        assert!(result.is_ok_and(|scan| scan.stopped));
        assert!(peak <= 256 << 20, "{peak} bytes were held");
        // The control: the counter does see a picture.
        assert!(peak > 100 << 20, "{peak} bytes were counted");
    }
}

#[test]
fn decoding_takes_no_more_than_each_format_is_allowed() {
    let picture = DynamicImage::ImageLuma8(noise(1_000, 1_000)).to_rgb8().into();
    for (format, per_pixel) in FORMATS.into_iter().zip([4, 4, 8, 10, 4]) {
        let bytes = encode(&picture, format);
        let (result, peak) = peak(|| read_image(&bytes, &|| true));
        assert!(result.is_ok());
        let most = per_pixel * 1_000_000 + bytes.len() + 500_000;
        assert!(peak <= most, "{format:?}: {peak} bytes were held");
    }
}

/// Nothing but the right text may come out of a broken file.
fn check_broken(bytes: &[u8], what: &dyn Fn() -> String) -> bool {
    match read_image(bytes, &|| false) {
        Ok(Scan { found, .. }) => {
            for code in &found {
                assert_eq!(code.text.as_deref(), Some(TEXT), "{}", what());
            }
            !found.is_empty()
        }
        Err(error) => {
            assert!(!matches!(error, QrError::Short { .. } | QrError::Stride { .. }), "{}", what());
            false
        }
    }
}

#[test]
fn a_file_cut_short_anywhere_is_no_text_or_the_right_one() {
    for format in FORMATS {
        let bytes = code(format);
        assert!(check_broken(&bytes, &|| format!("{format:?}")), "{format:?} is not read whole");
        for end in (0..bytes.len()).step_by(64) {
            check_broken(&bytes[..end], &|| format!("{format:?} cut at {end}"));
        }
    }
}

#[test]
fn a_file_with_a_changed_byte_is_no_text_or_the_right_one() {
    for format in FORMATS {
        let bytes = code(format);
        // Headers byte by byte, the rest in steps.
        let step = (bytes.len() / 100).max(1);
        for at in (0..bytes.len().min(100)).chain((100..bytes.len()).step_by(step)) {
            let mut bytes = bytes.clone();
            bytes[at] ^= 0xff;
            check_broken(&bytes, &|| format!("{format:?} changed at {at}"));
        }
    }
}

#[track_caller]
fn check_no_picture(bytes: &[u8]) {
    assert_eq!(read_image(bytes, &|| false), Err(QrError::Format));
}

#[test]
fn what_is_no_picture_is_refused_as_such() {
    check_no_picture(b"");
    check_no_picture(b"\0");
    check_no_picture(TEXT.as_bytes());
    check_no_picture(b"%PDF-1.7\n1 0 obj");
    check_no_picture(noise(100, 100).as_raw());
}

#[test]
fn picture_formats_that_are_not_read_are_refused_as_such() {
    check_no_picture(b"II*\0\x08\0\0\0");
    check_no_picture(b"P5 10 10 255\n");
    check_no_picture(b"\0\0\x01\0\x01\0\x10\x10\0\0\x01\0\x20\0\0\0\0\0");
    check_no_picture(b"qoif\0\0\0\x0a\0\0\0\x0a\x03\0");
}

#[test]
fn a_picture_of_one_pixel_holds_no_code() {
    for format in FORMATS {
        let bytes = encode(&DynamicImage::new_rgb8(1, 1), format);
        assert_eq!(read_image(&bytes, &|| false), Ok(Scan::default()), "{format:?}");
    }
}

#[test]
fn a_picture_without_pixels_is_refused() {
    let none = [[0; 2]; 2];
    let frame = code(ImageFormat::Jpeg).windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    let mut bmp = code(ImageFormat::Bmp);
    bmp[18..26].fill(0);
    for bytes in [patch(ImageFormat::Jpeg, frame + 5, none), patch(ImageFormat::Gif, 6, none), bmp] {
        let result = read_image(&bytes, &|| false);
        assert!(matches!(result, Err(QrError::Empty | QrError::Damaged | QrError::Format)), "{result:?}");
    }
}
