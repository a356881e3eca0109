//! Assembles a debug package of the Android app with Debian's tools, as far as a machine without Android's SDK can: it was
//! never installed anywhere. Native code of ours is not in it, because that takes the NDK.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::Hasher;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

use super::super::edge::failed;
use super::contents;
use crate::count::Tally;
use crate::edge::check_pages;
use crate::house::House;
use crate::run;

/// The kinds of processor that a package is for.
const ABIS: [&str; 3] = ["arm64-v8a", "armeabi-v7a", "x86_64"];
/// As in `build.gradle.kts`.
const OLDEST: &str = "30";
const TARGET: &str = "36";
/// Locks a key that is made for one package and signs nothing else.
const PASSWORD: &str = "android";

/// Assembles the package and looks into it.
pub(crate) fn probe(house: &House, label: &str) -> Tally {
    let mut tally = Tally::default();
    let package = match assemble(house) {
        Ok(package) => package,
        Err(error) => return failed(label, &error),
    };
    println!("{} was assembled; it was not installed anywhere", package.file.display());
    let checks: [(&str, anyhow::Result<()>); 8] = [
        ("the signature holds, and not for a package with one other byte", signed(house, &package)),
        ("native code lies uncompressed and loads on pages of 16 KiB", native(house, &package)),
        ("it holds what it needs and nothing else", contents::entries(&package)),
        ("no class of a test is in it, and those that Android starts are", contents::classes(&package)),
        ("no key, password or path of this machine is in it", contents::secrets(house, &package)),
        ("it asks for what the list says, and so do the libraries", contents::permissions(house, &package)),
        ("every resource has the number that the code calls it by", contents::numbering(house, &package)),
        (
            "no library demands a newer Android or Gradle than the scripts have",
            contents::demands(house, &package),
        ),
    ];
    for (what, done) in checks {
        match done {
            Ok(()) => {
                println!("package: {what}");
                tally.passed += 1;
            }
            Err(error) => tally.add(failed(label, &error)),
        }
    }
    tally
}

/// A package, and what it was assembled of.
pub(super) struct Package {
    /// The signed package.
    pub(super) file: PathBuf,
    /// What is in it, unpacked from the signed package.
    pub(super) unpacked: PathBuf,
    /// The paths in it.
    pub(super) entries: Vec<String>,
    /// The libraries for Android whose code is in it, unpacked.
    pub(super) libraries: Vec<PathBuf>,
}

/// Where the parts lie.
struct Parts {
    /// Jars of ours, then jars of others.
    ours: Vec<PathBuf>,
    others: Vec<PathBuf>,
    framework: PathBuf,
    r8: PathBuf,
    /// Libraries for Android, unpacked: classes, manifest, resources, native code.
    libraries: Vec<PathBuf>,
    jna: PathBuf,
}

fn assemble(house: &House) -> anyhow::Result<Package> {
    let work = house.target.join("android-package");
    fs::create_dir_all(&work)?;
    let parts = parts(house, &work)?;
    let staged = fresh(&work.join("staged"))?;
    let mut dexed = dex(house, &work, &parts, &parts.others, &parts.others, &[])?;
    let pruned = pruned(house, &work, &parts.ours)?;
    dexed.extend(dex(house, &work, &parts, &parts.ours, &pruned, &parts.others)?);
    for (n, file) in dexed.iter().enumerate() {
        let name = if n == 0 { "classes.dex".to_owned() } else { format!("classes{}.dex", n + 1) };
        fs::copy(file, staged.join(name))?;
    }
    for jar in
        parts.ours.iter().chain(&parts.others).filter(|jar| jar.extension().is_some_and(|e| e == "jar"))
    {
        // What the code looks up by name: the list of licences, and who serves the main thread.
        let words = ["licences.txt".as_ref(), "META-INF/services".as_ref()];
        tool(house, &staged, "jar", ["xf".as_ref(), jar.as_os_str()].into_iter().chain(words))?;
    }
    let native = fresh(&work.join("native"))?;
    for abi in ABIS {
        let folder = native.join("lib").join(abi);
        fs::create_dir_all(&folder)?;
        let name = "libjnidispatch.so";
        fs::copy(parts.jna.join("jni").join(abi).join(name), folder.join(name))?;
    }
    let base = work.join("base.apk");
    resources(house, &work, &base)?;
    let aligned = work.join("aligned.apk");
    tool(house, &staged, "jar", ["-ufM".as_ref(), base.as_os_str(), ".".as_ref()])?;
    tool(house, &native, "jar", ["-u0fM".as_ref(), base.as_os_str(), ".".as_ref()])?;
    let align = ["-p", "-f", "4"].map(str::as_ref);
    tool(house, &work, "zipalign", align.into_iter().chain([base.as_os_str(), aligned.as_os_str()]))?;
    let file = work.join("klink-debug.apk");
    sign(house, &work, &aligned, &file)?;
    let unpacked = fresh(&work.join("unpacked"))?;
    tool(house, &unpacked, "jar", ["xf".as_ref(), file.as_os_str()])?;
    let listed = house.command("jar").arg("tf").arg(&file).output()?;
    let entries = String::from_utf8_lossy(&listed.stdout).lines().map(str::to_owned).collect();
    Ok(Package { file, unpacked, entries, libraries: parts.libraries })
}

