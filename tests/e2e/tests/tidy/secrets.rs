//! Types that hold raw key bytes print nothing by themselves.

use crate::tokens::{self, Token};
use crate::tree::{Finding, Tree};

/// Where key material is handled; a path begins with one of these.
const PLACES: &[&str] =
    &["core/src/crypto/", "core/src/vault/keys", "core/src/vault/recovery", "core/src/vault/slot"];

/// Types whose `Debug` would print what is inside. `SecretBytes` and `SecretText` print a length.
const RAW: &[&[&str]] = &[
    &["[", "u8"],
    &["Vec", "<", "u8"],
    &["Box", "<", "[", "u8"],
    &["Zeroizing"],
    &["GenericArray"],
    &["String"],
];

/// Finds `derive(Debug)` on types with raw bytes in them.
pub(crate) fn findings(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, source) in
        tree.rust("core/src/").filter(|(path, _)| PLACES.iter().any(|place| path.starts_with(place)))
    {
        let Ok(tokens) = tokens::read(source, &[]) else { continue };
        for n in 0..tokens.len() {
            if tokens::reads(&tokens, n, &["#", "[", "derive", "("]) {
                found.extend(derived(path, &tokens, n));
            }
        }
    }
    found
}

/// Looks at the type below the `#[derive(…)]` that begins at `n`.
fn derived(path: &str, tokens: &[Token], n: usize) -> Option<Finding> {
    let end = tokens::closing(tokens, n + 1);
    if !tokens[n..end].iter().any(|token| token.text == "Debug") {
        return None;
    }
    let keyword = (end..tokens.len()).find(|n| matches!(tokens[*n].text.as_str(), "struct" | "enum"))?;
    let name = tokens.get(keyword + 1)?;
    let open = (keyword..tokens.len()).find(|n| matches!(tokens[*n].text.as_str(), "{" | "(" | ";"))?;
    let body = open..tokens::closing(tokens, open);
    let raw = body.clone().any(|n| RAW.iter().any(|raw| tokens::reads(tokens, n, raw)));
    raw.then(|| Finding::new(path, name.line, format!("`{}` would print its bytes", name.text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, found: bool) {
        let expected: &[&str] = if found { &["core/src/crypto/keys.rs:1"] } else { &[] };
        crate::check(findings, &[("core/src/crypto/keys.rs", source)], expected);
    }

    #[test]
    fn a_type_that_would_print_key_bytes_is_found() {
        check("#[derive(Clone, Debug)] pub struct Dek(Zeroizing<Vec<u8>>);", true);
        check("#[derive(Debug)] #[must_use] pub(crate) struct Dek { epoch: u32, key: [u8; 32] }", true);
        check("#[derive(Debug)] enum Kept { Nothing, Here(Box<[u8]>) }", true);
        check("#[derive(Debug)] enum Key<'a> { Passphrase(&'a [u8]) }", true);
    }

    #[test]
    fn a_type_that_prints_no_bytes_may_derive_debug() {
        check("#[derive(Debug)] pub struct Dek(SecretBytes);", false);
        check("#[derive(Clone)] pub struct Dek(Zeroizing<Vec<u8>>);", false);
        check("#[derive(Debug)] pub enum KdfError { Memory(u32) }\nstruct Dek([u8; 32]);", false);
        check("#[derive(Debug)] struct Unit;\nstruct Dek([u8; 32]);", false);
    }
}
