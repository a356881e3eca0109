//! The rules of the house, read from its sources. Each rule is one function from a tree to findings, and is
//! first seen failing on a small made-up tree.

mod absent;
mod apps;
mod decisions;
mod documents;
mod floors;
mod gradle;
mod kotlin;
mod packages;
mod secrets;
mod sizes;
mod tokens;
mod tree;
mod vectors;
mod words;

use std::path::Path;

use tree::{Finding, Tree};

/// What a rule is called, and the rule.
type Rule = (&'static str, fn(&Tree) -> Vec<Finding>);

/// Every rule of the house.
const RULES: &[Rule] = &[
    ("a module uses its own inside and lower floors only", floors::findings),
    ("a package depends on what its table allows", packages::dependencies),
    ("a version is named once, with its reason", packages::reasons),
    ("a member takes the workspace's lints and has no features", packages::members_as_agreed),
    ("a source file is at most 500 lines long", sizes::findings),
    ("the core has no clock, no printing, no unsafe code and one door to randomness", absent::findings),
    ("no type that holds raw key bytes derives Debug", secrets::findings),
    ("every folder of vectors says where its data came from", vectors::findings),
    ("documents name only what exists", documents::findings),
    ("sources name only documents that exist", documents::in_sources),
    ("decisions are numbered without gaps and have three parts", decisions::findings),
    ("the Android app knows nothing of codes, formats and protocols", kotlin::findings),
    ("Android Studio's build says what Maven's says", gradle::findings),
    ("the iPhone app is thin and leaves to the core what the core knows", apps::findings),
    ("no word that does not belong", words::findings),
];

#[test]
fn the_house_keeps_its_rules() {
    let tree = Tree::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
    assert!(tree.has("core/src/lib.rs"), "this is not the house");
    for (path, lines) in sizes::long(&tree) {
        println!("long: {path} has {lines} lines; split it before it has {}", sizes::MOST);
    }
    let broken: Vec<String> = RULES
        .iter()
        .flat_map(|(name, rule)| {
            rule(&tree).into_iter().map(move |finding| format!("{finding}\n    rule: {name}"))
        })
        .collect();
    assert!(broken.is_empty(), "{} findings:\n{}", broken.len(), broken.join("\n"));
}

/// Asserts what a rule finds in a made-up tree, as `path:line` of each finding.
#[track_caller]
fn check(rule: fn(&Tree) -> Vec<Finding>, files: &[(&str, &str)], expected: &[&str]) {
    let found: Vec<String> = rule(&Tree::made(files)).iter().map(Finding::place).collect();
    assert_eq!(found, expected);
}
