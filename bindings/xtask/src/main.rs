//! Tests everything with one command: `cargo xtask test`.

mod ahead;
mod count;
mod edge;
mod house;
mod install;
mod proofs;
mod report;
mod run;
mod suites;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};

use ahead::Ahead;
use house::House;
use suites::{SUITES, Suite};

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Generates Swift and Kotlin into their packages, and accepts their public signatures as they are now.
    Bindings,
    /// Says how large the library is, and what takes the room.
    Size,
    /// Builds the framework for Apple's systems; needs a Mac.
    Xcframework,
    /// Builds the library for Android; needs its NDK.
    Aar,
    /// Measures calls from Swift and Kotlin into the library as an app gets it.
    BenchEdge,
    /// Opens the Android app's screens with the real core in a window: a phone on your desk.
    Desktop {
        /// Where everything of this phone lies; without it, where this desktop keeps what belongs to its user.
        #[arg(long, value_name = "FOLDER")]
        folder: Option<PathBuf>,
        /// Certificates of a service that only this machine knows, as `cargo demo --serve` makes them.
        #[arg(long, value_name = "FILE")]
        ca_file: Option<PathBuf>,
    },
    /// Runs every proof of the vault, each with its control, and prints a line for each.
    Proofs {
        /// At the size of a commit: minutes instead of an hour.
        #[arg(long)]
        quick: bool,
    },
    /// Starts privacyIDEA and eduMFA on this machine, and has our phone work with them.
    Interop,
    /// Runs all suites, or those that are named; installs what is missing where it may.
    Test {
        /// Suites by name.
        names: Vec<String>,
        /// Says which suites there are, and runs none.
        #[arg(long)]
        list: bool,
    },
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Test { names, list } => test(&names, list),
        Command::Interop => test(&["interop".to_owned()], false),
        Command::Bindings => House::find().and_then(|house| edge::bindings(&house)),
        Command::Size => House::find().and_then(|house| edge::size(&house)),
        Command::Xcframework => House::find().and_then(|house| edge::xcframework(&house)),
        Command::Aar => House::find().and_then(|house| edge::aar(&house)),
        Command::BenchEdge => House::find().and_then(|house| suites::bench_edge(&house)),
        Command::Desktop { folder, ca_file } => {
            House::find().and_then(|house| suites::desktop(&house, folder.as_deref(), ca_file.as_deref()))
        }
        Command::Proofs { quick } => House::find().and_then(|house| proofs::run(&house, quick)),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Runs the suites that `names` chooses and tells whether all of them passed.
fn test(names: &[String], list: bool) -> anyhow::Result<bool> {
    let chosen = chosen(names)?;
    if list {
        for suite in SUITES {
            println!("{:<8} {}", suite.name, suite.about);
        }
        return Ok(true);
    }
    let house = House::find().context("finding the repository")?;
    let ahead = Ahead::start(&house, &chosen);
    let run = |suite: &&'static Suite| {
        ahead.fetch(suite.name);
        run::suite(&house, suite)
    };
    let outcomes: Vec<report::Outcome> = chosen.iter().map(run).collect();
    if names.is_empty() {
        for (suite, why) in SUITES.iter().filter_map(|suite| Some((suite, suite.by_name?))) {
            println!(
                "{} is not in the whole run: {why}; `cargo xtask test {}` runs it",
                suite.name, suite.name
            );
        }
    }
    print!("{}", report::print(&outcomes, house.ci));
    Ok(outcomes.iter().all(|outcome| outcome.failed(house.ci) == 0))
}

/// Returns the suites with these names in their usual order; when none is named, all that the whole run has.
fn chosen(names: &[String]) -> anyhow::Result<Vec<&'static Suite>> {
    if let Some(unknown) = names.iter().find(|name| SUITES.iter().all(|suite| suite.name != **name)) {
        let known: Vec<&str> = SUITES.iter().map(|suite| suite.name).collect();
        anyhow::bail!("there is no suite `{unknown}`; there are {}", known.join(", "));
    }
    Ok(SUITES
        .iter()
        .filter(|suite| match names {
            [] => suite.by_name.is_none(),
            names => names.iter().any(|name| suite.name == name),
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_run_in_their_usual_order_whatever_the_order_of_names() {
        let names = ["demo", "rust"].map(str::to_owned);
        let chosen: Vec<&str> = chosen(&names).expect("both exist").iter().map(|suite| suite.name).collect();
        assert_eq!(chosen, ["rust", "demo"]);
    }

    #[test]
    fn the_whole_run_has_every_suite_but_those_that_run_by_name_only() {
        let names = |names: &[&str]| -> Vec<&str> {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            chosen(&names).expect("all exist").iter().map(|suite| suite.name).collect()
        };
        let whole = names(&[]);
        for suite in SUITES {
            assert_eq!(whole.contains(&suite.name), suite.by_name.is_none(), "{}", suite.name);
            assert_eq!(names(&[suite.name]), [suite.name]);
        }
        assert!(whole.contains(&"kotlin") && whole.contains(&"swift"));
    }

    #[test]
    fn a_suite_that_is_not_there_is_refused_with_those_that_are() {
        let error =
            chosen(&["rusty".to_owned()]).map(|_| ()).expect_err("there is no such suite").to_string();
        assert!(error.contains("`rusty`") && error.contains("rust, docs"), "{error}");
    }
}
