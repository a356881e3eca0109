//! Why `klink` refused: a code for programs, a sentence that names the next step for people.

use std::fmt::Display;
use std::io;
use std::path::Path;

use authenticator_core::authenticator::Error;
use authenticator_core::export::ExportError;
use authenticator_core::moving::{CodeError, MoveError};
use authenticator_core::vault::{VaultError, VaultId};
use serde_json::{Value, json};

use crate::{tables, words};

/// A refusal; it ends the program with exit code 1.
#[derive(Debug)]
pub struct Refusal {
    /// Stable, for programs: `wrong_passphrase`.
    code: &'static str,
    /// For people: what happened and what to do next.
    text: String,
    detail: Value,
}

impl Refusal {
    /// Makes a refusal without details.
    pub fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self { code, text: text.into(), detail: json!({}) }
    }

    /// Adds what a program may want to know.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.detail[key] = value.into();
        self
    }

    /// Adds a sentence.
    pub fn and(mut self, text: &str) -> Self {
        self.text = format!("{} {text}", self.text);
        self
    }

    /// Tells whether it has this code.
    pub fn is(&self, code: &str) -> bool {
        self.code == code
    }

    /// A file that could not be read or written.
    pub fn file(path: &Path, error: &io::Error) -> Self {
        Self::new("file", format!("{}: {error}.", path.display())).with("path", path.display().to_string())
    }

    /// The user pressed Ctrl-C.
    pub fn stopped() -> Self {
        Self::new("stopped", "Stopped. Nothing was changed.")
    }

    /// The system gave no random bytes.
    pub fn randomness(error: impl Display) -> Self {
        Self::new("no_randomness", format!("Nothing was made: {error}."))
    }

    /// An anchor is left of a vault whose file is gone.
    pub fn previous(vault: VaultId) -> Self {
        Self::new(
            "previous_vault",
            "A vault was here and its file is gone. Get it back with: klink recover, or start new with: klink init --start-new",
        )
        .with("vault_id", vault.to_string())
    }

    /// A vault is in the folder.
    pub fn exists() -> Self {
        Self::new(
            "vault_exists",
            "A vault is here already. Use it, or choose another folder with --vault DIR.",
        )
    }

    /// Nothing was exported.
    pub fn export(error: ExportError) -> Self {
        match error {
            ExportError::Stopped => Self::stopped(),
            ExportError::EmptyPassword => {
                Self::new("empty_password", "An empty password protects nothing. Choose another.")
            }
            ExportError::OutOfMemory => Self::new(
                "out_of_memory",
                "There is not enough memory for the password's key. Close something.",
            ),
            ExportError::Random(why) => Self::randomness(why),
        }
    }

    /// A move cannot go on.
    fn moving(error: MoveError) -> Self {
        match error {
            MoveError::Incomplete => {
                Self::new("move_incomplete", "Codes are missing. See which: klink move --receive")
            }
            MoveError::OtherFile => {
                Self::new("other_file", "This is not the file that the code names. Choose the other one.")
            }
            MoveError::Damaged => Self::new(
                "move_damaged",
                "The codes do not fit together. Begin anew: klink move --stop, and on the old device as well.",
            ),
            MoveError::TooManyParts { parts } => Self::new(
                "too_many_codes",
                format!("That would take {parts} codes. Move by a file: klink move --send --file FILE"),
            )
            .with("codes", parts),
            MoveError::Random(why) => Self::randomness(why),
        }
    }

    /// Prints it: JSON goes to standard output, text to standard error.
    pub fn print(&self, json: bool) {
        if json {
            println!("{}", json!({ "error": self.code, "detail": self.detail }));
        } else {
            eprintln!("klink: {}", self.text);
        }
    }
}

