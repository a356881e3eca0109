//! Camera frames, beside rqrr and the limit in the same run: `cargo bench -p authenticator-core --bench qr`.
#![allow(clippy::unwrap_used, reason = "a bench that cannot go on fails")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use authenticator_core::qr::{Frame, read_frame};
use criterion::{Criterion, criterion_group, criterion_main};
use image::imageops::{Triangle, blur, resize};
use image::{GrayImage, Luma};
use qrcode::QrCode;
use rqrr::PreparedImage;

const TEXT: &str = "otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXP&issuer=Example";

/// What a camera that gives 30 frames a second leaves for one, with as much again for everything else.
const LIMIT: Duration = Duration::from_millis(15);

/// A frame of 640 × 480 pixels: a code turned by so many degrees, `side` pixels wide, out of focus by `sigma`
/// pixels, with noise of ±`noise`; on grey, as a wall is.
fn frame(degrees: f32, side: u32, sigma: f32, noise: u8) -> GrayImage {
    let code = QrCode::new(TEXT).unwrap().render::<Luma<u8>>().module_dimensions(8, 8).build();
    let code = resize(&code, side, side, Triangle);
    let (sin, cos) = degrees.to_radians().sin_cos();
    let middle = side as f32 / 2.0;
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let sharp = GrayImage::from_fn(640, 480, |x, y| {
        let (x, y) = (x as f32 - 320.0, y as f32 - 240.0);
        let (from_x, from_y) = (x * cos + y * sin + middle, y * cos - x * sin + middle);
        let is_inside = from_x >= 0.0 && from_y >= 0.0;
        let pixel = is_inside.then(|| code.get_pixel_checked(from_x as u32, from_y as u32)).flatten();
        Luma([pixel.map_or(150, |pixel| 40 + pixel.0[0] / 2)])
    });
    let mut seen = if sigma > 0.0 { blur(&sharp, sigma) } else { sharp };
    for pixel in seen.pixels_mut() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let change = (state >> 40) as i32 % (2 * i32::from(noise) + 1) - i32::from(noise);
        pixel.0[0] = (i32::from(pixel.0[0]) + change).clamp(0, 255) as u8;
    }
    seen
}

/// How many codes we find in it.
fn ours(frame: &GrayImage) -> usize {
    let (width, height) = frame.dimensions();
    let frame = Frame::new(frame.as_raw(), width, height, width as usize).unwrap();
    read_frame(&frame, &|| false).found.len()
}

/// How many codes rqrr reads in it.
fn peer(frame: &GrayImage) -> usize {
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    let pixels = frame.as_raw();
    let mut prepared = PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x]);
    prepared.detect_grids().iter().filter(|grid| grid.decode().is_ok()).count()
}

fn one_frame(c: &mut Criterion) {
    let kinds = [
        ("a code, upright and sharp", frame(0.0, 300, 0.0, 0)),
        ("a code, turned, soft and noisy", frame(25.0, 260, 1.2, 12)),
        ("no code", frame(0.0, 0, 0.0, 12)),
    ];
    for (kind, frame) in kinds {
        let mut group = c.benchmark_group(format!("frame of 640 x 480: {kind}"));
        group.bench_function("ours", |b| b.iter(|| ours(black_box(&frame))));
        group.bench_function("peer: rqrr 0.11 alone", |b| b.iter(|| peer(black_box(&frame))));
        group.finish();
    }
}

/// Frames of many kinds, each once: what share is read, and the time that 95 of 100 stay under.
fn many_frames(_: &mut Criterion) {
    let mut frames = Vec::new();
    for degrees in [0.0, 10.0, 45.0, 100.0, 200.0] {
        for side in [90, 120, 200, 400] {
            for sigma in [0.0, 0.8, 1.6] {
                for noise in [0, 10, 25] {
                    frames.push(frame(degrees, side, sigma, noise));
                }
            }
        }
    }
    println!("{} frames of 640 x 480, limit {LIMIT:?} at the 95th percentile", frames.len());
    for (name, read) in [("ours", ours as fn(&GrayImage) -> usize), ("peer: rqrr 0.11 alone", peer)] {
        let mut times = Vec::new();
        let mut found = 0;
        for frame in &frames {
            let start = Instant::now();
            found += usize::from(read(frame) > 0);
            times.push(start.elapsed());
        }
        times.sort_unstable();
        let (median, late) = (times[times.len() / 2], times[times.len() * 95 / 100]);
        let share = 100 * found / frames.len();
        let verdict = if late <= LIMIT { "within the limit" } else { "OVER THE LIMIT" };
        println!("{name}: {share} % read, median {median:.2?}, 95th percentile {late:.2?}: {verdict}");
    }
}

criterion_group!(benches, one_frame, many_frames);
criterion_main!(benches);
