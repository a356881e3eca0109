//! The library for Android. It needs Android's NDK; what can be checked without one is checked here.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use super::{Built, LIBRARY, Language, write};
use crate::house::House;
use crate::run;

/// The kinds of processor: targets for cargo, and the folders in an app.
const ABIS: [(&str, &str); 3] = [
    ("aarch64-linux-android", "arm64-v8a"),
    ("armv7-linux-androideabi", "armeabi-v7a"),
    ("x86_64-linux-android", "x86_64"),
];
/// The oldest Android, as build.gradle.kts names it.
const OLDEST: &str = "30";
/// The certificate verifier's part, as Gradle names it.
const VERIFIER: &str = "rustls-platform-verifier.aar";
/// Memory comes in pages of 16 KiB on newer devices: a library is loaded only when its parts begin at such pages.
const PAGE: u64 = 16 * 1024;

/// Builds the libraries for `bindings/kotlin/android`, from which Gradle makes the AAR.
///
/// # Errors
/// The NDK, cargo-ndk or a target is missing, something does not build, or a library would not load.
pub(crate) fn aar(house: &House) -> anyhow::Result<bool> {
    let has = |program: &str, words: &[&str]| {
        house.command(program).args(words).output().is_ok_and(|o| o.status.success())
    };
    ensure!(
        std::env::var_os("ANDROID_NDK_HOME").is_some() && has("cargo", &["ndk", "--version"]),
        "an AAR needs Android's NDK r28 or later in ANDROID_NDK_HOME, `cargo install cargo-ndk` and \
         `rustup target add {}`",
        ABIS.map(|(target, _)| target).join(" ")
    );
    let built = Built::prepare(house)?;
    write(house, &built, Language::Kotlin)?;
    let folder = house.root.join("bindings/kotlin/android/jniLibs");
    for (target, abi) in ABIS {
        let mut build = house.command("cargo");
        build.args(["ndk", "--target", target, "--platform", OLDEST, "--output-dir"]).arg(&folder);
        build.args(["build", "--locked", "--profile", "app", "--package", "authenticator-bindings"]);
        ensure!(run::stream(build, |_| true)?, "{target} does not build");
        let library = folder.join(abi).join(LIBRARY);
        // A processor of 32 bits has pages of 4 KiB.
        if abi != "armeabi-v7a" {
            check_pages(&library)?;
        }
    }
    verifier(house, &house.root.join("bindings/kotlin/android/libs"))?;
    let mut gradle = house.command("gradle");
    gradle.args(["--project-dir", "bindings/kotlin", "assembleRelease"]);
    ensure!(run::stream(gradle, |_| true)?, "Gradle made no AAR");
    Ok(true)
}

/// Does what needs no NDK: the library of this machine is laid out for pages of 16 KiB by the same flag, and what goes into
/// the AAR beside the libraries is there.
///
/// # Errors
/// What a device would not load, or Gradle would not find.
pub(super) fn rehearse(house: &House, built: &Built) -> anyhow::Result<()> {
    check_pages(&built.library())?;
    write(house, built, Language::Kotlin)?;
    let folder = house.target.join("aar");
    verifier(house, &folder)?;
    let aar = fs::read(folder.join(VERIFIER))?;
    let has = |name: &[u8]| aar.windows(name.len()).any(|window| window == name);
    ensure!(aar.starts_with(b"PK") && has(b"classes.jar"), "the certificate verifier's part is no AAR");
    let kotlin = house.root.join("bindings/kotlin");
    let gradle = fs::read_to_string(kotlin.join("build.gradle.kts"))?;
    ensure!(gradle.contains(&format!("android/libs/{VERIFIER}")), "Gradle takes the verifier from elsewhere");
    for named in sources(&gradle) {
        // What is built first is not there yet.
        ensure!(named == "android/jniLibs" || kotlin.join(&named).exists(), "Gradle looks for {named}");
    }
    Ok(())
}

/// Returns the files and folders that the Gradle module names.
fn sources(gradle: &str) -> Vec<String> {
    let quoted = gradle.split('"').skip(1).step_by(2);
    quoted
        .filter(|text| text.starts_with("android/") || text.starts_with("src/"))
        .filter(|text| !text.contains("libs/"))
        .map(str::to_owned)
        .collect()
}

/// Copies the Kotlin part of the certificate verifier, which lies in its package as an AAR.
fn verifier(house: &House, to: &Path) -> anyhow::Result<()> {
    let output = house.command("cargo").args(["metadata", "--format-version", "1", "--locked"]).output()?;
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata["packages"].as_array().context("no packages")?;
    let manifest = packages
        .iter()
        .find(|package| package["name"] == "rustls-platform-verifier-android")
        .and_then(|package| package["manifest_path"].as_str())
        .context("the certificate verifier has no part for Android")?;
    let folder = PathBuf::from(manifest).with_file_name("maven");
    let aar = found(&folder, "aar").context("the certificate verifier brings no AAR")?;
    fs::create_dir_all(to)?;
    fs::copy(aar, to.join(VERIFIER))?;
    Ok(())
}

