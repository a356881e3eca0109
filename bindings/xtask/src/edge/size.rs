//! How large the library is, and what takes the room.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};

use crate::house::House;
use crate::run;

/// How many packages are named.
const NAMED: usize = 20;

/// Builds the library as an app gets it and prints its size: whole, stripped, packed, and for each package of its code.
///
/// Also for arm64, where its standard library and linker are installed.
///
/// # Errors
/// It does not build, or `strip` or `gzip` is missing.
pub(crate) fn size(house: &House) -> anyhow::Result<bool> {
    let host = of(house, None)?;
    println!("{host}");
    for target in ["aarch64-unknown-linux-gnu", "aarch64-linux-android"] {
        let installed =
            house.command("rustc").args(["--print", "target-libdir", "--target", target]).output()?;
        let folder = String::from_utf8_lossy(&installed.stdout).trim().to_owned();
        if !Path::new(&folder).is_dir() {
            println!("not run: the standard library for {target} is missing: rustup target add {target}");
            continue;
        }
        match of(house, Some(target)) {
            Ok(report) => println!("{report}"),
            Err(error) => println!("not run: {target} could not be linked here: {error:#}"),
        }
    }
    Ok(true)
}

fn of(house: &House, target: Option<&str>) -> anyhow::Result<String> {
    let mut build = house.command("cargo");
    build.args(["build", "--locked", "--profile", "app", "--package", "authenticator-bindings"]);
    build.args(target.map(|target| format!("--target={target}")));
    ensure!(run::stream(build, |_| true)?, "the library could not be built");
    let mut folder = house.target.clone();
    folder.extend(target);
    let library = folder.join("app").join(super::LIBRARY);
    let stripped = house.target.join("stripped.so");
    let done = house.command("strip").args(["--strip-all", "-o"]).arg(&stripped).arg(&library).status()?;
    ensure!(done.success(), "strip failed");
    let packed =
        house.command("gzip").args(["-9", "-c"]).arg(&stripped).output().context("gzip")?.stdout.len();
    let whole = fs::metadata(&library)?.len();
    let bare = fs::metadata(&stripped)?.len();
    let mut report = format!(
        "{}: {} with symbols, {} stripped, {} packed\n",
        target.unwrap_or("this machine"),
        kib(whole),
        kib(bare),
        kib(packed as u64)
    );
    for (name, bytes) in packages(house, &library)?.into_iter().take(NAMED) {
        report += &format!("  {:>10}  {name}\n", kib(bytes));
    }
    Ok(report)
}

/// Returns the size of the code of each package, the largest first, from the names of the functions.
fn packages(house: &House, library: &Path) -> anyhow::Result<Vec<(String, u64)>> {
    let mut nm = house.command("nm");
    let listed = listed(nm.args(["--print-size", "--size-sort", "--radix=d", "--demangle"]).arg(library))?;
    let mut sizes = std::collections::BTreeMap::<String, u64>::new();
    for line in listed.lines() {
        let mut words = line.splitn(4, ' ');
        let (Some(_), Some(size), Some(kind), Some(name)) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            continue;
        };
        if kind.eq_ignore_ascii_case("t") {
            *sizes.entry(package(name)).or_default() += size.parse::<u64>()?;
        }
    }
    let mut sizes: Vec<_> = sizes.into_iter().collect();
    sizes.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    Ok(sizes)
}

fn listed(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().context("nm")?;
    ensure!(output.status.success(), "nm failed");
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Returns the package that a function's name begins with: `<core::option::Option<T> as x>::f` is `core`.
fn package(name: &str) -> String {
    if !name.contains("::") {
        let known = ["sqlite3", "ring_core"].iter().find(|start| name.starts_with(**start));
        return known.map_or_else(|| "C, and without a name".to_owned(), |start| (*start).to_owned());
    }
    let bare = name.trim_start_matches(['<', '&', '[', '(', '*']);
    let bare = bare.strip_prefix("mut ").or(bare.strip_prefix("dyn ")).unwrap_or(bare);
    bare.split("::").next().unwrap_or(bare).split(' ').next_back().unwrap_or(bare).to_owned()
}

fn kib(bytes: u64) -> String {
    format!("{} KiB", bytes / 1024)
}

#[cfg(test)]
mod tests {
    use super::package;

    #[test]
    fn a_function_belongs_to_the_package_that_its_name_begins_with() {
        for (name, expected) in [
            ("rxing::qrcode::decoder::decode", "rxing"),
            ("<alloc::vec::Vec<T> as core::ops::Drop>::drop", "alloc"),
            ("<&mut rustls::Stream as std::io::Read>::read", "rustls"),
            ("sqlite3VdbeExec", "sqlite3"),
            ("memcpy", "C, and without a name"),
        ] {
            assert_eq!(package(name), expected, "{name}");
        }
    }
}
