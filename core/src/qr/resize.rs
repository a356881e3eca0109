//! Smaller pictures by averaging areas, larger ones by cubic interpolation.

use image::GrayImage;

/// Rows between two questions to the stop check.
const ROWS_PER_CHECK: u32 = 64;

/// Returns the image with every `factor × factor` pixels averaged into one; none when stopped.
pub(super) fn shrink_by(image: &GrayImage, factor: u32, stop: &dyn Fn() -> bool) -> Option<GrayImage> {
    shrink_to(image, image.width() / factor, image.height() / factor, stop)
}

/// Returns the image at a smaller size, each pixel the mean of the pixels it covers; none when stopped, or
/// when the new size is empty or larger than the old one.
pub(super) fn shrink_to(
    image: &GrayImage,
    width: u32,
    height: u32,
    stop: &dyn Fn() -> bool,
) -> Option<GrayImage> {
    if width == 0 || height == 0 || width > image.width() || height > image.height() {
        return None;
    }
    let old_width = image.width() as usize;
    let columns = bounds(image.width(), width);
    let rows = bounds(image.height(), height);
    let mut pixels = Vec::with_capacity(width as usize * height as usize);
    let mut sums = vec![0_u32; old_width];
    for (y, row_pair) in rows.windows(2).enumerate() {
        if (y as u32).is_multiple_of(ROWS_PER_CHECK) && stop() {
            return None;
        }
        sums.fill(0);
        for row in image.as_raw()[row_pair[0] * old_width..row_pair[1] * old_width].chunks_exact(old_width) {
            for (sum, pixel) in sums.iter_mut().zip(row) {
                *sum += u32::from(*pixel);
            }
        }
        let tall = row_pair[1] - row_pair[0];
        for column_pair in columns.windows(2) {
            let sum: u64 = sums[column_pair[0]..column_pair[1]].iter().map(|sum| u64::from(*sum)).sum();
            let area = (tall * (column_pair[1] - column_pair[0])) as u64;
            pixels.push((sum / area) as u8);
        }
    }
    GrayImage::from_raw(width, height, pixels)
}

/// Where each of `new` pixels begins among `old` ones, with the end appended.
fn bounds(old: u32, new: u32) -> Vec<usize> {
    (0..=new).map(|i| (u64::from(i) * u64::from(old) / u64::from(new)) as usize).collect()
}

/// Returns the image `factor` times larger, by Catmull-Rom interpolation; none when stopped, or when that is
/// over `max_pixels`.
pub(super) fn enlarge(
    image: &GrayImage,
    factor: u32,
    max_pixels: u64,
    stop: &dyn Fn() -> bool,
) -> Option<GrayImage> {
    let (width, height) = (image.width().checked_mul(factor)?, image.height().checked_mul(factor)?);
    let area = u64::from(width) * u64::from(height);
    if area > max_pixels {
        return None;
    }
    let phases: Vec<Phase> = (0..factor).map(|offset| Phase::new(offset, factor)).collect();
    let old_width = image.width() as usize;
    let row = |y: isize| {
        let y = y.clamp(0, image.height() as isize - 1) as usize;
        &image.as_raw()[y * old_width..][..old_width]
    };
    let mut pixels = Vec::with_capacity(area as usize);
    let mut line = Vec::with_capacity(old_width + 4);
    for y in 0..image.height() as isize {
        if (y as u32).is_multiple_of(ROWS_PER_CHECK) && stop() {
            return None;
        }
        for Phase { first, weights: [a, b, c, d] } in &phases {
            let top = y - 2 + *first as isize;
            let rows = row(top).iter().zip(row(top + 1)).zip(row(top + 2)).zip(row(top + 3));
            line.clear();
            line.resize(2, 0);
            line.extend(rows.map(|(((p, q), r), s)| {
                a * i32::from(*p) + b * i32::from(*q) + c * i32::from(*r) + d * i32::from(*s)
            }));
            let (left, right) = (line[2], line[line.len() - 1]);
            line[..2].fill(left);
            line.extend([right; 2]);
            for near in line.windows(5) {
                for Phase { first, weights: [a, b, c, d] } in &phases {
                    let n = &near[*first..];
                    let sum = a * n[0] + b * n[1] + c * n[2] + d * n[3];
                    pixels.push(((sum + HALF) / (UNIT * UNIT)).clamp(0, 255) as u8);
                }
            }
        }
    }
    GrayImage::from_raw(width, height, pixels)
}

