//! Words that do not belong in the repository.

use crate::tree::{Finding, Tree};

/// Each word, and why not; put together here, so that the list does not find itself.
const WORDS: &[(&str, &str)] = &[
    (concat!("TO", "DO"), "finish it, or file an issue"),
    (concat!("FIX", "ME"), "finish it, or file an issue"),
    (concat!("#[ig", "nore"), "a test that cannot run here says \"not run\" by name"),
    (concat!("unimple", "mented!"), "no stubs"),
    (concat!("/wo", "rk/"), "a path of one machine"),
    (concat!("/ro", "ot/"), "a path of one machine"),
    (concat!("/t", "mp/"), "a path of one machine: take a temporary folder"),
    (concat!("shared/", "design"), "not in the repository"),
    (concat!("index.crates", ".io"), "a registry's host"),
    (concat!("static.crates", ".io"), "a registry's host"),
    (concat!("pypi", ".org"), "a registry's host"),
    (concat!("pythonhosted", ".org"), "a registry's host"),
    (concat!("registry.npm", "js"), "a registry's host"),
    (concat!("maven", ".org"), "a registry's host"),
    (concat!("deb.deb", "ian.org"), "a registry's host"),
    (concat!("proxy.go", "lang"), "a registry's host"),
];

/// Files that others wrote or that a tool writes.
const NOT_OURS: &[&str] = &["Cargo.lock", "LICENSE-APACHE", "LICENSE-MIT"];

/// Files of data, where any letters may follow each other.
const DATA: &[&str] = &[".json", ".csv", ".txt", ".b64", ".pb"];

/// Finds each word, wherever no letter or digit is its neighbour.
pub(crate) fn findings(tree: &Tree) -> Vec<Finding> {
    let ours = tree
        .files()
        .filter(|(path, _)| !NOT_OURS.contains(path) && !DATA.iter().any(|end| path.ends_with(end)));
    let mut found = Vec::new();
    for (path, text) in ours {
        for (n, line) in text.lines().enumerate() {
            let words = WORDS.iter().filter(|(word, _)| stands(line, word));
            found.extend(words.map(|(word, why)| Finding::new(path, n + 1, format!("`{word}`: {why}"))));
        }
    }
    found
}

fn stands(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let after = line[start + word.len()..].chars().next();
        let joined = |outside: Option<char>, edge: Option<char>| {
            [outside, edge].iter().all(|c| c.is_some_and(|c| c.is_ascii_alphanumeric()))
        };
        !joined(before, word.chars().next()) && !joined(after, word.chars().next_back())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_list_is_found() {
        for (word, _) in WORDS {
            let text = format!("fine\nsee {word} here\n");
            crate::check(findings, &[("docs/a.md", &text)], &["docs/a.md:2"]);
        }
    }

    #[test]
    fn a_word_inside_another_is_left_alone() {
        let inside = format!("MAS{}S", WORDS[0].0);
        crate::check(findings, &[("docs/a.md", &inside), ("tests/vectors/a.json", WORDS[0].0)], &[]);
    }
}
