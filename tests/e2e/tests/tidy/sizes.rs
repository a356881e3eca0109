//! How long a source file may be.

use crate::tree::{Finding, Tree};

/// Lines of the longest file; tests at its end are not counted.
pub(crate) const MOST: usize = 500;

/// Lines from which a file is named as long.
const LONG: usize = 400;

/// Finds files that are too long.
pub(crate) fn findings(tree: &Tree) -> Vec<Finding> {
    lengths(tree)
        .filter(|(_, lines)| *lines > MOST)
        .map(|(path, lines)| Finding::new(path, 0, format!("{lines} lines, expected at most {MOST}")))
        .collect()
}

/// Returns the files that come near.
pub(crate) fn long(tree: &Tree) -> impl Iterator<Item = (&str, usize)> {
    lengths(tree).filter(|(_, lines)| (LONG + 1..=MOST).contains(lines))
}

fn lengths(tree: &Tree) -> impl Iterator<Item = (&str, usize)> {
    tree.rust("").map(|(path, text)| (path, without_tests(text)))
}

/// Counts lines up to the module of tests at the end.
fn without_tests(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let tests = lines.windows(2).position(|pair| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod "));
    tests.unwrap_or(lines.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_at_the_end_are_not_counted() {
        let code = "x\n".repeat(MOST);
        let tests = format!("#[cfg(test)]\nmod tests {{\n{code}}}\n");
        crate::check(findings, &[("core/src/a.rs", &(code.clone() + &tests))], &[]);
        crate::check(findings, &[("core/src/a.rs", &(code + "y\n" + &tests))], &["core/src/a.rs"]);
    }

    #[test]
    fn a_long_file_is_named_before_it_is_too_long() {
        let named = |lines: usize| long(&Tree::made(&[("a.rs", &"x\n".repeat(lines))])).count();
        assert_eq!([LONG, LONG + 1, MOST, MOST + 1].map(named), [0, 1, 1, 0]);
    }
}
