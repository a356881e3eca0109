//! The iPhone app: its project files, and its package on Linux.

use std::fs;

use crate::count::{Count, Tally};
use crate::edge::{Built, Stage};
use crate::house::House;
use crate::run;

use super::edge;
use super::python::interpreter_with;
use super::swift::Toolchain;

/// What reads the project file.
const YAML: &str = "PyYAML==6.0.3";

/// Installs Swift where this machine has none, and what reads the project file.
///
/// # Errors
/// What a person has to install.
pub(crate) fn fetch(house: &House) -> anyhow::Result<()> {
    interpreter_with(house, YAML)?;
    edge::fetch_swift(house)
}

/// Property lists, entitlements, privacy manifests, catalogue and project, as far as they can be read without a Mac.
pub(crate) fn project(house: &House, label: &str) -> Tally {
    match interpreter_with(house, YAML) {
        Ok(python) => {
            let mut command = house.command(python);
            command.arg("ios/checks/check.py");
            run::counted(command, Count::Lines("check "), label)
        }
        Err(error) => Tally::not_run(format!("{YAML} could not be installed: {error:#}")),
    }
}

/// Models, views and adapters compile without a warning; tests, and the journey with the real library and service. Every
/// screen is written to `ios-screens` in the target folder, as text.
pub(crate) fn app(house: &House, label: &str) -> Tally {
    let toolchain = match Toolchain::ensure(house) {
        Ok(toolchain) => toolchain,
        Err(why) => return Tally::not_run(why),
    };
    let tests = || {
        let built = Built::prepare(house)?;
        let stage = Stage::start(house, &built)?;
        let screens = house.target.join("ios-screens");
        fs::create_dir_all(&screens)?;
        let mut command = toolchain.test(house, &built, &stage, Toolchain::APP)?;
        command.env("KLINK_SCREENS", screens);
        anyhow::Ok(run::counted(command, Count::SwiftTesting, label))
    };
    tests().unwrap_or_else(|error| {
        println!("{label}: {error:#}");
        let mut tally = Tally::default();
        tally.fail(format!("{label}: {error:#}"));
        tally
    })
}
