//! The causes of errors, as enums of their own.

use crate::folders::FolderError;
use crate::records::{ClosedReason, ImportFormat, NoCode, TlsRefusal};

/// Which state the vault is in, that does not allow a call.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum StateTrouble {
    /// It is unlocked already: go on.
    AlreadyUnlocked,
    /// The app was suspended: `resume`, then ask again.
    Suspended,
    /// There is no vault: make one.
    NoVault,
    /// A vault is there already: open it.
    VaultExists,
    /// An anchor names a vault whose file is gone: restore it, or `archive_previous` when the user wants to start new.
    PreviousVault {
        /// Which vault.
        vault_id: String,
    },
}

/// Where the slip is in a recovery code.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum RecoveryCodeSlip {
    /// The character at this place, from 0 and without marks, is no letter of a code.
    Character {
        /// From 0.
        place: i32,
    },
    /// So many letters; a code has 28.
    Length {
        /// How many there are.
        letters: i32,
    },
    /// One of the letters is wrong.
    Check,
    /// A whole code, and another than the one that was shown.
    Differs,
}

/// Why a way in cannot be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum WayInTrouble {
    /// The vault has none of that kind.
    None,
    /// It is damaged: use another, or a backup.
    Damaged,
    /// It asks for more work than a device should do: somebody changed the file.
    TooExpensive,
    /// A vault needs a passphrase or a recovery code: hardware is never the only way in.
    NeedsPortable,
}

/// Why an account or group cannot do what was asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum AccountTrouble {
    /// There is no such account, not even in the trash: draw the list again.
    NotThere,
    /// There is no such group: draw the list again.
    NoSuchGroup,
    /// It is damaged, or of a kind that only a later version knows; it is carried as it is.
    Unreadable,
    /// It has no code: see why.
    NoCode {
        /// Why.
        why: NoCode,
    },
    /// Its codes follow the time: ask `codes`.
    DoesNotCount,
    /// Its counter is at its end.
    CounterAtEnd,
    /// A name or note is beyond 64 KiB.
    TooLarge,
}

/// Why the vault's file, a backup or the spool could not be read or written.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum StorageTrouble {
    /// Another process is writing: try again.
    Busy,
    /// The disk is full: free some space and try again.
    DiskFull,
    /// The file was changed from outside while it was open: lock, and unlock again to see what happened.
    ChangedOutside,
    /// It is not a whole database: keep it, and offer a backup or `salvage`.
    Damaged,
    /// It is not where it should be, or may not be read.
    NotReadable,
    /// The system gave no random bytes: try again.
    NoRandomness,
    /// A file or a message is larger than any of ours: it is something else.
    TooLarge,
    /// The folder of backups refused: see why. Every backup that was there is there still.
    Folder {
        /// Why.
        why: FolderError,
    },
    /// Fewer than 3 backups to keep, or more than 365: a fault of the caller.
    Generations,
}

/// Where the slip is in a typed key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum KeySlip {
    /// There is no key.
    Empty,
    /// The character at this place, from 0, is none that a key has. A 0, 1, 8 or 9 is a letter that was read as a digit.
    Character {
        /// From 0.
        place: i32,
    },
    /// A Mobile-OTP key has an even number of hexadecimal digits.
    NotHex,
    /// A Yandex key has at least 26 letters.
    Short,
    /// A code has 1 to 10 digits.
    Digits,
    /// A time step is 1 to 86,400 seconds long.
    Period,
    /// The counter is below nothing, or no number.
    Counter,
    /// Nobody can type an account of this kind.
    Kind,
}

/// Why a file is closed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum ClosedTrouble {
    /// To everybody: see why, and so what the user can do.
    Closed {
        /// Why.
        reason: ClosedReason,
    },
    /// To this version: a later one of that app wrote it. Offer the update of this app.
    NewerVersion {
        /// The version of the file's format.
        version: i64,
    },
}

/// Why files do not make one import.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum SourcesTrouble {
    /// Above 64 MiB, or its contents unpack to more than may be held.
    TooLarge {
        /// The size in bytes.
        bytes: i64,
    },
    /// More than 1,000 files at once.
    TooMany {
        /// How many there were.
        files: i64,
    },
    /// Files of two formats: import one after the other.
    TwoFormats {
        /// One.
        one: ImportFormat,
        /// The other.
        other: ImportFormat,
    },
    /// One of the files does not belong to the others.
    Stranger {
        /// What the others are.
        format: ImportFormat,
        /// Which file, counted from 0.
        number: i32,
    },
    /// Nobody waited for it any more.
    Stopped,
}

/// Why nothing was exported.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum ExportTrouble {
    /// The password is empty: it protects nothing.
    EmptyPassword,
    /// There is not enough memory to turn the password into a key: close other apps, try again.
    OutOfMemory,
    /// Nobody waited for it any more.
    Stopped,
}

/// Why a move cannot go on like this.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum MoveTrouble {
    /// Parts are missing: show which (`incoming`), and scan them.
    Incomplete,
    /// The file is not the one that the code names: choose the other file.
    OtherFile,
    /// All parts are there and do not fit together: begin anew on the old device.
    Damaged,
    /// More than can be moved by codes: move by a file.
    TooManyParts {
        /// How many codes it would take.
        parts: i64,
    },
    /// What was scanned is no code of a move.
    NotACode,
    /// A later version made the code: offer the update.
    Newer,
    /// The code was read wrongly: scan it again.
    Misread,
}

/// What is not there.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum AbsentTrouble {
    /// This phone has no enrolment: scan the code on the set-up page.
    AnyEnrolment,
    /// That enrolment, or it is not in a state for this.
    Enrolment,
    /// That request: it was answered, or it ended.
    Request,
    /// That offer: scan the code again.
    Offer,
}

/// Why an offer is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum OfferTrouble {
    /// Not a link to enrol with.
    Link,
    /// The offer is another host's than its link.
    Host,
    /// Its service did not sign it, or it is no offer: do not go on.
    Forged,
    /// It is past: get a new one from the page.
    Expired,
    /// The service takes keys of a kind alone that `DeviceKeys::kinds` does not name: nothing was sent.
    KeyKind,
}

/// Why what was given cannot be the number.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum NumberTrouble {
    /// Not exactly so many digits.
    Digits {
        /// How many are needed.
        digits: i32,
    },
    /// Not one of the options.
    NotAnOption,
    /// Only the page's QR code will do.
    ScanOnly,
    /// A code of another kind was scanned.
    Kind,
    /// The code of another request was scanned.
    OtherRequest,
}

/// What the network did.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum NetworkTrouble {
    /// The address is one that this app does not talk to. Nothing was sent.
    NotAllowed,
    /// No connection came about. Nothing was sent: try again.
    NoConnection,
    /// The other side could not prove who it is. Nothing was sent: do not go on.
    Tls {
        /// Why.
        why: TlsRefusal,
    },
    /// It may have arrived, and the reply did not: call again, the same bytes are sent.
    NoReply,
    /// This device trusts no authority: nothing can be sent at all.
    NoTrust,
}