impl Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Locked => Self::new("locked", "The vault is locked."),
            Error::AlreadyUnlocked => Self::new("already_unlocked", "The vault is unlocked already."),
            Error::Suspended => Self::new("suspended", "The vault is suspended."),
            Error::NotConfirmed => Self::new("not_confirmed", "This was not confirmed just now. Try again."),
            Error::NotTypedBack(slip) => Self::new(
                "recovery_code_differs",
                format!("That is not the code above: {slip}. Nothing was changed."),
            ),
            Error::NoPreview => Self::new("no_preview", "The vault was locked meanwhile. Import again."),
            Error::NoSuchAccount => Self::no_such_account(),
            Error::NoCode(why) => Self::new("no_code", format!("This account gives no code now: {why}.")),
            Error::Export(error) => Self::export(error),
            Error::Move(error) => Self::moving(error),
            Error::MoveCode(error) => match error {
                CodeError::NotOurs => Self::new("no_move_code", "This is no code of a move."),
                CodeError::Newer(version) => Self::new(
                    "newer_version",
                    format!("A newer Klink, version {version} of the move, made this code. Update Klink."),
                ),
                CodeError::Damaged => {
                    Self::new("bad_move_code", "This code was read wrongly. Scan it again.")
                }
            },
            Error::Folder(error) => {
                let (code, text) = crate::commands::backing_up::folder(error);
                Self::new(code, text)
            }
            Error::Vault(error) => error.into(),
        }
    }
}

impl Refusal {
    /// No account is meant.
    pub fn no_such_account() -> Self {
        Self::new("no_such_account", "No account has that id or those words. See: klink list")
    }
}

impl From<VaultError> for Refusal {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::NotFound => {
                Self::new("no_vault", "There is no vault here yet. Make one with: klink init")
            }
            VaultError::AlreadyExists => Self::exists(),
            VaultError::PreviousVault(vault) => Self::previous(vault),
            VaultError::NoPortableSlot => {
                Self::new("no_portable_slot", "A vault needs a passphrase or a recovery code.")
            }
            VaultError::NoSuchSlot => Self::new(
                "no_such_slot",
                "This vault does not open that way. Use the passphrase or the recovery code.",
            ),
            VaultError::WrongKey => {
                Self::new("wrong_passphrase", "That is not the passphrase or code of this vault. Try again.")
            }
            VaultError::TooSoon { wait_ms } => Self::new(
                "too_soon",
                format!("Too many wrong passphrases. Wait {} s, then try again.", wait_ms.div_ceil(1000)),
            )
            .with("wait_ms", wait_ms),
            VaultError::SlotDamaged => Self::new(
                "slot_damaged",
                "This way in is damaged, and so is its copy. Use another: the passphrase or the recovery code.",
            ),
            VaultError::Kdf(why) => Self::new("kdf", format!("The key was not derived: {why}.")),
            VaultError::ReadOnly(reason) => {
                Self::new("read_only", format!("The vault is read-only: {}", tables::reason(reason)))
                    .with("mode", words::mode(reason))
            }
            VaultError::NoSuchItem => Self::no_such_account(),
            VaultError::NoSuchGroup => {
                Self::new("no_such_group", "There is no group of that name. See: klink list")
            }
            VaultError::ItemUnreadable => Self::new(
                "account_unreadable",
                "This account is damaged or of a later version; it is kept as it is. See: klink verify",
            ),
            VaultError::NoCode(why) => {
                Self::new("no_code", format!("This account gives no code now: {why}."))
            }
            VaultError::NotCounter => {
                Self::new("not_a_counter", "Codes of this account follow the time. See: klink codes")
            }
            VaultError::CounterAtEnd => {
                Self::new("counter_at_end", "This account's counter is at its end. Make it anew.")
            }
            VaultError::TooLarge => {
                Self::new("too_large", "A name or note beyond 64 KiB is too large. Shorten it.")
            }
            VaultError::ChangedOutside => {
                Self::new("changed_outside", "The file was changed from outside. Look with: klink verify")
            }
            VaultError::Busy => Self::new("busy", "Another process is writing. Try again."),
            VaultError::DiskFull => {
                Self::new("disk_full", "The disk is full. Free some space and try again.")
            }
            VaultError::FileDamaged => Self::new(
                "file_damaged",
                "The file is damaged and was left as it is. See what can be had back with: klink recover",
            ),
            VaultError::Io(kind) => {
                Self::new("io", format!("The vault could not be read or written: {kind}."))
            }
            VaultError::KeyStore(why) => {
                Self::new("key_store", format!("The anchor was not reached: {why}. Try again."))
            }
            VaultError::Random(why) => Self::randomness(why),
            VaultError::Internal(number) => {
                Self::new("internal", format!("A fault of Klink's own, number {number}. Please report it."))
            }
        }
    }
}
