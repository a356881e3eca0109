//! The first reader: rxing's port of zxing-cpp, taken apart so that it can be stopped between candidates
//! and so that one candidate that panics does not cost the others.

use std::panic::{AssertUnwindSafe, catch_unwind};

use image::GrayImage;
use rxing::common::{BitMatrix, DetectorRXingResult};
use rxing::qrcode::cpp_port::decoder::Decode;
use rxing::qrcode::cpp_port::detector::{
    FindFinderPatterns, FinderPatternSet, GenerateFinderPatternSets, SampleQR,
};

use super::corners::corners_of;
use super::found::{Found, merge};
use super::matrix::Threshold;
use super::text::text_of;

/// Returns every code in `view`, corners in pixels of `view`.
///
/// Candidates are triples of finder patterns, the most plausible first; a pattern belongs to one code only.
pub(super) fn read(view: &GrayImage, threshold: Threshold, stop: &dyn Fn() -> bool) -> Vec<Found> {
    let mut found = Vec::new();
    let Some(matrix) = threshold(view) else { return found };
    if stop() {
        return found;
    }
    let mut patterns = FindFinderPatterns(&matrix, true, 0);
    let mut used = Vec::new();
    for candidate in GenerateFinderPatternSets(&mut patterns) {
        if stop() {
            break;
        }
        let parts = [candidate.tl, candidate.tr, candidate.bl];
        if parts.iter().any(|part| used.contains(part)) {
            continue;
        }
        if let Ok(Some(code)) = catch_unwind(AssertUnwindSafe(|| read_candidate(&matrix, &candidate))) {
            used.extend(parts);
            merge(&mut found, vec![code]);
        }
    }
    found
}

fn read_candidate(matrix: &BitMatrix, candidate: &FinderPatternSet) -> Option<Found> {
    let sampled = SampleQR(matrix, candidate).ok()?;
    let modules = sampled.getBits();
    let decoded = Decode(modules).ok().filter(|decoded| decoded.isValid())?;
    let bytes = decoded.content().bytes();
    if bytes.is_empty() {
        return None;
    }
    let corners = corners_of(matrix, candidate, modules.width(), decoded.isMirrored())?;
    Some(Found { text: text_of(&decoded), bytes: bytes.to_vec(), corners })
}
