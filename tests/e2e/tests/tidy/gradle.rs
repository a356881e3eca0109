//! Android Studio's build, which does not run in CI, says the same as Maven's, which does.

use std::collections::BTreeSet;

use crate::tree::{Finding, Tree};

const CATALOGUE: &str = "android/gradle/libs.versions.toml";
const SETTINGS: &str = "android/settings.gradle.kts";
/// The library's own build, which stands alone too and so names its versions itself.
const LIBRARY: &str = "bindings/kotlin/build.gradle.kts";
const POMS: [&str; 4] = [
    "android/pom.xml",
    "android/android-aars/pom.xml",
    "bindings/kotlin/pom.xml",
    "android/presentation/pom.xml",
];
/// What the package asks of Android: a name and its reason in each line.
const PERMISSIONS: &str = "android/permissions.txt";

/// Versions that Maven's build has no part of, and why.
const GRADLE_ONLY: &[(&str, &str)] = &[
    ("agp", "it is Gradle's plugin for Android"),
    ("firebase-messaging", "only the flavour `fcm` has it, and no test runs that"),
    (
        "rustls-platform-verifier",
        "it is for Android alone; `cargo xtask test bindings` compares it with Cargo.lock",
    ),
];

/// The systems that the app is made for: every module says the same.
const SYSTEMS: [(&str, &str); 3] = [("minSdk", "30"), ("targetSdk", "36"), ("compileSdk", "37")];

/// Compares what both builds name, and what Gradle's names with what is there.
pub(crate) fn findings(tree: &Tree) -> Vec<Finding> {
    let poms: String = POMS.iter().filter_map(|pom| text(tree, pom)).collect();
    let mut found = Vec::new();
    let catalogue = text(tree, CATALOGUE).unwrap_or_default();
    found.extend(versions(catalogue, &poms));
    if let Some(library) = text(tree, LIBRARY) {
        found.extend(literal_versions(library, catalogue, &poms));
    }
    let settings = text(tree, SETTINGS).unwrap_or_default();
    let modules: BTreeSet<&str> = quoted(settings, "include(\":").map(|(_, module)| module).collect();
    for (n, module) in quoted(settings, "include(\":") {
        let there = poms.contains(&format!("<module>{module}</module>"))
            && tree.has(&format!("android/{module}/build.gradle.kts"));
        if !there {
            found.push(Finding::new(SETTINGS, n, format!("there is no module `{module}` in both builds")));
        }
    }
    for (path, gradle) in scripts(tree) {
        found.extend(systems(path, gradle));
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (n, line) in gradle.lines().enumerate() {
            let mut missing = |what: String| found.push(Finding::new(path, n + 1, what));
            for alias in aliases(line).filter(|alias| !has_alias(catalogue, alias)) {
                missing(format!("the catalogue has no `{alias}`"));
            }
            for module in between(line, "project(\":", '"').filter(|module| !modules.contains(module)) {
                missing(format!("the settings have no `{module}`"));
            }
            let files = line.split('"').skip(1).step_by(2).filter(|text| is_file(text));
            for file in files.filter(|file| !tree.has(&format!("{folder}/{file}"))) {
                missing(format!("there is no {file}"));
            }
        }
    }
    found.extend(permissions(tree));
    found
}

fn text<'a>(tree: &'a Tree, path: &str) -> Option<&'a str> {
    tree.files().find(|(other, _)| *other == path).map(|(_, text)| text)
}

fn scripts(tree: &Tree) -> impl Iterator<Item = (&str, &str)> {
    tree.files().filter(|(path, _)| path.ends_with("build.gradle.kts"))
}

/// Tells whether a quoted text is a file or folder of the module; `android/jniLibs` is made first.
fn is_file(text: &str) -> bool {
    (text.starts_with("src/") && !text.starts_with("src/generated")) || text.ends_with(".pro")
}

/// Finds versions of the catalogue that no pom names.
fn versions(catalogue: &str, poms: &str) -> Vec<Finding> {
    let lines = catalogue.lines().enumerate().skip_while(|(_, line)| *line != "[versions]").skip(1);
    lines
        .take_while(|(_, line)| !line.starts_with('['))
        .filter_map(|(n, line)| {
            let (name, version) = line.split_once(" = ")?;
            let version = version.trim_matches('"');
            (!is_known(name, version, poms))
                .then(|| Finding::new(CATALOGUE, n + 1, format!("Maven has no {name} {version}")))
        })
        .collect()
}

