//! What belongs to the edge: the library as it was built, what is generated from it, and the stage for stories.

mod android;
mod api;
mod apple;
mod generate;
mod licences;
mod size;
mod stage;
#[cfg(test)]
mod workflow;

pub(crate) use android::{aar, check_pages};
pub(crate) use apple::xcframework;
pub(crate) use generate::{Language, drifted, generate, write};
pub(crate) use size::size;
pub(crate) use stage::Stage;

use std::path::PathBuf;

use anyhow::ensure;

use crate::house::House;
use crate::run;

/// What the tests have built of the edge.
pub(crate) struct Built {
    /// The folder of `libauthenticator.so`.
    pub(crate) folder: PathBuf,
    /// The generator.
    pub(crate) bindgen: PathBuf,
    /// The stage.
    pub(crate) stage: PathBuf,
}

impl Built {
    /// Builds a part of what the suite `rust` builds, so that after it there is nothing left to do.
    ///
    /// # Errors
    /// It does not build.
    pub(crate) fn prepare(house: &House) -> anyhow::Result<Self> {
        let mut build = house.command("cargo");
        // Of the whole workspace: a single package would build its dependencies anew. A test brings what it starts.
        build.args(["test", "--locked", "--quiet", "--workspace", "--no-run"]);
        build.args(["edge", "pictures", "version"].iter().flat_map(|test| ["--test", test]));
        ensure!(run::stream(build, |_| true)?, "the library could not be built");
        let debug = house.target.join("debug");
        // cargo leaves the library of a package that it only tests among the dependencies.
        let folder =
            [debug.join("deps"), debug.clone()].into_iter().find(|folder| folder.join(LIBRARY).exists());
        let folder = folder.ok_or_else(|| anyhow::anyhow!("{LIBRARY} was not built"))?;
        Ok(Self { folder, bindgen: debug.join("bindgen"), stage: debug.join("stage") })
    }

    /// Returns the library itself.
    pub(crate) fn library(&self) -> PathBuf {
        self.folder.join(LIBRARY)
    }
}

/// Generates into both packages, and writes the public signatures.
///
/// # Errors
/// Something does not build.
pub(crate) fn bindings(house: &House) -> anyhow::Result<bool> {
    let built = Built::prepare(house)?;
    for language in Language::WITH_API {
        write(house, &built, language)?;
    }
    generate::accept(house, &built)?;
    Ok(true)
}

/// Does as much of both packages as this machine can: each with what it shows.
pub(crate) fn rehearsed(house: &House, built: &Built) -> [(&'static str, anyhow::Result<()>); 3] {
    let framework = "the framework for Apple is laid out with real headers and module maps";
    let aar = "the library loads on pages of 16 KiB, and what the AAR takes in is there";
    let comments = "what Rust's comments say is said in Swift and in Kotlin";
    [
        (framework, apple::rehearse(house, built)),
        (aar, android::rehearse(house, built)),
        (comments, generate::documented(house, built)),
    ]
}

/// The library's name on Linux.
pub(crate) const LIBRARY: &str = "libauthenticator.so";
