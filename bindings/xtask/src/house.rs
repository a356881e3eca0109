//! Where the repository and its target folder are, and how commands are started in it.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

/// The repository on this machine.
#[derive(Clone)]
pub(crate) struct House {
    /// The folder with the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Where everything that is built goes, tools too.
    pub(crate) target: PathBuf,
    /// Whether this is CI, where nothing may be left out silently.
    pub(crate) ci: bool,
    /// Whether commands that fetch something show what they say.
    pub(crate) shows: bool,
    path: OsString,
}

impl House {
    /// Makes a house out of any folder, for tests.
    #[cfg(test)]
    pub(crate) fn at(root: &Path) -> Self {
        let path = env::var_os("PATH").unwrap_or_default();
        Self { root: root.to_owned(), target: root.join("target"), ci: false, shows: true, path }
    }

    /// Finds the repository that this program was built from.
    ///
    /// # Errors
    /// The folder is gone, or `PATH` holds a name that cannot stand in it.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
        let target =
            env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
        let old = env::var_os("PATH").unwrap_or_default();
        let path = env::join_paths([target.join("tools/bin")].into_iter().chain(env::split_paths(&old)))
            .context("the target folder's name cannot stand in PATH")?;
        Ok(Self { root, target, ci: env::var("CI").is_ok_and(|value| value == "true"), shows: true, path })
    }

    /// Returns the same house for what goes on beside something else, and shows nothing.
    pub(crate) fn quiet(&self) -> Self {
        Self { shows: false, ..self.clone() }
    }

    /// Returns the variable that puts the folders of tests in memory, where there is room for them: tests wait for a disk
    /// most of their time, and what is about a disk is a proof. What the user has set stays.
    pub(crate) fn in_memory(&self) -> Option<(&'static str, &'static str)> {
        let has_own = env::var_os(FOLDERS).is_some();
        (!has_own && free_kib(MEMORY).is_some_and(|free| free >= ROOM_KIB)).then_some((FOLDERS, MEMORY))
    }

    /// Prepares a command that runs in the root and finds the tools that were built here.
    pub(crate) fn command(&self, program: impl Into<OsString>) -> Command {
        let mut command = Command::new(program.into());
        // What cargo set for this program must not reach the commands that it starts.
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text == "CARGO" {
                command.env_remove(name);
            }
        }
        command.current_dir(&self.root).env("PATH", &self.path);
        command
    }
}

/// What programs read to know where folders for a moment go.
const FOLDERS: &str = "TMPDIR";
/// Where Linux has a file system in memory.
const MEMORY: &str = "/dev/shm";
/// Ten times what the tests take at once (26 MiB), in KiB: 256 MiB.
const ROOM_KIB: u64 = 256 << 10;

/// Returns how many KiB are free where `folder` is, as `df` says; `None` when there is no such folder.
fn free_kib(folder: &str) -> Option<u64> {
    let said = Command::new("df").args(["-Pk", folder]).output().ok().filter(|said| said.status.success())?;
    let text = String::from_utf8(said.stdout).ok()?;
    text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_has_no_room() {
        assert!(free_kib("/").is_some_and(|free| free > 0));
        assert_eq!(free_kib("/no-such-folder"), None);
    }
}