/// Finds versions of a script that names them itself: a plugin's is the catalogue's, a library's is Maven's.
fn literal_versions(script: &str, catalogue: &str, poms: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    for (n, line) in script.lines().enumerate() {
        for version in between(line, ") version \"", '"') {
            if !catalogue.contains(&format!("agp = \"{version}\"\n")) {
                found.push(Finding::new(LIBRARY, n + 1, format!("the catalogue has no plugin {version}")));
            }
        }
        for coordinates in line.split('"').skip(1).step_by(2) {
            let mut parts = coordinates.split(':').skip(1);
            if let (Some(name), Some(version)) = (parts.next(), parts.next()) {
                let version = version.split('@').next().unwrap_or(version);
                if !is_known(name, version, poms) {
                    found.push(Finding::new(LIBRARY, n + 1, format!("Maven has no {name} {version}")));
                }
            }
        }
    }
    found
}

fn is_known(name: &str, version: &str, poms: &str) -> bool {
    GRADLE_ONLY.iter().any(|(only, _)| *only == name) || poms.contains(&format!(">{version}<"))
}

fn systems<'a>(path: &'a str, gradle: &'a str) -> impl Iterator<Item = Finding> + 'a {
    SYSTEMS.iter().flat_map(move |(name, value)| {
        gradle.lines().enumerate().filter_map(move |(n, line)| {
            let (_, said) = line.split_once(&format!("{name} = "))?;
            let said = said.split(|c: char| !c.is_ascii_digit()).next()?;
            (said != *value).then(|| Finding::new(path, n + 1, format!("{name} is {value}")))
        })
    })
}

/// Returns what a line calls by the catalogue, as the catalogue spells it.
fn aliases(line: &str) -> impl Iterator<Item = String> {
    let starts = line.match_indices("libs.").map(|(at, word)| at + word.len());
    starts.map(|at| {
        let rest = &line[at..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.').unwrap_or(rest.len());
        rest[..end].trim_start_matches("plugins.").replace('.', "-")
    })
}

fn has_alias(catalogue: &str, alias: &str) -> bool {
    catalogue.lines().any(|line| line.starts_with(&format!("{alias} = {{")))
}

/// Finds permissions in a manifest that the list does not have as the app's own, and those that no manifest asks for.
fn permissions(tree: &Tree) -> Vec<Finding> {
    let list = text(tree, PERMISSIONS).unwrap_or_default();
    let known: Vec<(usize, &str)> = list
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.starts_with('#'))
        .filter_map(|(n, line)| {
            let mut words = line.split(' ');
            let (name, who) = (words.next()?, words.next()?);
            (who == "app").then_some((n + 1, name))
        })
        .collect();
    let manifests = tree
        .files()
        .filter(|(path, _)| path.starts_with("android/") && path.ends_with("/AndroidManifest.xml"));
    let asked: Vec<(&str, usize, &str)> = manifests
        .flat_map(|(path, manifest)| {
            quoted(manifest, "<uses-permission android:name=\"").map(move |(n, name)| (path, n, name))
        })
        .collect();
    let unknown = asked.iter().filter(|(.., name)| known.iter().all(|(_, other)| other != name));
    let unasked = known.iter().filter(|(_, name)| asked.iter().all(|(.., other)| other != name));
    let unknown =
        unknown.map(|(path, n, name)| Finding::new(path, *n, format!("`{name}` is not in {PERMISSIONS}")));
    let unasked =
        unasked.map(|(n, name)| Finding::new(PERMISSIONS, *n, format!("nothing asks for `{name}`")));
    unknown.chain(unasked).collect()
}

/// Returns what stands between `start` and the next quotation mark, with its line.
fn quoted<'a>(text: &'a str, start: &'a str) -> impl Iterator<Item = (usize, &'a str)> {
    let lines = text.lines().enumerate();
    lines.flat_map(move |(n, line)| between(line, start, '"').map(move |inside| (n + 1, inside)))
}

