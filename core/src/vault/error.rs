//! Why the vault refused. What a person is shown and cannot retry is a mode, not an error.

use crate::crypto::kdf::KdfError;
use crate::crypto::random::RandomError;
use crate::device::{KeyStoreError, VaultId};

use super::Reason;

/// Why a call on a vault failed. None of these ever leads to deleting or making anything anew.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// There is no vault in the folder: make one.
    #[error("no vault in this folder")]
    NotFound,
    /// A vault, or a part of one, is there already: open it, or choose another folder.
    #[error("a vault is in this folder already")]
    AlreadyExists,
    /// An anchor names a vault whose file is gone: restore it, or start new by an explicit act.
    #[error("a previous vault is missing here")]
    PreviousVault(VaultId),
    /// No passphrase and no recovery code was given: hardware is never the only way in.
    #[error("a vault needs a passphrase or a recovery code")]
    NoPortableSlot,
    /// The vault has no slot of that kind: choose another way in.
    #[error("no slot of this kind")]
    NoSuchSlot,
    /// The passphrase, recovery code or device secret is not the right one: ask again.
    #[error("the passphrase or code is not right")]
    WrongKey,
    /// Too many wrong passphrases: show the wait, and ask again after it. Other ways in need none.
    #[error("too soon after wrong passphrases: {wait_ms} ms to wait")]
    TooSoon {
        /// Milliseconds to wait.
        wait_ms: u64,
    },
    /// The slot is damaged and no good copy was found: use another slot or a backup.
    #[error("the slot is damaged")]
    SlotDamaged,
    /// The slot asks for more work than a device should do; nothing was allocated.
    #[error(transparent)]
    Kdf(#[from] KdfError),
    /// The vault shows and does not change: see the reason.
    #[error("the vault is read-only")]
    ReadOnly(Reason),
    /// There is no account with that id.
    #[error("no such account")]
    NoSuchItem,
    /// There is no group with that id.
    #[error("no such group")]
    NoSuchGroup,
    /// The account is damaged, or of a kind that only a later version knows; it is carried as it is.
    #[error("the account cannot be read")]
    ItemUnreadable,
    /// There is no code for this counter (old accounts with MD5 have such): ask for the next one.
    #[error("no code: {0}")]
    NoCode(#[from] crate::otp::OtpError),
    /// Codes of this account follow the time: they do not count.
    #[error("codes of this account do not count")]
    NotCounter,
    /// The counter is at its end, after 2^64 - 1 codes.
    #[error("the counter is at its end")]
    CounterAtEnd,
    /// The account is too large to keep (a name or a note beyond 64 KiB).
    #[error("the account is too large to keep")]
    TooLarge,
    /// The file was changed from outside while it was open: lock, and unlock again to see what happened.
    #[error("the file was changed from outside")]
    ChangedOutside,
    /// Another process is writing: try again.
    #[error("another process is writing")]
    Busy,
    /// The disk is full: free some space and try again.
    #[error("the disk is full")]
    DiskFull,
    /// The file is not a whole database: keep it, and go back to a backup.
    #[error("the file is damaged")]
    FileDamaged,
    /// The file or its folder could not be read or written.
    #[error("the file could not be read or written: {0}")]
    Io(std::io::ErrorKind),
    /// The key store did not answer.
    #[error(transparent)]
    KeyStore(#[from] KeyStoreError),
    /// The system gave no random bytes.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// SQLite refused in a way that is a fault of ours; the number is its extended result code.
    #[error("sqlite result {0}")]
    Internal(i32),
}

impl From<rusqlite::Error> for VaultError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error {
            rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy,
                ErrorCode::DiskFull => Self::DiskFull,
                // The index of the log cannot grow, and that is all that it says.
                ErrorCode::SystemIoFailure
                    if failure.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE =>
                {
                    Self::DiskFull
                }
                ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt => Self::FileDamaged,
                ErrorCode::CannotOpen => Self::Io(std::io::ErrorKind::NotFound),
                ErrorCode::PermissionDenied | ErrorCode::ReadOnly => {
                    Self::Io(std::io::ErrorKind::PermissionDenied)
                }
                ErrorCode::SystemIoFailure => Self::Io(std::io::ErrorKind::Other),
                ErrorCode::OutOfMemory => Self::Io(std::io::ErrorKind::OutOfMemory),
                _ => Self::Internal(failure.extended_code),
            },
            // Tables, columns or types are not ours any more: somebody's bits changed.
            rusqlite::Error::QueryReturnedNoRows
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::Utf8Error(..)
            | rusqlite::Error::SqlInputError { .. } => Self::FileDamaged,
            _ => Self::Internal(0),
        }
    }
}

impl From<std::io::Error> for VaultError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::DiskFull,
            kind => Self::Io(kind),
        }
    }
}