fn found(folder: &Path, ending: &str) -> Option<PathBuf> {
    fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).find_map(|path| {
        if path.is_dir() {
            found(&path, ending)
        } else {
            path.extension().is_some_and(|e| e == ending).then_some(path)
        }
    })
}

/// Makes sure that every part of a library that is loaded begins at a page of 16 KiB.
///
/// # Errors
/// It is no library for 64 bits, or would not load on such a device.
fn check_pages(library: &Path) -> anyhow::Result<()> {
    let bytes = fs::read(library)?;
    let alignments = alignments(&bytes).with_context(|| format!("{} is no library", library.display()))?;
    let odd = alignments.iter().find(|alignment| *alignment % PAGE != 0);
    ensure!(odd.is_none(), "{} has a part aligned to {odd:?} bytes", library.display());
    Ok(())
}

/// Reads the alignments of what is loaded from an ELF file of 64 bits, little-endian.
fn alignments(elf: &[u8]) -> Option<Vec<u64>> {
    const LOAD: u64 = 1;
    let number = |at: usize, len: usize| {
        let bytes = elf.get(at..at.checked_add(len)?)?;
        Some(bytes.iter().rev().fold(0u64, |number, byte| number << 8 | u64::from(*byte)))
    };
    if elf.get(..6)? != b"\x7fELF\x02\x01" {
        return None;
    }
    let (table, size, count) = (number(32, 8)?, number(54, 2)?, number(56, 2)?);
    let mut found = Vec::new();
    for n in 0..count {
        let at = usize::try_from(table + n * size).ok()?;
        if number(at, 4)? == LOAD {
            found.push(number(at + 48, 8)?);
        }
    }
    (!found.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// Links a library here with the flag that the NDK gives its linker.
    fn linked(page: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let (source, library) = (folder.path().join("a.rs"), folder.path().join("liba.so"));
        fs::write(&source, "#[unsafe(no_mangle)] pub extern \"C\" fn a() {}").expect("it is writable");
        let done = Command::new("rustc")
            .args(["--edition", "2024", "--crate-type", "cdylib", "-C"])
            .arg(format!("link-arg=-Wl,-z,max-page-size={page}"))
            .arg("-o")
            .args([&library, &source])
            .status();
        assert!(done.expect("rustc runs").success());
        (folder, library)
    }

    #[test]
    fn a_library_for_pages_of_sixteen_kib_is_told_from_one_for_four() {
        let (_new, library) = linked("16384");
        assert!(check_pages(&library).is_ok());
        let (_old, library) = linked("4096");
        assert!(check_pages(&library).is_err());
        assert!(alignments(b"\x7fELF\x01\x01").is_none());
    }

    #[test]
    fn gradle_and_this_program_name_the_same_android_and_the_same_rules() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../kotlin");
        let gradle = fs::read_to_string(root.join("build.gradle.kts")).expect("it is there");
        assert!(gradle.contains(&format!("minSdk = {OLDEST}")));
        for (_, abi) in ABIS {
            assert!(gradle.contains(&format!("\"{abi}\"")), "{abi}");
        }
        let rules = gradle.split("consumerProguardFiles(\"").nth(1).and_then(|rest| rest.split('"').next());
        let rules =
            fs::read_to_string(root.join(rules.expect("it names the rules"))).expect("they are there");
        // Without these R8 takes away what JNA finds by name.
        for needed in [
            "-keep class com.sun.jna.** { *; }",
            "-keep class * implements com.sun.jna.** { *; }",
            "-keep class app.klink.core.** { *; }",
            "-keepattributes RuntimeVisibleAnnotations",
        ] {
            assert!(rules.contains(needed), "{needed}");
        }
        // JNA 5.17 is the first whose own library loads on pages of 16 KiB.
        let jna = gradle.split("net.java.dev.jna:jna:").nth(1).and_then(|rest| rest.split('@').next());
        let mut parts =
            jna.expect("it names JNA").split('.').map(|part| part.parse::<u32>().expect("a number"));
        assert!((parts.next(), parts.next()) >= (Some(5), Some(17)));
    }

    #[test]
    fn without_the_ndk_it_says_what_it_needs() {
        if std::env::var_os("ANDROID_NDK_HOME").is_some() {
            return;
        }
        let why = aar(&House::at(Path::new("."))).expect_err("there is no NDK").to_string();
        assert!(why.contains("r28") && why.contains("aarch64-linux-android"), "{why}");
    }
}
