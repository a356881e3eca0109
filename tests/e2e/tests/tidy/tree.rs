//! The files of the house, or of a made-up one.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;

/// Text files by their path from the root, with `/`; a file that is not text is there with an empty text.
pub(crate) struct Tree(BTreeMap<String, String>);

/// Folders that are made, not written.
const MADE: [&str; 8] =
    [".git", ".venv", "Generated", "KlinkCoreFFI", "__pycache__", "generated", "node_modules", "target"];

/// Bytes beyond which a file's text is not read: data, not something a person wrote.
const MOST_BYTES: u64 = 4 << 20;

impl Tree {
    /// Reads everything under `root` but what is made.
    pub(crate) fn read(root: &Path) -> Self {
        let mut files = BTreeMap::new();
        walk(root, "", &mut files);
        Self(files)
    }

    /// Makes a tree out of paths and texts.
    pub(crate) fn made(files: &[(&str, &str)]) -> Self {
        Self(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect())
    }

    /// Returns all paths and texts, sorted by path.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Returns the Rust files whose path begins with `prefix`.
    pub(crate) fn rust<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.files().filter(move |(path, _)| path.starts_with(prefix) && path.ends_with(".rs"))
    }

    /// Tells whether `path` is a file or a folder; a folder may end in `/`.
    pub(crate) fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        path.is_empty() || self.0.contains_key(path) || self.folder(path)
    }

    fn folder(&self, path: &str) -> bool {
        let inside = format!("{path}/");
        self.0.range(inside.clone()..).next().is_some_and(|(first, _)| first.starts_with(&inside))
    }
}

/// Something that breaks a rule.
pub(crate) struct Finding {
    path: String,
    line: usize,
    what: String,
}

impl Finding {
    /// Makes a finding; line 0 stands for the whole file.
    pub(crate) fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into() }
    }

    /// Returns `path:line`, or the path alone.
    pub(crate) fn place(&self) -> String {
        if self.line == 0 { self.path.clone() } else { format!("{}:{}", self.path, self.line) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place(), self.what)
    }
}

fn walk(folder: &Path, inside: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("the folder of a checkout can be listed") {
        let entry = entry.expect("an entry of a checkout can be read");
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = if inside.is_empty() { name.clone() } else { format!("{inside}/{name}") };
        let kind = entry.file_type().expect("an entry has a type");
        if kind.is_dir() && !MADE.contains(&name.as_str()) {
            walk(&entry.path(), &path, files);
        } else if kind.is_file() && name != ".git" {
            files.insert(path, text(&entry.path()));
        }
    }
}

fn text(path: &Path) -> String {
    let small = fs::metadata(path).is_ok_and(|data| data.len() <= MOST_BYTES);
    if small { fs::read_to_string(path).unwrap_or_default() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_there_when_a_file_is_in_it() {
        let tree = Tree::made(&[("docs/a.md", ""), ("docs-old", "")]);
        for (path, there) in
            [("docs", true), ("docs/", true), ("docs/a.md", true), ("doc", false), ("docs/b", false)]
        {
            assert_eq!(tree.has(path), there, "{path}");
        }
    }
}
