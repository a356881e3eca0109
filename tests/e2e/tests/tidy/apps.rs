//! The iPhone app is thin: few lines, and nothing in them that knows how codes, formats or the protocol of push work.

use crate::tree::{Finding, Tree};

/// Lines of code of what decides: models, adapters, extensions, wiring.
const MOST: usize = 4_000;

/// Lines of code of what draws.
const MOST_DRAWN: usize = 2_100;

/// The target that draws.
const DRAWN: &str = "ios/Sources/KlinkViews/";

/// Cases of the core's own enums, which a `switch` over all of them has to name.
const CASES: &[&str] = &[concat!(".ae", "gis:"), concat!(".ae", "gis("), concat!(".ae", "gis,")];

/// What only the core knows. Put together here, so that the list does not find itself.
const WORDS: &[&str] = &[
    concat!("otp", "auth"),
    concat!("push", "enrol"),
    concat!("pipu", "sh"),
    concat!("hm", "ac"),
    concat!("base", "32"),
    concat!("sha", "1("),
    concat!("argon", "2"),
    concat!("hkd", "f"),
    concat!("% ", "30"),
    concat!("/ ", "30)"),
    concat!("dp", "op"),
    concat!("jw", "s"),
    concat!("jw", "t"),
    concat!("ae", "gis"),
    concat!("sqli", "te"),
];

/// Finds what the app should leave to the core, and the app when it has grown.
pub(crate) fn findings(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    let (mut drawn, mut others) = (0, 0);
    for (path, text) in written(tree) {
        *(if path.starts_with(DRAWN) { &mut drawn } else { &mut others }) +=
            text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")).count();
        for (n, line) in text.lines().enumerate() {
            let lower = CASES.iter().fold(line.to_lowercase(), |line, case| line.replace(case, ""));
            let words = WORDS.iter().filter(|word| lower.contains(**word));
            found.extend(words.map(|word| Finding::new(path, n + 1, format!("`{word}`: the core's affair"))));
        }
    }
    for (what, lines, most) in [("ios", others, MOST), (DRAWN, drawn, MOST_DRAWN)] {
        if lines > most {
            let says = format!("{lines} lines of code in Swift, expected at most {most}");
            found.push(Finding::new(what, 0, says));
        }
    }
    found
}

/// The app's own sources, without tests, stand-ins for Apple's modules and samples for previews.
fn written(tree: &Tree) -> impl Iterator<Item = (&str, &str)> {
    let is_other = |path: &str| path.starts_with("ios/Tests/") || path.starts_with("ios/Stubs/");
    let is_sample = |path: &str| path.ends_with("Samples.swift") || path.ends_with("+Preview.swift");
    tree.files()
        .filter(|(path, _)| {
            path.starts_with("ios/") && path.ends_with(".swift") && *path != "ios/Package.swift"
        })
        .filter(move |(path, _)| !is_other(path) && !is_sample(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_core_is_found() {
        for word in WORDS {
            let text = format!("let fine = 1\nlet no = \"{}\"\n", word.to_uppercase());
            crate::check(findings, &[("ios/Sources/A.swift", &text)], &["ios/Sources/A.swift:2"]);
            crate::check(findings, &[("ios/Tests/A.swift", &text), ("core/src/a.rs", &text)], &[]);
        }
    }

    #[test]
    fn a_case_of_the_core_may_be_named_and_its_format_not() {
        for case in CASES {
            let text = format!("case {case} 1\n");
            crate::check(findings, &[("ios/Sources/A.swift", &text)], &[]);
            let text = format!("let format = \"{}\"\n", case.trim_matches(|c| !char::is_alphabetic(c)));
            crate::check(findings, &[("ios/Sources/A.swift", &text)], &["ios/Sources/A.swift:1"]);
        }
    }

    #[test]
    fn an_app_that_has_grown_is_found() {
        let lines = |most: usize| "\n// Why.\nlet x = 1\n".repeat(most);
        let (full, drawn) = (lines(MOST), lines(MOST_DRAWN));
        let (more, more_drawn) = (lines(MOST + 1), lines(MOST_DRAWN + 1));
        let (model, view) = ("ios/App/A.swift", "ios/Sources/KlinkViews/A.swift");
        let others =
            [("ios/Stubs/UIKit/UIKit.swift", full.as_str()), ("ios/Tests/ATests.swift", full.as_str())];
        crate::check(findings, &[(model, &full), (view, &drawn), others[0], others[1]], &[]);
        crate::check(findings, &[(model, &more), (view, &drawn)], &["ios"]);
        crate::check(findings, &[(model, &full), (view, &more_drawn)], &[DRAWN]);
    }
}
