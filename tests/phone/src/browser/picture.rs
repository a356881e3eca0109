//! A QR code of a page: taken from the page's own SVG, shown with half blocks, and handed to the phone as a picture.

use std::io::Cursor;

use image::{GrayImage, ImageFormat, Luma};

use super::{Failed, failed};

/// A drawing of modules, as the service draws its codes: rectangles one module high, dark on white.
#[derive(Clone, Debug, Default)]
pub struct Svg {
    side: usize,
    paths: Vec<(String, String)>,
}

/// Modules, row by row; dark is true.
pub struct Modules {
    side: usize,
    dark: Vec<bool>,
}

/// Pixels a module is wide in the phone's picture.
const MODULE: u32 = 6;
/// The widest code, version 40, with four modules of white around it.
const WIDEST: usize = 177 + 8;

impl Svg {
    /// Begins a drawing with this view box.
    pub fn new(view_box: &str) -> Self {
        let side = view_box.split(' ').next_back().and_then(|side| side.parse().ok()).unwrap_or(0);
        Self { side, paths: Vec::new() }
    }

    /// Adds a path with its colour; none is black.
    pub fn add(&mut self, fill: &str, path: &str) {
        self.paths.push((fill.to_owned(), path.to_owned()));
    }

    /// Fills what the paths cover.
    ///
    /// # Errors
    /// The drawing is not one of modules.
    pub fn modules(&self) -> Result<Modules, Failed> {
        if self.side == 0 || self.side > WIDEST {
            return Err(failed("a picture of a page has no size that a QR code can have"));
        }
        let mut modules = Modules { side: self.side, dark: vec![true; self.side * self.side] };
        for (fill, path) in &self.paths {
            let dark = match fill.as_str() {
                "" => true,
                "#fff" => false,
                _ => return Err(failed("a picture of a page has a third colour")),
            };
            for rectangle in path.split('M').skip(1) {
                modules
                    .fill(rectangle, dark)
                    .ok_or_else(|| failed("a picture of a page is not of modules"))?;
            }
        }
        Ok(modules)
    }
}

impl Modules {
    /// Fills one rectangle, as it stands after its `M`: a bar one module high, or the whole ground.
    fn fill(&mut self, rectangle: &str, dark: bool) -> Option<()> {
        let side = self.side;
        if rectangle == format!("0 0h{side}v{side}H0z") {
            self.dark.fill(dark);
            return Some(());
        }
        let (x, rest) = rectangle.split_once(' ')?;
        let (y, rest) = rest.split_once('h')?;
        let (width, rest) = rest.split_once('v')?;
        let [x, y, long]: [usize; 3] = [x.parse().ok()?, y.parse().ok()?, width.parse().ok()?];
        if rest != format!("1h-{width}z") || x + long > side {
            return None;
        }
        self.dark.get_mut(y * side + x..y * side + x + long)?.fill(dark);
        Some(())
    }

    /// Draws two rows of modules in each line, light on the terminal's ground.
    pub fn half_blocks(&self) -> Vec<String> {
        // Two modules of white are enough for the eye; the picture for the phone keeps all four.
        let shown = 2..self.side - 2;
        let light = |x: usize, y: usize| y >= self.side - 2 || !self.dark[y * self.side + x];
        let line = |y: usize| {
            shown.clone().map(move |x| match (light(x, y), light(x, y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            })
        };
        shown.clone().step_by(2).map(|y| line(y).collect()).collect()
    }

    /// Makes the picture that a camera would take: a PNG.
    ///
    /// # Errors
    /// The picture cannot be encoded.
    pub fn png(&self) -> Result<Vec<u8>, Failed> {
        let side = u32::try_from(self.side).map_err(failed)? * MODULE;
        let picture = GrayImage::from_fn(side, side, |x, y| {
            let (x, y) = ((x / MODULE) as usize, (y / MODULE) as usize);
            Luma([if self.dark[y * self.side + x] { 0 } else { 255 }])
        });
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ImageFormat::Png).map_err(failed)?;
        Ok(bytes.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn svg(paths: &[(&str, &str)]) -> Svg {
        let mut svg = Svg::new("0 0 9 9");
        paths.iter().for_each(|(fill, path)| svg.add(fill, path));
        svg
    }

    #[test]
    fn rectangles_become_modules_and_modules_half_blocks() {
        let modules = svg(&[("#fff", "M0 0h9v9H0z"), ("", "M3 3h2v1h-2zM4 4h1v1h-1z")]).modules().unwrap();
        assert_eq!(modules.half_blocks(), ["█▀▀██", "██▄██", "█████"].map(str::to_owned));
    }

    #[test]
    fn another_drawing_is_refused() {
        for path in ["M0 0h9v9H9z", "M1 1h3v1h-2z", "M1 1l3 3z", "M8 1h3v1h-3zM9 9h9v1h-9z"] {
            assert!(svg(&[("", path)]).modules().is_err(), "{path}");
        }
        assert!(svg(&[("red", "M1 1h1v1h-1z")]).modules().is_err());
        assert!(Svg::new("").modules().is_err());
    }
}
