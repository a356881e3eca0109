//! The threats to push approvals, one test for each that software can show: the real phone core against the real
//! service, over https on loopback, in one process. What stands in between may listen, alter, lose and repeat.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod between;
mod clocks;
mod enrolling;
mod foreign;
mod keys;
mod limits;
mod lost;
mod network;
mod requests;
mod world;
