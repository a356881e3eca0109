//! Where the corners of a code are: rxing reads a code without saying so.

use rxing::common::cpp_essentials::{ConcentricPattern, FindConcentricPatternCorners};
use rxing::common::{BitMatrix, PerspectiveTransform, Quadrilateral};
use rxing::qrcode::cpp_port::detector::{FinderPatternSet, LocateAlignmentPattern};
use rxing::{Point, point};

/// Top left, top right, bottom right, bottom left; `x`, `y` in pixels.
pub(super) type Corners = [(f32, f32); 4];

/// Returns the outer corners of a code of `modules × modules`, from its finder patterns.
///
/// The bottom right corner, which has none, follows from the last alignment pattern, else from where the
/// right and the bottom edge meet, else from a parallelogram. A mirrored code is read from its back: what
/// lies top right in the picture is its bottom left.
pub(super) fn corners_of(
    image: &BitMatrix,
    patterns: &FinderPatternSet,
    modules: u32,
    is_mirrored: bool,
) -> Option<Corners> {
    let size = modules as f32;
    let flat = grid(patterns, size, size - 3.5, patterns.tr.p + patterns.bl.p - patterns.tl.p)?;
    let by_edges = || {
        let meeting = meeting_of_edges(image, patterns, size, &flat)?;
        grid(patterns, size, size - 0.5, meeting)
    };
    let guess = by_edges().unwrap_or(flat);
    let by_alignment = || {
        let expected = guess.transform_point(point(size - 6.5, size - 6.5));
        let module = distance(patterns.tl.p, patterns.tr.p) / (size - 7.0);
        let middle = LocateAlignmentPattern(image, module as i32 + 1, expected)?;
        grid(patterns, size, size - 6.5, middle)
    };
    let has_alignment = modules > 21;
    let best = has_alignment.then(by_alignment).flatten().unwrap_or(guess);
    let mut corners = outline(&best, size);
    if is_mirrored {
        corners.swap(1, 3);
    }
    Some(corners)
}

/// The outer corners of a grid of `size` modules: `transform` goes from modules to pixels.
pub(super) fn outline(transform: &PerspectiveTransform, size: f32) -> Corners {
    [(0.0, 0.0), (size, 0.0), (size, size), (0.0, size)].map(|(x, y)| {
        let corner = transform.transform_point(point(x, y));
        (corner.x, corner.y)
    })
}

/// From modules to pixels, by the middles of the finder patterns and a fourth point on the diagonal.
fn grid(
    patterns: &FinderPatternSet,
    size: f32,
    fourth_module: f32,
    fourth: Point,
) -> Option<PerspectiveTransform> {
    let (near, far) = (3.5, size - 3.5);
    let modules =
        [point(near, near), point(far, near), point(fourth_module, fourth_module), point(near, far)];
    let pixels = Quadrilateral([patterns.tl.p, patterns.tr.p, fourth, patterns.bl.p]);
    if !pixels.is_convex() {
        return None;
    }
    PerspectiveTransform::quadrilateralToQuadrilateral(Quadrilateral(modules), pixels).ok()
}

/// Where the middle of the last column and that of the last row meet, in pixels.
fn meeting_of_edges(
    image: &BitMatrix,
    patterns: &FinderPatternSet,
    size: f32,
    flat: &PerspectiveTransform,
) -> Option<Point> {
    let (near, far) = (0.5, size - 0.5);
    let right = edge(image, patterns.tr, flat, [point(far, near), point(far, 6.5)])?;
    let bottom = edge(image, patterns.bl, flat, [point(near, far), point(6.5, far)])?;
    intersection(right, bottom)
}

/// Two corners of a finder pattern's outer ring, in pixels, picked by where they should be, in modules.
fn edge(
    image: &BitMatrix,
    pattern: ConcentricPattern,
    flat: &PerspectiveTransform,
    modules: [Point; 2],
) -> Option<[Point; 2]> {
    let ring = FindConcentricPatternCorners(image, pattern.p, pattern.size, 2)?;
    let nearest = |module: Point| {
        let expected = flat.transform_point(module);
        let by_distance =
            |a: &&Point, b: &&Point| distance(**a, expected).total_cmp(&distance(**b, expected));
        ring.0.iter().min_by(by_distance).copied()
    };
    let [a, b] = modules.map(nearest);
    Some([a?, b?]).filter(|[a, b]| a != b)
}

fn intersection([a, b]: [Point; 2], [c, d]: [Point; 2]) -> Option<Point> {
    let (ab, cd) = (b - a, d - c);
    let across = ab.x * cd.y - ab.y * cd.x;
    if across.abs() < f32::EPSILON {
        return None;
    }
    let ac = c - a;
    Some(a + ab * ((ac.x * cd.y - ac.y * cd.x) / across))
}

fn distance(a: Point, b: Point) -> f32 {
    (b.x - a.x).hypot(b.y - a.y)
}
