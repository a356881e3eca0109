//! A phone and the reference service in one process, over real TLS on loopback: the whole of push, and what becomes of
//! it when replies are lost, clocks are wrong or the vault is locked.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod answering;
mod authority;
mod enrolling;
mod faults;
mod locked;
mod lost;
mod upkeep;
mod waking;
mod wire;
mod world;
