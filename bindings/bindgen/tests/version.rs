//! The generator is of the version that the library was built with.

use std::process::Command;

#[test]
fn it_says_the_version_that_the_workspace_pins() {
    let output = Command::new(env!("CARGO_BIN_EXE_bindgen")).arg("--version").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let pinned =
        include_str!("../../../Cargo.toml").lines().find_map(|line| line.strip_prefix("uniffi = \"="));
    let version = pinned.unwrap().split('"').next().unwrap();
    assert!(said.trim().ends_with(version), "{said} is not {version}");
}
