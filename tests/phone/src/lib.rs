//! The parts of the terminal phone that others use: the anchor in files, keys in software, the whole phone, and the
//! browser that the demo and the tests have beside it.
//!
//! The program itself is `main.rs`; run `klink --help`.

pub mod anchor_file;
pub mod browser;
pub mod phone;
pub mod soft_keys;
