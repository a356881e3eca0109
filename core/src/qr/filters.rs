//! Variations of a picture that make a code readable: brightness, contrast, noise, and thresholds of its
//! own. Each returns none when stopped.

use image::GrayImage;

/// Rows between two questions to the stop check.
const ROWS_PER_CHECK: usize = 64;

/// Raises brightness (0 to 1) to a power: below 1 opens shadows, above 1 darkens glare.
pub(super) fn gamma(image: &GrayImage, power: f32) -> GrayImage {
    map(image, |value| ((f32::from(value) / 255.0).powf(power) * 255.0).round() as u8)
}

/// Exchanges black and white.
pub(super) fn invert(image: &GrayImage) -> GrayImage {
    map(image, |value| 255 - value)
}

/// Stretches the contrast so that the darkest and the brightest hundredth of the pixels become black and white.
pub(super) fn stretch(image: &GrayImage) -> GrayImage {
    let mut histogram = [0_usize; 256];
    for value in image.as_raw() {
        histogram[usize::from(*value)] += 1;
    }
    let hundredth = image.as_raw().len() / 100;
    let low = past(hundredth, &histogram, 0..=255);
    let high = past(hundredth, &histogram, (0..=255).rev());
    let range = f32::from(high.saturating_sub(low).max(1));
    map(image, |value| (f32::from(value.saturating_sub(low)) / range * 255.0).round().min(255.0) as u8)
}

/// Replaces each pixel by the mean of the square of `2 × radius + 1` pixels around it.
pub(super) fn blur(image: &GrayImage, radius: usize, stop: &dyn Fn() -> bool) -> Option<GrayImage> {
    around(image, radius, stop, |_, mean| mean as u8)
}

/// Black where a pixel is darker than the mean of the `window × window` pixels around it.
pub(super) fn local_mean(image: &GrayImage, window: usize, stop: &dyn Fn() -> bool) -> Option<GrayImage> {
    around(
        image,
        (window / 2).max(1),
        stop,
        |value, mean| if u32::from(value) * 100 < mean * 95 { 0 } else { 255 },
    )
}

/// A smaller difference between black and white is noise.
const FLAT: u8 = 16;

/// Black where a pixel is nearer to the darkest than to the brightest pixel around it (`window` pixels to
/// each side at most); flat surroundings are white.
pub(super) fn min_max(image: &GrayImage, window: usize, stop: &dyn Fn() -> bool) -> Option<GrayImage> {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let across = width.div_ceil(window);
    let down = height.div_ceil(window);
    let mut extremes = vec![(u8::MAX, u8::MIN); across * down];
    for (y, row) in image.as_raw().chunks_exact(width).enumerate() {
        let blocks = &mut extremes[y / window * across..][..across];
        for (block, values) in blocks.iter_mut().zip(row.chunks(window)) {
            for value in values {
                *block = (block.0.min(*value), block.1.max(*value));
            }
        }
    }
    let mut out = Vec::with_capacity(width * height);
    for (y, row) in image.as_raw().chunks_exact(width).enumerate() {
        if y.is_multiple_of(ROWS_PER_CHECK) && stop() {
            return None;
        }
        let rows = (y / window).saturating_sub(1)..(y / window + 2).min(down);
        for (block, values) in row.chunks(window).enumerate() {
            let columns = block.saturating_sub(1)..(block + 2).min(across);
            let near = rows.clone().flat_map(|row| &extremes[row * across..][columns.clone()]);
            let (low, high) = near.fold((u8::MAX, u8::MIN), |a, b| (a.0.min(b.0), a.1.max(b.1)));
            let middle = (u16::from(low) + u16::from(high)) / 2;
            let is_flat = high - low < FLAT;
            out.extend(
                values.iter().map(|value| if !is_flat && u16::from(*value) < middle { 0 } else { 255 }),
            );
        }
    }
    GrayImage::from_raw(image.width(), image.height(), out)
}

/// The first value at which more than `count` pixels have been passed.
fn past(count: usize, histogram: &[usize; 256], mut values: impl Iterator<Item = u8>) -> u8 {
    let mut seen = 0;
    let is_past = |value: &u8| {
        seen += histogram[usize::from(*value)];
        seen > count
    };
    values.find(is_past).unwrap_or_default()
}

fn map(image: &GrayImage, change: impl Fn(u8) -> u8) -> GrayImage {
    let table: Vec<u8> = (0..=u8::MAX).map(change).collect();
    let pixels = image.as_raw().iter().map(|value| table[usize::from(*value)]).collect();
    GrayImage::from_raw(image.width(), image.height(), pixels).expect("as many pixels as before")
}

