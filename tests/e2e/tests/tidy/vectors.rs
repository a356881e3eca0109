//! Every folder of vectors says where its data came from.

use std::collections::BTreeSet;

use crate::tree::{Finding, Tree};

/// Finds folders below `tests/vectors` that hold files and no `SOURCE.md`, or an empty one.
pub(crate) fn findings(tree: &Tree) -> Vec<Finding> {
    let folders: BTreeSet<&str> = tree
        .files()
        .filter(|(path, _)| path.starts_with("tests/vectors/"))
        .filter_map(|(path, _)| path.rsplit_once('/').map(|(folder, _)| folder))
        .collect();
    let says = |folder: &str| {
        let source = format!("{folder}/SOURCE.md");
        tree.files().any(|(path, text)| path == source && !text.trim().is_empty())
    };
    folders
        .into_iter()
        .filter(|folder| !says(folder))
        .map(|folder| Finding::new(folder, 0, "no SOURCE.md says where its data came from"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_its_source_is_found() {
        let files = [
            ("tests/vectors/otp/SOURCE.md", "RFC 6238, appendix B"),
            ("tests/vectors/otp/rfc6238.json", "{}"),
            ("tests/vectors/qr/one.png", ""),
            ("tests/vectors/uri/SOURCE.md", " \n"),
        ];
        crate::check(findings, &files, &["tests/vectors/qr", "tests/vectors/uri"]);
    }
}
