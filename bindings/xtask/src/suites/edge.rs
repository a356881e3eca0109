//! The edge: what is generated is what was accepted, and one story told in three languages.

use std::process::Command;

use crate::count::{Count, Tally};
use crate::edge::{Built, Language, Stage, drifted, generate, rehearsed, write};
use crate::house::House;
use crate::run;

use super::python::interpreter;
use super::swift;

/// The public signatures are those that are committed.
pub(crate) fn signatures(house: &House, label: &str) -> Tally {
    let mut tally = Tally::default();
    let built = match Built::prepare(house) {
        Ok(built) => built,
        Err(error) => return failed(label, &error),
    };
    for language in Language::WITH_API {
        match drifted(house, &built, language) {
            Ok(None) => {
                println!("the API for {} is the one in bindings/api", language.name());
                tally.passed += 1;
            }
            Ok(Some(how)) => {
                println!("{how}");
                tally.fail(format!("{label}: the API for {} has changed", language.name()));
            }
            Err(error) => tally.add(failed(label, &error)),
        }
    }
    tally
}

/// What the packages for Apple and Android are made of, as far as this machine can make it.
pub(crate) fn packages(house: &House, label: &str) -> Tally {
    let built = match Built::prepare(house) {
        Ok(built) => built,
        Err(error) => return failed(label, &error),
    };
    let mut tally = Tally::default();
    for (what, done) in rehearsed(house, &built) {
        match done {
            Ok(()) => {
                println!("{what}");
                tally.passed += 1;
            }
            Err(error) => tally.add(failed(label, &error)),
        }
    }
    tally
}

/// The story in Python: the cheapest.
pub(crate) fn python(house: &House, label: &str) -> Tally {
    told(house, label, |house, built, stage| {
        let generated = generate(house, built, Language::Python)?;
        std::fs::copy(built.library(), generated.join(crate::edge::LIBRARY))?;
        let mut command = house.command(interpreter(house)?);
        command.arg("bindings/python/story.py").env("PYTHONPATH", generated).envs(stage.variables());
        Ok(command)
    })
}

/// The story in Kotlin, and two threads that hammer while a third locks.
pub(crate) fn kotlin(house: &House, label: &str) -> Tally {
    told(house, label, |house, built, stage| {
        let mut command = maven(house, built, "bindings/kotlin/pom.xml", "verify")?;
        command.envs(stage.variables());
        Ok(command)
    })
}

/// The story in Swift.
pub(crate) fn swift(house: &House, label: &str) -> Tally {
    let toolchain = match swift::Toolchain::ensure(house) {
        Ok(toolchain) => toolchain,
        Err(why) => return Tally::not_run(why),
    };
    told(house, label, |house, built, stage| toolchain.test(house, built, stage, swift::Toolchain::CORE))
}

/// Installs Swift where this machine has none.
///
/// # Errors
/// What a person has to install.
pub(crate) fn fetch_swift(house: &House) -> anyhow::Result<()> {
    swift::Toolchain::ensure(house).map(drop).map_err(|why| anyhow::anyhow!(why))
}

/// Prepares Maven with the library of this build, to take what `pom` describes as far as `phase`; it fetches what it needs
/// from Maven Central.
pub(crate) fn maven(house: &House, built: &Built, pom: &str, phase: &str) -> anyhow::Result<Command> {
    write(house, built, Language::Kotlin)?;
    let mut command = house.command("mvn");
    command.args(["-q", "-B", "-Dstyle.color=never", "-f", pom, phase]).env("MAVEN_OPTS", "-Xmx1g");
    command.arg(format!("-Dklink.library={}", built.folder.display()));
    Ok(command)
}

/// Measures the library as an app gets it: work in processor time from Python, calls from Kotlin and Swift.
///
/// # Errors
/// Something does not build.
pub(crate) fn bench(house: &House) -> anyhow::Result<bool> {
    let mut built = Built::prepare(house)?;
    for language in Language::WITH_API {
        write(house, &built, language)?;
    }
    let mut build = house.command("cargo");
    build.args(["build", "--locked", "--profile", "app", "--package", "authenticator-bindings"]);
    anyhow::ensure!(run::stream(build, |_| true)?, "the library could not be built");
    built.folder = house.target.join("app");
    let stage = Stage::start(house, &built)?;
    println!(
        "aims: an empty call 3.5 µs in Kotlin and 7 ns in Swift; a list of 1,000 rows 2,000 µs in Kotlin; codes of 1,000 \
         rows 200,000 µs; unlock of 1,000 accounts 5,000 µs"
    );
    // Maven puts its colours back before the first line of a test.
    let is_figure = |line: &str| line.trim_start_matches("\u{1b}[0m").starts_with("bench ");
    let generated = generate(house, &built, Language::Python)?;
    std::fs::copy(built.library(), generated.join(crate::edge::LIBRARY))?;
    let mut python = house.command(interpreter(house)?);
    python.arg("bindings/python/speed.py").env("PYTHONPATH", generated).envs(stage.variables());
    let spent = run::stream(python, is_figure)?;
    let mut kotlin = maven(house, &built, "bindings/kotlin/pom.xml", "verify")?;
    kotlin.arg("-Dtest=BenchTest").envs(stage.variables()).env("KLINK_BENCH", "1");
    let mut all = spent && run::stream(kotlin, is_figure)?;
    let toolchain = swift::Toolchain::ensure(house).map_err(|why| anyhow::anyhow!(why))?;
    let mut swift = toolchain.test(house, &built, &stage, swift::Toolchain::CORE)?;
    swift.args(["--filter", "BenchTests"]).env("KLINK_BENCH", "1");
    all &= run::stream(swift, is_figure)?;
    Ok(all)
}

/// Starts the stage, and counts the cases of the story that `prepare` makes a command for.
fn told(
    house: &House,
    label: &str,
    prepare: impl FnOnce(&House, &Built, &Stage) -> anyhow::Result<Command>,
) -> Tally {
    let story = || {
        let built = Built::prepare(house)?;
        let stage = Stage::start(house, &built)?;
        let command = prepare(house, &built, &stage)?;
        Ok(run::counted(command, Count::Lines("case "), label))
    };
    story().unwrap_or_else(|error| failed(label, &error))
}

pub(crate) fn failed(label: &str, error: &anyhow::Error) -> Tally {
    println!("{label}: {error:#}");
    let mut tally = Tally::default();
    tally.fail(format!("{label}: {error:#}"));
    tally
}
