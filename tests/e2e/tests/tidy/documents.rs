//! Documents name only what exists: where a link leads, and what looks like a path of this repository.

use pulldown_cmark::{CowStr, Event, Parser, Tag, TagEnd};

use crate::tree::{Finding, Tree};

/// Folders of the house, those that are still to come included: a document may not name what is not there yet.
const TOP: &[&str] =
    &[".cargo", ".ci", ".github", "android", "bindings", "core", "docs", "fuzz", "ios", "tests"];

/// Finds links and paths in Markdown files that lead nowhere.
pub(crate) fn findings(tree: &Tree) -> Vec<Finding> {
    tree.files()
        .filter(|(path, _)| path.ends_with(".md"))
        .flat_map(|(path, text)| document(tree, path, text))
        .collect()
}

/// Finds paths below `docs/` in Rust, Python and configuration files that lead nowhere.
pub(crate) fn in_sources(tree: &Tree) -> Vec<Finding> {
    let sources = tree
        .files()
        .filter(|(path, _)| [".rs", ".py", ".toml", ".yml"].iter().any(|end| path.ends_with(end)));
    let mut found = Vec::new();
    // The tests of this package name files of made-up trees.
    for (path, text) in sources.filter(|(path, _)| !path.starts_with("tests/e2e/tests/tidy/")) {
        for (n, line) in text.lines().enumerate() {
            let names = words(line).filter(|word| word.starts_with("docs/") && !tree.has(word));
            found.extend(names.map(|word| nowhere(path, n + 1, word)));
        }
    }
    found
}

fn document(tree: &Tree, path: &str, text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut in_block = false;
    for (event, place) in Parser::new(text).into_offset_iter() {
        let line =
            text[..place.start].lines().count().max(1) + usize::from(text[..place.start].ends_with('\n'));
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                let target = target(path, &dest_url).filter(|target| !tree.has(target));
                found.extend(target.map(|target| nowhere(path, line, &target)));
            }
            Event::Start(Tag::CodeBlock(_)) => in_block = true,
            Event::End(TagEnd::CodeBlock) => in_block = false,
            Event::Code(code) => found.extend(paths(tree, &code).map(|word| nowhere(path, line, word))),
            Event::Text(code) if in_block => {
                for (n, row) in code.lines().enumerate() {
                    found.extend(paths(tree, row).map(|word| nowhere(path, line + n, word)));
                }
            }
            _ => {}
        }
    }
    found
}

/// Returns the path from the root that a link in `document` leads to; none when it leads out of the repository.
fn target(document: &str, link: &CowStr<'_>) -> Option<String> {
    let file = link.split('#').next().unwrap_or_default();
    if file.is_empty() || file.contains(':') {
        return None;
    }
    let mut at: Vec<&str> = document.split('/').collect();
    at.pop();
    for part in file.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(at.pop()),
            name => at.push(name),
        }
    }
    Some(at.join("/"))
}

/// Returns the words of `text` that look like paths of this repository and are none.
fn paths<'a>(tree: &'a Tree, text: &'a str) -> impl Iterator<Item = &'a str> {
    words(text).filter(|word| {
        let first = word.split_once('/').map(|(first, _)| first);
        first.is_some_and(|first| TOP.contains(&first)) && !tree.has(word)
    })
}

/// Splits at what cannot stand in a path; a full stop at the end of a sentence is no part of it.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || "/._-".contains(c)))
        .map(|word| word.trim_end_matches('.').trim_start_matches("./"))
        .filter(|word| !word.is_empty())
}

fn nowhere(path: &str, line: usize, word: &str) -> Finding {
    Finding::new(path, line, format!("`{word}` is not in the repository"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(document: &str, expected: &[&str]) {
        let files = [("core/src/lib.rs", ""), ("docs/a.md", document), ("docs/b.md", ""), ("README.md", "")];
        crate::check(findings, &files, expected);
    }

    #[test]
    fn what_exists_may_be_named() {
        check("[b](b.md), [top](../README.md#map), `core/src/`, `core/src/lib.rs`.\n", &[]);
        check("```\ncore/src/lib.rs   the front door\n```\n", &[]);
    }

    #[test]
    fn what_leads_out_or_is_no_path_is_left_alone() {
        check(
            "[rfc](https://www.rfc-editor.org/rfc/rfc4226), [here](#below), `and/or`, `core`, `target/x`\n",
            &[],
        );
    }

    #[test]
    fn a_link_or_a_path_to_nothing_is_found() {
        check("[c](c.md)\n", &["docs/a.md:1"]);
        check("text\n\n![picture](../p.png)\n", &["docs/a.md:3"]);
        check("one\ntwo `core/src/main.rs`\n", &["docs/a.md:2"]);
        check("`ios/App` comes later", &["docs/a.md:1"]);
        check("```\ncore/src/lib.rs\ncore/src/old.rs\n```\n", &["docs/a.md:3"]);
    }

    #[test]
    fn a_source_that_names_a_missing_document_is_found() {
        let files = [("docs/a.md", ""), ("core/src/lib.rs", "//! See docs/a.md.\n/// (`docs/b.md`)\n")];
        crate::check(in_sources, &files, &["core/src/lib.rs:2"]);
    }
}
