//! The whole brain of Klink, an authenticator: codes, texts, pictures and a vault that loses nothing.
//!
//! Time is an argument: nothing here reads a clock or sets a timer. Secrets stay: what leaves is what a
//! screen draws. There is no user text and no logging; an error says what the caller can do next.

#![forbid(unsafe_code)]
#![warn(unreachable_pub)]

pub mod account;
pub mod authenticator;
pub mod base32;
pub mod crypto;
pub mod device;
pub mod export;
pub mod import;
pub mod moving;
pub mod net;
pub mod otp;
pub mod push;
pub mod qr;
pub mod secret;
pub mod time;
pub mod uri;
pub mod vault;
