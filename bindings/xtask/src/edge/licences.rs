//! The list of what is linked, for the app's screen of licences: made with what it describes, so that it is never old.

use std::collections::BTreeSet;

use anyhow::ensure;

use crate::house::House;

/// What stands around the library in Kotlin.
const KOTLIN: &[&str] = &[
    "Kotlin · Apache-2.0 · https://github.com/JetBrains/kotlin",
    "kotlinx.coroutines · Apache-2.0 · https://github.com/Kotlin/kotlinx.coroutines",
    "Jetpack Compose and AndroidX · Apache-2.0 · https://github.com/androidx/androidx",
    "JNA · Apache-2.0 OR LGPL-2.1-or-later · https://github.com/java-native-access/jna",
];

/// Returns a line for each part: its name and version, its licence, and where its sources are.
///
/// # Errors
/// Cargo does not answer, or names hardly anything.
pub(crate) fn licences(house: &House) -> anyhow::Result<String> {
    let mut tree = house.command("cargo");
    tree.args(["tree", "--locked", "--package", "authenticator-bindings", "--edges", "normal"]);
    tree.args(["--target", "aarch64-linux-android", "--prefix", "none", "--format", "{p} · {l} · {r}"]);
    let answer = tree.output()?;
    ensure!(answer.status.success(), "cargo tree: {}", String::from_utf8_lossy(&answer.stderr));
    let lines = parts(&String::from_utf8(answer.stdout)?);
    ensure!(lines.len() > 50, "cargo names {} parts only", lines.len());
    Ok(KOTLIN.iter().map(|line| format!("{line}\n")).chain(lines).collect())
}

/// Reads cargo's lines: each part once, those of this repository left out.
fn parts(tree: &str) -> BTreeSet<String> {
    let others =
        tree.lines().map(|line| line.trim_end_matches(" (*)")).filter(|line| !line.contains("/bindings)"));
    let others = others.filter(|line| !line.contains("/core)"));
    others.map(|line| format!("{}\n", line.replace(" (proc-macro)", ""))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_of_someone_else_stands_in_the_list_once() {
        let tree = "own v1 (/home/x/bindings) · A · \nb v2 · MIT · u\na v1 (proc-macro) · MIT · u\nb v2 · MIT · u (*)\n";
        let lines: Vec<String> = parts(tree).into_iter().collect();
        assert_eq!(lines, ["a v1 · MIT · u\n", "b v2 · MIT · u\n"]);
    }
}
