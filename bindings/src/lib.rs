//! The edge: the core as Swift, Kotlin and Python call it. Nothing is decided here.
//!
//! One object, [`Authenticator`], lives as long as the process; [`ScanSession`], [`ImportPreview`],
//! [`ChallengeFeed`] and [`ChangeFeed`] are short-lived. Everything else is a record or an enum that is read and
//! thrown away. Reads answer at once; whatever changes something is async and ends although nobody waits for it.
//! A secret crosses by [`Authenticator::reveal`], by what is exported or moved after a confirmation, and by what a user
//! types; nowhere else.
//!
//! Times are Unix milliseconds (`…_ms`), or milliseconds since the device was started (`boot_ms`).

#![warn(unreachable_pub)]

mod accounts;
#[cfg(target_os = "android")]
mod android;
mod authenticator;
mod backups;
mod checks;
mod copies;
mod error;
mod export;
mod extensions;
mod feeds;
mod folders;
mod import;
mod keys;
mod locking;
mod moving;
mod panics;
mod push;
mod records;
mod running;
mod scan;
mod ways;

pub use authenticator::{Authenticator, Setup};
pub use error::*;
pub use export::{export_formats, qr_code};
pub use feeds::{ChallengeFeed, Change, ChangeFeed};
pub use folders::{BackupFolder, FolderError, StoredFile};
pub use import::{ImportPreview, detect_import};
pub use keys::{Anchor, DeviceKeys, KeyStoreError};
pub use records::*;
pub use running::live_tasks;
pub use scan::ScanSession;
pub use ways::{check_typed_back, make_recovery_code, passphrase_strength};

uniffi::setup_scaffolding!();

/// Memory that is given back is wiped: copies that a language's bridge makes of what crosses are freed here too.
#[global_allocator]
static MEMORY: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);
