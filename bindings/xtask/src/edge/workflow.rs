//! The workflow for hosted runners, which nobody has run yet: what it calls has to be there, and it has to say so.

use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::read_to_string(root.join(path)).expect("it is there")
}

#[test]
fn the_workflow_says_that_it_was_not_run_and_calls_what_is_there() {
    let workflow = read(".github/workflows/edge.yml");
    assert!(workflow.starts_with("# Not yet run"), "{}", workflow.lines().next().unwrap_or_default());
    let mut called = Vec::new();
    for words in workflow.lines().filter_map(|line| line.trim().strip_prefix("- run: cargo xtask ")) {
        let words: Vec<&str> = words.split(' ').collect();
        let names = words[1..].iter().copied().filter(|word| !word.starts_with('-')).map(str::to_owned);
        match words[0] {
            "test" => assert!(crate::chosen(&names.collect::<Vec<_>>()).is_ok(), "{words:?}"),
            other => assert!(["aar", "xcframework"].contains(&other), "{words:?}"),
        }
        called.push(words[0].to_owned());
    }
    assert_eq!(called, ["test", "xcframework", "aar"]);
    // Indentation by tabs, or by an odd number, is what a hand-written file gets wrong.
    let odd =
        workflow.lines().find(|line| (line.len() - line.trim_start().len()) % 2 == 1 || line.contains('\t'));
    assert_eq!(odd, None);
}

#[test]
fn the_workflow_and_the_packages_name_the_same_versions() {
    let (workflow, gradle) = (read(".github/workflows/edge.yml"), read("bindings/kotlin/build.gradle.kts"));
    let between = |text: &str, start: &str, end: char| {
        text.split(start).nth(1).and_then(|rest| rest.split(end).next()).map(str::to_owned)
    };
    let ndk = between(&workflow, "\"ndk;", '"').expect("it installs an NDK");
    assert_eq!(Some(&ndk), between(&gradle, "ndkVersion = \"", '"').as_ref());
    assert!(workflow.contains(&format!("ndk/{ndk}")), "another NDK is pointed at");
    assert!(ndk.split('.').next().and_then(|n| n.parse::<u32>().ok()) >= Some(28), "{ndk}");
    let platform = between(&workflow, "\"platforms;android-", '"').expect("it installs a platform");
    // Since Android 16 a platform has a second number.
    let whole = platform.split('.').next().unwrap_or(&platform);
    assert!(gradle.contains(&format!("compileSdk = {whole}")), "{platform}");
    for abi in
        ["aarch64-linux-android", "armv7-linux-androideabi", "x86_64-linux-android", "aarch64-apple-ios-sim"]
    {
        assert!(workflow.contains(abi), "{abi}");
    }
    // The same versions for the JVM and for Android.
    let maven = read("bindings/kotlin/pom.xml");
    for (name, start, end) in
        [("kotlin", "org.jetbrains.kotlin:kotlin-gradle-plugin:", '"'), ("jna", "net.java.dev.jna:jna:", '@')]
    {
        let version = between(&gradle, start, end).expect("Gradle names it");
        assert!(maven.contains(&format!("<{name}.version>{version}<")), "{name} {version}");
    }
}
