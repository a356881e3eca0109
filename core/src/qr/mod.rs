//! Reads QR codes (ISO/IEC 18004) from camera frames and picture files.
//!
//! A reading is a list of stages: the picture as it is first, then variations of it (smaller,
//! inverted, other thresholds), each given to a reader until one finds a code. `docs/qr.md` says what is
//! tried and what it is worth. Other symbols, Micro QR among them, are never reported. What a code means is
//! the business of `uri`; joining the parts of a "structured append" series is nobody's.

mod corners;
mod file;
mod filters;
mod found;
mod frame;
mod matrix;
mod picture;
mod resize;
mod rqrr_reader;
mod rxing_reader;
mod stages;
mod text;

pub use found::Found;
pub use frame::Frame;

use picture::Picture;

/// The most pixels a picture or frame may have: 50 million.
pub const MAX_PIXELS: u64 = 50_000_000;

/// What a reading found, and how far it came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scan {
    /// The codes, each once.
    pub found: Vec<Found>,
    /// Whether the stop check ended the reading: there may be codes that were not looked for.
    pub stopped: bool,
    /// How many stages ran; the last one may have been cut short.
    pub stages: usize,
    /// The name of the stage that found the codes, as `docs/qr.md` lists them.
    pub found_by: Option<&'static str>,
}

/// Why a frame or file cannot be read. A picture without a code is no error.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum QrError {
    /// A side is 0 pixels.
    #[error("a picture without pixels")]
    Empty,
    /// `stride` is shorter than a row.
    #[error("rows of {stride} bytes for {width} pixels")]
    Stride {
        /// Bytes from one row to the next.
        stride: usize,
        /// Pixels per row.
        width: u32,
    },
    /// The buffer ends before the last row does.
    #[error("{len} bytes of pixels, expected at least {needed}")]
    Short {
        /// Bytes given.
        len: usize,
        /// Bytes needed: `stride × (height − 1) + width`.
        needed: usize,
    },
    /// More than [`MAX_PIXELS`], by the header alone: nothing was decoded.
    #[error("{width} × {height} pixels are too many")]
    TooManyPixels {
        /// Pixels per row.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// Decoding would need more than 256 MiB, by the header alone: nothing was decoded.
    #[error("decoding needs too much memory")]
    TooMuchMemory,
    /// Not PNG, JPEG, WebP, GIF or BMP.
    #[error("not a picture format that can be read")]
    Format,
    /// The file is cut short or broken.
    #[error("the picture file is damaged")]
    Damaged,
}

/// Returns the codes in one camera frame, looking no further than a camera that will bring the next one needs.
///
/// `stop` is asked between stages and inside the long ones; once it answers true, what was found so far is
/// returned. Corners are in pixels of the frame.
pub fn read_frame(frame: &Frame<'_>, stop: &dyn Fn() -> bool) -> Scan {
    stages::run(stages::FRAME, &Picture::new(frame.to_luma()), stop)
}

/// Returns the codes in a PNG, JPEG, WebP, GIF (first frame) or BMP file, trying harder than [`read_frame`].
///
/// `bytes` is the whole file; its name does not matter. Corners are in pixels of the picture as a viewer
/// shows it, with its EXIF orientation applied. Transparent pixels count as white. Decoding takes at most
/// 256 MiB and cannot be stopped; after it, `stop` is asked as in [`read_frame`].
///
/// # Errors
///
/// [`QrError::Format`], [`QrError::Empty`], [`QrError::TooManyPixels`] and [`QrError::TooMuchMemory`] before a
/// pixel is decoded; [`QrError::Damaged`] when decoding fails.
pub fn read_image(bytes: &[u8], stop: &dyn Fn() -> bool) -> Result<Scan, QrError> {
    Ok(stages::run(stages::IMAGE, &Picture::new(file::open(bytes)?), stop))
}

/// Refuses dimensions before anything of their size is allocated.
fn check_size(width: u32, height: u32) -> Result<(), QrError> {
    if width == 0 || height == 0 {
        return Err(QrError::Empty);
    }
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(QrError::TooManyPixels { width, height });
    }
    Ok(())
}
