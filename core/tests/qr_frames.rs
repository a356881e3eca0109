//! Codes in camera frames: where they are, how they lie, what they say.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod qr_drawing;

use std::cell::Cell;

use authenticator_core::qr::{Found, Frame, QrError, Scan, read_frame};
use image::imageops::{flip_horizontal, invert, rotate90, rotate180, rotate270};
use image::{GrayImage, Luma};
use qr_drawing::{TEXT, draw, noise};
use qrcode::{EcLevel, QrCode};

/// Light modules around a drawn code.
const QUIET: u32 = 4;

/// A frame of `width × height` pixels of one grey with the pictures at their places.
fn place(width: u32, height: u32, grey: u8, pictures: &[(&GrayImage, i64, i64)]) -> GrayImage {
    let mut frame = GrayImage::from_pixel(width, height, Luma([grey]));
    for (picture, x, y) in pictures {
        image::imageops::replace(&mut frame, *picture, *x, *y);
    }
    frame
}

fn scan(picture: &GrayImage) -> Scan {
    let (width, height) = picture.dimensions();
    let frame = Frame::new(picture.as_raw(), width, height, width as usize).unwrap();
    read_frame(&frame, &|| false)
}

#[track_caller]
fn check_texts(picture: &GrayImage, expected: &[&str]) -> Vec<Found> {
    let mut found = scan(picture).found;
    found.sort_by(|a, b| a.text.cmp(&b.text));
    assert_eq!(found.iter().filter_map(|code| code.text.as_deref()).collect::<Vec<_>>(), expected);
    found
}

#[track_caller]
fn check_corners(found: &Found, expected: [(f32, f32); 4], tolerance: f32) {
    for (corner, expected) in found.corners.iter().zip(expected) {
        let off = (corner.0 - expected.0).hypot(corner.1 - expected.1);
        assert!(off <= tolerance, "{corner:?} is {off} from {expected:?}");
    }
}

/// The corners of a code drawn with `module` pixels per module, in pixels of its drawing.
fn drawn_corners(drawing: &GrayImage, module: u32) -> [(f32, f32); 4] {
    let near = (QUIET * module) as f32;
    let far = drawing.width() as f32 - near;
    [(near, near), (far, near), (far, far), (near, far)]
}

#[test]
fn a_code_is_found_with_its_text_bytes_and_corners() {
    let code = draw(TEXT, 4);
    let frame = place(640, 480, 255, &[(&code, 100, 50)]);
    let found = check_texts(&frame, &[TEXT]);
    assert_eq!(found[0].bytes, TEXT.as_bytes());
    let expected = drawn_corners(&code, 4).map(|(x, y)| (x + 100.0, y + 50.0));
    check_corners(&found[0], expected, 1.0);
}

#[test]
fn corners_keep_their_order_however_the_code_is_turned() {
    let code = draw(TEXT, 5);
    let [tl, tr, br, bl] = drawn_corners(&code, 5);
    let turned: [(&str, GrayImage, _); 4] = [
        ("upright", code.clone(), [tl, tr, br, bl]),
        ("a quarter", rotate90(&code), [tr, br, bl, tl]),
        ("half", rotate180(&code), [br, bl, tl, tr]),
        ("three quarters", rotate270(&code), [bl, tl, tr, br]),
    ];
    for (how, picture, expected) in turned {
        let found = scan(&picture).found;
        assert_eq!(found.len(), 1, "{how}");
        check_corners(&found[0], expected, 1.0);
    }
}

#[test]
fn a_code_seen_from_its_back_is_read_and_its_corners_are_its_own() {
    let code = draw(TEXT, 5);
    let found = check_texts(&flip_horizontal(&code), &[TEXT]);
    let [tl, tr, br, bl] = drawn_corners(&code, 5);
    check_corners(&found[0], [tr, tl, bl, br], 1.0);
}