/// What weights of the interpolation add up to.
const UNIT: i32 = 256;

/// One half, after both directions.
const HALF: i32 = UNIT * UNIT / 2;

/// How one of the new pixels in an old one follows from four of the five old ones around it.
struct Phase {
    /// The first of the four, 0 being two pixels before.
    first: usize,
    weights: [i32; 4],
}

impl Phase {
    fn new(offset: u32, factor: u32) -> Self {
        let position = (offset as f32 + 0.5) / factor as f32 - 0.5;
        let first = if position < 0.0 { 0 } else { 1 };
        let t = position - position.floor();
        let weights = [
            (-t + 2.0 * t * t - t * t * t) / 2.0,
            (2.0 - 5.0 * t * t + 3.0 * t * t * t) / 2.0,
            (t + 4.0 * t * t - 3.0 * t * t * t) / 2.0,
            (t * t * t - t * t) / 2.0,
        ];
        Self { first, weights: weights.map(|weight| (weight * UNIT as f32).round() as i32) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shrinking_averages_what_a_pixel_covers() {
        let image = GrayImage::from_raw(4, 2, vec![0, 100, 10, 30, 50, 50, 20, 20]).unwrap();
        let small = shrink_by(&image, 2, &|| false).unwrap();
        assert_eq!((small.dimensions(), small.into_raw()), ((2, 1), vec![50, 20]));
    }

    #[test]
    fn shrinking_to_a_size_that_does_not_divide_uses_every_pixel_once() {
        let image = GrayImage::from_raw(5, 1, vec![10, 20, 30, 40, 50]).unwrap();
        assert_eq!(shrink_to(&image, 2, 1, &|| false).unwrap().into_raw(), vec![15, 40]);
    }

    #[test]
    fn shrinking_ends_when_stopped() {
        assert!(shrink_by(&GrayImage::new(8, 8), 2, &|| true).is_none());
    }

    #[test]
    fn nothing_shrinks_to_nothing_or_to_more() {
        let image = GrayImage::new(2, 2);
        assert!(shrink_by(&image, 3, &|| false).is_none());
        assert!(shrink_to(&image, 3, 1, &|| false).is_none());
    }

    #[test]
    fn enlarging_past_the_limit_is_refused() {
        let image = GrayImage::new(10, 10);
        assert_eq!(enlarge(&image, 2, 400, &|| false).unwrap().dimensions(), (20, 20));
        assert!(enlarge(&image, 2, 399, &|| false).is_none());
    }

    #[test]
    fn enlarging_ends_when_stopped() {
        assert!(enlarge(&GrayImage::new(10, 10), 2, 400, &|| true).is_none());
    }

    #[test]
    fn an_even_picture_stays_even_when_enlarged() {
        for factor in [2, 3] {
            let image = GrayImage::from_pixel(7, 5, image::Luma([200]));
            let large = enlarge(&image, factor, 1_000, &|| false).unwrap();
            assert!(large.as_raw().iter().all(|value| *value == 200), "{factor} times");
        }
    }

    /// The oracle is the image crate's own Catmull-Rom filter; rounding may differ by 2 of 255.
    #[test]
    fn enlarging_agrees_with_the_image_crate() {
        let value = |x: u32, y: u32| image::Luma([((x * 37 + y * 101 + x * y * 11) % 256) as u8]);
        let image = GrayImage::from_fn(9, 8, value);
        for factor in [2, 3] {
            let ours = enlarge(&image, factor, 10_000, &|| false).unwrap();
            let (width, height) = ours.dimensions();
            let theirs = image::imageops::resize(&image, width, height, image::imageops::CatmullRom);
            // At the border theirs leaves weights out and ours repeats pixels.
            let inner = |x, y| (6..width - 6).contains(&x) && (6..height - 6).contains(&y);
            for (x, y, pixel) in theirs.enumerate_pixels().filter(|(x, y, _)| inner(*x, *y)) {
                assert!(ours.get_pixel(x, y).0[0].abs_diff(pixel.0[0]) <= 2, "{factor} times, {x}, {y}");
            }
        }
    }
}
