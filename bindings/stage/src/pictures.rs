//! What a camera and files bring: one account as a picture and as a frame, an export in two parts, other apps' files.

use authenticator_core::uri::{self, migration};
use axum::http::StatusCode;
use qrcode::QrCode;
use qrcode::types::Color;

/// RFC 6238's secret, for an account whose codes are known.
const ACCOUNT: &str =
    "otpauth://totp/ACME:ann%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=ACME&digits=8";

/// Pixels of a frame's row, and bytes from one row to the next: cameras pad their rows.
const WIDTH: usize = 640;
const HEIGHT: usize = 480;
const STRIDE: usize = 704;

/// Returns the account as a picture file: an SVG is none that can be read, a BMP is the simplest that is.
pub(crate) fn account() -> Vec<u8> {
    let side = 480usize;
    let luma = drawn(side, side, side);
    let mut file = Vec::with_capacity(54 + 1024 + luma.len());
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes();
    file.extend_from_slice(b"BM");
    for part in
        [number(54 + 1024 + luma.len()), [0; 4], number(54 + 1024), number(40), number(side), number(side)]
    {
        file.extend_from_slice(&part);
    }
    // One plane of eight bits, not compressed, 256 greys.
    file.extend_from_slice(&[1, 0, 8, 0]);
    for part in [[0; 4], number(luma.len()), [0; 4], [0; 4], number(256), [0; 4]] {
        file.extend_from_slice(&part);
    }
    file.extend((0..=255u8).flat_map(|grey| [grey, grey, grey, 0]));
    // Rows stand from the bottom up.
    luma.chunks(side).rev().for_each(|row| file.extend_from_slice(row));
    file
}

/// Returns the account as a camera's frame of 640 × 480 with rows 704 bytes apart.
pub(crate) fn frame() -> Vec<u8> {
    drawn(WIDTH, HEIGHT, STRIDE)
}

/// Returns one part of an export of twelve accounts, counted from 1: the first is the account of the picture.
pub(crate) fn export(part: usize) -> Result<String, StatusCode> {
    let others = (1..12).map(|n| {
        let uri = format!(
            "otpauth://totp/Example%20{n}:ann?secret=JBSWY3DPEHPK3PX{}&issuer=Example%20{n}",
            letter(n)
        );
        uri::parse(&uri)
    });
    let all = [uri::parse(ACCOUNT)].into_iter().chain(others).collect::<Result<Vec<_>, _>>();
    let printed = migration::print(&all.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?, 7);
    let part = part.checked_sub(1).and_then(|n| printed.parts.get(n)).ok_or(StatusCode::NOT_FOUND)?;
    Ok(part.expose().to_owned())
}

/// Returns another app's file: the first of the fixture with this name, which is made from the format's description.
pub(crate) fn file(name: &str) -> Result<Vec<u8>, StatusCode> {
    let fixture = fixtures::all().into_iter().find(|fixture| fixture.name == name);
    let source = fixture.and_then(|fixture| fixture.sources.into_iter().next());
    source.map(|(_, bytes)| bytes).ok_or(StatusCode::NOT_FOUND)
}

/// A letter of base 32.
fn letter(n: usize) -> char {
    char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[n % 32])
}

/// Draws the account's code in the middle, white around it.
fn drawn(width: usize, height: usize, stride: usize) -> Vec<u8> {
    let code = QrCode::new(ACCOUNT).expect("the account fits into a code");
    let modules = code.width();
    let (colors, module) = (code.to_colors(), height / (modules + 8));
    let (left, top) = ((width - modules * module) / 2, (height - modules * module) / 2);
    let mut luma = vec![255; stride * height];
    for (n, _) in colors.iter().enumerate().filter(|(_, color)| **color == Color::Dark) {
        let (x, y) = (left + n % modules * module, top + n / modules * module);
        for row in y..y + module {
            luma[row * stride + x..row * stride + x + module].fill(0);
        }
    }
    luma
}
