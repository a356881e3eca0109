//! Camera frames: the luma plane as the platform hands it over. No conversion from RGB or NV21.

use image::GrayImage;

use super::{QrError, check_size};

/// A grey picture in somebody else's memory: row-major, one byte per pixel, 0 black to 255 white.
///
/// Rows start `stride` bytes apart and `stride >= width`; the last row needs no padding.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    luma: &'a [u8],
    width: u32,
    height: u32,
    stride: usize,
}

impl<'a> Frame<'a> {
    /// Returns the frame of `width × height` pixels in `luma`; `stride` is in bytes.
    ///
    /// # Errors
    ///
    /// [`QrError::Empty`], [`QrError::TooManyPixels`], [`QrError::Stride`] when rows would overlap,
    /// [`QrError::Short`] when `luma` has fewer than `stride × (height − 1) + width` bytes.
    pub fn new(luma: &'a [u8], width: u32, height: u32, stride: usize) -> Result<Self, QrError> {
        check_size(width, height)?;
        if stride < width as usize {
            return Err(QrError::Stride { stride, width });
        }
        let needed = stride.saturating_mul(height as usize - 1).saturating_add(width as usize);
        if luma.len() < needed {
            return Err(QrError::Short { len: luma.len(), needed });
        }
        Ok(Self { luma, width, height, stride })
    }

    /// Pixels per row.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The pixels without the padding.
    pub(super) fn to_luma(self) -> GrayImage {
        let width = self.width as usize;
        let mut pixels = Vec::with_capacity(width * self.height as usize);
        for row in self.luma.chunks(self.stride).take(self.height as usize) {
            pixels.extend_from_slice(&row[..width]);
        }
        GrayImage::from_raw(self.width, self.height, pixels).expect("as many pixels as width × height")
    }
}
