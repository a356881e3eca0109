//! Generates Swift, Kotlin and Python from the library, always the same for the same library.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use super::licences::licences;
use super::{Built, api};
use crate::house::House;
use crate::run;

/// A language that calls the core.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Language {
    /// For the Swift package.
    Swift,
    /// For the Maven module and the Android library.
    Kotlin,
    /// For the smoke test.
    Python,
}

impl Language {
    /// The languages whose public signatures are committed.
    pub(crate) const WITH_API: [Self; 2] = [Self::Swift, Self::Kotlin];

    /// Its name for the generator.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Swift => "swift",
            Self::Kotlin => "kotlin",
            Self::Python => "python",
        }
    }

    /// The file that the generator writes for it.
    fn file(self) -> &'static str {
        match self {
            Self::Swift => "KlinkCore.swift",
            Self::Kotlin => "app/klink/core/authenticator.kt",
            Self::Python => "authenticator.py",
        }
    }
}

/// Generates one language into a folder below the target folder and returns that folder.
///
/// # Errors
/// The generator failed, or wrote something else than is known here.
pub(crate) fn generate(house: &House, built: &Built, language: Language) -> anyhow::Result<PathBuf> {
    let folder = fresh(house.target.join("bindings").join(language.name()))?;
    let mut bindgen = house.command(&built.bindgen);
    bindgen.args(["generate", "--no-format", "--language", language.name(), "--out-dir"]);
    bindgen.arg(&folder).arg(built.library());
    ensure!(run::stream(bindgen, |_| true)?, "the generator failed for {}", language.name());
    let file = folder.join(language.file());
    let text = fs::read_to_string(&file).with_context(|| format!("{} was not written", file.display()))?;
    fs::write(&file, tidied(&text))?;
    Ok(folder)
}

/// Generates Swift and Kotlin into their packages.
///
/// # Errors
/// As [`generate`].
pub(crate) fn write(house: &House, built: &Built, language: Language) -> anyhow::Result<()> {
    let from = generate(house, built, language)?;
    let bindings = house.root.join("bindings");
    let read = |name: &str| fs::read(from.join(name));
    match language {
        Language::Swift => {
            put(
                &bindings.join("swift/Sources/KlinkCore/Generated"),
                &[(language.file(), read(language.file())?)],
            )?;
            let headers = [
                ("KlinkCoreFFI.h", read("KlinkCoreFFI.h")?),
                ("module.modulemap", read("KlinkCoreFFI.modulemap")?),
            ];
            put(&bindings.join("swift/Sources/KlinkCoreFFI"), &headers)?;
        }
        Language::Kotlin => {
            let sources = bindings.join("kotlin/src/generated/kotlin/app/klink/core");
            put(&sources, &[("authenticator.kt", read(language.file())?)])?;
            let licences = licences(house)?.into_bytes();
            put(&bindings.join("kotlin/src/generated/resources"), &[("licences.txt", licences)])?;
        }
        Language::Python => {}
    }
    Ok(())
}

/// Writes the public signatures of Swift and Kotlin: whoever commits them has accepted them.
///
/// # Errors
/// As [`generate`].
pub(crate) fn accept(house: &House, built: &Built) -> anyhow::Result<()> {
    for language in Language::WITH_API {
        let path = committed(house, language);
        fs::create_dir_all(path.parent().context("a folder")?)?;
        fs::write(&path, signatures(house, built, language)?)?;
        println!("wrote {}", path.strip_prefix(&house.root).unwrap_or(&path).display());
    }
    Ok(())
}

/// Makes sure that what Rust's comments say is said in Swift and Kotlin, where their readers look, and the same each time.
///
/// # Errors
/// As [`generate`]; a comment was lost.
pub(crate) fn documented(house: &House, built: &Built) -> anyhow::Result<()> {
    let source = fs::read_to_string(house.root.join("bindings/src/error.rs"))?;
    let comment = source.lines().find_map(|line| line.trim().strip_prefix("/// Wrong passphrases before"));
    let comment = comment.context("the comment that is looked for is gone")?;
    for language in Language::WITH_API {
        let folder = generate(house, built, language)?;
        let text = fs::read_to_string(folder.join(language.file()))?;
        ensure!(
            text.contains(&format!("Wrong passphrases before{comment}")),
            "{} has lost its comments",
            language.name()
        );
        let again = generate(house, built, language)?;
        ensure!(
            text == fs::read_to_string(again.join(language.file()))?,
            "{} differs each time",
            language.name()
        );
        let comments = text.lines().filter(|line| line.trim_start().starts_with("* ")).count();
        ensure!(comments > 500, "{} has {comments} lines of comments", language.name());
    }
    Ok(())
}

/// Says how the public signatures of a language differ from those that are committed; nothing when they do not.
///
/// # Errors
/// As [`generate`].
pub(crate) fn drifted(house: &House, built: &Built, language: Language) -> anyhow::Result<Option<String>> {
    let new = signatures(house, built, language)?;
    let old = fs::read_to_string(committed(house, language)).unwrap_or_default();
    if old == new {
        return Ok(None);
    }
    let gone =
        old.lines().filter(|line| !new.lines().any(|other| other == *line)).map(|line| format!("- {line}"));
    let came =
        new.lines().filter(|line| !old.lines().any(|other| other == *line)).map(|line| format!("+ {line}"));
    let lines: Vec<String> = gone.chain(came).take(40).collect();
    Ok(Some(format!(
        "the API for {} has changed:\n{}\nIf that is meant, run `cargo xtask bindings` and commit bindings/api.",
        language.name(),
        lines.join("\n")
    )))
}

