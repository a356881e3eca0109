//! From grey to black and white, in the form rxing reads: true is black.

use image::GrayImage;
use rxing::common::{BitMatrix, GlobalHistogramBinarizer, HybridBinarizer};
use rxing::{Binarizer, Luma8Source};

/// How grey becomes black or white.
pub(super) type Threshold = fn(&GrayImage) -> Option<BitMatrix>;

/// Compares each block of 8 × 8 pixels with the blocks around it; right for uneven light.
pub(super) fn local(image: &GrayImage) -> Option<BitMatrix> {
    HybridBinarizer::new(source(image)?).get_black_matrix().ok().cloned()
}

/// One threshold for the whole picture, from its histogram; right for even light and noise.
pub(super) fn global(image: &GrayImage) -> Option<BitMatrix> {
    GlobalHistogramBinarizer::new(source(image)?).get_black_matrix().ok().cloned()
}

/// Takes a picture that is black and white already.
pub(super) fn fixed(image: &GrayImage) -> Option<BitMatrix> {
    let mut matrix = BitMatrix::new(image.width(), image.height()).ok()?;
    for (y, row) in (0..).zip(image.as_raw().chunks_exact(image.width() as usize)) {
        for (x, _) in (0..).zip(row).filter(|(_, pixel)| **pixel < 128) {
            matrix.set(x, y);
        }
    }
    Some(matrix)
}

/// [`local`], with black and white exchanged.
pub(super) fn inverted(image: &GrayImage) -> Option<BitMatrix> {
    let mut matrix = local(image)?;
    matrix.flip_self();
    Some(matrix)
}

fn source(image: &GrayImage) -> Option<Luma8Source<'_>> {
    Luma8Source::new_with_slice(image.as_raw(), image.width(), image.height()).ok()
}
