//! The service's pages in Chromium, driven by Node: every page in every state, then the whole journey.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, ensure};

use crate::count::{Count, Tally};
use crate::house::House;
use crate::run;

/// The programs for Node, and the packages they need.
const FOLDER: &str = "tests/service/browser";

/// Every page in every state: what axe-core finds, what the policy refuses, what is too wide for a narrow window.
pub(crate) fn gallery(house: &House, label: &str) -> Tally {
    with_packages(house, label, |house| {
        let (pages, pictures) = (house.target.join("pages/gallery"), folder(house, "gallery-pictures")?);
        let mut write = house.command("cargo");
        // The whole workspace, as in the suite `rust`: a part of it would build its dependencies anew.
        write.args(["test", "--locked", "--quiet", "--workspace", "--lib", "pages::tests::every_page_is"]);
        write.env("KLINK_GALLERY", &pages);
        ensure!(run::stream(write, |_| true)?, "the pages could not be written");
        let mut node = node(house, "gallery.mjs");
        node.arg(&pages).arg(&pictures);
        Ok(node)
    })
}

/// The journey with the real service and the real terminal phone.
pub(crate) fn journey(house: &House, label: &str) -> Tally {
    with_packages(house, label, |house| {
        let mut build = house.command("cargo");
        build.args(["test", "--locked", "--quiet", "--workspace", "--no-run"]);
        ensure!(run::stream(build, |_| true)?, "service and phone could not be built");
        let mut node = node(house, "journey.mjs");
        node.arg(house.target.join("debug")).arg(folder(house, "journey")?);
        Ok(node)
    })
}

/// Installs the driver of the browser and what looks for barriers.
pub(crate) fn fetch(house: &House) -> anyhow::Result<()> {
    let mut install = house.command("npm");
    install.args(["ci", "--no-progress"]).current_dir(house.root.join(FOLDER));
    ensure!(run::stream(install, |_| house.shows)?, "npm could not install the driver of the browser");
    Ok(())
}

/// Installs the packages and counts the cases of the command that `prepare` makes.
fn with_packages(
    house: &House,
    label: &str,
    prepare: impl FnOnce(&House) -> anyhow::Result<Command>,
) -> Tally {
    if let Err(why) = fetch(house) {
        return Tally::not_run(why.to_string());
    }
    match prepare(house) {
        Ok(command) => run::counted(command, Count::Lines("case "), label),
        Err(error) => {
            println!("{label}: {error:#}");
            let mut tally = Tally::default();
            tally.fail(format!("{label}: {error:#}"));
            tally
        }
    }
}

fn node(house: &House, program: &str) -> Command {
    let mut command = house.command("node");
    command.arg(program).current_dir(house.root.join(FOLDER));
    command
}

/// Empties a folder for pictures below the target folder.
fn folder(house: &House, name: &str) -> anyhow::Result<PathBuf> {
    let folder = house.target.join("pages").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("emptying {name}"))?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}
