//! The parts of the terminal phone that others use: the anchor in files.
//!
//! The program itself is `main.rs`; run `klink --help`.

pub mod anchor_file;
