//! The stages of a reading, as lists, and the loop that runs them.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::GrayImage;

use super::filters::{blur, gamma, invert, local_mean, min_max, stretch};
use super::found::{Found, merge};
use super::matrix::{Threshold, fixed, global, inverted, local};
use super::picture::{Picture, WORKING_PIXELS, shrink_to_side};
use super::resize::{enlarge, shrink_by};
use super::{Scan, rqrr_reader, rxing_reader};

/// One try at a picture.
pub(super) struct Stage {
    /// What it does; `docs/qr.md` has it in its table.
    pub(super) name: &'static str,
    run: Run,
    /// Whether the next stage runs even when this one found a code: it may see others.
    goes_on: bool,
}

/// The codes a stage finds, corners in pixels of the full picture; none when it does not fit the picture, or
/// was stopped before it began to read.
type Run = fn(&Picture, &dyn Fn() -> bool) -> Option<Vec<Found>>;

const fn stage(name: &'static str, run: Run) -> Stage {
    Stage { name, run, goes_on: false }
}

const SMALL_COPY: Stage = stage("1,300 px", |p, s| p.is_large().then(|| look(p, p.working(s), local, s)));
const AS_IT_IS: Stage = stage("as it is", |p, s| Some(look(p, Some(p.full()), local, s)));
const A_THIRD: Stage = stage("a third", |p, s| Some(look(p, shrink_by(p.full(), 3, s).as_ref(), local, s)));
const INVERTED: Stage = stage("inverted", |p, s| Some(look(p, p.working(s), inverted, s)));
const WIDE_MEAN: Stage = stage("local mean, 1/8", |p, s| vary(p, |w| wide_mean(w, s), fixed, s));
const SECOND_HALF: Stage = stage("rqrr, half", |p, s| second(p, |w| shrink_by(w, 2, s), s));

/// For a camera that brings the next frame in a moment.
pub(super) const FRAME: &[Stage] = &[SMALL_COPY, AS_IT_IS, A_THIRD, INVERTED, WIDE_MEAN, SECOND_HALF];

/// For a file, which is all there is. What is worth most for its time comes first.
pub(super) const IMAGE: &[Stage] = &[
    Stage { goes_on: true, ..SMALL_COPY },
    AS_IT_IS,
    A_THIRD,
    stage("a quarter", |p, s| p.is_large().then(|| look(p, shrink_by(p.full(), 4, s).as_ref(), local, s))),
    stage("global threshold", |p, s| Some(look(p, p.working(s), global, s))),
    INVERTED,
    stage("doubled", |p, s| vary(p, |w| enlarge(w, 2, DOUBLED_PIXELS, s), local, s)),
    stage("gamma 0.5", |p, s| vary(p, |w| Some(gamma(w, 0.5)), local, s)),
    stage("stretched", |p, s| vary(p, |w| Some(stretch(w)), local, s)),
    stage("gamma 2", |p, s| vary(p, |w| Some(gamma(w, 2.0)), local, s)),
    WIDE_MEAN,
    stage("half", |p, s| vary(p, |w| shrink_by(w, 2, s), local, s)),
    stage("640 px", |p, s| vary(p, |w| shrink_to_side(w, 640, s), local, s)),
    stage("box blur", |p, s| vary(p, |w| blur(w, 1, s), local, s)),
    stage("local mean, 15", |p, s| vary(p, |w| local_mean(w, 15, s), fixed, s)),
    stage("min-max, 16", |p, s| vary(p, |w| min_max(w, 16, s), fixed, s)),
    stage("inverted, doubled", |p, s| vary(p, |w| enlarge(&invert(w), 2, DOUBLED_PIXELS, s), local, s)),
    stage("tripled", |p, s| vary(p, |w| enlarge(w, 3, TRIPLED_PIXELS, s), local, s)),
    stage("rqrr, doubled", |p, s| second(p, |w| enlarge(w, 2, WORKING_PIXELS, s), s)),
    SECOND_HALF,
];

/// A picture of up to 1.6 million pixels is doubled.
const DOUBLED_PIXELS: u64 = 4 * 1_600_000;

/// A picture of up to 700,000 pixels is tripled.
const TRIPLED_PIXELS: u64 = 9 * 700_000;

/// No code has fewer modules to a side, and none can be read with less than a pixel for each.
const FEWEST_MODULES: u32 = 21;

/// Runs the stages until one finds a code. A stage that panics has found nothing.
pub(super) fn run(stages: &[Stage], picture: &Picture, stop: &dyn Fn() -> bool) -> Scan {
    let mut scan = Scan::default();
    if picture.full().width().min(picture.full().height()) < FEWEST_MODULES {
        return scan;
    }
    let is_stopped = Cell::new(false);
    // Once it has said yes it is not asked again: whatever it says then, the reading ends.
    let stop = || {
        is_stopped.set(is_stopped.get() || stop());
        is_stopped.get()
    };
    for stage in stages {
        if stop() {
            break;
        }
        let ran = catch_unwind(AssertUnwindSafe(|| (stage.run)(picture, &stop)));
        let Some(found) = ran.unwrap_or_else(|_| Some(Vec::new())) else { continue };
        scan.stages += 1;
        if !found.is_empty() {
            scan.found_by = Some(stage.name);
            merge(&mut scan.found, found);
        }
        if !scan.found.is_empty() && !stage.goes_on {
            break;
        }
    }
    scan.stopped = is_stopped.get();
    scan
}

/// Gives a view to the first reader; without a view there is nothing to read.
fn look(
    picture: &Picture,
    view: Option<&GrayImage>,
    threshold: Threshold,
    stop: &dyn Fn() -> bool,
) -> Vec<Found> {
    let Some(view) = view else { return Vec::new() };
    to_full(picture, view.dimensions(), rxing_reader::read(view, threshold, stop))
}

/// Gives a variation of the working copy to the first reader.
fn vary(
    picture: &Picture,
    make: impl Fn(&GrayImage) -> Option<GrayImage>,
    threshold: Threshold,
    stop: &dyn Fn() -> bool,
) -> Option<Vec<Found>> {
    let view = make(picture.working(stop)?)?;
    Some(look(picture, Some(&view), threshold, stop))
}

/// Gives a variation of the working copy to the second reader.
fn second(
    picture: &Picture,
    make: impl Fn(&GrayImage) -> Option<GrayImage>,
    stop: &dyn Fn() -> bool,
) -> Option<Vec<Found>> {
    let view = make(picture.working(stop)?)?;
    let size = view.dimensions();
    Some(to_full(picture, size, rqrr_reader::read(view, stop)))
}

/// Corners in pixels of a view become corners in pixels of the full picture.
fn to_full(picture: &Picture, (width, height): (u32, u32), mut found: Vec<Found>) -> Vec<Found> {
    let wider = picture.full().width() as f32 / width as f32;
    let higher = picture.full().height() as f32 / height as f32;
    for corner in found.iter_mut().flat_map(|code| &mut code.corners) {
        *corner = (corner.0 * wider, corner.1 * higher);
    }
    found
}

fn wide_mean(image: &GrayImage, stop: &dyn Fn() -> bool) -> Option<GrayImage> {
    local_mean(image, image.width().max(image.height()) as usize / 8, stop)
}

#[cfg(test)]
mod tests;
