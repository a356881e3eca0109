//! The reference service: set-up pages, push approvals, text messages and relying parties.
//!
//! It is a real program with SQLite as its only store, and it is small: one process, one writer. What a
//! production set-up adds (backups, several instances, a real gateway) stands in its README.

#![forbid(unsafe_code)]

pub mod accounts;
pub mod ciba;
pub mod clock;
pub mod config;
mod failure;
pub mod http;
pub mod ids;
pub mod keys;
pub mod live;
pub mod logs;
pub mod metrics;
pub mod outgoing;
pub mod pages;
pub mod push;
pub mod relay;
pub mod requests;
pub mod sealing;
pub mod service;
#[cfg(test)]
mod stand_in;
pub mod store;
pub mod texts;
pub mod tls;
pub mod webpush;

mod running;

pub use config::Config;
pub use failure::Failure;
pub use running::{Running, start, start_with};
pub use service::{Service, StartError};
