//! Who may depend on whom among our packages, and how a dependency is written down.

use toml_edit::{DocumentMut, Item, TableLike};

use crate::tree::{Finding, Tree};

/// Our packages, and those of ours that each may depend on, in tests too.
const PACKAGES: &[(&str, &[&str])] = &[
    ("authenticator-bindings", &["authenticator-core"]),
    ("authenticator-core", &["fixtures"]),
    ("bindgen", &[]),
    ("e2e", &["authenticator-core", "klink", "klink-service"]),
    ("fixtures", &[]),
    ("fuzzing", &["authenticator-core", "fixtures"]),
    ("klink", &["authenticator-core", "klink-service"]),
    ("klink-service", &["authenticator-core"]),
    ("proofs", &["authenticator-core", "klink"]),
    ("stage", &["authenticator-core", "fixtures", "klink-service"]),
    ("xtask", &[]),
];

const KINDS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// Finds packages that are not in the table, and dependencies of ours that it does not allow.
pub(crate) fn dependencies(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, manifest) in members(tree) {
        let name = manifest["package"]["name"].as_str().unwrap_or_default();
        let Some((_, allowed)) = PACKAGES.iter().find(|(package, _)| *package == name) else {
            found.push(Finding::new(path, 0, format!("`{name}` is not in the table of packages")));
            continue;
        };
        let ours = named(&manifest).filter(|(used, _)| PACKAGES.iter().any(|(package, _)| package == used));
        for (used, _) in ours.filter(|(used, _)| !allowed.contains(used)) {
            found.push(Finding::new(path, 0, format!("`{name}` may not depend on `{used}`")));
        }
    }
    found
}

/// Finds members that name versions of their own, and workspace dependencies without a reason behind them.
pub(crate) fn reasons(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, manifest) in members(tree) {
        for (used, item) in named(&manifest) {
            let inherited = item.get("workspace").and_then(Item::as_bool) == Some(true);
            if !inherited {
                found.push(Finding::new(path, 0, format!("`{used}` is not taken from the workspace")));
            }
        }
    }
    let root = tree.files().find(|(path, _)| *path == "Cargo.toml");
    let Some(Ok(root)) = root.map(|(_, text)| text.parse::<DocumentMut>()) else { return found };
    for (name, item) in
        root["workspace"]["dependencies"].as_table_like().into_iter().flat_map(TableLike::iter)
    {
        let ours = item.get("path").is_some();
        let comment = item.as_value().and_then(|value| value.decor().suffix()).and_then(|text| text.as_str());
        let reason = comment.unwrap_or_default().trim().trim_start_matches('#').trim();
        if !ours && reason.is_empty() {
            found.push(Finding::new("Cargo.toml", 0, format!("no reason stands behind `{name}`")));
        }
    }
    found
}

/// Finds members without the workspace's lints, and members with features.
pub(crate) fn members_as_agreed(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, manifest) in members(tree) {
        if manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(Item::as_bool)
            != Some(true)
        {
            found.push(Finding::new(path, 0, "the workspace's lints are not on"));
        }
        if manifest.contains_key("features") {
            found.push(Finding::new(path, 0, "it has features (decision 0008)"));
        }
    }
    found
}

/// Returns every manifest that names a package of the workspace. A fuzzer's is a workspace of its own, with one line for
/// each target.
fn members(tree: &Tree) -> impl Iterator<Item = (&str, DocumentMut)> {
    let manifests = tree.files().filter(|(path, _)| *path == "Cargo.toml" || path.ends_with("/Cargo.toml"));
    manifests
        .map(|(path, text)| {
            (path, text.parse::<DocumentMut>().expect("cargo has read this manifest before us"))
        })
        .filter(|(_, manifest)| manifest.contains_key("package") && !manifest.contains_key("workspace"))
}

/// Returns every dependency of a manifest, those for one platform included.
fn named(manifest: &DocumentMut) -> impl Iterator<Item = (&str, &Item)> {
    let targets = manifest.get("target").and_then(Item::as_table_like).into_iter().flat_map(TableLike::iter);
    let places = std::iter::once(manifest.as_item()).chain(targets.map(|(_, target)| target));
    places
        .flat_map(|place| KINDS.iter().filter_map(|kind| place.get(kind)))
        .filter_map(Item::as_table_like)
        .flat_map(TableLike::iter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(name: &str, rest: &str) -> String {
        format!("lints.workspace = true\n[package]\nname = \"{name}\"\n{rest}\n")
    }

    #[track_caller]
    fn check(rule: fn(&Tree) -> Vec<Finding>, text: &str, finds: usize) {
        let path = "core/Cargo.toml";
        crate::check(rule, &[(path, text)], &vec![path; finds]);
    }

    #[test]
    fn the_core_depends_on_none_of_ours() {
        check(dependencies, &manifest("authenticator-core", "[dependencies]\nsha2.workspace = true"), 0);
        for kind in ["dependencies", "dev-dependencies", "target.'cfg(unix)'.dependencies"] {
            check(
                dependencies,
                &manifest("authenticator-core", &format!("[{kind}]\nklink.workspace = true")),
                1,
            );
        }
    }

    #[test]
    fn a_package_that_nobody_knows_is_found() {
        check(dependencies, &manifest("attic", ""), 1);
    }

    #[test]
    fn a_version_of_ones_own_is_found() {
        check(reasons, &manifest("klink", "[dependencies]\nclap.workspace = true"), 0);
        check(reasons, &manifest("klink", "[dependencies]\nclap = \"4\""), 1);
        check(reasons, &manifest("klink", "[dependencies.clap]\nversion = \"4\""), 1);
    }

    #[test]
    fn a_dependency_without_a_reason_is_found() {
        let root = "[workspace.dependencies]\nours = { path = \"core\" }\nclap = \"4\" # the command line\n";
        crate::check(reasons, &[("Cargo.toml", root)], &[]);
        let silent = root.to_owned() + "serde = { version = \"1\" }\nrand = \"1\" #\n";
        crate::check(reasons, &[("Cargo.toml", &silent)], &["Cargo.toml", "Cargo.toml"]);
    }

    #[test]
    fn a_member_without_lints_or_with_features_is_found() {
        check(members_as_agreed, &manifest("klink", ""), 0);
        check(members_as_agreed, &manifest("klink", "[features]\nqr = []"), 1);
        check(members_as_agreed, &manifest("klink", "").replace("true", "false"), 1);
    }
}