/// Reads where Maven found the parts, and unpacks the libraries for Android that are not for tests.
fn parts(house: &House, work: &Path) -> anyhow::Result<Parts> {
    let list = |name: &str| -> anyhow::Result<Vec<PathBuf>> {
        let path = house.root.join("android/probe/target").join(name);
        let text = fs::read_to_string(&path).with_context(|| format!("Maven did not write {name}"))?;
        Ok(text.trim().split(':').map(PathBuf::from).collect())
    };
    let of = |list: &[PathBuf], start: &str| {
        let named =
            |path: &&PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(start));
        list.iter().find(named).cloned().with_context(|| format!("Maven found no {start}"))
    };
    let (shipped, tools) = (list("shipped.txt")?, list("tools.txt")?);
    let (ours, mut others): (Vec<_>, Vec<_>) = shipped
        .into_iter()
        .filter(|jar| !jar.file_name().is_some_and(|name| name.to_string_lossy().starts_with("jna-")))
        .partition(|jar| jar.starts_with(&house.root));
    let mut libraries = Vec::new();
    let mut archives: Vec<PathBuf> = fs::read_dir(house.root.join("android/android-aars/target/libs"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    // Beside each lies the mark that its classes were taken out.
    archives.retain(|path| path.extension().is_some_and(|end| end == "aar" || end == "jar"));
    archives.sort();
    let jna = of(&tools, "jna-")?;
    archives.push(jna.clone());
    for archive in archives {
        if archive.extension().is_some_and(|end| end == "jar") {
            others.push(archive);
            continue;
        }
        let folder = unpacked(house, work, &archive)?;
        let manifest = fs::read_to_string(folder.join("AndroidManifest.xml"))?;
        if contents::is_for_tests(&manifest) {
            continue;
        }
        others.push(folder.join("classes.jar"));
        libraries.push(folder);
    }
    let (framework, r8) = (of(&tools, "android-all-")?, of(&tools, "r8-")?);
    Ok(Parts { ours, others, framework, r8, libraries, jna: work.join("libraries").join(stem(&jna)) })
}

fn unpacked(house: &House, work: &Path, archive: &Path) -> anyhow::Result<PathBuf> {
    let folder = work.join("libraries").join(stem(archive));
    if !folder.join("AndroidManifest.xml").exists() {
        fs::create_dir_all(&folder)?;
        tool(house, &folder, "jar", ["xf".as_ref(), archive.as_os_str()])?;
    }
    Ok(folder)
}

fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Takes the lists of resources of libraries for tests out of the app's jar: its tests draw with them.
fn pruned(house: &House, work: &Path, ours: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut jars = ours.to_vec();
    for jar in jars.iter_mut().filter(|jar| stem(jar).starts_with("app-")) {
        let folder = fresh(&work.join("app"))?;
        tool(house, &folder, "jar", ["xf".as_ref(), jar.as_os_str()])?;
        for tests in ["androidx/test", "androidx/compose/ui/test"] {
            let tests = folder.join(tests);
            if tests.exists() {
                fs::remove_dir_all(tests)?;
            }
        }
        *jar = work.join("app.jar");
        tool(house, &folder, "jar", ["cfM".as_ref(), jar.as_os_str(), ".".as_ref()])?;
    }
    Ok(jars)
}

/// Translates jars for Android's machine, once for the same `keys`: that takes minutes.
fn dex(
    house: &House,
    work: &Path,
    parts: &Parts,
    keys: &[PathBuf],
    jars: &[PathBuf],
    beside: &[PathBuf],
) -> anyhow::Result<Vec<PathBuf>> {
    let mut hasher = DefaultHasher::new();
    for jar in keys.iter().chain(beside).chain([&parts.r8]) {
        hasher.write(&fs::read(jar).with_context(|| jar.display().to_string())?);
    }
    let folder = work.join("dex").join(format!("{:016x}", hasher.finish()));
    let done = folder.join("done");
    if !done.exists() {
        fresh(&folder)?;
        let mut command = house.command("java");
        command.arg("-Xmx1g").arg("-cp").arg(&parts.r8).arg("com.android.tools.r8.D8");
        command
            .args(["--debug", "--min-api", OLDEST, "--output"])
            .arg(&folder)
            .arg("--lib")
            .arg(&parts.framework);
        for jar in beside {
            command.arg("--classpath").arg(jar);
        }
        command.args(jars);
        // It warns of what the framework's jar lacks: `java.lang`, which a device has.
        ensure!(run::stream(command, |line| line.starts_with("Error"))?, "D8 failed");
        fs::write(&done, "")?;
    }
    let mut files: Vec<PathBuf> =
        fs::read_dir(&folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    files.retain(|file| file.extension().is_some_and(|end| end == "dex"));
    files.sort();
    ensure!(!files.is_empty(), "D8 wrote nothing");
    Ok(files)
}

/// Links resources and manifest into a package without code.
fn resources(house: &House, work: &Path, base: &Path) -> anyhow::Result<()> {
    let app = house.root.join("android/app");
    let manifest = fs::read_to_string(app.join("src/main/AndroidManifest.xml"))?;
    let named = manifest.replacen("<manifest ", "<manifest package=\"app.klink\" ", 1);
    let path = work.join("AndroidManifest.xml");
    fs::write(&path, named)?;
    let mut link = house.command("aapt2");
    link.arg("link").arg("-I").arg(app.join("target/resources/framework.apk")).arg("--manifest").arg(&path);
    // Debian's aapt2 is older than some of the manifest.
    link.args([
        "--warn-manifest-validation",
        "--debug-mode",
        "--auto-add-overlay",
        "--min-sdk-version",
        OLDEST,
    ]);
    link.args(["--target-sdk-version", TARGET, "--version-code", "1", "--version-name", "probe", "-o"])
        .arg(base);
    // The same as the classes were compiled with, so that every resource has the number that the code calls it by.
    let mut compiled: Vec<PathBuf> = fs::read_dir(app.join("target/resources/flat"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    compiled.retain(|file| file.extension().is_some_and(|end| end == "zip"));
    compiled.sort();
    link.args(compiled);
    ensure!(run::stream(link, |_| true)?, "aapt2 did not link");
    Ok(())
}

/// Signs with a key that is made for it.
fn sign(house: &House, work: &Path, aligned: &Path, signed: &Path) -> anyhow::Result<()> {
    let store = work.join("debug.keystore");
    if !store.exists() {
        let mut make = house.command("keytool");
        make.args([
            "-genkeypair",
            "-alias",
            "debug",
            "-keyalg",
            "EC",
            "-groupname",
            "secp256r1",
            "-dname",
            "CN=debug",
        ]);
        make.args(["-validity", "3650", "-storepass", PASSWORD, "-keystore"]).arg(&store);
        ensure!(run::stream(make, |_| false)?, "keytool made no key");
    }
    let mut sign = house.command("apksigner");
    sign.args(["sign", "--min-sdk-version", OLDEST, "--ks-pass", &format!("pass:{PASSWORD}"), "--ks"])
        .arg(&store);
    sign.arg("--out").arg(signed).arg(aligned);
    ensure!(run::stream(sign, |_| true)?, "apksigner did not sign");
    Ok(())
}

/// Verifies the signature; a byte that is changed in the middle must not pass.
fn signed(house: &House, package: &Package) -> anyhow::Result<()> {
    let verifies = |file: &Path| -> anyhow::Result<String> {
        let mut verify = house.command("apksigner");
        let output = verify.args(["verify", "--verbose", "--min-sdk-version", OLDEST]).arg(file).output()?;
        ensure!(output.status.success(), "it does not verify: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let said = verifies(&package.file)?;
    ensure!(said.contains("(APK Signature Scheme v3): true"), "another signature: {said}");
    let mut bytes = fs::read(&package.file)?;
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let other = package.file.with_file_name("other.apk");
    fs::write(&other, bytes)?;
    let refused = verifies(&other).is_err();
    fs::remove_file(other)?;
    ensure!(refused, "a package with one other byte verifies too");
    Ok(())
}

/// Native libraries as they lie in the package.
fn native(house: &House, package: &Package) -> anyhow::Result<()> {
    let checked = house.command("zipalign").args(["-c", "-p", "-v", "4"]).arg(&package.file).output()?;
    let said = String::from_utf8_lossy(&checked.stdout).into_owned();
    for abi in ABIS {
        let name = format!("lib/{abi}/libjnidispatch.so");
        ensure!(said.contains(&format!("{name} (OK)")), "{name} is compressed, or begins at no page");
        // A processor of 32 bits has pages of 4 KiB.
        if abi != "armeabi-v7a" {
            check_pages(&package.unpacked.join(name))?;
        }
    }
    Ok(())
}

fn fresh(folder: &Path) -> anyhow::Result<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    Ok(folder.to_owned())
}

/// Runs a tool in `folder`.
fn tool<'a>(
    house: &House,
    folder: &Path,
    program: &str,
    words: impl IntoIterator<Item = &'a std::ffi::OsStr>,
) -> anyhow::Result<()> {
    let mut command: Command = house.command(program);
    command.args(words).current_dir(folder);
    ensure!(run::stream(command, |_| true)?, "{program} failed");
    Ok(())
}