#[test]
fn corners_of_a_slanted_code_follow_the_slant() {
    // Version 1 has no alignment pattern: its fourth corner follows from the edges.
    for payload in ["JBSWY3DP", TEXT] {
        let code = draw(payload, 10);
        let corner = |(x, y): (f32, f32)| slant(x, y);
        let slanted = GrayImage::from_fn(700, 700, |x, y| {
            let (from_x, from_y) = straighten(x as f32 + 0.5, y as f32 + 0.5);
            let is_inside = from_x >= 0.0 && from_y >= 0.0;
            let pixel = is_inside.then(|| code.get_pixel_checked(from_x as u32, from_y as u32)).flatten();
            pixel.copied().unwrap_or(Luma([255]))
        });
        let found = check_texts(&slanted, &[payload]);
        check_corners(&found[0], drawn_corners(&code, 10).map(corner), 5.0);
        // The control: a parallelogram over the other three corners is further off.
        let [tl, tr, br, bl] = found[0].corners;
        let flat = (tr.0 + bl.0 - tl.0, tr.1 + bl.1 - tl.1);
        assert!((flat.0 - br.0).hypot(flat.1 - br.1) > 10.0);
    }
}

/// A view from the side: what is further right and down is further away.
fn slant(x: f32, y: f32) -> (f32, f32) {
    let depth = 1.0 + (x + y) / 4_000.0;
    ((x + 60.0) / depth, (y + 30.0) / depth)
}

/// The inverse of [`slant`].
fn straighten(u: f32, v: f32) -> (f32, f32) {
    // u · depth = x + 60, v · depth = y + 30, depth = 1 + (x + y) / 4000.
    let depth = (1.0 - 90.0 / 4_000.0) / (1.0 - (u + v) / 4_000.0);
    (u * depth - 60.0, v * depth - 30.0)
}

#[test]
fn every_code_in_a_frame_is_found_once() {
    let texts = ["first", "second", "third and longer than the others by far", TEXT];
    let codes = texts.map(|text| draw(text, 4));
    let places = [(10, 10), (300, 20), (20, 240), (300, 220)];
    let pictures: Vec<_> = codes.iter().zip(places).map(|(code, (x, y))| (code, x, y)).collect();
    let frame = place(640, 480, 255, &pictures);
    let mut expected = texts;
    expected.sort_unstable();
    check_texts(&frame, &expected);
}

#[test]
fn the_same_text_twice_is_two_codes() {
    let code = draw("twice", 4);
    check_texts(&place(640, 480, 255, &[(&code, 10, 10), (&code, 300, 200)]), &["twice", "twice"]);
}

#[test]
fn white_on_black_is_read() {
    let mut code = draw(TEXT, 4);
    invert(&mut code);
    check_texts(&place(400, 300, 0, &[(&code, 20, 20)]), &[TEXT]);
}

#[test]
fn low_contrast_is_read() {
    let mut code = draw(TEXT, 4);
    for pixel in code.pixels_mut() {
        pixel.0[0] = if pixel.0[0] == 0 { 110 } else { 140 };
    }
    check_texts(&place(400, 300, 140, &[(&code, 20, 20)]), &[TEXT]);
}

#[test]
fn a_dense_code_like_a_large_export_is_read() {
    // Ten accounts in one migration code come to some 1,100 characters of base64.
    let payload: String = (0..1_100_u32).map(|i| char::from(b'a' + (i * i % 23) as u8)).collect();
    let dense = format!("otpauth-migration://offline?data={payload}");
    let code = draw(&dense, 3);
    assert_eq!(code.width(), 3 * (129 + 2 * QUIET), "version 28");
    check_texts(&place(640, 480, 255, &[(&code, 5, 5)]), &[&dense]);
}

#[test]
fn binary_payloads_are_exact_and_are_no_text() {
    let bytes: Vec<u8> = (0..=255).collect();
    let found = scan(&draw(&bytes, 4)).found;
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0].bytes, &found[0].text), (&bytes, &None));
}

#[test]
fn a_named_character_set_is_obeyed() {
    // Extended channel interpretation 3 is ISO 8859-1: these bytes would be "é" in UTF-8.
    let mut bits = qrcode::bits::Bits::new(qrcode::Version::Normal(2));
    bits.push_eci_designator(3).unwrap();
    bits.push_byte_data(&[0xc3, 0xa9]).unwrap();
    bits.push_terminator(EcLevel::M).unwrap();
    let code = QrCode::with_bits(bits, EcLevel::M).unwrap();
    check_texts(&code.render::<Luma<u8>>().module_dimensions(4, 4).build(), &["Ã©"]);
}

#[test]
fn utf_8_is_read_without_being_named() {
    check_texts(&draw("Müller 🔑 測試", 4), &["Müller 🔑 測試"]);
}

#[test]
fn micro_qr_is_not_reported() {
    let code = QrCode::with_version(b"12345", qrcode::Version::Micro(2), EcLevel::L).unwrap();
    check_texts(&code.render::<Luma<u8>>().module_dimensions(8, 8).build(), &[]);
}

