//! The Android app is a thin shell: no knowledge of codes, formats or protocols, and few lines.

use crate::tree::{Finding, Tree};

/// Lines of code of what decides: models, adapters, wiring.
const MOST: usize = 4_500;

/// Lines of code of what draws.
const MOST_DRAWN: usize = 3_500;

/// What only the core may know, in small letters, and what it would mean in a shell.
const CORE_ONLY: &[(&str, &str)] = &[
    ("otpauth", "the core reads account links"),
    ("hmac", "the core makes codes"),
    ("base32", "the core reads secrets"),
    ("% 30", "the core says when a code ends"),
    ("/ 30_000", "the core says when a code ends"),
    ("pushmatch:", "the core reads what is scanned"),
    ("json", "the core reads formats"),
    ("sqlite", "the core keeps the vault"),
    ("jws", "the core speaks the protocol"),
    ("https://", "the core opens connections"),
    ("argon2", "the core derives keys"),
];

/// Where a word stands for a reason: what the core hands to other processes is read there without it.
const BESIDE_THE_CORE: &[(&str, &str)] =
    &[("json", "android/platform/src/main/kotlin/app/klink/platform/Pack.kt")];

/// Finds what belongs in the core, and counts the lines.
pub(crate) fn findings(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    let (mut drawn, mut others) = (0, 0);
    for (path, text) in shell(tree) {
        *(if path.starts_with(DRAWN) { &mut drawn } else { &mut others }) +=
            text.lines().filter(code).count();
        for (n, line) in text.lines().enumerate() {
            let small = line.to_lowercase();
            let known = CORE_ONLY
                .iter()
                .filter(|(word, _)| small.contains(word) && !BESIDE_THE_CORE.contains(&(*word, path)));
            found.extend(known.map(|(word, why)| Finding::new(path, n + 1, format!("`{word}`: {why}"))));
        }
    }
    for (what, lines, most) in [("android", others, MOST), (DRAWN, drawn, MOST_DRAWN)] {
        if lines > most {
            found.push(Finding::new(what, 0, format!("{lines} lines of Kotlin, expected at most {most}")));
        }
    }
    found
}

/// The module that draws.
const DRAWN: &str = "android/ui/";

/// Tells whether a line is code: neither empty, nor comment, nor what an editor writes at the top.
fn code(line: &&str) -> bool {
    let line = line.trim();
    let other = ["//", "/*", "*", "import ", "package "];
    !line.is_empty() && !other.iter().any(|start| line.starts_with(start))
}

/// Returns the app's own Kotlin: what is for people to see and for Android to call.
fn shell(tree: &Tree) -> impl Iterator<Item = (&str, &str)> {
    // Samples are what tests and previews draw.
    let tested = |path: &str| path.contains("/src/test/") || path.contains("/src/samples/");
    tree.files()
        .filter(move |(path, _)| path.starts_with("android/") && path.ends_with(".kt") && !tested(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: &str = "android/presentation/src/main/kotlin/A.kt";

    #[test]
    fn what_only_the_core_may_know_is_found() {
        for (word, _) in CORE_ONLY {
            let text = format!("package a\n\nval known = \"{}\"\n", word.to_uppercase());
            crate::check(findings, &[(MODEL, &text)], &[&format!("{MODEL}:3")]);
        }
        crate::check(findings, &[("android/ui/src/test/kotlin/A.kt", "otpauth")], &[]);
        crate::check(findings, &[("bindings/kotlin/src/main/kotlin/A.kt", "otpauth")], &[]);
    }

    #[test]
    fn a_word_stands_where_it_may_and_no_other_does() {
        for &(word, path) in BESIDE_THE_CORE {
            crate::check(findings, &[(path, word), (MODEL, word)], &[&format!("{MODEL}:1")]);
            crate::check(findings, &[(path, "argon2")], &[&format!("{path}:1")]);
        }
    }

    #[test]
    fn lines_are_counted_and_tests_are_not() {
        let full = "x\n".repeat(MOST);
        let drawn = "x\n".repeat(MOST_DRAWN);
        let (view, test) = ("android/ui/src/main/kotlin/B.kt", "android/presentation/src/test/kotlin/B.kt");
        let none = "package a\n\nimport b\n/** c\n * d\n */\n// e\n".to_owned();
        crate::check(findings, &[(MODEL, &(none.clone() + &full)), (view, &drawn), (test, &full)], &[]);
        let more = full + "y\n";
        crate::check(findings, &[(MODEL, &more), (view, &drawn)], &["android"]);
        crate::check(findings, &[(MODEL, &none), (view, &(drawn + "y\n"))], &[DRAWN]);
    }
}
