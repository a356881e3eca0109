//! The framework for Apple's systems. Only a Mac can make the libraries; what is laid around them is tested here.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use super::{Built, Language, generate};
use crate::house::House;
use crate::run;

/// One library inside the framework.
struct Slice {
    /// The target for cargo.
    target: &'static str,
    /// The folder in the framework, as Xcode names it.
    folder: &'static str,
    platform: &'static str,
    variant: Option<&'static str>,
}

/// What a device, a simulator on an Apple chip and a Mac load. There is one library for each, so nothing is glued together.
const SLICES: &[Slice] = &[
    Slice { target: "aarch64-apple-ios", folder: "ios-arm64", platform: "ios", variant: None },
    Slice {
        target: "aarch64-apple-ios-sim",
        folder: "ios-arm64-simulator",
        platform: "ios",
        variant: Some("simulator"),
    },
    Slice { target: "aarch64-apple-darwin", folder: "macos-arm64", platform: "macos", variant: None },
];

const NAME: &str = "KlinkCoreFFI";
const ARCHIVE: &str = "libauthenticator.a";
/// The oldest systems, as the package names them.
const OLDEST: [(&str, &str); 2] =
    [("IPHONEOS_DEPLOYMENT_TARGET", "17.0"), ("MACOSX_DEPLOYMENT_TARGET", "14.0")];

/// Builds `bindings/swift/KlinkCoreFFI.xcframework`, packs it and prints its checksum for a package manifest.
///
/// # Errors
/// This is no Mac, a target is missing, or something does not build.
pub(crate) fn xcframework(house: &House) -> anyhow::Result<bool> {
    ensure!(
        cfg!(target_os = "macos"),
        "a framework needs Apple's linker: run this on a Mac with Xcode and `rustup target add {}`",
        SLICES.iter().map(|slice| slice.target).collect::<Vec<_>>().join(" ")
    );
    let mut libraries = Vec::new();
    for slice in SLICES {
        let mut build = house.command("cargo");
        build.args(["rustc", "--locked", "--profile", "app", "--package", "authenticator-bindings"]);
        build.args(["--crate-type", "staticlib", "--target", slice.target]).envs(OLDEST);
        ensure!(run::stream(build, |_| true)?, "{} does not build", slice.target);
        libraries.push(house.target.join(slice.target).join("app").join(ARCHIVE));
    }
    let built = Built::prepare(house)?;
    let generated = generate(house, &built, Language::Swift)?;
    super::write(house, &built, Language::Swift)?;
    let framework = house.root.join("bindings/swift").join(format!("{NAME}.xcframework"));
    assemble(&framework, &libraries, &generated)?;
    let packed = house.root.join("bindings/swift").join(format!("{NAME}.xcframework.zip"));
    let mut zip = house.command("ditto");
    zip.args(["-c", "-k", "--keepParent"]).arg(&framework).arg(&packed);
    ensure!(run::stream(zip, |_| true)?, "it could not be packed");
    let mut checksum = house.command("swift");
    checksum.args(["package", "compute-checksum"]).arg(&packed);
    run::stream(checksum, |_| true)?;
    Ok(true)
}

/// Lays the framework out here with the real headers and a stand-in for each library, and reads it back.
///
/// # Errors
/// What a Mac would not find.
pub(super) fn rehearse(house: &House, built: &Built) -> anyhow::Result<()> {
    let generated = generate(house, built, Language::Swift)?;
    let folder = house.target.join("framework");
    fs::create_dir_all(&folder)?;
    let library = folder.join(ARCHIVE);
    fs::write(&library, "!<arch>\n")?;
    let framework = folder.join(format!("{NAME}.xcframework"));
    assemble(&framework, &vec![library; SLICES.len()], &generated)?;
    for slice in SLICES {
        let headers = framework.join(slice.folder).join("Headers").join(NAME);
        let map = fs::read_to_string(headers.join("module.modulemap"))?;
        ensure!(map.contains(&format!("module {NAME} ")), "{}: another module: {map}", slice.folder);
        let header = map.split('"').nth(1).context("the module map names no header")?;
        let header =
            fs::read_to_string(headers.join(header)).context("the module map names another header")?;
        ensure!(header.contains("uniffi_authenticator_fn_"), "{}: an empty header", slice.folder);
    }
    let manifest = fs::read_to_string(house.root.join("bindings/swift/Package.swift"))?;
    ensure!(
        manifest.contains(&format!("path: \"{NAME}.xcframework\"")),
        "the package names another framework"
    );
    for (_, oldest) in OLDEST {
        let major = oldest.split('.').next().unwrap_or(oldest);
        ensure!(manifest.contains(&format!(".v{major})")), "the package is for another system than {oldest}");
    }
    Ok(())
}

