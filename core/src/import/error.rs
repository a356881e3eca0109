//! Why a file gives nothing at all. No part of the file is in an error.

use super::budget::KdfCost;
use super::format::Format;
use super::found::Place;

/// Why nothing was read. The file is as it was.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ImportError {
    /// No known format, or nothing in it: try another file.
    #[error("not recognised")]
    NotRecognised,
    /// Encrypted: ask for what is named and call again.
    #[error("{0} needs a secret")]
    NeedsPassword(Format, Needs),
    /// The password does not open it; the file is whole as far as can be told.
    #[error("a wrong password for {0}")]
    WrongPassword(Format),
    /// It is of this format and broken at this place.
    #[error("a damaged {0} file")]
    Damaged(Format, Place),
    /// Written by a later version, whose number is named.
    #[error("{0} of a newer version, {1}")]
    NewerVersion(Format, u64),
    /// Encrypted, or kept, in a way that nobody can open outside that app; the reason says what to do instead.
    #[error("{0} cannot be read outside its app")]
    NotReadable(Format, NotReadable),
    /// Its password costs more than the budget: show the figures, and call again with consent.
    #[error("{format} asks for {} bytes and {} passes", cost.memory_bytes, cost.passes)]
    TooExpensive {
        /// The format.
        format: Format,
        /// What it asks for.
        cost: KdfCost,
    },
    /// Above [`super::MAX_SOURCE_BYTES`], or its contents unpack to more than may be held; the size in bytes.
    #[error("sources of {0} bytes")]
    TooLarge(u64),
    /// More than [`super::MAX_SOURCES`] at once; as many as there were.
    #[error("{0} sources")]
    TooManySources(usize),
    /// Sources of two formats at once: import one after the other.
    #[error("{0} and {1} at once")]
    TwoFormats(Format, Format),
    /// One of the sources is of no known format, and does not belong to the others either.
    #[error("source {source_number} does not belong to {format}")]
    Stranger {
        /// What the others are.
        format: Format,
        /// Which one, counted from 0.
        source_number: usize,
    },
    /// The caller asked to stop; nothing was kept.
    #[error("stopped")]
    Stopped,
}

/// What an encrypted file needs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Needs {
    /// The password that was chosen for this export or backup.
    Password,
    /// A key file, or a key file besides the password.
    KeyFile,
}

/// Why a file is closed to everybody, and so what the user can do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NotReadable {
    /// Bound to the user's account at that company: export again with a password of your own.
    AccountRestricted,
    /// Encrypted by the phone's key store: only the app on that phone can read it.
    DeviceBound,
    /// Encrypted with OpenPGP: decrypt it first.
    OpenPgp,
    /// Kept by Windows for one user: export as text there.
    WindowsBound,
    /// Unlocked by biometry alone: make an export with a password.
    NoPasswordSlot,
    /// Sealed by `age`: decrypt it first, or import it in a terminal.
    SealedByAge,
    /// Our own backup, which [`super::open`] leaves to [`crate::authenticator::open_import`].
    OwnBackup,
}
