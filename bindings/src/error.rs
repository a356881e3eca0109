//! Why a call failed: four enums, and what their causes are. Each comment says what an app does next.
//!
//! Nothing of the user's is in an error, and no sentence for people: an app words its own from the variant.

mod causes;
mod of_core;

pub use causes::*;
pub(crate) use of_core::{Internal, of_fault};

use crate::keys::KeyStoreError;
use crate::records::{ImportFormat, ImportNeeds, ImportPlace, ReadOnlyReason};

/// Why a call on the vault failed. Nothing is ever deleted or made anew because of one.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error, uniffi::Error)]
pub enum VaultError {
    /// The vault is locked, or was locked meanwhile: unlock it, then ask again.
    #[error("locked")]
    Locked,
    /// The vault is not in a state for this: see which, and ask `status`.
    #[error("not in this state")]
    WrongState {
        /// Which.
        state: StateTrouble,
    },
    /// Ask for a finger, the passphrase or the recovery code (`confirm`), then try again within a minute. For an account
    /// that asks every time `show_code` comes between the two.
    #[error("not confirmed")]
    NotConfirmed,
    /// What was typed is no recovery code, or not the one that was shown: show where the slip is, let them type again.
    #[error("not the recovery code")]
    RecoveryCode {
        /// Where the slip is.
        slip: RecoveryCodeSlip,
    },
    /// The passphrase or recovery code is not the right one: ask again.
    #[error("wrong key")]
    WrongKey,
    /// Wrong passphrases before: show the wait, and ask again after it. Other ways in need none.
    #[error("too soon")]
    TooSoon {
        /// Milliseconds to wait.
        wait_ms: i64,
    },
    /// This way in is not one that can be used: offer the others.
    #[error("no way in")]
    WayIn {
        /// Why.
        why: WayInTrouble,
    },
    /// The vault shows and does not change: say why, and offer `next_steps`.
    #[error("read-only")]
    ReadOnly {
        /// Why.
        reason: ReadOnlyReason,
    },
    /// This account or group cannot do that: see why.
    #[error("not for this account")]
    Account {
        /// Why.
        why: AccountTrouble,
    },
    /// The vault's file could not be read or written: see what helps.
    #[error("storage")]
    Storage {
        /// What it is.
        why: StorageTrouble,
    },
    /// The device's key store did not do it: see which of the six.
    #[error("key store")]
    KeyStore {
        /// Which of the six.
        kind: KeyStoreError,
    },
    /// A fault of ours: the vault is locked now and its file is whole. Send the report, which holds nothing of the user's.
    #[error("internal")]
    Internal {
        /// File and line, or a rule: nothing of the user's.
        report: String,
    },
}

/// Why a picture, a frame or a typed key could not be used. A picture without a code is no error.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error, uniffi::Error)]
pub enum ScanError {
    /// A side is 0 pixels or fewer: a fault of the caller.
    #[error("no pixels")]
    Empty,
    /// Rows of pixels overlap, or the buffer ends before the last row does: a fault of the caller.
    #[error("not the shape of a frame")]
    Shape,
    /// Too large to be looked at: offer to cut it out.
    #[error("too large")]
    TooLarge,
    /// Not PNG, JPEG, WebP, GIF or BMP: say which can be read.
    #[error("not a known format")]
    Format,
    /// The file is cut short or broken: ask for it again.
    #[error("damaged")]
    Damaged,
    /// What was typed is no key of an account: show where the slip is, let them type again.
    #[error("not a key")]
    Key {
        /// Where the slip is.
        slip: KeySlip,
    },
}

