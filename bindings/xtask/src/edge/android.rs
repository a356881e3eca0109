//! The library for Android. It needs Android's NDK; what can be checked without one is checked here.

use std::fs;
use std::path::Path;

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
/// The certificate verifier's part in Kotlin, as Gradle names it; its version is that of this package.
const VERIFIER: (&str, &str) = ("rustls:rustls-platform-verifier", "rustls-platform-verifier-android");
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
    check_verifier(house)?;
    let mut gradle = house.command("gradle");
    gradle.args(["--project-dir", "bindings/kotlin", "assembleRelease"]);
    ensure!(run::stream(gradle, |_| true)?, "Gradle made no AAR");
    Ok(true)
}

/// Does what needs no NDK: the library of this machine is laid out for pages of 16 KiB by the same flag, what goes into the
/// AAR beside the libraries is there, and Gradle asks for the certificate verifier's part in the version that is linked.
///
/// # Errors
/// What a device would not load, or Gradle would not find.
pub(super) fn rehearse(house: &House, built: &Built) -> anyhow::Result<()> {
    check_pages(&built.library())?;
    write(house, built, Language::Kotlin)?;
    check_verifier(house)?;
    let kotlin = house.root.join("bindings/kotlin");
    let gradle = fs::read_to_string(kotlin.join("build.gradle.kts"))?;
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
        .map(str::to_owned)
        .collect()
}

/// Makes sure that Gradle asks for the certificate verifier's part of the version that Rust links: another one crashes.
fn check_verifier(house: &House) -> anyhow::Result<()> {
    let (artefact, package) = VERIFIER;
    let lock = fs::read_to_string(house.root.join("Cargo.lock"))?;
    let version = locked(&lock, package).with_context(|| format!("Cargo.lock has no {package}"))?;
    let gradle = fs::read_to_string(house.root.join("bindings/kotlin/build.gradle.kts"))?;
    ensure!(
        gradle.contains(&format!("\"{artefact}:{version}\"")),
        "Gradle must ask for {artefact}:{version}"
    );
    Ok(())
}

/// Returns the version of a package in the text of a lock file.
fn locked<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let (_, rest) = lock.split_once(&format!("name = \"{package}\"\nversion = \""))?;
    Some(rest.split_once('"')?.0)
}

/// Makes sure that every part of a library that is loaded begins at a page of 16 KiB.
///
/// # Errors
/// It is no library for 64 bits, or would not load on such a device.
pub(crate) fn check_pages(library: &Path) -> anyhow::Result<()> {
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
    use std::path::PathBuf;
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
    fn a_version_is_read_from_the_lock_file() {
        let lock = "[[package]]\nname = \"one\"\nversion = \"1.2.3\"\n\n[[package]]\nname = \"one-more\"\nversion = \"4.5.6\"\n";
        assert_eq!(locked(lock, "one"), Some("1.2.3"));
        assert_eq!(locked(lock, "one-more"), Some("4.5.6"));
        assert_eq!(locked(lock, "two"), None);
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
