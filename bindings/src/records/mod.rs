//! What crosses: immutable records and enums, named like the core's own, with every field spelled out.
//!
//! A field that the core gains fails to compile here until somebody decides whether it crosses.

mod accounts;
mod backups;
mod checks;
mod copies;
mod device;
mod exports;
mod extensions;
mod imports;
mod moves;
mod push;
mod requests;
mod scanned;
mod vault;

pub use accounts::*;
pub use backups::*;
pub use checks::*;
pub use copies::*;
pub use device::*;
pub use exports::*;
pub use extensions::*;
pub use imports::*;
pub use moves::*;
pub use push::*;
pub use requests::*;
pub use scanned::*;
pub use vault::*;

use authenticator_core::time::{BootTime, UnixTime};

/// Returns a count as languages without unsigned numbers have it.
pub(crate) fn count(n: impl TryInto<i64>) -> i64 {
    n.try_into().unwrap_or(i64::MAX)
}

/// Returns a small count.
pub(crate) fn small(n: impl TryInto<i32>) -> i32 {
    n.try_into().unwrap_or(i32::MAX)
}

pub(crate) fn ms(at: UnixTime) -> i64 {
    at.ms()
}

pub(crate) fn at(ms: i64) -> UnixTime {
    UnixTime::from_ms(ms)
}

/// Returns a moment of the boot clock; before the device was started there is none.
pub(crate) fn boot(ms: i64) -> BootTime {
    BootTime::from_ms(ms.try_into().unwrap_or(0))
}