/// Why an import, an export or a move did not come about. Nothing was added, and nothing was written.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error, uniffi::Error)]
pub enum TransferError {
    /// No known format, or nothing in it: ask for another file.
    #[error("not recognised")]
    NotRecognised,
    /// Encrypted: ask for what is named, and call again with it.
    #[error("needs a secret")]
    NeedsPassword {
        /// What the file is.
        format: ImportFormat,
        /// What it needs.
        needs: ImportNeeds,
    },
    /// The password does not open it; the file is whole as far as can be told: ask again.
    #[error("wrong password")]
    WrongPassword {
        /// What the file is.
        format: ImportFormat,
    },
    /// Broken: say where, and ask for the file again.
    #[error("a damaged file")]
    Damaged {
        /// What the file is.
        format: ImportFormat,
        /// Where it breaks.
        place: ImportPlace,
    },
    /// Nobody can read it outside of its app: say what to do instead.
    #[error("not readable")]
    NotReadable {
        /// What the file is.
        format: ImportFormat,
        /// Why.
        why: ClosedTrouble,
    },
    /// Its password costs more than a phone should spend: show the figures, and call again with `consented`.
    #[error("too expensive")]
    TooExpensive {
        /// What the file is.
        format: ImportFormat,
        /// Memory in bytes.
        memory_bytes: i64,
        /// Passes over it, or rounds.
        passes: i64,
    },
    /// The files do not make one import: see why.
    #[error("not one import")]
    Sources {
        /// Why.
        why: SourcesTrouble,
    },
    /// The preview was committed, or emptied by a lock: begin again from the file.
    #[error("used already")]
    Used,
    /// Nothing was exported: see why.
    #[error("export")]
    Export {
        /// Why.
        why: ExportTrouble,
    },
    /// The move cannot go on like this: see why. What was taken stays.
    #[error("move")]
    Move {
        /// Why.
        why: MoveTrouble,
    },
    /// The vault refused: see why.
    #[error("vault")]
    Vault {
        /// Why.
        why: VaultError,
    },
    /// A fault of ours: the vault is locked now. Send the report, which holds nothing of the user's.
    #[error("internal")]
    Internal {
        /// File and line, or a rule: nothing of the user's.
        report: String,
    },
}

/// Why push did not do what was asked. What was committed stays, and goes on at the next call.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error, uniffi::Error)]
pub enum PushError {
    /// The vault is locked, or was locked meanwhile: unlock it, then ask again. Denying and reporting need no vault.
    #[error("locked")]
    Locked,
    /// What was named is not there, or not any more: see what, and draw the screen again.
    #[error("not there")]
    NotThere {
        /// What.
        what: AbsentTrouble,
    },
    /// The code or link is no offer that can be taken: see why; a new one from the page helps most.
    #[error("offer")]
    Offer {
        /// Why.
        why: OfferTrouble,
    },
    /// The service says something that only a later version knows: offer the update.
    #[error("update the app")]
    UpdateApp,
    /// What was typed or scanned cannot be the number: ask again, nothing was sent.
    #[error("not the number")]
    Number {
        /// Why.
        why: NumberTrouble,
    },
    /// The network failed: see whether the call may have arrived.
    #[error("network")]
    Network {
        /// What happened.
        why: NetworkTrouble,
    },
    /// The service refused, with its stable word; try again after `retry_after_s` when there is one.
    #[error("the service refused")]
    Service {
        /// The HTTP status.
        status: i32,
        /// The service's stable word; empty when it gave none.
        code: String,
        /// When to try again, in seconds, when the service said so.
        retry_after_s: Option<i32>,
    },
    /// The service's reply is not what the protocol says: do not believe it, and say so. The report names the rule.
    #[error("not believed")]
    NotBelieved {
        /// File and line, or a rule: nothing of the user's.
        report: String,
    },
    /// The service has taken the enrolment back: show it as revoked, offer to remove it.
    #[error("revoked")]
    Revoked,
    /// The device's key store did not do it: see which of the six.
    #[error("key store")]
    KeyStore {
        /// Which of the six.
        kind: KeyStoreError,
    },
    /// The vault or what belongs to push refused: see why.
    #[error("vault")]
    Vault {
        /// Why.
        why: VaultError,
    },
    /// A fault of ours: the vault is locked now. Send the report, which holds nothing of the user's.
    #[error("internal")]
    Internal {
        /// File and line, or a rule: nothing of the user's.
        report: String,
    },
}
