//! One page for each decision, numbered as they were made.

use crate::tree::{Finding, Tree};

const FOLDER: &str = "docs/decisions/";

/// The parts of a decision, in their order.
const PARTS: [&str; 3] = ["## Context", "## Options", "## Decision"];

/// Lines of one page.
const PAGE: usize = 60;

/// Finds gaps and doubles in the numbers, and pages that are not of the form.
pub(crate) fn findings(tree: &Tree) -> Vec<Finding> {
    let pages = tree.files().filter(|(path, _)| path.starts_with(FOLDER));
    pages.enumerate().flat_map(|(n, (path, text))| page(n + 1, path, text)).collect()
}

fn page(number: usize, path: &str, text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    if !path.starts_with(&format!("{FOLDER}{number:04}-")) {
        found.push(Finding::new(path, 0, format!("expected number {number:04}")));
    }
    if !text.starts_with(&format!("# {number:04} ")) {
        found.push(Finding::new(path, 1, "the title does not begin with the number"));
    }
    let parts: Vec<&str> = text.lines().filter(|line| line.starts_with("## ")).collect();
    if parts != PARTS {
        found.push(Finding::new(path, 0, format!("expected the parts {}", PARTS.join(", "))));
    }
    if text.lines().count() > PAGE {
        found.push(Finding::new(path, 0, format!("more than one page of {PAGE} lines")));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(files: &[(&str, String)], expected: &[&str]) {
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        crate::check(findings, &files, expected);
    }

    fn decision(number: &str) -> String {
        format!("# {number} Time is an argument\n\n{}\n", PARTS.join("\n\nText.\n\n"))
    }

    #[test]
    fn a_gap_in_the_numbers_is_found() {
        let (first, second, third) =
            ("docs/decisions/0001-a.md", "docs/decisions/0002-b.md", "docs/decisions/0003-c.md");
        check(&[(first, decision("0001")), (second, decision("0002"))], &[]);
        check(&[(first, decision("0001")), (third, decision("0002"))], &[third]);
        check(
            &[(first, decision("0001")), ("docs/decisions/0001-b.md", decision("0002"))],
            &["docs/decisions/0001-b.md"],
        );
    }

    #[test]
    fn a_page_without_its_parts_or_title_is_found() {
        let path = "docs/decisions/0001-a.md";
        check(&[(path, decision("0001").replace("## Options\n", ""))], &[path]);
        check(&[(path, decision("Seven"))], &["docs/decisions/0001-a.md:1"]);
        check(&[(path, decision("0001") + &"line\n".repeat(PAGE))], &[path]);
    }
}
