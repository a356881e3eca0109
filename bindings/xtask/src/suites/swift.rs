//! A Swift that can build the package: the one that is there, or Debian trixie's in a folder of its own.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use crate::edge::{Built, Language, Stage, write};
use crate::house::House;
use crate::install::{self, Source, Tool};
use crate::run;

/// Where Swift is.
pub(crate) enum Toolchain {
    /// On the path, 6.0 or later.
    Here,
    /// In a root folder of its own, which only root can enter, and only where somebody may mount.
    Root(PathBuf),
    /// In such a folder, used where it lies: most containers let nobody mount.
    InPlace(PathBuf),
}

impl Toolchain {
    /// The folder of the package that brings the core to Swift.
    pub(crate) const CORE: &str = "bindings/swift";
    /// The folder of the iPhone app's package.
    pub(crate) const APP: &str = "ios";

    /// Finds Swift, and installs it where that is possible: once for this machine, not for every checkout.
    ///
    /// # Errors
    /// What a person has to install.
    pub(crate) fn ensure(house: &House) -> Result<Self, String> {
        let version = house.command("swift").arg("--version").output();
        if version.is_ok_and(|output| is_new_enough(&String::from_utf8_lossy(&output.stdout))) {
            return Ok(Self::Here);
        }
        let by_hand = "Swift 6 is missing: install it, or run as root on Debian".to_owned();
        let is_root =
            house.command("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0");
        let has_apt = house.command("apt-get").arg("--version").output().is_ok();
        if !is_root || !has_apt {
            return Err(by_hand);
        }
        let root = cache().join("klink/swift");
        let script = |name: &str| {
            let mut command = house.command("bash");
            command.arg(format!("bindings/swift/toolchain/{name}.sh")).arg(&root);
            command
        };
        let done = |command| run::stream(command, |_| house.shows).unwrap_or(false);
        if !done(script("install")) {
            return Err(by_hand);
        }
        let mut enter = script("enter");
        enter.arg(&house.root).arg("true");
        if !root.join(IN_PLACE).exists() && enter.output().is_ok_and(|output| output.status.success()) {
            return Ok(Self::Root(root));
        }
        install::ensure(house, &PATCHELF)?;
        if done(script("in-place")) { Ok(Self::InPlace(root)) } else { Err(by_hand) }
    }

    /// Prepares the tests of a package, by its folder, against the library of this build; a warning is an error.
    ///
    /// All packages are built in one place and with the same flags: what one suite compiled of the core's package, the
    /// next one finds there.
    ///
    /// # Errors
    /// What is generated could not be written.
    pub(crate) fn test(
        &self,
        house: &House,
        built: &Built,
        stage: &Stage,
        package: &str,
    ) -> anyhow::Result<Command> {
        write(house, built, Language::Swift)?;
        let scratch = house.target.join("swift");
        std::fs::create_dir_all(&scratch)?;
        let mut command = match self {
            Self::Here => house.command("swift"),
            Self::InPlace(root) => house.command(root.join("usr/bin/swift")),
            Self::Root(root) => {
                let mut command = house.command("bash");
                let folders = format!("{}:{}", house.root.display(), house.target.display());
                command.arg("bindings/swift/toolchain/enter.sh").arg(root).arg(folders).arg("swift");
                command
                    .env("SWIFT_IN_ENV", "KLINK_STAGE KLINK_LIBRARY KLINK_BENCH KLINK_SCREENS SSL_CERT_FILE");
                command
            }
        };
        command.args(["test", "--package-path", package, "--disable-xctest", "--scratch-path"]);
        command.arg(&scratch).args(["-Xswiftc", "-warnings-as-errors"]);
        if let Self::InPlace(root) = self {
            command.args(["-Xswiftc", "-sdk", "-Xswiftc"]).arg(root);
            command.args(["-Xcc", &format!("--sysroot={}", root.display())]);
        }
        command.env("KLINK_LIBRARY", &built.folder).env("KLINK_BENCH", "0").envs(stage.variables());
        Ok(command)
    }
}

/// What in-place.sh leaves in the root folder.
const IN_PLACE: &str = ".swift-in-place";

const PATCHELF: Tool =
    Tool { name: "patchelf", probe: &["patchelf", "--version"], from: Source::Debian("patchelf") };

fn is_new_enough(version: &str) -> bool {
    let number = version.split("version ").nth(1).and_then(|rest| rest.split('.').next());
    number.and_then(|number| number.parse().ok()).is_some_and(|major: u32| major >= 6)
}

/// Returns the user's folder for what can be fetched again.
fn cache() -> PathBuf {
    let home = || PathBuf::from(env::var_os("HOME").unwrap_or_else(|| ".".into())).join(".cache");
    env::var_os("XDG_CACHE_HOME").map_or_else(home, PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::is_new_enough;

    #[test]
    fn swift_five_is_too_old() {
        assert!(is_new_enough("Swift version 6.0.3 (swift-6.0.3-RELEASE)"));
        assert!(is_new_enough("Apple Swift version 6.2 (swiftlang-6.2)"));
        assert!(!is_new_enough("Swift version 5.10 (swift-5.10-RELEASE)"));
        assert!(!is_new_enough(""));
    }
}
