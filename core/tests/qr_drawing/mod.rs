//! Draws codes for tests; the `qrcode` crate is the oracle.

use image::{GrayImage, Luma};
use qrcode::{EcLevel, QrCode};

/// What the drawn codes say, mostly.
pub(crate) const TEXT: &str = "otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXP&issuer=Example";

/// A code of `payload`, black on white, `module` pixels per module, four light modules around it.
pub(crate) fn draw(payload: impl AsRef<[u8]>, module: u32) -> GrayImage {
    let code = QrCode::with_error_correction_level(payload, EcLevel::M).unwrap();
    code.render::<Luma<u8>>().module_dimensions(module, module).build()
}

/// Noise that is the same every time.
pub(crate) fn noise(width: u32, height: u32) -> GrayImage {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    GrayImage::from_fn(width, height, |_, _| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        Luma([(state >> 32) as u8])
    })
}