/// A frame with padded rows, as cameras give them.
const STORED: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/qr/frame_160x120_stride_192.luma");

#[test]
fn rows_may_be_further_apart_than_they_are_long() {
    let stored = &std::fs::read(STORED).unwrap();
    let frame = Frame::new(stored, 160, 120, 192).unwrap();
    let found = read_frame(&frame, &|| false).found;
    assert_eq!(found.iter().map(|code| code.text.as_deref()).collect::<Vec<_>>(), [Some("strided")]);
    // The control: read as if rows were 160 bytes apart, the same bytes hold no code.
    let skewed = Frame::new(stored, 160, 120, 160).unwrap();
    assert_eq!(read_frame(&skewed, &|| false).found, []);
}

/// `KLINK_DRAW=1` writes the stored frame anew.
#[test]
fn the_stored_frame_is_what_the_generator_draws() {
    let frame = place(160, 120, 200, &[(&draw("strided", 3), 30, 10)]);
    let padding = noise(32, 120);
    let mut drawn = Vec::new();
    for (row, noise) in frame.as_raw().chunks(160).zip(padding.as_raw().chunks(32)) {
        drawn.extend_from_slice(row);
        drawn.extend_from_slice(noise);
    }
    // The last row needs no padding.
    drawn.truncate(192 * 119 + 160);
    if std::env::var_os("KLINK_DRAW").is_some() {
        std::fs::write(STORED, &drawn).unwrap();
    }
    assert!(std::fs::read(STORED).unwrap() == drawn);
}

#[track_caller]
fn check_refused(len: usize, width: u32, height: u32, stride: usize, expected: QrError) {
    assert_eq!(Frame::new(&vec![0; len], width, height, stride).err(), Some(expected));
}

#[test]
fn a_buffer_one_byte_short_is_refused() {
    assert!(Frame::new(&[0; 192 * 119 + 160], 160, 120, 192).is_ok());
    let needed = 192 * 119 + 160;
    check_refused(needed - 1, 160, 120, 192, QrError::Short { len: needed - 1, needed });
}

#[test]
fn rows_that_overlap_are_refused() {
    check_refused(1_000, 100, 10, 99, QrError::Stride { stride: 99, width: 100 });
}

#[test]
fn a_frame_without_pixels_is_refused() {
    check_refused(10, 0, 10, 10, QrError::Empty);
    check_refused(10, 10, 0, 10, QrError::Empty);
}

#[test]
fn a_frame_of_too_many_pixels_is_refused_whatever_its_length() {
    let (width, height) = (u32::MAX, u32::MAX);
    check_refused(0, width, height, usize::MAX, QrError::TooManyPixels { width, height });
}

#[test]
fn a_stride_that_overflows_is_refused() {
    check_refused(100, 10, 10, usize::MAX, QrError::Short { len: 100, needed: usize::MAX });
}

#[test]
fn a_pixel_is_a_frame_without_a_code() {
    let frame = Frame::new(&[0], 1, 1, 1).unwrap();
    assert_eq!(read_frame(&frame, &|| false), Scan::default());
}

/// How a reading of noise ends when the stop check says yes after `allowed` questions.
fn stopped_after(allowed: usize) -> (Scan, usize) {
    let picture = noise(640, 480);
    let asked = Cell::new(0);
    let stop = || {
        asked.set(asked.get() + 1);
        asked.get() > allowed
    };
    let scan = read_frame(&Frame::new(picture.as_raw(), 640, 480, 640).unwrap(), &stop);
    (scan, asked.get())
}

#[test]
fn a_frame_of_noise_ends_at_the_stop_check() {
    // The control: left alone, every stage runs, and the check is asked within them too.
    let (all, questions) = stopped_after(usize::MAX);
    assert_eq!((all.found.len(), all.stopped, all.stages), (0, false, 5));
    assert!(questions > 5 * all.stages, "asked {questions} times");
    let mut stages = 0;
    for allowed in 0..questions {
        let (scan, asked) = stopped_after(allowed);
        assert_eq!((scan.found.len(), scan.stopped, asked), (0, true, allowed + 1));
        assert!(scan.stages >= stages && scan.stages <= all.stages);
        stages = scan.stages;
        if allowed == 0 {
            assert_eq!(scan.stages, 0);
        }
    }
}
