//! A library in C that stands in front of the system's own calls, in a child's process alone.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, ensure};

/// A library that was built here.
pub struct Shim {
    folder: tempfile::TempDir,
    name: &'static str,
}

impl Shim {
    /// Compiles `source`.
    ///
    /// # Errors
    /// There is no C compiler, or it refused.
    pub fn build(name: &'static str, source: &str) -> anyhow::Result<Self> {
        let shim = Self { folder: tempfile::tempdir()?, name };
        let file = shim.folder.path().join(format!("{name}.c"));
        std::fs::write(&file, source)?;
        let status = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(shim.library())
            .arg(&file)
            .arg("-ldl")
            .status()
            .context("cc")?;
        ensure!(status.success(), "cc ended with {status}");
        Ok(shim)
    }

    /// Returns what goes into `LD_PRELOAD`.
    pub fn library(&self) -> PathBuf {
        self.folder.path().join(format!("{}.so", self.name))
    }
}
