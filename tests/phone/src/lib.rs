//! The parts of the terminal phone that others use: the anchor in files, keys in software, and the whole phone.
//!
//! The program itself is `main.rs`; run `klink --help`.

pub mod anchor_file;
pub mod phone;
pub mod soft_keys;
