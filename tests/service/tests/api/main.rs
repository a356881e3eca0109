//! The phone's API and the domain behind it, over the real router: every call, and every way it refuses.

#![allow(clippy::unwrap_used, reason = "tests")]

mod accounts;
mod answers;
mod browser;
mod calls;
mod changes;
mod ciba;
mod enrolment;
mod limits;
mod log;
mod pages;
mod phone;
#[path = "../../src/stand_in.rs"]
mod stand_in;
mod texts;
mod upkeep;
mod waking;
mod world;
