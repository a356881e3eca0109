//! The Android app as Maven builds it: its models and screens, with the real library and the real reference service.

mod contents;
mod probe;

pub(super) use probe::probe;

use std::fs;
use std::path::{Path, PathBuf};

use crate::count::Tally;
use crate::edge::{Built, Stage};
use crate::house::House;
use crate::install;
use crate::run;

use super::edge::{failed, maven};
use super::{JAVA, MAVEN, OPENGL, WINDOWS};

const POM: &str = "android/pom.xml";

/// Opens the screens and the core in a window, and waits until it is closed.
///
/// `folder` is where everything of this phone lies; `authority` is a file of certificates that it trusts.
///
/// # Errors
/// Something that it needs is missing or does not build.
pub(crate) fn desktop(
    house: &House,
    folder: Option<&Path>,
    authority: Option<&Path>,
) -> anyhow::Result<bool> {
    for tool in [&JAVA, &MAVEN, &OPENGL, &WINDOWS] {
        install::ensure(house, tool).map_err(|why| anyhow::anyhow!(why))?;
    }
    let built = Built::prepare(house)?;
    let mut command = maven(house, &built, POM, "package")?;
    command.args(["-Pwindow", "-DskipTests", "-pl", "desktop", "-am"]);
    for (name, path) in [("KLINK_DESKTOP", folder), ("SSL_CERT_FILE", authority)] {
        if let Some(path) = path {
            command.env(name, std::path::absolute(path)?);
        }
    }
    println!("The window opens when everything is built; the first time that takes minutes.");
    Ok(run::stream(command, |_| true)?)
}

/// Fetches Maven's plugins and the compiler, and the libraries for Android: most of what the build needs. What is left
/// comes when modules are built, because Maven asks for it module by module.
///
/// # Errors
/// Maven could not be started; what it could not fetch, the build tries again and names.
pub(super) fn fetch(house: &House) -> anyhow::Result<()> {
    for words in [&["dependency:resolve-plugins"][..], &["-pl", "android-aars", "generate-resources"]] {
        let mut command = house.command("mvn");
        command.args(["-q", "-B", "-fae", "-f", POM]).args(words);
        run::stream(command, |_| false)?;
    }
    Ok(())
}

/// Builds all modules and runs their tests.
pub(crate) fn verify(house: &House, label: &str) -> Tally {
    let verified = || {
        let built = Built::prepare(house)?;
        let stage = Stage::start(house, &built)?;
        // What an earlier run reported would be counted again.
        for folder in report_folders(&house.root)? {
            fs::remove_dir_all(folder)?;
        }
        let mut command = maven(house, &built, POM, "verify")?;
        command.envs(stage.variables());
        let ended_well = run::stream(command, |_| true)?;
        let mut tally = Tally::default();
        for folder in report_folders(&house.root)? {
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                if path.extension().is_some_and(|end| end == "xml") {
                    tally.add(reported(&fs::read_to_string(path)?));
                }
            }
        }
        if tally.failed == 0 && (!ended_well || tally.passed == 0) {
            tally.fail(format!("{label}: it did not build, or ran nothing"));
        }
        Ok(tally)
    };
    verified().unwrap_or_else(|error| failed(label, &error))
}

/// Returns the folders in which modules have reported their tests.
fn report_folders(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for module in fs::read_dir(root.join("android"))? {
        let folder = module?.path().join("target/surefire-reports");
        if folder.is_dir() {
            folders.push(folder);
        }
    }
    Ok(folders)
}

/// Reads one report of surefire's: the first element counts, each case that failed has an element of its own.
fn reported(xml: &str) -> Tally {
    let mut tally = Tally::default();
    let suite = xml.split_once("<testsuite").map_or("", |(_, rest)| rest.split('>').next().unwrap_or(rest));
    let number = |name: &str| attribute(suite, name).and_then(|text| text.parse().ok()).unwrap_or(0);
    let (all, skipped): (usize, usize) = (number("tests"), number("skipped"));
    tally.failed = number("failures") + number("errors");
    tally.passed = all.saturating_sub(skipped + tally.failed);
    if skipped > 0 {
        let name = attribute(suite, "name").unwrap_or("a class");
        tally.not_run.push(format!("{skipped} tests of {name}"));
    }
    for case in xml.split("<testcase").skip(1) {
        if case.contains("<failure") || case.contains("<error") {
            let of = |name| attribute(case, name).unwrap_or_default();
            tally.failures.push(format!("{}: {}", of("classname"), of("name")));
        }
    }
    tally
}

fn attribute<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    element.split_once(&format!(" {name}=\""))?.1.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_how_many_tests_there_were_and_which_failed() {
        let xml = "<?xml version=\"1.0\"?>\n<testsuite xmlns:x=\"y\" name=\"app.A\" time=\"1\" tests=\"4\" errors=\"1\" \
                   skipped=\"1\" failures=\"1\">\n  <testcase name=\"one\" classname=\"app.A\"/>\n  \
                   <testcase name=\"two\" classname=\"app.A\"><failure message=\"no\"/></testcase>\n  \
                   <testcase name=\"three\" classname=\"app.A\"><error/></testcase>\n  \
                   <testcase name=\"four\" classname=\"app.A\"><skipped/></testcase>\n</testsuite>";
        let tally = reported(xml);
        assert_eq!((tally.passed, tally.failed), (1, 2));
        assert_eq!(tally.failures, ["app.A: two", "app.A: three"]);
        assert_eq!(tally.not_run, ["1 tests of app.A"]);
    }

    /// Starts the script that tries a package on a device, with a device that shows `screen`.
    fn launched(screen: &str) -> bool {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let adb = folder.path().join("adb");
        let script = format!("#!/bin/sh\ncase \"$*\" in *uiautomator*) echo '{screen}';; esac\n");
        fs::write(&adb, script).expect("it is writable");
        let made = std::process::Command::new("chmod").arg("+x").arg(&adb).status();
        assert!(made.is_ok_and(|status| status.success()));
        let old = std::env::var("PATH").unwrap_or_default();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../android/launch.sh");
        let mut launch = std::process::Command::new("bash");
        launch.arg(script).arg("klink.apk").env("KLINK_LAUNCH_WAIT_S", "1");
        launch.env("PATH", format!("{}:{old}", folder.path().display()));
        launch.output().expect("a shell can be started").status.success()
    }

    #[test]
    fn a_package_that_starts_is_told_from_one_that_does_not() {
        assert!(launched("<node text=\"Welcome to Klink\" />"));
        assert!(launched("<node text=\"Welkom bij Klink\" />"));
        assert!(!launched("<node text=\"Klink keeps stopping\" />"));
        assert!(!launched(""));
    }

    #[test]
    fn a_file_that_is_no_report_counts_nothing() {
        assert_eq!(reported("<other/>"), Tally::default());
    }
}