/// Returns what stands between each `start` and the next `end`.
fn between<'a>(line: &'a str, start: &'a str, end: char) -> impl Iterator<Item = &'a str> {
    line.split(start).skip(1).filter_map(move |rest| rest.split(end).next())
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &str = "android/app/build.gradle.kts";
    const MANIFEST: &str = "android/app/src/main/AndroidManifest.xml";

    #[test]
    fn a_version_that_maven_has_not_is_found() {
        let catalogue = "# A\n[versions]\nagp = \"1\"\nkotlin = \"2.4\"\ncompose = \"3\"\n[libraries]\nx = { y = \"9\" }\n";
        let pom = "<kotlin.version>2.4</kotlin.version>";
        crate::check(
            findings,
            &[(CATALOGUE, catalogue), (POMS[0], pom)],
            &["android/gradle/libs.versions.toml:5"],
        );
    }

    #[test]
    fn versions_of_the_library_are_those_of_maven_and_of_the_app() {
        let catalogue = "[versions]\nagp = \"9.3\"\n";
        let pom = "<jna.version>5.19</jna.version>";
        let script = |agp: &str, jna: &str| {
            format!(
                "id(\"com.android.library\") version \"{agp}\"\nimplementation(\"net.java:jna:{jna}@aar\")\n"
            )
        };
        let check = |agp, jna, expected: &[&str]| {
            let files = [(CATALOGUE, catalogue), (POMS[0], pom), (LIBRARY, &script(agp, jna))];
            crate::check(findings, &files, expected);
        };
        check("9.3", "5.19", &[]);
        check("9.2", "5.19", &["bindings/kotlin/build.gradle.kts:1"]);
        check("9.3", "5.18", &["bindings/kotlin/build.gradle.kts:2"]);
    }

    #[test]
    fn a_module_that_one_build_has_not_is_found() {
        let settings = "include(\":ui\")\ninclude(\":app\")\n";
        let files = [
            (SETTINGS, settings),
            (POMS[0], "<module>ui</module>"),
            ("android/ui/build.gradle.kts", ""),
            (APP, "api(project(\":ui\"))\napi(project(\":platform\"))\n"),
        ];
        crate::check(findings, &files, &["android/settings.gradle.kts:2", "android/app/build.gradle.kts:2"]);
    }

    #[test]
    fn what_a_script_calls_is_there() {
        let catalogue =
            "[libraries]\ncompose-ui = { module = \"a:b\" }\n[plugins]\nkotlin-compose = { id = \"c\" }\n";
        let script = "alias(libs.plugins.kotlin.compose) apply false\napi(libs.compose.ui)\napi(libs.compose.ux)\n\
                      proguardFiles(\"rules.pro\", \"other.pro\")\nkotlin.directories += \"src/device\"\n";
        let files = [(CATALOGUE, catalogue), (APP, script), ("android/app/rules.pro", "")];
        crate::check(findings, &files, &[&format!("{APP}:3"), &format!("{APP}:4"), &format!("{APP}:5")]);
    }

    #[test]
    fn permissions_are_exactly_those_of_the_list() {
        let line = |name: &str| format!("    <uses-permission android:name=\"{name}\" />\n");
        let list = "# Why.\na.CAMERA app QR codes\na.INTERNET app services\na.WAKE lib what for\n";
        let check = |manifest: &str, expected: &[&str]| {
            crate::check(findings, &[(PERMISSIONS, list), (MANIFEST, manifest)], expected);
        };
        check(&(line("a.CAMERA") + &line("a.INTERNET")), &[]);
        check(
            &(line("a.CAMERA") + &line("a.INTERNET") + &line("a.CONTACTS")),
            &["android/app/src/main/AndroidManifest.xml:3"],
        );
        check(&line("a.CAMERA"), &["android/permissions.txt:3"]);
    }

    #[test]
    fn every_module_is_for_the_same_systems() {
        let build = "android {\n    compileSdk = 37\n    minSdk = 29\n}\n";
        let path = "android/ui/build.gradle.kts";
        crate::check(findings, &[(path, build)], &["android/ui/build.gradle.kts:3"]);
        crate::check(findings, &[(path, &build.replace("29", "300"))], &["android/ui/build.gradle.kts:3"]);
        crate::check(findings, &[(path, &build.replace("29", "30"))], &[]);
    }
}
