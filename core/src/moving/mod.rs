//! Moving accounts from device to device by QR codes, or by one code that names a sealed file: `docs/move-format.md`.
//!
//! The key is in the codes: whoever films all of them has the accounts, and both screens say so. Parts come in any order
//! and more than once. What arrived is confirmed by six digits that are typed on the old device. Nothing here draws a
//! code, reads a picture, or touches the vault.

mod base45;
mod frame;
mod receipt;
mod receiving;
mod sending;

pub use frame::{CodeError, PREFIX, is_code};
pub use receipt::Receipt;
pub use receiving::{Receiving, Taken};
pub use sending::{Sending, Way};

/// Why a move cannot go on.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum MoveError {
    /// Parts are missing: show which, and scan them.
    #[error("parts are missing")]
    Incomplete,
    /// The file is not the one that the code names: choose the other file.
    #[error("another file")]
    OtherFile,
    /// All parts are there and do not fit together: begin anew on the old device.
    #[error("the parts do not fit together")]
    Damaged,
    /// More than can be moved by codes: move by a file.
    #[error("{parts} parts are too many for codes")]
    TooManyParts {
        /// How many codes it would take.
        parts: usize,
    },
    /// The system gave no random bytes.
    #[error(transparent)]
    Random(#[from] crate::crypto::random::RandomError),
}
