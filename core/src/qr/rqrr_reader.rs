//! The second reader: rqrr (quirc's way of finding codes), for what rxing misses.
//!
//! rqrr only finds the grids here; they are decoded as the first reader's are, so that both give the same
//! text for the same code. On noise its work grows faster than the picture, and it cannot be stopped: so the
//! picture it looks at counts the looks, and unwinds out of it when they are too many.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use image::{GenericImage, GenericImageView, GrayImage, Luma};
use rqrr::{BitGrid, Grid, PreparedImage};
use rxing::common::{BitMatrix, PerspectiveTransform, Quadrilateral};
use rxing::point;
use rxing::qrcode::cpp_port::decoder::Decode;

use super::corners::{Corners, outline};
use super::found::{Found, merge};
use super::picture::{WORKING_PIXELS, pixels};
use super::text::text_of;

/// How often rqrr may look at each pixel, on average. Where it finds a code it needs 6 to 60.
const LOOKS_PER_PIXEL: u64 = 100;

/// Looks between two questions to the stop check.
const LOOKS_PER_CHECK: u64 = 1 << 16;

/// Returns every code that rqrr finds in `view`, corners in pixels of `view`; nothing when it was stopped or
/// gave up. A view over 2.5 million pixels is not looked at.
pub(super) fn read(view: GrayImage, stop: &dyn Fn() -> bool) -> Vec<Found> {
    if pixels(&view) > WORKING_PIXELS {
        return Vec::new();
    }
    read_with(view, LOOKS_PER_PIXEL, stop)
}

fn read_with(view: GrayImage, looks_per_pixel: u64, stop: &dyn Fn() -> bool) -> Vec<Found> {
    let looks = Cell::new(pixels(&view).saturating_mul(looks_per_pixel));
    catch_unwind(AssertUnwindSafe(|| {
        let mut prepared = PreparedImage::prepare(Watched { image: view, looks: &looks, stop });
        let mut found = Vec::new();
        for grid in prepared.detect_grids() {
            merge(&mut found, read_grid(&grid).into_iter().collect());
        }
        found
    }))
    .unwrap_or_default()
}

fn read_grid<G: BitGrid>(grid: &Grid<G>) -> Option<Found> {
    let size = u32::try_from(grid.grid.size()).ok()?;
    let mut modules = BitMatrix::new(size, size).ok()?;
    for (y, x) in (0..size).flat_map(|y| (0..size).map(move |x| (y, x))) {
        modules.set_bool(x, y, grid.grid.bit(y as usize, x as usize));
    }
    let decoded = Decode(&modules).ok().filter(|decoded| decoded.isValid())?;
    let bytes = decoded.content().bytes();
    if bytes.is_empty() {
        return None;
    }
    let mut corners = corners(grid, size)?;
    if decoded.isMirrored() {
        corners.swap(1, 3);
    }
    Some(Found { text: text_of(&decoded), bytes: bytes.to_vec(), corners })
}

/// rqrr 0.11 gives the bounds of a grid one module too wide and too high; this takes the module off again.
fn corners<G>(grid: &Grid<G>, modules: u32) -> Option<Corners> {
    let bounds = Quadrilateral(grid.bounds.map(|corner| point(corner.x as f32, corner.y as f32)));
    let wide = (modules + 1) as f32;
    let square = Quadrilateral::rectangle_from_xy(0.0, wide, 0.0, wide, None);
    let transform = PerspectiveTransform::quadrilateralToQuadrilateral(square, bounds).ok()?;
    Some(outline(&transform, modules as f32))
}

/// A picture that can be looked at so often and no more. rqrr copies it for every pair of patterns it tries.
struct Watched<'a> {
    image: GrayImage,
    /// Looks left, shared by all copies.
    looks: &'a Cell<u64>,
    stop: &'a dyn Fn() -> bool,
}

/// What unwinds out of rqrr: no message, no panic hook.
struct GaveUp;

impl Watched<'_> {
    fn look(&self, times: u64) {
        let before = self.looks.get();
        let left = before.saturating_sub(times);
        self.looks.set(left);
        let is_due = before / LOOKS_PER_CHECK != left / LOOKS_PER_CHECK;
        if left == 0 || is_due && (self.stop)() {
            resume_unwind(Box::new(GaveUp));
        }
    }
}

impl Clone for Watched<'_> {
    fn clone(&self) -> Self {
        self.look(pixels(&self.image) / 8);
        Self { image: self.image.clone(), ..*self }
    }
}

impl GenericImageView for Watched<'_> {
    type Pixel = Luma<u8>;

    fn dimensions(&self) -> (u32, u32) {
        self.image.dimensions()
    }

    fn get_pixel(&self, x: u32, y: u32) -> Luma<u8> {
        self.look(1);
        *self.image.get_pixel(x, y)
    }
}

impl GenericImage for Watched<'_> {
    fn get_pixel_mut(&mut self, x: u32, y: u32) -> &mut Luma<u8> {
        self.look(1);
        self.image.get_pixel_mut(x, y)
    }

    fn put_pixel(&mut self, x: u32, y: u32, pixel: Luma<u8>) {
        self.look(1);
        self.image.put_pixel(x, y, pixel);
    }

    fn blend_pixel(&mut self, x: u32, y: u32, pixel: Luma<u8>) {
        self.put_pixel(x, y, pixel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Black and white squares of 2 × 2 pixels, and patterns that look like the corners of codes among them:
    /// rqrr tries every pair of them.
    fn noise(side: u32) -> GrayImage {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut image = GrayImage::from_pixel(side, side, Luma([255]));
        let ring = |x: u32, y: u32| {
            let far = x.abs_diff(7).max(y.abs_diff(7));
            if far < 3 || (5..8).contains(&far) { 0 } else { 255 }
        };
        for top in (4..side - 20).step_by(20) {
            for left in (4..side - 20).step_by(20) {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let shift = (state >> 32) as u32 % 4;
                for (x, y) in (0..15).flat_map(|y| (0..15).map(move |x| (x, y))) {
                    image.put_pixel(left + x + shift, top + y, Luma([ring(x, y)]));
                }
            }
        }
        image
    }

    /// How often the stop check is asked; it says yes the `until`th time.
    fn asked(looks_per_pixel: u64, until: u64) -> u64 {
        let asked = Cell::new(0);
        let stop = || {
            asked.set(asked.get() + 1);
            asked.get() >= until
        };
        assert!(read_with(noise(400), looks_per_pixel, &stop).is_empty());
        asked.get()
    }

    #[test]
    fn rqrr_gives_up_on_noise() {
        let most = 400 * 400 * LOOKS_PER_PIXEL / LOOKS_PER_CHECK + 1;
        assert!(asked(LOOKS_PER_PIXEL, u64::MAX) <= most);
        // The control: without a limit it goes on and on, until it is stopped.
        assert_eq!(asked(u64::MAX, 4 * most), 4 * most);
    }

    #[test]
    fn rqrr_can_be_stopped_inside() {
        assert_eq!(asked(u64::MAX, 3), 3);
    }

    #[test]
    fn a_view_over_the_limit_is_not_looked_at() {
        let stop = || panic!("asked");
        assert!(read(GrayImage::new(1_600, 1_600), &stop).is_empty());
    }
}