/// Lays libraries, headers and the list of both as Xcode lays them. The headers stand in a folder of their own: two
/// frameworks of this kind in one app would otherwise both bring a `module.modulemap`.
fn assemble(framework: &Path, libraries: &[PathBuf], generated: &Path) -> anyhow::Result<()> {
    if framework.exists() {
        fs::remove_dir_all(framework)?;
    }
    for (slice, library) in SLICES.iter().zip(libraries) {
        let headers = framework.join(slice.folder).join("Headers").join(NAME);
        fs::create_dir_all(&headers)?;
        fs::copy(library, framework.join(slice.folder).join(ARCHIVE)).context("the library")?;
        fs::copy(generated.join(format!("{NAME}.h")), headers.join(format!("{NAME}.h")))?;
        fs::copy(generated.join(format!("{NAME}.modulemap")), headers.join("module.modulemap"))?;
    }
    fs::write(framework.join("Info.plist"), plist())?;
    Ok(())
}

/// Prints the list of what is in the framework.
fn plist() -> String {
    let library = |slice: &Slice| {
        let variant = slice.variant.map_or_else(String::new, |variant| {
            format!("\n\t\t\t<key>SupportedPlatformVariant</key>\n\t\t\t<string>{variant}</string>")
        });
        format!(
            "\t\t<dict>\n\t\t\t<key>BinaryPath</key>\n\t\t\t<string>{ARCHIVE}</string>\n\
             \t\t\t<key>HeadersPath</key>\n\t\t\t<string>Headers</string>\n\
             \t\t\t<key>LibraryIdentifier</key>\n\t\t\t<string>{}</string>\n\
             \t\t\t<key>LibraryPath</key>\n\t\t\t<string>{ARCHIVE}</string>\n\
             \t\t\t<key>SupportedArchitectures</key>\n\t\t\t<array>\n\t\t\t\t<string>arm64</string>\n\t\t\t</array>\n\
             \t\t\t<key>SupportedPlatform</key>\n\t\t\t<string>{}</string>{variant}\n\t\t</dict>\n",
            slice.folder, slice.platform
        )
    };
    let libraries: String = SLICES.iter().map(library).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
         <plist version=\"1.0\">\n<dict>\n\t<key>AvailableLibraries</key>\n\t<array>\n{libraries}\t</array>\n\
         \t<key>CFBundlePackageType</key>\n\t<string>XFWK</string>\n\
         \t<key>XCFrameworkFormatVersion</key>\n\t<string>1.0</string>\n</dict>\n</plist>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let at = |name: &str| folder.path().join(name);
        for (name, text) in [
            ("KlinkCoreFFI.h", "// header"),
            ("KlinkCoreFFI.modulemap", "module KlinkCoreFFI { header \"KlinkCoreFFI.h\" export * }"),
            ("lib.a", "!<arch>\n"),
        ] {
            fs::write(at(name), text).expect("it is writable");
        }
        let framework = at("KlinkCoreFFI.xcframework");
        let libraries = vec![at("lib.a"); SLICES.len()];
        assemble(&framework, &libraries, folder.path()).expect("it is writable");
        (folder, framework)
    }

    #[test]
    fn every_slice_has_its_library_and_its_headers_in_a_folder_of_their_own() {
        let (_folder, framework) = laid();
        for slice in SLICES {
            let at = framework.join(slice.folder);
            assert!(at.join(ARCHIVE).is_file());
            assert!(!at.join("Headers/module.modulemap").exists(), "it would meet another framework's");
            let map =
                fs::read_to_string(at.join("Headers/KlinkCoreFFI/module.modulemap")).expect("it is there");
            let header = map.split('"').nth(1).expect("it names a header");
            assert!(at.join("Headers/KlinkCoreFFI").join(header).is_file(), "{header}");
        }
    }

    #[test]
    fn the_list_names_every_folder_that_is_there() {
        let (_folder, framework) = laid();
        let list = fs::read_to_string(framework.join("Info.plist")).expect("it is there");
        let mut folders: Vec<String> = fs::read_dir(&framework)
            .expect("it is a folder")
            .map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into_owned())
            .filter(|name| name != "Info.plist")
            .collect();
        folders.sort();
        let mut named: Vec<&str> = list
            .split("LibraryIdentifier</key>\n\t\t\t<string>")
            .skip(1)
            .filter_map(|rest| rest.split('<').next())
            .collect();
        named.sort_unstable();
        assert_eq!(folders, named);
        // A plist is balanced XML; a missing end is what is easily lost in a hand-written one.
        for tag in ["dict", "array", "key", "string", "plist"] {
            let (begin, end) = (format!("<{tag}"), format!("</{tag}>"));
            assert_eq!(list.matches(&begin).count(), list.matches(&end).count(), "{tag}");
        }
    }

    #[test]
    fn elsewhere_than_on_a_mac_it_says_what_it_needs() {
        if cfg!(target_os = "macos") {
            return;
        }
        let why = xcframework(&House::at(Path::new("."))).expect_err("this is no Mac").to_string();
        assert!(why.contains("Xcode") && why.contains("aarch64-apple-ios-sim"), "{why}");
    }
}
