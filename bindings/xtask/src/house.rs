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
