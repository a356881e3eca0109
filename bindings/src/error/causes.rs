//! The causes of errors, as enums of their own.

use crate::records::{NoCode, TlsRefusal};

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

/// Why the file could not be read or written.
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