/// Computes each pixel from itself and the mean of the square around it, by running sums.
fn around(
    image: &GrayImage,
    radius: usize,
    stop: &dyn Fn() -> bool,
    change: impl Fn(u8, u32) -> u8,
) -> Option<GrayImage> {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let pixels = image.as_raw();
    let row = |y: usize| &pixels[y * width..][..width];
    let mut columns = vec![0_u32; width];
    let mut out = Vec::with_capacity(pixels.len());
    for y in 0..radius.min(height) {
        add(&mut columns, row(y));
    }
    for y in 0..height {
        if y.is_multiple_of(ROWS_PER_CHECK) && stop() {
            return None;
        }
        if y + radius < height {
            add(&mut columns, row(y + radius));
        }
        if y > radius {
            subtract(&mut columns, row(y - radius - 1));
        }
        let rows = (y + radius + 1).min(height) - y.saturating_sub(radius);
        let mut sum: u32 = columns[..radius.min(width)].iter().sum();
        for (x, value) in row(y).iter().enumerate() {
            if x + radius < width {
                sum += columns[x + radius];
            }
            if x > radius {
                sum -= columns[x - radius - 1];
            }
            let across = (x + radius + 1).min(width) - x.saturating_sub(radius);
            out.push(change(*value, sum / (rows * across) as u32));
        }
    }
    GrayImage::from_raw(image.width(), image.height(), out)
}

fn add(sums: &mut [u32], row: &[u8]) {
    for (sum, value) in sums.iter_mut().zip(row) {
        *sum += u32::from(*value);
    }
}

fn subtract(sums: &mut [u32], row: &[u8]) {
    for (sum, value) in sums.iter_mut().zip(row) {
        *sum -= u32::from(*value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(pixels: &[u8]) -> GrayImage {
        GrayImage::from_raw(pixels.len() as u32, 1, pixels.to_vec()).unwrap()
    }

    #[test]
    fn gamma_below_one_brightens_and_keeps_the_ends() {
        assert_eq!(gamma(&row(&[0, 64, 255]), 0.5).into_raw(), [0, 128, 255]);
    }

    #[test]
    fn inverting_exchanges_black_and_white() {
        assert_eq!(invert(&row(&[0, 100, 255])).into_raw(), [255, 155, 0]);
    }

    #[test]
    fn stretching_ignores_the_outer_hundredths() {
        let mut pixels = vec![100; 100];
        pixels.extend([150; 100]);
        pixels[0] = 0;
        pixels[199] = 255;
        let stretched = stretch(&row(&pixels)).into_raw();
        assert_eq!((stretched[0], stretched[50], stretched[150], stretched[199]), (0, 0, 255, 255));
    }

    #[test]
    fn an_even_picture_can_be_stretched() {
        assert_eq!(stretch(&row(&[7; 5])).into_raw(), [0; 5]);
    }

    /// The oracle adds up every square afresh.
    #[test]
    fn a_blurred_pixel_is_the_mean_of_what_is_around_it() {
        let value = |x: u32, y: u32| image::Luma([((x * 37 + y * 101 + x * y * 11) % 256) as u8]);
        let image = GrayImage::from_fn(11, 7, value);
        for radius in [1, 3, 20] {
            let blurred = blur(&image, radius, &|| false).unwrap();
            for (x, y, pixel) in blurred.enumerate_pixels() {
                let is_near = |a: u32, b: u32| a.abs_diff(x).max(b.abs_diff(y)) as usize <= radius;
                let near = image.enumerate_pixels().filter(|(a, b, _)| is_near(*a, *b));
                let near: Vec<u32> = near.map(|(_, _, pixel)| u32::from(pixel.0[0])).collect();
                let mean = near.iter().sum::<u32>() / near.len() as u32;
                assert_eq!(u32::from(pixel.0[0]), mean, "radius {radius}, {x}, {y}");
            }
        }
    }

    #[test]
    fn the_local_mean_finds_dark_on_light_and_dark_on_grey() {
        let lit: Vec<u8> = (0..100_u32).map(|x| (200 - x - if x % 10 < 3 { 50 } else { 0 }) as u8).collect();
        let black: Vec<bool> =
            local_mean(&row(&lit), 20, &|| false).unwrap().pixels().map(|pixel| pixel.0[0] == 0).collect();
        assert_eq!(black[20..80], (20..80).map(|x| x % 10 < 3).collect::<Vec<_>>()[..]);
    }

    #[test]
    fn min_max_cuts_half_way_and_leaves_flat_surroundings_white() {
        let mut pixels = vec![200; 64];
        pixels[..4].copy_from_slice(&[50, 110, 140, 200]);
        pixels[50] = 190;
        let cut = min_max(&row(&pixels), 16, &|| false).unwrap().into_raw();
        assert_eq!((&cut[..4], cut[50]), (&[0, 0, 255, 255][..], 255));
    }

    #[test]
    fn filters_that_take_long_end_when_stopped() {
        let image = GrayImage::new(30, 30);
        assert!(blur(&image, 1, &|| true).is_none());
        assert!(local_mean(&image, 15, &|| true).is_none());
        assert!(min_max(&image, 16, &|| true).is_none());
    }
}