fn signatures(house: &House, built: &Built, language: Language) -> anyhow::Result<String> {
    let folder = generate(house, built, language)?;
    let text = fs::read_to_string(folder.join(language.file()))?;
    let list = match language {
        Language::Swift => api::swift(&text),
        Language::Kotlin => api::kotlin(&text),
        Language::Python => String::new(),
    };
    ensure!(list.lines().count() > 100, "hardly any signature was found for {}", language.name());
    Ok(list)
}

fn committed(house: &House, language: Language) -> PathBuf {
    house.root.join("bindings/api").join(format!("{}.api", language.name()))
}

/// Empties a folder, or makes it.
fn fresh(folder: PathBuf) -> anyhow::Result<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Puts files into a folder that holds nothing else. What is there already stays as it is, so that what was compiled of it
/// is not compiled anew.
fn put(folder: &Path, files: &[(&str, Vec<u8>)]) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !files.iter().any(|(name, _)| entry.file_name() == *name) {
            fs::remove_file(entry.path())?;
        }
    }
    for (name, bytes) in files {
        let path = folder.join(name);
        if fs::read(&path).ok().as_ref() != Some(bytes) {
            fs::write(&path, bytes)?;
        }
    }
    Ok(())
}

/// Takes away space at the ends of lines and more than one empty line, and joins a `public` that stands alone to its
/// declaration: the generator leaves all of that behind.
fn tidied(text: &str) -> String {
    let text = text.replace("\npublic \n", "\npublic ");
    let mut out = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.lines().map(str::trim_end) {
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty < 2 {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{put, tidied};

    /// The beginning that a document shows is compiled in a sample.
    #[test]
    fn the_lines_that_documents_begin_with_stand_in_a_sample_that_is_built() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let read = |path: &str| fs::read_to_string(root.join(path)).expect("it is there");
        for (document, sample) in [
            ("docs/swift.md", "bindings/swift/Sources/Sample/main.swift"),
            ("docs/kotlin.md", "bindings/kotlin/src/test/kotlin/app/klink/core/Sample.kt"),
        ] {
            let (text, sample) = (read(document), read(sample));
            let block = text.split("```").nth(1).expect("it shows code");
            let lines: Vec<&str> =
                block.lines().skip(1).map(str::trim).filter(|line| !line.is_empty()).collect();
            assert!((8..=12).contains(&lines.len()), "{document}: {} lines", lines.len());
            assert!(sample.lines().count() < 50, "{document}: a sample is short");
            let built: Vec<&str> = sample.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            let stands = built.windows(lines.len()).any(|window| window == lines);
            assert!(stands, "{document} shows what no sample has");
        }
    }

    #[test]
    fn a_file_that_is_the_same_is_not_written_again_and_one_that_is_over_goes() {
        let folder = std::env::temp_dir().join(format!("klink-put-{}", std::process::id()));
        let written = |name: &str| fs::metadata(folder.join(name)).unwrap().modified().unwrap();
        put(&folder, &[("a", b"one".to_vec()), ("b", b"two".to_vec())]).unwrap();
        let (a, b) = (written("a"), written("b"));
        std::thread::sleep(std::time::Duration::from_millis(20));
        put(&folder, &[("a", b"one".to_vec()), ("b", b"other".to_vec())]).unwrap();
        assert_eq!(written("a"), a);
        assert_ne!(written("b"), b);
        put(&folder, &[("b", b"other".to_vec())]).unwrap();
        assert!(!folder.join("a").exists());
        fs::remove_dir_all(&folder).unwrap();
    }

    /// What is written by hand is a thin layer over what is generated.
    #[test]
    fn a_language_has_at_most_300_lines_by_hand() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for folder in ["swift/Sources/KlinkCore", "kotlin/src/main/kotlin/app/klink/core"] {
            let files = fs::read_dir(root.join(folder)).expect("it is there");
            let lines = files
                .map(|file| file.expect("it can be read").path())
                .filter(|path| path.extension().is_some_and(|end| end == "swift" || end == "kt"))
                .map(|path| fs::read_to_string(path).expect("it is text").lines().count())
                .sum::<usize>();
            assert!((60..=300).contains(&lines), "{folder}: {lines} lines");
        }
    }

    /// The catalogue of the documentation names what is there.
    #[test]
    fn every_name_in_the_catalogue_is_in_the_api() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let read = |path: &str| fs::read_to_string(root.join(path)).expect("it is there");
        let (catalogue, api) =
            (read("swift/Sources/KlinkCore/KlinkCore.docc/KlinkCore.md"), read("api/swift.api"));
        let named: Vec<&str> = catalogue.split("``").skip(1).step_by(2).collect();
        assert!(named.len() > 20, "{named:?}");
        for name in named.into_iter().filter(|name| *name != "KlinkCore") {
            let declared = ["class", "struct", "enum", "protocol"].iter().any(|kind| {
                [" ", ":", "("].iter().any(|end| api.contains(&format!("{kind} {name}{end}")))
                    || api.contains(&format!("{kind} {name}\n"))
            });
            assert!(declared, "{name}");
        }
    }

    #[test]
    fn what_a_generator_leaves_behind_is_taken_away() {
        assert_eq!(tidied("a  \n\n\n\nb\npublic \nenum A {\n"), "a\n\nb\npublic enum A {\n");
    }
}
