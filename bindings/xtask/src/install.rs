//! Gets what a suite needs from the system: a Debian package where that is allowed, a part of the toolchain, a cargo
//! tool in the target folder.

use std::process::Command;
use std::sync::{Mutex, PoisonError};

use crate::house::House;
use crate::run;

/// Something that a suite needs and Rust does not bring.
#[derive(Debug)]
pub(crate) struct Tool {
    /// What people call it.
    pub(crate) name: &'static str,
    /// A command that succeeds when it is there.
    pub(crate) probe: &'static [&'static str],
    /// Where it comes from.
    pub(crate) from: Source,
}

/// Where a tool comes from.
#[derive(Debug)]
pub(crate) enum Source {
    /// A Debian package of this name.
    Debian(&'static str),
    /// A component of the toolchain, by rustup; the smallest installation leaves it out.
    Rustup(&'static str),
    /// A package of cargo's, in this version; built without optimisation, because that takes a fifth of the time.
    Cargo { package: &'static str, version: &'static str },
}

/// Debian's package manager does not work twice at once.
static APT: Mutex<()> = Mutex::new(());

/// Gets `tool` when it is missing.
///
/// # Errors
/// What a person has to install.
pub(crate) fn ensure(house: &House, tool: &Tool) -> Result<(), String> {
    if works(house, tool.probe) {
        return Ok(());
    }
    match tool.from {
        Source::Debian(package) => {
            let by_hand = format!("{} is missing: install the package {package}", tool.name);
            if !works(house, &["apt-get", "--version"]) || !is_root(house) {
                return Err(by_hand);
            }
            let _one_at_a_time = APT.lock().unwrap_or_else(PoisonError::into_inner);
            // The lists may be older than the packages that they name; a machine may also have none.
            let install = ["apt-get", "install", "--yes", "--no-install-recommends", package];
            let refreshed = || apt(house, &["apt-get", "update"]) && apt(house, &install);
            if !(apt(house, &install) || refreshed()) {
                return Err(by_hand);
            }
        }
        Source::Rustup(component) => {
            let mut command = house.command("rustup");
            command.args(["component", "add", component]);
            if !started(house, component, command) {
                return Err(format!("{} is missing: rustup component add {component}", tool.name));
            }
        }
        Source::Cargo { package, version } => {
            let mut command = house.command("cargo");
            command
                .args(["install", "--locked", "--debug", "--version", version, package, "--root"])
                .arg(house.target.join("tools"))
                .env("CARGO_TARGET_DIR", house.target.join("tools/build"));
            if !started(house, package, command) {
                return Err(format!("{} is missing: cargo install --locked {package}", tool.name));
            }
        }
    }
    if works(house, tool.probe) {
        Ok(())
    } else {
        Err(format!("{} was installed and does not answer", tool.name))
    }
}

fn apt(house: &House, words: &[&str]) -> bool {
    let mut command = house.command(words[0]);
    command.args(&words[1..]).env("DEBIAN_FRONTEND", "noninteractive");
    started(house, words[1], command)
}

fn started(house: &House, label: &str, command: Command) -> bool {
    if house.shows {
        println!("── installing: {label}");
    }
    run::stream(command, |_| house.shows).unwrap_or(false)
}

fn works(house: &House, words: &[&str]) -> bool {
    house.command(words[0]).args(&words[1..]).output().is_ok_and(|output| output.status.success())
}

fn is_root(house: &House) -> bool {
    house.command("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house() -> House {
        House::at(&std::env::temp_dir())
    }

    #[test]
    fn what_is_there_is_not_installed() {
        let tool =
            Tool { name: "a shell", probe: &["sh", "-c", "exit 0"], from: Source::Debian("no-such-package") };
        assert_eq!(ensure(&house(), &tool), Ok(()));
    }

    #[test]
    fn what_cannot_be_had_is_named_with_the_way_to_get_it() {
        let probe = &["no-such-program-anywhere"];
        let tool = Tool { name: "a part", probe, from: Source::Rustup("no-such-component") };
        let why = ensure(&house(), &tool).expect_err("there is no such component");
        assert_eq!(why, "a part is missing: rustup component add no-such-component");
    }
}
