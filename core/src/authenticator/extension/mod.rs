//! What an extension of the app may have: codes of some accounts for some hours, and a place to leave messages.
//!
//! An extension holds no Rust, no seed and no key of the vault. What it reads is sealed with ChaCha20-Poly1305
//! (RFC 8439), which both platforms' own libraries open; what it writes is believed by nobody.

mod pack;
mod spool;

pub use pack::{PackPlan, Packed};
pub use spool::{Message, MessageId, Spool, SpoolError};
