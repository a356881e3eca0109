//! QR codes as SVG: dark modules on white with their quiet zone, in the dark theme too.

use std::fmt::Write;

use qrcode::{Color, EcLevel, QrCode};

/// Modules of white around a code: ISO/IEC 18004 asks for 4.
const QUIET: usize = 4;

/// Draws `text`; none when it is longer than a code can hold.
///
/// The picture has no size of its own and says nothing to a screen reader: what holds it does both.
pub(crate) fn qr(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let width = code.width();
    let side = width + 2 * QUIET;
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let mut x = 0;
        while let Some(start) = (x..width).find(|x| row[*x] == Color::Dark) {
            let end = (start..width).find(|x| row[*x] == Color::Light).unwrap_or(width);
            write!(path, "M{} {}h{}v1h-{}z", start + QUIET, y + QUIET, end - start, end - start)
                .expect("a String takes everything");
            x = end;
        }
    }
    Some(format!(
        "<svg viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\" aria-hidden=\"true\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path d=\"{path}\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use authenticator_core::qr::{Frame, read_frame};

    use super::*;

    /// Fills a grey picture with what the path of `svg` covers, 4 pixels a module.
    fn draw(svg: &str) -> (u32, Vec<u8>) {
        let side: usize =
            svg.split("0 0 ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap().parse().unwrap();
        let path = svg.rsplit("<path d=\"").next().unwrap().split('"').next().unwrap();
        let width = side * 4;
        let mut pixels = vec![255; width * width];
        for bar in path.split('M').skip(1) {
            let numbers: Vec<usize> = bar
                .split(|c: char| !c.is_ascii_digit())
                .filter(|text| !text.is_empty())
                .map(|text| text.parse().unwrap())
                .collect();
            for y in numbers[1] * 4..numbers[1] * 4 + 4 {
                pixels[y * width + numbers[0] * 4..y * width + (numbers[0] + numbers[2]) * 4].fill(0);
            }
        }
        (u32::try_from(width).unwrap(), pixels)
    }

    #[test]
    fn what_is_drawn_is_read_by_the_phone() {
        for text in ["pushmatch:a.b", &format!("https://login.example/push-enrol#{}", "aB3-_.".repeat(110))] {
            let (width, pixels) = draw(&qr(text).unwrap());
            let frame = Frame::new(&pixels, width, width, width as usize).unwrap();
            let found = read_frame(&frame, &|| false).found;
            let texts: Vec<_> = found.iter().map(|found| found.text.as_deref()).collect();
            assert_eq!(texts, [Some(text)]);
        }
    }

    #[test]
    fn a_text_beyond_the_largest_code_is_not_drawn() {
        assert!(qr(&"x".repeat(2953)).is_some() && qr(&"x".repeat(2954)).is_none());
    }
}
