//! What is in the assembled package, and what must not be.

use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};

use super::probe::Package;
use crate::house::House;

/// Without these the app does not start, or does not say what it is made of.
const NEEDED: [&str; 6] = [
    "AndroidManifest.xml",
    "resources.arsc",
    "classes.dex",
    "licences.txt",
    "META-INF/services/kotlinx.coroutines.internal.MainDispatcherFactory",
    "lib/arm64-v8a/libjnidispatch.so",
];

/// Names of types as they stand in the code: those that Android starts, and those that the core is called by.
const STARTED: [&str; 3] =
    ["Lapp/klink/MainActivity;", "Lapp/klink/KlinkApp;", "Lapp/klink/core/Authenticator;"];

/// What only tests have.
const TESTS: [&str; 7] = [
    "Lorg/junit/",
    "Lorg/robolectric/",
    "Landroidx/test/",
    "Landroidx/compose/ui/test/",
    "Lkotlin/test/",
    "Lkotlinx/coroutines/test/",
    "Lapp/klink/ui/Samples",
];

/// Files that hold what nobody else may have.
const SECRET_NAMES: [&str; 7] =
    [".jks", ".keystore", ".p12", ".pem", ".key", "google-services.json", "local.properties"];

/// Texts that stand in such files.
const SECRET_TEXTS: [&str; 2] = ["PRIVATE KEY-----", "\"private_key\""];

/// Everything that is needed is there, and there is nothing of another kind.
pub(super) fn entries(package: &Package) -> anyhow::Result<()> {
    let missing = NEEDED.iter().find(|needed| package.entries.iter().all(|entry| entry != *needed));
    ensure!(missing.is_none(), "{missing:?} is not in it");
    let other = package.entries.iter().find(|entry| !is_known(entry));
    ensure!(other.is_none(), "{other:?} does not belong in it");
    Ok(())
}

/// Tells whether an entry is of a kind that a package is made of.
fn is_known(entry: &str) -> bool {
    let is_code = entry.strip_prefix("classes").is_some_and(|rest| {
        rest.strip_suffix(".dex").is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
    });
    let is_native = entry.starts_with("lib/") && (entry.ends_with(".so") || entry.ends_with('/'));
    let is_signature = entry.starts_with("META-INF/") && !entry.ends_with(".class");
    let is_resource = entry.starts_with("res/");
    is_code || is_native || is_signature || is_resource || NEEDED.contains(&entry)
}

/// The code names what Android starts, and nothing that belongs to tests.
pub(super) fn classes(package: &Package) -> anyhow::Result<()> {
    let mut code = String::new();
    for entry in package.entries.iter().filter(|entry| entry.ends_with(".dex")) {
        // Names of types are ASCII, whatever stands around them.
        code.push_str(&String::from_utf8_lossy(&fs::read(package.unpacked.join(entry))?));
    }
    let missing = STARTED.iter().find(|name| !code.contains(**name));
    ensure!(missing.is_none(), "{missing:?} is not in it");
    let tests = TESTS.iter().find(|name| code.contains(**name));
    ensure!(tests.is_none(), "{tests:?} is in it");
    Ok(())
}

/// No file with a secret, no text of one, and no path of the machine that built it.
pub(super) fn secrets(house: &House, package: &Package) -> anyhow::Result<()> {
    let root = house.root.display().to_string();
    for entry in package.entries.iter().filter(|entry| !entry.ends_with('/')) {
        let bytes = fs::read(package.unpacked.join(entry)).with_context(|| entry.clone())?;
        let found = secret(entry, &bytes, &root);
        ensure!(found.is_none(), "{entry} holds {found:?}");
    }
    Ok(())
}

fn secret(entry: &str, bytes: &[u8], root: &str) -> Option<String> {
    let named = SECRET_NAMES.iter().find(|name| entry.ends_with(**name));
    let text = String::from_utf8_lossy(bytes);
    let written = SECRET_TEXTS.iter().copied().chain([root]).find(|part| text.contains(part));
    named.copied().or(written).map(str::to_owned)
}

