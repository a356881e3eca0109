//! Codes in picture files.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod qr_drawing;

use std::io::Cursor;

use authenticator_core::qr::{Found, read_image};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{Nearest, replace, resize};
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, ImageEncoder, ImageFormat, Luma, LumaA};
use qr_drawing::{TEXT, draw, noise};

fn encode(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
    bytes
}

#[track_caller]
fn check_texts(bytes: &[u8], expected: &[&str]) -> Vec<Found> {
    let mut found = read_image(bytes, &|| false).unwrap().found;
    found.sort_by(|a, b| a.text.cmp(&b.text));
    assert_eq!(found.iter().filter_map(|code| code.text.as_deref()).collect::<Vec<_>>(), expected);
    found
}

#[test]
fn every_format_is_read() {
    let code = DynamicImage::ImageLuma8(draw(TEXT, 4)).to_rgb8();
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif, ImageFormat::Bmp]
    {
        check_texts(&encode(&code.clone().into(), format), &[TEXT]);
    }
}

#[test]
fn every_kind_of_pixel_is_read() {
    let code = DynamicImage::ImageLuma8(draw(TEXT, 4));
    let kinds: [DynamicImage; 6] = [
        code.to_luma16().into(),
        code.to_luma_alpha8().into(),
        code.to_rgb8().into(),
        code.to_rgb16().into(),
        code.to_rgba8().into(),
        code.to_rgba16().into(),
    ];
    for picture in kinds {
        check_texts(&encode(&picture, ImageFormat::Png), &[TEXT]);
    }
}

#[test]
fn a_transparent_background_is_white() {
    let code = draw(TEXT, 4);
    // Black all over, transparent where the code is light.
    let clear = image::GrayAlphaImage::from_fn(code.width(), code.height(), |x, y| {
        LumaA([0, 255 - code.get_pixel(x, y).0[0]])
    });
    check_texts(&encode(&clear.into(), ImageFormat::Png), &[TEXT]);
}

/// A JPEG that says how it is to be turned (EXIF tag 0x0112).
fn jpeg(picture: &GrayImage, orientation: Orientation) -> Vec<u8> {
    let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([orientation.to_exif(), 0, 0, 0, 0, 0, 0, 0]);
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 90);
    encoder.set_exif_metadata(exif).unwrap();
    encoder.encode_image(picture).unwrap();
    bytes
}

#[test]
fn corners_are_those_of_the_picture_as_it_is_shown() {
    let code = draw(TEXT, 4);
    let mut stored = GrayImage::from_pixel(300, 200, Luma([255]));
    replace(&mut stored, &code, 5, 20);
    let mut seen = Vec::new();
    for value in 1..=8 {
        let orientation = Orientation::from_exif(value).unwrap();
        let mut shown = DynamicImage::ImageLuma8(stored.clone());
        shown.apply_orientation(orientation);
        // What a viewer shows, saved as it is, is the oracle.
        let expected = check_texts(&encode(&shown, ImageFormat::Png), &[TEXT]);
        let found = check_texts(&jpeg(&stored, orientation), &[TEXT]);
        for (corner, expected) in found[0].corners.iter().zip(expected[0].corners) {
            assert!((corner.0 - expected.0).hypot(corner.1 - expected.1) < 1.0, "orientation {value}");
        }
        seen.push(expected[0].corners[0]);
    }
    // The control: every orientation puts the first corner elsewhere.
    for (i, corner) in seen.iter().enumerate() {
        assert!(seen[..i].iter().all(|other| (corner.0 - other.0).hypot(corner.1 - other.1) > 5.0));
    }
}

#[test]
fn a_large_picture_gives_up_its_large_code_and_its_small_one() {
    let mut picture = GrayImage::from_pixel(3_000, 2_000, Luma([255]));
    let large = resize(&draw("large", 8), 1_400, 1_400, Nearest);
    replace(&mut picture, &large, 50, 300);
    replace(&mut picture, &draw("small", 2), 2_500, 1_000);
    let found = check_texts(&encode(&picture.into(), ImageFormat::Png), &["large", "small"]);
    // Version 1: 21 modules and 4 around them.
    let [large, small] = [&found[0].corners, &found[1].corners];
    let module = 1_400.0 / 29.0;
    let off = |corner: (f32, f32), x: f32, y: f32| (corner.0 - x).hypot(corner.1 - y);
    assert!(off(large[0], 50.0 + 4.0 * module, 300.0 + 4.0 * module) < 8.0);
    assert!(off(small[2], 2_500.0 + 50.0, 1_000.0 + 50.0) < 2.0);
}

#[test]
fn a_picture_without_a_code_has_run_every_stage_that_fits() {
    let scan = read_image(&encode(&noise(320, 240).into(), ImageFormat::Png), &|| false).unwrap();
    // Not those for large pictures, nor the one that shrinks to 640 pixels.
    assert_eq!((scan.found.len(), scan.stopped, scan.stages, scan.found_by), (0, false, 17, None));
}

#[test]
fn a_stopped_reading_says_so() {
    let scan = read_image(&encode(&draw(TEXT, 4).into(), ImageFormat::Png), &|| true).unwrap();
    assert_eq!((scan.found.len(), scan.stopped, scan.stages), (0, true, 0));
}
