//! The figures behind docs/accessibility.md, computed from the stylesheet: WCAG 2.2, contrast ratio.

/// What stands on what, and the least that WCAG asks: 4.5 for text (1.4.3), 3 for parts and edges (1.4.11).
const PAIRS: &[(&str, &str, f64)] = &[
    ("text", "ground", 4.5),
    ("text", "raised", 4.5),
    ("quiet", "ground", 4.5),
    ("quiet", "raised", 4.5),
    ("accent", "ground", 4.5),
    ("accent", "raised", 4.5),
    ("on-accent", "accent", 4.5),
    ("warn", "ground", 4.5),
    ("warn", "raised", 4.5),
    ("danger", "ground", 4.5),
    ("danger", "raised", 4.5),
    ("line", "ground", 3.0),
    ("line", "raised", 3.0),
];

const STYLES: &str = include_str!("../../static/klink.css");
const DOCUMENT: &str = include_str!("../../../../docs/accessibility.md");

/// Returns the colour `name` of a theme as red, green, blue.
fn colour(theme: &str, name: &str) -> [u8; 3] {
    let value = theme.split(&format!("--{name}: #")).nth(1).unwrap_or_else(|| panic!("no colour {name}"));
    [0, 2, 4].map(|at| u8::from_str_radix(&value[at..at + 2], 16).unwrap())
}

/// Returns the relative luminance, 0 to 1.
fn luminance(colour: [u8; 3]) -> f64 {
    let [red, green, blue] = colour.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn ratio(one: [u8; 3], other: [u8; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Returns the light theme and the dark one.
fn themes() -> [&'static str; 2] {
    let mut blocks = STYLES.split(":root {").skip(1).map(|rest| rest.split('}').next().unwrap());
    [blocks.next().unwrap(), blocks.next().unwrap()]
}

#[test]
fn every_pair_has_the_contrast_that_the_document_names() {
    for (on, under, least) in PAIRS {
        let figures = themes().map(|theme| ratio(colour(theme, on), colour(theme, under)));
        for figure in figures {
            assert!(figure >= *least, "{on} on {under}: {figure:.2}, expected at least {least}");
        }
        // Rounded down, so that the document never says more than there is.
        let [light, dark] = figures.map(|figure| (figure * 10.0).floor() / 10.0);
        let row = format!("| {on} | {under} | {least:.1} | {light:.1} | {dark:.1} |");
        assert!(DOCUMENT.contains(&row), "docs/accessibility.md lacks: {row}");
    }
}

#[test]
fn the_ratio_is_that_of_the_standard() {
    assert!((ratio([0; 3], [255; 3]) - 21.0).abs() < 1e-9);
    assert!(ratio([0x77; 3], [255; 3]) < 4.5 && ratio([0x76; 3], [255; 3]) > 4.5);
}

#[test]
fn no_colour_stands_outside_the_two_themes_but_for_print_and_the_white_of_codes() {
    let rest = STYLES.split("* { box-sizing").nth(1).unwrap();
    let others: Vec<&str> = rest
        .split('#')
        .skip(1)
        .map(|text| &text[..6])
        .filter(|text| text.chars().all(|c| c.is_ascii_hexdigit()))
        .filter(|text| *text != "ffffff" && *text != "000000")
        .collect();
    assert!(others.is_empty(), "{others:?}");
}