/// The package asks for what `app` asks for in the list, and each library for what stands there under its name.
pub(super) fn permissions(house: &House, package: &Package) -> anyhow::Result<()> {
    let list = fs::read_to_string(house.root.join("android/permissions.txt"))?;
    let dumped = house.command("aapt2").args(["dump", "badging"]).arg(&package.file).output()?;
    let badging = String::from_utf8_lossy(&dumped.stdout).into_owned();
    let mut asked: Vec<&str> = quoted(&badging, "uses-permission: name='", '\'').collect();
    asked.sort_unstable();
    ensure!(asked == listed(&list, |who| who == "app"), "it asks for {asked:?}");
    for needed in
        ["package: name='app.klink'", "sdkVersion:'30'", "targetSdkVersion:'36'", "application-debuggable"]
    {
        ensure!(badging.contains(needed), "it does not say {needed}: {badging}");
    }
    let mut of_libraries = Vec::new();
    for library in &package.libraries {
        let text =
            fs::read_to_string(library.join("AndroidManifest.xml"))?.replace("${applicationId}", "app.klink");
        of_libraries.extend(asked_by(&text).map(str::to_owned));
    }
    of_libraries.sort_unstable();
    let known = listed(&list, |who| who != "app" && who != "firebase");
    ensure!(of_libraries == known, "the libraries ask for {of_libraries:?}");
    Ok(())
}

/// The package's resources have the numbers of those that the classes were compiled with.
pub(super) fn numbering(house: &House, package: &Package) -> anyhow::Result<()> {
    let dumped = |file: &Path| -> anyhow::Result<Vec<String>> {
        let output = house.command("aapt2").args(["dump", "resources"]).arg(file).output()?;
        let lines = String::from_utf8_lossy(&output.stdout).into_owned();
        let named = lines.lines().map(str::trim).filter(|line| line.starts_with("resource 0x"));
        Ok(named.map(str::to_owned).collect())
    };
    let compiled = dumped(&house.root.join("android/app/target/resources/resources.apk"))?;
    let shipped = dumped(&package.file)?;
    ensure!(shipped.len() > 100, "it has {} resources", shipped.len());
    let other = shipped.iter().zip(&compiled).find(|(one, other)| one != other);
    ensure!(other.is_none() && shipped.len() == compiled.len(), "numbers differ: {other:?}");
    Ok(())
}

/// Gradle, which does not run here, refuses a library that demands more than the scripts have.
pub(super) fn demands(house: &House, package: &Package) -> anyhow::Result<()> {
    let read = |path: &str| fs::read_to_string(house.root.join(path));
    let scripts = read("android/app/build.gradle.kts")? + &read("android/gradle/libs.versions.toml")?;
    let mut asked = 0;
    for library in &package.libraries {
        let path = library.join("META-INF/com/android/build/gradle/aar-metadata.properties");
        if let Ok(demands) = fs::read_to_string(path) {
            let more = demanded(&demands, &scripts);
            ensure!(more.is_none(), "{} demands {}", library.display(), more.unwrap_or_default());
            asked += 1;
        }
    }
    ensure!(asked > 0, "no library says what it demands");
    Ok(())
}

/// Returns what a library's metadata demand beyond the scripts.
fn demanded(metadata: &str, scripts: &str) -> Option<String> {
    let pairs = [("minCompileSdk=", "compileSdk = "), ("minAndroidGradlePluginVersion=", "agp = ")];
    pairs.iter().find_map(|(theirs, ours)| {
        let line = metadata.lines().find(|line| line.starts_with(theirs))?;
        let has = scripts.lines().find_map(|line| line.trim().strip_prefix(ours));
        (has.map(numbers) < Some(numbers(line))).then(|| line.to_owned())
    })
}

/// Returns the numbers of a version, however it is quoted.
fn numbers(version: &str) -> Vec<u32> {
    version.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
}

/// Tells whether a library is for tests, by the package in its manifest.
pub(super) fn is_for_tests(manifest: &str) -> bool {
    let package = quoted(manifest, "package=\"", '"').next().unwrap_or_default();
    package.split('.').any(|part| part == "test")
}

fn asked_by(manifest: &str) -> impl Iterator<Item = &str> {
    let elements = manifest.split("<uses-permission").skip(1);
    elements.filter_map(|element| quoted(element.split('>').next()?, "android:name=\"", '"').next())
}

/// Returns the permissions of the list that `wanted` wants by who asks, sorted.
fn listed(list: &str, wanted: impl Fn(&str) -> bool) -> Vec<&str> {
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    let mut names: Vec<&str> = lines
        .filter_map(|line| {
            let mut words = line.split(' ');
            let (name, who) = (words.next()?, words.next()?);
            wanted(who).then_some(name)
        })
        .collect();
    names.sort_unstable();
    names
}

