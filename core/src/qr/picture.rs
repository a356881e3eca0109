//! The picture that stages look at, and the copy of it that slow stages work on.

use std::cell::OnceCell;

use image::GrayImage;

use super::resize::shrink_to;

/// More pixels than this are too many for the slow stages: rqrr on noise takes more than linear time.
pub(super) const WORKING_PIXELS: u64 = 2_500_000;

/// The longer side of the working copy of a larger picture.
const WORKING_SIDE: u32 = 1_300;

/// A picture and, when it is large, its 1,300 px copy, made when first asked for.
pub(super) struct Picture {
    full: GrayImage,
    copy: OnceCell<GrayImage>,
}

impl Picture {
    pub(super) fn new(full: GrayImage) -> Self {
        Self { full, copy: OnceCell::new() }
    }

    /// The pixels as given.
    pub(super) fn full(&self) -> &GrayImage {
        &self.full
    }

    /// Whether the working copy is another picture than the full one.
    pub(super) fn is_large(&self) -> bool {
        pixels(&self.full) > WORKING_PIXELS
    }

    /// At most 2.5 million pixels; none when stopped before they were ready.
    pub(super) fn working(&self, stop: &dyn Fn() -> bool) -> Option<&GrayImage> {
        if !self.is_large() {
            return Some(&self.full);
        }
        if self.copy.get().is_none() {
            let copy = shrink_to_side(&self.full, WORKING_SIDE, stop)?;
            let _ = self.copy.set(copy);
        }
        self.copy.get()
    }
}

/// How many pixels an image has.
pub(super) fn pixels(image: &GrayImage) -> u64 {
    u64::from(image.width()) * u64::from(image.height())
}

/// The image shrunk until its longer side is `side` pixels.
pub(super) fn shrink_to_side(image: &GrayImage, side: u32, stop: &dyn Fn() -> bool) -> Option<GrayImage> {
    let longer = u64::from(image.width().max(image.height()));
    let scaled = |length: u32| {
        u32::try_from((u64::from(length) * u64::from(side) / longer).max(1)).expect("not longer than side")
    };
    shrink_to(image, scaled(image.width()), scaled(image.height()), stop)
}
