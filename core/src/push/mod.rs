//! Push approvals, the pure half: bytes in, values out. Nothing here opens a socket or a file, reads a clock or
//! holds a key of the device; `docs/push-protocol.md` is the protocol.
//!
//! The service is built from the same [`wire`], [`jws`], [`dpop`], [`check`] and [`wakeup`].

mod b64;
pub mod challenge;
pub mod check;
pub mod clock;
pub mod dialects;
pub mod dpop;
pub mod enrolment;
pub mod ids;
pub mod json;
pub mod jwk;
pub mod jws;
pub mod keys;
pub mod matching;
pub mod outcome;
pub mod upkeep;
pub mod vapid;
pub mod wakeup;
pub mod wire;