fn quoted<'a>(text: &'a str, start: &'a str, end: char) -> impl Iterator<Item = &'a str> {
    text.split(start).skip(1).filter_map(move |rest| rest.split(end).next())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn package(folder: &Path, files: &[(&str, &str)]) -> Package {
        for (path, text) in files {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().expect("it is in the folder")).expect("it is writable");
            fs::write(path, text).expect("it is writable");
        }
        Package {
            file: PathBuf::new(),
            unpacked: folder.to_owned(),
            entries: files.iter().map(|(path, _)| (*path).to_owned()).collect(),
            libraries: Vec::new(),
        }
    }

    #[test]
    fn an_entry_of_another_kind_or_one_that_is_missing_is_noticed() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let mut files: Vec<(&str, &str)> = NEEDED.iter().map(|name| (*name, "")).collect();
        files.push(("classes2.dex", ""));
        assert!(entries(&package(folder.path(), &files)).is_ok());
        for other in
            ["classesA.dex", "lib/x86_64/notes.txt", "META-INF/A.class", "app/klink/A.class", "debug.log"]
        {
            let more: Vec<(&str, &str)> = files.iter().copied().chain([(other, "")]).collect();
            assert!(entries(&package(folder.path(), &more)).is_err(), "{other}");
        }
        assert!(entries(&package(folder.path(), &files[1..])).is_err());
    }

    #[test]
    fn classes_of_tests_are_noticed_and_so_are_those_that_are_missing() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let all = STARTED.concat();
        let of = |code: &str| classes(&package(folder.path(), &[("classes.dex", code)]));
        assert!(of(&all).is_ok());
        for name in TESTS {
            assert!(of(&format!("{all}\0{name}A;")).is_err(), "{name}");
        }
        for name in STARTED {
            assert!(of(&all.replace(name, "")).is_err(), "{name}");
        }
    }

    #[test]
    fn what_nobody_else_may_have_is_noticed_by_name_or_by_text() {
        for name in SECRET_NAMES {
            assert!(secret(&format!("res/raw/a{name}"), b"", "/a/b").is_some(), "{name}");
        }
        for text in ["-----BEGIN PRIVATE KEY-----", "{\"private_key\": 1}", "at /a/b/c.rs:1"] {
            assert!(secret("res/a.xml", text.as_bytes(), "/a/b").is_some(), "{text}");
        }
        assert_eq!(secret("res/a.xml", b"PUBLIC KEY /a/c", "/a/b"), None);
    }

    #[test]
    fn a_library_that_demands_more_than_the_scripts_have_is_noticed() {
        let scripts = "android {\n    compileSdk = 37\n}\nagp = \"9.3.1\"\n";
        let of = |sdk: &str, plugin: &str| {
            demanded(&format!("minCompileSdk={sdk}\nminAndroidGradlePluginVersion={plugin}\n"), scripts)
        };
        assert_eq!(of("37", "9.3.1"), None);
        assert_eq!(of("1", "1.0.0"), None);
        assert_eq!(of("38", "9.1.0").as_deref(), Some("minCompileSdk=38"));
        assert_eq!(of("36", "9.10.0").as_deref(), Some("minAndroidGradlePluginVersion=9.10.0"));
        assert!(demanded("minCompileSdk=36\n", "").is_some());
        assert_eq!(demanded("aarFormatVersion=1.0\n", scripts), None);
    }

    #[test]
    fn a_library_says_what_it_is_for_and_what_it_asks() {
        let manifest = |package: &str| format!("<manifest xmlns:a=\"b\"\n    package=\"{package}\" >");
        assert!(is_for_tests(&manifest("androidx.test.core")));
        assert!(is_for_tests(&manifest("androidx.compose.ui.test.junit4")));
        assert!(!is_for_tests(&manifest("androidx.core")));
        assert!(!is_for_tests(&manifest("org.latest")));
        let asks = "<permission android:name=\"a\"/><uses-permission\n android:name=\"b\" /><uses-sdk />";
        assert_eq!(asked_by(asks).collect::<Vec<_>>(), ["b"]);
        let list = "# Why.\nb app codes\na app pictures\nc lib things\n";
        assert_eq!(listed(list, |who| who == "app"), ["a", "b"]);
        assert_eq!(listed(list, |who| who != "app"), ["c"]);
    }
}
